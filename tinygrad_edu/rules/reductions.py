"""Functions that sum up along axes, and `spread`, their transpose."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, flat, linear

Array = Any
Axis = int | tuple[int, ...] | None

SMALL = 10_000
"""Up to this size an array is filled, which is quicker than a view that repeats; beyond, the view saves memory."""


def _spread(x: Array, shape: tuple[int, ...], axis: Axis = None) -> Array:
    """x repeated along the axes that a sum over `axis` took away, up to the given shape. The transpose of sum."""
    kept = x.reshape(kept_shape(shape, axis)) if x.shape else x
    if isinstance(x, (np.ndarray, np.generic)) and math.prod(shape) <= SMALL:
        repeated = np.empty(shape, x.dtype)
        repeated[...] = kept
        return repeated
    return np.broadcast_to(kept, shape)


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after a sum over `axis` that keeps the axes."""
    if axis is None:
        return (1,) * len(shape)
    axes = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def _count(out: Array, x: Array) -> int:
    """How many numbers were added up for each number of the result."""
    return int(x.size // out.size) if out.size else 1


spread: Primitive

# fmt: off
sum_   = linear(np.sum,  lambda g, out, x, axis=None, keepdims=False: spread(g, shape=x.shape, axis=axis))
mean   = linear(np.mean, lambda g, out, x, axis=None, keepdims=False: spread(g / _count(out, x), shape=x.shape, axis=axis))
spread = linear(_spread, lambda g, out, x, shape=(), axis=None: np.reshape(np.sum(g, axis=axis), x.shape))
# fmt: on

CHOICES = tuple(
    flat(function) for function in (np.any, np.all, np.argmax, np.argmin, np.argsort, np.count_nonzero)
)
