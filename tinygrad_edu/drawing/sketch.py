"""From a recorded graph to a picture of it. Runs no sweep: what has no gradient yet is shown as such."""

import re
from collections import Counter
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.drawing.picture import FULL, MOST, Card, Edge, Group, Picture, Role, too_large
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels, backward_label, labels_of, pretty_name, title
from tinygrad_edu.rules.parts import shapes_of
from tinygrad_edu.sweeps import history

HEADLINE = 80  # characters of the formula above the picture
BETWEEN_SCOPES = " / "

Path = tuple[str, ...]


def picture_of(root: Node, frame: FrameType | None = None) -> Picture:
    """The graph behind `root`: a card per operation, leaf and plain array, an edge per use.

    Parameters
    ----------
    root : Node
        The result to start from.
    frame : frame, optional
        Whose variables are searched for names that nothing else tells.

    Raises
    ------
    DrawingError
        If there would be more than 1,500 cards.
    """
    nodes = history(root)
    if len(nodes) > MOST:
        raise too_large(len(nodes))
    return Sketch(nodes, labels_of(nodes, frame)).picture()


class Sketch:
    """A picture in the making: operands get their cards right before the first operation on them."""

    def __init__(self, nodes: Sequence[Node], labels: Labels) -> None:
        self.nodes = nodes
        self.root = nodes[-1]
        self.labels = labels
        self.recorded = _recorded(nodes)
        self.paths = _paths(nodes)
        self.groups: dict[Path, Group] = {}
        self.keys: dict[int, str] = {}
        self.used: Counter[str] = Counter()
        self.cards: list[Card] = []

    def picture(self) -> Picture:
        """The whole picture; afterwards `keys` has the cards' keys by identity."""
        uses: list[tuple[Node, int]] = []
        for node in self.nodes:
            for position, operand in enumerate(node.operands):
                if isinstance(node.args[position], Node) or np.ndim(operand):
                    uses.append((node, position))
                    self.add(node.args[position])
            if node.args or node is self.root:
                self.add(node)
        labelled = len(self.cards) <= FULL
        edges = tuple(self.edge(node, position, labelled) for node, position in uses)
        headline = title(self.root, self.labels, HEADLINE)
        return Picture(headline, tuple(self.cards), edges, tuple(self.groups.values()))

    def add(self, thing: Any) -> None:
        """The card of a Value or a plain array, unless it has one."""
        if id(thing) in self.keys:
            return
        key = self.key(thing)
        group = self.group(self.paths[id(thing)])
        data = self.recorded[id(thing)]
        several = isinstance(thing, Node) and shapes_of(thing.primitive, thing.operands, thing.params)
        shape = " + ".join(
            "×".join(map(str, shape)) or "1" for shape in several or [np.shape(data)] if shape or several
        )
        if isinstance(thing, Node):
            text, role, gradient, is_float = self.title(thing), self.role(thing), thing.grad, thing.is_float
        else:
            name = self.labels.name_of(thing)
            text, role = (pretty_name(name), "data") if name else ("array", "constant")
            gradient, is_float = None, False
        self.cards.append(Card(key, text, role, shape, data, gradient, is_float, group))

    def title(self, node: Node) -> str:
        """The formula; of a leaf its name."""
        if node.is_leaf and self.labels.name_of(node) is None:
            return "value"
        return title(node, self.labels)

    def role(self, node: Node) -> Role:
        """A leaf is a parameter, the root the loss."""
        if node.is_leaf:
            return "parameter"
        return "loss" if node is self.root else "operation"

    def edge(self, node: Node, position: int, labelled: bool) -> Edge:
        """One use of an operand, with the backward rule where a gradient passes."""
        arg = node.args[position]
        assert node.primitive is not None
        rule = node.primitive.rules_for(len(node.args))[position]
        carries = rule is not None and isinstance(arg, Node) and arg.is_float and node.is_float
        label = backward_label(node, position, self.labels) if carries and labelled else None
        return Edge(self.keys[id(arg)], self.keys[id(node)], position, label, carries)

    def key(self, thing: Any) -> str:
        """The name, else the operation, as a word; numbered from the second on."""
        fallback = "array"
        if isinstance(thing, Node):
            fallback = thing.primitive.name if thing.primitive is not None else "value"
        word = re.sub(r"[^\w.#-]", "_", self.labels.name_of(thing) or fallback)
        self.used[word] += 1
        while self.used[word] > 1:
            word = f"{word}#{self.used[word]}"
            self.used[word] += 1
        self.keys[id(thing)] = word
        return word

    def group(self, path: Path) -> str | None:
        """The key of the group of a scope, which lies in the groups of the scopes around it."""
        if not path:
            return None
        if path not in self.groups:
            parent = self.group(path[:-1])
            self.groups[path] = Group(f"{len(self.groups) + 1}", path[-1], parent)
        return self.groups[path].key


def _recorded(nodes: Sequence[Node]) -> dict[int, Any]:
    """The numbers that were computed with; those of a leaf may have been set since."""
    recorded = {id(node): node.data for node in nodes if node.args}
    for node in nodes:
        for arg, operand in zip(node.args, node.operands, strict=True):
            recorded.setdefault(id(arg), operand)
    root = nodes[-1]
    recorded.setdefault(id(root), root.recorded_data())
    return recorded


def _paths(nodes: Sequence[Node]) -> dict[int, Path]:
    """The scopes of each operation, from the outermost; leaves are in those that all their users share."""
    paths: dict[int, Path] = {}
    for node in nodes:
        path = tuple(node.scope.split(BETWEEN_SCOPES)) if node.scope else ()
        for arg in node.args:
            if not (isinstance(arg, Node) and arg.args):
                paths[id(arg)] = _common(paths.get(id(arg), path), path)
        if node.args or node is nodes[-1]:
            paths[id(node)] = path
    return paths


def _common(one: Path, other: Path) -> Path:
    """How far two paths go together."""
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
