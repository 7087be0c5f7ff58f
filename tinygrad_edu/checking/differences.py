"""The slope of a function of one number, from its values alone: differences over a sweep of step sizes.

A difference with a large step misses the bend of the function, one with a small step drowns in rounding. So
every step of a geometric sequence is tried, and the one counts around which the answer changes least. The
same values tell what is no mistake of a gradient: a kink, a jump, and noise.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Array = Any
Shape = Literal["smooth", "kink", "jump", "edge"]

EPSILON = float(np.finfo(np.float64).eps)
FACTOR = 6.0
"""From one step size to the next."""
DECADE = 3
"""Steps are compared with those so many places away when asking how something scales: 216 times as large."""
COUNT = 15
LARGEST = 0.5
CLEARLY = 100.0
"""So many times the rounding error is not rounding."""
DOUBT = 5.0
"""Two estimates differ if they are so many times their uncertainties apart."""
TINY = 1e-30
"""The step of a complex difference, which subtracts nothing and so may be as small as one likes."""


@dataclass(frozen=True)
class Slope:
    """What the values of a function say about its slope.

    Attributes
    ----------
    value : float
        The best estimate; at a kink the middle of the slopes on both sides. nan at an edge.
    uncertainty : float
        How far the truth may be from it.
    low, high : float
        The slopes on both sides, the smaller one first; apart only at a kink, infinitely far at a jump.
    shape : {"smooth", "kink", "jump", "edge"}
        "edge": the function has no finite values on one side.
    """

    value: float
    uncertainty: float
    low: float
    high: float
    shape: Shape = "smooth"


def slope(function: Callable[[Any], Any], scale: float = 1.0, rounding: float = 0.0) -> Slope:
    """The derivative of `function` at 0.

    Parameters
    ----------
    function : callable
        Of one float; of a complex number too, if it can.
    scale : float
        The size of the numbers that the function moves: the steps reach from half of the larger of it and 1
        down to a small part of the smaller.
    rounding : float
        A bound for the rounding error of the values, beyond that of their own last digit.

    Returns
    -------
    Slope

    Notes
    -----
    Central differences, improved by Richardson's extrapolation, compared over all step sizes; and the complex
    step of Squire and Trapp (1998), Im f(ih) / h, where it confirms them.

    Examples
    --------
    >>> import numpy as np
    >>> found = slope(lambda t: np.exp(2 * t))
    >>> found.shape, round(found.value, 9)
    ('smooth', 2.0)
    >>> found = slope(lambda t: abs(t))
    >>> found.shape, found.low, found.high
    ('kink', -1.0, 1.0)
    """
    decades = abs(math.log(scale)) / math.log(FACTOR) if scale > 0 else 0
    h = LARGEST * max(1.0, scale) * FACTOR ** -np.arange(COUNT + math.ceil(decades), dtype=float)
    with np.errstate(all="ignore"):
        here = float(function(0.0))
        ahead, behind = (np.array([float(function(sign * step)) for step in h]) for sign in (1, -1))
        noise = (rounding + EPSILON * np.fmax(np.fmax(abs(ahead), abs(behind)), abs(here))) / h
        found = _smooth(h, ahead, behind, noise)
        if found is None:
            return Slope(math.nan, math.inf, -math.inf, math.inf, "edge")
        if _persists(abs(ahead - behind), noise * h):
            return Slope(found.value, math.inf, -math.inf, math.inf, "jump")
        bend = (ahead + behind - 2 * here) / h
        place = _persists(abs(bend), noise)
        if place:
            sides = sorted(float(rise / h[place]) for rise in (here - behind[place], ahead[place] - here))
            return Slope(sum(sides) / 2, float(CLEARLY * noise[place]), sides[0], sides[1], "kink")
        return _by_complex_step(function, found)


def _smooth(h: Array, ahead: Array, behind: Array, noise: Array) -> Slope | None:
    """The extrapolated difference that its neighbours confirm best; None if the values are not finite."""
    central = (ahead - behind) / (2 * h)
    better = (FACTOR**2 * central[1:] - central[:-1]) / (FACTOR**2 - 1)
    change = abs(np.diff(better))
    error = np.fmax(change[:-1], change[1:]) + noise[2:-1]
    error[~np.isfinite(change[:-1] + change[1:])] = np.inf
    inner = better[1:-1]
    apart = abs(inner[:, None] - inner) > DOUBT * (error[:, None] + error)
    refuted = np.any(np.triu(apart), axis=1)  # by a smaller step: a pole or a kink lies between
    best = int(np.argmin(np.where(refuted, np.inf, error)))
    if not np.isfinite(error[best]):
        return None
    value = float(inner[best])
    return Slope(value, float(error[best]), value, value)


def _persists(size: Array, noise: Array) -> int:
    """The smallest step at which something is clearly there, if it is as large as at larger steps; else 0.

    What is smooth vanishes with the step: it is 200 times as small at a step 216 times as small.
    """
    clear = np.flatnonzero((size > CLEARLY * noise) & np.isfinite(size))
    if not clear.size or clear[-1] < DECADE:
        return 0
    last = int(clear[-1])
    hidden = last == len(size) - 1 or size[last] < 1.5 * CLEARLY * noise[last + 1]
    ratio = size[last] / size[last - DECADE]
    return last if hidden and 0.2 < ratio < 5 else 0


def _by_complex_step(function: Callable[[Any], Any], found: Slope) -> Slope:
    """A sharper estimate, if the function runs on complex numbers and is analytic: differences must agree."""
    if found.uncertainty > 1e-3 * abs(found.value):
        return found
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "Casting complex values to real discards the imaginary part"
            exact = float(np.imag(function(complex(0.0, TINY)))) / TINY
    except Exception:  # noqa: BLE001 (whatever the reason, it does not run on complex numbers)
        return found
    if not abs(exact - found.value) <= 10 * found.uncertainty + 1e-12 * abs(exact):
        return found
    return Slope(exact, min(found.uncertainty, 1e3 * EPSILON * abs(exact)), exact, exact)
