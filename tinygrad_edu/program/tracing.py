"""From a recorded graph to a program: of a function that is called for it, or of Values recorded before."""

import itertools
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.context import recording
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.fitting import check_unchanged
from tinygrad_edu.node import Node
from tinygrad_edu.operands import COPIED_UP_TO, owned
from tinygrad_edu.program.entries import Constant, Entry, Input, Operation
from tinygrad_edu.program.labels import Labels, labels_of
from tinygrad_edu.program.programs import Program
from tinygrad_edu.runs import parameter_names, path_name
from tinygrad_edu.sweeps import history
from tinygrad_edu.value import Value

Array = Any


def trace(f: Any, *args: Any, **settings: Any) -> Program:
    """The program behind a function, or behind Values that were recorded before.

    Parameters
    ----------
    f : callable; or Value, or nested dict, list or tuple of Values
        A function is called once. Of a recorded loss, or of gradients from `tg.gradient`, the record is taken
        as it is.
    *args : numbers, arrays, or nested structures of them
        What the function is called with. Floats and arrays become the inputs of the program; whatever else
        there is, and every setting, is the same in each of its runs. A number becomes a float.
    **settings
        Passed on to the function.

    Returns
    -------
    Program
        Of a function: to be called with other arguments of the same shapes. Of Values: to be called with the
        numbers of the Values that they were computed from, in the order in which these were made; plain
        arrays are constants.

    Raises
    ------
    ArgumentError
        If the function gives nothing that was recorded, or there are arguments without a function.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> print(tg.trace(lambda w, x: np.sum(w * x) / 2, 1.0, np.ones(3)))
    program of <lambda>
    input     w           scalar  float64
    input     x           3       float64
    1         v1          3       float64  w * x
    2         v2          scalar  float64  np.sum(v1)
    3         v3          scalar  float64  v2 / 2
    output    v3
    """
    frame = sys._getframe(1)
    if not callable(f):
        if args or settings:
            raise ArgumentError("trace(values): a record has no arguments; give the function instead.")
        return _of_record(f, frame)
    title = getattr(f, "__name__", type(f).__name__)
    fresh = [fresh_values(arg, label) for arg, label in zip(args, parameter_names(f, len(args)), strict=True)]
    given = [leaf for leaf in trees.leaves(fresh) if isinstance(leaf, Value)]
    made = set(given)
    start = min((node.serial for node in given), default=0)
    with recording():
        out = f(*fresh, **settings)
    results = [leaf for leaf in trees.leaves(out) if isinstance(leaf, Node)]
    if not any(node in made or node.args for node in results):
        raise ArgumentError(f"trace: {title} gave nothing that was computed from its arguments.")
    nodes = merged([*given, *results], start)
    labels = labels_of(nodes, frame)
    inputs = named_inputs(given, labels)
    converted = Conversion(nodes, labels, inputs)
    arguments = trees.transform(lambda leaf: inputs.get(leaf) if isinstance(leaf, Node) else None, fresh)
    return Program(tuple(arguments), trees.transform(converted.entry, out), title, converted.order)


def merged(results: Sequence[Node], since: int = 0) -> list[Node]:
    """Everything that any of the results was computed from, in the order of computation."""
    found = {node: None for result in results for node in history(result, since)}
    return sorted(found, key=lambda node: node.serial)


class Conversion:
    """Recorded nodes as entries of a program.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their serial numbers.
    labels : Labels
        Their names.
    known : mapping of Node to entry
        What is an entry already, such as an input.
    """

    def __init__(self, nodes: Sequence[Node], labels: Labels, known: Mapping[Node, Entry]) -> None:
        self.labels = labels
        self._entries: dict[Any, Entry] = dict(known)
        self._kept: list[Any] = []
        self.order: list[Entry] = list(known.values())
        for node in nodes:
            if node not in self._entries and node.args:
                self._add(node, self._operation(node))

    def entry(self, operand: Any, recorded: Array = None) -> Entry:
        """The entry of a Value or of a plain operand, which was recorded with these numbers."""
        data = operand if recorded is None else recorded
        if isinstance(operand, Node):
            if operand not in self._entries:
                name = self.labels.name_of(operand)
                self._add(operand, Constant(_lasting(operand.recorded_data()), name))
            return self._entries[operand]
        if isinstance(data, (int, float)):
            key = type(data), repr(data)
            if key not in self._entries:
                self._add(key, Constant(data))
            return self._entries[key]
        known = self._entries.get(id(operand))
        if not (isinstance(known, Constant) and np.array_equal(known.data, data, equal_nan=True)):
            known = Constant(_lasting(data), self.labels.name_of(operand))
            self._add(id(operand), known)
        self._entries[id(data)] = known  # where a rule reads what was recorded, it reads the same
        self._kept.append((operand, data))  # an id is one as long as the object lives
        return known

    def _operation(self, node: Node) -> Operation:
        assert node.primitive is not None
        if node.watched:
            check_unchanged(node)
        operands = tuple(self.entry(*pair) for pair in zip(node.args, node.operands, strict=True))
        name = self.labels.name_of(node)
        return Operation(node.primitive, operands, node.params, node.shape, node.dtype, name, node.scope)

    def _add(self, key: Any, entry: Entry) -> None:
        self._entries[key] = entry
        self.order.append(entry)


def inputs_of(nodes: Sequence[Node], labels: Labels) -> dict[Node, Entry]:
    """The Values that somebody made from data, as inputs; the engine's own are constants."""
    leaves = (node for node in nodes if node.is_leaf)
    return named_inputs([node for node in leaves if labels.name_of(node) or node.code is not None], labels)


def named_inputs(leaves: Sequence[Node], labels: Labels) -> dict[Node, Entry]:
    """An input for each leaf; one without a name is ``x1``, ``x2``."""
    taken = {labels.name_of(node) for node in leaves}
    free = (name for name in map("x{}".format, itertools.count(1)) if name not in taken)
    return {node: Input(labels.name_of(node) or next(free), node.shape, node.dtype) for node in leaves}


def recorded_values(tree: Any, call: str) -> list[Value]:
    """The Values in a structure.

    Raises
    ------
    ArgumentError
        If something else is in it, or nothing.
    """
    leaves = trees.leaves(tree)
    for leaf in leaves:
        if not isinstance(leaf, Value):
            raise ArgumentError(f"{call} takes Values that were recorded, not {type(leaf).__name__}.")
    if not leaves:
        raise ArgumentError(f"{call} takes Values that were recorded, and there are none.")
    return leaves


def _of_record(values: Any, frame: FrameType) -> Program:
    results = recorded_values(values, "trace(values)")
    nodes = merged(results)
    labels = labels_of(nodes, frame)
    known = inputs_of(nodes, labels)
    converted = Conversion(nodes, labels, known)
    title = ", ".join(filter(None, (labels.name_of(node) for node in results))) or "the record"
    return Program(tuple(known.values()), trees.transform(converted.entry, values), title, converted.order)


def fresh_values(tree: Any, label: str | None) -> Any:
    """An argument with Values in place of its numbers."""
    leaves = [
        Value.leaf(_data_of(leaf), (leaf.name if isinstance(leaf, Node) else None) or path_name(label, path))
        if isinstance(leaf, (float, int, np.ndarray, np.generic, Node))
        and not isinstance(leaf, (bool, np.bool_))
        else leaf
        for path, leaf in trees.paths(tree)
    ]
    return trees.rebuild(tree, leaves)


def _data_of(leaf: Any) -> Array:
    """Private data for an input: numbers become floats, arrays of integers and bools stay what they are."""
    if isinstance(leaf, Node):
        return leaf.recorded_data()
    if isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "biu" and np.ndim(leaf):
        return np.array(leaf)
    return owned(leaf)


def _lasting(data: Array) -> Array:
    """Numbers that nobody else can write: large plain arrays are their owner's, and are copied."""
    if isinstance(data, np.ndarray) and not data.shape:
        return data[()]
    if isinstance(data, np.ndarray):
        data = data.copy(order="K") if data.size > COPIED_UP_TO else data.view()
        data.flags.writeable = False
    return data
