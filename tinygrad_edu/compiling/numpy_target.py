"""The NumPy target: the lines that a careful engineer would have written, in memory that is there already."""

import linecache
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinygrad_edu.compiling.exact import exactly_simplified
from tinygrad_edu.compiling.gathering import gathered
from tinygrad_edu.compiling.inlining import is_quiet, written_out
from tinygrad_edu.compiling.naming import listed
from tinygrad_edu.compiling.sharing import aliases
from tinygrad_edu.compiling.statements import writer_of
from tinygrad_edu.compiling.together import side_by_side
from tinygrad_edu.compiling.writing import Writer
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.syntaxes import identifier

Array = Any


class NumpyBuilt:
    """A program as a function in NumPy. Threads may run it at once: each run has memory of its own."""

    def __init__(self, program: Program) -> None:
        self._quiet = any(is_quiet(operation.primitive) for operation in program.operations)
        plain = written_out(program)
        plain = gathered(plain if len(plain) == len(program) else exactly_simplified(plain))
        plain, groups = side_by_side(plain)
        writer = Writer(plain, writer_of, aliases, groups)
        writer.write()
        self._memory = writer.memory
        self.source, name = _source(writer, program.title, self._quiet)
        names: dict[str, Any] = {"np": np, "float64": np.float64, **writer.bound}
        file = f"<compiled {program.title}>"
        exec(compile(self.source, file, "exec"), names)  # noqa: S102 (written a moment ago)
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(keepends=True), file)
        self._function = names[name]
        self._free: list[list[Array]] = []

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """See `Built.run`."""
        memory = self._taken()
        outputs: list[Array] = self._function(memory, *inputs)
        self._free.append(memory)
        return outputs

    def repeat(
        self, count: int, inputs: Sequence[Array], fed_back: Sequence[tuple[int, int]], column: int | None
    ) -> tuple[list[Array], list[float]]:
        """See `Built.repeat`."""
        memory = self._taken()
        given = list(inputs)
        outputs: list[Array] = []
        numbers: list[float] = []
        with np.errstate(over="ignore") if self._quiet else nullcontext():
            function = self._function.__wrapped__ if self._quiet else self._function
            for _ in range(count):
                outputs = function(memory, *given)
                for output, place in fed_back:
                    given[place] = outputs[output]
                if column is not None:
                    numbers.append(outputs[column])
        self._free.append(memory)
        return outputs, numbers

    def _taken(self) -> list[Array]:
        """Memory for one run: what an earlier one gave back, which another thread may take first."""
        try:
            return self._free.pop()
        except IndexError:
            return self._memory.allocated()


def build(program: Program, fast: bool = False) -> NumpyBuilt:
    """The program as a function in NumPy."""
    return NumpyBuilt(program)


def _source(writer: Writer, title: str, quiet: bool) -> tuple[str, str]:
    """The whole text, and the name of the function in it."""
    program, names = writer.program, writer.names
    name = identifier(title)
    name = writer.new_name(name if name.isidentifier() else f"f_{name}")
    taken = [f"{names[entry]} {_shape(entry)}" for entry in program.inputs]
    body = [*writer.lines, f"return [{', '.join(writer.returns())}]"]
    lines = [f'"""{title}({", ".join(taken)}), in NumPy."""', "", "import numpy as np"]
    imported = [*writer.imported, *(["float64"] if any("float64(" in line for line in body) else [])]
    if imported:
        lines.append(f"from numpy import {', '.join(sorted(imported))}")
    lines += ["", *_beside(writer.bound), *writer.beside] if writer.bound else []
    lines += ["", ""]
    if quiet:
        lines.append('@np.errstate(over="ignore")')
    lines.append(f"def {name}({', '.join(['memory', *(names[entry] for entry in program.inputs)])}):")
    pieces = list(writer.memory.pieces.values())
    if pieces:
        names_of_all = ", ".join(piece.name for piece in pieces)
        line = f"    {names_of_all if len(pieces) > 1 else f'({names_of_all},)'} = memory"
        lines.append(f"{line}  # {listed([*map(_shape, pieces)], max(40, 106 - len(line)))}")
    return "\n".join([*lines, *(f"    {line}" if line else "" for line in body)]) + "\n", name


def _beside(bound: Mapping[str, Any]) -> list[str]:
    """What the function refers to: numbers are written out, arrays and functions are there already."""
    lines = []
    for name, thing in bound.items():
        if isinstance(thing, np.ndarray) and not thing.shape:
            typed = "" if thing.dtype in (float, int, bool) else f", np.{thing.dtype}"
            if math.isfinite(thing.item()):
                lines.append(f"{name} = np.array({thing.item()!r}{typed})")
        elif isinstance(thing, np.ndarray):
            lines.append(f"# {name}: {_shape(thing)} {thing.dtype}, frozen")
        else:
            lines.append(f"# {name}: {getattr(thing, '__name__', repr(thing))}")
    return sorted(lines, key=lambda line: line[0] != "#")


def _shape(entry: Any) -> str:
    return "×".join(map(str, entry.shape)) or "scalar"
