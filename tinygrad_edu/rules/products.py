"""The matrix product for vectors, matrices and stacks of them, and NumPy's functions that are made of it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ShapeError
from tinygrad_edu.primitives import expresses, multilinear
from tinygrad_edu.rules.einsum import moved, ordered, shaped
from tinygrad_edu.rules.moving import as_array, of_type
from tinygrad_edu.shortcuts import matrix_product

Array = Any


def _turned(x: Array) -> Array:
    """Each matrix transposed; also of arrays of other libraries, not all of which know ``.mT``."""
    try:
        return x.mT
    except AttributeError:
        return np.swapaxes(x, -1, -2)


def _matmul_left(g: Array, out: Array, x: Array, y: Array) -> Array:
    """What the product hands to its left operand: g @ yᵀ, read for vectors as NumPy reads them."""
    if x.ndim == 2 == y.ndim:
        return matrix_product(g, y.T)
    if y.ndim == 1:
        return g * y if x.ndim == 1 else g[..., None] * y
    if x.ndim == 1:
        return y @ g if y.ndim == 2 else (y @ g[..., None])[..., 0]
    return g @ _turned(y)


def _matmul_right(g: Array, out: Array, x: Array, y: Array) -> Array:
    """What the product hands to its right operand: xᵀ @ g, read for vectors as NumPy reads them."""
    if x.ndim == 2 == y.ndim:
        return matrix_product(x.T, g)
    if x.ndim == 1:
        return g * x if y.ndim == 1 else x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return _turned(x) @ g if x.ndim == 2 else (_turned(x) @ g[..., None])[..., 0]
    return _turned(x) @ g


matmul = multilinear(np.matmul, _matmul_left, _matmul_right, stacked=True)

np_linalg: Any = np.linalg


def _as_vector(x: Array) -> Array:
    """All numbers of x, in order."""
    return shaped(x, (int(np.size(x)),))


@expresses(np.vdot)
def vdot(a: Array, b: Array) -> Array:
    """The inner product of all numbers of both, each read as one long vector."""
    return np.matmul(_as_vector(a), _as_vector(b))


@expresses(np.outer)
@expresses(np_linalg.outer)
def outer(a: Array, b: Array) -> Array:
    """Every number of a times every number of b."""
    return np.expand_dims(_as_vector(a), 1) * _as_vector(b)


@expresses(np.tensordot)
@expresses(np_linalg.tensordot)
def tensordot(a: Array, b: Array, axes: Any = 2) -> Array:
    """The sum over pairs of axes, as one product of two matrices."""
    if isinstance(axes, (int, np.integer)):
        axes = range(np.ndim(a) - axes, np.ndim(a)), range(axes)
    summed = [
        [normalize_axis_index(int(i), np.ndim(x)) for i in (part if isinstance(part, (Sequence, np.ndarray)) else (part,))]
        for x, part in zip((a, b), axes, strict=True)
    ]
    kept = [[i for i in range(np.ndim(x)) if i not in gone] for x, gone in zip((a, b), summed, strict=True)]
    paired, other = ([np.shape(x)[i] for i in gone] for x, gone in zip((a, b), summed, strict=True))
    if paired != other:
        raise ShapeError(
            f"tensordot: axes {summed[0]} of shape {np.shape(a)} have the lengths {paired}, and axes {summed[1]} "
            f"of shape {np.shape(b)} have the lengths {other}; they are summed in pairs and must be equal."
        )
    rows, columns = ([np.shape(x)[i] for i in stay] for x, stay in zip((a, b), kept, strict=True))
    left = shaped(ordered(a, (*kept[0], *summed[0])), (math.prod(rows), math.prod(paired)))
    right = shaped(ordered(b, (*summed[1], *kept[1])), (math.prod(paired), math.prod(columns)))
    return shaped(np.matmul(left, right), (*rows, *columns))


def _dot(a: Array, b: Array) -> Array:
    """``np.dot`` of stacks, which pairs every vector of a with every one of b."""
    return np.dot(a, b)


def _dot_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    """g, summed over the axes that it has from b."""
    summed = max(b.ndim - 2, 0)
    return tensordot(g, b, (range(a.ndim - 1, g.ndim), [i for i in range(b.ndim) if i != summed]))


def _dot_right(g: Array, out: Array, a: Array, b: Array) -> Array:
    """g, summed over the axes that it has from a; what is left of a belongs where b was summed."""
    return moved(tensordot(a, g, (range(a.ndim - 1), range(a.ndim - 1))), 0, max(b.ndim - 2, 0))


dot_of_stacks = multilinear(_dot, _dot_left, _dot_right)


@expresses(np.dot)
def dot(a: Array, b: Array) -> Array:
    """The sum over the last axis of a and the second to last one of b; for matrices their product."""
    a, b = as_array(a), as_array(b)
    if not np.ndim(a) or not np.ndim(b):
        return np.multiply(a, b)
    if np.ndim(a) <= 2 and np.ndim(b) <= 2:
        return np.matmul(a, b)
    return dot_of_stacks(a, b)


@expresses(np.inner)
def inner(a: Array, b: Array) -> Array:
    """The sum over the last axes of both."""
    a, b = as_array(a), as_array(b)
    b = of_type(b, np.result_type(a, b))  # before it is turned, as NumPy does
    return dot(a, np.swapaxes(b, -1, -2) if np.ndim(b) > 1 else b)


@expresses(np.kron)
def kron(a: Array, b: Array) -> Array:
    """The Kronecker product: every number of a times the whole of b, laid out in blocks."""
    ndim = max(np.ndim(a), np.ndim(b))
    blocks, inside = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    a = np.reshape(a, tuple(n for length in blocks for n in (length, 1)))
    b = np.reshape(b, tuple(n for length in inside for n in (1, length)))
    return np.reshape(a * b, tuple(m * n for m, n in zip(blocks, inside, strict=True)))


@expresses(np.cross)
def cross(
    a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Array:
    """The vector product of vectors of length 3; those of length 2 lie in the plane z = 0."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moved(as_array(a), axisa, -1), moved(as_array(b), axisb, -1)
    lengths = np.shape(a)[-1], np.shape(b)[-1]
    if not {*lengths} <= {2, 3}:
        raise ShapeError(
            f"cross takes vectors of length 3 (or 2): the vectors of shapes {np.shape(a)} and {np.shape(b)} have "
            f"the lengths {lengths[0]} and {lengths[1]}."
        )
    x, y = ([v[..., i] if i < np.shape(v)[-1] else 0 for i in range(3)] for v in (a, b))
    upright = x[0] * y[1] - x[1] * y[0]
    if lengths == (2, 2):
        return upright
    parts = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], upright]
    return moved(np.stack(parts, axis=-1), -1, axisc)


@expresses(np_linalg.cross)
def linalg_cross(x1: Array, x2: Array, *, axis: int = -1) -> Array:
    """The vector product of vectors of length 3."""
    return cross(x1, x2, axis=axis)


def vecdot(x1: Array, x2: Array, *, axis: int = -1) -> Array:
    """The inner products of vectors along an axis, in stacks that are broadcast against each other."""
    x1, x2 = moved(as_array(x1), axis, -1), moved(as_array(x2), axis, -1)
    return np.matmul(x1[..., None, :], x2[..., :, None])[..., 0, 0]


def matvec(x1: Array, x2: Array) -> Array:
    """Stacks of matrices times stacks of vectors."""
    return np.matmul(x1, as_array(x2)[..., None])[..., 0]


def vecmat(x1: Array, x2: Array) -> Array:
    """Stacks of vectors times stacks of matrices."""
    return np.matmul(as_array(x1)[..., None, :], x2)[..., 0, :]


for stacked in (vecdot, matvec, vecmat):
    for room in (np, np_linalg):
        if hasattr(room, stacked.__name__):  # each came with its own version of NumPy
            expresses(getattr(room, stacked.__name__))(stacked)

expresses(np_linalg.matmul)(np.matmul)


@expresses(np_linalg.multi_dot)
def multi_dot(arrays: Sequence[Array]) -> Array:
    """The product of several matrices, multiplied in the order that takes the fewest operations.

    The first and the last may be vectors. The order is found as in Cormen, Leiserson, Rivest, Stein:
    Introduction to Algorithms, section 15.2.
    """
    first, last = np.ndim(arrays[0]) == 1, np.ndim(arrays[-1]) == 1
    sizes = [1 if first and i == 0 else np.shape(x)[0] for i, x in enumerate(arrays)]
    sizes.append(1 if last else np.shape(arrays[-1])[-1])
    count = len(arrays)
    cost = {(i, i): 0 for i in range(count)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            costs = {
                k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)
            }
            cut[i, j] = min(costs, key=lambda k: costs[k])
            cost[i, j] = costs[cut[i, j]]

    def product_of(i: int, j: int) -> Array:
        if i == j:
            return arrays[i]
        return np.matmul(product_of(i, cut[i, j]), product_of(cut[i, j] + 1, j))

    return product_of(0, count - 1)
