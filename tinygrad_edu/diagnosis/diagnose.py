"""From wrong rows to findings: the search, told in sentences with the user's names."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.corrections import correction
from tinygrad_edu.diagnosis.cover import explanations
from tinygrad_edu.diagnosis.finding import Finding
from tinygrad_edu.diagnosis.hypotheses import Case
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.search import Explanation
from tinygrad_edu.diagnosis.words import Words

Array = Any
SCALED = ("sign", "constant-factor", "double-path")
"""Mistakes that may as well have been made further up, and handed on."""
Told = tuple[int, Finding, frozenset[int]]

SLIGHT = 3e-6
"""Relative to each element, a deviation of numbers typed in or measured: no mistake of a derivation."""


def diagnose(scenes: Sequence[Scene], names: Mapping[int, str], wrong: Collection[int]) -> Iterator[Told]:
    """The mistakes that made rows wrong.

    Parameters
    ----------
    scenes : sequence of Scene
        The probes, in which the same places correspond.
    names : mapping
        The names of the Values and plain arrays of the first probe, by identity.
    wrong : collection of int
        The places of the manual gradients that are wrong by a mistake of their own.

    Yields
    ------
    place : int
        Where the mistake is: the Value whose gradient is the first wrong one because of it.
    finding : Finding
        What it is; of kind ``"unexplained"`` where nothing in the catalogue explains every element.
    rows : frozenset of int
        The places of the manual gradients that it explains.
    """
    words = Words(scenes[0], names)
    readable = {row for row in wrong if all(np.all(np.isfinite(scene.manual[row])) for scene in scenes)}
    remaining = {row for row in readable if not all(_is_slight(scene, row) for scene in scenes)}
    slight = readable - remaining
    with np.errstate(all="ignore"):
        for trusting in (True, False):
            if remaining and (trusting or _is_wrong_above(scenes)):
                seen = scenes if trusting else [scene.of_truth() for scene in scenes]
                case = Case(seen, words, frozenset(remaining))
                for group in explanations(case):
                    remaining -= group[0].rows
                    yield from _told(case, group)
    for row in sorted({*wrong} - (readable - remaining - slight), reverse=True):
        yield row, _unexplained(scenes, words, row), frozenset({row})


def _told(case: Case, group: Sequence[Explanation]) -> Iterator[Told]:
    """The simplest explanation, the others as its alternatives; one more finding for each further kind."""
    best = group[0]
    place = case.words.landmark(best.hypothesis.place)
    told: dict[tuple[str, str, str], Finding] = {}
    for explanation in group:
        finding = _finding(case, explanation)
        told.setdefault((finding.kind, finding.node, finding.message), finding)
    first, *others = told.values()
    *before, last = [(first.kind, first.message), *((k, _sentence(text)) for k, text in best.hypothesis.also)]
    for kind, message in before:
        yield place, replace(first, kind=kind, message=message, elements=0), best.rows
    kind, message = last
    together = first.together or bool(before)
    yield (
        place,
        replace(first, kind=kind, message=message, alternatives=tuple(others), together=together),
        best.rows,
    )


def _is_wrong_above(scenes: Sequence[Scene]) -> bool:
    """Whether a wrong gradient was handed on, or taken for another one: then the truth is another picture."""
    wrong = {row for scene in scenes for row in scene.manual if not scene.is_right(row)}
    return len(wrong) > 1 or not all(scenes[0].nodes[row].is_leaf for row in wrong)


def _finding(case: Case, explanation: Explanation) -> Finding:
    hypothesis, words = explanation.hypothesis, case.words
    place = words.landmark(hypothesis.place)
    after, before = 0.0, 0.0
    for scene in explanation.scenes:
        change = hypothesis.change(scene)
        assert change is not None
        for row, gradient in scene.predictions(change):
            if row in explanation.rows:
                after = max(after, _share(scene, row, gradient))
                before = max(before, _share(scene, row, scene.arrived[row]))
    return Finding(
        hypothesis.kind,
        words.name(place),
        _sentence(hypothesis.says()),
        correction(case, place, complete=hypothesis.kind in SCALED and not explanation.is_further),
        after,
        before=before,
        elements=0
        if explanation.is_part
        else sum(scene.manual[row].size for scene in case.scenes for row in explanation.rows),
        probes=len(case.scenes),
        rows=tuple(words.name(row) for row in sorted(explanation.rows, reverse=True)),
        uses=tuple((edge.node, edge.position) for edge in hypothesis.edges),
        place=words.name(hypothesis.place if len(explanation.rows) > 1 else place),
        together=explanation.is_further,
    )


def _unexplained(scenes: Sequence[Scene], words: Words, row: int) -> Finding:
    name, scene = words.name(row), scenes[0]
    scene = max(scenes, key=lambda s: s.deviation(row, s.arrived[row]))
    m, right = scene.manual[row], scene.arrived[row]
    before, line = _share(scene, row, right), correction(Case(scenes, words, frozenset({row})), row)
    if np.shape(m) != scene.nodes[row].shape:
        message = f"the gradient of {name} has shape {np.shape(m)}, and it must have {scene.nodes[row].shape}"
    elif not np.all(np.isfinite(m)):
        message = (
            f"the gradient of {name} is not finite: {_how_many(~np.isfinite(m))} infinite or not a number"
        )
    elif right is not None and not np.all(np.isfinite(right)):
        message = (
            f"the automatic gradient of {name} is itself infinite or not a number here, because numbers on "
            "the way are: compare at other inputs"
        )
        line = ""
    elif right is None or not np.any(right):
        message = f"the gradient of {name} must be 0, and {_how_many(m != 0)} not"
    elif _is_slight(scene, row):
        message = (
            f"the gradient of {name} deviates by up to {before:.1e} of its size: more than rounding, and "
            "less than a mistake in a derivation makes; was it typed in, or found by differences?"
        )
    else:
        size = float(np.max(np.abs(right), initial=0))
        off = ~np.isclose(m, right, rtol=1e-6, atol=1e-9 * size)
        times = _times(scenes, row)
        wrong = f"{_how_many(off)} wrong" if times is None else f"it is {times:.4g} times what it must be"
        message = f"no known mistake explains the gradient of {name}: {wrong}"
    return Finding(
        "unexplained",
        name,
        _sentence(message),
        line,
        before,
        before=before,
        elements=sum(s.manual[row].size for s in scenes),
        probes=len(scenes),
        rows=(name,),
        place=name,
    )


def _share(scene: Scene, row: int, gradient: Array) -> float:
    """How far a manual gradient is from another one, relative to the true one."""
    off, right = scene.deviation(row, gradient), scene.truth[row]
    size = 0.0 if right is None else float(np.max(np.abs(right), initial=0))
    return off / size if size else math.inf if off else 0.0


def _how_many(elements: Array) -> str:
    """``3 of its 7 elements are``."""
    count = int(np.sum(elements))
    if np.size(elements) == 1:
        return "it is"
    return f"{count} of its {np.size(elements)} elements {'is' if count == 1 else 'are'}"


def _times(scenes: Sequence[Scene], row: int) -> float | None:
    """What every element of a manual gradient is too large by, at every point; None if that differs."""
    found = None
    for scene in scenes:
        m, right = scene.manual[row], scene.arrived[row]
        size = 0.0 if right is None or np.shape(m) != np.shape(right) else float(np.sum(right * right))
        if not size or not np.isfinite(size) or not np.all(np.isfinite(m)):
            return None
        times = float(np.sum(m * right)) / size if found is None else found
        if sum(s.manual[row].size for s in scenes) < 2 or not scene.agrees(row, times * right):
            return None
        found = times
    return found


def _is_slight(scene: Scene, row: int) -> bool:
    """Whether a manual gradient is almost right in every element."""
    m, right = scene.manual[row], scene.arrived[row]
    if right is None or np.shape(m) != np.shape(right):
        return False
    return bool(np.all(np.abs(m - right) <= SLIGHT * np.abs(right)))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('?') else '.'}"
