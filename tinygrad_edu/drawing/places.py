"""What a picture takes from the record: the numbers that were computed with, scopes, and names for all."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from tinygrad_edu.drawing.blocks import Block, Path, common
from tinygrad_edu.drawing.folding import scope_path
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels
from tinygrad_edu.rules.parts import shapes_of


def recorded_numbers(nodes: Sequence[Node]) -> dict[int, Any]:
    """The numbers that were computed with; those of a leaf may have been set since."""
    recorded = {id(node): node.data for node in nodes if node.args}
    for node in nodes:
        for arg, operand in zip(node.args, node.operands, strict=True):
            recorded.setdefault(id(arg), operand)
    root = nodes[-1]
    recorded.setdefault(id(root), root.recorded_data())
    return recorded


def scopes_of(nodes: Sequence[Node], blocks: Sequence[Block]) -> dict[int, Path]:
    """The scopes of each operation, from the outermost; leaves are in those that all their users share.

    What is in a scope that is collapsed itself, and still has a card, stands beside that card.
    """
    collapsed = {(*block.path, block.title) for block in blocks}
    paths: dict[int, Path] = {}
    for node in nodes:
        path = scope_path(node)
        for arg in node.args:
            if not (isinstance(arg, Node) and arg.args):
                paths[id(arg)] = common(paths.get(id(arg), path), path)
        if node.args or node is nodes[-1]:
            paths[id(node)] = path
    return {thing: _outside(path, collapsed) for thing, path in paths.items()}


def _outside(path: Path, collapsed: set[Path]) -> Path:
    """The scopes down to the first that is collapsed."""
    inside = (depth for depth in range(1, len(path) + 1) if path[:depth] in collapsed)
    return path[: next(inside, len(path) + 1) - 1]


def fully_named(nodes: Sequence[Node], labels: Labels) -> Labels:
    """The labels, with names for all Values: u1, u2, ... for operations, x1, x2, ... for leaves, and L.

    What has a name can be spoken of in the terms of the chain rule.
    """
    taken = {labels.name_of(node) for node in nodes}
    free = {
        letter: (name for name in map(f"{letter}{{}}".format, count(1)) if name not in taken)
        for letter in "ux"
    }
    named = {node: next(free["u" if node.args else "x"]) for node in nodes if labels.name_of(node) is None}
    if nodes[-1] in named and "L" not in taken:
        named[nodes[-1]] = "L"
    return labels.with_stand_ins({}, named)


def shape_text(thing: Any, data: Any) -> str:
    """The shape of data, ``"4×3"``, or those of the several results of an operation; empty for a number."""
    several = isinstance(thing, Node) and shapes_of(thing.primitive, thing.operands, thing.params)
    if several:
        return " + ".join("×".join(map(str, shape)) or "1" for shape in several)
    return "×".join(map(str, np.shape(data)))
