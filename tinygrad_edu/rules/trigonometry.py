"""Circular functions and their inverses, angles and distances in the plane, and sinc."""

import math
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive, elementwise

Array = Any

TERMS = 24
"""How many terms of sinc's power series are added up; for |x| < 1 those after them are below rounding."""


def _over(x: Array, length: Array) -> Array:
    """x / length, and 0 where the length is 0."""
    return x / np.where(length == 0, 1, length)


def _angle_slope(x: Array, y: Array) -> Array:
    """x / (x² + y²), without the squares, which could overflow; 0 at the origin."""
    length = np.hypot(x, y)
    return _over(_over(x, length), length)


def _sinc_derivative(x: Array, order: int = 1) -> Array:
    """The derivative of sinc(x) = sin(πx) / (πx) of the given order, 1 or more.

    Notes
    -----
    x sinc(x) = sin(πx) / π, differentiated n times, gives x sincⁿ(x) + n sincⁿ⁻¹(x) = πⁿ⁻¹ sin(πx + nπ/2). Near
    0 that would divide the difference of equal numbers by almost nothing; there the power series is added up.
    """
    far = np.where(np.abs(x) < 1, 1, x)
    derivative = np.sinc(far)
    for n in range(1, order + 1):
        derivative = (math.pi ** (n - 1) * np.sin(math.pi * far + n * math.pi / 2) - n * derivative) / far
    near = np.where(np.abs(x) < 1, x, 0)
    series = 0 * near
    for k in reversed(range(order, order + 2 * TERMS)):
        series = series * near + _sinc_coefficient(k) * math.perm(k, order)
    return np.where(np.abs(x) < 1, series, derivative)


def _sinc_coefficient(k: int) -> float:
    """What x^k is multiplied by in the power series of sinc."""
    return 0.0 if k % 2 else (-1) ** (k // 2) * math.pi**k / math.factorial(k + 1)


DISC = (-1.0, 1.0)
POSITIVE, ANY = (0.0, float("inf")), (-float("inf"), float("inf"))
ORIGIN = "0 where x = y = 0"
sinc_derivative: Primitive

# fmt: off
sin      = elementwise(np.sin,     lambda g, out, x: g * np.cos(x))
cos      = elementwise(np.cos,     lambda g, out, x: -g * np.sin(x))
tan      = elementwise(np.tan,     lambda g, out, x: g * (1 + out * out), domain=((-math.pi / 2, math.pi / 2),))
arcsin   = elementwise(np.arcsin,  lambda g, out, x: g / np.sqrt((1 - x) * (1 + x)),  domain=(DISC,))
arccos   = elementwise(np.arccos,  lambda g, out, x: -g / np.sqrt((1 - x) * (1 + x)), domain=(DISC,))
arctan   = elementwise(np.arctan,  lambda g, out, x: g / (1 + x * x))
arctan2  = elementwise(np.arctan2, lambda g, out, y, x: g * _angle_slope(x, y), lambda g, out, y, x: -g * _angle_slope(y, x),
                       domain=(ANY, POSITIVE), kinks=ORIGIN)
hypot    = elementwise(np.hypot,   lambda g, out, x, y: g * _over(x, out),      lambda g, out, x, y: g * _over(y, out),
                       domain=(POSITIVE, ANY), kinks=ORIGIN)
deg2rad  = elementwise(np.deg2rad, lambda g, out, x: np.deg2rad(g))
rad2deg  = elementwise(np.rad2deg, lambda g, out, x: np.rad2deg(g))
radians  = elementwise(np.radians, lambda g, out, x: np.radians(g))
degrees  = elementwise(np.degrees, lambda g, out, x: np.degrees(g))
sinc     = elementwise(np.sinc,    lambda g, out, x: g * sinc_derivative(x, order=1))
sinc_derivative = elementwise(_sinc_derivative, lambda g, out, x, order=1: g * sinc_derivative(x, order=order + 1))
# fmt: on
