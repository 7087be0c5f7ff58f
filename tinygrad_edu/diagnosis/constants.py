"""Constant factors that people forget or add: ratios of axis sizes, small integers, constants."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.words import Words

Array = Any
NEAR = 1e-5
SHOWN, AKIN = 4, 0.25
"""So many readings of one factor are told, if they are about as simple."""


class Reading(NamedTuple):
    """One way to read a factor: its value at each probe, what it is in words, and how far-fetched it is."""

    values: tuple[float, ...]
    text: str
    cost: float


def readings(scenes: Sequence[Scene], words: Words) -> list[Reading]:
    """All factors that could be meant, simplest first; of two with equal values and words, one."""
    found: dict[tuple[tuple[float, ...], str], Reading] = {}
    for values, text, cost in _all(scenes, words):
        rounded = tuple(float(f"{value:.12g}") for value in values)
        if all(np.isfinite(values)) and rounded != (1.0,) * len(values):
            found.setdefault((rounded, text), Reading(values, text, cost))
    return sorted(found.values(), key=lambda reading: reading.cost)


def matching(table: Sequence[Reading], factor: float, probe: int) -> list[Reading]:
    """The readings of a factor that was measured at one probe."""
    return [r for r in table if abs(r.values[probe] - factor) <= NEAR * abs(factor)]


def alike(found: Sequence[Reading]) -> list[Reading]:
    """Readings with the same value at every probe as one, which tells all of them: ``2 = len(x)``."""
    groups: dict[tuple[float, ...], list[Reading]] = {}
    for reading in found:
        groups.setdefault(tuple(float(f"{value:.9g}") for value in reading.values), []).append(reading)
    return [Reading(group[0].values, " = ".join(_simple(group)), group[0].cost) for group in groups.values()]


def _simple(group: Sequence[Reading]) -> list[str]:
    """What a factor is in words, without readings that are much more far-fetched than the simplest."""
    return [reading.text for reading in group if reading.cost <= group[0].cost + AKIN][:SHOWN]


def _all(scenes: Sequence[Scene], words: Words) -> Iterator[tuple[tuple[float, ...], str, float]]:
    def constant(value: float, text: str, cost: float) -> tuple[tuple[float, ...], str, float]:
        return (value,) * len(scenes), text, cost

    for number in (2, 3, 4):
        yield constant(float(number), str(number), number / 50)
        yield constant(1 / number, f"1/{number}", number / 50)
    counts = _counts(scenes, words)
    for values, name in counts:
        n = np.array(values, dtype=float)
        for text, ratio, cost in (
            (f"{name}", n, 0.1),
            (f"1/{name}", 1 / n, 0.1),
            (f"2 * {name}", 2 * n, 0.5),
            (f"1/(2 * {name})", 1 / (2 * n), 0.5),
            (f"{name}/2", n / 2, 0.5),
            (f"2/{name}", 2 / n, 0.5),
            (f"{name}**2", n * n, 0.6),
            (f"1/{name}**2", 1 / n**2, 0.6),
        ):
            yield tuple(ratio), text, cost
        if not name.endswith("]"):  # one less is taken of what is counted: rows, and terms of a sum
            yield tuple(n / (n - 1)), f"{name}/({name} - 1)", 0.3
            yield tuple((n - 1) / n), f"({name} - 1)/{name}", 0.3
            yield tuple(n - 1), f"({name} - 1)", 0.6
            yield tuple(1 / (n - 1)), f"1/({name} - 1)", 0.6
            yield tuple(np.sqrt(n)), f"sqrt({name})", 0.6
            yield tuple(1 / np.sqrt(n)), f"1/sqrt({name})", 0.6
        for others, other in counts:
            if other != name:
                m = np.array(others, dtype=float)
                yield tuple(n / m), f"{name}/{other}", 0.6
                if name < other:
                    yield tuple(n * m), f"{name} * {other}", 0.6
                    yield tuple(1 / (n * m)), f"1/({name} * {other})", 0.6
    for literal, text in _literals(scenes[0]):
        yield constant(literal, text, 0.2)
        yield constant(1 / literal, f"1/{text}", 0.2)
        yield constant(literal**2, f"{text}**2", 0.5)
        yield constant(literal**-2.0, f"1/{text}**2", 0.5)


def _counts(scenes: Sequence[Scene], words: Words) -> list[tuple[tuple[int, ...], str]]:
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
        if node.primitive is not None and node.size and len(node.operands) == 1:
            ratios = [s.nodes[place].operands[0].size // max(s.nodes[place].size, 1) for s in scenes]
            if node.primitive.name in ("mean", "sum"):
                text = f"np.size({words.operand_of(place)})" if node.ndim == 0 else str(ratios[0])
                found.setdefault(tuple(ratios), text)
    return [(values, name) for values, name in found.items() if min(values) > 1]


def _literals(scene: Scene) -> list[tuple[float, str]]:
    """The plain numbers of the formula."""
    found: dict[float, str] = {}
    for node in scene.nodes:
        for arg in node.args:
            if isinstance(arg, (int, float, np.number)) and np.isfinite(arg) and arg not in (0, 1, -1):
                found.setdefault(abs(float(arg)), f"{abs(float(arg)):g}")
    return list(found.items())
