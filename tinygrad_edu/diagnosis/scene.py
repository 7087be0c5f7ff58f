"""One recorded point as the search sees it: what flowed back, and what a change of it would change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.errors import Error
from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Rule
from tinygrad_edu.sweeps import gradients_in_order

Array = Any


class Whole(NamedTuple):
    """The gradient of a row as it would be, in place of what would be added to it; of any shape."""

    gradient: Array


Change = Mapping[int, "Array | Whole"]
"""By place what a mistake would add to the gradient there, or what it would make of it."""


class Edge(NamedTuple):
    """The use of a Value by an operation: the place of the operation, and which of its arguments it is."""

    node: int
    position: int


class Scene:
    """One probe. A *place* is the index of a node in the history, a *row* a place with a manual gradient.

    Parameters
    ----------
    nodes : sequence of Node
        The history of the loss.
    seed : array
        The gradient of the loss.
    manual : mapping of Node to array or None
        The manual gradients as they were given, of any shape.
    allowed : mapping of Node to array
        By how much each of those that fit may deviate.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        seed: Array,
        manual: Mapping[Node, Array | None],
        allowed: Mapping[Node, Array],
    ) -> None:
        self.nodes = nodes
        self.seed = seed
        places = {node: place for place, node in enumerate(nodes)}
        filled = {node: np.zeros(node.shape, node.dtype) if m is None else m for node, m in manual.items()}
        self.manual = {places[node]: np.asarray(m) for node, m in filled.items()}
        self.absent = {places[node] for node, m in manual.items() if m is None}
        self.allowed = {places[node]: a for node, a in allowed.items()}
        fitting = {node: m for node, m in filled.items() if m.shape == node.shape}
        self.truth: list[Any] = list(gradients_in_order(nodes, seed))
        self.arrived: list[Any] = list(gradients_in_order(nodes, seed, instead=fitting))
        self.handed: list[Any] = list(self.arrived)
        for node, m in fitting.items():
            self.handed[places[node]] = m
        self._contributions: dict[Edge, Array] = {}
        self._tolerances: dict[int, tuple[float, float, Array | None]] = {}
        self.rules: list[tuple[Rule | None, ...]] = [
            () if node.primitive is None else node.primitive.rules_for(len(node.args)) for node in nodes
        ]
        self.arguments: list[list[tuple[int, int]]] = [
            [
                (i, places[arg])
                for i, (arg, rule) in enumerate(zip(node.args, rules, strict=True))
                if isinstance(arg, Node) and arg.is_float and rule is not None and node.is_float
            ]
            for node, rules in zip(nodes, self.rules, strict=True)
        ]
        self._lower = {Edge(p, i): arg for p, arguments in enumerate(self.arguments) for i, arg in arguments}
        self.uses: list[list[Edge]] = [[] for _ in nodes]
        for place, arguments in enumerate(self.arguments):
            for i, arg in arguments:
                if self.arrived[place] is not None:
                    self.uses[arg].append(Edge(place, i))

    def after(self, change: Change) -> "Scene":
        """The scene in which this mistake was made: what arrives is changed, down to the rows."""
        other = self._with(self.arrived, self.handed)
        for place, moved in self._moved(change):
            new = moved.gradient if isinstance(moved, Whole) else self.arrived[place] + moved
            if np.shape(new) != self.nodes[place].shape:
                raise ValueError("a gradient of another shape is not handed on")
            other.arrived[place] = new
            if place not in self.manual:
                other.handed[place] = new
        return other

    def of_truth(self) -> "Scene":
        """The same probe, where the true gradients are what is handed on."""
        return self._with(self.truth, self.truth)

    def _with(self, arrived: Sequence[Any], handed: Sequence[Any]) -> "Scene":
        other = object.__new__(Scene)
        other.__dict__.update(self.__dict__)
        other.arrived, other.handed, other._contributions = list(arrived), list(handed), {}
        return other

    def term(
        self, edge: Edge, g: Array = None, out: Array = None, operands: Sequence[Array] | None = None
    ) -> Array:
        """What an operation contributes to the gradient of an argument, in the shape that its rule gives."""
        node = self.nodes[edge.node]
        rule = self.rules[edge.node][edge.position]
        assert rule is not None
        return rule(
            self.handed[edge.node] if g is None else g,
            node._data if out is None else out,
            *(node.operands if operands is None else operands),
            **node.params,
        )

    def fit(self, edge: Edge, term: Array) -> Array:
        """A contribution in the shape of the argument; an error if it cannot be."""
        node = self.nodes[edge.node]
        operand = node.operands[edge.position]
        assert node.primitive is not None
        shape = np.shape(term)
        if shape != node.shape and node.primitive.kind == "elementwise":
            term = np.broadcast_to(term, node.shape)
        elif shape == operand.shape and type(term) is type(operand) and term.dtype is operand.dtype:
            return term
        return fitted(np.asarray(term)[()], operand, node.primitive, edge.position, node)

    def contribution(self, edge: Edge) -> Array:
        """The right contribution along an edge."""
        found = self._contributions.get(edge)
        if found is None:
            found = self._contributions[edge] = self.fit(edge, self.term(edge))
        return found

    def argument(self, edge: Edge) -> int:
        """The place of the Value at the lower end of an edge."""
        return self._lower[edge]

    def is_known(self, gradient: int, at: int) -> bool:
        """Whether the gradient at one place does not follow from that at another: it may be used there."""
        waiting = {at}
        while waiting:
            place = max(waiting)
            if place == gradient:
                return False
            waiting.remove(place)
            waiting.update(argument for _, argument in self.arguments[place])
        return True

    def replaced(self, place: int, gradient: Array) -> Change | None:
        """The change that gives the gradient at a place another value."""
        if place in self.manual:
            return {place: Whole(gradient)}
        if np.shape(gradient) != self.nodes[place].shape:
            return None
        return {place: gradient - self.arrived[place]}

    def predictions(self, change: Change) -> Iterator[tuple[int, Array]]:
        """The rows that a mistake changes, nearest to the loss first, each with what it would be."""
        for place, moved in self._moved(change):
            if place in self.manual:
                yield place, moved.gradient if isinstance(moved, Whole) else self.arrived[place] + moved

    def _moved(self, change: Change) -> Iterator[tuple[int, "Array | Whole"]]:
        """What a change changes, place by place; at a row it ends."""
        pending = dict(change)
        while pending:
            place = max(pending)
            moved = pending.pop(place)
            yield place, moved
            if place in self.manual:
                continue
            for i, argument in self.arguments[place]:
                edge = Edge(place, i)
                term = self.fit(edge, self.term(edge, g=moved))
                pending[argument] = pending[argument] + term if argument in pending else term

    def is_right(self, row: int) -> bool:
        """Whether a row is the true gradient, up to rounding."""
        t = self.truth[row]
        return self.agrees(row, np.zeros(self.nodes[row].shape) if t is None else t)

    def is_rounding(self, row: int) -> bool:
        """Whether the true gradient of a row is no larger than what rounding makes of it."""
        t, allowed = self.truth[row], self.allowed.get(row)
        return allowed is not None and t is not None and bool(np.all(np.abs(t) <= allowed))

    def agrees(self, row: int, gradient: Array) -> bool:
        """Whether a row is what it would be, element by element, up to rounding."""
        m = self.manual[row]
        if np.shape(gradient) != m.shape:
            return False
        digit, scale, allowed = self._tolerances.get(row) or self._tolerance(row)
        sizes = np.abs(gradient)
        size = sizes.max(initial=0)
        limit = digit * sizes + digit * size / 16
        if allowed is not None:
            limit = limit + allowed * (max(1, size / scale) if scale else 1)
        return bool((np.abs(m - gradient) <= limit).all())

    def _tolerance(self, row: int) -> tuple[float, float, Array | None]:
        """The last digits of a row, the size of its true gradient, and by how much it may deviate."""
        m, t = self.manual[row], self.truth[row]
        digit = 256 * max(np.finfo(m.dtype).eps, np.finfo(self.nodes[row].dtype).eps)
        scale = np.max(np.abs(t), initial=0) if t is not None else 0
        allowed = self.allowed.get(row)
        fits = allowed is not None and allowed.shape == m.shape
        self._tolerances[row] = digit, scale, allowed if fits else None
        return self._tolerances[row]

    def deviation(self, row: int, gradient: Array) -> float:
        """How far a row is from what it would be, at most."""
        if gradient is None:
            gradient = np.zeros(self.nodes[row].shape)
        if np.shape(gradient) != self.manual[row].shape:
            return float("inf")
        return float(np.max(np.abs(self.manual[row] - gradient), initial=0))


def reaching(scene: Scene, rows: Collection[int]) -> set[int]:
    """The places from which something flows down to one of `rows` without passing another row."""
    found = set(rows)
    for place, arguments in enumerate(scene.arguments):
        if place not in scene.manual and any(argument in found for _, argument in arguments):
            found.add(place)
    return {place for place in found if scene.arrived[place] is not None or place in scene.manual}


def same_structure(one: Scene, other: Scene) -> bool:
    """Whether two probes are the same program with the same manual gradients, so that places correspond."""
    return (
        len(one.nodes) == len(other.nodes)
        and one.manual.keys() == other.manual.keys()
        and one.arguments == other.arguments
        and all(a.primitive is b.primitive for a, b in zip(one.nodes, other.nodes, strict=True))
    )


DOES_NOT_FIT = (ValueError, IndexError, TypeError, AttributeError, ArithmeticError, Error)
"""What a rule may raise on operands of other shapes: then it is no explanation."""
