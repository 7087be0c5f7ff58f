"""Recorded operations and rules as lines of Python: ``da2 * a2 * (1 - a2)``."""

from collections.abc import Mapping
from contextvars import Context
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.shaping import HOLE

Array = Any

LONGEST = 120
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

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


class Text(NamedTuple):
    """A part of a line, and how tightly it holds together."""

    text: str
    level: int = ATOM
    number: float | None = None

    def at(self, level: int) -> str:
        """The text, in parentheses unless it holds together tightly enough."""
        return self.text if self.level >= level else f"({self.text})"


def code(node: Node, names: Mapping[int, str], whole: bool = False) -> str:
    """What a node computes, as Python, from the names of what it is computed from.

    Parameters
    ----------
    node : Node
        An operation, or a leaf.
    names : mapping
        Names by identity; what has one is not written out.
    whole : bool
        Whether the node itself is written out though it has a name.
    """
    return _written(node, names, whole).text


def _written(operand: Any, names: Mapping[int, str], whole: bool = False) -> Text:
    if not whole and id(operand) in names:
        return Text(names[id(operand)])
    if not isinstance(operand, Node) or operand.primitive is None:
        return _constant(operand._data if isinstance(operand, Node) else operand)
    primitive = operand.primitive
    parts = [_written(arg, names) for arg in operand.args]
    if primitive in SAME:
        return parts[0]
    if primitive in INFIX:
        return _infix(primitive, *parts)
    if primitive is do.negative:
        return Text(f"-{parts[0].at(PRODUCT)}", SIGN, None if parts[0].number is None else -parts[0].number)
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
        return _constant(primitive.compute(left.number, right.number))
    if primitive is do.multiply and 1 in (left.number, right.number):
        return right if left.number == 1 else left
    if primitive in (do.divide, do.power) and right.number == 1:
        return left
    right_level = level if primitive in (do.add, do.multiply) else level + 1
    left_level = level + 1 if primitive is do.power else level
    return Text(f"{left.at(left_level)} {symbol} {right.at(right_level)}", level)


def _call(primitive: Primitive, parts: list[Text], settings: Mapping[str, Any]) -> Text:
    listed = ", ".join(part.text for part in parts)
    if primitive.variadic:
        listed = f"[{listed}]"
    chosen = [f"{name}={value!r}" for name, value in settings.items() if value is not None]
    prefix = "" if primitive.name in OUR_OWN or not hasattr(np, primitive.name) else "np."
    return Text(f"{prefix}{primitive.name}({', '.join([listed, *chosen])})")


def _constant(data: Any) -> Text:
    if np.ndim(data) == 0:
        number = float(data)
        text = repr(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:.6g}"
        return Text(text, SIGN if text.startswith("-") else ATOM, number)
    values = np.unique(data)
    return _constant(values[0]) if values.size == 1 else Text(f"array({'×'.join(map(str, np.shape(data)))})")


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


def rule_code(node: Node, position: int, incoming: str | None, names: Mapping[int, str]) -> str | None:
    """The contribution of an operation to the gradient of one argument, as Python.

    Parameters
    ----------
    node, position
        The operation, and which of its arguments.
    incoming : str or None
        What the gradient of the operation is written as; None for the factor alone.
    names : mapping
        Names by identity, of nodes and plain operands.

    Returns
    -------
    str or None
        None if the rule cannot be run on recorded numbers, or is too long to be read.
    """
    try:
        text = Context().run(_rule_text, node, position, incoming, names)
    except Exception:  # noqa: BLE001 (a rule may fail in any way: then there is no formula to show)
        return None
    return text if len(text) <= LONGEST else None


def _rule_text(node: Node, position: int, incoming: str | None, names: Mapping[int, str]) -> str:
    assert node.primitive is not None
    rule = node.primitive.rules_for(len(node.args))[position]
    assert rule is not None
    known: dict[int, str] = {}
    kept: list[Any] = []

    def stand_in(original: Any, data: Array, described: str) -> Any:
        if not isinstance(original, Node) and np.ndim(data) == 0:
            return original
        twin = twins.setdefault(id(original), node.leaf(data))
        kept.append(twin)
        known[id(twin)] = names.get(id(original), described)
        return twin

    twins: dict[int, Any] = {}
    described = [
        f"({text})" if " " in (text := code(arg, names) if isinstance(arg, Node) else "...") else text
        for arg in node.args
    ]
    inputs = [
        stand_in(arg, data, d) for arg, data, d in zip(node.args, node.operands, described, strict=True)
    ]
    out = stand_in(node, node._data, f"({code(node, names, whole=True)})")
    number = _number(incoming)
    g = node.leaf(np.full(node.shape, 1.0 if number is None else number, node.dtype)[()])
    if incoming is not None and number is None:
        known[id(g)] = incoming if incoming.isidentifier() else f"({incoming})"
    with np.errstate(all="ignore"):
        term = rule(g, out, *inputs, **node.params)
        if incoming is not None:
            term = fitted(term, node.operands[position], node.primitive, position, node)
    return _bare(code(term, known))


def _bare(text: str) -> str:
    """A text without parentheses around all of it."""
    depth = 0
    for i, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth and i < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def _number(text: str | None) -> float | None:
    """A text as a number, if it is one."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
