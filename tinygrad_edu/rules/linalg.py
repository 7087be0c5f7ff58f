"""Solving and inverting: ``np.linalg`` but for factorizations and norms, for stacks of matrices as NumPy has them.

The formulas are those of Giles (2008), "An extended collection of matrix derivative results for forward and
reverse mode algorithmic differentiation"; where a rule needs more, its docstring names the source.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.primitives import Primitive, expresses, flat, general
from tinygrad_edu.rules.factoring import svdvals
from tinygrad_edu.rules.moving import as_array
from tinygrad_edu.rules.parts import Shapes, several
from tinygrad_edu.rules.shaping import HOLE, add_at

Array = Any

np_linalg: Any = np.linalg
FEW_MINORS = 8
"""Matrices up to this size have their second derivatives by minors, which serves singular ones as well."""

cofactors: Primitive

SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


def _solved_back(g: Array, a: Array, b: Array) -> Array:
    """The gradient of the right-hand side, a⁻ᵀ g."""
    if b.ndim > 1 or g.ndim == 1:
        return np.linalg.solve(a.mT, g)
    return np.linalg.solve(a.mT, g[..., None])[..., 0]


def _solve_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    back = _solved_back(g, a, b)
    if b.ndim > 1:
        return -back @ out.mT
    return -back[..., None] * (out if out.ndim == 1 else out[..., None, :])


def _spread(g: Array, x: Array) -> Array:
    """A number for each matrix of x, ready to multiply it."""
    return g if x.ndim == 2 else g[..., None, None]


def _cofactors(x: Array) -> Array:
    """The derivative of the determinant, det(x) x⁻ᵀ; for singular matrices the determinants of the minors."""
    whole = np.linalg.det(x)
    if np.all(whole != 0):
        return _spread(whole, x) * np.linalg.inv(x).mT
    rows, columns, signs = _minors(x.shape[-1])
    return (signs * np.linalg.det(x[..., rows, columns])).astype(x.dtype)


def _cofactors_rule(g: Array, out: Array, x: Array) -> Array:
    """By the minors, whose determinants the cofactors are; of large matrices, which must then be regular, by x⁻¹."""
    n = x.shape[-1]
    if n > FEW_MINORS:
        return (np.sum(g * out, axis=(-2, -1), keepdims=True) * out - out @ g.mT @ out) / _spread(np.linalg.det(x), x)
    rows, columns, signs = _minors(n)
    inside = (signs.astype(x.dtype) * g)[..., None, None] * cofactors(x[..., rows, columns])
    return add_at(inside, rows, columns, index=(..., HOLE, HOLE), shape=x.shape)


def _minors(n: int) -> tuple[Array, Array, Array]:
    """Rows and columns of the minors, as indices that give shape (n, n, n - 1, n - 1), and their signs."""
    others = np.array([[j for j in range(n) if j != i] for i in range(n)], int).reshape(n, max(n - 1, 0))
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return others[:, None, :, None], others[None, :, None, :], signs


def _pinv_rule(g: Array, out: Array, x: Array) -> Array:
    """Golub and Pereyra (1973); right as long as the rank stays the same, as a full rank does."""
    gt, back = g.mT, out.mT
    return (
        -back @ g @ back
        + (gt - x @ (out @ gt)) @ out @ back
        + back @ out @ (gt - (gt @ out) @ x)
    )


def _lstsq(a: Array, b: Array, rcond: float | None = None) -> Array:
    """The least squares solution alone, of ``np.linalg.lstsq``."""
    return np.linalg.lstsq(a, b, rcond=rcond)[0]


def _lstsq_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    """The rule of a⁺ b by a: that of a⁺, with g bᵀ for its gradient."""
    if b.ndim == 1:
        g, out, b = g[:, None], out[:, None], b[:, None]
    p = np.linalg.pinv(a)
    back = p.mT @ g
    return (b - a @ out) @ (p @ back).mT - back @ out.mT + (p.mT @ out) @ (g - p @ (a @ g)).mT


def _slogdet_shapes(x: Array) -> Shapes:
    return x.shape[:-2], x.shape[:-2]


# fmt: off
inv         = general(np.linalg.inv,     lambda g, out, x: -out.mT @ g @ out.mT)
solve       = general(np.linalg.solve,   _solve_left, lambda g, out, a, b: _solved_back(g, a, b), stacked=True)
det         = general(np.linalg.det,     lambda g, out, x: _spread(g, x) * cofactors(x))
cofactors   = general(_cofactors,        _cofactors_rule)
slogdet     = several(np.linalg.slogdet, lambda g, out, x: _spread(g[1], x) * np.linalg.inv(x).mT, shapes=_slogdet_shapes)
pinv        = general(np.linalg.pinv,    lambda g, out, x, rcond=None, rtol=None: _pinv_rule(g, out, x))
solution    = general(_lstsq,            lambda g, out, a, b, rcond=None: _lstsq_left(g, out, a, b), lambda g, out, a, b, rcond=None: np.linalg.pinv(a).mT @ g)
matrix_rank = flat(np.linalg.matrix_rank)
# fmt: on


@expresses(np.linalg.slogdet)
def any_slogdet(a: Array) -> Any:
    """The sign of the determinant, and the logarithm of its absolute value."""
    return SlogdetResult(*slogdet(a))


@expresses(np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: float | None = None) -> tuple[Array, Array, int, Array]:
    """The solution of least squares, the sums of squared residuals, the rank, and the singular values."""
    a, b = as_array(a), as_array(b)
    x = solution(a, b, rcond=rcond)
    s = svdvals(a)
    cutoff = max(a.shape) * float(np.finfo(s.dtype).eps) if rcond is None else rcond
    (m, n), rank = a.shape, int(np.sum(s > cutoff * s[:1]))  # how small a value counts as 0
    left_over = np.sum(np.square(b - a @ x), axis=0)
    residuals = np.reshape(left_over, (-1,)) if rank == n < m else np.zeros(0, x.dtype)
    return x, residuals, rank, s


@expresses(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """a @ a @ ... @ a, by squaring; of the inverse where n is negative."""
    if n == 0:
        return np.where(True, np.eye(a.shape[-1], dtype=a.dtype), a)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:
        return (a @ a) @ a
    result = None
    while n:
        if n % 2:
            result = a if result is None else result @ a
        n //= 2
        if n:
            a = a @ a
    return result


@expresses(np.linalg.tensorinv)
def tensorinv(a: Array, ind: int = 2) -> Array:
    """The inverse of a as a linear map between arrays."""
    rows, columns = a.shape[:ind], a.shape[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(rows), -1))), columns + rows)


@expresses(np.linalg.tensorsolve)
def tensorsolve(a: Array, b: Array, axes: Sequence[int] | None = None) -> Array:
    """The array x with ``tensordot(a, x, x.ndim) = b``."""
    last = [normalize_axis_index(axis, np.ndim(a)) for axis in axes or ()]
    if last:
        a = np.transpose(a, [axis for axis in range(np.ndim(a)) if axis not in last] + last)
    shape = np.shape(a)[np.ndim(b) :]
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, math.prod(shape))), np.reshape(b, (-1,))), shape)


@expresses(np_linalg.diagonal)
def diagonal(x: Array, *, offset: int = 0) -> Array:
    """The diagonals of a stack of matrices."""
    return np.diagonal(x, offset, -2, -1)


@expresses(np_linalg.trace)
def trace(x: Array, *, offset: int = 0) -> Array:
    """The sums of the diagonals of a stack of matrices."""
    return np.trace(x, offset, -2, -1)


