"""Mistakes with a finished gradient: transposed, shifted, not summed, exchanged with another, absent."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Edge, Scene, Whole

Array = Any

MANY = 1000
"""In axes that are longer, the order of the entries is not looked at."""


def missing_gradient(case: Case, place: int) -> Iterator[Hypothesis]:
    """Zeros where the gradient is not 0."""
    if place in case.wrong and not any(np.any(scene.manual[place]) for scene in case.scenes):
        name = case.words.name(place)
        yield case.at(
            "missing-gradient",
            place,
            lambda scene: np.zeros(scene.nodes[place].shape),
            lambda: f"the gradient of {name} is missing, and it is not 0",
            0.0,
        )


def transposed(case: Case, place: int) -> Iterator[Hypothesis]:
    """Rows for columns."""
    if case.scene.nodes[place].ndim == 2 and _is_line(case, place):
        name = case.words.name(place)
        yield case.at(
            "transposed",
            place,
            lambda scene: scene.arrived[place].T,
            lambda: f"the gradient of {name} is transposed",
            1.0,
        )


def shifted(case: Case, place: int) -> Iterator[Hypothesis]:
    """Rolled, moved with zeros following, in reverse order, or with its rows permuted."""
    node = case.scene.nodes[place]
    if not _is_line(case, place):
        return
    name = case.words.name(place)
    for axis in range(node.ndim):
        n = node.shape[axis]
        if n == 1:
            continue
        for step in range(1, n) if n <= 12 else (1, 2, n - 2, n - 1):
            yield case.at(
                "shifted", place, _roll(place, step, axis), _says(name, "shifted"), 1.4 + 0.01 * step
            )
        for step in (1, -1):
            yield case.at("shifted", place, _move(place, step, axis), _says(name, "shifted"), 1.5)
        if 2 < n <= MANY:
            yield case.at("shifted", place, _flip(place, axis), _says(name, "in reverse order"), 1.5)
            if place in case.scene.manual:
                yield case.at(
                    "shifted", place, _permuted(case, place, axis), _says(name, "out of order"), 1.8
                )


def _says(name: str, word: str) -> Callable[[], str]:
    return lambda: f"the entries of the gradient of {name} are {word}"


def _roll(place: int, step: int, axis: int) -> Callable[[Scene], Array]:
    return lambda scene: np.roll(scene.arrived[place], step, axis)


def _flip(place: int, axis: int) -> Callable[[Scene], Array]:
    return lambda scene: np.flip(scene.arrived[place], axis)


def _move(place: int, step: int, axis: int) -> Callable[[Scene], Array]:
    def gradient(scene: Scene) -> Array:
        moved = np.moveaxis(np.roll(scene.arrived[place], step, axis), axis, 0).copy()
        moved[0 if step > 0 else -1] = 0
        return np.moveaxis(moved, 0, axis)

    return gradient


def _permuted(case: Case, place: int, axis: int) -> Callable[[Scene], Array]:
    """The order in which the rows of the manual gradient stand at the first probe."""

    def gradient(scene: Scene) -> Array:
        first = case.scene
        m = np.moveaxis(first.manual[place], axis, 0).reshape(first.nodes[place].shape[axis], -1)
        t = np.moveaxis(first.arrived[place], axis, 0).reshape(m.shape)
        if t.shape[1] == 1 and len(case.scenes) == 1 and len(t) < 3:
            raise ValueError("too few numbers to tell their order")
        direction = np.cos(1.0 + np.arange(m.shape[1]))  # in which no two rows are likely to be as long
        order = np.empty(len(m), int)
        order[np.argsort(m @ direction)] = np.argsort(t @ direction)
        return np.take(scene.arrived[place], order, axis)

    return gradient


def missing_sum(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The contribution as it was before it was summed over the axes that were broadcast."""
    scene = case.scene
    place = scene.argument(edge)
    if place not in scene.manual or len(scene.uses[place]) > 1:
        return
    if np.shape(scene.handed[edge.node]) != scene.nodes[place].shape:
        yield case.at(
            "missing-sum",
            place,
            lambda s: s.term(edge),
            lambda: f"the gradient of {case.words.name(place)} must be summed over the axes of its broadcast",
            1.0,
        )


def swapped(case: Case, place: int) -> Iterator[Hypothesis]:
    """The gradient of another Value under this name."""
    if place not in case.scene.manual:
        return
    name = case.words.name(place)
    for other in case.scene.manual:
        if other != place and other in case.wrong:
            second = case.words.name(other)
            yield Hypothesis(
                "swapped",
                place,
                _exchange(place, other),
                functools.partial("the gradients of {} and {} are exchanged".format, name, second),
                0.9,
            )
    for other, g in enumerate(case.scene.handed):
        if not case.is_gradient(other) or np.shape(g) != np.shape(case.scene.manual[place]):
            continue
        if case.words.has_name(other) and case.scene.is_known(other, place):
            says = functools.partial(
                "this is the gradient of {}, not of {}".format, case.words.name(other), name
            )
            yield case.at("swapped", place, _gradient_of(other), says, 1.8)


def _exchange(place: int, other: int) -> Callable[[Scene], dict[int, Any]]:
    def change(scene: Scene) -> dict[int, Any]:
        return {place: Whole(_true_gradient(scene, other)), other: Whole(_true_gradient(scene, place))}

    return change


def _gradient_of(other: int) -> Callable[[Scene], Array]:
    return lambda scene: scene.handed[other]


def _true_gradient(scene: Scene, place: int) -> Array:
    truth = scene.truth[place]
    return np.zeros(scene.nodes[place].shape) if truth is None else truth


def _is_line(case: Case, place: int) -> bool:
    """Whether this is a gradient that somebody writes down: one with a name."""
    return case.words.has_name(place)
