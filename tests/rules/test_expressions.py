"""NumPy's functions that are expressions in others: NumPy's own numbers, and gradients, of both orders."""

import numpy as np
import pytest
from rules.samples import numbers
from rules.test_readings import derivative, dot

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.messages import name_of
from tinygrad_edu.primitives import EVERYWHERE, EXPRESSIONS
from tinygrad_edu.rules.joining import WRITING

SPREAD = np.array([0.5, 1.0, 1.75, 3.0])
WEIGHTS = np.array([[0.5, 1.0, 2.0, 0.25], [1.5, 0.5, 1.0, 3.0], [1.0, 1.0, 0.5, 0.75]])

M, V, ONE = (3, 4), (4,), ()
T, EMPTY = (2, 3, 4), (0, 3)
AXES = [None, 0, -1, (0, -1)]


def reductions(function, axes=AXES, **settings):
    """A reduction over each kind of axes, with and without keeping them."""
    for axis in axes:
        for keepdims in (False, True):
            yield lambda x, a=axis, k=keepdims: function(x, axis=a, keepdims=k, **settings), (T,)
            yield lambda x, k=keepdims: function(x, axis=-1, keepdims=k, **settings), ((2, 1),)


def holed(x):
    """x with some NaN that do not depend on it."""
    return np.where(np.arange(x.size).reshape(x.shape) % 5 == 3, np.nan, x)


def each(*calls):
    return list(calls)


CALLS = {
    # statistics
    np.var: [
        *reductions(np.var),
        *reductions(np.var, ddof=0.5),
        *each(
            (np.var, (ONE,)),
            (lambda x: np.var(x, 0, None, None, 1), (M,)),
            (lambda x: np.var(x, correction=1), (M,)),
        ),
    ],
    np.std: [*reductions(np.std, [None, 0, (0, -1)], ddof=0.5), (lambda x: x.std(1, keepdims=True), (M,))],
    np.cov: [
        (np.cov, (M,)),
        (np.cov, (V,)),
        (lambda x: np.cov(x, rowvar=False, bias=True), (M,)),
        (lambda x, y: np.cov(x, y, ddof=0), (M, V)),
    ],
    np.corrcoef: [(np.corrcoef, (M,)), (lambda x, y: np.corrcoef(x, y, False), (M, (3, 1)))],
    np.ptp: reductions(np.ptp),
    np.amax: reductions(np.amax),
    np.amin: reductions(np.amin),
    np.average: [
        *reductions(np.average),
        (lambda x: np.average(x, 0, WEIGHTS[:, 0]), (M,)),
        (lambda x: np.average(x, axis=-1, weights=SPREAD, keepdims=True), (T,)),
        (lambda x: np.average(x, axis=(1, 2), weights=WEIGHTS), (T,)),
        (lambda x: np.average(x, weights=WEIGHTS), (M,)),
        (lambda x, w: np.average(x, 1, 5 + w), (M, V)),
        (lambda w: np.average(WEIGHTS, weights=9 + w), (M,)),
        (lambda x: np.average(x, 1, SPREAD, True)[0], (M,)),
        (lambda w: np.average(WEIGHTS, 1, 5 + w, returned=True)[1], (V,)),
        (lambda x: np.average(x, 1, returned=True)[1] * x[0, 0], (M,)),
    ],
    np.median: [*reductions(np.median), (np.median, (ONE,)), (np.median, ((5,),))],
    np.quantile: [
        *(
            (lambda x, m=method, q=q: np.quantile(x, q, axis=-1, method=m), (T,))
            for method in ("linear", "lower", "higher", "midpoint", "nearest", "weibull", "inverted_cdf")
            for q in (0, 0.3, 1.0, [0.25, 0.9], [[0.1, 0.2, 0.3]])
        ),
        *reductions(lambda x, **settings: np.quantile(x, [0.2, 0.7], **settings)),
    ],
    np.percentile: [
        (lambda x: np.percentile(x, 35), (M,)),
        (lambda x: np.percentile(x, [5, 50], 0, keepdims=True), (M,)),
    ],
    np.nansum: reductions(lambda x, **settings: np.nansum(holed(x), **settings), AXES[:3]),
    np.nanprod: reductions(lambda x, **settings: np.nanprod(holed(x), **settings), AXES[:3]),
    np.nanmean: reductions(lambda x, **settings: np.nanmean(holed(x), **settings), AXES[:3]),
    np.nanvar: [
        (lambda x: np.nanvar(holed(x), 1), (M,)),
        (lambda x: np.nanvar(holed(x), keepdims=True, ddof=1), (T,)),
    ],
    np.nanstd: [
        (lambda x: np.nanstd(holed(x), 1), (M,)),
        (lambda x: np.nanstd(holed(x), keepdims=True, ddof=1), (T,)),
    ],
    np.nanmax: [
        (lambda x: np.nanmax(holed(x), -1, keepdims=True), (T,)),
        (lambda x: np.nanmax(holed(x)), (M,)),
    ],
    np.nanmin: [
        (lambda x: np.nanmin(holed(x), -1, keepdims=True), (T,)),
        (lambda x: np.nanmin(holed(x)), (M,)),
    ],
    np.nancumsum: [
        (lambda x: np.nancumsum(holed(x)), (M,)),
        (lambda x: np.nancumsum(holed(x), axis=0), (T,)),
    ],
    np.nancumprod: [
        (lambda x: np.nancumprod(holed(x)), (M,)),
        (lambda x: np.nancumprod(holed(x), axis=0), (T,)),
    ],
    np.bincount: [
        (lambda w: np.bincount([2, 0, 2, 5], w), (V,)),
        (lambda w: np.bincount([1, 1, 0, 1], w, 4), (V,)),
    ],
    np.unique: [(np.unique, (M,)), (lambda x: np.unique(x[[0, 1, 0]]), (V,)), (np.unique, ((0,),))],
    # differences
    np.diff: [
        *((lambda x, a=axis, n=n: np.diff(x, n, a), (T,)) for axis in (0, 1, -1) for n in (0, 1, 2)),
        (lambda x, y: np.diff(x, prepend=y, append=2.0), (M, (3, 1))),
        (lambda x, y: np.diff(x, axis=0, prepend=0, append=y), (M, M)),
        (lambda x, y: np.diff(x, 2, append=y), (V, ONE)),
    ],
    np.ediff1d: [(np.ediff1d, (M,)), (lambda x, y: np.ediff1d(x, y, [1.0, 2.0]), (V, V))],
    np.trapezoid: [
        *((lambda y, a=axis: np.trapezoid(y, dx=0.5, axis=a), (T,)) for axis in (0, 1, -1)),
        (np.trapezoid, (T, V)),
        (lambda y, x: np.trapezoid(y, x, axis=0), (M, (3,))),
        (np.trapezoid, (M, M)),
        (lambda y, d: np.trapezoid(y, dx=d), (M, ONE)),
        (lambda y, d: np.trapezoid(y, dx=d), (M, (3,))),
    ],
    np.gradient: [
        *(
            (lambda f, a=axis, e=edge: np.gradient(f, axis=a, edge_order=e), ((3, 4, 3),))
            for axis in (0, 1, -1)
            for edge in (1, 2)
        ),
        *((lambda f, i=i, e=edge: np.gradient(f, edge_order=e)[i], (M,)) for i in (0, 1) for edge in (1, 2)),
        *((lambda f, e=edge: np.gradient(f, SPREAD, axis=1, edge_order=e), (M,)) for edge in (1, 2)),
        *((lambda f, h, e=edge: np.gradient(f, 5 + h, edge_order=e), (V, ONE)) for edge in (1, 2)),
        *((lambda f, h, e=edge: np.gradient(f, SPREAD + 0.01 * h, edge_order=e), (V, V)) for edge in (1, 2)),
        (lambda f: np.gradient(f, 2.0, SPREAD, edge_order=2)[1], (M,)),
        (lambda f: np.gradient(f, 2.0, axis=(1, 0))[0], (M,)),
        (np.gradient, ((2,),)),
        (lambda f: np.gradient(f, [0.0, 2.0]), ((2,),)),
    ],
    # axes
    np.moveaxis: [
        (lambda x: np.moveaxis(x, 0, -1), (T,)),
        (lambda x: np.moveaxis(x, (0, -1), (1, 0)), (T,)),
        (lambda x: np.moveaxis(x, 0, 0), (EMPTY,)),
    ],
    np.rollaxis: [(lambda x: np.rollaxis(x, 2), (T,)), (lambda x: np.rollaxis(x, -2, 3), (T,))],
    np.reshape: [
        (lambda x: np.reshape(x, (4, 3), order="F"), (M,)),
        (lambda x: np.reshape(x, (-1, 2), "F"), (T,)),
        (lambda x: x.reshape(6, 4, order="F"), (T,)),
        (lambda x: x.reshape((2, 6), order="C"), (M,)),
        (lambda x: np.reshape(x, 12, order="F"), (M,)),
    ],
    np.ravel: [
        (lambda x: np.ravel(x, order="F"), (T,)),
        (lambda x: np.ravel(x, order="C"), (T,)),
        (lambda x: x.ravel("F"), (M,)),
        (lambda x: x.flatten("F"), (M,)),
        (lambda x: x.flatten(), (M,)),
    ],
    np.fliplr: [(np.fliplr, (T,))],
    np.flipud: [(np.flipud, (M,))],
    np.matrix_transpose: [(np.matrix_transpose, (T,)), (np.matrix_transpose, (EMPTY,))],
    np.linalg.matrix_transpose: [(np.linalg.matrix_transpose, (M,)), (np.linalg.matrix_transpose, (T,))],
    **{
        function: [
            *((function, (shape,)) for shape in (ONE, V, M, T, EMPTY)),
            (lambda x, y, f=function: f(x, y)[1], (M, V)),
        ]
        for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d)
    },
    np.broadcast_arrays: [
        (lambda x, y: np.broadcast_arrays(x, 1.0, y)[0], ((3, 1), V)),
        (lambda x, y: np.broadcast_arrays(x, 1.0, y)[2], ((3, 1), V)),
    ],
    np.meshgrid: [
        (
            lambda x, y, i=i, n=indexing, s=sparse: np.meshgrid(x, y, [1.0, 2.0], indexing=n, sparse=s)[i],
            (V, (3,)),
        )
        for i in (0, 1)
        for indexing in ("xy", "ij")
        for sparse in (False, True)
    ],
    np.split: [
        (lambda x: np.split(x, 2, -1)[1], (T,)),
        (lambda x: np.split(x, [1, 2], 1)[1], (T,)),
        (lambda x: np.split(x, (3, 1))[1], (V,)),
    ],
    np.array_split: [(lambda x, i=i: np.array_split(x, 3, axis=2)[i], (T,)) for i in (0, 1, 2)],
    np.hsplit: [(lambda x: np.hsplit(x, 2)[1], (V,)), (lambda x: np.hsplit(x, [1, 3])[2], (M,))],
    np.vsplit: [(lambda x: np.vsplit(x, 3)[1], (M,))],
    np.dsplit: [(lambda x: np.dsplit(x, [1])[1], (T,))],
    # joining
    np.vstack: [(lambda x, y: np.vstack([x, y, np.ones((1, 4))]), (M, V))],
    np.hstack: [(lambda x, y: np.hstack([x, y]), (V, ONE)), (lambda x, y: np.hstack((x, y)), (M, (3, 1)))],
    np.dstack: [(lambda x, y: np.dstack([x, y]), (M, M)), (lambda x, y: np.dstack([x, y]), (V, V))],
    np.column_stack: [(lambda x, y: np.column_stack([x, y, [1.0, 2.0, 3.0]]), (M, (3,)))],
    np.block: [
        (lambda x, y: np.block([[x, np.ones((3, 2))], [y, 2.0, 3.0]]), (M, V)),
        (lambda x, y: np.block([x, y, 1.0]), (V, V)),
        (np.block, (M,)),
    ],
    np.append: [
        (np.append, (M, V)),
        (lambda x, y: np.append(x, y, axis=0), (M, (1, 4))),
        (lambda x: np.append(x, 1.0), (V,)),
    ],
    np.insert: [
        (lambda x, y: np.insert(x, 1, y), (V, ONE)),
        (lambda x, y: np.insert(x, 2, y, axis=0), (M, V)),
        (lambda x, y: np.insert(x, 2, y, axis=1), (M, (3,))),
        (lambda x, y: np.insert(x, 1, y, axis=-1), (T, (3,))),
        (lambda x, y: np.insert(x, [3, 0], y), (V, (2,))),
        (lambda x, y: np.insert(x, [0, 0, -1], y, axis=1), (M, ONE)),
        (lambda x, y: np.insert(x, slice(0, 2), y, axis=0), (M, (2, 4))),
        (lambda x, y: np.insert(x, 1, y), (V, (3,))),
        (lambda x: np.insert(x, [1], [[1.0], [2.0], [3.0]], axis=1), (M,)),
    ],
    np.delete: [
        (lambda x: np.delete(x, 1), (M,)),
        (lambda x: np.delete(x, [0, -1], axis=1), (T,)),
        (lambda x: np.delete(x, slice(0, 2), 0), (M,)),
    ],
    np.take: [
        (lambda x: np.take(x, [5, 5, -1]), (M,)),
        (lambda x: np.take(x, [[0, 1], [2, 2]], axis=-1), (T,)),
        (lambda x: x.take(1, axis=0), (T,)),
        (lambda x: np.take(x, [-7, 9], axis=1, mode="wrap"), (M,)),
        (lambda x: np.take(x, [-7, 9], 1, mode="clip"), (M,)),
    ],
    np.compress: [
        (lambda x: np.compress([True, False, True], x, axis=-1), (T,)),
        (lambda x: x.compress([0, 1, 1]), (M,)),
    ],
    np.extract: [(lambda x: np.extract(WEIGHTS > 0.8, x), (M,)), (lambda x: np.extract(x > 0, x), (M,))],
    np.copy: [(np.copy, (M,)), (lambda x: x.copy(), (V,))],
    np.real: [(lambda x: np.real(x) * 1.0, (M,))],
    np.astype: [(lambda x: np.astype(x, np.float64), (M,))],
    np.trace: [(np.trace, (M,)), (lambda x: x.trace(1, 0, 2), (T,))],
    np.diag: [(np.diag, (M,)), (lambda x: np.diag(x, -2), (V,)), (lambda x: np.diag(x, 1), (M,))],
    np.pad: [
        (lambda x: np.pad(x, 1), (M,)),
        (lambda x: np.pad(x, (2, 1), constant_values=3.0), (M,)),
        (lambda x: np.pad(x, ((0, 1), (2, 0)), "constant", constant_values=((1, 2), (3, 4))), (M,)),
        *(
            (lambda x, m=mode: np.pad(x, ((1, 2), (3, 0)), mode=m), (M,))
            for mode in ("edge", "reflect", "symmetric", "wrap")
        ),
        (lambda x: np.pad(x, 3), (ONE,)),
    ],
}
PLACES = np.array([-1.0, 0.5, 2.0, 4.0])
CALLS |= {
    np.linspace: [
        (lambda x: np.linspace(x, 5.0, 4), (M,)),
        (lambda x, y: np.linspace(x, y, 5, axis=-1), (V, M)),
        (lambda x, y: np.linspace(x, y, 3, False), (ONE, V)),
        (lambda x, y: np.linspace(x, y, 4, retstep=True)[1], (ONE, ONE)),
        (lambda x: np.linspace(0, x, 1), (ONE,)),
        (lambda x: np.linspace(x, 1, 0), (V,)),
    ],
    np.logspace: [
        (lambda x: np.logspace(0, x, 4), (V,)),
        (lambda x, y: np.logspace(x, 1.0, 3, base=2 + y**2, axis=1), (V, V)),
    ],
    np.interp: [
        (lambda x: np.interp(x, PLACES, [0.0, 1.0, 4.0, 9.0]), (M,)),
        (lambda x, y: np.interp(x, PLACES, y, left=3.0, right=y[2] ** 2), (T, V)),
        (lambda x, y: np.interp([-2.0, 0.0, 1.0, 4.0, 7.0], PLACES + 0.1 * x, y), (V, V)),
        (lambda y: np.interp(1.0, PLACES, y), (V,)),
    ],
    np.polyval: [
        (lambda x: np.polyval([1.0, 2.0, 3.0], x), (M,)),
        (lambda p: np.polyval(p, 2.0), (V,)),
        (np.polyval, (V, M)),
        (lambda x: np.polyval([], x), (V,)),
    ],
    np.vander: [
        (np.vander, (V,)),
        (lambda x: np.vander(x, 6, increasing=True), (V,)),
        *((lambda x, n=n: np.vander(x, n), (V,)) for n in range(3)),
    ],
    np.fft.fftshift: [
        (np.fft.fftshift, ((3, 4),)),
        (lambda x: np.fft.fftshift(x, -1), ((2, 5),)),
        (lambda x: np.fft.fftshift(x, [0, 1]), ((3, 5),)),
    ],
    np.fft.ifftshift: [(np.fft.ifftshift, ((3, 5),)), (lambda x: np.fft.ifftshift(x, 0), ((3, 5),))],
    np.divmod: [
        (lambda x, y: np.divmod(x, y)[1], (V, M)),
        (lambda x: np.divmod(x, 0.7)[0], (V,)),
        (lambda x: divmod(x, 0.7)[1], (V,)),
        (lambda x: divmod(0.7, x)[1], (V,)),
    ],
    np.logaddexp.reduce: [(np.logaddexp.reduce, (V,)), (lambda x: np.logaddexp.reduce(x, 1), (T,))],
    **{
        ufunc.reduce: [(ufunc.reduce, (M,)), (lambda x, f=ufunc.reduce: f(x, axis=None, keepdims=True), (M,))]
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum)
    },
    **{
        ufunc.accumulate: [(ufunc.accumulate, (M,)), (lambda x, f=ufunc.accumulate: f(x, -1), (M,))]
        for ufunc in (np.add, np.multiply)
    },
    **{
        ufunc.outer: [
            (ufunc.outer, (V, M)),
            (lambda x, f=ufunc.outer: f([1.0, 2.0], x), (ONE,)),
            (lambda x, f=ufunc.outer: f(2.0, x), (V,)),
        ]
        for ufunc in (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.hypot, np.logaddexp)
    },
}
if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    CALLS |= {
        function: [
            (function, (V,)),
            (lambda x, f=function: f(x, axis=1, include_initial=True), (T,)),
        ]
        for function in (np.cumulative_sum, np.cumulative_prod)
    }
    CALLS[np.unstack] = [(lambda x: np.unstack(x, axis=-1)[2], (T,)), (lambda x: np.unstack(x)[1], (V,))]

ROUNDED = {"logaddexp.reduce"}
"""Where NumPy takes its steps in another order, so that the last digit may differ; see test_bits."""
ROOMS = {
    f"tinygrad_edu.rules.{name}"
    for name in ("ordering", "axes", "joining", "statistics", "differences", "sampling", "ufuncs")
}
TABLES = {function for function in EXPRESSIONS if isinstance(getattr(function, "__self__", None), np.ufunc)}
"""Methods of ufuncs, declared in a loop: some of each kind stand for all."""
WITHOUT_GRADIENT = {np.nonzero, np.where, *WRITING}

CASES = [(name_of(function), *call) for function, calls in CALLS.items() for call in calls]
every_call = pytest.mark.parametrize(
    ("name", "f", "shapes"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)]
)


def point(shapes):
    rng = np.random.default_rng(7)
    args = tuple(np.asarray(numbers(rng, shape, EVERYWHERE, i))[()] for i, shape in enumerate(shapes))
    return args, tuple(np.asarray(rng.uniform(-1, 1, shape))[()] for shape in shapes)


def test_every_expression_has_sample_calls():
    written = {function for function, written in EXPRESSIONS.items() if written.__module__ in ROOMS}
    assert written - CALLS.keys() - TABLES == WITHOUT_GRADIENT - TABLES


@every_call
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_numbers_are_those_of_numpy(name, f, shapes, dtype):
    args = [x.astype(dtype)[()] for x in point(shapes)[0]]
    out, plain = f(*map(Value, args)), f(*args)
    assert out.shape == plain.shape
    if name in ROUNDED:
        np.testing.assert_allclose(
            out.data, plain, rtol=8 * np.finfo(dtype).eps, atol=8 * np.finfo(dtype).eps
        )
    else:
        assert (out.dtype, out.data.tobytes()) == (plain.dtype, plain.tobytes())


@every_call
def test_gradients_of_both_orders(name, f, shapes):
    args, vs = point(shapes)
    u = np.cos(1 + np.arange(np.size(f(*args)))).reshape(np.shape(f(*args)))
    everything = tuple(range(len(args)))

    def loss(*xs):
        return np.sum(u * f(*xs) ** 2)

    def slope(*xs):
        return tg.jvp(loss, xs, vs)[1]

    gradients = tg.grad(loss, everything)(*args)
    total, size = dot(gradients, vs)
    assert total == pytest.approx(derivative(loss, args, vs), rel=0, abs=1e-7 * size)
    assert slope(*args) == pytest.approx(total, rel=0, abs=1e-12 * size)
    seconds = tg.grad(slope, everything)(*args)
    curvature, size = dot(seconds, vs)
    assert curvature == pytest.approx(derivative(slope, args, vs), rel=0, abs=1e-6 * size)
    ahead = tg.jvp(tg.grad(loss, everything), args, vs)[1]
    assert dot(ahead, vs)[0] == pytest.approx(curvature, rel=0, abs=1e-11 * size)
