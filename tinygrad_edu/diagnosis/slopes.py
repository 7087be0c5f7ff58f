"""Derivatives that everybody knows, of functions that are written out: ``da * a * (1 - a)`` for a sigmoid.

A function is recognised by what its derivative does, not by how it is written.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.words import Words
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import gradients_in_order

Array = Any


class Slope(NamedTuple):
    """What comes back to x from a = f(x), where g comes to a: as Python, and as a function."""

    text: str
    function: Callable[[Array, Array, Array], Array]


def _softmax(axis: int) -> Slope:
    return Slope(
        f"{{a}} * ({{g}} - np.sum({{g}} * {{a}}, axis={axis}, keepdims=True))",
        lambda g, a, x: a * (g - np.sum(g * a, axis=axis, keepdims=True)),
    )


def _log_softmax(axis: int) -> Slope:
    return Slope(
        f"{{g}} - np.exp({{a}}) * np.sum({{g}}, axis={axis}, keepdims=True)",
        lambda g, a, x: g - np.exp(a) * np.sum(g, axis=axis, keepdims=True),
    )


SLOPES = (
    Slope("{g} * {a} * (1 - {a})", lambda g, a, x: g * a * (1 - a)),
    Slope("{g} * (1 - {a} ** 2)", lambda g, a, x: g * (1 - a * a)),
    Slope("{g} * ({x} > 0)", lambda g, a, x: g * (x > 0)),
    Slope("{g} * {a}", lambda g, a, x: g * a),
    Slope("{g} / (1 + np.exp(-{x}))", lambda g, a, x: g / (1 + np.exp(-x))),
    Slope("{g} / {x}", lambda g, a, x: g / x),
    *(slope(axis) for slope in (_softmax, _log_softmax) for axis in (0, 1)),
)
NEAR = 1e-9


def known_slope(scene: Scene, below: int, above: int, g: str, a: str, x: str) -> str | None:
    """What comes back from one Value to another by a function whose derivative is known, as Python.

    Parameters
    ----------
    scene : Scene
        The point at which it is recognised.
    below, above : int
        The places of x and a, between which there is no other way.
    g, a, x : str
        What the gradient of a, a itself, and x are called.
    """
    argument, result = scene.nodes[below]._data, scene.nodes[above]._data
    if np.shape(argument) != np.shape(result):
        return None
    incoming = np.random.default_rng(0).normal(size=np.shape(result)).astype(result.dtype)[()]
    with np.errstate(all="ignore"):
        right: Array = gradients_in_order(scene.nodes[: above + 1], incoming)[below]
        for slope in SLOPES:
            try:
                found = slope.function(incoming, result, argument)
            except (ValueError, IndexError):  # there is no such axis
                continue
            if np.allclose(found, right, rtol=NEAR, atol=0):
                return slope.text.format(g=g, a=a, x=x)
    return None


def steps_at_once(scene: Scene, words: Words) -> dict[int, int]:
    """The operations of functions whose derivative everybody knows, each with the last one of its function.

    Nobody differentiates a sigmoid step by step.
    """
    found: dict[int, int] = {}
    for above in range(len(scene.nodes)):
        below = lower_end(scene, words, above) if words.has_name(above) else None
        if below is not None and known_slope(scene, below, above, "g", "a", "x") is not None:
            found.update(dict.fromkeys(_between(scene, below, above), above))
    return found


def _between(scene: Scene, below: int, above: int) -> set[int]:
    """The operations from one Value to another."""
    found, waiting = set(), {above}
    while waiting:
        place = waiting.pop()
        if place != below:
            found.add(place)
            waiting.update(argument for _, argument in scene.arguments[place])
    return found


def lower_end(scene: Scene, words: Words, above: int) -> int | None:
    """The one Value with a name that another is computed from, element by element and in several steps."""
    ends, steps = set(), 0
    waiting = {above}
    while waiting:
        place = max(waiting)
        waiting.remove(place)
        primitive = scene.nodes[place].primitive
        if place != above and words.has_name(place):
            ends.add(place)
        elif primitive is None or primitive.kind != "elementwise":
            return None
        else:
            steps += 1 + any(isinstance(arg, Node) and not arg.is_float for arg in scene.nodes[place].args)
            waiting.update(argument for _, argument in scene.arguments[place])
    same = len(ends) == 1 and scene.nodes[min(ends)].shape == scene.nodes[above].shape
    return min(ends) if same and steps > 1 else None
