"""Softmax and its logarithm, and logsumexp, along any axes: stable, and right at infinities.

The largest number is taken off first, so no exponential overflows. Equal infinities count as equal numbers: where
all are −inf, or several are +inf, these share the softmax equally.
"""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, general
from tinygrad_edu.rules.reductions import spread
from tinygrad_edu.rules.transcendental import real

Array = Any
Axis = int | tuple[int, ...] | None


def _softmax(x: Array, axis: Axis = -1) -> Array:
    """exp(x) / Σ exp(x): positive numbers that add up to 1 along an axis.

    Parameters
    ----------
    x : array or Value
        Scores; any shape.
    axis : int, tuple of int or None
        Along which they compete; ``None``: all of them.

    Returns
    -------
    array or Value
        Same shape as `x`. A score of −inf gets 0; equal infinities at the top share equally.

    Notes
    -----
    With p for the result, the gradient is ``p (g − Σ g p)``.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.softmax(np.array([1000.0, 1000.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    """
    powers = np.exp(_from_top(x, _top(x, axis)))
    return powers / powers.sum(axis=axis, keepdims=True)


def _log_softmax(x: Array, axis: Axis = -1) -> Array:
    """x − log Σ exp(x): the logarithm of the softmax, without a logarithm of 0.

    Parameters
    ----------
    x : array or Value
        Scores; any shape.
    axis : int, tuple of int or None
        Along which they compete; ``None``: all of them.

    Returns
    -------
    array or Value
        Same shape as `x`.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    below = _from_top(x, _top(x, axis))
    return below - np.log(np.exp(below).sum(axis=axis, keepdims=True))


def _logsumexp(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """log Σ exp(x), without overflow: a smooth maximum.

    Parameters
    ----------
    x : array or Value
        Any shape; entries of −inf add nothing.
    axis : int, tuple of int or None
        What is summed over; ``None``: everything.
    keepdims : bool
        Whether these axes stay, with length 1.

    Returns
    -------
    array or Value
        −inf where all entries are −inf. The derivative is ``softmax(x, axis)``.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> float(tg.logsumexp(np.array([1000.0, 1000.0, -np.inf])))
    1000.6931471805599
    """
    top = _top(x, axis)
    total = top + np.log(np.exp(_from_top(x, top)).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis)[()]


def _top(x: Array, axis: Axis) -> Array:
    """The largest number along the axes, which stay."""
    return np.max(x, axis=axis, keepdims=True)


def _from_top(x: Array, top: Array) -> Array:
    """x − top, which is 0 where both are the same, infinite or not."""
    with np.errstate(invalid="ignore"):
        return np.where(x == top, 0, real(x) - top)


softmax: Primitive

# fmt: off
softmax     = general(_softmax,     lambda g, out, x, axis=-1: out * (g - np.sum(g * out, axis=axis, keepdims=True)))
log_softmax = general(_log_softmax, lambda g, out, x, axis=-1: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True))
logsumexp   = general(_logsumexp,   lambda g, out, x, axis=None, keepdims=False: spread(g, shape=x.shape, axis=axis) * softmax(x, axis=axis))
# fmt: on
