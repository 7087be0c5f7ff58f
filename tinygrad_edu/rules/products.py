"""The matrix product, for every combination of vectors, matrices and stacks of matrices."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import multilinear

Array = Any


def _turned(x: Array) -> Array:
    """Each matrix transposed; also of arrays of other libraries, not all of which know ``.mT``."""
    try:
        return x.mT
    except AttributeError:
        return np.swapaxes(x, -1, -2)


def _matmul_left(g: Array, out: Array, x: Array, y: Array) -> Array:
    """What the product hands to its left operand: g @ yᵀ, read for vectors as NumPy reads them."""
    if y.ndim == 1:
        return g * y if x.ndim == 1 else g[..., None] * y
    if x.ndim == 1:
        return y @ g if y.ndim == 2 else (y @ g[..., None])[..., 0]
    return g @ _turned(y)


def _matmul_right(g: Array, out: Array, x: Array, y: Array) -> Array:
    """What the product hands to its right operand: xᵀ @ g, read for vectors as NumPy reads them."""
    if x.ndim == 1:
        return g * x if y.ndim == 1 else x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return _turned(x) @ g if x.ndim == 2 else (_turned(x) @ g[..., None])[..., 0]
    return _turned(x) @ g


matmul = multilinear(np.matmul, _matmul_left, _matmul_right)
