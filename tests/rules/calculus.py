"""What every differentiable function must do, in one call: NumPy's numbers, both modes, and second order."""

import numpy as np
import pytest

import tinygrad_edu as tg

STEP = 1e-4


def random_arrays(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape))[()] for shape in shapes]


def slope(f, args, directions, step=STEP):
    """The derivative along the directions, by central differences of fourth order."""

    def at(t):
        return f(*(x + t * v for x, v in zip(args, directions, strict=True)))

    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)


def inner(xs, ys):
    return sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True))


def assert_differentiated(f, args, exact=False, directions=None):
    """f gives NumPy's numbers on Values, and its derivatives agree with finite differences and each other.

    With `exact`, the numbers are NumPy's to the last bit. The directions may keep to where f is smooth.
    """
    expected = f(*args)
    out, pull = tg.vjp(f, *args)
    assert (np.shape(out), out.dtype) == (np.shape(expected), expected.dtype)
    np.testing.assert_allclose(out, expected, rtol=0 if exact else 1e-13, atol=0 if exact else 1e-14)
    (u,) = random_arrays(np.shape(expected), seed=1)
    vs = random_arrays(*map(np.shape, args), seed=2) if directions is None else directions
    gradients = pull(u)
    assert [g.shape for g in gradients] == [np.shape(x) for x in args]
    first = slope(lambda *xs: np.sum(u * f(*xs)), args, vs)
    size = 1 + abs(first)
    assert inner(gradients, vs) == pytest.approx(first, rel=0, abs=1e-7 * size)
    assert np.sum(u * tg.jvp(f, args, vs)[1]) == pytest.approx(inner(gradients, vs), rel=0, abs=1e-11 * size)

    def curved(*xs):
        return np.sum(u * f(*xs) ** 2)

    gradient = tg.grad(curved, tuple(range(len(args))))

    def along(*xs):
        return inner(gradient(*xs), vs)

    second = tg.jvp(along, args, vs)[1]
    assert second == pytest.approx(slope(along, args, vs), rel=0, abs=1e-6 * (1 + abs(second)))
    both = inner(tg.grad(along, tuple(range(len(args))))(*args), vs)
    assert both == pytest.approx(second, rel=0, abs=1e-9 * (1 + abs(second)))
