"""What is to be known about operations before they become steps: types, powers, sums of scattered numbers."""

from collections import Counter
from typing import Any

import numpy as np

from tinygrad_edu.compiling.c_functions import UNLIKE
from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.program.programs import Program
from tinygrad_edu.rules import arithmetic, parts, shaping


def is_scatter(entry: Entry) -> bool:
    """Whether this puts numbers among zeros."""
    return isinstance(entry, Operation) and entry.primitive in (shaping.add_at, parts.among)


def gathered_sums(program: Program, uses: Counter[Entry]) -> tuple[dict[Entry, list[Entry]], set[Entry]]:
    """The sums of numbers among zeros, with all that they add up; and what is nowhere else needed."""
    sums: dict[Entry, list[Entry]] = {}
    inside: set[Entry] = set()
    for operation in program.operations:
        terms = operation.operands
        if operation.primitive is not arithmetic.add or {operation.shape} != {term.shape for term in terms}:
            continue
        once = [term for term in terms if uses[term] == 1 and (term in sums or is_scatter(term))]
        if once:
            inside.update(once)
            lists = [sums.pop(term) if term in once and term in sums else [term] for term in terms]
            longest = max(lists, key=len)  # the same list grows, so that a long sum takes linear time
            for other in lists:
                longest.extend(() if other is longest else other)
            sums[operation] = longest
    return sums, inside


def casts_of(operation: Operation) -> list[np.dtype[Any] | None]:
    """In which type each operand is used, as NumPy does: that of the result, or the common one for a test."""
    dtype = operation.dtype
    if dtype.kind == "b":
        dtype = np.result_type(
            *(
                operand.data
                if isinstance(operand, Constant) and isinstance(operand.data, (int, float))
                else operand.dtype
                for operand in operation.operands
            )
        )
    unlike = UNLIKE.get(operation.primitive.function)
    return [None if nth == unlike else dtype for nth in range(len(operation.operands))]


def power_of(operation: Operation) -> str | None:
    """Powers that take no more than a few multiplications."""
    if operation.primitive is not arithmetic.power or not isinstance(operation.operands[1], Constant):
        return None
    exponent = operation.operands[1].data
    return POWERS.get(exponent) if isinstance(exponent, (int, float)) else None


POWERS = {
    1: "{0}",
    2: "{0} * {0}",
    3: "{0} * {0} * {0}",
    0.5: "sqrt({0})",
    -1: "1 / {0}",
    -2: "1 / ({0} * {0})",
}
