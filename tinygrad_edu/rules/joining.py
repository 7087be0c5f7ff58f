"""NumPy's functions that put arrays together, pick from them and leave out: expressions in concatenate and indices."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError, MutationError, UnsupportedFunctionError
from tinygrad_edu.primitives import EXPRESSIONS, expresses
from tinygrad_edu.rules.moving import along, as_array, of_type, pad

Array = Any

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@expresses(np.vstack)
def vstack(tup: Sequence[Array]) -> Array:
    """Arrays one above the other."""
    return np.concatenate([np.atleast_2d(x) for x in tup])


@expresses(np.hstack)
def hstack(tup: Sequence[Array]) -> Array:
    """Arrays side by side: along the second axis, or along the only one."""
    parts = [np.atleast_1d(x) for x in tup]
    return np.concatenate(parts, axis=0 if parts[0].ndim == 1 else 1)


@expresses(np.dstack)
def dstack(tup: Sequence[Array]) -> Array:
    """Arrays one behind the other: along the third axis."""
    return np.concatenate([np.atleast_3d(x) for x in tup], axis=2)


@expresses(np.column_stack)
def column_stack(tup: Sequence[Array]) -> Array:
    """Vectors as columns beside each other; matrices as they are."""
    columns = [np.reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in tup]
    return np.concatenate(columns, axis=1)


@expresses(np.block)
def block(arrays: Any) -> Array:
    """An array from blocks in nested lists: the innermost lists lie along the last axis."""
    depth, ndim = _depth(arrays), _most_axes(arrays)
    return _blocks(arrays, depth, max(depth, ndim))


def _depth(arrays: Any) -> int:
    return 1 + max(map(_depth, arrays), default=0) if isinstance(arrays, list) else 0


def _most_axes(arrays: Any) -> int:
    return max(map(_most_axes, arrays), default=0) if isinstance(arrays, list) else np.ndim(arrays)


def _blocks(arrays: Any, depth: int, ndim: int) -> Array:
    if isinstance(arrays, list) != (depth > 0):
        raise ArgumentError("block: the lists of blocks must be nested equally deep everywhere.")
    if not depth:
        return np.reshape(arrays, (1,) * (ndim - np.ndim(arrays)) + np.shape(arrays))
    return np.concatenate([_blocks(part, depth - 1, ndim) for part in arrays], axis=-depth)


def _in_order(x: Array) -> tuple[Array, int]:
    """All elements along one axis, and the number of this axis."""
    return (as_array(x) if np.ndim(x) == 1 else np.ravel(x)), 0


@expresses(np.append)
def append(arr: Array, values: Array, *, axis: int | None = None) -> Array:
    """`values` behind `arr`; without an axis both are raveled."""
    if axis is None:
        return np.concatenate((_in_order(arr)[0], _in_order(values)[0]))
    return np.concatenate((arr, values), axis=axis)


@expresses(np.take)
def take(a: Array, indices: Array, *, axis: int | None = None, mode: str = "raise") -> Array:
    """The elements at some indices along an axis."""
    x, i = _in_order(a) if axis is None else (a, axis)
    length = x.shape[i]
    if mode == "wrap":
        indices = np.remainder(indices, length)
    elif mode == "clip":
        indices = np.minimum(np.maximum(indices, 0), length - 1)
    return along(x, i, indices)


@expresses(np.compress)
def compress(condition: Array, a: Array, *, axis: int | None = None) -> Array:
    """The elements along an axis at which a condition holds, which may be shorter than the axis."""
    x, i = _in_order(a) if axis is None else (a, axis)
    chosen = np.not_equal(condition, 0)
    shorter = x if chosen.size == x.shape[i] else along(x, i, slice(chosen.size))
    return along(shorter, i, chosen)


@expresses(np.extract)
def extract(condition: Array, arr: Array) -> Array:
    """The elements at which a condition holds."""
    return along(_in_order(arr)[0], 0, _in_order(np.not_equal(condition, 0))[0])


@expresses(np.delete)
def delete(arr: Array, *, obj: Any, axis: int | None = None) -> Array:
    """All elements along an axis but those at some indices."""
    x, i = _in_order(arr) if axis is None else (arr, axis)
    return along(x, i, np.delete(np.arange(x.shape[i]), obj))


@expresses(np.insert)
def insert(arr: Array, obj: Any, values: Array, *, axis: int | None = None) -> Array:
    """`values` put in before some indices along an axis."""
    x, i = _in_order(arr) if axis is None else (as_array(arr), normalize_axis_index(axis, np.ndim(arr)))
    length, ndim = x.shape[i], x.ndim
    added = np.insert(np.zeros(x.shape), obj, np.zeros(np.shape(values)), axis=i).shape[i] - length
    values = of_type(values, x.dtype)
    new = np.reshape(values, (1,) * (ndim - np.ndim(values)) + np.shape(values))
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        new = np.moveaxis(new, 0, i)  # so NumPy reads values that are put in at a single index
    new = np.broadcast_to(new, (*x.shape[:i], added, *x.shape[i + 1 :]))
    order = np.insert(np.arange(length), obj, length + np.arange(added))
    return along(np.concatenate((x, new), axis=i), i, order)


@expresses(np.copy)
def copy(a: Array) -> Array:
    """The same numbers as another Value; there is no ``+`` of truth values."""
    return a[...] if a.dtype == bool else +a


@expresses(np.astype)
def astype(x: Array, *, dtype: Any, copy: bool = True) -> Array:
    """The same numbers in another floating type."""
    return x.astype(dtype)


@expresses(np.trace)
def trace(a: Array, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sum of the diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@expresses(np.diag)
def diag(v: Array, *, k: int = 0) -> Array:
    """The diagonal of a matrix, or the matrix with a given diagonal."""
    if v.ndim not in (1, 2):
        raise ArgumentError(f"diag needs one or two axes, and has an array of shape {v.shape}.")
    return np.diagflat(v, k) if v.ndim == 1 else np.diagonal(v, k)


@expresses(np.pad)
def padded(array: Array, *, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Array:
    """`array` with a frame: of constants, or of its own numbers in the modes that only move numbers."""
    constant = kwargs.pop("constant_values", 0) if mode == "constant" else 0
    if mode not in MODES or kwargs.pop("reflect_type", "even") != "even" or kwargs:
        settings = ", ".join(f"{name}={value!r}" for name, value in {"mode": mode, **kwargs}.items())
        raise UnsupportedFunctionError(
            f"pad(..., {settings}) has no rule on Values; the modes {', '.join(MODES)} have one, without "
            f"further settings than constant_values."
        )
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - array.ndim, 0)) for i in range(array.ndim)]
        pad_width = [width if np.ndim(width) else (width, width) for width in pad_width]
    if not array.ndim:
        return copy(array)
    widths = tuple(map(tuple, np.broadcast_to(pad_width, (array.ndim, 2)).tolist()))
    inside = pad(array, pad_width=widths, mode=mode)
    if not np.any(constant):
        return inside
    frame = np.pad(np.zeros_like(array), widths, constant_values=constant)
    return np.where(np.pad(np.ones(array.shape, bool), widths), inside, frame)


# ---- functions that write ----------------------------------------------------------------------

WRITING: dict[Any, str] = {
    np.add.at: "a + np.bincount(indices, weights=b, minlength=len(a))",
    np.copyto: "np.where(condition, new, old)",
    np.fill_diagonal: "np.where(np.eye(n, dtype=bool), value, old)",
    np.place: "np.where(condition, new, old)",
    np.put: "np.where(condition, new, old)",
    np.put_along_axis: "np.where(condition, new, old)",
    np.putmask: "np.where(condition, new, old)",
}
"""Functions that overwrite their first argument, and what gives the same as a new array."""


def _refusing(function: Callable[..., Any], instead: str) -> Callable[..., Any]:
    def refuse(*args: Any, **settings: Any) -> Any:
        name = "add.at" if function == np.add.at else function.__name__
        raise MutationError(
            f"np.{name} would overwrite numbers, and a Value among its arguments would lose its history: "
            f"write a new array instead, as {instead}."
        )

    return refuse


EXPRESSIONS.update({function: _refusing(function, instead) for function, instead in WRITING.items()})
