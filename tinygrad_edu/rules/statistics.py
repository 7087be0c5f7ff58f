"""Statistics: variance and weighted means, median and quantiles, and what leaves out NaN; most are expressions."""

import functools
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import Function, elementwise, expresses, general
from tinygrad_edu.rules.moving import as_array, lined_up, of_type, put_back
from tinygrad_edu.rules.ordering import TIES, unsorted
from tinygrad_edu.rules.reductions import kept_shape
from tinygrad_edu.rules.shaping import HOLE, add_at, cast

Array = Any
Axis = int | tuple[int, ...] | None


def _root(x: Array) -> Array:
    """The square root, for numbers that are a sum of squares: its slope at 0 is taken as 0, not as infinity."""
    return np.sqrt(x)


root = elementwise(
    _root,
    lambda g, out, x: np.where(out == 0, 0, g / (2 * (out + (out == 0)))),
    domain=((0.0, math.inf),),
    kinks="0 at x = 0",
)


def _count(x: Array, axis: Axis) -> int:
    """How many numbers are reduced to one."""
    return math.prod(n for n, kept in zip(x.shape, kept_shape(x.shape, axis), strict=True) if n != kept)


@expresses(np.var)
def var(
    a: Array, *, axis: Axis = None, ddof: float = 0, correction: float | None = None, keepdims: bool = False
) -> Array:
    """The mean of the squared distances to the mean, divided by n − ddof in place of n."""
    square = (a - np.mean(a, axis=axis, keepdims=True)) ** 2
    less = ddof if correction is None else correction
    if not less:
        return np.mean(square, axis=axis, keepdims=keepdims)
    return np.sum(square, axis=axis, keepdims=keepdims) / max(_count(a, axis) - less, 0)


@expresses(np.std)
def std(
    a: Array, *, axis: Axis = None, ddof: float = 0, correction: float | None = None, keepdims: bool = False
) -> Array:
    """The root of the variance. Where all numbers are equal it is 0, a minimum, and its slope is taken as 0."""
    return root(var(a, axis=axis, ddof=ddof, correction=correction, keepdims=keepdims))


@expresses(np.cov)
def cov(m: Array, y: Array = None, *, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Array:
    """The covariances of variables, one in each row (or column, without `rowvar`), over their observations."""
    rows = [np.atleast_2d(x if rowvar or np.ndim(x) == 1 else np.transpose(x)) for x in (m, y) if x is not None]
    x = of_type(rows[0] if len(rows) == 1 else np.concatenate(rows), np.float64)
    apart = x - np.mean(x, axis=1, keepdims=True)
    count = x.shape[1] - (1 - bias if ddof is None else ddof)
    return np.squeeze(apart @ apart.T * np.true_divide(1, max(count, 0)))


@expresses(np.corrcoef)
def corrcoef(x: Array, y: Array = None, *, rowvar: bool = True) -> Array:
    """The correlations of variables: their covariances, divided by both deviations."""
    covariance = cov(x, y, rowvar=rowvar)
    if not covariance.ndim:
        return covariance / covariance
    deviation = np.sqrt(np.diagonal(covariance))
    return np.clip(covariance / deviation[:, None] / deviation, -1, 1)


@expresses(np.ptp)
def ptp(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The distance from the smallest to the largest number."""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@expresses(np.average)
def average(
    a: Array, weights: Array = None, *, axis: Axis = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The mean, or the mean with weights, and with `returned` the sum of the weights beside it."""
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.full_like(mean, _count(a, axis))) if returned else mean
    spread = _spread_weights(np.shape(weights), np.shape(a), axis)
    a, weights = as_array(a), as_array(weights)
    dtype = np.result_type(a, weights, np.float64 if a.dtype.kind in "biu" else a)
    a, w = of_type(a, dtype), of_type(weights if spread is None else np.reshape(weights, spread), dtype)
    total = np.sum(w, axis=axis, keepdims=keepdims)
    if np.any(np.equal(total, 0)):
        raise ZeroDivisionError("average: the weights sum up to zero, so that there is no mean.")
    mean = np.sum(np.multiply(a, w), axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape)) if returned else mean


def _spread_weights(weights: tuple[int, ...], shape: tuple[int, ...], axis: Axis) -> tuple[int, ...] | None:
    """The shape in which weights for some axes broadcast against an array; None where they have its shape."""
    if weights == shape:
        return None
    listed = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(normalize_axis_index(i, len(shape)) for i in listed)
    if weights != tuple(shape[i] for i in axes) or list(axes) != sorted(axes):
        raise ArgumentError(
            f"average: weights of shape {weights} for an array of shape {shape}: give one for each element, or "
            f"one for each place along axis={axis}, with the axes in increasing order."
        )
    return tuple(n if i in axes else 1 for i, n in enumerate(shape))


# ---- order -------------------------------------------------------------------------------------


def _interpolated_back(
    function: Function, g: Array, out: Array, x: Array, axis: Axis, **settings: Any
) -> Array:
    """g, shared by the two neighbours in order between which each number of the result lies.

    Where it lies, NumPy says itself: what it makes of the places 0, 1, 2, ... is a place. Nothing passes where
    there is a NaN.
    """
    row = lined_up(x, axis)
    n = row.shape[-1]
    exact = x.dtype if n < 1 / np.finfo(x.dtype).eps else np.float64  # of which every place is a number
    at = np.ravel(function(np.arange(n, dtype=exact), **settings))
    low, high = np.floor(at).astype(int), np.ceil(at).astype(int)
    share = (at - low).astype(x.dtype)
    known = np.reshape(np.where(np.isnan(out), 0, g), (at.size, *row.shape[:-1]))
    known = np.moveaxis(known, 0, -1)
    ordered = add_at(known * (1 - share), low, index=(..., HOLE), shape=row.shape)
    ordered = ordered + add_at(known * share, high, index=(..., HOLE), shape=row.shape)
    return put_back(unsorted(ordered, row, -1), x.shape, axis)


# fmt: off
median     = general(np.median,     lambda g, out, x, axis=None, keepdims=False: _interpolated_back(np.median, g, out, x, axis), kinks=TIES)
quantile   = general(np.quantile,   lambda g, out, x, q=0, axis=None, method="linear", keepdims=False: _interpolated_back(np.quantile, g, out, x, axis, q=q, method=method), kinks=TIES)
percentile = general(np.percentile, lambda g, out, x, q=0, axis=None, method="linear", keepdims=False: _interpolated_back(np.percentile, g, out, x, axis, q=q, method=method), kinks=TIES)
# fmt: on


# ---- without NaN -------------------------------------------------------------------------------


def _leaving_out(nan_function: Function, function: Function) -> Function:
    """Declare what a function means that leaves out NaN: among whole numbers there are none to leave out."""

    def declare(written: Function) -> Function:
        @functools.wraps(written)
        def call(a: Array, **settings: Any) -> Array:
            return (written if a.dtype.kind == "f" else function)(a, **settings)

        return expresses(nan_function)(call)

    return declare


def _number_of(a: Array, axis: Axis, keepdims: bool) -> Array:
    """How many numbers are no NaN."""
    return cast(np.sum(~np.isnan(a), axis=axis, keepdims=keepdims), dtype=a.dtype)


@_leaving_out(np.nansum, np.sum)
def nansum(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The sum of all that is no NaN."""
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims)


@_leaving_out(np.nanprod, np.prod)
def nanprod(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The product of all that is no NaN."""
    return np.prod(np.where(np.isnan(a), 1, a), axis=axis, keepdims=keepdims)


@_leaving_out(np.nancumsum, np.cumsum)
def nancumsum(a: Array, *, axis: int | None = None) -> Array:
    """The cumulative sum of all that is no NaN."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis)


@_leaving_out(np.nancumprod, np.cumprod)
def nancumprod(a: Array, *, axis: int | None = None) -> Array:
    """The cumulative product of all that is no NaN."""
    return np.cumprod(np.where(np.isnan(a), 1, a), axis=axis)


@_leaving_out(np.nanmean, np.mean)
def nanmean(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The mean of all that is no NaN."""
    return nansum(a, axis=axis, keepdims=keepdims) / _number_of(a, axis, keepdims)


@_leaving_out(np.nanvar, np.var)
def nanvar(a: Array, *, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Array:
    """The variance of all that is no NaN."""
    square = np.where(np.isnan(a), 0, a - nanmean(a, axis=axis, keepdims=True)) ** 2
    return np.sum(square, axis=axis, keepdims=keepdims) / (_number_of(a, axis, keepdims) - ddof)


@_leaving_out(np.nanstd, np.std)
def nanstd(a: Array, *, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Array:
    """The root of the variance of all that is no NaN; its slope at 0 is taken as 0."""
    return root(nanvar(a, axis=axis, ddof=ddof, keepdims=keepdims))


@_leaving_out(np.nanmax, np.max)
def nanmax(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest of all that is no NaN; NaN, where nothing else is there."""
    largest = np.max(np.where(np.isnan(a), -math.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), math.nan, largest)


@_leaving_out(np.nanmin, np.min)
def nanmin(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest of all that is no NaN; NaN, where nothing else is there."""
    smallest = np.min(np.where(np.isnan(a), math.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), math.nan, smallest)
