"""check_gradients: what it must find, in which words, and where it must not cry wolf."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, GradientError

x0 = np.array([1.0, 2.0, 3.0])


def cubed(x):
    return x**3


def rolled(x):
    return np.concatenate([x[1:], x[:1]])


def one_sign_wrong(g, out, x):
    slope = np.full(x.shape, 2.0)
    slope.flat[217] = -2.0
    return g * slope


def plain_numbers(x):
    return x.data if isinstance(x, Value) else x


def doubled(x):
    return 2 * x


forgetful = tg.primitive(cubed, lambda g, out, x: g * x**2)
unrecorded = tg.primitive(lambda x: x**3, lambda g, out, x: g * 3 * plain_numbers(x) ** 2)
crooked = tg.primitive(doubled, one_sign_wrong)
misnamed = tg.primitive(lambda x: x**2, lambda g, out, x: g * 2 * x, kind="linear")
backwards = tg.primitive(rolled, lambda g, out, x: np.concatenate([g[1:], g[:1]]), kind="linear")


def error_of(f, *args, **settings):
    with pytest.raises(GradientError) as raised:
        tg.check_gradients(f, *args, **settings)
    assert not raised.value.report.ok
    return raised.value


def verdicts(f, *args, order=1, **settings):
    report = tg.check_gradients(f, *args, order=order, **settings)
    assert report.ok
    return {row.verdict for row in report.rows if row.mode != "both"}


# ---- what it must find -------------------------------------------------------------------------


def test_a_factor_missing_in_a_rule():
    def loss(params):
        return np.sum(forgetful(params["w"]) * params["v"])

    error = error_of(loss, {"w": x0, "v": x0})
    assert str(error).splitlines()[0] == (
        "The gradient of loss with respect to params['w'] is wrong at element [0]: reverse mode gives 1, "
        "differences give 3: 1/3 times as large at every element that was looked at. Look at the rule of "
        "cubed (line 62) for its argument 1: it is wrong by itself."
    )
    wrong = {(row.argument, row.mode) for row in error.report.rows if row.verdict == "wrong"}
    assert wrong == {("params['w']", "reverse"), ("params['w']", "forward")}


def test_a_wrong_sign_at_one_of_many_elements():
    error = error_of(lambda w: np.sum(np.sin(crooked(w))), np.linspace(-2, 2, 400).reshape(20, 20), order=1)
    assert "wrong at element [10, 17]: " in str(error)
    assert "the sign is wrong at this element, and not at others" in str(error)
    assert "Look at the rule of doubled" in str(error)


def test_a_rule_that_computes_with_plain_numbers_is_right_once_and_wrong_twice():
    def loss(w):
        return np.sum(unrecorded(w))

    assert tg.check_gradients(loss, x0, order=1).ok
    error = error_of(loss, x0)
    assert str(error).startswith("The second derivative of loss with respect to w is wrong at element [0] (")
    assert "The order below is right: somewhere a rule computes with plain numbers (.data" in str(error)
    assert {row.order for row in error.report.rows if row.verdict == "wrong"} == {2}


def test_a_kind_that_is_not_that_of_the_function():
    error = error_of(lambda w: np.sum(misnamed(w)), x0)
    assert "forward mode gives" in str(error)
    assert "is not linear, so that forward mode goes wrong." in str(error)
    assert tg.check_gradients(lambda w: np.sum(misnamed(w)), x0, modes=("reverse",)).ok


def test_a_rule_that_is_not_the_transpose():
    error = error_of(lambda w: np.sum(np.sin(backwards(w)) * x0), x0)
    assert "Look at the rule of rolled" in str(error)
    transposed = [row for row in error.report.rows if row.mode == "both"]
    assert transposed[0].verdict == "wrong"
    assert "reverse mode gives" in transposed[0].note


def test_numbers_that_leave_the_graph():
    error = error_of(lambda w: np.sum(w * tg.stop_gradient(w)), x0)
    assert "half as large at every element that was looked at. No rule is wrong by itself: look for" in str(
        error
    )


def test_an_argument_that_gets_nothing():
    error = error_of(lambda w: np.sum(tg.stop_gradient(w)), x0)
    assert "reverse mode gives 0, differences give" in str(error)
    assert "nothing arrives at every element that was looked at" in str(error)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e9, 1e200])
def test_a_mistake_is_found_at_every_scale(scale):
    error_of(lambda w: scale * np.sum(np.exp(forgetful(w))), 0.3 * x0)
    assert tg.check_gradients(lambda w: scale * np.sum(np.exp(w)), x0, order=1).ok


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e6, 1e12])
def test_arguments_of_every_size(scale):
    assert verdicts(lambda w: np.sum(np.log(w)), scale * x0) == {"correct"}
    assert verdicts(lambda w: np.sum(np.sin(w / scale)), scale * x0) == {"correct"}
    error_of(lambda w: np.sum(forgetful(w / scale)), scale * x0)


@given(factor=st.floats(-3, 3).filter(lambda x: abs(x - 1) > 1e-3), seed=st.integers(0, 1000))
def test_any_factor_is_found(factor, seed):
    scaled = tg.primitive(
        lambda x: 1 - 2 / (np.exp(2 * x) + 1), lambda g, out, x: g * factor * (1 - out * out)
    )
    error_of(lambda w: np.mean(scaled(w)), np.random.default_rng(seed).normal(size=(4, 5)), order=1)


# ---- where it must not cry wolf ----------------------------------------------------------------


def network(params, X):
    return np.mean(tg.sigmoid(np.tanh(X @ params["W1"] + params["b1"]) @ params["W2"]) ** 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_network_is_right_in_every_row(dtype):
    rng = np.random.default_rng(0)
    params = {"W1": rng.normal(size=(3, 5)), "b1": np.zeros(5), "W2": rng.normal(size=(5, 1))}
    params = {name: array.astype(dtype) for name, array in params.items()}
    report = tg.check_gradients(network, params, rng.normal(size=(7, 3)))
    assert {row.verdict for row in report.rows} == {"correct"}
    assert {row.argument for row in report.rows} == {"params['W1']", "params['b1']", "params['W2']", "X"}
    assert {(row.order, row.mode) for row in report.rows} == {
        (order, mode) for order in (1, 2) for mode in ("reverse", "forward", "both")
    }
    assert repr(report) == (
        "<GradientReport ok=True: The gradients and second derivatives of network are right.>"
    )


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.abs, np.array([0.0, 1.0, -1.0]), "kink"),
        (tg.relu, 0.0, "kink"),
        (lambda x: np.maximum(x, 0), np.zeros(30), "kink"),
        (lambda x: np.sum(tg.relu(x) - np.maximum(x, 0)), np.zeros(3), "kink"),
        (np.floor, np.array([1.0, 2.0]), "kink"),
        (lambda x: (1e20 + x) - 1e20, 1.0, "noise"),
        (lambda x: 0 * x + 3, x0, "flat"),
        (np.floor, 1.5, "flat"),
        (np.sqrt, 0.0, "edge"),
        (lambda x: np.exp(x).astype(np.float32), x0, "correct"),
        (lambda x: (1e6 + x) - 1e6, 1.0, "correct"),
        (lambda x: np.sin(1e4 * x), 1.0, "correct"),
        (lambda x: 1 / x, np.array([1e-9, 1.0]), "correct"),
    ],
)
def test_what_is_no_mistake(f, x, expected):
    assert verdicts(f, x) == {expected}
    tg.check_gradients(f, x, order=2)


def test_a_slope_that_neither_side_of_a_kink_has_is_a_mistake():
    steep = tg.primitive(lambda x: np.maximum(x, -x), lambda g, out, x: g * 3)
    error_of(steep, 0.0)


def test_integers_pass_unchanged():
    def picked(x, places, times, settings):
        assert places.dtype.kind == "i"
        assert settings == {"deep": [True]}
        return times * x[places] ** 2

    report = tg.check_gradients(picked, x0, np.array([0, 2, 2]), 3, {"deep": [True]})
    assert {row.argument for row in report.rows} == {"x"}


def test_values_from_outside_and_results_in_structures():
    outside = Value(x0)
    report = tg.check_gradients(lambda pair: {"a": pair[0] * outside, "b": [pair[1] @ x0]}, (x0, x0))
    assert [row.argument for row in report.rows[::3]] == ["pair[0]", "pair[1]"] * 2


def test_functions_that_differentiate():
    assert tg.check_gradients(lambda x: x * tg.grad(lambda y: x * y**3)(2.0), 3.0).ok


# ---- what it says ------------------------------------------------------------------------------


def test_the_report_as_text_html_and_json():
    report = tg.check_gradients(np.exp, 1.0, order=1)
    assert str(report).splitlines() == [
        "gradients of exp against differences",
        "order  argument  mode               slopes  deviation  verdict  note",
        "-----  --------  -----------------  ------  ---------  -------  ----",
        *str(report).splitlines()[3:6],
        "The gradients of exp are right.",
    ]
    assert "reverse = forward" in report._repr_html_()
    assert report.to_dict()["ok"] is True


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tg.check_gradients(np.exp, True), "the arguments hold no numbers"),
        (lambda: tg.check_gradients(np.log, 0.0), "log is not finite at this point"),
        (lambda: tg.check_gradients(lambda x: 3, 0.0), "the function gives no floating point numbers"),
        (
            lambda: tg.check_gradients(lambda x: x * np.random.default_rng().normal(), 1.0),
            "the function gives other numbers when it is called again",
        ),
        (
            lambda: tg.check_gradients(np.exp, 1.0, modes=("sideways",)),
            "the modes are 'reverse' and 'forward'",
        ),
        (lambda: tg.check_gradients(np.exp, 1.0, order=0), "order=0: the first order is the gradient."),
    ],
)
def test_nothing_to_check(call, words):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert words in str(raised.value)


def test_whole_numbers_and_lists_are_numbers():
    assert tg.check_gradients(lambda x: x**2, 3).ok
    assert tg.check_gradients(lambda x: np.sum(x**2), [1, 2]).ok
    assert tg.check_gradients(lambda x, y: np.sum(x @ y), [[1.0, 2.0], [3, 4]], [0.5, 1]).ok
    assert tg.check_gradients(lambda x: np.sum(x**2), np.array([1, 2])).ok
    assert [
        row.argument for row in tg.check_gradients(lambda p: p["w"] * p["b"], {"w": 2, "b": 3}, order=1).rows
    ]


def test_whole_numbers_beside_floating_point_ones_stay_what_they_are():
    def f(x, places, n):
        assert isinstance(n, int)
        return np.sum(x[places] ** n)

    for places in (np.array([0, 1]), [0, 1]):
        report = tg.check_gradients(f, np.array([1.0, 2.0]), places, 3)
    assert {row.argument for row in report.rows} == {"x"}


def test_a_constant_number_has_the_gradient_0():
    assert tg.check_gradients(lambda x: 3.0, np.ones(2)).ok
