"""Mistakes in a training step that look like wrong gradients: updates one by one, steps given, penalties."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.constants import counts_at, is_round
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.loss_terms import is_penalty
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Scene, Whole
from tinygrad_edu.diagnosis.words import listed
from tinygrad_edu.node import Node
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.sweeps import gradients_in_order

Array = Any
AtRate = Callable[[Scene, float], Array]
"""The gradient of a row at a probe, at parameters that were updated with this learning rate."""

STEPS, PATIENCE, HOPEFUL = 20, 3, 0.1
"""How often a learning rate is improved, and after how many times what is left must have become how small."""
LARGEST = 1
"""A learning rate is smaller; with 1 / N in the loss, a step of rate 1 is to subtract a mean."""
ENOUGH = 2
"""A number that is measured must explain at least so many numbers more than itself."""


def stale_parameters(case: Case) -> Iterator[Hypothesis]:
    """The gradient at parameters of which some were already updated; the learning rate is measured."""
    scene = case.scene
    leaves = [row for row in scene.manual if scene.nodes[row].is_leaf and _fits(scene, row)]
    wrong = sorted(case.wrong.intersection(leaves))
    for row in wrong:
        others = [other for other in leaves if other != row and other not in case.wrong]
        for chosen in _choices(others):
            at_rate = functools.partial(_gradient, row=row, chosen=chosen)
            rate = _measured_rate(case, row, at_rate)
            if rate is not None:
                says = functools.partial(_says_stale, case, row, chosen, rate)
                cost = 2.0 + 0.1 * len(chosen)
                change = functools.partial(_each, rows=(row,), at_rates=(at_rate,), rate=rate)
                yield Hypothesis("stale-parameters", row, change, says, cost, measured=True)
    if wrong:
        at_rates = [functools.partial(_after_update, row=row, chosen=leaves) for row in wrong]
        rate = _measured_rate(case, wrong[0], at_rates[0])
        if rate is not None:
            change = functools.partial(_each, rows=wrong, at_rates=at_rates, rate=rate)
            says = functools.partial(_says_after, case, leaves, rate)
            yield Hypothesis("stale-parameters", wrong[-1], change, says, 2.5, measured=True)


def _each(scene: Scene, rows: Sequence[int], at_rates: Sequence[AtRate], rate: float) -> Change:
    return {row: Whole(at_rate(scene, rate)) for row, at_rate in zip(rows, at_rates, strict=True)}


def _says_stale(case: Case, row: int, chosen: Sequence[int], rate: float) -> str:
    names = listed([case.words.name(other) for other in chosen])
    was = "was" if len(chosen) == 1 else "were"
    return (
        f"the gradient of {case.words.name(row)} is taken after {names} {was} "
        f"updated (with the learning rate {rate:.6g}): compute all gradients first, then update"
    )


def _says_after(case: Case, leaves: Sequence[int], rate: float) -> str:
    names = listed([case.words.name(leaf) for leaf in leaves])
    was, they = ("was", "it moves") if len(leaves) == 1 else ("were", "they move")
    return (
        f"the gradient is taken after {names} {was} updated (with the learning rate {rate:.6g}): "
        f"compute it before {they}"
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


def _measured_rate(case: Case, row: int, at_rate: AtRate) -> float | None:
    """The learning rate with which the gradient at updated parameters comes nearest to the manual one."""
    scene = next((s for s in case.scenes if not s.agrees(row, s.truth[row])), None)
    if scene is None or sum(s.manual[row].size for s in case.scenes) < ENOUGH:
        return None
    m = scene.manual[row]

    def missing(rate: float) -> Array:
        return np.ravel(m - at_rate(scene, rate))

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
    fitting = rate > 0 and is_round(rate) and float(f"{rate:.2g}") < LARGEST
    return float(f"{rate:.2g}") if fitting else None


def _gradient(scene: Scene, rate: float, row: int, chosen: Sequence[int]) -> Array:
    moved = {place: scene.nodes[place]._data - rate * scene.manual[place] for place in chosen}
    return rerun_gradients(scene, moved)[row]


def _after_update(scene: Scene, rate: float, row: int, chosen: Sequence[int]) -> Array:
    moved = {place: scene.nodes[place]._data - rate * scene.truth[place] for place in chosen}
    return rerun_gradients(scene, moved)[row]


def rerun_gradients(scene: Scene, data: Mapping[int, Array]) -> list[Array]:
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


def left_out(case: Case) -> Iterator[Hypothesis]:
    """The loss computed without a parameter that is added in it, a bias."""
    scene = case.scene
    for place, node in enumerate(scene.nodes):
        added = [edge for edge in scene.uses[place] if scene.nodes[edge.node].primitive is do.add]
        if node.is_leaf and case.words.has_name(place) and len(added) == len(scene.uses[place]) == 1:
            line, name = case.words.line(added[0].node), case.words.name(place)
            says = functools.partial("`{0}` is computed without {1}, as if {1} were 0".format, line, name)
            change = functools.partial(_without, place=place, rows=sorted(case.wrong))
            yield Hypothesis("operand", added[0].node, change, says, 2.0)


def _without(scene: Scene, place: int, rows: Sequence[int]) -> Change:
    gradients = rerun_gradients(scene, {place: np.zeros_like(scene.nodes[place]._data)})
    return {row: Whole(gradients[row]) for row in rows}


def step_for_gradient(case: Case) -> Iterator[Hypothesis]:
    """What is taken away in an update, the learning rate times the gradient, or the way it goes."""
    by_rate: dict[float, list[int]] = {}
    for row in sorted(case.wrong):
        node, right = case.scene.nodes[row], case.scene.arrived[row]
        if node.is_leaf and right is not None and _fits(case.scene, row):
            rate = -_part_along(right, case.scene.manual[row])
            if rate > 0 and is_round(rate) and float(f"{rate:.2g}") < LARGEST:
                by_rate.setdefault(float(f"{rate:.2g}"), []).append(row)
    for rate, rows in by_rate.items():
        if sum(scene.manual[row].size for row in rows for scene in case.scenes) >= ENOUGH:
            change = functools.partial(_steps, rows=rows, rate=rate)
            says = functools.partial(_says_step, case, rows, rate)
            yield Hypothesis("sign", rows[-1], change, says, 4.0, measured=True)


def _steps(scene: Scene, rows: Sequence[int], rate: float) -> Change:
    return {row: Whole(-rate * scene.arrived[row]) for row in rows}


def _says_step(case: Case, rows: Sequence[int], rate: float) -> str:
    names = listed([case.words.name(row) for row in rows])
    return (
        f"this is the step by which gradient descent moves {names}, -{rate:g} times the gradient: "
        "give the gradient itself"
    )


def added_penalty(case: Case) -> Iterator[Hypothesis]:
    """The gradient of a penalty that the loss does not have: a multiple of the parameter itself."""
    for row in case.wrong:
        scene, node = case.scene, case.scene.nodes[row]
        elements = sum(s.manual[row].size for s in case.scenes)
        if not node.is_leaf or not _fits(scene, row) or elements < ENOUGH:
            continue
        if any(is_penalty(scene, row, edge.node) for edge in scene.uses[row]):
            continue
        strength = _part_along(node._data, scene.manual[row] - scene.arrived[row])
        counts = [1, *(count[0] for count in counts_at(case.scenes, row))]
        if strength > 0 and any(is_round(strength * count) for count in counts):
            says = functools.partial(
                "the gradient of {0} has {1:.6g} * {0} too much, as if the loss had a penalty on {0}".format,
                case.words.name(row),
                strength,
            )
            change = functools.partial(_with_penalty, row=row, strength=strength)
            yield Hypothesis("regularisation", row, change, says, 1.5, measured=True)


def _part_along(direction: Array, gradient: Array) -> float:
    """How many times a direction is in a gradient."""
    along = np.ravel(direction)
    size = float(along @ along)
    return float(along @ np.ravel(gradient)) / size if size else 0.0


def _with_penalty(scene: Scene, row: int, strength: float) -> Change:
    return {row: Whole(scene.arrived[row] + strength * scene.nodes[row]._data)}
