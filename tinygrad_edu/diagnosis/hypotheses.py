"""What a hypothesis about a mistake is, what all of them start from, and ways to make one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.diagnosis.constants import Reading, readings
from tinygrad_edu.diagnosis.differences import above, differences
from tinygrad_edu.diagnosis.scene import DOES_NOT_FIT, Change, Edge, Scene, reaching
from tinygrad_edu.diagnosis.slopes import steps_at_once
from tinygrad_edu.diagnosis.text import Text
from tinygrad_edu.diagnosis.words import Words
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive

Array = Any


@dataclass(frozen=True)
class Hypothesis:
    """A mistake that somebody may have made.

    Attributes
    ----------
    kind : str
        An identifier of the catalogue.
    place : int
        Whose gradient it changes.
    change : callable
        What it changes at a probe; None where it cannot be made there.
    says : callable
        The sentence, with the user's names.
    cost : float
        How far-fetched it is.
    also : tuple of (str, str)
        Kind and sentence of each further mistake that it takes at the same place.
    edges : tuple of Edge
        The uses of the Value along which it was made, where it is not the gradient as a whole that is wrong.
    measured : bool
        Whether it has a number in it that was fitted, such as a learning rate.
    """

    kind: str
    place: int
    change: Callable[[Scene], Change | None]
    says: Callable[[], str]
    cost: float
    also: tuple[tuple[str, str], ...] = ()
    edges: tuple[Edge, ...] = ()
    measured: bool = False


class Recorded(NamedTuple):
    """An array that is there to be taken by mistake: what it is called, and where it is at each probe."""

    name: str
    take: Callable[[Scene], Array]
    named: bool
    place: int | None


@dataclass(frozen=True)
class Case:
    """What is to be explained: the probes, in which places correspond, and the wrong rows.

    In `touched` are rows that a mistake which is assumed already has changed.
    """

    scenes: Sequence[Scene]
    words: Words
    wrong: frozenset[int]
    touched: frozenset[int] = frozenset()
    arrays: dict[tuple[int, ...], list[Recorded]] = field(default_factory=dict)
    table: list[Reading] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        """The first probe."""
        return self.scenes[0]

    @property
    def factors(self) -> list[Reading]:
        """The constant factors that may have been forgotten or added."""
        if not self.table:
            self.table.extend(readings(self.scenes, self.words))
        return self.table

    @cached_property
    def differences(self) -> dict[int, Text]:
        """What is written down at once, ``dz = (p - y) / len(x)``, by place."""
        return differences(self.scenes, self.words)

    @cached_property
    def at_once(self) -> dict[int, int]:
        """The operations that are differentiated as one, each with the last one of them."""
        return steps_at_once(self.scene, self.words)

    @cached_property
    def skipped(self) -> set[int]:
        """The places whose gradients are not needed for what is written down at once."""
        skipped = set().union(*(above(self.scene, place) for place in self.differences))
        return skipped - self.scene.manual.keys()

    @cached_property
    def places(self) -> list[int]:
        """The places whose gradient could have made a row wrong, nearest to the loss first."""
        return sorted(reaching(self.scene, self.wrong), reverse=True)

    @cached_property
    def edges(self) -> list[Edge]:
        """The uses of these places."""
        return [edge for place in self.places for edge in self.scene.uses[place]]

    def is_gradient(self, place: int) -> bool:
        """Whether somebody may have computed the gradient at a place: nobody asks for that of data."""
        scene = self.scene
        return scene.handed[place] is not None and (place in scene.manual or not scene.nodes[place].is_leaf)

    def below(self, place: int) -> set[int]:
        """The rows to which a change at a place flows down."""
        found, waiting = set(), {place}
        while waiting:
            place = max(waiting)
            waiting.remove(place)
            if place in self.scene.manual:
                found.add(place)
            else:
                waiting.update(argument for _, argument in self.scene.arguments[place])
        return found

    def primitive(self, edge: Edge) -> Primitive:
        """The operation at the upper end of an edge."""
        primitive = self.scene.nodes[edge.node].primitive
        assert primitive is not None
        return primitive

    def recorded(self, shape: tuple[int, ...]) -> list[Recorded]:
        """All recorded arrays of a shape, Values and plain ones, each content once."""
        if not self.arrays:
            for one in _all_arrays(self.scene, self.words):
                self.arrays.setdefault(np.shape(one.take(self.scene)), []).append(one)
        return self.arrays.get(shape, [])

    def along(
        self,
        kind: str,
        edge: Edge,
        term: Callable[[Scene], Array],
        says: Callable[[], str],
        cost: float,
    ) -> Hypothesis:
        """The mistake of handing another contribution along an edge."""
        place = self.scene.argument(edge)

        def change(scene: Scene) -> Change | None:
            return {place: scene.fit(edge, term(scene)) - scene.contribution(edge)}

        return Hypothesis(kind, place, change, says, cost, edges=(edge,))

    def at(
        self, kind: str, place: int, gradient: Callable[[Scene], Array], says: Callable[[], str], cost: float
    ) -> Hypothesis:
        """The mistake of taking another gradient at a place."""
        return Hypothesis(kind, place, lambda scene: scene.replaced(place, gradient(scene)), says, cost)


def attempt(hypothesis: Hypothesis, scene: Scene) -> Change | None:
    """What a hypothesis changes; None where the shapes do not allow it."""
    try:
        return hypothesis.change(scene)
    except DOES_NOT_FIT:
        return None


def _all_arrays(scene: Scene, words: Words) -> Iterator[Recorded]:
    seen: set[tuple[tuple[int, ...], bytes]] = set()
    places = {id(node): place for place, node in enumerate(scene.nodes)}
    found: list[Recorded] = []
    for place, node in enumerate(scene.nodes):
        for position, arg in enumerate(node.args):
            data = node.operands[position]
            if not isinstance(arg, Node) and np.ndim(data) > 0 and np.asarray(data).dtype.kind == "f":
                name = words.names.get(id(arg))
                found.append(Recorded(name or "an array", _operand(place, position), name is not None, None))
        if node.is_float:
            found.append(Recorded(words.name(place), _data(place), words.has_name(place), places[id(node)]))
    for one in sorted(found, key=lambda one: not one.named):
        data = one.take(scene)
        fingerprint = (np.shape(data), np.ascontiguousarray(data).tobytes())
        if fingerprint not in seen:
            seen.add(fingerprint)
            yield one


def _operand(place: int, position: int) -> Callable[[Scene], Array]:
    return lambda scene: scene.nodes[place].operands[position]


def _data(place: int) -> Callable[[Scene], Array]:
    return lambda scene: scene.nodes[place]._data
