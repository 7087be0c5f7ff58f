"""Exponentials, logarithms, powers, hyperbolic functions, erf, and the sigmoid family built on them."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.primitives import elementwise
from tinygrad_edu.shortcuts import OPERATORS

Array = Any

FEW = 1000
"""Below this size ``np.reciprocal``, with one operand to look at, takes less time than a division, above it more."""


def real(x: Array) -> Array:
    """x, whole numbers as floating point ones: there are unsigned ones, which no minus goes with."""
    return x if getattr(x, "dtype", np.dtype(int)).kind == "f" else np.multiply(1.0, x)


def _sigmoid(x: Array, beta: float = 1.0) -> Array:
    """The logistic function 1 / (1 + exp(-beta x)), the activation of the artificial neuron.

    Parameters
    ----------
    x : array or Value
        Any shape.
    beta : float
        The slope; the derivative at 0 is beta / 4.

    Returns
    -------
    array or Value
        Same shape as `x`, in [0, 1]. Where exp(-beta x) is larger than the largest float the result is 0,
        which is right to within the smallest normal number, and no warning is given.

    Notes
    -----
    The derivative is ``f' = beta f (1 - f)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.sigmoid(0.0)), float(tg.sigmoid(-1000.0))
    (0.5, 0.0)
    """
    return _logistic(real(x), beta)


@np.errstate(over="ignore")
def _logistic(x: Array, beta: float = 1.0) -> Array:
    """The sigmoid of floating point numbers."""
    powers = np.exp(-x if beta == 1 else -beta * x)
    if powers.__class__ is not np.ndarray:
        return 1.0 / (1.0 + powers)
    powers += 1.0
    return np.reciprocal(powers, powers) if powers.size < FEW else np.divide(1.0, powers, powers)


OPERATORS[_sigmoid] = _logistic


def _softplus(x: Array) -> Array:
    """log(1 + exp(x)), without overflow for large x and without loss of digits for very negative x.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`. The derivative is ``sigmoid(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.softplus(1000.0))
    1000.0
    """
    return np.logaddexp(x, 0)


def _share(x: Array, y: Array, beta: float = 1.0) -> Array:
    """x's share of exp(beta x) + exp(beta y): a sigmoid of the difference, and half for equal infinities."""
    equal = (x == y) & np.isinf(x)
    return sigmoid(np.where(equal, 0, x) - np.where(equal, 0, y), beta=beta)


def _erf(x: Array) -> Array:
    """The error function, the integral of 2 / √π exp(−t²) from 0 to x.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in [−1, 1], accurate to the last digits: each number goes through `math.erf`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.erf(1.0))
    0.8427007929497149
    """
    return _each(_erf_of_one, x)


def _erfc(x: Array) -> Array:
    """1 − erf(x), with all its digits where erf(x) is nearly 1: twice the tail of the normal distribution.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in [0, 2].

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.erfc(10.0)), 1 - float(tg.erf(10.0))
    (2.088487583762545e-45, 0.0)
    """
    return _each(_erfc_of_one, x)


_erf_of_one, _erfc_of_one = np.frompyfunc(math.erf, 1, 1), np.frompyfunc(math.erfc, 1, 1)


def _each(function: Any, x: Array) -> Array:
    """A function of Python numbers applied to each number of x, in the precision of x."""
    x = x if hasattr(x, "dtype") else np.asarray(x, float)
    result = function(x)
    return result.astype(x.dtype) if x.shape else x.dtype.type(result)


INFINITY = float("inf")
POSITIVE = (0.0, INFINITY)
LN2, LN10 = math.log(2), math.log(10)
BELL = 2 / math.sqrt(math.pi)

# fmt: off
exp        = elementwise(np.exp,     lambda g, out, x: g * out)
expm1      = elementwise(np.expm1,   lambda g, out, x: g * (out + 1))
exp2       = elementwise(np.exp2,    lambda g, out, x: g * (out * LN2))
log        = elementwise(np.log,     lambda g, out, x: g / x,               domain=(POSITIVE,))
log1p      = elementwise(np.log1p,   lambda g, out, x: g / (1 + x),         domain=((-1.0, INFINITY),))
log2       = elementwise(np.log2,    lambda g, out, x: g / (x * LN2),       domain=(POSITIVE,))
log10      = elementwise(np.log10,   lambda g, out, x: g / (x * LN10),      domain=(POSITIVE,))
logaddexp  = elementwise(np.logaddexp,  lambda g, out, x, y: g * _share(x, y),      lambda g, out, x, y: g * _share(y, x))
logaddexp2 = elementwise(np.logaddexp2, lambda g, out, x, y: g * _share(x, y, LN2), lambda g, out, x, y: g * _share(y, x, LN2))
sqrt       = elementwise(np.sqrt,    lambda g, out, x: g / (2 * out),       domain=(POSITIVE,))
cbrt       = elementwise(np.cbrt,    lambda g, out, x: g / (3 * out * out), domain=(POSITIVE,))
sinh       = elementwise(np.sinh,    lambda g, out, x: g * np.cosh(x))
cosh       = elementwise(np.cosh,    lambda g, out, x: g * np.sinh(x))
tanh       = elementwise(np.tanh,    lambda g, out, x: g * (1.0 - out * out))
arcsinh    = elementwise(np.arcsinh, lambda g, out, x: g / np.hypot(1, x))
arccosh    = elementwise(np.arccosh, lambda g, out, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)), domain=((1.0, INFINITY),))
arctanh    = elementwise(np.arctanh, lambda g, out, x: g / ((1 - x) * (1 + x)),               domain=((-1.0, 1.0),))
erf        = elementwise(_erf,       lambda g, out, x: g * (BELL * np.exp(-x * x)))
erfc       = elementwise(_erfc,      lambda g, out, x: -g * (BELL * np.exp(-x * x)))
sigmoid    = elementwise(_sigmoid,   lambda g, out, x, beta=1.0: g * (out * (1.0 - out) if beta == 1 else beta * out * (1.0 - out)))
softplus   = elementwise(_softplus,  lambda g, out, x: g * sigmoid(x))
# fmt: on
