"""Functions that move numbers about without changing them; each is another one's transpose."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, flat, linear

Array = Any


class Hole:
    """The place of an array inside an index; the array itself is an argument of `getitem`."""

    def __repr__(self) -> str:
        return "array"


HOLE = Hole()


def _getitem(x: Array, *arrays: Array, index: tuple[Any, ...]) -> Array:
    """``x[index]``, with every array of the index passed as an argument and its place marked by HOLE."""
    return x[_filled(index, arrays)]


def _add_at(x: Array, *arrays: Array, index: tuple[Any, ...], shape: tuple[int, ...]) -> Array:
    """Zeros of the given shape, with x added at the index; repeated places add up. The transpose of getitem."""
    result = np.zeros_like(x, shape=shape)
    key = _filled(index, arrays)
    if len(key) == result.ndim == 1 and arrays and arrays[0].dtype.kind != "b":
        np.add.at(result, np.ravel(key[0]), np.ravel(x))  # several times as fast as with more axes
    elif any(array.dtype.kind != "b" for array in arrays):
        np.add.at(result, key, x)
    elif arrays:
        result[key] = x
    else:
        key = tuple(part for part in index if part is not None)  # dask writes to no axis that None adds
        result[key] = x if len(key) == len(index) else x.reshape(result[key].shape)
    return result


def _filled(index: tuple[Any, ...], arrays: tuple[Array, ...]) -> tuple[Any, ...]:
    if not arrays:
        return index
    remaining = iter(arrays)
    return tuple(next(remaining) if part is HOLE else part for part in index)


def _sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """x summed over the axes along which an array of the given shape was broadcast."""
    if x.shape[1:] == shape:
        return np.add.reduce(x) if x.__class__ is np.ndarray else x.sum(axis=0)
    extra = len(x.shape) - len(shape)
    stretched = [i for i, n in enumerate(shape, extra) if n == 1 != x.shape[i]]
    return x.sum(axis=(*range(extra), *stretched)).reshape(shape)


def _cast(x: Array, dtype: Any) -> Array:
    """x as numbers of another floating type."""
    return x.astype(dtype)


def _stop_gradient(x: Array) -> Array:
    """x itself, as a constant: no gradient passes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.grad(lambda x: x * tg.stop_gradient(x))(3.0))
    3.0
    """
    return x


def _inverse(axes: tuple[int, ...] | None, ndim: int) -> tuple[int, ...] | None:
    """The order of axes that undoes a transposition."""
    return None if axes is None else tuple(int(i) for i in np.argsort([axis % ndim for axis in axes]))


def _slice_of(g: Array, i: int, args: tuple[Array, ...], axis: int | None) -> Array:
    """The part of a concatenation that came from argument i."""
    if axis is None:
        start = sum(x.size for x in args[:i])
        return g[start : start + args[i].size].reshape(args[i].shape)
    start = sum(x.shape[axis] for x in args[:i])
    before = (slice(None),) * (axis % g.ndim)
    return g[(*before, slice(start, start + args[i].shape[axis]))]


def _layer_of(g: Array, i: int, axis: int) -> Array:
    """Layer i of a stack."""
    return g[(*(slice(None),) * (axis % g.ndim), i)]


add_at: Primitive
getitem: Primitive
sum_to: Primitive
cast: Primitive

# fmt: off
getitem       = linear(_getitem,        lambda g, out, x, *arrays, index=(): add_at(g, *arrays, index=index, shape=x.shape))
add_at        = linear(_add_at,         lambda g, out, x, *arrays, index=(), shape=(): getitem(g, *arrays, index=index))
reshape       = linear(np.reshape,      lambda g, out, x, shape=(): np.reshape(g, x.shape))
ravel         = linear(np.ravel,        lambda g, out, x: np.reshape(g, x.shape))
expand_dims   = linear(np.expand_dims,  lambda g, out, x, axis=None: np.reshape(g, x.shape))
squeeze       = linear(np.squeeze,      lambda g, out, x, axis=None: np.reshape(g, x.shape))
transpose     = linear(np.transpose,    lambda g, out, x, axes=None: np.transpose(g, _inverse(axes, x.ndim)))
swapaxes      = linear(np.swapaxes,     lambda g, out, x, axis1=None, axis2=None: np.swapaxes(g, axis1, axis2))
broadcast_to  = linear(np.broadcast_to, lambda g, out, x, shape=None: sum_to(g, shape=x.shape))
sum_to        = linear(_sum_to,         lambda g, out, x, shape=None: np.broadcast_to(g, x.shape))
cast          = linear(_cast,           lambda g, out, x, dtype=None: cast(g, dtype=x.dtype))
concatenate   = linear(np.concatenate,  lambda i, g, out, *args, axis=0: _slice_of(g, i, args, axis), variadic=True)
stack         = linear(np.stack,        lambda i, g, out, *args, axis=0: _layer_of(g, i, axis), variadic=True)
stop_gradient = flat(_stop_gradient)
# fmt: on
