"""Functions that move, repeat and leave out numbers: flip, roll, tile, repeat, pad, windows, diagonals, triangles.

Whatever such a function does to an array, it does to the array of the places 0, 1, 2, ... as well: the result
says where each number came from, so that one rule, `returned`, serves those that have no simpler transpose.
"""

import functools
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.lib.stride_tricks import sliding_window_view

from tinygrad_edu.primitives import Function, Primitive, linear
from tinygrad_edu.rules.shaping import HOLE, add_at, cast, getitem

Array = Any
Axis = int | tuple[int, ...] | None


def places_of(x: Array) -> Array:
    """The number of each element of x, counted through all axes."""
    return np.arange(x.size).reshape(x.shape)


def returned(g: Array, x: Array, places: Array) -> Array:
    """g added up at the places of x that its numbers were taken from."""
    return np.reshape(add_at(g, places, index=(HOLE,), shape=(x.size,)), x.shape)


def moving(function: Function) -> Primitive:
    """Declare a function that takes each number of its result from somewhere in its only array."""

    def rule(g: Array, out: Array, x: Array, **settings: Any) -> Array:
        return returned(g, x, function(places_of(x), **settings))

    return linear(function, rule)


def _pad(x: Array, pad_width: tuple[tuple[int, int], ...], mode: str = "constant") -> Array:
    """x with a frame of zeros, or of its own numbers, as ``np.pad`` in the modes that only move numbers."""
    return np.pad(x, pad_width, mode=mode)  # type: ignore[call-overload]


def _pad_back(g: Array, x: Array, pad_width: tuple[tuple[int, int], ...], mode: str) -> Array:
    """What is inside the frame, and where the frame repeats numbers, those of the frame as well."""
    if mode != "constant":
        return returned(g, x, np.pad(places_of(x), pad_width, mode=mode))  # type: ignore[call-overload]
    return g[tuple(slice(before, before + n) for (before, _), n in zip(pad_width, x.shape, strict=True))]


def _negative(shift: int | tuple[int, ...]) -> int | tuple[int, ...]:
    return tuple(-step for step in shift) if isinstance(shift, (tuple, list)) else -shift


def _tri_back(cut: Function, g: Array, x: Array, k: int) -> Array:
    """The triangle of g; NumPy repeats a vector as rows of a square before it cuts."""
    return cut(g, k) if x.ndim > 1 else np.sum(cut(g, k), axis=0)


def _add_windows(x: Array, shape: tuple[int, ...], window_shape: Any, axis: Axis = None) -> Array:
    """Windows added up at the places from which `sliding_window_view` took them. Its transpose."""
    result = np.zeros(shape, x.dtype)
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    for offsets in np.ndindex(x.shape[len(shape) :]):
        starts = [0] * len(shape)
        for i, offset in zip(axes, offsets, strict=True):
            starts[i] += offset
        result[tuple(slice(i, i + n) for i, n in zip(starts, x.shape, strict=False))] += x[(..., *offsets)]
    return result


add_windows: Primitive

# fmt: off
flip  = linear(np.flip,  lambda g, out, x, axis=None: np.flip(g, axis=axis))
roll  = linear(np.roll,  lambda g, out, x, shift=0, axis=None: np.roll(g, _negative(shift), axis=axis))
rot90 = linear(np.rot90, lambda g, out, x, k=1, axes=(0, 1): np.rot90(g, -k, axes=axes))
tril  = linear(np.tril,  lambda g, out, x, k=0: _tri_back(np.tril, g, x, k))
triu  = linear(np.triu,  lambda g, out, x, k=0: _tri_back(np.triu, g, x, k))
pad   = linear(_pad,     lambda g, out, x, pad_width=(), mode="constant": _pad_back(g, x, pad_width, mode))

windows     = linear(sliding_window_view, lambda g, out, x, window_shape=(), axis=None: add_windows(g, shape=x.shape, window_shape=window_shape, axis=axis))
add_windows = linear(_add_windows,        lambda g, out, x, shape=(), window_shape=(), axis=None: sliding_window_view(g, window_shape, axis))

diagflat = linear(np.diagflat, lambda g, out, x, k=0: np.reshape(np.diagonal(g, k), x.shape))
diagonal, repeat, tile, resize = moving(np.diagonal), moving(np.repeat), moving(np.tile), moving(np.resize)

take_along_axis = linear(np.take_along_axis, lambda g, out, x, indices, axis=-1: returned(g, x, np.take_along_axis(places_of(x), indices, axis=axis)), None)
# fmt: on


def order_of_axes(ndim: int, axis: Axis) -> tuple[int, ...]:
    """All axes, the given ones (None: all of them) moved to the end."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    last = [normalize_axis_index(i, ndim) for i in axes]
    return (*(i for i in range(ndim) if i not in last), *last)


def lined_up(x: Array, axis: Axis) -> Array:
    """x with the given axes merged into one, which is the last."""
    order = order_of_axes(x.ndim, axis)
    merged = x.ndim if axis is None else len(axis) if isinstance(axis, (tuple, list)) else 1
    turned = x if order == tuple(range(x.ndim)) else np.transpose(x, order)
    kept = turned.shape[: x.ndim - merged]
    shape = (*kept, math.prod(turned.shape[len(kept) :]))
    return turned if turned.shape == shape else np.reshape(turned, shape)


def put_back(y: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """The inverse of `lined_up`, for an array of the given shape."""
    order = order_of_axes(len(shape), axis)
    turned_shape = tuple(shape[i] for i in order)
    turned = y if y.shape == turned_shape else np.reshape(y, turned_shape)
    return turned if order == tuple(range(len(shape))) else np.transpose(turned, np.argsort(order).tolist())


def along(x: Array, axis: int, index: Any) -> Array:
    """The part of x at an index of one of its axes; recorded, too, where only the index is a Value."""
    before = (slice(None),) * normalize_axis_index(axis, x.ndim)
    if hasattr(type(index), "__record__"):
        return getitem(x, index, index=(*before, HOLE))
    return x[(*before, index)]


def as_array(x: Array) -> Array:
    """A list as an array; numbers, arrays and Values as they are."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def of_type(x: Array, dtype: Any) -> Array:
    """x as numbers of the given type."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x if x.dtype == dtype else cast(x, dtype=dtype)


along_last = functools.partial(np.concatenate, axis=-1)
