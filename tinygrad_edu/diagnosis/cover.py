"""As few mistakes as possible for all wrong rows: one for many, one for each, or two that meet."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from tinygrad_edu.diagnosis.catalogue import hypotheses, last_hypotheses, of_graph, of_numbers
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, reaching
from tinygrad_edu.diagnosis.search import Explanation, Search

ATTEMPTS = 5
"""How many sets of rows that one mistake may explain are tried."""
FIRST_MISTAKES = 40
SIMPLE = 1.6
"""How many hypotheses are tried as the first of two mistakes at one place, and how far-fetched ones."""
MEETING = frozenset(
    {
        *(
            "missing-derivative",
            "repeated-derivative",
            "wrong-point",
            "wrong-activation",
            "power-slip",
            "mask",
        ),
        *(
            "lost-path",
            "lost-statistics",
            "operand",
            "transposed",
            "missing-sum",
            "mean-for-sum",
            "overwritten",
        ),
        *("sign", "constant-factor", "double-path", "regularisation", "diagonal-only"),
    }
)
"""Kinds that are looked for two at a time; further ones would explain nearly anything by pairs."""

Group = list[Explanation]
"""Everything that explains the same rows, simplest first."""


def explanations(case: Case) -> list[Group]:
    """A group for each mistake, as few mistakes as possible; what is not explained is left out."""
    search = Search(case, hypotheses(case))
    remaining = set(case.wrong)
    groups = list(_chosen(search.found, remaining))
    if remaining:
        groups += _chosen(search.compound_explanations(), remaining)
    mistakes = _count(groups) + len(remaining)
    if mistakes > 1:
        shared = _shared(search, mistakes)
        if shared is not None:
            return shared
    if remaining:
        later = replace(case, wrong=frozenset(remaining))
        groups += _chosen(Search(later, last_hypotheses(later)).found, remaining)
    if remaining:
        meeting = list(_pairs(search, remaining))
        told = {row for group in meeting for row in group[0].rows}
        groups = [*(group for group in groups if not group[0].rows <= told), *meeting]
    doubtful = [group for group in groups if _is_doubtful(case, group[0], remaining)]
    freed = {row for group in doubtful for row in group[0].rows}
    certain = [one for one in search.found if not one.hypothesis.measured]
    return [*(group for group in groups if group not in doubtful), *_chosen(certain, freed)]


def _count(groups: Sequence[Group]) -> int:
    """How many slips the simplest explanations take."""
    return sum(group[0].mistakes for group in groups)


def _is_doubtful(case: Case, explanation: Explanation, unexplained: Collection[int]) -> bool:
    """Whether a number was fitted to some rows, and what spoils others, unexplained, may spoil these too."""
    if not explanation.hypothesis.measured:
        return False
    above = reaching(case.scene, explanation.rows) - case.scene.manual.keys()
    return bool(above & reaching(case.scene, unexplained))


def _shared(search: Search, mistakes: int) -> list[Group] | None:
    """A mistake that explains several rows, beside others; None if that takes as many mistakes."""
    case = search.case
    partial: dict[tuple[frozenset[int], frozenset[int]], Group] = {}
    for hypothesis in search.tried:
        below = frozenset(search.rows_below(hypothesis.place))
        if len(below) > 1 and not hypothesis.also:
            rows = search.partly(hypothesis, case.wrong)
            if rows < case.wrong and (len(rows) > 1 or (rows and hypothesis.kind in MEETING)):
                partial.setdefault((rows, below), []).append(search.explanation(hypothesis, rows))
    most = sorted(partial, key=lambda key: (len(key[0]), len(key[1])), reverse=True)
    for rows, below in most[:ATTEMPTS]:
        group = sorted(partial[rows, below], key=_order)
        try:
            later = _after(case, group[0].hypothesis, rows)
        except DOES_NOT_FIT:
            continue
        rest = explanations(later)
        unexplained = later.wrong.difference(*(group[0].rows for group in rest))
        if 1 + _count(rest) + len(unexplained) < mistakes:
            return [group, *rest]
    return None


def _after(case: Case, hypothesis: Hypothesis, rows: frozenset[int]) -> Case:
    """What is left to be explained once a mistake is taken into account."""
    scenes = [scene.after(hypothesis.change(scene) or {}) for scene in case.scenes]
    touched = case.touched | case.below(hypothesis.place)
    return replace(case, scenes=scenes, wrong=case.wrong - rows, touched=touched)


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
    unchanged = [h for h in of_graph(case) if _may_meet(h, case)]
    for first in _firsts(search, case):
        try:
            rows = search.partly(first, case.wrong)
            if len(remaining) > 1 and not rows:
                continue
            if rows == case.wrong:
                continue
            later = _after(case, first, rows)
        except DOES_NOT_FIT:
            continue
        left = set(later.wrong)
        seconds = list(_chosen(Search(later, _seconds(later, first, unchanged)).found, left))
        if seconds and not left:
            yield [Explanation(first, rows or case.wrong, first.cost, case.scenes, is_part=not rows)]
            yield from seconds
            remaining.clear()
            return


def _firsts(search: Search, case: Case) -> list[Hypothesis]:
    """What is tried as the first of two mistakes, simplest first."""
    simple = (h for h in search.tried if h.kind in MEETING and not h.also and not h.measured)
    fitting = sorted(simple, key=lambda h: h.cost)
    return fitting if len(case.wrong) > 1 else [h for h in fitting if h.cost <= SIMPLE][:FIRST_MISTAKES]


def _seconds(case: Case, first: Hypothesis, unchanged: Sequence[Hypothesis]) -> Iterator[Hypothesis]:
    """What is tried as the other one: what it changes must not flow through where the first one was made.

    `unchanged` is what does not depend on the first.
    """
    for hypothesis in (*of_numbers(case), *unchanged):
        if hypothesis.place > first.place:
            continue
        same = (hypothesis.kind, hypothesis.place) == (first.kind, first.place)
        if _may_meet(hypothesis, case) and not same:
            yield hypothesis


def _may_meet(hypothesis: Hypothesis, case: Case) -> bool:
    fitting = hypothesis.kind in MEETING and not hypothesis.measured
    return fitting and (hypothesis.cost <= SIMPLE or len(case.wrong) > 1)
