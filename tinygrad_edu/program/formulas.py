"""Formulas of Values and of their gradients, as people write them: names stay, all else is written out."""

import sys
from collections.abc import Sequence
from contextvars import Context
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node
from tinygrad_edu.program.entries import Entry, Input, Operation, applied
from tinygrad_edu.program.labels import Labels, labels_of
from tinygrad_edu.program.mathematics import Mathematics
from tinygrad_edu.program.printing import Printer
from tinygrad_edu.program.python import Code
from tinygrad_edu.program.simplification import simplified
from tinygrad_edu.program.syntaxes import Syntax
from tinygrad_edu.program.tracing import Conversion, merged, recorded_values
from tinygrad_edu.transforms import gradient
from tinygrad_edu.value import Value

MOST, DEEPEST = 2000, 150
"""How many operations a formula may have, and how many may stand inside one another."""


def formula(x: Value, wrt: Any = None, syntax: Syntax = "text") -> Any:
    """The formula of a Value, or of its gradient, simplified.

    Parameters
    ----------
    x : Value
        What is written out. Whatever it was computed from goes by its name, if it has one.
    wrt : Value, or nested dict, list or tuple of Values, optional
        The formula is that of dx/dwrt. Of several gradients each may be used in those after it: in a dict by
        its key, else as ``∂x/∂wrt``.
    syntax : {"text", "latex", "mathml", "numpy"}
        NumPy is Python: evaluated with ``np``, ``tg`` and the names bound, it gives the numbers.

    Returns
    -------
    str, or strings in the structure of `wrt`

    Raises
    ------
    ArgumentError
        If there is no such syntax, if `x` or `wrt` are no Values, or if the formula would be longer than
        anybody can read.

    Notes
    -----
    A count is written as its number; who wants a letter makes it a Value: ``N = Value(63, name="N")``. What
    was computed from plain arrays before a Value came in has left no trace: it appears as an array, but for
    1 − y, y − 1 and −y of an array y that is there too.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> theta0, theta1, N = tg.Value(0.5), tg.Value(2.0), tg.Value(3)
    >>> x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 2.0])
    >>> f = theta1 * x + theta0
    >>> Q = np.sum((f - y) ** 2) / (2 * N)
    >>> tg.formula(Q), tg.formula(Q, theta0), tg.formula(Q, theta1)
    ('1/(2N) Σ (f − y)²', '1/N Σ (f − y)', '1/N Σ (f − y) x')
    >>> tg.formula(Q, theta1, syntax="numpy")
    'np.sum((f - y) * x) / N'
    """
    printer = printer_of(syntax)
    if wrt is None:
        nodes = merged(recorded_values(x, "formula(x)"))
        copies, labels = renamed(nodes, labels_of(nodes, sys._getframe(1)))
        return written(copies[x], labels, printer)
    found, labels = gradients_of(x, wrt, sys._getframe(1))
    return trees.rebuild(wrt, [written(node, labels, printer) for node in found])


def printer_of(syntax: str) -> Printer:
    """The printer of a syntax."""
    return Code() if syntax == "numpy" else Mathematics(syntax)


def gradients_of(x: Value, wrt: Any, frame: FrameType) -> tuple[list[Value], Labels]:
    """Recorded gradients, and the names of everything in them, with those of the gradients themselves."""
    recorded_values([x], "formula(x, wrt)")
    values = recorded_values(wrt, "formula(x, wrt)")
    nodes = merged([x, *values])
    labels = labels_of(nodes, frame)
    copies, names = replayed(nodes, labels)
    found = Context().run(gradient, copies[x], [copies[value] for value in values])
    for (path, value), node in zip(trees.paths(wrt), found, strict=True):
        names.setdefault(id(node), _name_of_gradient(path, labels.name_of(x), labels.name_of(value)))
    kept = {key: name for key, name in names.items() if name is not None}
    return found, Labels([*copies.values(), *found], kept)


def _name_of_gradient(path: tuple[Any, ...], above: str | None, below: str | None) -> str | None:
    """What a gradient is called in the formulas after it."""
    if path and isinstance(path[-1], str) and path[-1] != below:
        return path[-1]
    return f"∂{above}/∂{below}" if path and above and below else None


def renamed(nodes: Sequence[Node], labels: Labels) -> tuple[dict[Node, Value], Labels]:
    """The same operations on copies, as `replayed` gives them, and their names."""
    copies, names = replayed(nodes, labels)
    kept = {key: name for key, name in names.items() if name is not None}
    return copies, Labels([*copies.values()], kept)


def replayed(nodes: Sequence[Node], labels: Labels) -> tuple[dict[Node, Value], dict[int, str | None]]:
    """The same operations on copies in which plain arrays are Values, and the names of those by identity.

    What a rule does with a plain array it does at once: only with a Value it can be written down.
    """
    return Context().run(_replayed, nodes, labels)


def _replayed(nodes: Sequence[Node], labels: Labels) -> tuple[dict[Node, Value], dict[int, str | None]]:
    copies: dict[Node, Value] = {}
    arrays: dict[int, Value] = {}
    names: dict[int, str | None] = {}

    def copy_of(arg: Any, data: Any) -> Any:
        if isinstance(arg, Node):
            return copies[arg]
        if np.ndim(data) == 0:
            names[id(arg)] = labels.name_of(arg)
            return arg
        origin = labels.origin_of(arg)
        if origin is not None:
            return origin.compute(copy_of(origin.array, origin.numbers))
        if id(arg) not in arrays:
            arrays[id(arg)] = Value.leaf(data)
            names[id(arrays[id(arg)])] = labels.name_of(arg)
        return arrays[id(arg)]

    with np.errstate(all="ignore"):
        for node in nodes:
            if node.primitive is None:
                copy = Value.leaf(node.recorded_data())
            else:
                operands = [copy_of(*pair) for pair in zip(node.args, node.operands, strict=True)]
                copy = applied(node.primitive, operands, node.params)
            copies[node] = copy
            names[id(copy)] = labels.name_of(node)
    return copies, names


def written(node: Node, labels: Labels, printer: Printer) -> str:
    """The formula of a node, in which everything else that has a name goes by it."""
    return printer.text(simplest(node, labels))


def simplest(node: Node, labels: Labels, at_most: int = MOST) -> Entry:
    """What a node computes from what has a name, simplified.

    Raises
    ------
    ArgumentError
        If that would be longer than anybody can read, or comes from more than `at_most` operations.
    """
    inputs: dict[Node, Entry] = {}
    inside, seen = [node], {node}
    for each in inside:  # grows while it is walked
        if len(inside) > at_most:
            raise _too_long(at_most, len(inside))
        for arg in each.args:
            if not isinstance(arg, Node) or arg in seen:
                continue
            seen.add(arg)
            name = labels.name_of(arg)
            if name is not None:
                inputs[arg] = Input(name, arg.shape, arg.dtype)
            else:
                inside.append(arg)
    if not node.args and labels.name_of(node):
        return Input(labels.name_of(node) or "", node.shape, node.dtype)
    inside.sort(key=lambda each: each.serial)
    converted = Conversion(inside, labels, inputs)
    outputs, order = simplified([converted.entry(node)], converted.order, expand=True)
    _check_length(order, outputs[0])
    return outputs[0]


def _check_length(order: Sequence[Entry], output: Entry) -> None:
    """Raise ArgumentError if a formula would be longer than anybody can read."""
    sizes: dict[Entry, tuple[int, int]] = {}
    for entry in order:
        inner = [sizes[operand] for operand in entry.operands] if isinstance(entry, Operation) else []
        size, depth = 1 + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)
        sizes[entry] = min(size, MOST + 1), depth
    size, depth = sizes[output]
    if size > MOST or depth > DEEPEST:
        raise _too_long(size, depth)


def _too_long(size: int, depth: int) -> ArgumentError:
    parts = f"more than {MOST}" if size > MOST else size
    return ArgumentError(
        f"This formula would have {parts} parts, up to {depth} of them inside one another: give names to "
        "steps on the way (a variable, or tg.named), and ask for the formula of each."
    )
