"""Every primitive, for each of its arguments, in every reading: numeric, recorded, forward, second order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.samples import ours, points, samples_of

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.sweeps import history, pullback

PRIMITIVES = ours()
STEP = 2e-4
NOT_IN_SINGLE_PRECISION = {
    "cast": "its sample calls ask for float64",
    "float_power": "NumPy computes it in float64 whatever it is given",
}


def every(primitives):
    """Runs a test at random points of each primitive."""

    def of(test):
        parametrized = pytest.mark.parametrize("primitive", primitives, ids=lambda primitive: primitive.name)
        return parametrized(given(data=st.data())(test))

    return of


every_rule = every([p for p in PRIMITIVES if p.differentiable])
every_staircase = every([p for p in PRIMITIVES if not p.differentiable])


def derivative(f, args, directions):
    """The derivative of f along the directions, by central differences of fourth order."""

    def at(t):
        return f(*(x + t * v for x, v in zip(args, directions, strict=True)))

    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)


def dot(xs, ys):
    """The inner product of two lists of arrays, and the size of its terms."""
    terms = [np.multiply(x, y, dtype=float) for x, y in zip(xs, ys, strict=True)]
    return sum(term.sum() for term in terms), 1 + sum(np.abs(term).sum() for term in terms)


def only(i, arrays):
    """Zeros in place of all arrays but one."""
    return tuple(x if j == i else np.zeros_like(x) for j, x in enumerate(arrays))


def bits(x):
    return x.dtype, x.shape, x.tobytes()


@pytest.mark.parametrize("primitive", PRIMITIVES, ids=lambda primitive: primitive.name)
def test_every_primitive_has_sample_calls(primitive):
    samples_of(primitive)


@every_rule
def test_the_gradient_agrees_with_finite_differences(primitive, data):
    f, args, u, vs = data.draw(points(primitive))
    _, pull = tg.vjp(f, *args)
    gradients = pull(u)
    for i, (x, gradient) in enumerate(zip(args, gradients, strict=True)):
        assert (gradient.shape, gradient.dtype, type(gradient)) == (x.shape, x.dtype, type(x[()]))
        slope, size = dot([gradient], [vs[i]])
        expected = derivative(lambda *xs: np.sum(u * f(*xs)), args, only(i, vs))
        assert slope == pytest.approx(expected, rel=0, abs=1e-8 * size)


@every_rule
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_recorded_gradient_has_the_bits_of_the_numeric_one(primitive, dtype, data):
    f, args, u, _ = data.draw(points(primitive))
    args = [x.astype(dtype)[()] for x in args]
    values = [Value(x) for x in args]
    out = f(*values)
    u = u.astype(out.dtype)[()]
    plain = f(*args)
    assert (out.primitive, out.shape, out.dtype) == (primitive, plain.shape, plain.dtype)
    np.testing.assert_array_max_ulp(out.data, plain)  # Python's operators round scalar powers differently
    numeric = pullback(history(out), u, values)
    recorded = pullback(history(out), Value(u), values, recorded=True)
    for i, (x, value) in enumerate(zip(args, values, strict=True)):
        assert bits(numeric[value]) == bits(recorded[value].data)
        alone = f(*args[:i], value, *args[i + 1 :])
        assert bits(pullback(history(alone), u, [value])[value]) == bits(numeric[value])
        assert numeric[value].dtype == x.dtype


@every_rule
def test_forward_mode_is_the_transpose_of_reverse_mode(primitive, data):
    f, args, u, vs = data.draw(points(primitive))
    out, pull = tg.vjp(f, *args)
    gradients = pull(u)
    for i in range(len(args)):
        same, tangent = tg.jvp(f, args, only(i, vs))
        assert bits(same) == bits(out)
        assert (tangent.shape, tangent.dtype) == (out.shape, out.dtype)
        forward, size = dot([u], [tangent])
        reverse, other_size = dot([gradients[i]], [vs[i]])
        assert forward == pytest.approx(reverse, rel=0, abs=1e-14 * max(size, other_size))


@every_rule
def test_second_derivatives_agree_with_finite_differences_of_first_ones(primitive, data):
    f, args, u, vs = data.draw(points(primitive))

    def reverse(*xs):
        _, pull = tg.vjp(f, *xs)
        return sum(np.sum(gradient * v) for gradient, v in zip(pull(u), vs, strict=True))

    def forward(*xs):
        return np.sum(u * tg.jvp(f, xs, vs)[1])

    every_argument = tuple(range(len(args)))
    expected = derivative(reverse, args, vs)
    reverse_over_reverse, size = dot(tg.grad(reverse, every_argument)(*args), vs)
    reverse_over_forward, _ = dot(tg.grad(forward, every_argument)(*args), vs)
    forward_over_reverse = tg.jvp(reverse, args, vs)[1]
    forward_over_forward = tg.jvp(forward, args, vs)[1]
    assert reverse_over_reverse == pytest.approx(expected, rel=0, abs=1e-7 * size)
    for other in (reverse_over_forward, forward_over_reverse, forward_over_forward):
        assert other == pytest.approx(reverse_over_reverse, rel=0, abs=1e-12 * size)


@every_rule
def test_a_rule_is_linear_in_the_incoming_gradient(primitive, data):
    f, args, u, _ = data.draw(points(primitive))
    out, pull = tg.vjp(f, *args)
    w = np.cos(np.arange(out.size, dtype=float)).reshape(out.shape)[()]
    for both, first, second in zip(pull(2 * u - 3 * w), pull(u), pull(w), strict=True):
        size = 1 + np.abs(first) + np.abs(second)
        np.testing.assert_array_less(np.abs(both - (2 * first - 3 * second)), 1e-13 * size)


@every_rule
def test_float32_stays_float32(primitive, data):
    f, args, u, vs = data.draw(points(primitive))
    small = [x.astype(np.float32)[()] for x in args]
    large = [x.astype(np.float64)[()] for x in small]
    out, pull = tg.vjp(f, *small)
    _, exact_pull = tg.vjp(f, *large)
    tangent, exact_tangent = (tg.jvp(f, xs, vs)[1] for xs in (small, large))
    assert out.dtype == tangent.dtype
    assert (out.dtype == np.float32) == (primitive.name not in NOT_IN_SINGLE_PRECISION)
    for got, exact in zip((*pull(u), tangent), (*exact_pull(u), exact_tangent), strict=True):
        np.testing.assert_allclose(got, exact, rtol=2e-5, atol=2e-5 * (1 + np.max(np.abs(exact), initial=0)))
    assert all(gradient.dtype == np.float32 for gradient in pull(u))


@every_staircase
def test_a_staircase_is_recorded_and_lets_no_gradient_pass(primitive, data):
    f, args, _, _ = data.draw(points(primitive))
    values = [Value(x) for x in args]
    steps = f(*values)
    assert steps.primitive is primitive
    assert bits(steps.data) == bits(np.asarray(f(*args)))
    np.sum(steps * 1.0).backward()
    assert all(value.grad is None for value in values)
