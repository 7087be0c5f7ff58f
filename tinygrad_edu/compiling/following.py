"""One call of a function as a program: what it catches from outside, and what cannot be followed."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from tinygrad_edu import names, trees
from tinygrad_edu.compiling.arranging import arranged, proposed_names
from tinygrad_edu.context import recording, watching
from tinygrad_edu.errors import TracingError
from tinygrad_edu.node import Node
from tinygrad_edu.program.entries import Constant, Entry, Input, comparable
from tinygrad_edu.program.labels import labels_of
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.tracing import Conversion, fresh_values, merged, named_inputs
from tinygrad_edu.rules.shaping import add_at, getitem
from tinygrad_edu.runs import parameter_names
from tinygrad_edu.sweeps import history

HOUSE = Path(__file__).parents[1]

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


@dataclass(frozen=True)
class Followed:
    """A call that was recorded.

    Attributes
    ----------
    program : Program
        Its arguments are those of the call, and then what was caught.
    caught : tuple of Node
        The Values from outside, which are read again in each run.
    origins : mapping of Operation to Node
        Where each operation was recorded.
    """

    program: Program
    caught: tuple[Node, ...]
    origins: Mapping[Entry, Node]


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
    with recording(), watching(watch):
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
    for node in nodes:
        if node.args and node not in inputs:
            origins[converted.entry(node)] = node
            watch.check_shape(node)
    arguments = trees.transform(lambda leaf: inputs.get(leaf) if isinstance(leaf, Node) else None, fresh)
    arguments = (*arguments, *(inputs[node] for node in caught))
    given_names = {inputs[node]: str(inputs[node].name) for node in given}
    parted = arranged(converted.order, origins, proposed_names(result, given_names))
    origins = {parted[entry]: node for entry, node in origins.items()}
    result = trees.transform(parted.__getitem__, result)
    program = Program(arguments, result, title, list(parted.values()))
    return Followed(program, tuple(caught), origins)


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

    def check_shape(self, node: Node) -> None:
        """Refuse what has as many elements as a mask has true ones."""
        if node.primitive in (getitem, add_at):
            for arg in node.args[1:]:
                if isinstance(arg, Node) and arg.dtype.kind == "b" and self.depends(arg):
                    raise TracingError(
                        f"{self.title}, {place_of(node)}: an array is indexed with the condition "
                        f"{arg.name or 'of a Value'}, so that its shape depends on numbers. Write "
                        "np.where(condition, x, 0), which keeps the shape."
                    )


def place_of(node: Node) -> str:
    """The line at which something was recorded."""
    return "in a line that is not known" if node.code is None else f"line {node.line} of {_file(node.code)}"


def place_of_caller() -> str:
    """The line of the first function on the stack that is not of this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and HOUSE in Path(frame.f_code.co_filename).parents:
        frame = frame.f_back
    return "" if frame is None else f"line {frame.f_lineno} of {_file(frame.f_code)}"


def _file(code: CodeType) -> str:
    return Path(code.co_filename).name


def check_equal(first: Followed, second: Followed) -> None:
    """Raise TracingError if two calls with the same arguments did not record the same.

    Numbers that are new in each call, of a random generator or a clock, would be frozen in the program.
    """
    title = first.program.title
    numbers: list[dict[Entry, int]] = [{}, {}]
    for entries in zip(_everything(first.program), _everything(second.program), strict=False):
        for known, entry in zip(numbers, entries, strict=True):
            known.setdefault(entry, len(known))
        a, b = (_told(entry, known) for entry, known in zip(entries, numbers, strict=True))
        if a == b:
            continue
        if isinstance(entries[0], Constant):
            user = next((o for o in first.program.operations if entries[0] in o.operands), None)
            where = "its result"
            if user is not None:
                where = f"{place_of(_outside(user, first))} ({user.primitive.name})"
            name = entries[0].name or "a number"
            raise TracingError(
                f"{title}: {name} that enters {where} was another one when the function was called again "
                "with the same arguments: random numbers, clocks and counters would stay as they are in the "
                "program. Draw or count outside, and pass it as an argument."
            )
        _refuse_other_way(first, entries[0])
    if len(first.program) != len(second.program):
        longer = max(first, second, key=lambda each: len(each.program))
        _refuse_other_way(longer, longer.program.operations[-1])
    if _form(first.program.result, numbers[0]) != _form(second.program.result, numbers[1]):
        raise TracingError(
            f"{title}: called twice with the same arguments, the function gave other keys, another number of "
            "results, or results in another order. What decides there must not change between two calls."
        )


def _refuse_other_way(followed: Followed, entry: Entry) -> None:
    where = place_of(_outside(entry, followed)) if entry in followed.origins else "in its result"
    raise TracingError(
        f"{followed.program.title}: called twice with the same arguments, the function did not do the same, "
        f"first {where}. What decides there must not change between two calls."
    )


def _outside(entry: Any, followed: Followed) -> Node:
    """The node of an operation; of one inside a rule, the first that was written by whoever asks."""
    nodes = list(followed.origins.values())
    node = followed.origins[entry]
    if node.code is None or not names.is_internal(node.code):
        return node
    return next((n for n in nodes if n.code is not None and not names.is_internal(n.code)), node)


def _everything(program: Program) -> list[Entry]:
    return [*program.inputs, *program.constants, *program.operations]


def _form(tree: Any, numbers: Mapping[Entry, int]) -> Any:
    """The structure of a result, and which entry stands where."""
    if isinstance(tree, dict):
        return type(tree), [(key, _form(branch, numbers)) for key, branch in tree.items()]
    if isinstance(tree, (list, tuple)):
        return type(tree), [_form(branch, numbers) for branch in tree]
    return numbers.get(tree)


def _told(entry: Entry, numbers: Mapping[Entry, int]) -> Any:
    if isinstance(entry, Input):
        return entry.shape, entry.dtype.str
    if isinstance(entry, Constant):
        return comparable(np.asarray(entry.data))
    operands = tuple(numbers[operand] for operand in entry.operands)
    return entry.primitive, operands, comparable(entry.settings), entry.shape, entry.dtype.str
