"""From a comparison to a picture of it: what is right, where the mistakes are, and what follows from them."""

from dataclasses import replace
from typing import Any

from tinygrad_edu.comparison import Comparison, Finding, Probe, Row, told
from tinygrad_edu.comparison.row import words_of
from tinygrad_edu.drawing.picture import Card, Edge, Judged, Mark, Picture
from tinygrad_edu.drawing.sketch import Sketch
from tinygrad_edu.drawing.story import Story
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node

MARKS: dict[str, Mark] = {
    "correct": "right",
    "rounding": "right",
    "kink": "kink",
    "own": "own",
    "not-comparable": "own",
    "inherited": "inherited",
}
LOST = ("lost-path", "lost-statistics", "missing-gradient")
MISSING = ("missing-derivative",)


def difference_of(comparison: Comparison) -> Picture:
    """The graph at the point that the comparison shows, each gradient with its verdict.

    Raises
    ------
    ArgumentError
        If the comparison was not made by `compare`, so that it knows no graph.
    DrawingError
        If the graph has more than 1,500 operations and leaves.
    """
    return _pictured(comparison, _sketch(comparison))


def explained_difference(comparison: Comparison) -> tuple[Picture, Story]:
    """The same with a name for everything, and what the right gradients are made of; for the explorer."""
    sketch = _sketch(comparison).fully_named()
    return _pictured(comparison, sketch), sketch.story()


def _sketch(comparison: Comparison) -> Sketch:
    point = comparison.point
    if point is None:
        raise ArgumentError(
            "draw() cannot show this comparison: it was not made by compare, and has no graph."
        )
    truth = {node: g for node, g in zip(point.nodes, point.truth, strict=True) if g is not None}
    return Sketch(point.nodes, point.labels, truth, collapse=False)


def _pictured(comparison: Comparison, sketch: Sketch) -> Picture:
    """The picture of a sketch, with verdicts."""
    point = comparison.point
    assert point is not None
    picture = sketch.picture()
    rows = {row.name: row for row in comparison.rows}
    judged: dict[str, tuple[Judged, Any]] = {}
    named = {node: label for label, node in point.rows.items()}
    for node, gradient in zip(point.nodes, point.truth, strict=True):
        key = sketch.keys.get(id(node))
        if key is not None and node.is_float:
            row = rows.get(named.get(node, ""))
            judged[key] = _judged(row, point.stated.get(node), comparison), gradient
    cards = tuple(_card(card, *judged.get(card.key, (None, None))) for card in picture.cards)
    faults = _faults(comparison, sketch)
    edges = tuple(_edge(edge, faults.get((edge.target, edge.argument))) for edge in picture.edges)
    return replace(picture, cards=cards, edges=edges, notes=_notes(comparison))


def _judged(row: Row | None, manual: Any, comparison: Comparison) -> Judged:
    if row is None or row.verdict == "not-compared":
        at_fault = row is not None and any(finding.node == row.name for finding in comparison.findings)
        return Judged("own", "the mistake is here") if at_fault else Judged("none", "not compared")
    return Judged(MARKS[row.verdict], words_of(row)[0], manual)


def _card(card: Card, judged: Judged | None, gradient: Any) -> Card:
    return card if judged is None else replace(card, judged=judged, gradient=gradient)


def _edge(edge: Edge, finding: Finding | None) -> Edge:
    """An edge on which a mistake was made says so, and what belongs there."""
    if finding is None or not edge.carries_gradient:
        return edge
    if finding.kind in LOST:
        return replace(edge, fault="lost", label=f"lost: {edge.label}" if edge.label else "lost")
    word = "missing" if finding.kind in MISSING else "right"
    return replace(edge, fault="wrong", label=f"{word}: {edge.label}" if edge.label else "the mistake")


def _faults(comparison: Comparison, sketch: Sketch) -> dict[tuple[str, int], Finding]:
    """The edges on which mistakes were made: the operation and the position of its argument."""
    assert comparison.point is not None
    nodes = comparison.point.nodes
    found: dict[tuple[str, int], Finding] = {}
    for finding in comparison.findings:
        for place, position in finding.uses or _only_way(finding, comparison.point):
            key = sketch.keys.get(id(nodes[place]))
            if key is not None:
                found.setdefault((key, position), finding)
    return found


def _only_way(finding: Finding, point: Probe) -> list[tuple[int, int]]:
    """The one line in which a gradient as a whole can be wrong; of a missing one, all ways to it."""
    ways = [
        (place, position)
        for place, node in enumerate(point.nodes)
        for position, arg in enumerate(node.args)
        if isinstance(arg, Node) and arg is point.rows.get(finding.node)
    ]
    if finding.kind == "missing-gradient":
        return ways
    is_line = len(ways) == 1 and point.nodes[ways[0][0]] in {*point.rows.values()}
    return ways if is_line and finding.kind != "unexplained" else []


def _notes(comparison: Comparison) -> tuple[str, ...]:
    """The findings in sentences, or that all is well."""
    found = tuple(f"{one.place}: {one.message}" for one in told(comparison.findings))
    return found or (comparison.summary(),)
