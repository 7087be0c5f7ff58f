"""The search: which hypotheses explain every element of the wrong rows at every probe, simplest first."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.diagnosis.catalogue import hypotheses, last_hypotheses
from tinygrad_edu.diagnosis.constants import matching, readings
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis, attempt
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Scene, Whole

PART = 1e-3
"""What may be left of a deviation that counts as explained."""
SECOND = 2.0
"""What a second mistake at the same place adds to the cost."""
FIRST_MISTAKES = 120
"""How many hypotheses are tried as the first of two mistakes at one place."""
ABSENT = 0.3
"""What it adds to the cost that the gradient in question was not given."""


@dataclass(frozen=True)
class Explanation:
    """A hypothesis that is borne out: the rows that it explains, and how far-fetched it is there."""

    hypothesis: Hypothesis
    rows: frozenset[int]
    cost: float


@dataclass(frozen=True)
class Compound:
    """A hypothesis that is borne out up to a factor, measured at one probe."""

    hypothesis: Hypothesis
    factor: float
    probe: int


class Search:
    """Hypotheses of one case, each tried once."""

    def __init__(self, case: Case, candidates: Iterable[Hypothesis]) -> None:
        self.case = case
        self.tried: list[Hypothesis] = []
        self.found: list[Explanation] = []
        self.compounds: list[Compound] = []
        for hypothesis in candidates:
            self.tried.append(hypothesis)
            self._consider(hypothesis)

    def _consider(self, hypothesis: Hypothesis) -> None:
        try:
            rows = self.explained(hypothesis)
        except DOES_NOT_FIT:
            return
        if rows:
            self.found.append(self._explanation(hypothesis, rows))

    def _explanation(self, hypothesis: Hypothesis, rows: frozenset[int]) -> Explanation:
        given = self.case.words.landmark(hypothesis.place) in self.case.scene.manual
        return Explanation(hypothesis, rows, hypothesis.cost + ABSENT * (not given and len(rows) == 1))

    def explained(self, hypothesis: Hypothesis, others: frozenset[int] = frozenset()) -> frozenset[int]:
        """The wrong rows that a hypothesis explains at every probe; empty if it contradicts any row.

        In `others` are wrong rows that it may contradict, because a second mistake is to be sought there.
        """
        explained: set[int] = set()
        contradicted: set[int] = set()
        for probe, scene in enumerate(self.case.scenes):
            change = attempt(hypothesis, scene)
            if change is None or not _is_finite(change):
                return frozenset()
            for row, gradient in scene.predictions(change):
                if scene.agrees(row, gradient):
                    if row in self.case.wrong:
                        left = scene.deviation(row, gradient)
                        if left < PART * scene.deviation(row, scene.arrived[row]):
                            explained.add(row)
                elif row in others:
                    contradicted.add(row)
                else:
                    self._note_compound(hypothesis, probe, scene, row, gradient)
                    return frozenset()
        return frozenset(explained - contradicted)

    def _note_compound(
        self, hypothesis: Hypothesis, probe: int, scene: Scene, row: int, gradient: np.ndarray
    ) -> None:
        """Keep in mind a hypothesis that gives a wrong row up to a factor."""
        m = scene.manual[row]
        if row not in self.case.wrong or np.shape(gradient) != m.shape or hypothesis.also or m.size < 2:
            return
        size = float(np.sum(gradient * gradient))
        if size and np.isfinite(size):
            factor = float(np.sum(gradient * m)) / size
            if factor and scene.agrees(row, factor * gradient):
                self.compounds.append(Compound(hypothesis, factor, probe))

    def compound_explanations(self) -> list[Explanation]:
        """Two mistakes at one place, the second of which is a sign or a constant factor."""
        table = readings(self.case.scenes, self.case.words) if self.compounds else []
        found = []
        for compound in self.compounds:
            options = [("sign", (-1.0,) * len(self.case.scenes), "the sign is wrong", 0.5)]
            if abs(compound.factor + 1) > 1e-5:
                options = [
                    ("constant-factor", r.values, f"the factor {r.text} is too much", 1 + r.cost)
                    for r in matching(table, compound.factor, compound.probe)
                ]
            for kind, values, text, cost in options:
                hypothesis = _scaled(self.case, compound.hypothesis, kind, values, text, cost)
                rows = self.explained(hypothesis)
                if rows:
                    found.append(self._explanation(hypothesis, rows))
        return found


def _is_finite(change: Change) -> bool:
    return all(np.all(np.isfinite(x.gradient if isinstance(x, Whole) else x)) for x in change.values())


def _scaled(
    case: Case, hypothesis: Hypothesis, kind: str, values: Sequence[float], text: str, cost: float
) -> Hypothesis:
    """A mistake, and in what comes out of it a factor."""

    def change(scene: Scene) -> Change | None:
        first = attempt(hypothesis, scene)
        if first is None or set(first) != {hypothesis.place}:
            return None
        factor = values[case.scenes.index(scene)]
        moved = first[hypothesis.place]
        if isinstance(moved, Whole):
            return {hypothesis.place: Whole(factor * moved.gradient)}
        right = scene.arrived[hypothesis.place]
        return {hypothesis.place: factor * (right + moved) - right}

    return Hypothesis(
        hypothesis.kind,
        hypothesis.place,
        change,
        lambda: f"{hypothesis.says()}; besides, {text}",
        hypothesis.cost + cost + SECOND,
        also=(kind,),
        edges=hypothesis.edges,
    )


def explanations(case: Case) -> Iterator[list[Explanation]]:
    """For each mistake everything that explains the same rows, simplest first; what is unexplained is left out."""
    search = Search(case, hypotheses(case))
    remaining = set(case.wrong)
    yield from _chosen(search.found, remaining)
    if remaining:
        yield from _chosen(search.compound_explanations(), remaining)
    if remaining:
        later = replace(case, wrong=frozenset(remaining))
        yield from _chosen(Search(later, last_hypotheses(later)).found, remaining)
    if remaining:
        yield from _pairs(search, remaining)


def _chosen(found: Sequence[Explanation], remaining: set[int]) -> Iterator[list[Explanation]]:
    """The explanations that cover most of what remains, until none is left that explains more."""
    while True:
        fitting = [e for e in found if e.rows <= remaining]
        if not fitting:
            return
        most = max(len(e.rows) for e in fitting)
        best = min((e for e in fitting if len(e.rows) == most), key=_order)
        equal = sorted((e for e in fitting if e.rows == best.rows), key=_order)
        remaining -= best.rows
        yield equal


def _order(explanation: Explanation) -> tuple[float, int]:
    return explanation.cost, -explanation.hypothesis.place


def _pairs(search: Search, remaining: set[int]) -> Iterator[list[Explanation]]:
    """Two mistakes that meet in some row: the first one is assumed, the second one sought."""
    case = replace(search.case, wrong=frozenset(remaining))
    firsts = sorted(search.tried, key=lambda h: h.cost)
    several = len(remaining) > 1
    best: list[list[Explanation]] | None = None
    count = 0
    for first in firsts:
        if first.also:
            continue
        try:
            rows = search.explained(first, case.wrong) & case.wrong
            if several and not rows:
                continue
            if not several:
                count += 1
                if count > FIRST_MISTAKES:
                    break
            second_scenes = [scene.after(change) for scene in case.scenes if (change := attempt(first, scene))]
        except DOES_NOT_FIT:
            continue
        if len(second_scenes) < len(case.scenes) or best is not None and first.cost > best[0][0].cost:
            continue
        wrong = case.wrong - rows
        if not wrong:
            continue
        second_case = replace(case, scenes=second_scenes, wrong=wrong)
        left = set(wrong)
        seconds = list(_chosen(Search(second_case, _simple(second_case)).found, left))
        if seconds and not left:
            one = Explanation(first, rows or wrong, first.cost)
            best = [[one], *seconds]
            break
    for group in best or []:
        remaining -= group[0].rows
        yield group


def _simple(case: Case) -> Iterator[Hypothesis]:
    return itertools.chain(hypotheses(case))
