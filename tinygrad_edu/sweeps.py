"""The walk back over a recorded graph: pullback, reverse mode.

It knows the order of the operations and the shapes, and no derivative: those are in the rules. It runs on
numbers or, with ``recorded=True``, on Values, so that a gradient can be differentiated again.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from tinygrad_edu.fitting import as_values, check_unchanged, fitted, rules_abroad, rules_in_blocks
from tinygrad_edu.node import Node
from tinygrad_edu.operands import is_foreign

Array = Any
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
    reading = _Reading.of(nodes, seed, wanted, recorded, instead or {})
    gradients: dict[Node, Array] = {nodes[-1]: seed}  # those that are not yet handed on
    take, arrived = gradients.pop, list[Array]()
    deliver = arrived.append
    x = y = None
    for node in reversed(nodes):  # every pass spends its time here: what is rare is behind one question
        g = take(node, None)
        deliver(g if reading is None or reading.wants(node) else None)
        routes = node.routes
        if not routes or g is None:
            continue
        primitive: Any = node.primitive
        operands, params = node.operands, node.params
        args, rules, inputs, out = node.args, primitive.rule_at, operands, node._data
        if node.watched:
            check_unchanged(node)
            rules = rules_in_blocks(primitive, operands)
        if reading is not None:
            g, out, inputs, rules, routes = reading.of_node(node, g)
        pair = len(args) == 2 and not params
        if pair:
            x, y = inputs
        for i in routes:
            # with arguments written out, a call takes half the time
            term = rules[i](g, out, x, y) if pair else rules[i](g, out, *inputs, **params)
            operand = operands[i]
            if operand.__class__ is float64:
                if term.__class__ is not float64:
                    term = fitted(term, operand, primitive, i, out)
            elif (
                term.__class__ is not ndarray
                or term.shape != operand.shape
                or term.dtype is not operand.dtype
            ):
                term = fitted(term, operand, primitive, i, out)
            arg = args[i]
            gradients[arg] = gradients[arg] + term if arg in gradients else term
    arrived.reverse()
    return arrived


class _Reading(NamedTuple):
    """A walk that does not simply compute all gradients as numbers."""

    wanted: set[Node] | None
    active: set[Node] | None
    recorded: bool
    instead: Mapping[Node, Array]
    abroad: bool  # a gradient must stay with the library it is from

    @classmethod
    def of(
        cls,
        nodes: Sequence[Node],
        seed: Array,
        wanted: Iterable[Node] | None,
        recorded: bool,
        instead: Mapping[Node, Array],
    ) -> Self | None:
        """What is out of the ordinary in a walk, or None."""
        abroad = is_foreign(seed)
        if wanted is None and not (recorded or instead or abroad):
            return None
        keep = None if wanted is None else set(wanted)
        return cls(keep, None if keep is None else influenced(nodes, keep), recorded, instead, abroad)

    def wants(self, node: Node) -> bool:
        """Whether the gradient of this node is asked for."""
        return self.wanted is None or node in self.wanted

    def of_node(self, node: Node, g: Array) -> tuple[Any, ...]:
        """Gradient, result, operands, rules, and the positions of those operands that a gradient goes to."""
        args, routes, active = node.args, node.routes, self.active
        if active is not None:
            routes = tuple(i for i in routes if args[i] in active)
        primitive: Any = node.primitive
        rules = rules_abroad(primitive, len(args)) if self.abroad else primitive.rule_at
        out, inputs = (node, as_values(node)) if self.recorded else (node._data, node.operands)
        return self.instead.get(node, g), out, inputs, rules, routes
