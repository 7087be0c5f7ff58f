"""Where results are put: how long each is needed, and which memory it may take over. Knows no target."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.program.entries import Entry, Operation

Aliases = Callable[[Operation], Sequence[Entry]]


def last_uses(
    operations: Sequence[Operation], outputs: Sequence[Entry], aliases: Aliases
) -> dict[Entry, int]:
    """The number of the last operation for which the numbers of each entry must still be there.

    Parameters
    ----------
    operations, outputs : sequences of entries
        Of a program.
    aliases : callable
        The operands whose memory the result of an operation may share: as long as it is needed, so are they.

    Returns
    -------
    dict
        For outputs, one more than the number of the last operation.
    """
    found: dict[Entry, int] = dict.fromkeys(outputs, len(operations))
    for number in range(len(operations) - 1, -1, -1):
        operation = operations[number]
        for operand in operation.operands:
            found[operand] = max(found.get(operand, -1), number)
        for operand in aliases(operation):
            found[operand] = max(found[operand], found[operation])
    return found


@dataclass(frozen=True)
class Piece:
    """A piece of memory as an array of one shape.

    Attributes
    ----------
    name : str
        In the source.
    slot : int
        Which memory it lies in; several pieces may lie in the same one, at different times.
    shape, dtype, order
        Of the array.
    start : int
        Where it begins in its memory, in bytes.
    """

    name: str
    slot: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: str
    start: int = 0

    @property
    def bytes(self) -> int:
        """Its size."""
        return math.prod(self.shape) * self.dtype.itemsize


class Memory:
    """The memory of a program, taken and given back while it is planned."""

    def __init__(self) -> None:
        self.pieces: dict[tuple[Any, ...], Piece] = {}
        self.sizes: list[int] = []
        self._free: list[int] = []

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any], order: str) -> Piece:
        """A piece in memory that is free: the last one given back that is large enough, and not too large."""
        size = math.prod(shape) * dtype.itemsize
        for place in range(len(self._free) - 1, -1, -1):
            slot = self._free[place]
            if size <= self.sizes[slot] <= max(4 * size, 4096):
                del self._free[place]
                break
        else:
            slot = len(self.sizes)
            self.sizes.append(size)
        return self._piece(slot, shape, dtype, order)

    def rows(self, count: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[Piece, list[Piece]]:
        """A matrix, and its rows as arrays of one shape, in memory that nothing else gets."""
        length, slot = math.prod(shape), len(self.sizes)
        bytes_of_row = length * dtype.itemsize
        self.sizes.append(count * bytes_of_row)
        matrix = self._piece(slot, (count, length), dtype, "C")
        return matrix, [self._piece(slot, shape, dtype, "C", n * bytes_of_row) for n in range(count)]

    def _piece(
        self, slot: int, shape: tuple[int, ...], dtype: np.dtype[Any], order: str, start: int = 0
    ) -> Piece:
        key = (slot, shape, dtype.str, order, start)
        if key not in self.pieces:
            self.pieces[key] = Piece(f"m{len(self.pieces) + 1}", slot, shape, dtype, order, start)
        return self.pieces[key]

    def give_back(self, piece: Piece) -> None:
        """Nobody needs it any more."""
        self._free.append(piece.slot)

    def allocated(self) -> list[np.ndarray[Any, Any]]:
        """All pieces as arrays, in memory of their own."""
        slots = [np.empty(size, np.uint8) for size in self.sizes]
        numbers = (
            slots[piece.slot][piece.start : piece.start + piece.bytes].view(piece.dtype)
            for piece in self.pieces.values()
        )
        pairs = zip(numbers, self.pieces.values(), strict=True)
        return [array.reshape(piece.shape, order=piece.order) for array, piece in pairs]  # type: ignore[call-overload]
