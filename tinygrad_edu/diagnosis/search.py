"""The search: which hypotheses explain every element of the wrong rows at every probe, simplest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.diagnosis.catalogue import hypotheses, last_hypotheses
from tinygrad_edu.diagnosis.constants import alike, matching, readings
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis, attempt
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Scene, Whole

PART = 1e-3
"""What may be left of a deviation that counts as explained."""
SECOND = 2.0
"""What a second mistake at the same place adds to the cost."""
ATTEMPTS = 5
"""How many sets of rows that one mistake may explain are tried."""
FIRST_MISTAKES = 40
SIMPLE = 1.6
"""How many hypotheses are tried as the first of two mistakes at one place, and how far-fetched they may be."""
MEETING = frozenset(
    {
        *("missing-derivative", "repeated-derivative", "wrong-point", "wrong-activation", "power-slip", "mask"),
        *("lost-path", "lost-statistics", "operand", "transposed", "missing-sum", "mean-for-sum", "overwritten"),
        *("sign", "constant-factor", "double-path", "regularisation", "diagonal-only"),
    }
)
"""Kinds that are looked for two at a time; further ones would explain nearly anything by pairs."""
ABSENT = 0.3
"""What it adds to the cost that the gradient in question was not given."""


@dataclass(frozen=True)
class Explanation:
    """A hypothesis that is borne out: the rows that it explains, how far-fetched it is there, and at which probes."""

    hypothesis: Hypothesis
    rows: frozenset[int]
    cost: float
    scenes: Sequence[Scene]


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
        return Explanation(hypothesis, rows, hypothesis.cost + ABSENT * (not given and len(rows) == 1), self.case.scenes)

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

    def rows_below(self, place: int) -> set[int]:
        """The wrong rows that a mistake at a place may spoil."""
        return self.case.below(place) & self.case.wrong

    def compound_explanations(self) -> list[Explanation]:
        """Two mistakes at one place, the second of which is a sign or a constant factor."""
        table = readings(self.case.scenes, self.case.words) if self.compounds else []
        found = []
        for compound in self.compounds:
            options = [("sign", (-1.0,) * len(self.case.scenes), "besides, the sign is wrong", 0.5)]
            if abs(compound.factor + 1) > 1e-5:
                options = [
                    ("constant-factor", r.values, f"besides, the factor {r.text} is too much", 1 + r.cost)
                    for r in alike(matching(table, compound.factor, compound.probe))
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
        hypothesis.says,
        hypothesis.cost + cost + SECOND,
        also=((kind, text),),
        edges=hypothesis.edges,
    )


Group = list[Explanation]
"""Everything that explains the same rows, simplest first."""


def explanations(case: Case) -> list[Group]:
    """A group for each mistake, as few mistakes as possible; what is not explained is left out."""
    search = Search(case, hypotheses(case))
    remaining = set(case.wrong)
    groups = list(_chosen(search.found, remaining))
    if remaining:
        groups += _chosen(search.compound_explanations(), remaining)
    if len(groups) + len(remaining) > 1:
        shared = _shared(search, len(groups) + len(remaining))
        if shared is not None:
            return shared
    if remaining:
        later = replace(case, wrong=frozenset(remaining))
        groups += _chosen(Search(later, last_hypotheses(later)).found, remaining)
    if remaining:
        groups += _pairs(search, remaining)
    return groups


def _shared(search: Search, mistakes: int) -> list[Group] | None:
    """A mistake that explains several rows, beside others in further rows; None if that takes as many mistakes."""
    case = search.case
    partial: dict[frozenset[int], Group] = {}
    for hypothesis in search.tried:
        if len(search.rows_below(hypothesis.place)) > 1 and not hypothesis.also:
            rows = search.explained(hypothesis, case.wrong)
            if 1 < len(rows) < len(case.wrong):
                partial.setdefault(rows, []).append(Explanation(hypothesis, rows, hypothesis.cost, case.scenes))
    for rows in sorted(partial, key=len, reverse=True)[:ATTEMPTS]:
        group = sorted(partial[rows], key=_order)
        try:
            later = _after(case, group[0].hypothesis, rows)
        except DOES_NOT_FIT:
            continue
        rest = explanations(later)
        unexplained = later.wrong.difference(*(group[0].rows for group in rest))
        if 1 + len(rest) + len(unexplained) < mistakes:
            return [group, *rest]
    return None


def _after(case: Case, hypothesis: Hypothesis, rows: frozenset[int]) -> Case:
    """What is left to be explained once a mistake is taken into account."""
    scenes = [scene.after(hypothesis.change(scene) or {}) for scene in case.scenes]
    return replace(case, scenes=scenes, wrong=case.wrong - rows)


def _chosen(found: Sequence[Explanation], remaining: set[int]) -> Iterator[Group]:
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


def _pairs(search: Search, remaining: set[int]) -> Iterator[Group]:
    """Two mistakes that meet in some row: the first one is assumed, the second one sought."""
    case = replace(search.case, wrong=frozenset(remaining))
    for first in _firsts(search, case):
        try:
            rows = search.explained(first, case.wrong)
            if len(remaining) > 1 and not rows:
                continue
            if rows == case.wrong:
                continue
            later = _after(case, first, rows)
        except DOES_NOT_FIT:
            continue
        left = set(later.wrong)
        seconds = list(_chosen(Search(later, _seconds(later, first)).found, left))
        if seconds and not left:
            yield [Explanation(first, rows or case.wrong, first.cost, case.scenes)]
            yield from seconds
            remaining.clear()
            return


def _firsts(search: Search, case: Case) -> list[Hypothesis]:
    """What is tried as the first of two mistakes, simplest first."""
    fitting = sorted((h for h in search.tried if h.kind in MEETING and not h.also), key=lambda h: h.cost)
    return fitting if len(case.wrong) > 1 else [h for h in fitting if h.cost <= SIMPLE][:FIRST_MISTAKES]


def _seconds(case: Case, first: Hypothesis) -> Iterator[Hypothesis]:
    """What is tried as the other one."""
    alone = len(case.wrong) == 1
    for hypothesis in hypotheses(case):
        same = (hypothesis.kind, hypothesis.place) == (first.kind, first.place)
        if hypothesis.kind in MEETING and not same and (hypothesis.cost <= SIMPLE or not alone):
            yield hypothesis
