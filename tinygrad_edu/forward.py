"""The walk forward over a recorded graph: pushforward, forward mode.

There is no forward rule anywhere: what kind of function a primitive is says how its reverse rule is read.
"""

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.context import recording
from tinygrad_edu.fitting import as_values, check_unchanged, fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Rule
from tinygrad_edu.sweeps import history, pullback

Array = Any
Tangents = Sequence[Array | None]


def pushforward(
    nodes: Sequence[Node], tangents: dict[Node, Array], recorded: bool = False
) -> dict[Node, Array]:
    """Forward mode: the tangents of all `nodes`, from the tangents of some of them.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their serial numbers.
    tangents : dict
        Tangents by node, each in the shape of its node.
    recorded : bool
        Whether the rules run on Values.

    Returns
    -------
    dict
        Tangents by node. A node that does not depend on those given has no entry.
    """
    moved = dict(tangents)
    for node in nodes:
        primitive = node.primitive
        if primitive is None or node in moved or not node.is_float:
            continue
        if node.watched:
            check_unchanged(node)
        incoming = [moved.get(arg) if isinstance(arg, Node) else None for arg in node.args]
        rules = primitive.rules_for(len(node.args))
        incoming = [None if rule is None else t for rule, t in zip(rules, incoming, strict=True)]
        if any(t is not None for t in incoming):
            inputs = as_values(node) if recorded else node.operands
            term = FORWARD[primitive.kind](node, node if recorded else node._data, inputs, incoming)
            moved[node] = fitted(term, node._data, primitive, 0, node)
    return moved


def _forward_elementwise(node: Node, out: Array, inputs: Sequence[Array], tangents: Tangents) -> Array:
    """A diagonal Jacobian is its own transpose: the same rule, with the tangent in place of g."""

    def term(rule: Rule, tangent: Array) -> Array:
        spread = tangent if tangent.shape == node.shape else np.broadcast_to(tangent, node.shape)
        return rule(spread, out, *inputs, **node.params)

    return _total(term(rule, tangent) for _, rule, tangent in _moving(node, tangents))


def _forward_linear(node: Node, out: Array, inputs: Sequence[Array], tangents: Tangents) -> Array:
    """A linear function is its own derivative."""
    assert node.primitive is not None
    rules = node.primitive.rules_for(len(inputs))
    moving = [
        x if rule is None else np.zeros(np.shape(x), node.dtype) if t is None else t
        for x, t, rule in zip(inputs, tangents, rules, strict=True)
    ]
    return _applied(node, moving, recorded=out is node)


def _forward_multilinear(node: Node, out: Array, inputs: Sequence[Array], tangents: Tangents) -> Array:
    """The product rule: one argument after the other replaced by its tangent."""
    return _total(
        _applied(node, [*inputs[:i], tangent, *inputs[i + 1 :]], recorded=out is node)
        for i, _, tangent in _moving(node, tangents)
    )


def _forward_general(node: Node, out: Array, inputs: Sequence[Array], tangents: Tangents) -> Array:
    """A rule is the transpose J^T of the derivative, linear in g: recording it and pulling back gives J."""

    def term(rule: Rule, tangent: Array) -> Array:
        g = node.leaf(np.zeros(node.shape, node.dtype)[()])
        with recording():
            transposed = rule(g, out, *inputs, **node.params)
        if not isinstance(transposed, Node):  # it does not depend on g
            return np.zeros(node.shape, node.dtype)
        found = pullback(history(transposed, g.serial), tangent, [g], recorded=out is node)
        return found.get(g, np.zeros(node.shape, node.dtype))

    return _total(term(rule, tangent) for _, rule, tangent in _moving(node, tangents))


def _moving(node: Node, tangents: Tangents) -> Iterator[tuple[int, Rule, Array]]:
    """Position, rule and tangent of each argument that moves."""
    assert node.primitive is not None
    for i, (rule, tangent) in enumerate(zip(node.primitive.rules_for(len(tangents)), tangents, strict=True)):
        if rule is not None and tangent is not None:
            yield i, rule, tangent


def _total(terms: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, terms)


def _applied(node: Node, operands: Sequence[Array], recorded: bool) -> Array:
    """The primitive of a node on other operands."""
    primitive = node.primitive
    assert primitive is not None
    if not recorded or not any(isinstance(x, Node) for x in operands):
        return primitive.compute(*operands, **node.params)
    return primitive(operands, **node.params) if primitive.variadic else primitive(*operands, **node.params)


FORWARD: dict[str, Callable[..., Array]] = {
    "elementwise": _forward_elementwise,
    "linear": _forward_linear,
    "multilinear": _forward_multilinear,
    "general": _forward_general,
}
