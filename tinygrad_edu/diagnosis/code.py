"""Recorded operations and rules as lines of Python: ``da2 * a2 * (1 - a2)``."""

import functools
from collections.abc import Iterable, Mapping
from contextvars import Context
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.text import ATOM, POWER, PRODUCT, SIGN, SUM, Text, constant, divided, multiplied
from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.shaping import HOLE

Array = Any

LONGEST = 120

INFIX: dict[Primitive, tuple[str, int]] = {
    do.add: ("+", SUM),
    do.subtract: ("-", SUM),
    do.multiply: ("*", PRODUCT),
    do.divide: ("/", PRODUCT),
    matmul: ("@", PRODUCT),
    do.power: ("**", POWER),
    do.greater: (">", -1),
    do.less: ("<", -1),
    do.equal: ("==", -1),
}
SAME = (reductions.spread, shaping.broadcast_to, shaping.cast, shaping.stop_gradient, do.positive)
"""What a reader of a rule does not miss: numbers that are repeated keep their name."""
OUR_OWN = {"sigmoid", "relu", "softplus"}


Names = Mapping[int, "str | Text"]


def code(node: Node, names: Names, whole: bool = False, inverse: bool = False) -> str:
    """What a node computes, as Python, from the names of what it is computed from.

    Parameters
    ----------
    node : Node
        An operation, or a leaf.
    names : mapping
        Names by identity; what has one is not written out.
    whole : bool
        Whether the node itself is written out though it has a name.
    inverse : bool
        Whether one over it is written.
    """
    text = _written(node, names, whole)
    return (divided(constant(1.0), text) if inverse else text).text


def _written(operand: Any, names: Names, whole: bool = False) -> Text:
    if not whole and id(operand) in names:
        name = names[id(operand)]
        return name if isinstance(name, Text) else Text(name)
    if not isinstance(operand, Node) or operand.primitive is None:
        return constant(operand._data if isinstance(operand, Node) else operand)
    primitive = operand.primitive
    parts = [_written(arg, names) for arg in operand.args]
    if primitive in SAME:
        return parts[0]
    if primitive in INFIX:
        return _infix(primitive, *parts)
    if primitive is do.negative:
        return multiplied(constant(-1.0), parts[0])
    if primitive in (shaping.transpose, shaping.swapaxes):
        return Text(f"{parts[0].at(ATOM)}.T")
    if primitive is shaping.getitem:
        return Text(f"{parts[0].at(ATOM)}[{_index(operand.params['index'], parts[1:])}]")
    if primitive is do.square:
        return Text(f"{parts[0].at(ATOM)} ** 2", POWER)
    if primitive is shaping.sum_to:
        return Text(f"np.sum({parts[0].text}{_summed(operand)})")
    return _call(primitive, parts, operand.params)


def _infix(primitive: Primitive, left: Text, right: Text) -> Text:
    symbol, level = INFIX[primitive]
    if left.number is not None and right.number is not None:
        return constant(primitive.compute(left.number, right.number))
    if primitive is do.multiply:
        return multiplied(left, right)
    if primitive is do.divide:
        return divided(left, right)
    if primitive is do.power and right.number == 1:
        return left
    if level == SUM and right.level == SIGN and right.number is None:
        return Text(f"{left.at(SUM)} {'-' if symbol == '+' else '+'} {right.text[1:]}", SUM)
    right_level = level if primitive is do.add else level + 1
    left_level = level + 1 if primitive is do.power else level
    return Text(f"{left.at(left_level)} {symbol} {right.at(right_level)}", level)


def total(terms: Iterable[Text]) -> Text | None:
    """The sum of some texts; None if there are none."""
    listed = list(terms)
    return functools.reduce(functools.partial(_infix, do.add), listed) if listed else None


def _call(primitive: Primitive, parts: list[Text], settings: Mapping[str, Any]) -> Text:
    listed = ", ".join(part.text for part in parts)
    if primitive.variadic:
        listed = f"[{listed}]"
    chosen = [f"{name}={value!r}" for name, value in settings.items() if value is not None]
    prefix = "" if primitive.name in OUR_OWN or not hasattr(np, primitive.name) else "np."
    return Text(f"{prefix}{primitive.name}({', '.join([listed, *chosen])})")


def _summed(node: Node) -> str:
    """The axes over which a contribution is summed to the shape of its operand."""
    shape = np.shape(node.operands[0])
    extra = len(shape) - node.ndim
    axes = [*range(extra), *(i for i, n in enumerate(node.shape, extra) if n == 1 != shape[i])]
    if len(axes) == len(shape):
        return ""
    where = f", axis={axes[0] if len(axes) == 1 else tuple(axes)}"
    return where if extra else f"{where}, keepdims=True"


def _index(index: tuple[Any, ...], arrays: list[Text]) -> str:
    remaining = iter(arrays)

    def part(item: Any) -> str:
        if item is HOLE:
            return next(remaining).text
        if isinstance(item, slice):
            ends = ["" if end is None else str(end) for end in (item.start, item.stop, item.step)]
            return ":".join(ends if ends[2] else ends[:2])
        return "..." if item is Ellipsis else str(item)

    return ", ".join(map(part, index))


def rule_code(node: Node, position: int, incoming: Text | None, names: Names) -> Text | None:
    """The contribution of an operation to the gradient of one argument, as Python.

    Parameters
    ----------
    node, position
        The operation, and which of its arguments.
    incoming : Text or None
        What the gradient of the operation is written as; None for the factor alone.
    names : mapping
        Names by identity, of nodes and plain operands.

    Returns
    -------
    Text or None
        None if the rule cannot be run on recorded numbers, is no expression, or is too long to be read.
    """
    try:
        text = Context().run(_rule_text, node, position, incoming, names)
    except Exception:  # noqa: BLE001 (a rule may fail in any way: then there is no formula to show)
        return None
    is_python = shaping.add_at.name not in text.text  # to add at indices takes a line of its own
    return text if is_python and len(text.text) <= LONGEST else None


def _rule_text(node: Node, position: int, incoming: Text | None, names: Names) -> Text:
    assert node.primitive is not None
    rule = node.primitive.rules_for(len(node.args))[position]
    assert rule is not None
    known: dict[int, str | Text] = {}
    kept: list[Any] = []
    twins: dict[int, Any] = {}

    def stand_in(original: Any, data: Array, whole: bool = False) -> Any:
        if not isinstance(original, Node) and np.ndim(data) == 0:
            return original
        twin = twins.setdefault(id(original), node.leaf(data))
        kept.append(twin)
        is_read = isinstance(original, Node)
        described = _written(original, names, whole and id(original) not in names) if is_read else Text("...")
        known[id(twin)] = names.get(id(original), described)
        return twin

    inputs = [stand_in(arg, data) for arg, data in zip(node.args, node.operands, strict=True)]
    out = stand_in(node, node._data, whole=True)
    number = None if incoming is None else incoming.number
    g = node.leaf(np.full(node.shape, 1.0 if number is None else number, node.dtype)[()])
    if incoming is not None and number is None:
        known[id(g)] = incoming
    with np.errstate(all="ignore"):
        term = rule(g, out, *inputs, **node.params)
        if incoming is not None:
            term = fitted(term, node.operands[position], node.primitive, position, node)
    return _written(term, known)
