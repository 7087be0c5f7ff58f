"""A whole program in C: what it is given, its memory, its loops, what it gives."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tinygrad_edu.compiling.c_compiler import blas
from tinygrad_edu.compiling.c_functions import preamble
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.c_printing import LoopText, product_text
from tinygrad_edu.compiling.c_steps import Loop, Product, Update, Variable
from tinygrad_edu.compiling.c_text import looped, shape_text, start_of, type_of, within

HEAD = """\
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribution")  /* which some versions do wrong */
#endif
#include <math.h>\n#include <stdint.h>\n#include <string.h>"""
ON_THE_STACK = 16_384
"""Up to so many bytes of memory are taken from the stack."""
CACHE_LINE = 64
"""Arrays begin at multiples of so many elements: of a cache line, whatever their type."""
LETTERS = "ijklmnopqrstuvw"
"""For the indices of loops, but for those that something else has for its name."""
LONG = 500
"""Up to so many steps are one function; a program of more is long, and there its compiler may do less."""


def source_of(lowered: Lowered) -> str:
    """The program: what it needs, then ``compute``, which does the work."""
    return Source(lowered).text()


def is_long(lowered: Lowered) -> bool:
    """Whether there are so many steps that building takes longer than what thorough work on them is worth."""
    return sum(len(loop.steps) for loop in lowered.steps.loops) > LONG


class Source:
    """A program on its way to text: one function, or a long program in parts.

    A C compiler takes more than twice the time for a function of twice the length. What several parts use
    stands outside of them, and every thread has its own.
    """

    def __init__(self, lowered: Lowered) -> None:
        self.lowered, self.loops = lowered, lowered.steps.loops
        self.letters = [each for each in LETTERS if each not in lowered.taken]
        self.given = [*lowered.inputs, *(variable for variable, _ in lowered.tables)]
        self.parts = self._parts()
        self.common: set[Variable] = set()
        if len(self.parts) > 1:
            counts = Counter(variable for part in self.parts for variable in set(self._used(part)))
            self.common = {*self.given, *lowered.outputs, *(each for each, n in counts.items() if n > 1)}
        self.started: set[Variable] = set()

    def _parts(self) -> list[list[int]]:
        """The numbers of the loops of each part."""
        parts: list[list[int]] = [[]]
        length = 0
        for here, loop in enumerate(self.loops):
            length += len(loop.steps)
            if length > LONG and parts[-1]:
                parts.append([])
                length = len(loop.steps)
            parts[-1].append(here)
        return parts

    def _used(self, part: list[int]) -> Iterator[Variable]:
        for here in part:
            for step in self.loops[here].steps:
                views = [*step.reads, *((step.into,) if isinstance(step, Update) else ())]
                yield step.target
                yield from (view.variable for view in views if view.variable.literal is None)
                yield from (view.positions.variable for view in views if view.positions)

    def text(self) -> str:
        """All of it."""
        steps = [step for loop in self.loops for step in loop.steps]
        checked = any("index_of(" in getattr(step, "expression", "") for step in steps)
        products = dict.fromkeys(type_of(step.target.dtype) for step in steps if isinstance(step, Product))
        last = [
            *(f"*({type_of(v.dtype)} *)results[{n}] = {v.name};" for n, v in self._results() if v.is_number),
            f"return {'out_of_range' if checked else 0};",
        ]
        head = f"/* {self.lowered.program.title} */\nint compute(void *const *inputs, void *const *results)"
        first = ["out_of_range = 0;"] * checked + self._inputs()
        if len(self.parts) == 1:
            functions = [*within(head, [*first, *self._part(self.parts[0]), "", *last])]
        else:
            common = self.common - {*self.given, *self.lowered.outputs}
            functions = self._memory(self._kept(common, range(len(self.loops))), "static _Thread_local ")
            calls = []
            for nth, part in enumerate(self.parts, start=1):
                functions += ["", *within(f"static void part{nth}(void)", self._part(part))]
                calls.append(f"part{nth}();")
            functions = [*self._outside(), *functions, "", *within(head, [*first, *calls, *last])]
        text = "\n".join(line.rstrip() for line in functions) + "\n"
        flag = ["static _Thread_local int out_of_range;"] * checked
        head = "#define LONG_PROGRAM\n" * is_long(self.lowered) + HEAD
        pieces = [head, *flag, preamble(text), *map(_multiplication, products), text]
        return "\n\n".join(piece for piece in pieces if piece)

    def _results(self) -> Iterator[tuple[int, Variable]]:
        return enumerate(self.lowered.outputs)

    def _part(self, part: list[int]) -> list[str]:
        """The lines of some loops, with the memory that only they use."""
        own = {*self._used(part)} - self.common - {*self.given, *self.lowered.outputs}
        size = sum(math.prod(v.shape) * v.dtype.itemsize for v in own if v.kept and not v.is_number)
        arrays = self._kept({variable for variable in own if not variable.is_number}, part)
        body = self._memory(arrays, "") if size <= ON_THE_STACK else self._in_one_piece(arrays)
        for here in part:
            loop = self.loops[here]
            body += ["", *self._started(loop)]
            if loop.axes is None:
                body += [product_text(step) for step in loop.steps]
            else:
                body += LoopText(loop, here, self.letters, self.common).lines()
        return body

    def _inputs(self) -> list[str]:
        """What is given and where results belong, by name."""
        lines = []
        for nth, variable in enumerate(self.given):
            kind, shape = f"const {type_of(variable.dtype)}", shape_text(variable.shape)
            if variable.is_number:
                lines.append(f"{kind} {variable.name} = *({kind} *)inputs[{nth}];")
            else:
                lines.append(f"{kind} *const restrict {variable.name} = inputs[{nth}];  /* {shape} */")
        for nth, variable in self._results():
            if not variable.is_number:
                kind, shape = type_of(variable.dtype), shape_text(variable.shape)
                lines.append(f"{kind} *const restrict {variable.name} = results[{nth}];  /* {shape} */")
        if self.common:
            lines = [re.sub(r"^.*?(\w+ = )", r"\1", line) for line in lines]
        return lines

    def _outside(self) -> list[str]:
        """The same, declared for all parts."""
        lines = []
        for variable in dict.fromkeys([*self.given, *self.lowered.outputs]):
            kind = type_of(variable.dtype)
            if variable in self.given and not variable.is_number:
                kind = f"const {kind}"
            lines.append(f"static _Thread_local {kind} {'' if variable.is_number else '*'}{variable.name};")
        return lines

    def _kept(self, variables: set[Variable], part: Iterable[int]) -> list[Variable]:
        """Those that are declared before they are computed, in the order in which they are."""
        targets = dict.fromkeys(step.target for here in part for step in self.loops[here].steps)
        return [variable for variable in targets if variable in variables and variable.kept]

    def _memory(self, variables: Iterable[Variable], where: str) -> list[str]:
        """A declaration for each variable."""
        lines = []
        for variable in variables:
            array = "" if variable.is_number else f"[{max(1, math.prod(variable.shape))}]"
            shape = shape_text(variable.shape)
            lines.append(f"{where}{type_of(variable.dtype)} {variable.name}{array};  /* {shape} */")
        return lines

    def _in_one_piece(self, arrays: Iterable[Variable]) -> list[str]:
        """Arrays of one type one behind the other, so that one address leads to all of them."""
        lines, lengths = list[str](), Counter[str]()
        for array in arrays:
            kind, shape = type_of(array.dtype), shape_text(array.shape)
            place = f"memory_of_{kind} + {lengths[kind]}".removesuffix(" + 0")
            lines.append(f"{kind} *const restrict {array.name} = {place};  /* {shape} */")
            lengths[kind] += -(-max(1, math.prod(array.shape)) // CACHE_LINE) * CACHE_LINE
        memory = (f"{kind} memory_of_{kind}[{n}]" for kind, n in lengths.items())
        return [*(f"static _Thread_local {each} __attribute__((aligned(64)));" for each in memory), *lines]

    def _started(self, loop: Loop) -> list[str]:
        """Variables that numbers are brought into, made ready for it."""
        lines, i = list[str](), self.letters[0]
        for step in loop.steps:
            target = step.target
            if isinstance(step, Update) and target not in self.started:
                self.started.add(target)
                start = "0" if step.operator == "=" else start_of(step.operator, target.dtype)
                if target.is_number:
                    declared = "" if target in self.common else f"{type_of(target.dtype)} "
                    lines.append(f"{declared}{target.name} = {start};")
                elif step.operator != "=":
                    n = math.prod(target.shape)
                    lines += looped([(i, n)], [f"{target.name}[{i}] = {start};"])
        return lines


def _multiplication(kind: str) -> str:
    """The function that multiplies matrices of this type: by NumPy's BLAS, if it can be called."""
    found = blas(kind[0].replace("f", "s"))
    text = (
        Path(__file__).with_name("multiply.h" if found else "multiply_blocks.h").read_text(encoding="utf-8")
    )
    length = "int64_t" if found and found[1] else "int"
    return text.replace("BLAS_LENGTH", length).replace("TYPE", kind).strip()
