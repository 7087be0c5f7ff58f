"""Exponentials, logarithms, circular and hyperbolic functions, and the sigmoid family built on them."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import elementwise

Array = Any


@np.errstate(over="ignore")
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
    return 1 / (1 + np.exp(-x if beta == 1 else -beta * x))


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


POSITIVE = (0.0, float("inf"))

# fmt: off
exp      = elementwise(np.exp,    lambda g, out, x: g * out)
expm1    = elementwise(np.expm1,  lambda g, out, x: g * (out + 1))
log      = elementwise(np.log,    lambda g, out, x: g / x,         domain=(POSITIVE,))
log1p    = elementwise(np.log1p,  lambda g, out, x: g / (1 + x),   domain=((-1.0, float("inf")),))
sqrt     = elementwise(np.sqrt,   lambda g, out, x: g / (2 * out), domain=(POSITIVE,))
sin      = elementwise(np.sin,    lambda g, out, x: g * np.cos(x))
cos      = elementwise(np.cos,    lambda g, out, x: -g * np.sin(x))
tanh     = elementwise(np.tanh,   lambda g, out, x: g * (1 - out * out))
sigmoid  = elementwise(_sigmoid,  lambda g, out, x, beta=1.0: g * (out * (1 - out) if beta == 1 else beta * out * (1 - out)))
softplus = elementwise(_softplus, lambda g, out, x: g * sigmoid(x))
# fmt: on
