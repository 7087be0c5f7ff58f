"""Functions that choose: where and select, maximum and minimum, clip, nan_to_num, relu."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import elementwise, expresses

Array = Any
ZERO = np.float64(0)


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
    if x.__class__ is np.float64:
        return ZERO if x <= 0 else x
    return np.maximum(x, 0)


def _passed(g: Array, condition: Array) -> Array:
    """g where the condition holds, else 0; of single numbers in a tenth of the time that NumPy takes."""
    if condition.__class__ is np.bool_ and g.__class__ is np.float64:
        return g if condition else ZERO
    return np.where(condition, g, 0)


def _winner(g: Array, x: Array, y: Array) -> Array:
    """All of g where x > y, half of it where they tie, else nothing."""
    return np.where(x > y, g, np.where(x == y, g / 2, 0))


def _taken(g: Array, x: Array, y: Array, out: Array) -> Array:
    """All of g where the result is x, half of it where it is y as well, else nothing."""
    return np.where(out == x, np.where(x == y, g / 2, g), 0)


TIES = "where x = y, each gets half"
NOT_A_NUMBER = f"{TIES}; nothing passes where both are NaN"

# fmt: off
where   = elementwise(np.where,   None, lambda g, out, c, x, y: np.where(c, g, 0), lambda g, out, c, x, y: np.where(c, 0, g))
maximum = elementwise(np.maximum, lambda g, out, x, y: _winner(g, x, y), lambda g, out, x, y: _winner(g, y, x), kinks=TIES)
minimum = elementwise(np.minimum, lambda g, out, x, y: _winner(g, y, x), lambda g, out, x, y: _winner(g, x, y), kinks=TIES)
fmax    = elementwise(np.fmax,    lambda g, out, x, y: _taken(g, x, y, out), lambda g, out, x, y: _taken(g, y, x, out), kinks=NOT_A_NUMBER)
fmin    = elementwise(np.fmin,    lambda g, out, x, y: _taken(g, x, y, out), lambda g, out, x, y: _taken(g, y, x, out), kinks=NOT_A_NUMBER)
nan_to_num = elementwise(np.nan_to_num, lambda g, out, x, nan=0.0, posinf=None, neginf=None: np.where(np.isfinite(x), g, 0),
                         kinks="0 where a number was put in")
relu    = elementwise(_relu,      lambda g, out, x: _passed(g, out > 0), kinks="0 at x = 0")
# fmt: on


@expresses(np.clip)
def _clip(a: Array, a_min: Array = None, a_max: Array = None, min: Array = None, max: Array = None) -> Array:  # noqa: A002 (NumPy's names)
    """The numbers of `a` within bounds; a bound that is reached exactly gets half of the gradient."""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is None and high is None:
        return np.positive(a)
    raised = a if low is None else np.maximum(a, low)
    return raised if high is None else np.minimum(raised, high)


@expresses(np.select)
def _select(condlist: Sequence[Array], choicelist: Sequence[Array], default: Array = 0) -> Array:
    """The first choice whose condition holds."""
    if not 0 < len(condlist) == len(choicelist):
        raise ArgumentError(
            f"np.select needs one choice for each condition: here are {len(condlist)} conditions and {len(choicelist)} choices."
        )
    choicelist = [np.asarray(choice) if isinstance(choice, (list, tuple)) else choice for choice in choicelist]
    chosen = default
    if not hasattr(type(default), "__record__"):
        chosen = np.asarray(default, np.result_type(*choicelist, default))[()]  # as precise as the result
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = np.where(condition, choice, chosen)
    return chosen
