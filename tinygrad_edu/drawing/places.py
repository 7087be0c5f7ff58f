"""What a picture takes from the record: the numbers that were computed with, and the scopes around them."""

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.drawing.blocks import Block, Path, common
from tinygrad_edu.drawing.folding import scope_path
from tinygrad_edu.node import Node


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
