"""Every derivation of the talk, held against finite differences of the plain-NumPy loss and the engine."""

import re

import numpy as np
import pytest

from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.transforms import value_and_grad
from tinygrad_edu.value import Value

each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
RIGHT = {name: lesson for name, lesson in LESSONS.items() if not lesson.mistake}
each_right_lesson = pytest.mark.parametrize("lesson", RIGHT.values(), ids=RIGHT.keys())
at_four_points = pytest.mark.parametrize(
    "seed", [None, 1, 2, 3], ids=["initial", "random 1", "random 2", "random 3"]
)


def parameters(lesson, seed):
    """The lesson's own starting point, or one drawn from a normal distribution."""
    params = lesson.initial(np.random.default_rng(0))
    if seed is None:
        return params
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=np.shape(value)) for name, value in params.items()}


def slope_along(lesson, params, direction, h=1e-5):
    """The central difference of the objective along a direction in parameter space."""
    ahead, behind = ({name: params[name] + sign * h * direction[name] for name in params} for sign in (1, -1))
    return (lesson.objective(ahead) - lesson.objective(behind)) / (2 * h)


def test_the_lessons_follow_the_talk():
    assert list(LESSONS) == [
        "neuron",
        "linear-regression",
        "xor",
        "xor-cross-entropy",
        "published-network",
        "batman",
        "batman-lbfgs",
        "extrapolation",
    ]


@each_lesson
def test_a_lesson_is_complete(lesson):
    params = lesson.initial(np.random.default_rng(0))
    intermediates = lesson.predict(params)
    defined = {formula.name for formula in lesson.definitions}
    assert LESSONS[lesson.name] is lesson
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", lesson.name)
    assert len(lesson.text.split()) > 30
    assert {*intermediates, "Q"} <= defined
    assert [formula.name for formula in lesson.gradients] == list(lesson.gradients_by_hand(params))
    assert set(lesson.gradients_by_hand(params)) == {*params, *intermediates}
    for formula in (*lesson.definitions, *lesson.gradients):
        assert formula.text
        assert formula.latex
        assert "$" not in formula.latex
        assert formula.latex.count("{") == formula.latex.count("}")
        assert formula.latex.count(r"\left") == formula.latex.count(r"\right")


@each_lesson
def test_each_hand_gradient_has_the_shape_of_what_it_is_the_gradient_of(lesson):
    params = lesson.initial(np.random.default_rng(0))
    shapes = {name: np.shape(value) for name, value in {**params, **lesson.predict(params)}.items()}
    assert {name: np.shape(g) for name, g in lesson.gradients_by_hand(params).items()} == shapes


@each_right_lesson
@at_four_points
def test_hand_gradients_equal_finite_differences(lesson, seed):
    params = parameters(lesson, seed)
    by_hand = lesson.gradients_by_hand(params)
    norm = np.sqrt(sum(np.sum(np.square(by_hand[name])) for name in params))
    rng = np.random.default_rng(7)
    for _ in range(20):
        direction = {name: rng.normal(size=np.shape(value)) for name, value in params.items()}
        expected = sum(np.sum(by_hand[name] * direction[name]) for name in params)
        assert slope_along(lesson, params, direction) == pytest.approx(expected, rel=1e-6, abs=1e-7 * norm)


@each_right_lesson
@at_four_points
def test_hand_gradients_equal_the_engines(lesson, seed):
    params = parameters(lesson, seed)
    objective, gradients = value_and_grad(lesson.objective)(params)
    by_hand = lesson.gradients_by_hand(params)
    assert objective == pytest.approx(lesson.objective(params), rel=1e-14)
    for name, gradient in gradients.items():
        assert np.linalg.norm(by_hand[name] - gradient) <= 1e-12 * np.linalg.norm(gradient), name


@each_lesson
def test_the_model_runs_unchanged_on_arrays_and_on_values(lesson):
    params = lesson.initial(np.random.default_rng(0))
    plain = lesson.predict(params)
    recorded = lesson.predict({name: Value(value) for name, value in params.items()})
    for name, value in plain.items():
        assert isinstance(recorded[name], Value)
        np.testing.assert_array_equal(recorded[name].data, value)
        assert recorded[name].name == name


@each_lesson
def test_training_starts_where_it_is_told_and_stops_when_it_is_told(lesson):
    params = lesson.initial(np.random.default_rng(0))
    steps = list(lesson.train(params, steps=2))
    assert (steps[0].number, steps[-1].number) == (0, 2)
    assert steps[0].objective == pytest.approx(lesson.objective(params), rel=1e-14)
    assert all(np.array_equal(steps[0].params[name], value) for name, value in params.items())
    assert lesson.steps > 2


@each_lesson
def test_predictions_can_be_asked_at_other_points(lesson):
    params = lesson.initial(np.random.default_rng(0))
    doubled = np.concatenate([lesson.data["x"]] * 2)
    for name, value in lesson.predict(params, x=doubled).items():
        np.testing.assert_allclose(value, np.concatenate([lesson.predict(params)[name]] * 2), rtol=1e-12)
