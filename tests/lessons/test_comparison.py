"""`compare` finds every line of each derivation right, and one with the wrong sign wrong."""

import numpy as np
import pytest

from tinygrad_edu.comparison import compare
from tinygrad_edu.lessons import LESSONS

RIGHT = {name: lesson for name, lesson in LESSONS.items() if not lesson.mistake}
each_right_lesson = pytest.mark.parametrize("lesson", RIGHT.values(), ids=RIGHT.keys())


@each_right_lesson
def test_compare_finds_every_line_of_the_derivation_right(lesson):
    comparison = compare(lesson.loss, lesson.by_hand, lesson.inputs(lesson.initial(np.random.default_rng(0))))
    comparison.raise_if_wrong()
    verdicts = {row.name: row.verdict for row in comparison.rows}
    assert {verdicts[formula.name] for formula in lesson.gradients} <= {"correct", "rounding"}


@each_right_lesson
def test_compare_finds_the_derivation_wrong_when_one_sign_is(lesson):
    inputs = lesson.inputs(lesson.initial(np.random.default_rng(0)))
    last = lesson.gradients[-1].name
    manual = {**lesson.gradients_by_hand(lesson.initial(np.random.default_rng(0)))}
    manual[last] = -manual[last]
    comparison = compare(lesson.loss, lambda: manual, inputs, probes=lambda rng: inputs)
    assert {row.name for row in comparison.rows if row.verdict in {"own", "inherited"}} == {last}
