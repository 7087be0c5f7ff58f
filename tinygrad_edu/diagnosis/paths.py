"""Mistakes with the ways by which a gradient arrives: lost statistics, only the diagonal of a Jacobian."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Change, Edge, Scene
from tinygrad_edu.diagnosis.words import listed
from tinygrad_edu.sweeps import gradients_in_order

Array = Any

REDUCTIONS = ("sum", "mean", "max", "amax", "min", "amin", "var", "std", "logsumexp", "norm")
LONG = 300
"""In axes that are longer, a diagonal is not computed: it takes one walk back for each entry."""
MANY = 3
"""Up to so many statistics, every combination of them may have been forgotten."""


def statistics(case: Case) -> list[int]:
    """Sums and means that are spread again over the numbers they were taken of, nearest to the loss first."""
    scene = case.scene
    found = []
    for place, node in enumerate(scene.nodes):
        primitive = node.primitive
        if primitive is None or primitive.name not in REDUCTIONS or scene.arrived[place] is None:
            continue
        if _is_spread_again(scene, place):
            found.append(place)
    return found[::-1]


def _is_spread_again(scene: Scene, place: int) -> bool:
    """Whether a later operation brings a statistic together with more numbers than it has itself."""
    after = {place}
    for later in range(place + 1, len(scene.nodes)):
        node = scene.nodes[later]
        if any(argument in after for _, argument in scene.arguments[later]):
            after.add(later)
            others = [a for _, a in scene.arguments[later] if a not in after]
            if node.size > scene.nodes[place].size and others and node.primitive is not None:
                return node.primitive.kind == "elementwise"
    return False


def lost_statistics(case: Case) -> Iterator[Hypothesis]:
    """Means, variances and normalisers treated as constants: one of them, or several at once."""
    found = [place for place in statistics(case) if set(case.places) & _below(case.scene, place)]
    counts = range(1, len(found) + 1) if len(found) <= MANY else (1, 2)
    for count in counts:
        for chosen in itertools.combinations(found, count):
            yield Hypothesis(
                "lost-statistics",
                _below_first(case, chosen),
                _cut(chosen),
                _says(case, chosen),
                0.9 + 0.1 * count,
            )


def _below(scene: Scene, place: int) -> set[int]:
    return {argument for _, argument in scene.arguments[place]}


def _below_first(case: Case, chosen: Sequence[int]) -> int:
    return max(_below(case.scene, max(chosen)))


def _cut(chosen: Sequence[int]) -> Callable[[Scene], Change]:
    """Nothing flows back through these; those that are nearer to the loss are cut first."""

    def change(scene: Scene) -> Change:
        total: dict[int, Array] = {}
        current = scene
        for place in sorted(chosen, reverse=True):
            step: dict[int, Array] = {}
            for i, argument in current.arguments[place]:
                edge = Edge(place, i)
                step[argument] = step.get(argument, 0) - current.contribution(edge)
            for argument, delta in step.items():
                total[argument] = total.get(argument, 0) + delta
            current = current.after(step)
        return total

    return change


def _says(case: Case, chosen: Sequence[int]) -> Callable[[], str]:
    def says() -> str:
        lines = listed([f"`{case.words.line(place)}`" for place in chosen])
        constants = "a constant" if len(chosen) == 1 else "constants"
        it = "it depends" if len(chosen) == 1 else "they depend"
        return (
            f"{lines} counts as {constants}, but {it} on the same numbers: the gradient through it is missing"
        )

    return says


def diagonal_only(case: Case) -> Iterator[Hypothesis]:
    """A normalisation differentiated element by element: the Jacobian has entries beside its diagonal."""
    scene = case.scene
    for statistic in statistics(case):
        axis = scene.nodes[statistic].params.get("axis")
        for below in sorted(_ancestors(scene, statistic), reverse=True):
            above = _joint(scene, below, statistic)
            if above is not None and below in case.places:
                yield case.at(
                    "diagonal-only",
                    below,
                    _diagonal(below, above, axis),
                    _says_diagonal(case, below, above, axis),
                    1.2,
                )
    for edge in case.edges:
        node = scene.nodes[edge.node]
        if case.primitive(edge).kind == "general" and np.shape(node.operands[edge.position]) == node.shape:
            below = scene.argument(edge)
            axis = node.params.get("axis", -1)
            yield case.at(
                "diagonal-only",
                below,
                _diagonal(below, edge.node, axis),
                _says_diagonal(case, below, edge.node, axis),
                1.2,
            )


def _ancestors(scene: Scene, place: int) -> set[int]:
    """Places of the same shape as what a statistic is taken of, from which it is computed."""
    found = {place}
    for later in range(place, -1, -1):
        if later in found:
            found.update(argument for _, argument in scene.arguments[later])
    shape = np.shape(scene.nodes[place].operands[0])
    return {one for one in found if scene.nodes[one].shape == shape and one != place}


def _joint(scene: Scene, below: int, statistic: int) -> int | None:
    """The first place of the same shape, after the statistic, through which everything from `below` flows."""
    waiting = {below}
    while waiting:
        place = min(waiting)
        if len(waiting) == 1 and place > statistic and scene.nodes[place].shape == scene.nodes[below].shape:
            return place
        waiting.remove(place)
        waiting.update(edge.node for edge in scene.uses[place])
    return None


def _diagonal(below: int, above: int, axis: Any) -> Callable[[Scene], Array]:
    """The incoming gradient times the derivative of each entry with respect to the same entry."""

    def gradient(scene: Scene) -> Array:
        node = scene.nodes[above]
        if not node.ndim or (axis is None and node.ndim > 1) or isinstance(axis, tuple):
            raise ValueError("no single axis")
        along = 0 if axis is None else axis
        if node.shape[along] > LONG:
            raise ValueError("too many derivatives")
        diagonal = np.zeros(node.shape)
        for k in range(node.shape[along]):
            seed = np.zeros(node.shape, node.dtype)
            entry = np.moveaxis(seed, along, 0)
            entry[k] = 1
            pulled: Any = gradients_in_order(scene.nodes[: above + 1], seed)[below]
            np.moveaxis(diagonal, along, 0)[k] = np.moveaxis(pulled, along, 0)[k]
        return scene.handed[above] * diagonal

    return gradient


def _says_diagonal(case: Case, below: int, above: int, axis: Any) -> Callable[[], str]:
    def says() -> str:
        top, bottom = case.words.called(above), case.words.called(below)
        ndim = case.scene.nodes[above].ndim
        where = {(2, 0): " in its column", (2, 1): " in its row", (2, -1): " in its row"}.get(
            (ndim, axis), ""
        )
        return (
            f"each entry of {top} depends on all entries of {bottom}{where}, not only on its own: the "
            f"derivatives beside the diagonal are missing"
        )

    return says
