"""Mistakes in a training step that look like wrong gradients: updates one by one, penalties added."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Scene
from tinygrad_edu.diagnosis.words import listed
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import gradients_in_order

Array = Any

STEPS, PATIENCE, HOPEFUL = 20, 3, 0.1
"""How often a learning rate is improved, and after how many times what is left must have become how small."""
ENOUGH = 2
"""A number that is measured must explain at least so many numbers more than itself."""


def stale_parameters(case: Case) -> Iterator[Hypothesis]:
    """The gradient at parameters of which some were already updated; the learning rate is measured."""
    scene = case.scene
    leaves = [row for row in scene.manual if scene.nodes[row].is_leaf and _fits(scene, row)]
    for row in case.wrong.intersection(leaves):
        others = [other for other in leaves if other != row and other not in case.wrong]
        for chosen in _choices(others):
            rate = _measured_rate(case, row, chosen)
            if rate is not None:
                gradient = functools.partial(_gradient, row=row, chosen=chosen, rate=rate)
                says = functools.partial(_says_stale, case, row, chosen, rate)
                yield case.at("stale-parameters", row, gradient, says, 2.0 + 0.1 * len(chosen))


def _says_stale(case: Case, row: int, chosen: Sequence[int], rate: float) -> str:
    names = listed([case.words.name(other) for other in chosen])
    was = "was" if len(chosen) == 1 else "were"
    return (
        f"the gradient of {case.words.name(row)} is taken after {names} {was} "
        f"updated (with the learning rate {rate:.6g}): compute all gradients first, then update"
    )


def _fits(scene: Scene, row: int) -> bool:
    return scene.manual[row].shape == scene.nodes[row].shape


def _choices(others: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Which ones may have been updated first: in either order of the names, and each alone."""
    found: dict[tuple[int, ...], None] = {}
    for order in (others, others[::-1]):
        for count in range(1, len(order) + 1):
            found.setdefault(tuple(sorted(order[:count])))
    if len(others) <= 3:
        for count in range(1, len(others) + 1):
            for chosen in itertools.combinations(sorted(others), count):
                found.setdefault(chosen)
    for other in others:
        found.setdefault((other,))
    return iter(found)


def _measured_rate(case: Case, row: int, chosen: Sequence[int]) -> float | None:
    """The learning rate with which the gradient at updated parameters comes nearest to the manual one."""
    scene = next((s for s in case.scenes if not s.agrees(row, s.truth[row])), None)
    if scene is None or sum(s.manual[row].size for s in case.scenes) < ENOUGH:
        return None
    m = scene.manual[row]

    def missing(rate: float) -> Array:
        return np.ravel(m - _gradient(scene, row, chosen, rate))

    try:
        rate, step = 0.0, 1e-4
        left = missing(rate)
        most = float(left @ left)
        for count in range(STEPS):
            slope = (missing(rate + step) - left) / step
            size = float(slope @ slope)
            if not size or not np.isfinite(size):
                return None
            move = -float(slope @ left) / size
            rate += move
            left = missing(rate)
            if count == PATIENCE and float(left @ left) > HOPEFUL * most:
                return None
            if abs(move) <= 1e-12 * max(abs(rate), 1e-6):
                break
            step = min(max(abs(move) * 1e-3, 1e-7 * max(abs(rate), 1e-3)), 1e-3)
    except DOES_NOT_FIT:
        return None
    nice = float(f"{rate:.3g}")
    return (
        (nice if abs(nice - rate) <= 1e-5 * abs(rate) else rate) if rate > 0 and np.isfinite(rate) else None
    )


def _gradient(scene: Scene, row: int, chosen: Sequence[int], rate: float) -> Array:
    moved = {place: scene.nodes[place]._data - rate * scene.manual[place] for place in chosen}
    return _rerun_gradients(scene, moved)[row]


def _rerun_gradients(scene: Scene, data: Mapping[int, Array]) -> list[Array]:
    """The true gradients with other data in some leaves."""
    twins: dict[Node, Node] = {}
    for place, node in enumerate(scene.nodes):
        twin = twins[node] = node.leaf(
            np.asarray(data[place], dtype=node.dtype)[()] if place in data else node._data
        )
        if node.primitive is not None:
            args = tuple(twins[arg] if isinstance(arg, Node) else arg for arg in node.args)
            operands = tuple(
                twins[arg]._data if isinstance(arg, Node) else operand
                for arg, operand in zip(node.args, node.operands, strict=True)
            )
            twin.become_result(node.primitive, args, operands, node.params)
            twin._data = node.primitive.compute(*operands, **node.params)
    return gradients_in_order(list(twins.values()), scene.seed)


def added_penalty(case: Case) -> Iterator[Hypothesis]:
    """The gradient of a penalty that the loss does not have: a multiple of the parameter itself."""
    for row in case.wrong:
        node = case.scene.nodes[row]
        elements = sum(s.manual[row].size for s in case.scenes)
        if not node.is_leaf or not _fits(case.scene, row) or elements < ENOUGH:
            continue
        strength = _strength(case.scene, row)
        if strength:
            says = functools.partial(
                "the gradient of {0} has {1:.6g} * {0} too much: the loss has no such penalty".format,
                case.words.name(row),
                strength,
            )
            yield case.at("regularisation", row, _with_penalty(row, strength), says, 1.5)


def _strength(scene: Scene, row: int) -> float:
    direction = np.ravel(scene.nodes[row]._data)
    size = float(direction @ direction)
    return float(direction @ np.ravel(scene.manual[row] - scene.arrived[row])) / size if size else 0.0


def _with_penalty(row: int, strength: float) -> Callable[[Scene], Array]:
    return lambda scene: scene.arrived[row] + strength * scene.nodes[row]._data
