"""Constant factors that people forget or add: ratios of axis sizes, small integers, constants."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.words import Words
from tinygrad_edu.node import Node

Array = Any
NEAR = 1e-5
SHOWN, AKIN = 4, 0.25
"""So many readings of one factor are told, if they are about as simple."""
FAR = 0.5
"""A reading that costs so much, such as the ratio of two lengths, is as good as fitted."""
PLAIN = (2.0, 3.0, 4.0)
SPOKEN = {"2": "twice", "1/2": "half of"}


class Reading(NamedTuple):
    """One way to read a factor.

    Attributes
    ----------
    values : tuple of float
        Its value at each probe.
    text, inverse : str
        What it is in words, and what one over it is.
    cost : float
        How far-fetched it is.
    counts : tuple of tuple of int
        The lengths and numbers of elements that it is made of, at each probe.
    """

    values: tuple[float, ...]
    text: str
    inverse: str
    cost: float
    counts: tuple[tuple[int, ...], ...] = ()

    @property
    def is_far_fetched(self) -> bool:
        """Whether it may be a coincidence where other numbers stay unexplained."""
        return self.cost >= FAR

    def sentence(self, subject: str) -> str:
        """That something is so many times what it must be, and what to do about it."""
        size = SPOKEN.get(self.text) or f"{self.text} {'of' if self.text.startswith('1/') else 'times'}"
        direct = self.inverse.startswith("1/")
        remedy = f"divide by {self.text}" if direct else f"multiply by {self.inverse}"
        return f"{subject} is {size} what it must be: {remedy}"


def readings(scenes: Sequence[Scene], words: Words) -> list[Reading]:
    """All factors that could be meant, simplest first; of two with equal values and words, one."""
    found: dict[tuple[tuple[float, ...], str], Reading] = {}
    for reading in _all(scenes, words):
        rounded = tuple(float(f"{value:.12g}") for value in reading.values)
        if all(np.isfinite(reading.values)) and rounded != (1.0,) * len(rounded):
            found.setdefault((rounded, reading.text), reading)
    return sorted(found.values(), key=lambda reading: reading.cost)


def matching(
    table: Sequence[Reading], factor: float, probe: int, counts: Collection[tuple[int, ...]]
) -> list[Reading]:
    """The readings of a factor that was measured at one probe, from numbers that `counts` has.

    Of those with the same values, the far-fetched ones are left out.
    """
    groups: dict[tuple[float, ...], list[Reading]] = {}
    for reading in table:
        near = abs(reading.values[probe] - factor) <= NEAR * abs(factor)
        if near and all(count in counts for count in reading.counts):
            rounded = tuple(float(f"{value:.9g}") for value in reading.values)
            groups.setdefault(rounded, []).append(reading)
    return [reading for group in groups.values() for reading in _simple(group)]


def _simple(group: Sequence[Reading]) -> list[Reading]:
    """The readings of a value without those that are much more far-fetched than the simplest."""
    return [reading for reading in group if reading.cost <= group[0].cost + AKIN][:SHOWN]


def is_round(number: float) -> bool:
    """Whether a number is one that somebody chooses, such as 0.05: of two digits at most."""
    return bool(abs(float(f"{number:.2g}") - number) <= NEAR * abs(number))


def counts_at(scenes: Sequence[Scene], place: int) -> set[tuple[int, ...]]:
    """The numbers of elements that somebody may have in mind who writes down the gradient at a place.

    These are the axes of the Value and of the operations on it, and how many terms sums and means have.
    """
    first = scenes[0]
    near = {place, *(edge.node for edge in first.uses[place])}
    found: set[tuple[int, ...]] = set()
    for at, node in enumerate(first.nodes):
        if at in near or _is_reduction(node):
            all_shapes = [_shapes(scene, at) for scene in scenes]
            for shapes in zip(*all_shapes, strict=True):
                found.update(zip(*shapes, strict=False))
                found.add(tuple(int(np.prod(shape)) for shape in shapes))
            found.add(tuple(shapes[0] // max(shapes[1], 1) for shapes in map(_sizes, all_shapes)))
    return found


def _shapes(scene: Scene, place: int) -> list[tuple[int, ...]]:
    """The shapes of what an operation is given, and of its result."""
    node = scene.nodes[place]
    return [*(np.shape(operand) for operand in node.operands), node.shape]


def _sizes(shapes: Sequence[tuple[int, ...]]) -> tuple[int, int]:
    return int(np.prod(shapes[0])), int(np.prod(shapes[-1]))


def _is_reduction(node: Node) -> bool:
    return node.primitive is not None and node.primitive.name in ("mean", "sum") and node.size > 0


def _all(scenes: Sequence[Scene], words: Words) -> Iterator[Reading]:
    def constant(value: float, text: str, cost: float) -> Iterator[Reading]:
        yield Reading((value,) * len(scenes), text, f"1/{text}", cost)
        yield Reading((1 / value,) * len(scenes), f"1/{text}", text, cost)

    for number in PLAIN:
        yield from constant(number, f"{number:g}", number / 50)
    counts = lengths(scenes, words)
    for values, name in counts:
        n = np.array(values, dtype=float)
        options: list[tuple[Array, str, str, float]] = [
            (n, name, f"1/{name}", 0.1),
            (2 * n, f"2 * {name}", f"1/(2 * {name})", 0.5),
            (n / 2, f"{name}/2", f"2/{name}", 0.5),
            (n * n, f"{name}**2", f"1/{name}**2", 0.6),
        ]
        if not name.endswith("]"):  # one less is taken of what is counted: rows, and terms of a sum
            options += [
                (n / (n - 1), f"{name}/({name} - 1)", f"({name} - 1)/{name}", 0.3),
                (n - 1, f"({name} - 1)", f"1/({name} - 1)", 0.6),
                (np.sqrt(n), f"sqrt({name})", f"1/sqrt({name})", 0.6),
            ]
        for ratio, text, inverse, cost in options:
            yield Reading(tuple(ratio), text, inverse, cost, (values,))
            yield Reading(tuple(1 / ratio), inverse, text, cost, (values,))
        for others, other in counts:
            if other != name:
                m, made_of = np.array(others, dtype=float), (values, others)
                yield Reading(tuple(n / m), f"{name}/{other}", f"{other}/{name}", 0.6, made_of)
                if name < other:
                    text, inverse = f"{name} * {other}", f"1/({name} * {other})"
                    yield Reading(tuple(n * m), text, inverse, 0.6, made_of)
                    yield Reading(tuple(1 / (n * m)), inverse, text, 0.6, made_of)
    for literal, name in _literals(scenes, counts):
        for number, text, cost in ((literal, name, 0.2), (literal**2, f"{name}**2", 0.5)):
            if number not in PLAIN and 1 / number not in PLAIN:
                yield from constant(number, text, cost)


def lengths(scenes: Sequence[Scene], words: Words) -> list[tuple[tuple[int, ...], str]]:
    """Lengths of axes and numbers of elements, by what they are the length of; of equal ones, the first."""
    found: dict[tuple[int, ...], str] = {}
    first = scenes[0]
    for place, node in enumerate(first.nodes):
        for position, arg in enumerate(node.args):
            if id(arg) not in words.names:
                continue
            shapes = [np.shape(scene.nodes[place].operands[position]) for scene in scenes]
            name = words.names[id(arg)]
            for axis in range(len(shapes[0])):
                text = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
                found.setdefault(tuple(shape[axis] for shape in shapes), text)
            if len(shapes[0]) > 1:
                found.setdefault(tuple(int(np.prod(shape)) for shape in shapes), f"{name}.size")
    for place, node in enumerate(first.nodes):
        if _is_reduction(node):
            ratios = [s.nodes[place].operands[0].size // max(s.nodes[place].size, 1) for s in scenes]
            text = f"np.size({words.operand_of(place)})" if node.ndim == 0 else str(ratios[0])
            found.setdefault(tuple(ratios), text)
    return [(values, name) for values, name in found.items() if min(values) > 1]


def _literals(
    scenes: Sequence[Scene], counts: Sequence[tuple[tuple[int, ...], str]]
) -> list[tuple[float, str]]:
    """The plain numbers of the formula that are not one of the lengths."""
    found: dict[float, str] = {}
    lengths_at_all = {values[0] for values, _ in counts if len(set(values)) == 1}
    for node in scenes[0].nodes:
        for arg in node.args:
            if isinstance(arg, (int, float, np.number)) and np.isfinite(arg) and arg not in (0, 1, -1):
                found.setdefault(abs(float(arg)), f"{abs(float(arg)):g}")
    return [(number, text) for number, text in found.items() if number not in lengths_at_all]
