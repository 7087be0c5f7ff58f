"""The search: which hypotheses explain every element of the wrong rows at every probe, simplest first."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import counts_at, matching
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis, attempt
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Scene, Whole

Array = Any
PART = 1e-3
"""What may be left of a deviation that counts as explained."""
SECOND = 2.0
"""What a second mistake at the same place adds to the cost."""
ABSENT = 0.3
"""What it adds to the cost that the gradient in question was not given."""
SKIPPED = 0.05
"""And that nobody needs it, because ``p - y`` is written down at once."""


@dataclass(frozen=True)
class Explanation:
    """A hypothesis that is borne out.

    Attributes
    ----------
    hypothesis : Hypothesis
    rows : frozenset of int
        The rows it explains.
    cost : float
        How far-fetched it is.
    scenes : sequence of Scene
        At which probes.
    is_part : bool
        Whether it explains the rows only together with what is told next.
    is_further : bool
        Whether it explains them only beside mistakes that were assumed before.
    """

    hypothesis: Hypothesis
    rows: frozenset[int]
    cost: float
    scenes: Sequence[Scene]
    is_part: bool = False
    is_further: bool = False

    @property
    def mistakes(self) -> int:
        """How many slips it takes."""
        return 1 + len(self.hypothesis.also)


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
        self._partly: dict[tuple[int, frozenset[int]], frozenset[int]] = {}
        for hypothesis in candidates:
            self.tried.append(hypothesis)
            self._consider(hypothesis)

    def _consider(self, hypothesis: Hypothesis) -> None:
        try:
            rows = self.explained(hypothesis)
        except DOES_NOT_FIT:
            return
        if rows:
            self.found.append(self.explanation(hypothesis, rows))

    def explanation(self, hypothesis: Hypothesis, rows: frozenset[int]) -> Explanation:
        """That a hypothesis explains these rows, and how far-fetched that is in this case."""
        given = self.case.words.landmark(hypothesis.place) in self.case.scene.manual
        cost = hypothesis.cost + ABSENT * (not given and len(rows) == 1)
        cost += SKIPPED * (hypothesis.place in self.case.skipped)
        further = not rows.isdisjoint(self.case.touched)
        return Explanation(hypothesis, rows, cost, self.case.scenes, is_further=further)

    def explained(self, hypothesis: Hypothesis, others: frozenset[int] = frozenset()) -> frozenset[int]:
        """The wrong rows that a hypothesis explains at every probe; empty if it contradicts any row.

        In `others` are wrong rows that it may contradict, because a second mistake is to be sought there.
        """
        explained: set[int] = set()
        rounding: set[int] = set()
        contradicted: set[int] = set()
        for probe, scene in enumerate(self.case.scenes):
            agreed: set[int] = set()
            change = attempt(hypothesis, scene)
            if change is None or not _is_finite(change):
                return frozenset()
            predictions = scene.predictions(change)
            for row, gradient in predictions:
                if scene.agrees(row, gradient):
                    agreed.add(row)
                    if row in self.case.wrong:
                        left = scene.deviation(row, gradient)
                        if left < PART * scene.deviation(row, scene.arrived[row]):
                            explained.add(row)
                        elif scene.is_rounding(row):
                            rounding.add(row)
                elif row in others:
                    contradicted.add(row)
                else:
                    self._note_compound(hypothesis, probe, scene, [(row, gradient), *predictions])
                    return frozenset()
            if agreed <= contradicted:  # the other probes cannot bring any row back
                return frozenset()
        return frozenset((explained | rounding if explained else explained) - contradicted)

    def partly(self, hypothesis: Hypothesis, others: frozenset[int]) -> frozenset[int]:
        """The same for one that was tried, beside a second mistake; computed once."""
        key = id(hypothesis), others
        if key not in self._partly:
            self._partly[key] = self.explained(hypothesis, others)
        return self._partly[key]

    def _note_compound(
        self, hypothesis: Hypothesis, probe: int, scene: Scene, predictions: Iterable[tuple[int, Array]]
    ) -> None:
        """Keep in mind a hypothesis that gives a wrong row up to a factor: the first of several numbers."""
        if hypothesis.also:
            return
        for row, gradient in predictions:
            m = scene.manual[row]
            if row not in self.case.wrong or np.shape(gradient) != m.shape:
                return
            size = float((gradient * gradient).sum())
            if m.size > 1 and size and math.isfinite(size):
                factor = float((gradient * m).sum()) / size
                if factor and scene.agrees(row, factor * gradient):
                    self.compounds.append(Compound(hypothesis, factor, probe))
                return

    def rows_below(self, place: int) -> set[int]:
        """The wrong rows that a mistake at a place may spoil."""
        return self.case.below(place) & self.case.wrong

    def compound_explanations(self) -> list[Explanation]:
        """Two mistakes at one place, the second of which is a sign or a constant factor."""
        table = self.case.factors if self.compounds else []
        found = []
        for compound in self.compounds:
            options = [("sign", (-1.0,) * len(self.case.scenes), "besides, the sign is wrong", 0.5)]
            if abs(compound.factor + 1) > 1e-5:
                counts = counts_at(self.case.scenes, compound.hypothesis.place)
                options = [
                    ("constant-factor", r.values, r.sentence("besides, what is left"), 1 + r.cost)
                    for r in matching(table, compound.factor, compound.probe, counts)
                ]
            for kind, values, text, cost in options:
                hypothesis = _scaled(self.case, compound.hypothesis, kind, values, text, cost)
                rows = self.explained(hypothesis)
                if rows:
                    found.append(self.explanation(hypothesis, rows))
        return found


def _is_finite(change: Change) -> bool:
    return all(np.isfinite(x.gradient if isinstance(x, Whole) else x).all() for x in change.values())


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
