"""A lesson as it was run: its training, and its derivation compared before and after it. Knows no page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from inspect import signature
from typing import Any

import numpy as np

from tinygrad_edu.cells import Cell
from tinygrad_edu.comparison import Comparison, Row, compare
from tinygrad_edu.comparison.row import words_of
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.lessons import Formula, Lesson
from tinygrad_edu.lessons.lesson import Gradients, Params
from tinygrad_edu.program import labels_of
from tinygrad_edu.report.automatic import automatic_formulas
from tinygrad_edu.report.progress import progress
from tinygrad_edu.sweeps import history
from tinygrad_edu.tables import Table
from tinygrad_edu.training import Step
from tinygrad_edu.value import Value

KEPT = 2000


@dataclass(frozen=True)
class Run:
    """A lesson, trained and compared.

    Attributes
    ----------
    lesson : Lesson
    steps : sequence of Step
        The whole training; the first is the state before it.
    at_start, at_end : Comparison
        The derivation against the automatic gradients, at the parameters of the first and of the last step.
    training, comparing : float
        How many seconds each took.
    """

    lesson: Lesson
    steps: Sequence[Step]
    at_start: Comparison
    at_end: Comparison
    training: float
    comparing: float

    @property
    def ok(self) -> bool:
        """Whether every gradient agrees, before and after the training, or the known mistake is found."""
        ends = (self.at_start, self.at_end)
        if self.lesson.mistake:
            return all({*self.lesson.mistake} <= _messages(end).keys() for end in ends)
        return all(end.ok for end in ends)

    @property
    def compared(self) -> tuple[str, ...]:
        """The names of the gradients that were compared, from the objective back to the parameters."""
        return tuple(row.name for row in self.at_start.rows if row.verdict != "not-compared")

    @cached_property
    def by_hand(self) -> Gradients:
        """The derived gradients at the initial parameters."""
        return self.lesson.gradients_by_hand(self.steps[0].params)

    @cached_property
    def automatic(self) -> dict[str, Any]:
        """The automatic gradients of all named Values at the initial parameters."""
        nodes = history(recorded(self.lesson, self.steps[0].params))
        labels = labels_of(nodes)
        return {labels.name_of(node) or "": node.grad for node in nodes}

    @cached_property
    def written(self) -> dict[str, Formula]:
        """The formula that autodiff writes for each gradient of the derivation."""
        return automatic_formulas(self.lesson, self.steps[0].params)

    def table(self) -> Table:
        """One line per compared gradient: the verdicts and errors before and after the training."""
        rows = [
            (before.name, shape_of(before), judged(before), error_of(before), judged(after), error_of(after))
            for before, after in ((self.at_start[name], self.at_end[name]) for name in self.compared)
        ]
        last = f"step {self.steps[-1].number}"
        columns = ("gradient", "shape", "at the start", "relative error", f"at {last}", "relative error")
        compiled = ", compiled" if self.lesson.is_compiled else ""
        title = f"{self.lesson.title}: {course_of(self.steps)} ({self.training:.1f} s{compiled})"
        return Table(title, columns, rows, self.note())

    def note(self) -> str:
        """What the comparisons say in a sentence, what mistake was found, and the lesson's remark."""
        return " ".join(filter(None, (self._verdict(), self.lesson.remark)))

    def _verdict(self) -> str:
        if self.lesson.mistake and self.ok:
            told = " ".join(_messages(self.at_start)[kind] for kind in self.lesson.mistake)
            return f"{self.at_start.summary()} {told}"
        return self.at_start.summary() if self.ok else self._wrong()

    def to_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, numbers and texts, for JSON."""
        first, last = self.steps[0], self.steps[-1]
        return {
            "lesson": self.lesson.name,
            "ok": self.ok,
            "steps": last.number,
            "objective_before": first.objective,
            "objective": last.objective,
            "seconds": self.training,
            "compiled": self.lesson.is_compiled,
            "at_start": self.at_start.to_dict(),
            "at_end": self.at_end.to_dict(),
        }

    def _wrong(self) -> str:
        wrong = [each.summary() for each in (self.at_start, self.at_end) if not each.ok]
        return " ".join(dict.fromkeys(wrong)) or "The mistake that is known to be here was not found."


def run(lesson: Lesson, seed: int) -> Run:
    """Trains a lesson and compares its derivation at both ends of the training.

    Parameters
    ----------
    lesson : Lesson
    seed : int
        Of the random numbers that the parameters start from.

    Raises
    ------
    ArgumentError
        If the training diverges.
    """
    began = time.perf_counter()
    steps = train(lesson, seed)
    trained = time.perf_counter()
    at_start, at_end = (compared_at(lesson, step.params) for step in (steps[0], steps[-1]))
    return Run(lesson, steps, at_start, at_end, trained - began, time.perf_counter() - trained)


def train(lesson: Lesson, seed: int) -> list[Step]:
    """A training from the parameters of a seed: its steps, of a long one about `KEPT` of them and the last.

    Raises
    ------
    ArgumentError
        If the objective or a parameter stops being finite.
    """
    steps: list[Step] = []
    stride = max(1, lesson.steps // KEPT)
    with np.errstate(all="ignore"), progress(lesson.title, lesson.steps) as show:
        for step in lesson.train(start_of(lesson, seed)):
            if not (np.isfinite(step.objective) and _finite(step.params) and _finite(step.gradients)):
                raise ArgumentError(
                    f"the training of {lesson.name} diverged: at step {step.number} its numbers "
                    f"are no longer finite{_remedy(lesson)}."
                )
            if steps and steps[-1].number % stride:
                steps.pop()
            steps.append(step)
            show(step.number)
    return steps


def compared_at(lesson: Lesson, params: Mapping[str, Any]) -> Comparison:
    """The derivation of a lesson against the automatic gradients, at these parameters."""
    return compare(lesson.loss, lesson.by_hand, lesson.inputs(params))


def recorded(lesson: Lesson, params: Mapping[str, Any]) -> Value:
    """The objective at these parameters, with the gradients of everything before it."""
    values = {name: Value(array, name=name) for name, array in params.items()}
    loss: Value = lesson.objective(values)
    loss.backward()
    return loss


def start_of(lesson: Lesson, seed: int) -> Params:
    """The parameters before the training."""
    return lesson.initial(np.random.default_rng(seed))


def adjusted(lesson: Lesson, *, steps: int | None = None, rate: float | None = None) -> Lesson:
    """The lesson with another number of steps or another rate.

    Raises
    ------
    ArgumentError
        If a rate is given to a training that has none.
    """
    if steps is not None:
        lesson = replace(lesson, steps=steps)
    if rate is None:
        return lesson
    if not takes_rate(lesson):
        raise ArgumentError(f"{lesson.name} takes no rate: its training chooses its steps itself.")
    return replace(lesson, method=partial(lesson.method, rate=rate))


def takes_rate(lesson: Lesson) -> bool:
    """Whether the training of a lesson has a step size that can be chosen."""
    return "rate" in signature(lesson.method).parameters


def course_of(steps: Sequence[Step]) -> str:
    """How many steps were taken, and where the objective was before and after them."""
    first, last = steps[0], steps[-1]
    return f"{last.number:,} steps, objective from {first.objective:.4g} to {last.objective:.4g}"


def shape_of(row: Row) -> str:
    """The shape of a gradient, in words."""
    return "×".join(map(str, row.shape)) or "scalar"


def error_of(row: Row) -> str:
    """The relative error of a gradient in two digits."""
    return f"{row.max_relative_error:.1e}" if row.max_relative_error else "0"


def judged(row: Row) -> Cell:
    """The verdict on a gradient, in words."""
    return Cell(*words_of(row))


def _messages(comparison: Comparison) -> dict[str, str]:
    """What is said of each kind of mistake that explains the wrong gradients, the simplest first."""
    found: dict[str, str] = {}
    for finding in comparison.findings:
        for reading in (finding, *finding.alternatives):
            found.setdefault(reading.kind, reading.message)
    return found


def _finite(arrays: Mapping[str, Any]) -> bool:
    return all(bool(np.isfinite(array).all()) for array in arrays.values())


def _remedy(lesson: Lesson) -> str:
    if not takes_rate(lesson):
        return ""
    rate = getattr(lesson.method, "keywords", {}).get("rate")
    return f"; use a rate smaller than {rate:g}" if rate else "; use a smaller rate"
