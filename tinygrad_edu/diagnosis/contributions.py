"""Some of the ways by which a gradient arrives: lost, counted twice, of the wrong sign, off by a factor."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import Reading, counts_at, matching
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.loss_terms import is_penalty, leads_to, reduction_above
from tinygrad_edu.diagnosis.paths import statistics
from tinygrad_edu.diagnosis.scaled import NEAR, Factor, measured, which_probe
from tinygrad_edu.diagnosis.scene import Change, Edge, Scene
from tinygrad_edu.diagnosis.words import listed

Array = Any
MANY = 4
NOTHING = 1e-12


def scaled_paths(case: Case) -> Iterator[Hypothesis]:
    """Some of the contributions to the gradient of a Value that is used several times, times a factor."""
    table = case.factors
    spread = set(statistics(case))
    for place in case.places:
        uses = case.scene.uses[place]
        if len(uses) < 2 or len({case.at_once.get(edge.node, edge) for edge in uses}) < 2:
            continue
        for chosen in _subsets(uses):
            if _is_all(case, place, chosen):
                continue
            for c, probe in measured(case, place, functools.partial(_total, edges=chosen)):
                yield from _read_path(case, place, chosen, c, probe, table, spread)


def _is_all(case: Case, place: int, chosen: Sequence[Edge]) -> bool:
    """Whether nothing arrives by the other ways: then it is the gradient as a whole that is scaled."""
    others = [edge for edge in case.scene.uses[place] if edge not in chosen]
    rest, whole = (np.abs(_total(case.scene, edges)) for edges in (others, case.scene.uses[place]))
    return bool(np.all(rest <= NOTHING * np.max(whole, initial=0)))


def _subsets(uses: Sequence[Edge]) -> Iterator[tuple[Edge, ...]]:
    """Some of the operations that use a Value; where one uses it twice, as w * w does, one of its terms."""
    operations = [list(group) for _, group in itertools.groupby(uses, key=lambda edge: edge.node)]
    n = len(operations)
    for count in range(1, n) if n <= MANY else (1, n - 1):
        for chosen in itertools.combinations(operations, count):
            yield tuple(edge for operation in chosen for edge in operation)
    for operation in operations:
        if len(operation) > 1:
            yield (operation[0],)


def _read_path(
    case: Case,
    place: int,
    chosen: tuple[Edge, ...],
    c: float,
    probe: int,
    table: Sequence[Reading],
    spread: set[int],
) -> Iterator[Hypothesis]:
    name, probes = case.words.called(place), len(case.scenes)
    lines = _lines(case, chosen)
    more = 0.3 * (len(chosen) - 1)

    def hypothesis(kind: str, factor: Factor, text: str, cost: float) -> Hypothesis:
        def change(scene: Scene) -> Change:
            f = factor[which_probe(case, scene)]
            return {place: (f - 1) * _total(scene, chosen)}

        return Hypothesis(kind, place, change, lambda: text, cost + more, edges=chosen)

    if abs(c) < NEAR:
        for kind, text, cost in _lost(case, place, chosen, spread):
            yield hypothesis(kind, (0.0,) * probes, text, cost)
    if abs(c) < NEAR or _is_half(case, place, chosen):
        return
    if abs(c + 1) < NEAR:
        text = f"what comes back to {name} from {lines} has the wrong sign"
        yield hypothesis("sign", (-1.0,) * probes, text, 1.2)
    if abs(c - 2) < NEAR:
        text = f"what comes back to {name} from {lines} is counted twice"
        yield hypothesis("double-path", (2.0,) * probes, text, 1.3)
    found = matching(table, c, probe, counts_at(case.scenes, place))
    for number, reading in enumerate(found):
        for kind, text, cost in _scaled(case, place, chosen, c, reading, number):
            one = hypothesis(kind, reading.values, text, cost)
            yield replace(one, measured=reading.is_far_fetched)


def _scaled(
    case: Case, place: int, chosen: Sequence[Edge], c: float, reading: Reading, number: int
) -> Iterator[tuple[str, str, float]]:
    """What it may be called that contributions have a factor: kind, sentence and cost."""
    lines = _lines(case, chosen)
    reduction = reduction_above(case.scene, {edge.node for edge in chosen})
    if reduction is not None:
        for text in _as_other(case, reduction, c):
            yield "mean-for-sum", text, 1.0
    penalty = all(is_penalty(case.scene, place, edge.node) for edge in chosen)
    if penalty:
        yield "regularisation", reading.sentence(f"the gradient of the penalty {lines}"), 0.9 + reading.cost
    if not penalty or not number:
        subject = f"what comes back to {case.words.called(place)} from {lines}"
        yield "constant-factor", reading.sentence(subject), 1.6 + reading.cost


def _is_half(case: Case, place: int, chosen: Sequence[Edge]) -> bool:
    """Whether this is one of the two ways from a Value into an operation that uses it twice."""
    return any(edge.node == chosen[0].node and edge not in chosen for edge in case.scene.uses[place])


def _lost(
    case: Case, place: int, chosen: Sequence[Edge], spread: set[int]
) -> Iterator[tuple[str, str, float]]:
    """What it may be called that contributions are missing: kind, sentence and cost."""
    name = case.words.called(place)
    lines = _lines(case, chosen)
    if _is_half(case, place, chosen):
        text = f"{lines} uses {name} twice, and only one of the two terms of its derivative is there"
        yield "lost-path", text, 1.1
        return
    if all(is_penalty(case.scene, place, edge.node) for edge in chosen):
        yield "regularisation", f"the gradient of the penalty {lines} is missing", 0.8
    if all(leads_to(case.scene, edge.node, spread) for edge in chosen):
        text = f"the way through {lines} is missing: it depends on {name}, it is no constant"
        yield "lost-statistics", text, 0.9
    text = f"what comes back to {name} from {lines} is missing: {name} is used there too, so it must be added"
    yield "lost-path", f"{text} (+=)", 1.0


def _lines(case: Case, chosen: Sequence[Edge]) -> str:
    """The operations at the upper ends, as they are written."""
    return listed(list(dict.fromkeys(f"`{case.words.line(edge.node)}`" for edge in chosen)))


def _as_other(case: Case, reduction: int, c: float) -> Iterator[str]:
    """That a mean counts as a sum, or the reverse, if that makes this factor."""
    node = case.scene.nodes[reduction]
    assert node.primitive is not None
    name, count = node.primitive.name, node.operands[0].size // node.size
    factor, other = (count, "sum") if name == "mean" else (1 / count, "mean")
    if abs(c - factor) < NEAR * factor:
        line = case.words.line(reduction)
        yield f"`{line}` is a {name} of {count} numbers, and here it counts as their {other}"


def _total(scene: Scene, edges: Sequence[Edge]) -> Array:
    return sum(scene.contribution(edge) for edge in edges)
