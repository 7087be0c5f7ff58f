"""A logarithm times its weight, where nothing is weighed as 0: what cross-entropies are made of."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, elementwise

Array = Any


def _xlogy(x: Array, y: Array) -> Array:
    """x log y, and 0 where both are 0: an event that never happens costs nothing.

    Parameters
    ----------
    x, y : array or Value
        Shapes that broadcast; y in [0, ∞).

    Returns
    -------
    array or Value
        In the shape that `x` and `y` have together.

    Notes
    -----
    The derivatives are log y and x / y; where x and y are 0, both are taken to be 0.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.xlogy(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    array([0., 0.])
    """
    return x * np.log(_certain(x, y))


def _xlog1py(x: Array, y: Array) -> Array:
    """x log(1 + y), with all digits where y is small, and 0 where x and 1 + y are 0.

    Parameters
    ----------
    x, y : array or Value
        Shapes that broadcast; y in [−1, ∞).

    Returns
    -------
    array or Value
        In the shape that `x` and `y` have together.

    Notes
    -----
    The derivatives are log(1 + y) and x / (1 + y); where x and 1 + y are 0, both are taken to be 0.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.xlog1py(np.array([0.0, 1.0]), np.array([-1.0, 1e-20]))
    array([0.e+00, 1.e-20])
    """
    return x * np.log1p(_certain(x, y, -1))


def _over(x: Array, y: Array) -> Array:
    """x / y, and 0 where both are 0."""
    return x / _certain(x, y)


def _certain(x: Array, y: Array, surely: float = 0) -> Array:
    """y, but where x is 0 and y the number at which its logarithm is infinite, that at which it is 0."""
    return np.where((x == 0) & (y == surely), surely + 1, y)


INFINITY = float("inf")
ANY = (-INFINITY, INFINITY)
POSITIVE = (0.0, INFINITY)

over: Primitive

# fmt: off
over    = elementwise(_over,    lambda g, out, x, y: over(g, y),                        lambda g, out, x, y: -over(g * out, y), domain=(ANY, POSITIVE))
xlogy   = elementwise(_xlogy,   lambda g, out, x, y: g * np.log(_certain(x, y)),        lambda g, out, x, y: g * over(x, y),    domain=(ANY, POSITIVE))
xlog1py = elementwise(_xlog1py, lambda g, out, x, y: g * np.log1p(_certain(x, y, -1)),  lambda g, out, x, y: g * over(x, 1 + y), domain=(ANY, (-1.0, INFINITY)))
# fmt: on
