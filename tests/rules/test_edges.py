"""Single points at which a rule could go wrong: kinks, powers of 0, and numbers that overflow naive forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import Value

both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def derivatives(f, x):
    """f, f' and f'' at x, as Python numbers."""
    return tuple(d.item() for d in (f(x), tg.grad(f)(x), tg.grad(tg.grad(f))(x)))


# ---- powers ------------------------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize("kind", [int, float, np.int64, np.float64, np.float32, np.array, Value])
@pytest.mark.parametrize(
    ("n", "at_0", "at_minus_2"),
    [
        (0, (1, 0, 0), (1, 0, 0)),
        (1, (0, 1, 0), (-2, 1, 0)),
        (2, (0, 0, 2), (4, -4, 2)),
        (3, (0, 0, 0), (-8, 12, -12)),
    ],
)
def test_whole_powers_at_0_and_below(n, at_0, at_minus_2, kind, dtype):
    exponent = kind(n)
    assert derivatives(lambda x: x**exponent, dtype(0)) == at_0
    assert derivatives(lambda x: x**exponent, dtype(-2)) == at_minus_2


@both_precisions
@pytest.mark.parametrize("kind", [list, np.array, Value])
def test_an_array_of_exponents_at_0(kind, dtype):
    exponents = kind([0.0, 1.0, 2.0, 3.0])
    x = Value(np.zeros(4, dtype))
    power = x**exponents
    power.backward(seed=np.ones(4))
    assert power.data.tolist() == [1, 0, 0, 0]
    assert x.grad.tolist() == [0, 1, 0, 0]


def test_the_exponent_has_slope_0_where_the_base_is_0():
    y = Value([0.0, 0.5, 3.0])
    np.sum(0.0**y).backward()
    assert y.grad.tolist() == [0, 0, 0]


@given(st.floats(0.1, 5), st.integers(1, 40))
def test_the_slope_of_a_remainder_counts_the_steps_that_were_taken_off(y, n):
    """Also where x / y rounds up to a whole number: 1 % 0.1 takes off 0.1 nine times, not ten."""
    x = n * y
    assert tg.grad(lambda y: x % y)(y) == -np.floor_divide(x, y)


# ---- kinks -------------------------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize(
    ("f", "slopes"),
    [
        (abs, (-1, 0, 1)),
        (np.abs, (-1, 0, 1)),
        (tg.relu, (0, 0, 1)),
        (lambda x: np.maximum(x, 0), (0, 0.5, 1)),
        (lambda x: np.maximum(0, x), (0, 0.5, 1)),
        (lambda x: np.minimum(x, 0), (1, 0.5, 0)),
        (lambda x: np.where(x > 0, x, 0), (0, 0, 1)),
        (np.sign, (0, 0, 0)),
    ],
)
def test_slopes_left_of_at_and_right_of_a_kink(f, slopes, dtype):
    x = np.array([-1, 0, 1], dtype)
    assert tg.grad(lambda x: np.sum(f(x)))(x).tolist() == list(slopes)
    assert tuple(tg.grad(f)(one) for one in x) == slopes


@given(st.lists(st.integers(-2, 2), min_size=1), st.lists(st.integers(-2, 2), min_size=1))
def test_what_the_larger_and_the_smaller_one_get_adds_up(xs, ys):
    x, y = np.array(xs, float), np.array(ys, float)[:, None]
    for choose in (np.maximum, np.minimum):
        _, pull = tg.vjp(choose, x, y)
        g = np.arange(1.0, x.size * y.size + 1).reshape(y.size, x.size)
        assert sum(np.sum(term) for term in pull(g)) == np.sum(g)


def test_nothing_leaks_from_the_branch_that_was_not_taken():
    x = np.array([-1.0, 2.0])
    safe = lambda x: np.where(x > 0, x, 1)
    assert tg.grad(lambda x: np.sum(np.where(x > 0, np.log(safe(x)), 0)))(x).tolist() == [0, 0.5]
    assert tg.grad(lambda x: np.sum(np.where([True, False], x, np.nan)[0]))(x).tolist() == [1, 0]


# ---- arguments that overflow -------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (tg.sigmoid, ([0, 1], [0, 0])),
        (lambda x: tg.sigmoid(x, beta=2.0), ([0, 1], [0, 0])),
        (tg.softplus, ([0, 1000], [0, 1])),
        (np.tanh, ([-1, 1], [0, 0])),
    ],
)
def test_values_and_slopes_far_out(f, expected, dtype):
    x = np.array([-1000, 1000], dtype)
    values, slopes = f(x), tg.grad(lambda x: np.sum(f(x)))(x)
    assert (values.tolist(), slopes.tolist()) == expected
    assert values.dtype == slopes.dtype == dtype


def test_values_and_slopes_at_infinity():
    x = np.array([-np.inf, np.inf])
    assert tg.sigmoid(x).tolist() == [0, 1]
    assert tg.softplus(x).tolist() == [0, np.inf]
    assert tg.grad(lambda x: np.sum(tg.sigmoid(x)))(x).tolist() == [0, 0]
    assert tg.grad(lambda x: np.sum(tg.softplus(x)))(x).tolist() == [0, 1]


@both_precisions
@pytest.mark.parametrize("z", [-1000, -40, -1, 0, 1, 40, 1000])
@pytest.mark.parametrize("y", [0, 0.25, 1])
def test_cross_entropy_where_the_naive_form_is_infinite(z, y, dtype):
    entropy = lambda z: tg.binary_cross_entropy_with_logits(z, y)
    value, slope = tg.value_and_grad(entropy)(dtype(z))
    small = np.exp(-abs(float(z)))
    sigma, rest = (1 / (1 + small), small / (1 + small)) if z > 0 else (small / (1 + small), 1 / (1 + small))
    close = pytest.approx if dtype is np.float64 else lambda x: pytest.approx(x, rel=1e-6, abs=1e-44)
    assert value == close((1 - y) * max(z, 0) + y * max(-z, 0) + np.log1p(small))
    assert slope == close((1 - y) * sigma - y * rest)
    assert value.dtype == slope.dtype == dtype


def test_cross_entropy_is_a_mean():
    z, y = np.array([[-1000.0, 2.0], [0.0, 1000.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    slope = tg.grad(tg.binary_cross_entropy_with_logits)(z, y)
    np.testing.assert_allclose(slope, (tg.sigmoid(z) - y) / 4, rtol=1e-15)
    with np.errstate(divide="ignore"):
        assert np.isinf(np.mean(-y * np.log(tg.sigmoid(z))))
