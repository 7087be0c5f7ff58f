"""Differences, slopes, sums and areas of sampled functions: diff, gradient, cumulative_sum, trapezoid."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import Function, expresses
from tinygrad_edu.rules.moving import along, as_array, of_type

Array = Any


def _slab(x: Array, axis: int, start: int | None, stop: int | None) -> Array:
    """The part of x between two places of one axis."""
    return along(x, axis, slice(start, stop))


def _layer(border: Array, x: Array, axis: int) -> Array:
    """A number as a layer across x, and an array as it is."""
    if np.ndim(border):
        return border
    across = normalize_axis_index(axis, x.ndim)
    return np.broadcast_to(border, tuple(1 if i == across else n for i, n in enumerate(x.shape)))


@expresses(np.diff)
def diff(a: Array, prepend: Array = None, append: Array = None, *, n: int = 1, axis: int = -1) -> Array:
    """The differences of neighbours along an axis, taken n times."""
    if n < 0 or not a.ndim:
        raise ArgumentError(f"diff(..., n={n}) of an array of shape {a.shape}: it needs an axis, and n >= 0.")
    if not n:
        return a
    parts = [a if x is a else _layer(x, a, axis) for x in (prepend, a, append) if x is not None]
    steps = np.concatenate(parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        steps = _step(_slab(steps, axis, 1, None), _slab(steps, axis, None, -1))
    return steps


def _step(x: Array, y: Array) -> Array:
    """x - y; of truth values, whether they differ."""
    return x != y if x.dtype == bool else x - y


@expresses(np.ediff1d)
def ediff1d(ary: Array, to_end: Array = None, to_begin: Array = None) -> Array:
    """The differences of neighbours of all elements in order, with something before and behind."""
    flat = np.ravel(ary)
    steps = flat[1:] - flat[:-1]
    parts = [np.ravel(x) for x in (to_begin, steps, to_end) if x is not None]
    if not all(np.can_cast(x.dtype, steps.dtype, "same_kind") for x in parts):
        raise ArgumentError(f"ediff1d: to_begin and to_end are put beside {steps.dtype} numbers, and must be such.")
    parts = [of_type(x, steps.dtype) for x in parts]
    return np.concatenate(parts) if len(parts) > 1 else steps


def _cumulative(function: Function, x: Array, axis: int | None, first: Array) -> Array:
    """A function that runs along an axis, with its starting number in front if there is one."""
    if axis is None and x.ndim != 1:
        raise ArgumentError(f"An array of shape {x.shape} needs an axis to run along.")
    along_axis = 0 if axis is None else axis
    result = function(x, axis=along_axis)
    return result if first is None else np.concatenate((_layer(first, x, along_axis), result), axis=along_axis)


def cumulative_sum(x: Array, *, axis: int | None = None, include_initial: bool = False) -> Array:
    """The sums of all numbers up to each one, with a 0 in front if the empty sum is included."""
    return _cumulative(np.cumsum, x, axis, x.dtype.type(0) if include_initial else None)


def cumulative_prod(x: Array, *, axis: int | None = None, include_initial: bool = False) -> Array:
    """The products of all numbers up to each one, with a 1 in front if the empty product is included."""
    return _cumulative(np.cumprod, x, axis, x.dtype.type(1) if include_initial else None)


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    expresses(np.cumulative_sum)(cumulative_sum)
    expresses(np.cumulative_prod)(cumulative_prod)


@expresses(np.trapezoid)
def trapezoid(y: Array, x: Array = None, dx: Array = 1.0, *, axis: int = -1) -> Array:
    """The area under the straight lines between samples at the places x, or at equal distances dx."""
    y, width = as_array(y), dx
    if x is not None:
        x = as_array(x)
        width = diff(x, axis=axis if np.ndim(x) > 1 else 0)
        if np.ndim(x) == 1:
            across = normalize_axis_index(axis, y.ndim)
            width = np.reshape(width, tuple(-1 if i == across else 1 for i in range(y.ndim)))
    return np.sum(width * (_slab(y, axis, 1, None) + _slab(y, axis, None, -1)) / 2.0, axis=axis)


@expresses(np.gradient)
def gradient(
    f: Array, *varargs: Array, axis: int | Sequence[int] | None = None, edge_order: int = 1
) -> Any:
    """The slopes of a sampled function along each axis: central inside, one-sided at the edges."""
    f, varargs = as_array(f), tuple(map(as_array, varargs))
    axes = range(f.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = [normalize_axis_index(i, f.ndim) for i in axes]
    spacings = varargs * len(axes) if len(varargs) == 1 and not np.ndim(varargs[0]) else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes) or edge_order not in (1, 2):
        raise ArgumentError(
            f"gradient: {len(varargs)} spacings for {len(axes)} axes and edge_order={edge_order}: give no "
            f"spacing, one number, or one for each axis, and an edge_order of 1 or 2."
        )
    if f.dtype.kind in "iu":
        f = of_type(f, np.float64)  # no overflow where neighbours are subtracted
    slopes = tuple(_slope(f, i, h, edge_order) for i, h in zip(axes, spacings, strict=True))
    slopes = tuple(of_type(slope, f.dtype if f.dtype.kind == "f" else np.float64) for slope in slopes)
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(f: Array, axis: int, spacing: Array, edge_order: int) -> Array:
    """The slope along one axis, for a distance or for the places of the samples."""
    n = f.shape[axis]
    if n <= edge_order or (np.ndim(spacing) and np.shape(spacing) != (n,)):
        raise ArgumentError(
            f"gradient: axis {axis} of an array of shape {f.shape} with edge_order={edge_order} needs at least "
            f"{edge_order + 1} samples, and one place for each of them."
        )
    d = diff(spacing if spacing.dtype.kind == "f" else of_type(spacing, np.float64)) if np.ndim(spacing) else spacing
    if isinstance(d, np.ndarray) and np.all(d == d[0]):  # of Values, each distance keeps its own gradient
        d = d[0]
    if not np.ndim(d):
        inside = (_slab(f, axis, 2, None) - _slab(f, axis, None, -2)) / (2.0 * d)
        steps = [d] * 4
    else:
        along = tuple(-1 if i == axis else 1 for i in range(f.ndim))
        before, after = d[:-1], d[1:]
        weights = (
            -after / (before * (before + after)),
            (after - before) / (before * after),
            before / (after * (before + after)),
        )
        left, middle, right = (np.reshape(weight, along) for weight in weights)
        inside = (
            left * _slab(f, axis, None, -2) + middle * _slab(f, axis, 1, -1) + right * _slab(f, axis, 2, None)
        )
        steps = [d[0], d[min(1, n - 2)], d[max(n - 3, 0)], d[-1]]
    first, last = _edges(f, axis, steps, edge_order)
    return np.concatenate((first, inside, last), axis=axis)


def _edges(f: Array, axis: int, steps: Sequence[Array], edge_order: int) -> tuple[Array, Array]:
    """The slopes at both ends, from the two or three samples there, and the steps between these."""
    n = f.shape[axis]
    at = [_slab(f, axis, i, i + 1) for i in range(min(n, 3))]
    end = [_slab(f, axis, i, i + 1) for i in range(max(0, n - 3), n)]
    if edge_order == 1:
        return (at[1] - at[0]) / steps[0], (end[-1] - end[-2]) / steps[3]
    first, last = _weights(steps[0], steps[1]), _weights(steps[3], steps[2])
    begin = first[0] * at[0] + first[1] * at[1] + first[2] * at[2]
    return begin, -(last[2] * end[0] + last[1] * end[1] + last[0] * end[2])


def _weights(near: Array, far: Array) -> tuple[Array, Array, Array]:
    """The weights of three samples in the slope at the first of them."""
    if near is far:  # one distance for all samples
        return -1.5 / near, 2.0 / near, -0.5 / near
    return (
        -(2.0 * near + far) / (near * (near + far)),
        (near + far) / (near * far),
        -near / (far * (near + far)),
    )
