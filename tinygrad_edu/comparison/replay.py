"""A recorded graph computed once more, with other numbers: how far rounding alone can move a gradient."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.rules.arithmetic import multiply
from tinygrad_edu.sweeps import pullback

Array = Any

SAMPLES = 8
JITTER = 16
"""How many times the last digit the numbers are moved: enough for the moves to be as good as continuous."""


def replay(
    nodes: Sequence[Node], change: Callable[[Array, bool], Array] | None = None, nudge: float = 0.0
) -> dict[Node, Node]:
    """The same operations on slightly other numbers; what was chosen by comparing numbers stays chosen.

    Parameters
    ----------
    nodes : sequence of Node
        A whole history, operands before results.
    change : callable, optional
        ``change(x, computed)``, the factor for the numbers of a leaf or plain array, or of a result, in the
        shape and dtype of `x`. That of a result multiplies its gradient also, as rounding does.
    nudge : float
        Where a slope jumps and the operand is exactly there, take the slope after this many infinitely small
        steps: +1 or -1.

    Returns
    -------
    dict
        For each node its twin, which shares nothing with the graph it was made from.
    """
    given: dict[int, Array] = {}
    twins: dict[Node, Node] = {}
    results: dict[Node, Node] = {}

    def moved(operand: Array) -> Array:
        if change is None or not _is_float(operand):
            return operand
        return given.setdefault(id(operand), operand * change(operand, False))

    for node in nodes:
        primitive = node.primitive
        twin = twins[node] = results[node] = node.leaf(node._data)
        if primitive is None or not node.is_float or primitive.kind == "flat":
            continue
        pairs = tuple(zip(node.args, node.operands, strict=True))
        args = tuple(results[arg] if isinstance(arg, Node) else arg for arg, _ in pairs)
        operands = tuple(
            results[arg]._data if isinstance(arg, Node) and arg.args else moved(operand)
            for arg, operand in pairs
        )
        twin.become_result(primitive, args, operands, node.params)
        data = primitive.compute(*operands, **node.params)
        twin._data = data[()] if isinstance(data, np.ndarray) else data
        if change is not None:
            results[node] = _scaled(twin, change(twin._data, True))
            twin._data = results[node]._data
        if (
            primitive.has_kinks
        ):  # on either side of a jump the slope is the same, whatever the last digits are
            twin.operands = _nudged(node, nudge) if nudge else node.operands
            twin._data = primitive.compute(*twin.operands, **node.params)
    return twins


def rounding_noise(
    nodes: Sequence[Node],
    seed: Array,
    gradients: Mapping[Node, Array],
    precision: float,
    instead: Mapping[Node, Array] | None = None,
) -> dict[Node, Array]:
    """How far each gradient moves when every number is off in its last digit, on the way forward and back.

    Monte Carlo arithmetic (Parker 1997): the graph is replayed a few times with every number multiplied by
    1 + u * precision, and the movements are divided by the size of u. Sums that cancel, forward or backward,
    show as large movements.

    Parameters
    ----------
    nodes, seed, gradients
        The history, the gradient it starts from, and the gradients that were found.
    precision : float
        The relative size of the last digit; that of a result is no smaller than its dtype's.
    instead : mapping of Node to array, optional
        Gradients that were handed on in place of those that arrived.

    Returns
    -------
    dict
        For each node of `gradients` the largest movement seen, element by element.
    """
    rng = np.random.default_rng(0)

    def jitter(x: Array, computed: bool) -> Array:
        size = max(precision, float(np.finfo(x.dtype).eps)) if computed else precision
        return (1 + JITTER * size * rng.uniform(-1, 1, x.shape)).astype(x.dtype)[()]

    noise = {node: np.zeros(np.shape(g)) for node, g in gradients.items()}
    with np.errstate(all="ignore"):
        for _ in range(SAMPLES):
            twins = replay(nodes, jitter)
            handed = {twins[node]: g * jitter(g, True) for node, g in (instead or {}).items()}
            moved = gradients_of(twins, seed, handed)
            for node, g in gradients.items():
                difference = np.abs(moved.get(node, 0.0) - g) / JITTER
                noise[node] = np.fmax(noise[node], np.where(np.isfinite(difference), difference, 0))
    return noise


def gradients_of(
    twins: Mapping[Node, Node], seed: Array, instead: Mapping[Node, Array] | None = None
) -> dict[Node, Array]:
    """The gradients of a replay, by the nodes that it replayed."""
    found = set(twins.values())
    for twin in twins.values():
        found.update(arg for arg in twin.args if isinstance(arg, Node))
    arrived = pullback(sorted(found, key=lambda node: node.serial), seed, instead=instead)
    return {node: arrived[twin] for node, twin in twins.items() if twin in arrived}


def _nudged(node: Node, nudge: float) -> tuple[Array, ...]:
    """The operands, the first of those that are Values moved by the smallest possible step."""
    at = next(i for i, arg in enumerate(node.args) if isinstance(arg, Node))
    aside = np.nextafter(node.operands[at], nudge * np.inf)
    return (*node.operands[:at], aside, *node.operands[at + 1 :])


def _scaled(node: Node, factor: Array) -> Node:
    """The result of a multiplication by constants."""
    with np.errstate(all="ignore"):
        product = node.leaf(node._data * factor)
    product.become_result(multiply, (node, factor), (node._data, factor))
    return product


def _is_float(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"
