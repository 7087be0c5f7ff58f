"""Pieces of C: declarations, loops, and numbers that are brought together."""

import math
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.compiling.c_functions import TYPES, number
from tinygrad_edu.compiling.c_steps import Shape, Variable

STARTS = {"+": 0, "*": 1, "||": 0, "&&": 1, "larger_of": -math.inf, "smaller_of": math.inf}
"""What each way to bring numbers together starts with."""


@cache
def type_of(dtype: np.dtype[Any]) -> str:
    """What C calls it."""
    return TYPES[dtype.name]


def shape_text(shape: Shape) -> str:
    """``4×2``."""
    return "×".join(map(str, shape)) or "scalar"


def local(variable: Variable) -> str:
    """What one number of a variable is called in its loop."""
    return variable.name if variable.is_number else f"{variable.name}_i"


def start_of(operator: str, dtype: np.dtype[Any]) -> str:
    """What numbers are brought into."""
    start = STARTS[operator]
    if isinstance(start, float) and dtype.kind in "iu":
        return f"({type_of(dtype)}){np.iinfo(dtype).min if start < 0 else np.iinfo(dtype).max}ull"
    return number(start)


def updated(place: str, operator: str, value: str) -> str:
    """``s += x;``."""
    if operator == "=":
        return f"{place} = {value};"
    if operator in "+*":
        return f"{place} {operator}= {value};"
    if operator in ("||", "&&"):
        return f"{place} = {place} {operator} ({value});"
    return f"{place} = {operator}({place}, {value});"


class Shared(NamedTuple):
    """What all numbers of the innermost loop are brought into, and where that belongs."""

    place: str
    operator: str
    name: str
    kind: str
    start: str

    @property
    def total(self) -> str:
        """What blocks of the loop are brought into: with more digits, if they are added."""
        return f"{self.name}_total"

    def begun(self) -> str:
        """Its declaration."""
        return f"{self.kind} {self.name} = {self.start};"

    def begun_total(self) -> str:
        """The declaration of what the blocks are brought into."""
        precise = self.operator == "+" and self.kind in ("float", "double")
        return f"{'long double' if precise else self.kind} {self.total} = {self.start};"


def looped(indices: Iterable[tuple[str, int]], lines: list[str]) -> list[str]:
    """Lines in a loop over each index."""
    for index, n in reversed([*indices]):
        lines = within(f"for (long {index} = 0; {index} < {n}; {index}++)", lines)
    return lines


def within(head: str, lines: Iterable[str]) -> list[str]:
    """Lines in braces."""
    return [f"{head} {{", *(f"    {line}" for line in lines), "}"]
