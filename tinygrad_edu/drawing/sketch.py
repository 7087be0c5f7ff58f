"""A picture in the making: from recorded operations to cards, edges and groups; a card may stand for many."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.drawing.blocks import Block, Path
from tinygrad_edu.drawing.folding import Collapse, blocks_of
from tinygrad_edu.drawing.numerals import brief
from tinygrad_edu.drawing.picture import FULL, MOST, Card, Edge, Group, Picture, Role, too_large
from tinygrad_edu.drawing.places import fully_named, recorded_numbers, scopes_of, shape_text
from tinygrad_edu.drawing.story import Story, Way, story_of
from tinygrad_edu.drawing.units import unit_marks
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels, array_text, backward_label, labels_of, pretty_name, title
from tinygrad_edu.sweeps import history

MANY = 6  # arrows from one leaf into a picture with blocks
HEADLINE = 80  # characters of the formula above the picture


def sketch_of(root: Node, frame: FrameType | None = None, collapse: Collapse = None) -> "Sketch":
    """The graph behind `root`; names that nothing else tells are those of the variables in `frame`."""
    nodes = history(root)
    return Sketch(nodes, labels_of(nodes, frame), collapse=collapse)


def picture_of(root: Node, frame: FrameType | None = None, collapse: Collapse = None) -> Picture:
    """The picture of the graph behind `root`, with the arguments of `sketch_of`."""
    return sketch_of(root, frame, collapse).picture()


class Sketch:
    """A picture in the making: operands get their cards right before the first operation on them.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of computation.
    labels : Labels
        Their names.
    gradients : mapping, optional
        Those to show, instead of those that ``backward()`` has left.
    collapse : None, bool, str, or sequence of str
        What is shown as one card, see `blocks_of`.

    Attributes
    ----------
    keys : dict
        The key of the card that shows a Value or array, by identity.

    Raises
    ------
    DrawingError
        If there would be more than 1,500 cards.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        labels: Labels,
        gradients: Mapping[Node, Any] | None = None,
        collapse: Collapse = None,
    ) -> None:
        self.nodes, self.labels, self.collapse = nodes, labels, collapse
        left = {node: g for node in nodes if (g := node.grad) is not None} if gradients is None else gradients
        self.gradients: Mapping[Node, Any] = left
        self.root = nodes[-1]
        self.blocks = blocks_of(nodes, collapse)
        self.block = {id(thing): block for block in self.blocks for thing in block.things}
        shown = len(nodes) - len(self.block) + len(self.blocks)
        if shown > MOST:
            raise too_large(shown)
        self.recorded = recorded_numbers(nodes)
        self.paths = scopes_of(nodes, self.blocks)
        self.headline = title(self.root, labels, HEADLINE)
        self.groups: dict[Path, Group] = {}
        self.keys: dict[int, str] = {}
        self.used: Counter[str] = Counter()
        self.cards: list[Card] = []

    def picture(self) -> Picture:
        """The finished picture."""
        uses: list[tuple[Node, int]] = []
        for node in self.nodes:
            for position, operand in enumerate(node.operands):
                if isinstance(node.args[position], Node) or np.ndim(operand):
                    uses.append((node, position))
                    self.add(node.args[position])
            if node.args or node is self.root:
                self.add(node)
        labelled = len(self.cards) <= FULL
        edges: dict[Way, Edge] = {}
        for node, position in uses:
            edge = self.edge(node, position, labelled)
            way = (edge.source, edge.target, edge.argument)
            if edge.source != edge.target and not (way in edges and edges[way].carries_gradient):
                edges[way] = edge
        cards, kept = _thinned(self.cards, list(edges.values()))
        return Picture(self.headline, cards, kept, tuple(self.groups.values()), self.notes())

    def notes(self) -> tuple[str, ...]:
        """What is collapsed, if anything is."""
        if not self.blocks:
            return ()
        operations = sum(bool(node.args) for node in self.nodes)
        inside = sum(len(block.operations) for block in self.blocks)
        cards = f"{len(self.blocks)} card{'' if len(self.blocks) == 1 else 's'}"
        return (f"{inside:,} of {operations:,} operations are collapsed into {cards}",)

    def explained(self) -> tuple[Picture, Story]:
        """The picture in which everything has a name, and what is told of it."""
        other = self.fully_named()
        return other.picture(), other.story()

    def fully_named(self) -> "Sketch":
        """The same, with a name for everything."""
        labels = fully_named(self.nodes, self.labels)
        other = Sketch(self.nodes, labels, self.gradients, self.collapse)
        other.headline = self.headline
        return other

    def story(self) -> Story:
        """What is told of the finished picture."""
        own = {thing: key for thing, key in self.keys.items() if thing not in self.block}
        return story_of(self.nodes, self.labels, own, self.gradients)

    def add(self, thing: Any) -> None:
        """The card of a Value or a plain array, or of the block that it is in, unless it has one."""
        if id(thing) in self.keys:
            return
        block = self.block.get(id(thing))
        if block is not None:
            if thing is block.anchor:
                self.add_block(block)
            return
        key = self.key(thing)
        group = self.group(self.paths[id(thing)])
        data, shape = self.recorded[id(thing)], shape_text(thing, self.recorded[id(thing)])
        if isinstance(thing, Node):
            text, role = self.title(thing), self.role(thing)
            gradient, is_float = self.gradients.get(thing), thing.is_float
        else:
            name = self.labels.name_of(thing)
            text, role = (pretty_name(name), "data") if name else (array_text(thing, self.labels), "constant")
            gradient, is_float = None, False
        marks = unit_marks([thing]) if isinstance(thing, Node) else ()
        self.cards.append(Card(key, text, role, shape, data, gradient, is_float, group, marks=marks))

    def add_block(self, block: Block) -> None:
        """The card of a block: its result, and what its parameters and their gradients are like."""
        key = self.word(block.title)
        self.keys |= {id(thing): key for thing in block.things}
        values = [self.recorded[id(leaf)] for leaf in block.parameters]
        slopes = [self.gradients[leaf] for leaf in block.parameters if leaf in self.gradients]
        extra = ("", "")
        if block.operations:
            result = block.anchor
            data, gradient, is_float = self.recorded[id(result)], self.gradients.get(result), result.is_float
            extra = (_together("parameters", values), _together("parameters", slopes))
        else:
            data, gradient, is_float = _flat(values), _flat(slopes) if slopes else None, True
        shape = shape_text(block.anchor, data)
        group, marks = self.group(block.path), unit_marks(block.operations)
        role: Role = "block" if block.operations else "parameter"
        card = Card(key, block.title, role, shape, data, gradient, is_float, group)
        self.cards.append(replace(card, note=block.note, marks=marks, extra=extra))

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
        """One use of an operand, with the backward rule where a gradient passes; of a block, all its uses."""
        arg = node.args[position]
        carries = position in node.routes and node.is_float
        source, target = self.keys[id(arg)], self.keys[id(node)]
        if id(arg) in self.block or id(node) in self.block:
            return Edge(source, target, 0, None, carries)
        label = backward_label(node, position, self.labels) if carries and labelled else None
        return Edge(source, target, position, label, carries)

    def key(self, thing: Any) -> str:
        """The name, else the operation, as a word."""
        fallback = "array"
        if isinstance(thing, Node):
            fallback = thing.primitive.name if thing.primitive is not None else "value"
        self.keys[id(thing)] = self.word(self.labels.name_of(thing) or fallback)
        return self.keys[id(thing)]

    def word(self, text: str) -> str:
        """A text as a word; numbered from the second on."""
        word = re.sub(r"[^\w.#-]", "_", text)
        self.used[word] += 1
        while self.used[word] > 1:
            word = f"{word}#{self.used[word]}"
            self.used[word] += 1
        return word

    def group(self, path: Path) -> str | None:
        """The key of the group of a scope, which lies in the groups of the scopes around it."""
        if not path:
            return None
        if path not in self.groups:
            parent = self.group(path[:-1])
            self.groups[path] = Group(f"{len(self.groups) + 1}", path[-1], parent)
        return self.groups[path].key


def _thinned(cards: Sequence[Card], edges: Sequence[Edge]) -> tuple[tuple[Card, ...], tuple[Edge, ...]]:
    """Of a leaf that many cards use, among them blocks, one arrow is enough: its card says how many."""
    blocks = {card.key for card in cards if card.role == "block"}
    targets = {edge.target for edge in edges}
    uses = Counter(edge.source for edge in edges if edge.source not in targets)
    some = {edge.source for edge in edges if edge.target in blocks}
    many = {key: count for key, count in uses.items() if count > MANY and key in some}
    first = {edge.source: edge for edge in reversed(edges)}
    kept = tuple(edge for edge in edges if edge.source not in many or edge is first[edge.source])
    noted = (replace(c, note=f"{c.role}, used by {many[c.key]} cards") if c.key in many else c for c in cards)
    return tuple(noted), kept


def _flat(arrays: Sequence[Any]) -> Any:
    """All numbers of several arrays."""
    return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.empty(0)


def _together(word: str, arrays: Sequence[Any]) -> str:
    """Many numbers in a few words."""
    return f"{word} {brief(_flat(arrays))}" if arrays else ""
