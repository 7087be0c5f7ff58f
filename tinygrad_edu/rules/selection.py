"""Functions that choose: where, maximum and minimum, relu."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import elementwise

Array = Any


def _relu(x: Array) -> Array:
    """The rectifier: x where x is positive, else 0; its derivative at 0 is 0.

    Parameters
    ----------
    x : array or Value
        Any shape.

    Returns
    -------
    array or Value
        Same shape as `x`. ``np.maximum(x, 0)`` has the same values, and the derivative 1/2 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.relu(-2.0)), float(tg.relu(3.0))
    (0.0, 3.0)
    """
    return np.maximum(x, 0)


def _winner(g: Array, x: Array, y: Array) -> Array:
    """All of g where x > y, half of it where they tie, else nothing."""
    return np.where(x > y, g, np.where(x == y, g / 2, 0))


TIES = "where x = y, each gets half"

# fmt: off
where   = elementwise(np.where,   None, lambda g, out, c, x, y: np.where(c, g, 0), lambda g, out, c, x, y: np.where(c, 0, g))
maximum = elementwise(np.maximum, lambda g, out, x, y: _winner(g, x, y), lambda g, out, x, y: _winner(g, y, x), kinks=TIES)
minimum = elementwise(np.minimum, lambda g, out, x, y: _winner(g, y, x), lambda g, out, x, y: _winner(g, x, y), kinks=TIES)
relu    = elementwise(_relu,      lambda g, out, x: np.where(out > 0, g, 0), kinks="0 at x = 0")
# fmt: on
