"""A recorded graph computed once more, with other numbers: how far rounding alone can move a gradient."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import pullback

Array = Any

SAMPLES = 5


def replay(nodes: Sequence[Node], change: Callable[[Array], Array]) -> dict[Node, Node]:
    """The same operations on changed numbers.

    Parameters
    ----------
    nodes : sequence of Node
        A whole history, operands before results.
    change : callable
        Applied to the numbers of every leaf, every plain array, and every result.

    Returns
    -------
    dict
        For each node its twin, which shares nothing with the graph it was made from.
    """
    recorded = {
        arg: x for node in nodes for arg, x in zip(node.args, node.operands, strict=True) if _is_leaf(arg)
    }
    plain: dict[int, Array] = {}
    twins: dict[Node, Node] = {}
    for node in nodes:
        if node.primitive is None:
            twins[node] = node.leaf(change(recorded.get(node, node._data)))
            continue
        operands = []
        for arg, operand in zip(node.args, node.operands, strict=True):
            if isinstance(arg, Node):
                operands.append(twins[arg]._data)
            elif isinstance(arg, np.ndarray):
                operands.append(plain.setdefault(id(arg), change(operand)))
            else:
                operands.append(operand)
        data = node.primitive.compute(*operands, **node.params)
        twin = node.leaf(change(data[()] if isinstance(data, np.ndarray) else data))
        twin.primitive, twin.params, twin.operands = node.primitive, node.params, tuple(operands)
        twin.args = tuple(twins[arg] if isinstance(arg, Node) else arg for arg in node.args)
        twins[node] = twin
    return twins


def rounding_noise(
    nodes: Sequence[Node], seed: Array, truth: dict[Node, Array], precision: float
) -> dict[Node, Array]:
    """How far each gradient moves when every number of the forward pass is off in its last digit.

    Monte Carlo arithmetic (Parker 1997): the graph is replayed a few times with every number multiplied by
    1 + u * precision, u uniform in [-1, 1]. Sums that cancel, forward or backward, show as large movements.

    Parameters
    ----------
    nodes, seed, truth
        The history, the gradient it starts from, and the gradients that were found.
    precision : float
        The relative size of the last digit.

    Returns
    -------
    dict
        For each node of `truth` the largest movement seen, element by element.
    """
    rng = np.random.default_rng(0)

    def jitter(x: Array) -> Array:
        if np.asarray(x).dtype.kind != "f":
            return x
        moved = x * (1 + precision * rng.uniform(-1, 1, np.shape(x)))
        return moved.astype(x.dtype)[()] if hasattr(x, "astype") else moved

    noise = {node: np.zeros(np.shape(g)) for node, g in truth.items()}
    with np.errstate(all="ignore"):
        for _ in range(SAMPLES):
            twins = replay(nodes, jitter)
            moved = pullback(sorted(twins.values(), key=lambda twin: twin.serial), seed)
            for node, g in truth.items():
                difference = np.abs(moved.get(twins[node], 0.0) - g)
                noise[node] = np.fmax(noise[node], np.where(np.isfinite(difference), difference, 0))
    return noise


def _is_leaf(arg: Any) -> bool:
    return isinstance(arg, Node) and arg.primitive is None
