"""Smooth activations in stable forms, most of them expressions of the sigmoid family."""

import math
from typing import Any, Literal

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import elementwise, expression
from tinygrad_edu.rules.transcendental import erfc, real, sigmoid, softplus

Array = Any


def _softsign(x: Array) -> Array:
    """x / (1 + |x|): like tanh, with tails that fade slowly.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in (−1, 1). The derivative is ``1 / (1 + |x|)²``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.softsign(-3.0))
    -0.75
    """
    return x / (1 + np.abs(x))


softsign = elementwise(_softsign, lambda g, out, x: g / (1 + np.abs(x)) ** 2)


@expression
def gelu(x: Array, approximate: Literal["tanh"] | None = None) -> Array:
    """x Φ(x), where Φ is the distribution function of the normal distribution.

    Parameters
    ----------
    x : array or Value
        Any shape.
    approximate : {None, "tanh"}
        ``"tanh"``: with (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 in place of Φ(x), off by up to 0.0005.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Raises
    ------
    ArgumentError
        For any other `approximate`.

    Notes
    -----
    Φ(x) is written as erfc(−x / √2) / 2, and (1 + tanh(z)) / 2 as sigmoid(2z), which keep their digits where
    they are small.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> round(float(tg.gelu(1.0)), 8), round(float(tg.gelu(1.0, approximate="tanh")), 8)
    (0.84134475, 0.84119199)
    """
    if approximate is None:
        return x * (erfc(-real(x) * math.sqrt(0.5)) / 2)
    if approximate != "tanh":
        raise ArgumentError(f"gelu(..., approximate={approximate!r}): it is None or 'tanh'.")
    return x * sigmoid(math.sqrt(8 / math.pi) * x * (1 + 0.044715 * x * x))


@expression
def silu(x: Array, beta: float = 1.0) -> Array:
    """x · sigmoid(beta x), also called swish.

    Parameters
    ----------
    x : array or Value
        Any shape.
    beta : float
        The larger, the closer to the rectifier.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.silu(0.0)), float(tg.silu(1000.0))
    (0.0, 1000.0)
    """
    return x * sigmoid(x, beta=beta)


@expression
def mish(x: Array) -> Array:
    """x · tanh(softplus(x)).

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.mish(1000.0))
    1000.0
    """
    return x * np.tanh(softplus(x))
