"""What is known of a number from what it was absorbed by: of e from 1 + e, of a sigmoid from its result."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.transcendental import sigmoid
from tinygrad_edu.sweeps import pullback

Array = Any
ABSORBED = 1e-3
"""A summand that is so many times smaller than the sum has lost digits in it."""
SAMPLES = 8
"""How often the lost digits are sent on, with other signs."""


def absorbed(nodes: Sequence[Node], seed: Array, gradients: Mapping[Node, Array]) -> dict[Node, Array]:
    """How much a gradient moves, element by element, if the results that hide its digits move by themselves.

    Where p = 1 / (1 + e) is almost 1, a formula in p, such as p - t, knows e to the last digit of 1 only. It
    is right for all that: the gradient at the argument of the exponential is uncertain by that much, and so
    is every gradient that follows from it.

    Parameters
    ----------
    nodes : sequence of Node
        A whole history.
    seed : array
        The gradient of its last node; only the shape and the dtype matter.
    gradients : mapping of Node to array
        The true gradients.
    """
    lost: dict[Node, Array] = {}
    with np.errstate(all="ignore"):
        _note_all(lost, nodes, gradients)
        moved = dict(lost)
        for handed in _signed(lost) if lost else ():
            for node, g in pullback(nodes, seed * 0, instead=handed).items():
                moved[node] = np.fmax(moved.get(node, 0.0), np.abs(g))
    return moved


def _signed(lost: Mapping[Node, Array]) -> Iterator[dict[Node, Array]]:
    """The same sizes, and some less, with signs by chance: what a sum makes of them differs."""
    rng = np.random.default_rng(0)
    for _ in range(SAMPLES):
        yield {
            node: np.asarray(m * rng.uniform(0.5, 1, m.shape) * rng.choice([-1, 1], m.shape), node.dtype)[()]
            for node, m in lost.items()
        }


def _note_all(lost: dict[Node, Array], nodes: Sequence[Node], gradients: Mapping[Node, Array]) -> None:
    for node in reversed(nodes):
        primitive, g = node.primitive, gradients.get(node)
        if primitive is None or g is None or primitive.kind != "elementwise":
            continue
        if primitive is sigmoid:
            hidden = 1 - node._data < ABSORBED
            _note(lost, node.args[0], np.where(hidden, np.abs(g * node._data), 0.0))
        elif primitive is do.add or primitive.name == "log1p":
            for arg, data in zip(node.args, node.operands, strict=True):
                whole = 1.0 if primitive is not do.add else np.abs(node._data)
                if isinstance(arg, Node) and getattr(arg.primitive, "name", "") == "exp":
                    hidden = np.abs(data) < ABSORBED * whole
                    _note(lost, arg.args[0], np.abs(gradients.get(arg, 0.0)) * np.where(hidden, whole, 0.0))
        elif primitive is do.negative and node in lost:
            _note(lost, node.args[0], lost[node])


def _note(lost: dict[Node, Array], node: Any, more: Array) -> None:
    if isinstance(node, Node) and np.shape(more) == node.shape and np.any(more):
        lost[node] = np.maximum(lost.get(node, 0.0), np.where(np.isfinite(more), more, 0.0))
