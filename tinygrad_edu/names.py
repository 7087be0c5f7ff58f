"""Names of the caller's variables, read from its code and frame. Knows nothing of Values and graphs.

An operation that keeps its caller's code object and instruction offset (``frame.f_lasti``) has kept, for the
price of two references, the variable its result went to, the variables its operands came from, and the line.
A name is either certain or None.
"""

import difflib
import functools
import weakref
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType

from tinygrad_edu.bytecode import Listing


class Outside(int):
    """The offset of a call of an expression: its arguments are not the operands of its last operation."""


class Iterating(Outside):
    """The offset of an instruction that takes items out: its result, if it has one, is none of them."""


INTERNAL = (Path(__file__).parent, Path(__file__).parent / "rules")


def stored_name(code: CodeType, offset: int) -> str | None:
    """The variable in which the result of the instruction at `offset` was first stored.

    Follows assignments (plain, chained, annotated, augmented), ``:=``, and attributes: ``self.z = ...`` gives
    ``z``. None for an intermediate result, a returned one, a subscripted or unpacked target, and for calls
    such as ``sum`` and ``list``, in which several operations share one instruction. None for code of the
    engine, whose variables say nothing to whoever calls it.
    """
    if is_internal(code) or isinstance(offset, Iterating):
        return None
    listing = _listing_of(code)
    index = listing.index_of(offset)
    if index not in listing.stored:
        listing.stored[index] = None if index is None else listing.find_store(index)
    return listing.stored[index]


def part_name(code: CodeType, offset: int, nth: int, field: str | None = None) -> str | None:
    """The variable that result number `nth`, or `field`, of the instruction at `offset` was stored in.

    ``w, V = eigh(A)`` gives ``w`` and ``V``, ``w = eigh(A)[0]`` gives ``w``, and ``both = eigh(A)`` gives
    ``both[0]`` and ``both[1]``.
    """
    if is_internal(code):
        return None
    listing = _listing_of(code)
    index = listing.index_of(offset)
    return None if index is None else listing.find_part(index, nth, field)


def unpacked_names(code: CodeType, offset: int) -> list[str | None]:
    """The variables to which the instruction at `offset` unpacks, as in ``a, b = v``; none if it does not."""
    if is_internal(code):
        return []
    listing = _listing_of(code)
    index = listing.index_of(offset)
    return [] if index is None else listing.find_unpacked(index)


def operand_name(code: CodeType, offset: int, position: int) -> str | None:
    """The variable that was loaded as operand number `position` of the instruction at `offset`.

    Operands are counted as they are written: ``a @ b``, ``-a``, ``a[b]``, ``f(a, b)``. Keyword arguments and
    starred ones are not counted, and methods other than those of a well-known module have no named operands,
    because bytecode does not tell whether ``v`` in ``v.dot(w)`` is an operand or a module.
    """
    if is_internal(code) or isinstance(offset, Outside):
        return None
    listing = _listing_of(code)
    key = (listing.index_of(offset), position)
    if key not in listing.operands:
        listing.operands[key] = None if key[0] is None else listing.find_operand(key[0], position)
    return listing.operands[key]


def receiving_name(code: CodeType, offset: int, position: int) -> str | None:
    """The variable that was loaded as that operand, if results of calls are stored in it.

    What a function returns as an expression has no variable there: ``a = sigmoid(z)`` names it, as the next
    operation on ``a`` tells.
    """
    name = operand_name(code, offset, position)
    return name if name is not None and name in _listing_of(code).receiving else None


def is_internal(code: CodeType) -> bool:
    """Whether `code` belongs to the engine itself: to this folder or to the rules."""
    return _is_inside(code.co_filename)


@functools.cache
def _is_inside(filename: str) -> bool:
    return Path(filename).parent in INTERNAL


def line_of(code: CodeType, offset: int) -> int | None:
    """The line of the source to which the instruction at `offset` belongs."""
    lines = _listing_of(code).lines
    row = bisect_right(lines, offset, key=lambda span: span[0]) - 1
    return lines[row][2] if row >= 0 and offset < lines[row][1] else None


def held_name(frame: FrameType, obj: object) -> str | None:
    """The first variable of `frame` that holds this very object: its own, then enclosing ones, then globals.

    Names with a leading underscore are not considered.
    """
    return held_names(frame).get(id(obj))


def held_names(frame: FrameType) -> dict[int, str]:
    """The same for everything that `frame` holds now, by identity: for whoever asks about many objects."""
    found: dict[int, str] = {}
    for variables in (frame.f_locals, frame.f_globals):
        for name, held in list(variables.items()):
            if name.isidentifier() and not name.startswith("_"):
                found.setdefault(id(held), name)
    return found


def nearest(name: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """Up to `n` of the `candidates` that `name` may have been meant to be, the most similar first.

    >>> nearest("wieghts", ["bias", "weights", "Weights2"])
    ['weights', 'Weights2']
    """
    matcher = difflib.SequenceMatcher(b=name.casefold())
    scores: dict[str, float] = {}
    for candidate in candidates:
        matcher.set_seq1(candidate.casefold())
        scores[candidate] = matcher.ratio()
    similar = [candidate for candidate, score in scores.items() if score >= 0.5]
    return sorted(similar, key=lambda candidate: -scores[candidate])[:n]


_listings: dict[int, tuple["weakref.ref[CodeType]", Listing]] = {}


def _listing_of(code: CodeType) -> Listing:
    """The listing of `code`, kept as long as the code itself lives."""
    key = id(code)
    if key not in _listings:
        forget = _listings.pop  # bound here: at the end of the program, code may outlive this module
        _listings[key] = (weakref.ref(code, lambda _: forget(key, None)), Listing(code))
    return _listings[key][1]
