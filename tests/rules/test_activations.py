"""Activations, softmax and logsumexp: known values, slopes at kinks, far out, and at infinities."""

import math

import numpy as np
import pytest
from scipy import special

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError

both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])
inf = np.inf
x0 = np.linspace(-8, 8, 81) + 0.01  # off every kink

FORMULAS = {
    "leaky_relu": (tg.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x)),
    "elu": (tg.elu, lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    "selu": (
        tg.selu,
        lambda x: np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473766 * (np.exp(x) - 1)),
    ),
    "gelu": (tg.gelu, lambda x: x * special.ndtr(x)),
    "gelu of tanh": (
        lambda x: tg.gelu(x, approximate="tanh"),
        lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ),
    "silu": (tg.silu, lambda x: x * special.expit(x)),
    "silu of beta": (lambda x: tg.silu(x, beta=1.7), lambda x: x / (1 + np.exp(-1.7 * x))),
    "mish": (tg.mish, lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
    "softsign": (tg.softsign, lambda x: x / (1 + abs(x))),
    "relu6": (tg.relu6, lambda x: np.minimum(np.maximum(0, x), 6)),
    "hard_sigmoid": (tg.hard_sigmoid, lambda x: np.clip((x + 3) / 6, 0, 1)),
    "hard_tanh": (tg.hard_tanh, lambda x: np.clip(x, -1, 1)),
    "hard_silu": (tg.hard_silu, lambda x: x * np.clip(x + 3, 0, 6) / 6),
}


@pytest.mark.parametrize(("f", "formula"), FORMULAS.values(), ids=FORMULAS)
def test_values_and_both_derivatives(f, formula):
    np.testing.assert_allclose(f(x0), formula(x0), rtol=1e-13, atol=5e-15)
    assert isinstance(f(1.0), np.float64)
    slope = tg.grad(lambda x: np.sum(f(x)))
    curvature = tg.grad(lambda x: np.sum(slope(x)))
    step = 1e-3

    def derivative(g, x):
        return (8 * (g(x + step) - g(x - step)) - (g(x + 2 * step) - g(x - 2 * step))) / (12 * step)

    np.testing.assert_allclose(slope(x0), derivative(formula, x0), rtol=0, atol=1e-9)
    np.testing.assert_allclose(curvature(x0), derivative(slope, x0), rtol=0, atol=1e-9)


@both_precisions
@pytest.mark.parametrize(
    ("f", "values", "slopes"),
    [
        (tg.leaky_relu, (-10, 1000), (0.01, 1)),
        (tg.elu, (-1, 1000), (0, 1)),
        (tg.selu, (-1.7580993408473766, 1050.7009873554805), (0, 1.0507009873554805)),
        (tg.gelu, (0, 1000), (0, 1)),
        (lambda x: tg.gelu(x, approximate="tanh"), (0, 1000), (0, 1)),
        (tg.silu, (0, 1000), (0, 1)),
        (tg.mish, (0, 1000), (0, 1)),
        (tg.softsign, (-1000 / 1001, 1000 / 1001), (1 / 1001**2, 1 / 1001**2)),
        (tg.relu6, (0, 6), (0, 0)),
        (tg.hard_sigmoid, (0, 1), (0, 0)),
        (tg.hard_tanh, (-1, 1), (0, 0)),
        (tg.hard_silu, (0, 1000), (0, 1)),
        (tg.erf, (-1, 1), (0, 0)),
        (tg.erfc, (2, 0), (0, 0)),
    ],
)
def test_values_and_slopes_at_1000(f, values, slopes, dtype):
    x = np.array([-1000, 1000], dtype)
    value, slope = f(x), tg.grad(lambda x: np.sum(f(x)))(x)
    curvature = tg.grad(lambda x: np.sum(tg.grad(lambda x: np.sum(f(x)))(x)))(x)
    exact = 1e-15 if dtype is np.float64 else 1e-6
    np.testing.assert_allclose(value, values, rtol=exact)
    np.testing.assert_allclose(slope, slopes, rtol=exact)
    np.testing.assert_allclose(curvature, (0, 0), atol=1e-8)
    assert value.dtype == slope.dtype == curvature.dtype == dtype


@both_precisions
@pytest.mark.parametrize(
    ("f", "kink", "at_it", "before", "after"),
    [
        (tg.leaky_relu, 0, 0.01, 0.01, 1),
        (lambda x: tg.elu(x, alpha=0.5), 0, 0.5, 0.5, 1),
        (tg.selu, 0, 1.7580993408473766, 1.7580993408473766, 1.0507009873554805),
        (tg.relu6, 0, 0, 0, 1),
        (tg.relu6, 6, 0, 1, 0),
        (tg.hard_sigmoid, -3, 0, 0, 1 / 6),
        (tg.hard_sigmoid, 3, 0, 1 / 6, 0),
        (tg.hard_tanh, -1, 0, 0, 1),
        (tg.hard_tanh, 1, 0, 1, 0),
        (tg.hard_silu, -3, 0, 0, -0.5),
        (tg.hard_silu, 3, 1, 1.5, 1),
        (tg.softsign, 0, 1, 1, 1),
    ],
)
def test_slopes_beside_and_at_a_kink(f, kink, at_it, before, after, dtype):
    x = kink + np.array([-1e-5, 0, 1e-5], dtype)
    slopes = tg.grad(lambda x: np.sum(f(x)))(x)
    np.testing.assert_allclose(slopes, [before, at_it, after], rtol=1e-4)


@pytest.mark.parametrize("x", [-12.0, -20.0, -35.0])
def test_small_values_keep_their_digits(x):
    """Where 1 + erf, 1 + tanh and log(1 + exp) would have lost all of them."""
    assert tg.gelu(x) == pytest.approx(x * special.ndtr(x), rel=1e-13)
    assert tg.mish(x) == pytest.approx(x * np.exp(x), rel=1e-5)
    bell = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    assert tg.grad(tg.gelu)(x) == pytest.approx(special.ndtr(x) + x * bell, rel=1e-11)


def test_gelu_has_two_forms():
    with pytest.raises(ArgumentError) as raised:
        tg.gelu(1.0, approximate="erf")
    assert str(raised.value) == "gelu(..., approximate='erf'): it is None or 'tanh'."


@both_precisions
def test_the_error_function(dtype):
    x = np.linspace(-6, 6, 241).astype(dtype)
    exact = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(tg.erf(x), special.erf(x), rtol=exact)
    np.testing.assert_allclose(tg.erfc(x), special.erfc(x), rtol=8 * exact)
    assert (tg.erf(x).dtype, tg.erf(dtype(1)).dtype) == (dtype, dtype)
    assert tg.erf(np.array([-inf, inf])).tolist() == [-1, 1]
    assert tg.erf(1) == math.erf(1)
    assert tg.erf([[0.5, 1]]).tolist() == [[math.erf(0.5), math.erf(1)]]


# ---- softmax and logsumexp ---------------------------------------------------------------------

LN2, LN3, LN8 = np.log([2, 3, 8])
SCORES = {
    "ordinary": ([0.0, LN2, np.log(5)], [1 / 8, 2 / 8, 5 / 8], [-LN8, LN2 - LN8, np.log(5) - LN8]),
    "large": ([1000.0, -1000.0, 1000.0], [0.5, 0, 0.5], [-LN2, -2000 - LN2, -LN2]),
    "one of -inf": ([0.0, -inf, 0.0], [0.5, 0, 0.5], [-LN2, -inf, -LN2]),
    "all of -inf": ([-inf, -inf, -inf], [1 / 3, 1 / 3, 1 / 3], [-LN3, -LN3, -LN3]),
    "one of inf": ([0.0, inf, -inf], [0, 1, 0], [-inf, 0, -inf]),
    "two of inf": ([inf, inf, 0.0], [0.5, 0.5, 0], [-LN2, -LN2, -inf]),
    "one alone": ([-inf], [1], [0]),
}


@both_precisions
@pytest.mark.parametrize(("scores", "shares", "logs"), SCORES.values(), ids=SCORES)
def test_softmax_and_logsumexp_without_warnings(scores, shares, logs, dtype):
    x = np.array(scores, dtype)
    close = 1e-15 if dtype is np.float64 else 1e-6
    np.testing.assert_allclose(tg.softmax(x), shares, rtol=close, atol=close)
    np.testing.assert_allclose(tg.log_softmax(x), logs, rtol=close, atol=close)
    total, slope = tg.value_and_grad(tg.logsumexp)(x)
    assert total == pytest.approx(np.logaddexp.reduce(np.array(scores)), rel=close)
    np.testing.assert_array_equal(slope, tg.softmax(x))
    assert total.dtype == slope.dtype == dtype
    for function in (tg.softmax, tg.log_softmax):
        assert np.isfinite(tg.jacobian(function)(x)).all()
    assert np.isfinite(tg.hessian(tg.logsumexp)(x)).all()


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (-1, 0)])
def test_softmax_and_logsumexp_along_axes(axis):
    x = np.random.default_rng(1).normal(size=(2, 3, 4)) * 10
    shares = tg.softmax(x, axis=axis)
    np.testing.assert_allclose(shares, special.softmax(x, axis=axis), rtol=1e-13)
    np.testing.assert_allclose(tg.log_softmax(x, axis=axis), special.log_softmax(x, axis=axis), rtol=1e-13)
    for keepdims in (False, True):
        total = tg.logsumexp(x, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(total, special.logsumexp(x, axis=axis, keepdims=keepdims), rtol=1e-14)
    np.testing.assert_allclose(shares.sum(axis=axis), 1, rtol=1e-14)


def test_the_second_derivative_of_logsumexp_is_the_covariance_of_softmax():
    x = np.array([0.3, -1.0, 2.0])
    p = tg.softmax(x)
    np.testing.assert_allclose(tg.hessian(tg.logsumexp)(x), np.diag(p) - np.outer(p, p), rtol=1e-13)
    np.testing.assert_allclose(tg.jacobian(tg.softmax)(x), np.diag(p) - np.outer(p, p), rtol=1e-13)
    np.testing.assert_allclose(tg.jacobian(tg.log_softmax)(x), np.eye(3) - p, rtol=1e-13)


def test_results_go_by_the_name_of_the_callers_variable():
    x = Value(x0)
    activated = tg.mish(x)
    weights = tg.softmax(activated)
    assert (activated.name, weights.name) == ("activated", "weights")


@pytest.mark.parametrize(
    "given", [np.array([1, 2], np.uint8), np.array([True, False]), [1, 2], np.uint64(3), True]
)
@pytest.mark.parametrize("f", [tg.sigmoid, tg.silu, tg.gelu, tg.softmax, tg.log_softmax, tg.logsumexp])
def test_whole_numbers_are_computed_with_as_floating_point_ones(f, given):
    assert np.array_equal(f(given), f(np.asarray(given, float)[()]))
