"""Gradients that everybody writes down at once: ``dz = (p - y) / len(x)``, of cross-entropy.

They are recognised by their numbers, at every probe, not by how the loss is written.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import lengths
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.text import SUM, Text, divided
from tinygrad_edu.diagnosis.words import Words
from tinygrad_edu.node import Node

Array = Any
Take = Callable[[Scene], Array]
NEAR = 1e-9


def differences(scenes: Sequence[Scene], words: Words) -> dict[int, Text]:
    """By place ``p - y`` or ``(p - y) / n``, where nothing was given on the way from there to the loss."""
    counts = [((1,) * len(scenes), ""), *lengths(scenes, words)]
    expected = list(_data(scenes[0], words))
    found = {}
    for place, node in enumerate(scenes[0].nodes[:-1]):
        if node.is_leaf or not node.is_float or scenes[0].truth[place] is None or not words.has_name(place):
            continue
        onward = above(scenes[0], place)
        if onward & (scenes[0].manual.keys() - {len(scenes[0].nodes) - 1}):
            continue
        for prediction in sorted(onward):
            if words.has_name(prediction) and scenes[0].nodes[prediction].shape == node.shape:
                text = _difference(scenes, words, place, prediction, expected, counts)
                if text is not None:
                    found[place] = text
                    break
    return found


def above(scene: Scene, place: int) -> set[int]:
    """The places that are computed from a Value and through which something flows back to it."""
    found: set[int] = set()
    waiting = [place]
    while waiting:
        for edge in scene.uses[waiting.pop()]:
            if edge.node not in found:
                found.add(edge.node)
                waiting.append(edge.node)
    return found


def _difference(
    scenes: Sequence[Scene],
    words: Words,
    place: int,
    prediction: int,
    expected: Sequence[tuple[str, Take]],
    counts: Sequence[tuple[tuple[int, ...], str]],
) -> Text | None:
    shape = scenes[0].nodes[place].shape
    for name, take in expected:
        if np.shape(take(scenes[0])) != shape:
            continue
        for ns, length in counts:
            if all(_is_it(s, place, prediction, take, n) for s, n in zip(scenes, ns, strict=True)):
                difference = Text(f"{words.name(prediction)} - {name}", SUM)
                return divided(difference, Text(length)) if length else difference
    return None


def _is_it(scene: Scene, place: int, prediction: int, take: Take, n: int) -> bool:
    right, guess = scene.truth[place], scene.nodes[prediction]._data - take(scene)
    size = np.max(np.abs(right), initial=0)
    return bool(np.all(np.abs(n * right - guess) <= NEAR * n * size)) and size > 0


def _data(scene: Scene, words: Words) -> Iterator[tuple[str, Take]]:
    """The arrays with a name that no operation has computed."""
    seen = set()
    for place, node in enumerate(scene.nodes):
        for position, arg in enumerate(node.args):
            is_given = not isinstance(arg, Node) or arg.is_leaf
            if is_given and id(arg) in words.names and id(arg) not in seen:
                seen.add(id(arg))
                yield words.names[id(arg)], _operand(place, position)


def _operand(place: int, position: int) -> Take:
    return lambda scene: scene.nodes[place].operands[position]
