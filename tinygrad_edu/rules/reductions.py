"""Functions that sum up, multiply, and choose along axes, and `spread`, the transpose of a sum."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, expresses, flat, general, linear
from tinygrad_edu.rules.moving import along_last, lined_up, put_back
from tinygrad_edu.rules.shaping import cast

Array = Any
Axis = int | tuple[int, ...] | None

SMALL = 10_000
"""Up to this size an array is filled, which is quicker than a view that repeats; beyond, the view saves memory."""


def _spread(x: Array, shape: tuple[int, ...], axis: Axis = None) -> Array:
    """x repeated along the axes that a sum over `axis` took away, up to the given shape. The transpose of sum."""
    kept = x.reshape(kept_shape(shape, axis)) if x.shape else x
    if isinstance(x, (np.ndarray, np.generic)) and math.prod(shape) <= SMALL:
        repeated = np.empty(shape, x.dtype)
        if x.shape:
            repeated[...] = kept
        else:
            repeated.fill(x)  # the gradient of a mean comes here in every pass
        return repeated
    return np.broadcast_to(kept, shape)


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after a sum over `axis` that keeps the axes."""
    if axis is None:
        return (1,) * len(shape)
    axes = {i % len(shape) for i in (axis if isinstance(axis, (tuple, list)) else (axis,))}
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def _count(out: Array, x: Array) -> int:
    """How many numbers were added up for each number of the result."""
    return int(x.size // out.size) if out.size else 1


def _shared(g: Array, lost: Array, axis: Axis, keepdims: bool) -> Array:
    """g, shared equally by the winners along the axes: by those that did not lose."""
    winners = cast(np.sum(~lost, axis=axis, keepdims=keepdims), dtype=g.dtype)
    return np.where(lost, 0, spread(g / winners, shape=lost.shape, axis=axis))


# ---- products, without a division: also right where factors are 0 -------------------------------


def _before(x: Array) -> Array:
    """For each element, the product of those before it in the last axis."""
    return along_last((np.ones_like(x[..., :1]), np.cumprod(x[..., :-1], axis=-1)))


def _after(x: Array) -> Array:
    """For each element, the product of those after it in the last axis."""
    return np.flip(_before(np.flip(x, -1)), -1)


def _shifted(x: Array, by: int = 1) -> Array:
    """x moved along the last axis towards its end, zeros first."""
    return along_last((np.zeros_like(x[..., :by]), x[..., :-by]))


def _recurrence(a: Array, x: Array) -> Array:
    """``r[i] = a[i] + x[i] r[i-1]`` along the last axis, from ``r[0] = a[0]``, in log2(n) steps."""
    total, factor, step = a, along_last((np.zeros_like(x[..., :1]), x[..., 1:])), 1
    while step < a.shape[-1]:
        total = total + factor * _shifted(total, step)
        factor = factor * _shifted(factor, step)
        step *= 2
    return total


def _backwards(g: Array, x: Array) -> Array:
    """``h[i] = g[i] + x[i+1] h[i+1]``: what a recurrence hands back to its summands."""
    return np.flip(recurrence(np.flip(g, -1), _shifted(np.flip(x, -1))), -1)


def _cumprod_back(g: Array, x: Array, axis: int | None = -1) -> Array:
    """What a cumulative product hands to its factors; without an axis, it runs through all elements in order."""
    row = lined_up(x, axis)
    return put_back(_before(row) * _backwards(lined_up(g, 0 if axis is None else axis), row), x.shape, axis)


def _before_back(g: Array, x: Array) -> Array:
    """What the products of the elements before each one hand to their factors."""
    return along_last((_cumprod_back(g[..., 1:], x[..., :-1]), np.zeros_like(x[..., :1])))


def _others(x: Array, axis: Axis = None) -> Array:
    """For each element, the product of all others along the axes."""
    row = lined_up(x, axis)
    return put_back(_before(row) * _after(row), x.shape, axis)


def _others_back(g: Array, x: Array, axis: Axis) -> Array:
    """What `others` hands to its factors: to those before each element, and to those after it."""
    row, g_row = lined_up(x, axis), lined_up(g, axis)
    earlier = _before_back(g_row * _after(row), row)
    later = np.flip(_before_back(np.flip(g_row * _before(row), -1), np.flip(row, -1)), -1)
    return put_back(earlier + later, x.shape, axis)


def _cumsum_back(g: Array, x: Array, axis: int | None) -> Array:
    """The sum of everything from each element on."""
    total = np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)
    return np.reshape(total, x.shape) if axis is None else total


spread: Primitive
others: Primitive
recurrence: Primitive
TIES = "ties share equally"

# fmt: off
sum_   = linear(np.sum,  lambda g, out, x, axis=None, keepdims=False: spread(g, shape=x.shape, axis=axis))
mean   = linear(np.mean, lambda g, out, x, axis=None, keepdims=False: spread(g / _count(out, x), shape=x.shape, axis=axis))
spread = linear(_spread, lambda g, out, x, shape=(), axis=None: np.reshape(np.sum(g, axis=axis), x.shape))

max_   = general(np.max, lambda g, out, x, axis=None, keepdims=False: _shared(g, x < spread(out, shape=x.shape, axis=axis), axis, keepdims), kinks=TIES)
min_   = general(np.min, lambda g, out, x, axis=None, keepdims=False: _shared(g, x > spread(out, shape=x.shape, axis=axis), axis, keepdims), kinks=TIES)

prod   = general(np.prod, lambda g, out, x, axis=None, keepdims=False: spread(g, shape=x.shape, axis=axis) * others(x, axis=axis))
others = general(_others, lambda g, out, x, axis=None: _others_back(g, x, axis))

cumsum     = linear(np.cumsum,    lambda g, out, x, axis=None: _cumsum_back(g, x, axis))
cumprod    = general(np.cumprod,  lambda g, out, x, axis=None: _cumprod_back(g, x, axis))
recurrence = general(_recurrence, lambda g, out, a, x: _backwards(g, x), lambda g, out, a, x: _backwards(g, x) * _shifted(out))
# fmt: on

for _same, _function in ((np.amax, np.max), (np.amin, np.min)):
    expresses(_same)(_function)

CHOICES = tuple(flat(function) for function in (np.any, np.all, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.count_nonzero))
