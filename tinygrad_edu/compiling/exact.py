"""Rewriting that keeps every bit: what is done before a program is compiled, unless speed goes first."""

import math
from collections.abc import Sequence

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.program import rewrites as to
from tinygrad_edu.program import totals
from tinygrad_edu.program.entries import Constant, Entry, Operation, reachable
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.rewriting import Maker, Rule
from tinygrad_edu.program.simplification import RULES
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping

KEEP_BITS = {
    to.same,
    to.computed,
    totals.spread,
    to.implicit,
    totals.mean,
    totals.summed_to,
    to.reshaped,
    to.chosen,
    to.sign_of_relu,
}
"""Rules of the general table that change no bit of a result."""
MOST = 2.0**400
"""Numbers beyond this, or as close to 0, are not put together: what they multiply might leave the range."""


def doubled(operation: Operation, make: Maker) -> Entry | None:
    """``c * (2 * x) = (2 c) * x``: a power of two moves the exponent and rounds nothing."""
    found = _scaled(operation)
    inner = found and _scaled(found[1])
    if not found or not inner or not make.inside(found[1]) or inner[1].dtype != operation.dtype:
        return None
    number = found[0] * inner[0]
    tame = all(1 / MOST < abs(each) < MOST for each in (found[0], inner[0]))
    if not tame or not (_is_power_of_two(found[0]) or _is_power_of_two(inner[0])):
        return None
    return make.like(make(do.multiply, make.number(float(number)), inner[1]), operation)


def _scaled(entry: Entry) -> tuple[float, Entry] | None:
    """A single number and what it is multiplied with; half of x is x divided by two."""
    if not isinstance(entry, Operation) or entry.dtype != np.float64:
        return None
    if entry.primitive is do.negative:
        return -1.0, entry.operands[0]
    if entry.primitive is do.divide:
        number = _number(entry.operands[1])
        return (1 / number, entry.operands[0]) if number and _is_power_of_two(number) else None
    if entry.primitive is do.multiply:
        for i in (0, 1):
            number = _number(entry.operands[i])
            if number is not None and entry.operands[1 - i].dtype == entry.dtype:
                return number, entry.operands[1 - i]
    return None


def _number(entry: Entry) -> float | None:
    if isinstance(entry, Constant) and entry.name is None and entry.shape == ():
        return float(entry.data)
    return None


def _is_power_of_two(number: float) -> bool:
    return math.isfinite(number) and abs(math.frexp(number)[0]) == 0.5


def once(operation: Operation, make: Maker) -> Entry | None:
    """``1 * x = x / 1 = x``."""
    found = _scaled(operation)
    if found and found[0] == 1.0 and found[1].dtype == operation.dtype:
        return make.like(found[1], operation)
    return None


def turned_twice(operation: Operation, make: Maker) -> Entry | None:
    """``xᵀᵀ = x``, for matrices."""
    inner = operation.operands[0]
    if len(inner.shape) != 2:
        return None
    if operation.primitive is shaping.swapaxes:
        moved = len({axis % 2 for axis in operation.settings.values()}) == 2
        return make(shaping.transpose, inner) if moved else inner
    if operation.settings or not isinstance(inner, Operation) or inner.settings:
        return None
    return inner.operands[0] if inner.primitive is shaping.transpose else None


def sum_of_one(operation: Operation, make: Maker) -> Entry | None:
    """The sum of a single number, over no axes."""
    return operation.operands[0] if not operation.operands[0].shape else None


# fmt: off
EXACT: tuple[Rule, ...] = (
    *(rule for rule in RULES if rule.rewrite in KEEP_BITS),
    Rule("1 x = x",               frozenset({do.multiply, do.divide}),              once),
    Rule("c (2 x) = (2 c) x",     frozenset({do.multiply, do.divide, do.negative}), doubled),
    Rule("xᵀᵀ = x",               frozenset({shaping.transpose, shaping.swapaxes}), turned_twice),
    Rule("Σ x = x for a number",  frozenset({reductions.sum_}),                     sum_of_one),
)
# fmt: on


def exactly_simplified(program: Program) -> Program:
    """The program with the same results, bit for bit, and fewer assignments.

    What is computed twice is computed once, constants are computed beforehand, shapes that NumPy repeats by
    itself are not repeated before, and powers of two are put together. The order stays as it was recorded.
    """
    order: list[Entry] = [*program.inputs, *program.constants, *program.operations]
    outputs, order = rewritten(Maker(()), program.outputs, order)
    length = math.inf
    while len(order) < length:
        length = len(order)
        outputs, order = rewritten(Maker(EXACT), outputs, order)
    return Program(program.arguments, trees.rebuild(program.result, outputs), program.title, order)


def rewritten(
    make: Maker, outputs: Sequence[Entry], order: Sequence[Entry]
) -> tuple[list[Entry], list[Entry]]:
    """One pass over everything; what replaces an entry stands in its place."""
    found = make.rewritten(outputs, order)
    places: dict[Entry, int] = {}
    put_in: set[Entry] = set()
    for place, entry in enumerate(order):
        places.setdefault(found[entry], place)
    results = [found[output] for output in outputs]
    needed = reachable(results)
    for entry in reversed(needed):  # what was put in stands before whoever needs it first ...
        for operand in entry.operands if isinstance(entry, Operation) else ():
            if operand not in places or operand in put_in:
                put_in.add(operand)
                places[operand] = min(places[entry], places.get(operand, places[entry]))
    for entry in needed:  # ... and everything behind its operands
        behind = (places[operand] for operand in entry.operands) if isinstance(entry, Operation) else ()
        places[entry] = max((places[entry], *behind))
    needed.sort(key=places.__getitem__)
    return results, needed
