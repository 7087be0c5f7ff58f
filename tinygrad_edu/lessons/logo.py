"""The Batman curve: its edges, what lies inside, and how well a set of points covers it. Knows no network."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

HALF_WIDTH, HALF_HEIGHT = 8.0, 4.5
"""The box that is looked at: x in ±8, y in ±4.5. The logo itself ends at x = ±7 and y = ±3."""


def _root(x: Array) -> Array:
    """The square root where there is one, else 0: every piece of an edge is evaluated on all x."""
    return np.sqrt(np.maximum(x, 0))


def upper_edge(x: ArrayLike) -> Array:
    """The highest y of the logo at each x; -inf beyond |x| = 7.

    From the middle outwards: the flat of the head, two sides of an ear, the shoulder, the wing (an ellipse).
    """
    x = np.asarray(x, dtype=float)
    a = np.abs(x)
    shoulder = 1.5 - 0.5 * a - 6 * np.sqrt(10) / 14 * (_root(3 - x**2 + 2 * a) - 2)
    wing = 3 * _root(1 - (x / 7) ** 2)
    return np.select(
        [a <= 0.5, a <= 0.75, a <= 1, a <= 3, a <= 7],
        [np.full_like(x, 2.25), 3 * a + 0.75, 9 - 8 * a, shoulder, wing],
        -np.inf,
    )


def lower_edge(x: ArrayLike) -> Array:
    """The lowest y of the logo at each x; inf beyond |x| = 7. Up to |x| = 4 the cape, then the wing."""
    x = np.asarray(x, dtype=float)
    a = np.abs(x)
    cape = a / 2 - (3 * np.sqrt(33) - 7) / 112 * x**2 + _root(1 - (np.abs(a - 2) - 1) ** 2) - 3
    wing = -3 * _root(1 - (x / 7) ** 2)
    return np.select([a <= 4, a <= 7], [cape, wing], np.inf)


def inside(points: ArrayLike) -> Mask:
    """Which of the points (..., 2) lie in the logo or on its edge."""
    x, y = np.moveaxis(np.asarray(points, dtype=float), -1, 0)
    return np.asarray((lower_edge(x) <= y) & (y <= upper_edge(x)))


def training_points() -> Array:
    """The talk's grid, (627, 2): x = -8, -7.5 ... 8 and y = -4.5, -4 ... 4.5; 199 points lie inside."""
    return _grid(np.arange(-16, 17) / 2, np.arange(-9, 10) / 2).reshape(-1, 2)


def midpoints(cells_per_unit: int = 20) -> Array:
    """The middles of small squares that fill the box, (rows, columns, 2), to measure areas with."""
    x = (np.arange(2 * HALF_WIDTH * cells_per_unit) + 0.5) / cells_per_unit - HALF_WIDTH
    y = (np.arange(2 * HALF_HEIGHT * cells_per_unit) + 0.5) / cells_per_unit - HALF_HEIGHT
    return _grid(x, y)


def intersection_over_union(drawn: Mask, true: Mask) -> float:
    """The area that both cover, divided by the area that either covers: 1 if equal, 0 if disjoint."""
    union = np.count_nonzero(drawn | true)
    return float(np.count_nonzero(drawn & true) / union) if union else 1.0


def _grid(x: Array, y: Array) -> Array:
    return np.stack(np.meshgrid(x, y), axis=-1)
