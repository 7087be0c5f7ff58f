"""A gradient off by a factor: of the wrong sign, twice as large, a mean for a sum.

What a gradient adds to a row is linear in it: the factor in a manual gradient is measured, and looked up
among those that can be explained.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import Reading, counts_at, matching
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Scene
from tinygrad_edu.rules.products import matmul

Array = Any
Factor = tuple[float, ...]
"""A factor, at each probe."""

NEAR = 1e-5


def scaled_places(case: Case) -> Iterator[Hypothesis]:
    """The whole gradient of a Value times a factor."""
    table = case.factors
    for place in case.places:
        if not case.words.has_name(place) or case.scene.arrived[place] is None:
            continue
        for c, probe in measured(case, place, _arrived(place)):
            yield from _read(case, place, c, probe, table)


def _read(case: Case, place: int, c: float, probe: int, table: Sequence[Reading]) -> Iterator[Hypothesis]:
    name, constant = case.words.name(place), (1.0,) * len(case.scenes)
    loss = place == len(case.scene.nodes) - 1

    def hypothesis(
        kind: str, factor: Factor, text: str, cost: float, also: tuple[tuple[str, str], ...] = ()
    ) -> Hypothesis:
        return Hypothesis(kind, place, _scaling(case, place, factor), lambda: text, cost + 0.5 * loss, also)

    if abs(c) < NEAR and place not in case.scene.manual:
        yield hypothesis(
            "missing-gradient", (0.0,) * len(constant), f"no gradient is passed on through {name}", 1.5
        )
        return
    if abs(c + 1) < NEAR:
        text = f"the gradient of {name} has the wrong sign"
        if case.scene.nodes[place].is_leaf:
            text += " (or the direction of the update is given, which is minus the gradient)"
        yield hypothesis("sign", (-1.0,) * len(constant), text, 0.5)
    if abs(c - 2) < NEAR:
        text = f"the gradient of {name} is counted twice; was it not reset before it was added up again?"
        yield hypothesis("double-path", (2.0,) * len(constant), text, 1.6)
    told: set[Factor] = set()
    for reading in matching(table, abs(c), probe, counts_at(case.scenes, place)):
        factor = tuple(np.sign(c) * np.array(reading.values))
        text = reading.sentence(f"the gradient of {name}")
        if c < 0:
            if abs(c + 1) >= NEAR:
                also = (("sign", f"besides, the sign of the gradient of {name} is wrong"),)
                yield hypothesis("constant-factor", factor, text, 3.0 + reading.cost, also)
            continue
        one = hypothesis("constant-factor", factor, text, 1.0 + reading.cost)
        yield replace(one, measured=reading.is_far_fetched)
        for kind, text, cost in _counts(case, place, c) if factor not in told else ():
            yield hypothesis(kind, factor, text, cost)
        told.add(factor)


def _counts(case: Case, place: int, c: float) -> Iterator[tuple[str, str, float]]:
    """A factor as a sum that was taken for a mean, or the reverse: kind, sentence and cost."""
    inverse = round(1 / c) if c < 1 else round(c)
    if abs(max(c, 1 / c) - inverse) >= NEAR * inverse:
        return
    if c < 1 and inverse in _summed(case, place):
        name = case.words.name(place)
        yield "mean-for-sum", f"the gradient of {name} is a sum of {inverse} terms, not their mean", 0.9
    for node in case.scene.nodes:
        if node.primitive is not None and node.primitive.name in ("mean", "sum") and node.size:
            count = node.operands[0].size // node.size
            if count == inverse and (node.primitive.name == "mean") == (c > 1):
                right, wrong = ("mean", "sum") if c > 1 else ("sum", "mean")
                text = f"the loss takes the {right} of {count} numbers, this is the gradient of their {wrong}"
                yield "mean-for-sum", text, 1.2
                yield "wrong-loss", text, 1.3


def _summed(case: Case, place: int) -> set[int]:
    """How many terms are added up for each entry of the gradient at a place."""
    scene, found = case.scene, set()
    for edge in scene.uses[place]:
        node = scene.nodes[edge.node]
        if node.primitive is matmul:
            contracted = scene.nodes[edge.node].shape
            if contracted:
                found.add(contracted[0] if edge.position == 1 else contracted[-1])
        elif node.primitive is not None and node.primitive.kind == "elementwise" and scene.nodes[place].size:
            found.add(node.size // scene.nodes[place].size)
    return found - {1}


def _arrived(place: int) -> Callable[[Scene], Array]:
    return lambda scene: scene.arrived[place]


def _scaling(case: Case, place: int, factor: Factor) -> Callable[[Scene], Change]:
    return lambda scene: {place: (factor[which_probe(case, scene)] - 1) * scene.arrived[place]}


def which_probe(case: Case, scene: Scene) -> int:
    """The number of the probe that a scene shows, whatever mistakes are assumed in it."""
    return next(i for i, one in enumerate(case.scenes) if one.manual is scene.manual)


def measured(case: Case, place: int, contribution: Callable[[Scene], Array]) -> list[tuple[float, int]]:
    """The factors that contributions have in the wrong rows they reach, each with the probe of that row."""
    found: list[tuple[float, int]] = []
    for probe, scene in enumerate(case.scenes):
        try:
            for row, gradient in scene.predictions({place: contribution(scene)}):
                right, m = scene.arrived[row], scene.manual[row]
                if row not in case.wrong or np.shape(m) != np.shape(right):
                    continue
                part = np.ravel(gradient - right)
                size = float(part @ part)
                if size and np.isfinite(size):
                    c = 1 + float(part @ np.ravel(m - right)) / size
                    if not any(abs(c - other) < NEAR * abs(c) for other, _ in found):
                        found.append((c, probe))
        except DOES_NOT_FIT:
            return []
        if found:
            return found
    return found
