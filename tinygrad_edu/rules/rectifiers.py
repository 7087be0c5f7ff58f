"""Activations put together from pieces; each says, in the table and its docstring, what its slope is at a kink."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import elementwise, expression

Array = Any


def _leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """The rectifier with a leak: x where x is positive, else slope · x.

    Parameters
    ----------
    x : array or Value
        Any shape.
    slope : float
        The derivative at negative x, and at 0.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.leaky_relu(-2.0)), float(tg.leaky_relu(3.0, slope=0.1))
    (-0.02, 3.0)
    """
    return np.where(x > 0, x, slope * x)[()]


def _elu(x: Array, alpha: float = 1.0) -> Array:
    """The exponential linear unit: x where x is positive, else alpha (exp(x) − 1).

    Parameters
    ----------
    x : array or Value
        Any shape.
    alpha : float
        −alpha is the limit for very negative x, alpha the derivative at 0.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.elu(-1000.0)), float(tg.elu(3.0))
    (-1.0, 3.0)
    """
    return np.where(x > 0, x, alpha * np.expm1(_unless_positive(x)))[()]


def _relu6(x: Array) -> Array:
    """The rectifier that saturates at 6: x between 0 and 6, cut off beyond.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in [0, 6]. The derivative at 0 and at 6 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.relu6(-2.0)), float(tg.relu6(3.0)), float(tg.relu6(8.0))
    (0.0, 3.0, 6.0)
    """
    return np.clip(x, 0, 6)


def _hard_sigmoid(x: Array) -> Array:
    """Three straight pieces in place of the sigmoid: x / 6 + 1/2 between −3 and 3, cut off beyond.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in [0, 1]. The derivative at −3 and at 3 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.hard_sigmoid(-4.0)), float(tg.hard_sigmoid(1.5))
    (0.0, 0.75)
    """
    return np.clip(x / 6 + 0.5, 0, 1)


def _hard_tanh(x: Array) -> Array:
    """Three straight pieces in place of tanh: x between −1 and 1, cut off beyond.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`, in [−1, 1]. The derivative at −1 and at 1 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.hard_tanh(-4.0)), float(tg.hard_tanh(0.5))
    (-1.0, 0.5)
    """
    return np.clip(x, -1, 1)


def _unless_positive(x: Array) -> Array:
    """x where it is not positive, else 0: what an exponential in the other branch may safely see."""
    return np.where(x > 0, 0, x)


FLAT = "0 at both kinks"

# fmt: off
leaky_relu   = elementwise(_leaky_relu,   lambda g, out, x, slope=0.01: np.where(x > 0, g, slope * g), kinks="slope at x = 0")
elu          = elementwise(_elu,          lambda g, out, x, alpha=1.0: np.where(x > 0, g, g * (alpha * np.exp(_unless_positive(x)))),
                           kinks="alpha at x = 0")
relu6        = elementwise(_relu6,        lambda g, out, x: np.where((out > 0) & (out < 6), g, 0),     kinks=FLAT)
hard_sigmoid = elementwise(_hard_sigmoid, lambda g, out, x: np.where((out > 0) & (out < 1), g / 6, 0), kinks=FLAT)
hard_tanh    = elementwise(_hard_tanh,    lambda g, out, x: np.where(np.abs(out) < 1, g, 0),           kinks=FLAT)
# fmt: on

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@expression
def selu(x: Array) -> Array:
    """The self-normalising unit: 1.0507 · elu(x, alpha=1.6733).

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`. The derivative at 0 is 1.7581, that of the left piece.

    Notes
    -----
    With these two constants numbers of mean 0 and variance 1 keep them from layer to layer (Klambauer et al.,
    Self-Normalizing Neural Networks, 2017).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.selu(1.0))
    1.0507009873554805
    """
    return SELU_SCALE * elu(x, alpha=SELU_ALPHA)


@expression
def hard_silu(x: Array) -> Array:
    """x · hard_sigmoid(x), also called hard swish.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`. The derivative at −3 is 0 and at 3 is 1, that of the outer pieces.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.hard_silu(-4.0)), float(tg.hard_silu(3.0))
    (-0.0, 3.0)
    """
    return x * hard_sigmoid(x)
