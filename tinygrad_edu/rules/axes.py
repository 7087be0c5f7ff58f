"""NumPy's functions that rearrange, insert and split axes: expressions in transpose, reshape and indices."""

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError, UnsupportedFunctionError
from tinygrad_edu.primitives import expresses
from tinygrad_edu.rules.moving import along
from tinygrad_edu.rules.shaping import ravel, reshape

Array = Any
Axis = int | tuple[int, ...]
Sections = int | Sequence[int]


def _turned(function: Callable[..., Any], x: Array, *axes: Any) -> Array:
    """x with its axes in the order in which NumPy's function puts them: tried on an array of no size."""
    order = [n - 1 for n in function(np.broadcast_to(0, tuple(range(1, x.ndim + 1))), *axes).shape]
    return np.transpose(x, order)


@expresses(np.moveaxis)
def moveaxis(a: Array, *, source: Axis, destination: Axis) -> Array:
    """Some axes moved to other positions."""
    return _turned(np.moveaxis, a, source, destination)


@expresses(np.rollaxis)
def rollaxis(a: Array, *, axis: int, start: int = 0) -> Array:
    """One axis rolled backwards to a position."""
    return _turned(np.rollaxis, a, axis, start)


@expresses(np.matrix_transpose)
@expresses(np.linalg.matrix_transpose)
def matrix_transpose(x: Array) -> Array:
    """The transpose of each matrix."""
    _needs_axes("matrix_transpose", x, 2)
    return np.swapaxes(x, -1, -2)


@expresses(np.fliplr)
def fliplr(m: Array) -> Array:
    """The columns in reverse order."""
    _needs_axes("fliplr", m, 2)
    return np.flip(m, 1)


@expresses(np.flipud)
def flipud(m: Array) -> Array:
    """The rows in reverse order."""
    _needs_axes("flipud", m, 1)
    return np.flip(m, 0)


@expresses(np.reshape)
def reshaped(a: Array, shape: Any, order: str = "C", copy: bool | None = None) -> Array:
    """The same numbers in another shape, read and written along the first axis first (F) or the last one (C)."""
    if _order(order) == "C":
        return reshape(a, shape=shape)
    sides = [operator.index(n) for n in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    return np.transpose(reshape(np.transpose(a), shape=tuple(sides[::-1])))


@expresses(np.ravel)
def raveled(a: Array, order: str = "C") -> Array:
    """All numbers along one axis, read along the first axis first (F) or the last one (C)."""
    return ravel(a if _order(order) == "C" else np.transpose(a))


def _order(order: str) -> str:
    if order not in ("C", "F"):
        raise UnsupportedFunctionError(
            f"order={order!r} depends on how the numbers lie in memory, which a Value does not tell: write order='C' "
            "(the last axis first) or order='F' (the first axis first)."
        )
    return order


def _one_or_all(arrays: tuple[Array, ...], change: Callable[[Array], Array]) -> Any:
    """NumPy's habit: one array gives an array, several give a tuple."""
    changed = tuple(change(x) for x in arrays)
    return changed[0] if len(changed) == 1 else changed


def _with_axes(x: Array, before: int, after: int = 0) -> Array:
    """x with more axes of length 1."""
    shape = np.shape(x)
    return np.reshape(x, (1,) * before + shape + (1,) * after) if before or after else x


@expresses(np.atleast_1d)
def atleast_1d(*arys: Array) -> Any:
    """Arrays of at least one axis."""
    return _one_or_all(arys, lambda x: _with_axes(x, max(0, 1 - np.ndim(x))))


@expresses(np.atleast_2d)
def atleast_2d(*arys: Array) -> Any:
    """Arrays of at least two axes; new ones come first."""
    return _one_or_all(arys, lambda x: _with_axes(x, max(0, 2 - np.ndim(x))))


@expresses(np.atleast_3d)
def atleast_3d(*arys: Array) -> Any:
    """Arrays of at least three axes; a vector becomes the second one."""
    return _one_or_all(arys, lambda x: _with_axes(x, *((1, 2), (1, 1), (0, 1), (0, 0))[min(np.ndim(x), 3)]))


@expresses(np.broadcast_arrays)
def broadcast_arrays(*args: Array) -> tuple[Array, ...]:
    """All arrays stretched to the shape that they have together."""
    shape = np.broadcast_shapes(*(np.shape(x) for x in args))
    return tuple(x if np.shape(x) == shape else np.broadcast_to(x, shape) for x in args)


@expresses(np.meshgrid)
def meshgrid(*xi: Array, sparse: bool = False, indexing: str = "xy", copy: bool = True) -> tuple[Array, ...]:
    """The coordinates of the points of a grid, from its coordinates along each axis."""
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid(..., indexing={indexing!r}): it is 'xy' or 'ij'.")
    count = len(xi)
    order = [1, 0, *range(2, count)] if indexing == "xy" and count > 1 else list(range(count))
    open_grid = tuple(
        np.reshape(x, tuple(-1 if j == order[i] else 1 for j in range(count))) for i, x in enumerate(xi)
    )
    return open_grid if sparse else broadcast_arrays(*open_grid)


# ---- splitting ---------------------------------------------------------------------------------


def _parts(x: Array, bounds: Sequence[int | None], axis: int) -> list[Array]:
    return [along(x, axis, slice(*ends)) for ends in itertools.pairwise(bounds)]


@expresses(np.array_split)
def array_split(ary: Array, *, indices_or_sections: Sections, axis: int = 0) -> list[Array]:
    """The parts between some indices, or a number of parts of nearly equal length."""
    if not isinstance(indices_or_sections, (int, np.integer)):
        return _parts(ary, [0, *indices_or_sections, None], axis)
    axis = normalize_axis_index(axis, ary.ndim)
    lengths = [len(part) for part in np.array_split(np.arange(ary.shape[axis]), indices_or_sections)]
    return _parts(ary, [0, *np.cumsum(lengths).tolist()], axis)


@expresses(np.split)
def split(ary: Array, *, indices_or_sections: Sections, axis: int = 0) -> list[Array]:
    """The parts between some indices, or a number of parts of equal length."""
    sections = indices_or_sections
    axis = normalize_axis_index(axis, ary.ndim)
    if isinstance(sections, (int, np.integer)) and ary.shape[axis] % sections:
        raise ArgumentError(
            f"split: axis {axis} of an array of shape {ary.shape} cannot be divided into {sections} equal "
            f"parts; np.array_split makes parts of nearly equal length."
        )
    return array_split(ary, indices_or_sections=sections, axis=axis)


@expresses(np.hsplit)
def hsplit(ary: Array, *, indices_or_sections: Sections) -> list[Array]:
    """Parts side by side: along the second axis, or the only one."""
    _needs_axes("hsplit", ary, 1)
    return split(ary, indices_or_sections=indices_or_sections, axis=1 if ary.ndim > 1 else 0)


@expresses(np.vsplit)
def vsplit(ary: Array, *, indices_or_sections: Sections) -> list[Array]:
    """Parts one above the other: along the first axis."""
    _needs_axes("vsplit", ary, 2)
    return split(ary, indices_or_sections=indices_or_sections, axis=0)


@expresses(np.dsplit)
def dsplit(ary: Array, *, indices_or_sections: Sections) -> list[Array]:
    """Parts one behind the other: along the third axis."""
    _needs_axes("dsplit", ary, 3)
    return split(ary, indices_or_sections=indices_or_sections, axis=2)


def unstack(x: Array, *, axis: int = 0) -> tuple[Array, ...]:
    """The layers along an axis."""
    _needs_axes("unstack", x, 1)
    axis = normalize_axis_index(axis, x.ndim)
    return tuple(along(x, axis, i) for i in range(x.shape[axis]))


if hasattr(np, "unstack"):  # NumPy 2.1
    expresses(np.unstack)(unstack)


def _needs_axes(function: str, x: Array, least: int) -> None:
    if x.ndim < least:
        raise ArgumentError(f"{function} needs an array of {least} or more axes, not of shape {x.shape}.")
