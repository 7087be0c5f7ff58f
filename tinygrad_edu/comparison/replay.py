"""A recorded graph computed again and again, with other numbers in it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.rules.arithmetic import multiply
from tinygrad_edu.sweeps import gradients_in_order

Array = Any
Gradients = Mapping[Node, Array]


class Replay:
    """The same operations on slightly other numbers; what was chosen by comparing numbers stays chosen.

    Every operation has a twin, and behind it a multiplication: what rounding does to a result, and to its
    gradient. The twins are made once, share nothing with the graph, and take other numbers in every run.

    Parameters
    ----------
    nodes : sequence of Node
        A whole history, operands before results.
    seed : array
        The gradient of the last one.
    """

    def __init__(self, nodes: Sequence[Node], seed: Array) -> None:
        self._seed = seed
        self._given: dict[int, tuple[Node, Array]] = {}
        self._steps: list[tuple[Node, Node, Node, tuple[Node, ...]]] = []
        self._order: list[Node] = []
        self._places: dict[Node, int] = {}
        results: dict[Node, Node] = {}
        for node in nodes:
            twin = results[node] = node.leaf(node._data)
            self._places[node] = len(self._order)
            self._order.append(twin)
            primitive = node.primitive
            if primitive is None or not node.is_float or primitive.kind == "flat":
                continue
            pairs = tuple(zip(node.args, node.operands, strict=True))
            args = tuple(results[arg] if isinstance(arg, Node) else arg for arg, _ in pairs)
            sources = tuple(
                results[arg] if isinstance(arg, Node) and arg.args else self._holder(node, operand)
                for arg, operand in pairs
            )
            twin.become_result(primitive, args, node.operands, node.params)
            product = results[node] = node.leaf(node._data)
            product.become_result(multiply, (twin, 1.0), (node._data, 1.0))
            self._order.append(product)
            self._steps.append((node, twin, product, sources))

    def _holder(self, node: Node, operand: Array) -> Node:
        """What holds the numbers of a leaf or plain array; one for each array, however often it is used."""
        if not _is_float(operand):
            return node.leaf(operand)
        return self._given.setdefault(id(operand), (node.leaf(operand), operand))[0]

    @property
    def numbers(self) -> list[Array]:
        """What is multiplied by factors: the leaves and plain arrays first, then the results."""
        return [*(operand for _, operand in self._given.values()), *(node._data for node, *_ in self._steps)]

    @property
    def has_kinks(self) -> bool:
        """Whether there are places where a slope jumps."""
        return any(node.primitive is not None and node.primitive.has_kinks for node, *_ in self._steps)

    @property
    def given(self) -> int:
        """How many of the numbers are leaves or plain arrays."""
        return len(self._given)

    def run(self, factors: Iterable[Array] = itertools.repeat(1.0), nudge: float = 0.0) -> None:
        """Compute all results again.

        Parameters
        ----------
        factors : iterable of array
            A factor for each of the `numbers`. That of a result multiplies its gradient also.
        nudge : float
            Where a slope jumps and the operand is exactly there, take the slope after this many infinitely
            small steps: +1 or -1.
        """
        following = iter(factors)
        for holder, operand in self._given.values():
            holder._data = operand * next(following)
        for node, twin, product, sources in self._steps:
            primitive: Any = node.primitive
            operands = tuple([source._data for source in sources])
            factor = next(following)
            data = primitive.compute(*operands, **node.params)
            rounded = np.multiply(data, factor)
            # a general rule may compute its result again, to the last digit
            twin._data = data if primitive.kind == "general" else rounded
            product._data = rounded
            twin.operands, product.operands = operands, (rounded, factor)
            if primitive.has_kinks:  # on either side of a jump the slope is the same, whatever the digits
                twin.operands = _nudged(node, nudge) if nudge else node.operands
                twin._data = primitive.compute(*twin.operands, **node.params)

    def gradients(self, instead: Gradients | None = None) -> dict[Node, Array]:
        """What flows back after a run, by the nodes of the graph; see `pullback`."""
        handed = {self._order[self._places[node]]: g for node, g in (instead or {}).items()}
        arrived = gradients_in_order(self._order, self._seed, instead=handed)
        return {node: g for node, place in self._places.items() if (g := arrived[place]) is not None}


def _nudged(node: Node, nudge: float) -> tuple[Array, ...]:
    """The operands, the first of those that are Values moved by the smallest possible step."""
    at = next(i for i, arg in enumerate(node.args) if isinstance(arg, Node))
    aside = np.nextafter(node.operands[at], nudge * np.inf)
    return (*node.operands[:at], aside, *node.operands[at + 1 :])


def _is_float(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"
