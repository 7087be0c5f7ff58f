"""Norms of vectors and matrices, of every order."""

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import expresses, general
from tinygrad_edu.rules.einsum import ordered, shaped
from tinygrad_edu.rules.factoring import svdvals
from tinygrad_edu.rules.reductions import kept_shape

Array = Any
Order = Any
Axis = int | tuple[int, ...] | None

np_linalg: Any = np.linalg


def _norm(x: Array, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Array:  # noqa: A002 (NumPy's name)
    """``np.linalg.norm`` where it treats all numbers alike: of vectors, and the Frobenius norm."""
    return np.linalg.norm(x, ord, axis=axis, keepdims=keepdims)


def _norm_rule(
    g: Array, out: Array, x: Array, ord: Order = None, axis: Axis = None, keepdims: bool = False  # noqa: A002
) -> Array:
    """g sign(x) (|x| / ‖x‖)ᵖ⁻¹; the largest numbers share equally for p = ∞; 0 where x is 0."""
    if axis is not None:
        g, out = (np.reshape(y, kept_shape(x.shape, axis)) for y in (g, out))
    some = np.where(out == 0, 1, out)
    if ord in (None, 2, "fro"):
        return g * (x / some)
    if ord == 0:
        return g * np.zeros_like(x)
    if ord == 1:
        return g * np.sign(x)
    if math.isinf(ord):
        extreme = np.where(np.abs(x) == out, np.sign(x), 0)
        return g * (extreme / np.sum(np.abs(x) == out, axis=axis, keepdims=True))
    return g * np.sign(x) * (np.where(x == 0, 1, np.abs(x)) / some) ** (ord - 1)


norm = general(_norm, _norm_rule)


@expresses(np.linalg.norm)
def any_norm(x: Array, ord: Order = None, axis: Any = None, keepdims: bool = False) -> Array:  # noqa: A002 (NumPy's name)
    """The norm of a vector or matrix, or of those along the given axes."""
    if axis is None and ord not in (None, "fro") and x.ndim == 2:
        axis = 0, 1
    pair = isinstance(axis, tuple) and len(axis) == 2
    if not pair or ord in (None, "fro"):
        return norm(x, ord=ord, axis=axis, keepdims=keepdims)
    return _matrix_norm(x, ord, tuple(normalize_axis_index(i, x.ndim) for i in axis), keepdims)


def _matrix_norm(x: Array, order: Order, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The norms of matrices that are norms of norms, or of singular values."""
    rows, columns = axes
    if order in (1, -1, np.inf, -np.inf):
        summed, chosen = (rows, columns) if abs(order) == 1 else (columns, rows)
        sums = norm(x, ord=1, axis=summed, keepdims=True)
        result = norm(sums, ord=math.copysign(np.inf, order), axis=chosen, keepdims=True)
    elif order in (2, -2, "nuc"):
        others = [i for i in range(x.ndim) if i not in axes]
        values = svdvals(ordered(x, (*others, *sorted(axes))))  # those of a matrix and its transpose are the same
        order = 1 if order == "nuc" else math.copysign(np.inf, order)
        result = norm(values, ord=order, axis=-1)
    else:
        raise ArgumentError(
            f"np.linalg.norm of matrices has no order {order!r}: it is one of 'fro', 'nuc', 1, 2, inf, and -1, "
            f"-2, -inf."
        )
    return shaped(result, [1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes])


@expresses(np_linalg.vector_norm)
def vector_norm(x: Array, *, axis: Axis = None, keepdims: bool = False, ord: Order = 2) -> Array:  # noqa: A002 (NumPy's name)
    """The norms of vectors along one axis or several; of all numbers if no axis is given."""
    listed = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    gone = [normalize_axis_index(i, x.ndim) for i in listed]
    if len(gone) == 1:
        return norm(x, ord=ord, axis=gone[0], keepdims=keepdims)
    kept = [i for i in range(x.ndim) if i not in gone]
    shape = [x.shape[i] for i in kept]
    lined_up = np.reshape(np.transpose(x, (*gone, *kept)), (math.prod(x.shape[i] for i in gone), *shape))
    result = norm(lined_up, ord=ord, axis=0)
    return np.reshape(result, kept_shape(x.shape, tuple(gone))) if keepdims else result


@expresses(np_linalg.matrix_norm)
def matrix_norm(x: Array, *, keepdims: bool = False, ord: Order = "fro") -> Array:  # noqa: A002 (NumPy's name)
    """The norms of a stack of matrices."""
    return any_norm(x, ord, (-2, -1), keepdims)


@expresses(np.linalg.cond)
def cond(x: Array, p: Order = None) -> Array:
    """The condition number: the norm of x times that of its inverse."""
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(np.linalg.inv(x), ord=p)
