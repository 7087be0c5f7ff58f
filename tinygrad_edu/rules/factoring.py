"""Factoring matrices: cholesky, eigenvalues, singular values, qr; for stacks of matrices as NumPy has them.

The formulas are those of Giles (2008), "An extended collection of matrix derivative results for forward and
reverse mode algorithmic differentiation"; where a rule needs more, its docstring names the source.

Functions that read one triangle of a symmetric matrix (cholesky, eigh, eigvalsh) have a symmetric gradient: the
one for which dL = Σ Ā dA holds for every symmetric dA.
"""

from typing import Any

import numpy as np

from tinygrad_edu.errors import ShapeError, UnsupportedFunctionError
from tinygrad_edu.primitives import expresses, general
from tinygrad_edu.rules.parts import Shapes, several

Array = Any

np_linalg: Any = np.linalg
EighResult: Any
SvdResult: Any
QrResult: Any
EighResult, SvdResult, QrResult = (
    type(factor(np.eye(1))) for factor in (np.linalg.eigh, np.linalg.svd, np.linalg.qr)
)


def _low(x: Array) -> Array:
    """The part of x below the diagonal, and half the diagonal."""
    n = x.shape[-1]
    return x * (np.tri(n, k=-1, dtype=x.dtype) + 0.5 * np.eye(n, dtype=x.dtype))


def _symmetric(x: Array) -> Array:
    return (x + x.mT) / 2


def _cholesky_rule(g: Array, out: Array, upper: bool) -> Array:
    """L⁻ᵀ Φ(Lᵀ g) L⁻¹, made symmetric; Φ keeps the lower triangle and half the diagonal. Murray (2016)."""
    if upper:
        g, out = g.mT, out.mT
    half = np.linalg.solve(out.mT, _low(out.mT @ g))
    return _symmetric(np.linalg.solve(out.mT, half.mT).mT)


def _inverse(x: Array) -> Array:
    """1 / x, and 0 where x is 0."""
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))


def _inverse_gaps(x: Array) -> Array:
    """1 / (x_j − x_i) for all pairs, and 0 where the two are equal but for rounding."""
    gaps = x[..., None, :] - x[..., :, None]
    rounding = float(np.finfo(x.dtype).eps) * np.sum(np.abs(x), axis=-1, keepdims=True)[..., None]
    return _inverse(np.where(np.abs(gaps) <= rounding, 0, gaps))


def _eigh_rule(g: tuple[Array, Array], out: tuple[Array, Array]) -> Array:
    """V (diag(g_w) + F ∘ (Vᵀ g_V)) Vᵀ with F_ij = 1 / (w_j − w_i); made symmetric.

    How eigenvectors turn among equal eigenvalues is not defined, and F is 0 there: right for what takes the whole
    space (the projection onto it, the sum of its eigenvalues), while V f(w) Vᵀ loses the part inside the space.
    """
    (gw, gv), (w, v) = g, out
    turned = v.mT @ gv
    inside = _inverse_gaps(w) * (turned - turned.mT) / 2
    return (v * gw[..., None, :]) @ v.mT + v @ inside @ v.mT


def _eigvalsh_rule(g: Array, x: Array, uplo: Any) -> Array:
    """V diag(g) Vᵀ; with equal eigenvalues, the gradient for the basis that was found."""
    v = np.linalg.eigh(x, UPLO=uplo)[1]
    return (v * g[..., None, :]) @ v.mT


def _svd_rule(g: tuple[Array, ...], out: tuple[Array, ...]) -> Array:
    """The thin decomposition; Townsend (2016), "Differentiating the singular value decomposition".

    With equal singular values, or one that is 0, singular vectors are not defined; as in `eigh`, what turns
    them counts as 0.
    """
    (gu, gs, gvt), (u, s, vt) = g, out
    v, gv = vt.mT, gvt.mT
    row, column = s[..., None, :], s[..., :, None]
    across = _inverse_gaps(s) * _inverse(row + column)
    left, right = u.mT @ gu, v.mT @ gv
    middle = (across * (left - left.mT)) * row + column * (across * (right - right.mT))
    result = ((u * gs[..., None, :]) + u @ middle) @ vt
    if u.shape[-2] > u.shape[-1]:
        result = result + ((gu - u @ left) * _inverse(row)) @ vt
    if v.shape[-2] > v.shape[-1]:
        result = result + (u * _inverse(row)) @ (gv - v @ right).mT
    return result


def _qr_rule(g: tuple[Array, Array], out: tuple[Array, Array], x: Array) -> Array:
    """(g_Q + Q copyltu(M)) R⁻ᵀ with M = R g_Rᵀ − g_Qᵀ Q; Walter, Lehmann and Lamour (2012), Seeger et al. (2017).

    Of a wide matrix [X | Y] = Q [U | V], X is decomposed, and Y = Q V; Roberts and Roberts (2020).
    """
    (gq, gr), (q, r) = g, out
    m, n = x.shape[-2:]
    gv = gr[..., :, m:]
    if n > m:
        gq, gr, r = gq + x[..., :, m:] @ gv.mT, gr[..., :, :m], r[..., :, :m]
    low = _low(r @ gr.mT - gq.mT @ q)
    square = np.linalg.solve(r, (gq + q @ (low + low.mT)).mT).mT
    return square if n <= m else np.concatenate([square, q @ gv], axis=-1)


def _eigh_shapes(x: Array, **settings: Any) -> Shapes:
    return x.shape[:-1], x.shape


def _svd_shapes(x: Array, **settings: Any) -> Shapes:
    *stack, m, n = x.shape
    return (*stack, m, min(m, n)), (*stack, min(m, n)), (*stack, min(m, n), n)


def _qr_shapes(x: Array, **settings: Any) -> Shapes:
    *stack, m, n = x.shape
    return (*stack, m, min(m, n)), (*stack, min(m, n), n)


def _svd(x: Array) -> tuple[Array, ...]:
    """The singular value decomposition with as many vectors as there are singular values."""
    return np.linalg.svd(x, full_matrices=False)


def _svdvals(x: Array) -> Array:
    """The singular values, largest first."""
    return np.linalg.svd(x, compute_uv=False)


def _svdvals_rule(g: Array, x: Array) -> Array:
    """U diag(g) Vᵀ; with equal singular values, the gradient for the basis that was found."""
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return (u * g[..., None, :]) @ vt


# fmt: off
cholesky = general(np.linalg.cholesky, lambda g, out, x, upper=False: _cholesky_rule(g, out, upper))
eigvalsh = general(np.linalg.eigvalsh, lambda g, out, x, UPLO="L": _eigvalsh_rule(g, x, UPLO))
svdvals  = general(_svdvals,           lambda g, out, x: _svdvals_rule(g, x))
eigh     = several(np.linalg.eigh,     lambda g, out, x, UPLO="L": _eigh_rule(g, out), shapes=_eigh_shapes)
svd      = several(_svd,               lambda g, out, x: _svd_rule(g, out), shapes=_svd_shapes)
qr       = several(np.linalg.qr,       _qr_rule, shapes=_qr_shapes)
# fmt: on


@expresses(np.linalg.eigh)
def any_eigh(a: Array, UPLO: Any = "L") -> Any:
    """Eigenvalues in ascending order, and eigenvectors as columns."""
    return EighResult(*eigh(a, UPLO=UPLO))


@expresses(np.linalg.svd)
def any_svd(
    a: Array, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The thin decomposition u, s, vᵀ, or the singular values alone."""
    if hermitian:
        raise UnsupportedFunctionError(
            "np.linalg.svd(..., hermitian=True) has no rule on Values: leave it out, or use np.linalg.eigh."
        )
    if not compute_uv:
        return svdvals(a)
    m, n = _sides("svd", a)
    if full_matrices and m != n:
        raise UnsupportedFunctionError(
            f"np.linalg.svd of a {m}×{n} matrix with full_matrices=True: the vectors beyond the {min(m, n)} "
            f"singular values are any that fit, so they have no derivative. Write full_matrices=False."
        )
    return SvdResult(*svd(a))


def _sides(function: str, x: Array) -> tuple[int, int]:
    """How many rows and columns the matrices of x have."""
    if x.ndim < 2:
        raise ShapeError(f"np.linalg.{function} takes a matrix or a stack of them, not an array of shape {x.shape}.")
    return x.shape[-2], x.shape[-1]


@expresses(np_linalg.svdvals)
def any_svdvals(x: Array) -> Array:
    """The singular values, largest first."""
    return svdvals(x)


@expresses(np.linalg.qr)
def any_qr(a: Array, mode: str = "reduced") -> Any:
    """The decomposition into orthonormal columns and a right triangular matrix; mode="r" gives the latter."""
    m, n = _sides("qr", a)
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise UnsupportedFunctionError(
            f"np.linalg.qr of a {m}×{n} matrix with mode={mode!r} has no rule on Values: only the columns of "
            f"mode='reduced' have a derivative."
        )
    q, r = qr(a)
    return r if mode == "r" else QrResult(q, r)
