"""Descents against closed formulas and loops by hand, minimisers against the least-squares solution."""

import builtins
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, DivergenceError, MissingPackageError

X = np.array([0.12, 0.24, 0.013, 0.5, 0.9])
Y = np.array([1.5, 2.75, 0.5, 4.25, 9.0])
RATE = 0.25


def quadratic(params):
    return (params["x"] - 3) ** 2


def regression(theta):
    return np.mean((theta["slope"] * X + theta["base"] - Y) ** 2) / 2


def gradients(theta):
    """By hand, in the order of operations of reverse mode."""
    delta = 2 * (theta["slope"] * X + theta["base"] - Y) * (0.5 / len(X))
    return {"slope": np.sum(delta * X), "base": np.sum(delta)}


def by_hand(move, steps=20):
    """All parameters at each step; `move(name, t, g)` is what is subtracted."""
    theta = {"slope": np.float64(0.3), "base": np.float64(-1.0)}
    yield theta
    for t in range(1, steps + 1):
        g = gradients(theta)
        theta = {name: theta[name] - move(name, t, g[name]) for name in theta}
        yield theta


def assert_same_course(descent, course):
    for step, theta in zip(descent, course, strict=True):
        for name in theta:
            np.testing.assert_allclose(step.params[name], theta[name], rtol=1e-13)


START = {"slope": 0.3, "base": -1.0}


# ---- the three descents --------------------------------------------------------------------------


def test_gradient_descent_on_a_parabola_follows_the_closed_formula_bit_for_bit():
    for step in tg.gradient_descent(quadratic, {"x": 0.0}, rate=0.25, steps=30):
        assert step.params["x"] == 3 - 3 * 0.5**step.number
        assert step.objective == 9 * 0.25**step.number
        assert step.gradients["x"] == -6 * 0.5**step.number


def test_gradient_descent_is_the_loop_by_hand():
    assert_same_course(tg.gradient_descent(regression, START, RATE, 20), by_hand(lambda name, t, g: RATE * g))


def test_gradient_descent_is_bit_for_bit_the_loop_over_the_gradients():
    theta, both = dict(START), tg.value_and_grad(regression)
    for step in tg.gradient_descent(regression, START, RATE, 20):
        value, g = both(theta)
        assert (step.params, step.objective, step.gradients) == (theta, float(value), g)
        theta = {name: theta[name] - RATE * g[name] for name in theta}


def test_momentum_is_the_loop_by_hand():
    velocity = {"slope": 0.0, "base": 0.0}

    def move(name, t, g):
        velocity[name] = 0.8 * velocity[name] + g
        return RATE * velocity[name]

    assert_same_course(tg.momentum(regression, START, RATE, 20, decay=0.8), by_hand(move))


def test_adam_is_the_loop_by_hand():
    m, v = {"slope": 0.0, "base": 0.0}, {"slope": 0.0, "base": 0.0}

    def move(name, t, g):
        m[name] = 0.8 * m[name] + 0.2 * g
        v[name] = 0.9 * v[name] + 0.1 * g**2
        return RATE * (m[name] / (1 - 0.8**t)) / (np.sqrt(v[name] / (1 - 0.9**t)) + 1e-6)

    descent = tg.adam(regression, START, RATE, 20, decay=(0.8, 0.9), epsilon=1e-6)
    assert_same_course(descent, by_hand(move))


@pytest.mark.parametrize("slope", [1e-3, 1.0, -1e6])
def test_adam_moves_by_its_rate_along_a_straight_line(slope):
    course = [step.params for step in tg.adam(lambda p: slope * p, 0.0, rate=0.5, steps=5, epsilon=0)]
    np.testing.assert_allclose(course, -np.sign(slope) * 0.5 * np.arange(6), rtol=1e-13)


# ---- what all three have in common ---------------------------------------------------------------

each_descent = pytest.mark.parametrize("descent", [tg.gradient_descent, tg.momentum, tg.adam])


@each_descent
def test_all_parameters_move_at_the_same_time(descent):
    first, second = descent(lambda p: p[0] * p[1], (2.0, 5.0), 0.1, 1)
    assert first.gradients == (5.0, 2.0)
    moved = 2.0 - second.params[0]
    assert moved > 0
    alone = list(descent(lambda p: 2.0 * p, 5.0, 0.1, 1))[1].params
    assert second.params[1] == alone


@each_descent
def test_steps_are_numbered_from_0_and_know_where_they_stand(descent):
    steps = list(descent(regression, START, RATE, 3))
    assert [step.number for step in steps] == [0, 1, 2, 3]
    for step in steps:
        assert step.objective == regression(step.params)
        assert isinstance(step.objective, float)
        assert step.gradients["base"] == pytest.approx(gradients(step.params)["base"], rel=1e-13)


@each_descent
def test_no_steps_give_the_starting_point_only(descent):
    (step,) = descent(quadratic, {"x": 1.0}, 0.1, 0)
    assert (step.number, step.params) == (0, {"x": 1.0})


@each_descent
def test_the_callers_arrays_and_earlier_steps_are_not_changed(descent):
    start = {"w": np.array([1.0, 2.0])}
    steps = list(descent(lambda p: np.sum(p["w"] ** 2), start, 0.1, 2))
    assert start["w"].tolist() == [1.0, 2.0] == steps[0].params["w"].tolist()
    assert steps[1].params["w"].tolist() != steps[2].params["w"].tolist()


@each_descent
def test_the_structure_of_the_parameters_is_kept(descent):
    class Layer(NamedTuple):
        W: Any
        b: Any

    start = {"layers": [Layer(np.ones((2, 2)), np.zeros(2))], "rest": (1.0, None)}

    def loss(params):
        layer = params["layers"][0]
        return np.sum((layer.W @ layer.b - 1) ** 2) * params["rest"][0] ** 2

    _, step = descent(loss, start, 0.1, 1)
    for tree in (step.params, step.gradients):
        assert list(tree) == ["layers", "rest"]
        assert isinstance(tree["layers"][0], Layer)
        assert tree["layers"][0].W.shape == (2, 2)
        assert isinstance(tree["rest"], tuple)
        assert tree["rest"][1] is None


@each_descent
def test_single_precision_stays_single(descent):
    start = {"w": np.array([1.0, 2.0], dtype=np.float32), "b": np.float32(0.5)}
    *_, step = descent(lambda p: np.mean((p["w"] + p["b"]) ** 2), start, np.float64(0.1), 3)
    assert {step.params["w"].dtype, step.params["b"].dtype, step.gradients["w"].dtype} == {
        np.dtype("float32")
    }


@each_descent
def test_each_descent_starts_afresh_and_can_be_left_at_any_time(descent):
    first = descent(regression, START, RATE, 1000)
    assert [next(first).number for _ in range(3)] == [0, 1, 2]
    assert [step.number for step in descent(regression, START, RATE, 1)] == [0, 1]


@each_descent
@pytest.mark.parametrize(
    ("setting", "bad", "rule"),
    [
        *(("rate", x, "the rate of a descent is a positive number.") for x in (0, -0.1, np.nan, np.inf)),
        *(("steps", x, "the number of steps is 0 or more, and whole.") for x in (-1, 2.5, np.nan, np.inf)),
    ],
)
def test_bad_rates_and_steps_are_refused_before_the_first_step(descent, setting, bad, rule):
    with pytest.raises(ArgumentError, match=f"^{setting}={bad}: {rule}\n"):
        descent(quadratic, {"x": 0.0}, **{"rate": 0.1, "steps": 1, setting: bad})


@pytest.mark.parametrize("bad", [-0.1, 1, 1.5, np.nan])
def test_a_decay_outside_of_0_to_1(bad):
    interval = "from 0 up to, but not including, 1."
    with pytest.raises(ArgumentError, match=f"^decay={bad}: momentum decays by a factor {interval}\n"):
        tg.momentum(quadratic, {"x": 0.0}, 0.1, 1, decay=bad)
    with pytest.raises(ArgumentError, match=rf"^decay=\(0.9, {bad}\): both factors lie {interval}\n"):
        tg.adam(quadratic, {"x": 0.0}, 0.1, 1, decay=(0.9, bad))


# ---- the bridge to SciPy -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG", "SLSQP"])
def test_minimize_finds_the_least_squares_solution(method):
    pytest.importorskip("scipy")
    slope, base = np.polyfit(X, Y, 1)
    best = tg.minimize(regression, START, method=method)
    assert best.params["slope"] == pytest.approx(slope, rel=1e-3)
    assert best.params["base"] == pytest.approx(base, rel=1e-3)
    assert best.objective == pytest.approx(regression({"slope": slope, "base": base}), rel=1e-6)
    assert best.converged


def test_minimize_keeps_structure_reports_iterations_and_heeds_options():
    pytest.importorskip("scipy")
    start = {"w": np.full((2, 3), 5.0), "rest": (np.array([1.0]), 2.0, None)}
    seen = []

    def loss(p):
        return np.sum(p["w"] ** 4) + np.sum(p["rest"][0] ** 2) + (p["rest"][1] - 1) ** 4

    best = tg.minimize(loss, start, callback=seen.append, maxiter=3)
    assert (best.steps, best.converged, len(seen)) == (3, False, 3)
    for params in (best.params, seen[-1]):
        assert params["w"].shape == (2, 3)
        assert params["rest"][0].shape == (1,)
        assert np.shape(params["rest"][1]) == ()
        assert params["rest"][2] is None
    assert start["w"].tolist() == np.full((2, 3), 5.0).tolist()


def test_minimize_of_integers_and_at_its_minimum():
    pytest.importorskip("scipy")
    best = tg.minimize(quadratic, {"x": 3})
    assert (best.params, best.objective, best.steps, best.converged) == ({"x": 3.0}, 0.0, 0, True)


def test_without_scipy(monkeypatch):
    real = builtins.__import__

    def all_but_scipy(name, *args, **kwargs):
        if name.split(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", all_but_scipy)
    with pytest.raises(MissingPackageError) as raised:
        tg.minimize(quadratic, {"x": 0.0})
    assert str(raised.value) == (
        "tg.minimize needs scipy, which is not installed: pip install 'tinygrad-edu[train]'."
    )


def test_a_descent_that_diverges_shows_the_step_and_stops():
    seen = []
    descent = tg.gradient_descent(lambda p: np.sum(p["x"] ** 4), {"x": np.ones(2)}, rate=10.0, steps=99)
    with pytest.raises(DivergenceError) as raised, np.errstate(over="ignore", invalid="ignore"):
        seen.extend(step.objective for step in descent)
    assert all(map(np.isfinite, seen[:-1]))
    assert seen[-1] == np.inf
    assert str(raised.value) == (
        f"The objective is inf after {len(seen) - 1} updates: the descent has left the finite numbers. Try a "
        "rate smaller than 10, or look for the operation that overflows."
    )


def test_nothing_to_descend_in():
    for descend in (lambda: tg.gradient_descent(quadratic, {}, 0.1, 1), lambda: tg.minimize(quadratic, {})):
        with pytest.raises(ArgumentError, match=r"params=\{\} holds no numbers"):
            descend()


def test_a_method_that_scipy_does_not_have():
    with pytest.raises(ArgumentError) as raised:
        tg.minimize(quadratic, {"x": 0.0}, method="foo")
    assert str(raised.value) == (
        "method='foo': SciPy has no such method. Those that use a gradient: CG, BFGS, L-BFGS-B, TNC, SLSQP."
    )


@pytest.mark.parametrize(
    ("descent", "arguments", "message"),
    [
        (tg.gradient_descent, {"rate": "a"}, "^rate='a': the rate of a descent is a positive number"),
        (tg.gradient_descent, {"rate": np.ones(2)}, "the rate of a descent is a positive number"),
        (tg.gradient_descent, {"steps": None}, "^steps=None: the number of steps is 0 or more, and whole"),
        (tg.momentum, {"decay": "a"}, "^decay=a: momentum decays by a factor"),
        (tg.adam, {"decay": 0.9}, "^decay=0.9: Adam has two, for the means of g and of g²"),
        (tg.adam, {"epsilon": -1}, "^epsilon=-1: a number, small and not negative"),
    ],
)
def test_settings_that_are_no_numbers_are_told(descent, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        descent(quadratic, {"x": 0.0}, **{"rate": 0.1, "steps": 1, **arguments})


def test_a_descent_has_its_start_for_itself():
    start = {"x": np.ones(2)}
    descent = tg.gradient_descent(lambda p: np.sum(p["x"] ** 2), start, 0.25, 1)
    first = next(descent)
    start["x"][...] = 100
    assert np.array_equal(first.params["x"], [1, 1])
    assert np.array_equal(next(descent).params["x"], [0.5, 0.5])


def test_single_precision_survives_factors_in_double_precision():
    decay = np.float64(0.9), np.float64(0.99)
    for course in (
        tg.adam(lambda p: np.sum(p**2), np.ones(2, np.float32), 0.1, 2, decay=decay),
        tg.momentum(lambda p: np.sum(p**2), np.ones(2, np.float32), 0.1, 2, decay=decay[0]),
    ):
        assert [step.params.dtype for step in course] == [np.float32] * 3


def test_a_method_with_second_derivatives_is_told():
    with pytest.raises(
        ArgumentError, match=r"^method='trust-ncg': it needs second derivatives too. Those that"
    ):
        tg.minimize(quadratic, {"x": 0.0}, method="trust-ncg")
