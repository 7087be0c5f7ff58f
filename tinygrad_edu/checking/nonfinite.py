"""find_nonfinite: the first operation that gave nan or inf, forward or else backward, and why."""

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.checking.causes import EXPONENTIALS, reason_backward, reason_forward
from tinygrad_edu.checking.findings import Index, NonFinite, Operand
from tinygrad_edu.checking.unstable import STEPS, stable_form
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels, expression, labels_of
from tinygrad_edu.sweeps import gradients_in_order, history, influenced
from tinygrad_edu.value import Value

Array = Any


def find_nonfinite(loss: Value) -> NonFinite | None:
    """The first operation on the way to `loss` that gave nan or inf, or else the first on the way back.

    Parameters
    ----------
    loss : Value
        Any result; for one of several numbers, the gradient of their sum is looked at.

    Returns
    -------
    NonFinite or None
        What gave the number, with its operands by name, the line, the reason and the usual cure. None if
        `loss` and all its gradients are finite.

    Notes
    -----
    Infinite numbers that were given, such as a mask of −inf, and those that do not reach the loss are no
    mistake by themselves.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> x = tg.Value([0.5, 0.0])
    >>> loss = np.sum(np.where(x > 0, np.sqrt(x), 0))
    >>> found = tg.find_nonfinite(loss)
    >>> found
    <NonFinite backward: The gradient of x in √x is nan at [1]: np.where did not choose it, but the slope of
    sqrt at 0 is infinite, and 0 · inf is nan.>
    >>> print(found.cure)
    Put np.where on the argument, not on the result only: np.log(np.where(x > 0, x, 1)) in place of x, ...
    """
    if not isinstance(loss, Value):
        raise ArgumentError(f"find_nonfinite(loss): loss is {type(loss).__name__}, not a Value.")
    nodes = history(loss)
    with np.errstate(all="ignore"):
        if not np.isfinite(loss._data).all():
            return _forward(nodes, sys._getframe(1))
        return _backward(nodes, sys._getframe(1))


def _forward(nodes: Sequence[Node], frame: FrameType) -> NonFinite:
    """The first operation that made such a number of others, among those that reach the last of `nodes`."""
    reaching = {nodes[-1]}
    for node in reversed(nodes):
        if node in reaching:
            reaching.update(x for x in node.args if isinstance(x, Node) and not _finite(x._data))
    candidates = [node for node in nodes if node in reaching]
    made = next((node for node in candidates if _makes(node)), None)
    labels = labels_of(nodes, frame)
    if made is None:
        made = candidates[0]
        index = _place(made._data)
        cure = "Look at the data: np.isfinite(x) tells which are not finite."
        called = _called(made, made._data, labels)
        given = _given(made, labels) if made.args else "it was given so"
        return NonFinite(made, "forward", called, _at(made._data, index), index, (), given, cure)  # type: ignore[arg-type]
    index = _place(made._data, _made_here(made))
    assert made.primitive is not None
    numbers = _numbers(made, index)
    finite = all(map(_finite, made.operands))
    number = _at(made._data, index)
    reason, cure = reason_forward(made.primitive, numbers, number, finite)
    cure = _better(made, nodes, cure)
    return NonFinite(
        made,  # type: ignore[arg-type]
        "forward",
        expression(made, labels),
        number,
        index,
        _operands(made, labels, numbers),
        reason,
        cure,
    )


def _backward(nodes: Sequence[Node], frame: FrameType) -> NonFinite | None:
    """The first rule that made such a number of a finite gradient."""
    out = nodes[-1]
    if not out.is_float:
        return None
    gradients = gradients_in_order(nodes, np.ones(out.shape, out.dtype)[()])
    for node, g in zip(reversed(nodes), reversed(gradients), strict=True):
        primitive = node.primitive
        if g is None or primitive is None or not _finite(g):
            continue
        for position, rule in enumerate(primitive.rules_for(len(node.args))):
            arg = node.args[position]
            if rule is None or not isinstance(arg, Node) or not arg.is_float:
                continue
            term = rule(g, node._data, *node.operands, **node.params)
            if not _finite(term):
                return _at_rule(node, position, g, term, nodes, frame)
    return None


def _at_rule(
    node: Node, position: int, g: Array, term: Array, nodes: Sequence[Node], frame: FrameType
) -> NonFinite:
    """The finding for one rule of one operation."""
    labels = labels_of(nodes, frame)
    index = _place(term)
    same = np.shape(term) == node.shape
    numbers = _numbers(node, index) if same else None
    arrived = _at(g, index) if same else None
    later = influenced(nodes, [node])
    chosen = any(x.primitive is not None and x.primitive.name in ("where", "select") for x in later)
    out = _at(node._data, index) if same else None
    assert node.primitive is not None
    reason, cure = reason_backward(node.primitive, numbers, arrived, position, chosen, out)
    cure = cure if chosen else _better(node, nodes, cure)
    return NonFinite(
        node,  # type: ignore[arg-type]
        "backward",
        expression(node, labels),
        _at(term, index),
        index,
        _operands(node, labels, numbers),
        reason,
        cure,
        _called(node.args[position], node.operands[position], labels),
        arrived,
    )


def _better(made: Node, nodes: Sequence[Node], cure: str) -> str:
    """The usual cure, or the function that does it all in a stable way."""
    name = "" if made.primitive is None else made.primitive.name
    return (stable_form(made, nodes) if name in STEPS | EXPONENTIALS else None) or cure


def _makes(node: Node) -> bool:
    """Whether an operation gives nan from operands without, or inf from finite ones."""
    if node.primitive is None:
        return False
    if np.isnan(node._data).any() and not any(np.isnan(x).any() for x in node.operands if _real(x)):
        return True
    return all(map(_finite, node.operands))


def _made_here(node: Node) -> Array:
    """Where an operation made such a number itself: nan where there is any, else inf."""
    nan = np.isnan(node._data)
    return nan if nan.any() else np.isinf(node._data)


def _numbers(node: Node, index: Index) -> list[float] | None:
    """The operands of an elementwise operation at one place of its result."""
    if node.primitive is None or node.primitive.kind not in ("elementwise", "flat"):
        return None
    return [float(np.broadcast_to(x, node.shape)[index]) for x in node.operands]


def _operands(node: Node, labels: Labels, numbers: list[float] | None) -> tuple[Operand, ...]:
    at: Sequence[float | None] = numbers or [None] * len(node.args)
    return tuple(
        Operand(_called(arg, x, labels), np.shape(x), number)
        for arg, x, number in zip(node.args, node.operands, at, strict=True)
    )


def _called(arg: Any, data: Array, labels: Labels) -> str:
    """An operand by name, or what it computes, or the number itself."""
    name = labels.name_of(arg)
    if name is not None:
        return name
    if isinstance(arg, Node) and not arg.is_leaf:
        return expression(arg, labels)
    return f"{data:.6g}" if np.ndim(data) == 0 else f"array of shape {np.shape(data)}"


def _given(node: Node, labels: Labels) -> str:
    """Which plain operand of an operation was not finite to begin with."""
    for arg, x in zip(node.args, node.operands, strict=True):
        if _real(x) and not _finite(x):
            return f"{_called(arg, x, labels)} was given so"
    return "it was given so"


def _place(data: Array, bad: Array | None = None) -> Index:
    """The first place of a number that is not finite."""
    bad = ~np.isfinite(data) if bad is None else bad
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), np.shape(data)))


def _at(data: Array, index: Index) -> float:
    return float(data[index] if index else data)


def _real(x: Array) -> bool:
    return np.asarray(x).dtype.kind in "fiu"


def _finite(x: Array) -> bool:
    return not _real(x) or bool(np.isfinite(x).all())
