"""The two walks over a recorded graph: pullback (reverse mode) and pushforward (forward mode).

Both know the order of the operations and the shapes, and no derivative: those are in the rules. Both run on
numbers or, with ``recorded=True``, on Values, so that a gradient can be differentiated again.
"""

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.context import recording
from tinygrad_edu.fitting import as_values, check_unchanged, fitted, rules_abroad
from tinygrad_edu.node import Node
from tinygrad_edu.operands import is_foreign
from tinygrad_edu.primitives import Rule

Array = Any
Tangents = Sequence[Array | None]
float64, ndarray = np.float64, np.ndarray


def history(out: Node, since: int = 0) -> list[Node]:
    """Every node that `out` was computed from, operands before results, itself last.

    Nodes with a serial number below `since` are left out, and so is what lies behind them: the cost is that
    of the operations recorded since then.
    """
    cls = out.__class__
    found = {out}
    waiting = [out]
    for node in waiting:  # grows while it is walked
        for arg in node.args:
            if arg.__class__ is cls and arg not in found and (not since or arg.serial >= since):
                found.add(arg)
                waiting.append(arg)
    waiting.sort(key=operator.attrgetter("serial"))
    return waiting


def influenced(nodes: Iterable[Node], sources: Iterable[Node]) -> set[Node]:
    """Which of `nodes`, in order, are computed from any of `sources`."""
    reached = set(sources)
    for node in nodes:
        if not reached.isdisjoint(arg for arg in node.args if isinstance(arg, Node)):
            reached.add(node)
    return reached


def pullback(
    nodes: Sequence[Node],
    seed: Array,
    wanted: Iterable[Node] | None = None,
    recorded: bool = False,
    instead: Mapping[Node, Array] | None = None,
) -> dict[Node, Array]:
    """Reverse mode: the gradients that flow back from the last of `nodes`.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their serial numbers, as `history` gives them.
    seed : array
        The gradient of the last node, in its shape.
    wanted : iterable of Node, optional
        Which gradients to return; all others are dropped as soon as they are used. ``None``: every one.
    recorded : bool
        Whether the rules run on Values, so that the gradients are Values with a history.
    instead : mapping of Node to array, optional
        Gradients that are handed on in place of those that arrived; the result still has the ones that
        arrived.

    Returns
    -------
    dict
        The gradients, by node. A node that no gradient reached has no entry.
    """
    arrived = gradients_in_order(nodes, seed, wanted, recorded, instead)
    return {node: g for node, g in zip(nodes, arrived, strict=True) if g is not None}


def gradients_in_order(
    nodes: Sequence[Node],
    seed: Array,
    wanted: Iterable[Node] | None = None,
    recorded: bool = False,
    instead: Mapping[Node, Array] | None = None,
) -> list[Array | None]:
    """The same as `pullback`, with one entry for each of `nodes`, None where nothing arrived or is wanted."""
    keep = None if wanted is None else set(wanted)
    active = None if keep is None else influenced(nodes, keep)
    abroad = is_foreign(seed)  # then a gradient must stay with the library it is from
    gradients: dict[Node, Array] = {nodes[-1]: seed}  # those that are not yet handed on
    arrived: list[Array] = []
    for node in reversed(nodes):
        g = gradients.pop(node, None)
        routes = node.routes
        arrived.append(g if keep is None or node in keep else None)
        if not routes or g is None:
            continue
        if instead and node in instead:
            g = instead[node]
        if node.watched:
            check_unchanged(node)
        primitive: Any = node.primitive
        args, operands, params, rules = node.args, node.operands, node.params, primitive.rule_at
        if abroad:
            rules = rules_abroad(primitive, len(args))
        out, inputs = (node, as_values(node)) if recorded else (node._data, operands)
        pair = len(args) == 2 and not params  # with arguments written out, a call takes half the time
        x, y = inputs if pair else (None, None)
        for i in routes:
            arg = args[i]
            if active is not None and arg not in active:
                continue
            term = rules[i](g, out, x, y) if pair else rules[i](g, out, *inputs, **params)
            operand = operands[i]
            if term.__class__ is ndarray:
                if term.shape != operand.shape or term.dtype is not operand.dtype:
                    term = fitted(term, operand, primitive, i, out)
            elif term.__class__ is not float64 or operand.__class__ is not float64:
                term = fitted(term, operand, primitive, i, out)
            before = gradients.get(arg)
            gradients[arg] = term if before is None else before + term
    arrived.reverse()
    return arrived


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
