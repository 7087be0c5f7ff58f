"""Which parts of a large graph are shown as one card: scopes, rounds of a loop, runs of operations."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from tinygrad_edu.drawing.blocks import Block, Path, rounds_of, stretches_of
from tinygrad_edu.drawing.picture import FULL
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node

Collapse = bool | str | Sequence[str] | None

BETWEEN_SCOPES = " / "
LONG = 100
"""So many cards can be read when they are small; more are put together, whatever they are."""
FEW_LEAVES = 3


def scope_path(node: Node) -> Path:
    """The scopes of an operation, from the outermost."""
    return tuple(node.scope.split(BETWEEN_SCOPES)) if node.scope else ()


def blocks_of(nodes: Sequence[Node], collapse: Collapse = None) -> list[Block]:
    """What to show as one card each.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of computation. The last is never inside a block.
    collapse : None, bool, str, or sequence of str
        The titles of the scopes to collapse; all of the outermost for True, none for False. For None what
        makes the picture small enough to be read, if it is not: first the innermost scopes, then those
        around them; of more than 100 cards the rounds of loops, at last stretches of operations.

    Raises
    ------
    ArgumentError
        If there is no scope of a given title.
    """
    operations = [node for node in nodes if node.args and node is not nodes[-1]]
    paths = {node: scope_path(node) for node in operations}
    if collapse is False:
        return []
    if collapse is None:
        blocks = _small_enough(nodes, operations, paths)
    elif collapse is True:
        blocks = _by_scope(operations, paths, lambda path: path[:1])
    else:
        titles = {collapse} if isinstance(collapse, str) else set(collapse)
        _check(titles, paths.values())
        blocks = _by_scope(operations, paths, lambda path: _down_to(titles, path))
    return [block for block in _with_leaves(nodes, blocks) if len(block.things) > 1 and block.title]


def _small_enough(nodes: Sequence[Node], operations: list[Node], paths: dict[Node, Path]) -> list[Block]:
    """Blocks until a picture of them can be read."""
    blocks = [Block((node,), path=paths[node]) for node in operations]
    if _cards(nodes, blocks) <= FULL:
        return blocks
    for depth in range(max(map(len, paths.values()), default=0), 0, -1):
        blocks = _by_scope(operations, paths, partial(_at, depth))
        if _cards(nodes, blocks) <= FULL:
            return blocks
    for join in (rounds_of, stretches_of):
        if _cards(nodes, blocks) > LONG:
            blocks = join(blocks)
    if _cards(nodes, blocks) > FULL:
        blocks += _shared_leaves(nodes, blocks)
    return blocks


def _by_scope(
    operations: Iterable[Node], paths: dict[Node, Path], cut: Callable[[Path], Path]
) -> list[Block]:
    """Consecutive operations of the same scope; those for which `cut` gives no scope are on their own."""
    blocks = []
    for path, found in groupby(operations, lambda node: cut(paths[node])):
        inside = tuple(found)
        if path and len(inside) > 1:
            blocks.append(Block(inside, path[-1], path[:-1]))
        else:
            blocks += [Block((node,), path=paths[node]) for node in inside]
    return blocks


def _users(nodes: Sequence[Node], blocks: Sequence[Block]) -> dict[int, tuple[Any, set[int]]]:
    """Each leaf and plain array, and by number the blocks that use it; -1 is the last operation."""
    place = {node: number for number, block in enumerate(blocks) for node in block.operations}
    users: dict[int, tuple[Any, set[int]]] = {}
    for node in nodes:
        for arg, operand in zip(node.args, node.operands, strict=True):
            if not arg.args if isinstance(arg, Node) else np.ndim(operand):
                users.setdefault(id(arg), (arg, set()))[1].add(place.get(node, -1))
    return users


def _cards(nodes: Sequence[Node], blocks: Sequence[Block]) -> int:
    """How many cards there would be."""
    outside = [where for _, where in _users(nodes, blocks).values() if not _is_inside(where, blocks)]
    return len(blocks) + 1 + len(outside)


def _is_inside(users: set[int], blocks: Sequence[Block]) -> bool:
    return len(users) == 1 and users != {-1} and len(blocks[next(iter(users))].operations) > 1


def _with_leaves(nodes: Sequence[Node], blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the leaves that nothing else uses."""
    leaves: dict[int, list[Any]] = {}
    for leaf, where in _users(nodes, blocks).values():
        if _is_inside(where, blocks):
            leaves.setdefault(next(iter(where)), []).append(leaf)
    return [replace(b, leaves=b.leaves or tuple(leaves.get(i, ()))) for i, b in enumerate(blocks)]


def _shared_leaves(nodes: Sequence[Node], blocks: Sequence[Block]) -> list[Block]:
    """Values that the same blocks use, several of them each."""
    shared: dict[frozenset[int], list[Any]] = {}
    for leaf, where in _users(nodes, blocks).values():
        if isinstance(leaf, Node) and not _is_inside(where, blocks):
            shared.setdefault(frozenset(where), []).append(leaf)
    return [
        Block((), f"{len(found):,} Values", (), tuple(found))
        for found in shared.values()
        if len(found) >= FEW_LEAVES
    ]


def _at(depth: int, path: Path) -> Path:
    """A path down to a depth; nothing if it ends before."""
    return path[:depth] if len(path) >= depth else ()


def _down_to(titles: set[str], path: Path) -> Path:
    """A path up to the first scope of one of the titles; nothing if there is none."""
    for depth, title in enumerate(path, start=1):
        if title in titles or BETWEEN_SCOPES.join(path[:depth]) in titles:
            return path[:depth]
    return ()


def _check(titles: set[str], paths: Iterable[Path]) -> None:
    known = {
        name
        for path in paths
        for i, title in enumerate(path, 1)
        for name in (title, BETWEEN_SCOPES.join(path[:i]))
    }
    for title in sorted(titles - known):
        scopes = (
            ", ".join(map(repr, sorted(known)))
            or "none: operations are in one inside `with tg.scope(title):`"
        )
        raise ArgumentError(f"collapse={title!r}: there is no such scope. The scopes are {scopes}.")
