"""Single numbers put together: gradients of many elements of one array, as one array instead of many sums."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.program.programs import Program
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.shaping import add_at

Array = Any
Places = dict[int, Entry]
DOUBLE = np.dtype(np.float64)
SPARSE = 8
"""An array of which fewer than one in so many elements is set is added up as it was recorded."""


def _assembled(*numbers: Array, places: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """Zeros of the given shape, with single numbers at the given places, counted row by row."""
    result = np.zeros(math.prod(shape))
    result[list(places)] = numbers
    return result.reshape(shape)


assembled = Primitive(_assembled, None, kind="flat")
"""Many single numbers as one array. It appears in programs that are about to run, and is not recorded."""


def place_of(index: tuple[Any, ...], shape: tuple[int, ...]) -> int | None:
    """The place of the first element at an index of whole numbers, row by row; None for any other index."""
    if not all(isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in index):
        return None
    place = 0
    for part, length in zip(index, shape, strict=False):
        place = place * length + int(part) % length
    return place * math.prod(shape[len(index) :])


def gathered(program: Program) -> Program:
    """The program with sums of arrays that have single elements set written as arrays put together.

    A model that indexes its parameters one by one has a gradient that is such a sum: for n elements, n arrays
    of n numbers. What adds up in one place is added up in the order that was recorded.
    """
    uses = Counter(operand for operation in program.operations for operand in operation.operands)
    order: list[Entry] = [*program.inputs, *program.constants]
    found: dict[Entry, Entry] = {entry: entry for entry in order}
    parts: dict[Entry, Places] = {}

    def whole(entry: Entry) -> Entry:
        """An entry for whoever needs all of it."""
        places = parts.get(entry)
        size = math.prod(entry.shape)
        if isinstance(entry, Operation) and places is not None and len(places) * SPARSE >= size:
            settings = {"places": tuple(places), "shape": entry.shape}
            made = replace(entry, primitive=assembled, operands=tuple(places.values()), settings=settings)
            order.append(made)
            del parts[entry]
            found[entry] = made
        return found[entry]

    def taken(entry: Entry) -> Places | None:
        """The elements of an entry, to be changed."""
        if isinstance(entry, Constant):
            return _elements_of(entry, order)
        places = parts.get(entry)
        return places if places is None or uses[entry] == 1 else dict(places)

    for operation in program.operations:
        places = _placed(operation, parts, found)
        is_sum = operation.primitive is do.add and operation.dtype == DOUBLE
        if is_sum and any(operand in parts for operand in operation.operands):
            places = _added([taken(operand) for operand in operation.operands], operation, order)
        if places is not None:
            parts[operation] = places
            operands = tuple(found[operand] for operand in operation.operands)
        else:
            operands = tuple(whole(operand) for operand in operation.operands)
        found[operation] = operation.renewed(operands, operation.name, operation.scope)
        order.append(found[operation])
    result = trees.rebuild(program.result, [whole(output) for output in program.outputs])
    return Program(program.arguments, result, program.title, order)


def _placed(operation: Operation, parts: dict[Entry, Places], found: dict[Entry, Entry]) -> Places | None:
    """The elements of an array that is zero but for one element, or for one row with known elements."""
    if operation.primitive is not add_at or len(operation.operands) > 1 or operation.dtype != DOUBLE:
        return None
    row = operation.operands[0]
    start = place_of(operation.settings["index"], operation.shape)
    if start is None or row.dtype != DOUBLE:
        return None
    if not row.shape:
        return {start: found[row]}
    return {start + place: number for place, number in parts[row].items()} if row in parts else None


def _elements_of(constant: Constant, order: list[Entry]) -> Places | None:
    if constant.dtype != DOUBLE or not constant.shape:
        return None
    flat = np.ravel(constant.data)
    places: Places = {int(place): Constant(float(flat[place])) for place in np.flatnonzero(flat)}
    order += places.values()
    return places


def _added(pair: list[Places | None], operation: Operation, order: list[Entry]) -> Places | None:
    """The elements of a sum."""
    left, right = pair
    if left is None or right is None or operation.operands[0].shape != operation.operands[1].shape:
        return None
    if operation.operands[0] is operation.operands[1]:
        left = dict(left)
    first, second = (left, right) if len(left) >= len(right) else (right, left)
    for place, number in second.items():
        if place in first:
            terms = (first[place], number) if first is left else (number, first[place])
            both = replace(operation, operands=terms, shape=(), name=None)
            order.append(both)
            first[place] = both
        else:
            first[place] = number
    return first
