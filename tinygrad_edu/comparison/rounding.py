"""By how much a gradient may deviate and still be right: what rounding alone can do to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_edu.comparison.replay import Replay
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import history

Array = Any
Gradients = Mapping[Node, Array]

SAMPLES = 8
JITTER = 16
"""How many times the last digit the numbers are moved: enough for the moves to be as good as continuous."""
MARGIN = 64
"""How many times the movement seen under jitter still counts as rounding."""
CANCELLED, SHARE = 64, 0.01
"""A formula by hand may cancel where the rules do not, as p - t does: so many last digits of the largest
element it may lose in another one, if they are no more than this share of it."""
LOOP = 64
"""Adding up this many numbers doubles the margin: errors of a running sum grow with its square root."""


class Rounding:
    """What rounding can do to the gradients of one graph.

    Parameters
    ----------
    nodes, seed
        The history of the loss, and the gradient it starts from.
    manual : mapping of Node to array
        The gradients that are held against those of the graph.

    Attributes
    ----------
    precisions : dict
        For each of `manual` the relative size of the last digit: its own, and of whatever it may follow from.
    """

    def __init__(self, nodes: Sequence[Node], seed: Array, manual: Gradients) -> None:
        self._nodes, self._seed = nodes, seed
        self.precisions = _precisions(manual)

    @cached_property
    def replay(self) -> Replay:
        """The graph, to be run with other numbers."""
        return Replay(self._nodes, self._seed)

    def allowed(self, gradients: Gradients, instead: Gradients | None = None) -> dict[Node, Array]:
        """By how much each of these gradients may deviate, element by element, and still be right.

        Parameters
        ----------
        gradients : mapping of Node to array
            What flowed back to some of the nodes that have a manual gradient.
        instead : mapping of Node to array, optional
            Gradients that were handed on in place of those that arrived.
        """
        longest = max(node.size for node in self._nodes)
        margin = MARGIN * (1 + np.sqrt(longest / LOOP))
        allowed = {}
        for precision in {self.precisions[node] for node in gradients}:
            group = {node: g for node, g in gradients.items() if self.precisions[node] == precision}
            for node, noise in rounding_noise(self.replay, group, precision, instead).items():
                size = np.abs(group[node])
                smallest = 8 * float(np.finfo(group[node].dtype).tiny)
                largest = np.max(size, initial=0, where=np.isfinite(size))
                digits = margin * noise + 8 * precision * size + smallest
                digits += np.minimum(CANCELLED * precision * largest, SHARE * size)
                allowed[node] = np.where(np.isfinite(size), digits, 0.0)
        return allowed


def rounding_noise(
    replay: Replay,
    gradients: Gradients,
    precision: float,
    instead: Gradients | None = None,
) -> dict[Node, Array]:
    """How far each gradient moves when every number is off in its last digit, on the way forward and back.

    Monte Carlo arithmetic (Parker 1997): the graph is replayed a few times with every number multiplied by
    1 + u * precision, and the movements are divided by the size of u. Sums that cancel, forward or backward,
    show as large movements.

    Parameters
    ----------
    replay : Replay
        The graph.
    gradients : mapping of Node to array
        The gradients that were found.
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
    handed = instead or {}
    moving = [*replay.numbers, *handed.values()]
    digits = [
        precision if i < replay.given else max(precision, float(np.finfo(x.dtype).eps))
        for i, x in enumerate(moving)
    ]
    scale = JITTER * np.repeat(digits, [x.size for x in moving])
    right = _flat(gradients.values())
    noise = np.zeros(right.shape)
    with np.errstate(all="ignore"):
        for _ in range(SAMPLES):
            factors = _shaped(1 + scale * rng.uniform(-1, 1, scale.size), moving)
            replay.run(factors)
            moved = replay.gradients({node: g * next(factors) for node, g in handed.items()})
            difference = np.abs(_flat([moved.get(n, np.zeros_like(g)) for n, g in gradients.items()]) - right)
            noise = np.fmax(noise, np.where(np.isfinite(difference), difference, 0))
    return dict(zip(gradients, _shaped(noise / JITTER, gradients.values()), strict=True))


def _flat(arrays: Iterable[Array]) -> Array:
    return np.concatenate([np.empty(0), *map(np.ravel, arrays)])


def _shaped(flat: Array, like: Iterable[Array]) -> Iterator[Array]:
    """The numbers of a flat array, one after the other, in the shapes and dtypes of others."""
    start = 0
    for x in like:
        part = flat[start : start + x.size].reshape(x.shape)[()]
        yield part if x.dtype == flat.dtype else part.astype(x.dtype)
        start += x.size


def _precisions(fitting: Mapping[Node, Array]) -> dict[Node, float]:
    """The relative size of the last digit of a gradient, its Value, and all gradients it may follow from."""
    precisions = {node: _last_digit(m, node._data) for node, m in fitting.items()}
    coarse = sorted((p, node.serial, node) for node, p in precisions.items() if p > min(precisions.values()))
    for precision, _, node in coarse:
        for earlier in history(node):
            if earlier in precisions:
                precisions[earlier] = max(precisions[earlier], precision)
    return precisions


def _last_digit(*arrays: Array) -> float:
    return max(float(np.finfo(x.dtype).eps) for x in arrays)
