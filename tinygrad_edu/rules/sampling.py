"""Lines through samples, and rows of samples: interp, linspace, logspace, polynomials; expressions in others."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import expresses
from tinygrad_edu.rules.moving import along, as_array, of_type

Array = Any
Axis = int | tuple[int, ...] | None


@expresses(np.linspace)
def linspace(
    start: Array, stop: Array, *, num: int = 50, endpoint: bool = True, retstep: bool = False, axis: int = 0
) -> Any:
    """Numbers at equal distances from `start` to `stop`; of arrays, rows of them along a new axis."""
    start, stop = as_array(start), as_array(stop)
    dtype = np.result_type(start, stop)
    start, stop = (of_type(x, dtype if dtype.kind == "f" else np.float64) for x in (start, stop))
    way, steps = stop - start, num - 1 if endpoint else num
    count = np.reshape(np.arange(num, dtype=way.dtype), (num, *(1,) * way.ndim))
    step = way / steps if steps > 0 else math.nan
    row = count * (step if steps > 0 else way) + start
    if endpoint and num > 1:
        row = np.concatenate((row[:-1], np.broadcast_to(stop, (1, *way.shape))))
    row = np.moveaxis(row, 0, axis) if axis else row
    return (row, step) if retstep else row


@expresses(np.logspace)
def logspace(
    start: Array, stop: Array, base: Array = 10.0, *, num: int = 50, endpoint: bool = True, axis: int = 0
) -> Array:
    """Powers of a base, with exponents at equal distances."""
    if np.ndim(base):
        start, stop, base = np.broadcast_arrays(start, stop, base)
        base = np.expand_dims(base, axis)
    return np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))


@expresses(np.interp)
def interp(x: Array, xp: Array, fp: Array, left: Array = None, right: Array = None) -> Array:
    """The height at x of the straight lines between the points (xp, fp); at a corner, the slope to its right."""
    x, xp, fp = (of_type(as_array(y), np.float64) for y in (x, xp, fp))
    last = np.shape(xp)[0] - 1
    if last < 1 or np.shape(fp) != np.shape(xp):
        raise ArgumentError(
            f"interp: xp has shape {np.shape(xp)} and fp {np.shape(fp)}; it needs two points or more, and one "
            f"number of fp for each of xp."
        )
    i = np.minimum(np.maximum(np.searchsorted(xp, x, side="right") - 1, 0), last - 1)
    start, height = along(xp, 0, i), along(fp, 0, i)
    inside = (along(fp, 0, i + 1) - height) / (along(xp, 0, i + 1) - start) * (x - start) + height
    inside = np.where(x == xp[-1], fp[-1], inside)
    below = np.where(x < xp[0], fp[0] if left is None else left, inside)
    return np.where(x > xp[-1], fp[-1] if right is None else right, below)


@expresses(np.polyval)
def polyval(p: Array, x: Array) -> Array:
    """The polynomial with the coefficients p, that of the highest power first, at x; by Horner's scheme."""
    x = as_array(x)
    recorded = any(hasattr(type(coefficient), "__record__") for coefficient in p)
    result = np.zeros_like(x)
    for coefficient in p if recorded else np.asarray(p):
        result = result * x + coefficient
    return result


@expresses(np.vander)
def vander(x: Array, *, N: int | None = None, increasing: bool = False) -> Array:
    """The powers of each number of a vector, one row for each, the highest power first."""
    if x.ndim != 1:
        raise ArgumentError(f"vander takes a vector, not an array of shape {x.shape}.")
    x = of_type(x, np.promote_types(x.dtype, int))
    powers = [np.ones_like(x), x]
    for _ in range((len(x) if N is None else N) - 2):
        powers.append(powers[-1] * x)
    table = np.stack(powers, axis=1)[:, : len(x) if N is None else N]
    return table if increasing else np.flip(table, 1)


@expresses(np.fft.fftshift)
def fftshift(x: Array, *, axes: Axis = None) -> Array:
    """The second half of each axis before the first; of an odd length, the smaller one."""
    return _half_a_turn(x, axes, 1)


@expresses(np.fft.ifftshift)
def ifftshift(x: Array, *, axes: Axis = None) -> Array:
    """The inverse of `fftshift`, which is not the same for odd lengths."""
    return _half_a_turn(x, axes, -1)


def _half_a_turn(x: Array, axes: Axis, sign: int) -> Array:
    turned = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    return np.roll(x, [sign * (x.shape[axis] // 2) for axis in turned], turned)
