"""Sums of small vectors of one length, taken in one call: the vectors are the rows of one array."""

import math
from collections import defaultdict
from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.programs import Program
from tinygrad_edu.rules.reductions import sum_

LONGEST = 1024
"""Up to so many numbers, calling NumPy takes longer than adding up; longer vectors are added up at once."""

Groups = list[tuple[Operation, ...]]


def side_by_side(program: Program) -> tuple[Program, Groups]:
    """The program with sums that can wait for each other side by side, and these sums in groups.

    Whatever needs a sum comes behind the whole group: everything stands behind as many rounds of sums as it
    needs, and else where it stood.
    """
    returned = {*program.outputs}
    may_wait = (operation for operation in program.operations if _may_wait(operation, returned))
    sum_of = {operation.operands[0]: operation for operation in may_wait}  # a vector is a row only once
    candidates: set[Entry] = {*sum_of.values()}
    grouped: set[Entry] = {member for group in _in_rounds(program, candidates)[1] for member in group}
    if not grouped:
        return program, []
    rounds, groups = _in_rounds(program, grouped)
    order = sorted(program.operations, key=lambda operation: (rounds[operation], operation in grouped))
    rest: list[Entry] = [*program.inputs, *program.constants]
    return Program(program.arguments, program.result, program.title, [*rest, *order]), groups


def _in_rounds(program: Program, sums: Container[Entry]) -> tuple[Mapping[Entry, int], Groups]:
    """How many of the sums each operation needs, one after the other, and the sums of each round."""
    rounds: dict[Entry, int] = {}
    behind: dict[Entry, int] = {}
    groups: defaultdict[Any, list[Operation]] = defaultdict(list)
    for operation in program.operations:
        rounds[operation] = max((behind.get(operand, 0) for operand in operation.operands), default=0)
        behind[operation] = rounds[operation] + (operation in sums)
        if operation in sums:
            groups[rounds[operation], operation.operands[0].shape].append(operation)
    return rounds, [tuple(group) for group in groups.values() if len(group) > 1]


def _may_wait(operation: Operation, returned: Container[Entry]) -> bool:
    """Whether this is the sum of a short vector that NumPy computes into memory."""
    if operation.primitive is not sum_ or any(value is not None for value in operation.settings.values()):
        return False
    (vector,) = operation.operands
    if not isinstance(vector, Operation) or vector.dtype != np.float64 or vector in returned:
        return False
    length = math.prod(vector.shape)
    function = vector.primitive.function
    computed = isinstance(function, np.ufunc) and function.nout == 1 and not vector.settings
    return computed and 1 < length <= LONGEST and max(vector.shape) == length
