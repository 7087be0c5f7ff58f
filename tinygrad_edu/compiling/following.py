"""One call of a function as a program: what it catches from outside, and what cannot be followed."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import names, trees
from tinygrad_edu.compiling.arranging import arranged, proposed_names
from tinygrad_edu.context import compiling, recording, watching
from tinygrad_edu.errors import TracingError
from tinygrad_edu.node import Node
from tinygrad_edu.program.entries import Entry
from tinygrad_edu.program.labels import labels_of
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.tracing import Conversion, fresh_values, merged, named_inputs
from tinygrad_edu.rules.shaping import add_at, getitem
from tinygrad_edu.runs import parameter_names
from tinygrad_edu.sweeps import history

NOT_WRITTEN = {Path(__file__).parents[1], Path(np.__file__).parent}
"""Whose lines are not those of whoever wrote the function: this package and NumPy."""

INSTEAD = {
    "bool": "Python's `if`, `and`, `while` ask whether {name} is true",
    "float": "float({name}) makes a plain number",
    "int": "int({name}) makes a plain number",
    "index": "{name} is used as an index of a plain list or as a count",
    "item": "{name}.item() gives a plain number",
    "tolist": "{name}.tolist() gives plain numbers",
    "data": "{name}.data gives a plain array",
    "set": "{name}.data is set",
    "array": "{name} becomes a plain array",
    "grad": "{name}.grad gives a plain array",
    "backward": "{name}.backward() gives plain arrays",
}
ADVICE = {
    "bool": "Write np.where(condition, x, y), which chooses inside the program.",
    "float": "Compute with the Value itself, and with NumPy's functions in place of those of math.",
    "int": "Compute with the Value itself; what must be a plain number is a keyword argument.",
    "index": "Index an array with it, np.take(a, i) or X[i] of a Value X; a count is a keyword argument.",
    "item": "Compute with the Value itself, or return it and call .item() on the result.",
    "tolist": "Compute with the Value itself, or return it and call .tolist() on the result.",
    "data": "Compute with the Value itself, or return it.",
    "set": "Return the new numbers instead of writing them.",
    "array": "Compute with the Value itself.",
    "grad": "Write tg.value_and_grad(loss)(w), whose results are part of the program.",
    "backward": "Write tg.value_and_grad(loss)(w), whose results are part of the program.",
}


COUNTING = (np.argwhere, np.flatnonzero)
"""They find as many places as there are at which a condition holds; np.nonzero is made of one."""


class Origin(NamedTuple):
    """Where an operation was recorded; the record itself, with all its numbers, may go."""

    code: CodeType | None
    offset: int

    @property
    def line(self) -> int | None:
        """The line of the source."""
        return None if self.code is None else names.line_of(self.code, self.offset)


@dataclass(frozen=True)
class Followed:
    """A call that was recorded.

    Attributes
    ----------
    program : Program
        Its arguments are those of the call, and then what was caught.
    caught : tuple of Node
        The Values from outside, which are read again in each run.
    origins : mapping of Operation to Origin
        Where each operation was recorded.
    """

    program: Program
    caught: tuple[Node, ...]
    origins: Mapping[Entry, "Origin"]


def follow(
    f: Callable[..., Any], args: tuple[Any, ...], settings: Mapping[str, Any], title: str, frame: FrameType
) -> Followed:
    """Call `f` on Values in place of its numbers, and give the record as a program.

    Raises
    ------
    TracingError
        If the function looks at the numbers of a Value, or the shape of something depends on numbers.
    """
    named = zip(args, parameter_names(f, len(args)), strict=True)
    fresh = [fresh_values(arg, label) for arg, label in named]
    given = [leaf for leaf in trees.leaves(fresh) if isinstance(leaf, Node)]
    start = min((node.serial for node in given), default=Node.leaf(np.zeros(())[()]).serial)
    watch = _Watch(title, set(given), start)
    with recording(), compiling(), watching(watch):
        try:
            out = f(*fresh, **settings)
        finally:
            if watch.refused is not None:  # the function, or NumPy, may have caught it
                raise watch.refused
    results = [leaf for leaf in trees.leaves(out) if isinstance(leaf, Node)]
    nodes = merged([*given, *results], start)
    caught = dict.fromkeys(
        each
        for node in nodes
        for each in (*node.args, node)
        if isinstance(each, Node) and each.serial < start
    )
    nodes = [node for node in nodes if node.serial >= start]
    labels = labels_of([*caught, *nodes], frame)
    inputs = named_inputs([*given, *caught], labels)
    converted = Conversion(nodes, labels, inputs)
    origins: dict[Entry, Node] = {}
    result = trees.transform(converted.entry, out)
    for number, node in enumerate(nodes):
        if node.args and node not in inputs:
            origins[converted.entry(node)] = node
            watch.check_shape(node, islice(nodes, number, None))
    arguments = trees.transform(lambda leaf: inputs.get(leaf) if isinstance(leaf, Node) else None, fresh)
    arguments = (*arguments, *(inputs[node] for node in caught))
    given_names = {inputs[node]: str(inputs[node].name) for node in given}
    parted = arranged(converted.order, origins, proposed_names(result, given_names))
    places = {parted[entry]: Origin(node.code, node.offset) for entry, node in origins.items()}
    result = trees.transform(parted.__getitem__, result)
    program = Program(arguments, result, title, list(parted.values()))
    return Followed(program, tuple(caught), places)


class _Watch:
    """Told whenever the numbers of a Value are looked at; refuses where they depend on an input."""

    def __init__(self, title: str, given: set[Node], start: int) -> None:
        self.title, self.given, self.start = title, given, start
        self.refused: TracingError | None = None

    def __call__(self, node: Any, how: str) -> None:
        if self.depends(node):
            name = node.name or "a Value"
            self.refused = TracingError(
                f"{self.title}, {place_of_caller()}: {INSTEAD[how].format(name=name)}, and {name} depends on "
                f"what {self.title} is called with, or on a Value from outside: a compiled program would use "
                f"the number of this one call for all others. {ADVICE[how]}"
            )
            raise self.refused

    def depends(self, node: Node) -> bool:
        """Whether a Value will be another one in another run."""
        if node.serial < self.start:
            return True
        return any(
            each in self.given or any(isinstance(arg, Node) and arg.serial < self.start for arg in each.args)
            for each in history(node, self.start)
        )

    def check_shape(self, node: Node, onwards: Iterable[Node]) -> None:
        """Refuse what has as many elements as a mask has true ones, with the user's next line."""
        for arg in _masks(node):
            if isinstance(arg, Node) and self.depends(arg):
                written = (each for each in onwards if each.code and not names.is_internal(each.code))
                raise TracingError(
                    f"{self.title}, {place_of(next(written, node))}: an array is indexed with the condition "
                    f"{arg.name or 'of a Value'}, so that its shape depends on numbers. Write "
                    "np.where(condition, x, 0), which keeps the shape."
                )


def _masks(node: Node) -> Sequence[Any]:
    """What decides by its numbers how many elements a result has."""
    if node.primitive in (getitem, add_at):
        return [arg for arg in node.args[1:] if isinstance(arg, Node) and arg.dtype.kind == "b"]
    return node.args if node.primitive is not None and node.primitive.function in COUNTING else ()


def place_of(node: Node | Origin) -> str:
    """The line at which something was recorded."""
    return "in a line that is not known" if node.code is None else f"line {node.line} of {_file(node.code)}"


def place_of_caller() -> str:
    """The line of the first function on the stack that is neither of this package nor of NumPy."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not NOT_WRITTEN.isdisjoint(Path(frame.f_code.co_filename).parents):
        frame = frame.f_back
    return "" if frame is None else f"line {frame.f_lineno} of {_file(frame.f_code)}"


def _file(code: CodeType) -> str:
    return Path(code.co_filename).name
