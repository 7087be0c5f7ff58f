"""What the explorer tells: the formula of every operation, the term and the numbers of every way back."""

import json
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels, Script, local_term, printer_of, replayed, rule_formula, simplest
from tinygrad_edu.program.entries import Entry
from tinygrad_edu.value import Value

Array = Any
Way = tuple[str, str, int]
"""Source, target and argument of an edge, which tell it apart."""


@dataclass(frozen=True)
class Told:
    """What there is to say about an operation.

    Attributes
    ----------
    formula : str
        What it computes, as MathML: ``s = w x``.
    primitive : str
        The name of its primitive.
    line : int or None
        Of the caller's source.
    """

    formula: str
    primitive: str
    line: int | None = None


@dataclass(frozen=True, eq=False)
class Term:
    """What a gradient brings to one operand on one way.

    Attributes
    ----------
    formula : str
        The chain rule on this way, as MathML: ``∂L/∂w = ∂L/∂s x``.
    rule : str or None
        The rule of the primitive in general, as MathML: ``g y``.
    numbers : array
        The term.
    """

    formula: str
    rule: str | None
    numbers: Array


@dataclass(frozen=True)
class Story:
    """What is known of a picture's cards and edges beyond what it shows.

    Attributes
    ----------
    cards : mapping
        By key; only operations that have a card of their own.
    terms : mapping
        By edge; only where a gradient flows.
    names : mapping
        What the script calls a card, by its key.
    script : str or None
        The body of a JavaScript function of ``v``, ``g`` and ``t`` (values, gradients and terms, the leaves
        already in ``v``) that computes all of them; None if the graph is not one of single numbers, or a
        part of it is collapsed.
    """

    cards: Mapping[str, Told] = field(default_factory=dict)
    terms: Mapping[Way, Term] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    script: str | None = None


def story_of(
    nodes: Sequence[Node],
    labels: Labels,
    keys: Mapping[int, str],
    gradients: Mapping[Node, Array],
) -> Story:
    """The story of a graph.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of computation.
    labels : Labels
        Names for all of them.
    keys : mapping
        The keys of the cards, by the identity of what they show.
    gradients : mapping
        Those to tell of; without any, the story ends with the values.
    """
    return Context().run(_Telling, nodes, labels, keys, gradients).story()


class _Telling:
    """A story in the making: formulas are taken from copies, in which plain arrays are Values, too."""

    def __init__(
        self,
        nodes: Sequence[Node],
        labels: Labels,
        keys: Mapping[int, str],
        gradients: Mapping[Node, Array],
    ) -> None:
        self.everything = nodes
        self.nodes = [node for node in nodes if node.args and id(node) in keys]
        self.leaves = [node for node in nodes if node.is_leaf]
        self.labels, self.keys, self.gradients = labels, keys, gradients
        self.top = labels.name_of(nodes[-1])
        self.mathml = printer_of("mathml")
        self.rules: dict[Any, str | None] = {}
        self.copies, names = replayed(nodes, labels)
        self.slopes = {node: Value.leaf(np.array(g)[()]) for node, g in gradients.items()}
        known = {key: name for key, name in names.items() if name is not None}
        for node, slope in self.slopes.items():
            if node is not nodes[-1] or node.shape:
                known[id(slope)] = self.slope_of(node)
        self.names = Labels([*self.copies.values(), *self.slopes.values()], known)
        self.ways = self.ways_back()

    def story(self) -> Story:
        definitions = {node: simplest(self.copies[node], self.names) for node in self.nodes}
        cards = {self.keys[id(node)]: self.told(node, entry) for node, entry in definitions.items()}
        terms: dict[Way, Term] = {}
        entries: dict[Way, Entry] = {}
        for node in self.nodes:
            for position in self.routes(node):
                way = self.way(node, position)
                found = local_term(self.copies[node], position, self.slopes[node], self.names)
                if found is not None:
                    entries[way] = found
                    terms[way] = self.term(node, position, found)
        shown = (*self.leaves, *self.nodes)
        names = {
            self.keys[id(node)]: self.labels.name_of(node) or "" for node in shown if id(node) in self.keys
        }
        return Story(cards, terms, names, self.script(definitions, entries))

    def routes(self, node: Node) -> list[int]:
        """The operands with a card to which a gradient is told."""
        return [i for i in node.routes if node in self.slopes and id(node.args[i]) in self.keys]

    def told(self, node: Node, definition: Entry) -> Told:
        assert node.primitive is not None
        name = self.mathml.named(self.labels.name_of(node) or "").text
        formula = self.mathml.spelling.put("equals", name, self.mathml.text(definition))
        return Told(formula, node.primitive.name, node.line)

    def term(self, node: Node, position: int, entry: Entry) -> Term:
        arg = node.args[position]
        text = self.mathml.text(entry)
        if len(self.ways[arg]) > 1:
            text += "<mo>+</mo><mo>⋯</mo>"
        name = self.mathml.named(self.slope_of(arg)).text
        equation = self.mathml.spelling.put("equals", name, f"<mrow>{text}</mrow>")
        return Term(equation, self.rule(node, position), _numbers(node, position, self.gradients[node]))

    def rule(self, node: Node, position: int) -> str | None:
        """The rule of a primitive; shapes decide how it reads, and are all that is needed of an example."""
        assert node.primitive is not None
        shapes = tuple(map(np.shape, node.operands))
        key = (node.primitive, position, tuple(map(len, shapes)))
        if key not in self.rules:
            example = None if node.primitive.kind == "elementwise" else node.operands
            try:
                found = rule_formula(node.primitive, position, "mathml", example, node.params)
            except ArgumentError:
                found = None
            self.rules[key] = found
        return self.rules[key]

    def ways_back(self) -> dict[Node, list[Way]]:
        """On how many ways a gradient arrives at each node."""
        ways: dict[Node, list[Way]] = {}
        for node in self.nodes:
            for position in self.routes(node):
                ways.setdefault(node.args[position], []).append(self.way(node, position))
        return ways

    def way(self, node: Node, position: int) -> Way:
        return self.keys[id(node.args[position])], self.keys[id(node)], position

    def slope_of(self, node: Node) -> str:
        return f"∂{self.top}/∂{self.labels.name_of(node)}"

    def script(self, definitions: Mapping[Node, Entry], entries: Mapping[Way, Entry]) -> str | None:
        """The assignments in JavaScript, values forward and gradients back, by the same entries."""
        if any(node.shape or id(node) not in self.keys for node in self.everything):
            return None
        printer = Script()
        try:
            lines = [
                f"{printer.named(self.labels.name_of(node) or '').text} = {printer.text(entry)};"
                for node, entry in definitions.items()
            ]
            nodes = [*self.leaves, *self.nodes]
            for node in reversed(nodes):
                slope = printer.named(self.slope_of(node)).text
                if node is nodes[-1] and node in self.gradients:
                    lines.append(f"{slope} = {float(self.gradients[node])!r};")
                terms = {f"t[{json.dumps(way_name(way))}]": way for way in self.ways.get(node, ())}
                lines += [f"{term} = {printer.text(entries[way])};" for term, way in terms.items()]
                if terms:
                    lines.append(f"{slope} = {' + '.join(terms)};")
        except (ArgumentError, KeyError):
            return None
        return "\n".join(lines)


def way_name(way: Way) -> str:
    """The edge in identifiers: ``w-s-0``."""
    source, target, argument = way
    return f"{source}-{target}-{argument}"


def _numbers(node: Node, position: int, g: Array) -> Array:
    """The term itself: the rule on the recorded numbers."""
    assert node.primitive is not None
    rule = node.primitive.rules_for(len(node.args))[position]
    assert rule is not None
    with np.errstate(all="ignore"):
        term = rule(g, node.data, *node.operands, **node.params)
        return fitted(term, node.operands[position], node.primitive, position, node.data)
