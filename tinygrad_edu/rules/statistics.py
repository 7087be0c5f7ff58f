"""Statistics as expressions: variance, median, quantiles, weighted means, and those that leave out NaN."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError, UnsupportedFunctionError
from tinygrad_edu.primitives import elementwise, expresses
from tinygrad_edu.rules.moving import lined_up, of_type
from tinygrad_edu.rules.reductions import kept_shape
from tinygrad_edu.rules.shaping import cast

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
    w = weights if spread is None else np.reshape(weights, spread)
    w = np.broadcast_to(w, np.shape(a))
    total = np.sum(w, axis=axis, keepdims=keepdims)
    if np.any(np.equal(total, 0)):
        raise ZeroDivisionError("average: the weights sum up to zero, so that there is no mean.")
    mean = np.sum(np.multiply(a, w), axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def _spread_weights(weights: tuple[int, ...], shape: tuple[int, ...], axis: Axis) -> tuple[int, ...] | None:
    """The shape in which weights for some axes broadcast against an array; None where they have its shape."""
    if weights == shape:
        return None
    axes = () if axis is None else tuple(i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,)))
    if weights != tuple(shape[i] for i in axes) or list(axes) != sorted(axes):
        raise ArgumentError(
            f"average: weights of shape {weights} for an array of shape {shape}: give one for each element, or "
            f"one for each place along axis={axis}, with the axes in increasing order."
        )
    return tuple(n if i in axes else 1 for i, n in enumerate(shape))


# ---- order -------------------------------------------------------------------------------------


def _reduced(y: Array, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Array:
    """A result without the reduced axes, or with each of them in length 1."""
    return np.reshape(y, kept_shape(shape, axis)) if keepdims else y


@expresses(np.median)
def median(a: Array, *, axis: Axis = None, keepdims: bool = False, overwrite_input: bool = False) -> Array:
    """The number in the middle, or the mean of the two there; equal numbers keep the order they stand in."""
    row = np.sort(lined_up(a, axis), axis=-1)
    n = row.shape[-1]
    middle = np.mean(row[..., (n - 1) // 2 : n // 2 + 1], axis=-1)
    return _reduced(_unless_nan(middle, row), a.shape, axis, keepdims)


def _unless_nan(y: Array, ordered: Array) -> Array:
    """y, but NaN where there is one among the ordered numbers: it is the last of them."""
    last = ordered[..., -1:]
    return np.where(np.any(np.isnan(last), axis=-1), math.nan, y) if last.size else y


@expresses(np.quantile)
def quantile(
    a: Array, *, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False,
    overwrite_input: bool = False,
) -> Array:  # fmt: skip
    """The number below which a share q of the numbers lies, by linear interpolation, or a neighbour of it."""
    shares = np.asarray(q, dtype=float)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ArgumentError("quantile: q is between 0 and 1, and percentile's between 0 and 100.")
    row = np.sort(lined_up(a, axis), axis=-1)
    at = shares * (row.shape[-1] - 1)
    low, high = np.floor(at).astype(int), np.ceil(at).astype(int)
    weights = {
        "linear": at - low, "lower": 0 * at, "higher": 1 + 0 * at, "midpoint": 0.5 * (low != high),
    }  # fmt: skip
    if method not in weights:
        raise UnsupportedFunctionError(
            f"quantile(..., method={method!r}) has no rule on Values; {', '.join(weights)} have one."
        )
    weight = weights[method].astype(a.dtype)
    lower, higher = row[..., low], row[..., high]
    step = higher - lower
    between = np.where(weight < 0.5, lower + step * weight, higher - step * (1 - weight))
    gaps = np.isnan(row[..., -1:])
    aligned = np.reshape(gaps, row.shape[:-1] + (1,) * shares.ndim) if shares.ndim != 1 else gaps
    known = np.where(aligned, math.nan, between)
    ahead = np.moveaxis(known, range(-shares.ndim, 0), range(shares.ndim)) if shares.ndim else known
    if not keepdims:
        return ahead
    return np.reshape(ahead, shares.shape + kept_shape(a.shape, axis))


@expresses(np.percentile)
def percentile(
    a: Array, *, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False,
    overwrite_input: bool = False,
) -> Array:  # fmt: skip
    """The number below which q percent of the numbers lie."""
    return quantile(a, q=np.true_divide(q, 100), axis=axis, method=method, keepdims=keepdims)


# ---- without NaN -------------------------------------------------------------------------------


def _number_of(a: Array, axis: Axis, keepdims: bool) -> Array:
    """How many numbers are no NaN."""
    return cast(np.sum(~np.isnan(a), axis=axis, keepdims=keepdims), dtype=a.dtype)


@expresses(np.nansum)
def nansum(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The sum of all that is no NaN."""
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims)


@expresses(np.nanprod)
def nanprod(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The product of all that is no NaN."""
    return np.prod(np.where(np.isnan(a), 1, a), axis=axis, keepdims=keepdims)


@expresses(np.nancumsum)
def nancumsum(a: Array, *, axis: int | None = None) -> Array:
    """The cumulative sum of all that is no NaN."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis)


@expresses(np.nancumprod)
def nancumprod(a: Array, *, axis: int | None = None) -> Array:
    """The cumulative product of all that is no NaN."""
    return np.cumprod(np.where(np.isnan(a), 1, a), axis=axis)


@expresses(np.nanmean)
def nanmean(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The mean of all that is no NaN."""
    return nansum(a, axis=axis, keepdims=keepdims) / _number_of(a, axis, keepdims)


@expresses(np.nanvar)
def nanvar(a: Array, *, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Array:
    """The variance of all that is no NaN."""
    square = np.where(np.isnan(a), 0, a - nanmean(a, axis=axis, keepdims=True)) ** 2
    return np.sum(square, axis=axis, keepdims=keepdims) / (_number_of(a, axis, keepdims) - ddof)


@expresses(np.nanstd)
def nanstd(a: Array, *, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Array:
    """The root of the variance of all that is no NaN; its slope at 0 is taken as 0."""
    return root(nanvar(a, axis=axis, ddof=ddof, keepdims=keepdims))


@expresses(np.nanmax)
def nanmax(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest of all that is no NaN; NaN, where nothing else is there."""
    largest = np.max(np.where(np.isnan(a), -math.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), math.nan, largest)


@expresses(np.nanmin)
def nanmin(a: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest of all that is no NaN; NaN, where nothing else is there."""
    smallest = np.min(np.where(np.isnan(a), math.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), math.nan, smallest)
