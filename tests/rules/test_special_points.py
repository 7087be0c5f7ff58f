"""Elementwise functions where a naive rule divides by 0, overflows or passes a NaN, and what they refuse."""

import math

import numpy as np
import pytest
from scipy import special

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, MutationError, UnsupportedFunctionError
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.rules import sinc_derivative

both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])
inf, nan = np.inf, np.nan


def slopes(f, *xs):
    """What f hands to each argument when the gradient of each of its elements is 1."""
    out, pull = tg.vjp(f, *map(np.asarray, xs))
    return [g.tolist() for g in pull(np.ones(out.shape))]


# ---- the origin --------------------------------------------------------------------------------


@both_precisions
def test_distances_and_angles_at_the_origin_and_far_out(dtype):
    x, y = np.array([0, 3, 1e30, 0, -2], dtype), np.array([0, 4, 1e30, 2, 0], dtype)
    along_x, along_y = tg.grad(lambda x, y: np.sum(np.hypot(x, y)), (0, 1))(x, y)
    np.testing.assert_allclose(along_x, [0, 0.6, math.sqrt(0.5), 0, -1], rtol=1e-6)
    np.testing.assert_allclose(along_y, [0, 0.8, math.sqrt(0.5), 1, 0], rtol=1e-6)
    along_y, along_x = tg.grad(lambda y, x: np.sum(np.arctan2(y, x)), (0, 1))(y, x)
    np.testing.assert_allclose(along_y, [0, 3 / 25, 5e-31, 0, -0.5], rtol=1e-6)
    np.testing.assert_allclose(along_x, [0, -4 / 25, -5e-31, -0.5, 0], rtol=1e-6)
    assert along_x.dtype == along_y.dtype == dtype
    for f in (np.hypot, np.arctan2):
        assert np.isfinite(tg.hvp(lambda x, f=f: np.sum(f(x, x)), np.zeros(2), np.ones(2))).all()


@both_precisions
def test_sinc_and_its_derivatives_at_and_near_0(dtype):
    f, found = np.sinc, []
    for _ in range(5):
        found.append(f(dtype(0)).item())
        f = tg.grad(f)
    pi = math.pi
    assert found == pytest.approx([1, 0, -(pi**2) / 3, 0, pi**4 / 5], rel=1e-6)
    near = np.array([1e-8, -1e-5, 1e-3, 0.3], dtype)
    slope = slopes(np.sinc, near)[0]
    v = pi * near.astype(float)
    expected = -pi * v / 3 * (1 - v**2 / 10 + v**4 / 280 - v**6 / 15120 + v**8 / 1330560)
    np.testing.assert_allclose(slope, expected, rtol=1e-6 if dtype is np.float32 else 1e-8)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_both_forms_of_the_derivatives_of_sinc_meet(order):
    """At 1 the series ends and the recursion begins; all are spherical Bessel functions in disguise."""
    x = np.array([0.25, 0.9, 1 - 1e-9, 1 + 1e-9, 1.5, 4.0])
    bessel = [
        lambda v: special.spherical_jn(0, v),
        lambda v: -special.spherical_jn(1, v),
        lambda v: -special.spherical_jn(1, v, derivative=True),
        lambda v: special.spherical_jn(1, v) * (1 - 6 / v**2) + 2 / v * special.spherical_jn(0, v),
        lambda v: (np.sin(v) * (v**4 - 12 * v**2 + 24) + np.cos(v) * (4 * v**3 - 24 * v)) / v**5,
    ][order]
    derivative = sinc_derivative(x, order=order) if order else np.sinc(x)
    np.testing.assert_allclose(derivative, math.pi**order * bessel(math.pi * x), rtol=1e-9, atol=1e-11)


def test_powers_at_0():
    x = np.zeros(3)
    assert slopes(lambda x: x ** np.array([0.0, 1.0, 2.0]), x) == [[0, 1, 0]]
    assert slopes(lambda x: np.float_power(x, np.array([0.0, 1.0, 2.0])), x) == [[0, 1, 0]]
    assert slopes(lambda y: np.float_power(0.0, y), [0.0, 1.0]) == [[0, 0]]


# ---- infinities and NaN ------------------------------------------------------------------------


@pytest.mark.parametrize(("add", "base"), [(np.logaddexp, math.e), (np.logaddexp2, 2)])
def test_sums_of_exponentials_share_their_gradient(add, base):
    x, y = np.array([-inf, -inf, 0, inf, inf, 1000, 0]), np.array([-inf, 0, -inf, 0, inf, -1000, 1])
    share = 1 / (1 + base)
    first, second = slopes(add, x, y)
    np.testing.assert_allclose(first, [0.5, 0, 1, 1, 0.5, 1, share], rtol=1e-14)
    np.testing.assert_allclose(second, [0.5, 1, 0, 0, 0.5, 0, 1 - share], rtol=1e-14)
    curvature = tg.grad(tg.grad(lambda x: add(x, 2.0)))(2.0)
    assert curvature == pytest.approx(math.log(base) / 4)  # also where both are equal


def test_the_one_that_is_a_number_gets_the_gradient():
    x, y = np.array([1, nan, 2, nan, 3]), np.array([nan, 1, 2, nan, 4])
    assert slopes(np.fmax, x, y) == [[1, 0, 0.5, 0, 0], [0, 1, 0.5, 0, 1]]
    assert slopes(np.fmin, x, y) == [[1, 0, 0.5, 0, 1], [0, 1, 0.5, 0, 0]]


def test_numbers_that_were_put_in_are_constants():
    x = np.array([nan, inf, -inf, 2.0])
    f = lambda x: np.nan_to_num(x, nan=7.0, posinf=8.0, neginf=9.0) ** 2
    assert f(Value(x)).data.tolist() == [49, 64, 81, 4]
    assert slopes(f, x) == [[0, 0, 0, 4]]
    assert np.nan_to_num(Value(x)).data.tolist() == np.nan_to_num(x).tolist()


# ---- choices and steps -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clip", "plain"),
    [
        (np.clip, lambda x: np.clip(x, -1, 2)),
        (lambda x, low, high: np.clip(x, a_min=low, a_max=high), lambda x: np.clip(x, -1, 2)),
        pytest.param(
            lambda x, low, high: np.clip(x, min=low, max=high),
            lambda x: np.clip(x, -1, 2),
            marks=pytest.mark.skipif(np.__version__ < "2.1", reason="np.clip had no such names"),
        ),
        (lambda x, low, high: np.clip(x, low, None), lambda x: np.clip(x, -1, None)),
        (lambda x, low, high: np.clip(x, None, high), lambda x: np.clip(x, None, 2)),
        (lambda x, low, high: np.clip(x, None, None), lambda x: x),
    ],
)
def test_clip_with_either_bound(clip, plain):
    x = np.array([-3, -1, 0, 2, 5.0])
    low, high = Value(-1.0), Value(np.full(5, 2.0))
    value = Value(x)
    clipped = clip(value, low, high)
    np.testing.assert_array_equal(clipped.data, plain(x))
    np.sum(clipped).backward()
    everything = value.grad + (0 if high.grad is None else high.grad)
    assert everything.sum() + (0 if low.grad is None else low.grad) == 5  # each result belongs to somebody
    if low.grad is not None and high.grad is not None:
        assert (value.grad.tolist(), low.grad, high.grad.tolist()) == (
            [0, 0.5, 1, 0.5, 0], 1.5, [0, 0, 0, 0.5, 1]
        )  # fmt: skip


def test_select_takes_the_first_choice_that_holds():
    x = np.array([-2.0, 0.5, 3.0, 10.0])

    def f(x):
        return np.select([x < 0, x < 1, x < 5], [x**2, np.sqrt(np.where(x > 0, x, 1)), 3 * x], default=x / 2)

    assert f(Value(x)).data.tolist() == f(x).tolist()
    assert slopes(f, x) == [[-4, 0.5 / math.sqrt(0.5), 3, 0.5]]
    with pytest.raises(ArgumentError) as raised:
        np.select([Value(x) > 0], [])
    message = "np.select needs one choice for each condition: here are 1 conditions and 0 choices."
    assert str(raised.value) == message


def test_signs_and_steps():
    assert slopes(lambda x: np.copysign(x, np.array([-1, 1, -0.0, 1])), [2.0, -3.0, 4.0, 0.0]) == [
        [-1, -1, -1, 0]
    ]
    assert slopes(np.heaviside, [-1.0, 0.0, 1.0], [0.5, 0.5, 0.5]) == [[0, 0, 0], [0, 1, 0]]
    assert slopes(lambda x: np.ldexp(x, np.array([-1, 3])), [1.0, 1.0]) == [[0.5, 8]]
    assert slopes(np.fabs, [-2.0, 0.0, 2.0]) == [[-1, 0, 1]]
    assert slopes(lambda x: x + np.round(10 * x, 1) + np.around(x) + np.fix(x) + np.ceil(x), [0.25]) == [[1]]


def test_a_remainder_that_is_cut_off_counts_its_steps():
    """Also where x / y rounds up to a whole number: in 1 there are nine tenths and a rest, as fmod has it."""
    for x, steps in ((1.0, 9), (-1.0, -9), (0.35, 3), (-0.35, -3)):
        assert tg.grad(lambda y, x=x: np.fmod(x, y))(0.1) == -steps


@pytest.mark.parametrize("f", [np.real, np.conj, lambda x: np.rad2deg(np.deg2rad(x))])
def test_identities(f):
    np.testing.assert_allclose(slopes(f, [1.0, -2.0]), [[1, 1]], rtol=1e-15)


@both_precisions
def test_slopes_where_squares_would_overflow(dtype):
    x = dtype(1e30)
    assert tg.grad(np.arcsinh)(x) == pytest.approx(1e-30)
    assert tg.grad(np.arccosh)(x) == pytest.approx(1e-30)
    assert tg.grad(np.cbrt)(x) == pytest.approx(1e-20 / 3)
    for f in (np.arcsin, np.arccos, np.arctanh):  # 1 - x * x has lost half of the digits here
        near = dtype(1 - 4 * np.finfo(dtype).eps)
        step = 1 - float(near)
        exact = 1 / (step * (2 - step))
        slope = exact if f is np.arctanh else math.copysign(math.sqrt(exact), 1 if f is np.arcsin else -1)
        assert tg.grad(f)(near) == pytest.approx(slope, rel=2 * float(np.finfo(dtype).eps))


# ---- what is refused ---------------------------------------------------------------------------

UFUNCS = [p for p in REGISTRY.values() if isinstance(p.function, np.ufunc) and p.function.signature is None]


@pytest.mark.parametrize("primitive", UFUNCS, ids=lambda primitive: primitive.name)
def test_no_ufunc_writes_or_leaves_out(primitive):
    function = primitive.function
    args = (Value(np.ones(2)),) * function.nin
    with pytest.raises(UnsupportedFunctionError) as raised:
        function(*args, where=np.array([True, False]))
    assert str(raised.value) == (
        f"{primitive.name}(..., where=...) has no rule on Values: choose with np.where(condition, x, y) "
        "instead."
    )
    with pytest.raises(MutationError, match=f"np.{primitive.name}.*would put a result with a history into"):
        function(*args, out=np.ones(2))


@pytest.mark.parametrize(
    ("call", "setting"),
    [
        (lambda x: np.nan_to_num(x, copy=False), "nan_to_num(..., copy=...)"),
        (lambda x: np.round(x, 1, out=np.ones(2)), "round(..., out=...)"),
        (lambda x: np.fix(x, out=np.ones(2)), "fix(..., out=...)"),
    ],
)
def test_no_other_function_writes(call, setting):
    with pytest.raises(UnsupportedFunctionError) as raised:
        call(Value(np.ones(2)))
    assert str(raised.value).startswith(f"{setting} has no rule on Values: ")
