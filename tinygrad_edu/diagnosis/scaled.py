"""Contributions with the wrong multiplicity: lost, counted twice, of the wrong sign, off by a factor.

What a contribution adds to a row is linear in it: the factor in a manual gradient is measured, and looked up
among those that can be explained.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import Reading, alike, matching
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.paths import statistics
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Edge, Scene
from tinygrad_edu.diagnosis.words import listed
from tinygrad_edu.rules.products import matmul

Array = Any
Factor = tuple[float, ...]
"""A factor, at each probe."""

MANY = 4
NEAR = 1e-5


def scaled_places(case: Case) -> Iterator[Hypothesis]:
    """The whole gradient of a Value times a factor."""
    table = case.factors
    for place in case.places:
        if not case.words.has_name(place) or case.scene.arrived[place] is None:
            continue
        found = _measured(case, place, _arrived(place))
        if found is not None:
            yield from _read(case, place, *found, table)


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
        text = (
            f"the gradient of {name} has the wrong sign (or the direction of the update is given, which is "
            "minus the gradient)"
        )
        yield hypothesis("sign", (-1.0,) * len(constant), text, 0.5)
    if abs(c - 2) < NEAR:
        text = f"the gradient of {name} is counted twice; was it not reset before it was added up again?"
        yield hypothesis("double-path", (2.0,) * len(constant), text, 1.6)
    for values, text, cost in alike(matching(table, abs(c), probe)):
        factor = tuple(np.sign(c) * np.array(values))
        text = f"the gradient of {name} has the factor {text} too much"
        if c < 0:
            if abs(c + 1) >= NEAR:
                also = (("sign", f"besides, the sign of the gradient of {name} is wrong"),)
                yield hypothesis("constant-factor", factor, text, 3.0 + cost, also)
            continue
        yield hypothesis("constant-factor", factor, text, 1.0 + cost)
        for kind, text, cost in _counts(case, place, c):
            yield hypothesis(kind, factor, text, cost)


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


def scaled_paths(case: Case) -> Iterator[Hypothesis]:
    """Some of the contributions to the gradient of a Value that is used several times, times a factor."""
    table = case.factors
    spread = set(statistics(case))
    for place in case.places:
        uses = case.scene.uses[place]
        if len(uses) < 2:
            continue
        for chosen in _subsets(uses):
            found = _measured(case, place, functools.partial(_total, edges=chosen))
            if found is not None:
                yield from _read_path(case, place, chosen, *found, table, spread)


def _subsets(uses: Sequence[Edge]) -> Iterator[tuple[Edge, ...]]:
    if len(uses) <= MANY:
        for count in range(1, len(uses)):
            yield from itertools.combinations(uses, count)
    else:
        for edge in uses:
            yield (edge,)
        for edge in uses:
            yield tuple(other for other in uses if other != edge)


def _read_path(
    case: Case,
    place: int,
    chosen: tuple[Edge, ...],
    c: float,
    probe: int,
    table: Sequence[Reading],
    spread: set[int],
) -> Iterator[Hypothesis]:
    name, probes = case.words.name(place), len(case.scenes)
    lines = listed(list(dict.fromkeys(f"`{case.words.line(edge.node)}`" for edge in chosen)))
    more = 0.3 * (len(chosen) - 1)

    def hypothesis(kind: str, factor: Factor, text: str, cost: float) -> Hypothesis:
        def change(scene: Scene) -> Change:
            f = factor[_probe(case, scene)]
            return {place: (f - 1) * _total(scene, chosen)}

        return Hypothesis(kind, place, change, lambda: text, cost + more, edges=chosen)

    penalty = all(_is_penalty(case, place, edge) for edge in chosen)
    if abs(c) < NEAR:
        zero = (0.0,) * probes
        if penalty:
            yield hypothesis("regularisation", zero, f"the gradient of the penalty {lines} is missing", 0.8)
        if all(_leads_to(case.scene, edge.node, spread) for edge in chosen):
            text = f"the way through {lines} is missing: it depends on {name}, it is no constant"
            yield hypothesis("lost-statistics", zero, text, 1.0)
        text = (
            f"what comes back to {name} from {lines} is missing: {name} is used there too, so it must be "
            "added (+=)"
        )
        yield hypothesis("lost-path", zero, text, 1.2)
        return
    if abs(c + 1) < NEAR:
        yield hypothesis(
            "sign", (-1.0,) * probes, f"what comes back to {name} from {lines} has the wrong sign", 1.2
        )
    if abs(c - 2) < NEAR:
        yield hypothesis(
            "double-path", (2.0,) * probes, f"what comes back to {name} from {lines} is counted twice", 1.3
        )
    for values, text, cost in alike(matching(table, c, probe)):
        text = f"what comes back to {name} from {lines} has the factor {text} too much"
        if penalty:
            yield hypothesis("regularisation", values, text, 0.9 + cost)
        yield hypothesis("constant-factor", values, text, 1.6 + cost)


def _is_penalty(case: Case, place: int, edge: Edge) -> bool:
    """Whether a parameter stands alone in an operation that leads to the loss: a penalty on its size."""
    node = case.scene.nodes[edge.node]
    alone = {a for _, a in case.scene.arguments[edge.node]} == {place}
    plain = all(
        np.ndim(x) == 0
        for x, arg in zip(node.operands, node.args, strict=True)
        if arg is not case.scene.nodes[place]
    )
    return case.scene.nodes[place].is_leaf and alone and plain


def _leads_to(scene: Scene, place: int, goals: set[int]) -> bool:
    """Whether the only way onward leads to one of the goals."""
    while place not in goals:
        following = {edge.node for edge in scene.uses[place]}
        if len(following) != 1:
            return False
        (place,) = following
    return True


def _total(scene: Scene, edges: Sequence[Edge]) -> Array:
    return sum(scene.contribution(edge) for edge in edges)


def _arrived(place: int) -> Callable[[Scene], Array]:
    return lambda scene: scene.arrived[place]


def _scaling(case: Case, place: int, factor: Factor) -> Callable[[Scene], Change]:
    return lambda scene: {place: (factor[_probe(case, scene)] - 1) * scene.arrived[place]}


def _probe(case: Case, scene: Scene) -> int:
    return next(i for i, one in enumerate(case.scenes) if one.manual is scene.manual)


def _measured(case: Case, place: int, contribution: Callable[[Scene], Array]) -> tuple[float, int] | None:
    """The factor that contributions have in the first wrong row they reach, and the probe with that row."""
    for probe, scene in enumerate(case.scenes):
        try:
            for row, gradient in scene.predictions({place: contribution(scene)}):
                right, m = scene.arrived[row], scene.manual[row]
                if row not in case.wrong or np.shape(m) != np.shape(right):
                    continue
                part = np.ravel(gradient - right)
                size = float(part @ part)
                if size and np.isfinite(size):
                    return 1 + float(part @ np.ravel(m - right)) / size, probe
        except DOES_NOT_FIT:
            return None
    return None
