"""Whether two calls of a function recorded the same: what is new in each call would be frozen."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.compiling.following import Followed, Origin, place_of
from tinygrad_edu.errors import TracingError
from tinygrad_edu.program.entries import Constant, Entry, Input, comparable
from tinygrad_edu.program.programs import Program


def check_equal(first: Followed, second: Followed) -> None:
    """Raise TracingError if two calls with the same arguments did not record the same.

    Numbers that are new in each call, of a random generator or a clock, would be frozen in the program.
    """
    title = first.program.title
    numbers: list[dict[Entry, int]] = [{}, {}]
    for entries in zip(_everything(first.program), _everything(second.program), strict=False):
        for known, entry in zip(numbers, entries, strict=True):
            known.setdefault(entry, len(known))
        a, b = (_told(entry, known) for entry, known in zip(entries, numbers, strict=True))
        if a == b:
            continue
        if isinstance(entries[0], Constant):
            user = next((o for o in first.program.operations if entries[0] in o.operands), None)
            where = "its result"
            if user is not None:
                where = f"{place_of(_outside(user, first))} ({user.primitive.name})"
            name = entries[0].name or "a number"
            raise TracingError(
                f"{title}: {name} that enters {where} was another one when the function was called again "
                "with the same arguments: random numbers, clocks and counters would stay as they are in the "
                "program. Draw or count outside, and pass it as an argument."
            )
        _refuse_other_way(first, entries[0])
    if len(first.program) != len(second.program):
        longer = max(first, second, key=lambda each: len(each.program))
        _refuse_other_way(longer, longer.program.operations[-1])
    if _form(first.program.result, numbers[0]) != _form(second.program.result, numbers[1]):
        raise TracingError(
            f"{title}: called twice with the same arguments, the function gave other keys, another number of "
            "results, or results in another order. What decides there must not change between two calls."
        )


def _refuse_other_way(followed: Followed, entry: Entry) -> None:
    where = place_of(_outside(entry, followed)) if entry in followed.origins else "in its result"
    raise TracingError(
        f"{followed.program.title}: called twice with the same arguments, the function did not do the same, "
        f"first {where}. What decides there must not change between two calls."
    )


def _outside(entry: Any, followed: Followed) -> Origin:
    """Where an operation was recorded; for one inside a rule, the first that was written by whoever asks."""
    origin = followed.origins[entry]
    if origin.code is None or not names.is_internal(origin.code):
        return origin
    written = (o for o in followed.origins.values() if o.code is not None and not names.is_internal(o.code))
    return next(written, origin)


def _everything(program: Program) -> list[Entry]:
    return [*program.inputs, *program.constants, *program.operations]


def _form(tree: Any, numbers: Mapping[Entry, int]) -> Any:
    """The structure of a result, and which entry stands where."""
    if isinstance(tree, dict):
        return type(tree), [(key, _form(branch, numbers)) for key, branch in tree.items()]
    if isinstance(tree, (list, tuple)):
        return type(tree), [_form(branch, numbers) for branch in tree]
    return numbers.get(tree)


def _told(entry: Entry, numbers: Mapping[Entry, int]) -> Any:
    if isinstance(entry, Input):
        return entry.shape, entry.dtype.str
    if isinstance(entry, Constant):
        return comparable(np.asarray(entry.data))
    operands = tuple(numbers[operand] for operand in entry.operands)
    return entry.primitive, operands, comparable(entry.settings), entry.shape, entry.dtype.str
