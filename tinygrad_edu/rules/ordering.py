"""Sorting, searching, and what depends on an order: a gradient follows each number to its new place."""

from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import expresses, flat, general
from tinygrad_edu.rules.moving import of_type, places_of, returned
from tinygrad_edu.rules.shaping import HOLE, add_at

Array = Any


def unsorted(g: Array, x: Array, axis: int | None) -> Array:
    """g, which belongs to the sorted numbers, in the order of x; equal ones stay in the order they stand in."""
    if axis is None:
        return np.reshape(unsorted(g, np.ravel(x), 0), x.shape)
    order = np.argsort(x, axis=axis, kind="stable")
    return returned(g, x, np.take_along_axis(places_of(x), order, axis=axis))


def _unpartitioned(g: Array, out: Array, x: Array, axis: int | None) -> Array:
    """g, which belongs to numbers in any order, in the order of x: both orders are compared with the sorted."""
    along = 0 if axis is None else axis
    places = np.argsort(out, axis=along, kind="stable")
    return unsorted(np.take_along_axis(g, places, axis=along), x, axis)


TIES = "equal numbers keep the order in which they stand"

# fmt: off
sort      = general(np.sort,      lambda g, out, x, axis=-1, kind=None, stable=None: unsorted(g, x, axis), kinks=TIES)
partition = general(np.partition, lambda g, out, x, kth=0, axis=-1, kind="introselect": _unpartitioned(g, out, x, axis), kinks=TIES)

SEARCHES = (
    *(flat(function) for function in (np.argsort, np.argpartition, np.argwhere, np.flatnonzero)),
    *(flat(function, 2) for function in (np.searchsorted, np.digitize)),
    *(flat(function) for function in (np.iscomplex, np.isreal)),
    *(flat(function, 2) for function in (np.isin, np.array_equiv)),
)
# fmt: on


@expresses(np.bincount)
def bincount(x: Array, weights: Array = None, *, minlength: int = 0) -> Array:
    """How often 0, 1, 2, ... occur in x, or the sums of the weights at each of them."""
    places = np.asarray(x)
    weights = np.ones(places.shape, int) if weights is None else of_type(weights, np.float64)
    length = max(int(np.max(places, initial=-1)) + 1, minlength)
    return add_at(weights, x, index=(HOLE,), shape=(length,))


@expresses(np.where)
def where(condition: Array, x: Array = None, y: Array = None) -> tuple[Array, ...]:
    """The places at which a condition holds, which stands alone."""
    if x is not None or y is not None:
        raise ArgumentError("np.where takes the condition alone, or with both choices: np.where(condition, x, y).")
    return nonzero(condition)


@expresses(np.nonzero)
def nonzero(a: Array) -> tuple[Array, ...]:
    """The indices of the elements that are not 0: one Value of integers for each axis."""
    places = np.argwhere(a)
    return tuple(places[:, i] for i in range(a.ndim))


@expresses(np.unique)
def unique(ar: Array) -> Array:
    """The different numbers in increasing order; the first one of several equal ones is the one that is kept."""
    ordered = np.sort(np.ravel(ar))
    return ordered[np.concatenate((np.ones_like(ordered[:1], dtype=bool), ordered[1:] != ordered[:-1]))]
