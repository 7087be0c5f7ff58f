"""Blocks of operations that are shown as one card, and how they are joined: rounds of a loop, stretches.

A block is a stretch of operations in the order of computation, so that no way leads out of a block and back
into it.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from tinygrad_edu.node import Node

Path = tuple[str, ...]
MOST_CHUNKS, FEW_ROUNDS = 24, 3


@dataclass(frozen=True, eq=False)
class Block:
    """A stretch of operations that is shown as one card if there are several, or leaves that are.

    Attributes
    ----------
    operations : tuple of Node
        In the order of computation; the last one's result is the block's. Empty in a block of leaves.
    title : str
        Empty for an operation that is on its own.
    path : tuple of str
        The scopes around the block.
    leaves : tuple
        Values and plain arrays that nothing else uses; in a block of leaves, that the same cards use.
    """

    operations: tuple[Node, ...]
    title: str = ""
    path: Path = ()
    leaves: tuple[Any, ...] = ()

    @property
    def things(self) -> tuple[Any, ...]:
        """All that is inside."""
        return (*self.leaves, *self.operations)

    @property
    def anchor(self) -> Any:
        """When this is reached it is the block's turn: the last operation, or the first leaf."""
        return self.operations[-1] if self.operations else self.leaves[0]

    @property
    def parameters(self) -> list[Node]:
        """The leaves that are Values."""
        return [leaf for leaf in self.leaves if isinstance(leaf, Node)]

    @property
    def note(self) -> str:
        """What is inside, in numbers."""
        numbers = sum(np.size(leaf.data) for leaf in self.parameters)
        counts = [(len(self.operations), "operation"), (numbers, "parameter")]
        return ", ".join(f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in counts if n)


def rounds_of(blocks: list[Block]) -> list[Block]:
    """Rounds of a loop put together: as soon as something occurs again, the next round has begun."""
    rounds: list[list[Block]] = [[]]
    seen: set[Hashable] = set()
    for block in blocks:
        sign = _sign(block)
        if sign in seen:
            rounds.append([])
            seen.clear()
        seen.add(sign)
        rounds[-1].append(block)
    signs = [tuple(map(_sign, each)) for each in rounds]
    body, count = Counter(signs).most_common(1)[0]
    if count < FEW_ROUNDS:
        return blocks
    found: list[Block] = []
    for is_loop, each in groupby(_trimmed(rounds, signs, body), lambda pair: pair[1]):
        inside = [unit for unit, _ in each]
        share = max(1, round(MOST_CHUNKS * len(inside) / count))
        found += _loop(inside, share) if is_loop else [block for unit in inside for block in unit]
    return found


def _trimmed(
    rounds: list[list[Block]], signs: list[tuple[Hashable, ...]], body: tuple[Hashable, ...]
) -> list[tuple[list[Block], bool]]:
    """Rounds, and whether each is one of the loop; what is before the first or after the last is apart."""
    size = len(body)
    parts: list[tuple[list[Block], bool]] = []
    for blocks, sign in zip(rounds, signs, strict=True):
        if sign[-size:] == body:
            parts += [(blocks[:-size], False), (blocks[-size:], True)]
        elif sign[:size] == body:
            parts += [(blocks[:size], True), (blocks[size:], False)]
        else:
            parts.append((blocks, False))
    return [part for part in parts if part[0]]


def _loop(rounds: list[list[Block]], share: int) -> list[Block]:
    """At most so many blocks for the rounds of a loop."""
    size = -(-len(rounds) // share)
    blocks = []
    for start in range(0, len(rounds), size):
        inside = [block for unit in rounds[start : start + size] for block in unit]
        end = min(start + size, len(rounds))
        if len(inside) == 1:
            blocks += inside
        elif len(rounds[0]) == 1 and inside[0].title:
            blocks.append(_joined(inside, f"{inside[0].title} … {inside[-1].title}"))
        else:
            which = f"round {start + 1:,}" if size == 1 else f"rounds {start + 1:,}–{end:,}"
            blocks.append(_joined(inside, f"{which} of {len(rounds):,}"))
    return blocks


def stretches_of(blocks: list[Block]) -> list[Block]:
    """Stretches of about equal length."""
    size = -(-len(blocks) // MOST_CHUNKS)
    cut = []
    done = 0
    for start in range(0, len(blocks), size):
        inside = blocks[start : start + size]
        count = sum(len(block.operations) for block in inside)
        cut.append(
            inside[0] if len(inside) == 1 else _joined(inside, f"operations {done + 1:,}–{done + count:,}")
        )
        done += count
    return cut


def _joined(blocks: Sequence[Block], title: str) -> Block:
    shared = blocks[0].path
    for block in blocks:
        shared = common(shared, block.path)
    return Block(tuple(node for block in blocks for node in block.operations), title, shared)


def _sign(block: Block) -> Hashable:
    """What is the same in each round of a loop: the title but for its numbers, or the place in the source."""
    if block.title:
        return re.sub(r"\d+", "#", block.title)
    return block.operations[0].code, block.operations[0].offset


def common(one: Path, other: Path) -> Path:
    """How far two paths go together."""
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
