"""Products and sums taken apart: factors with exponents, terms with signs. Numbers stay exact."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.rules import arithmetic as do

LARGEST = 2**40
"""Fractions with a larger numerator or denominator are written as decimals."""

Inside = Callable[[Entry], bool]


@dataclass
class Product:
    """A product: one number, and powers of everything else.

    Attributes
    ----------
    number : Fraction
        The product of all numbers, without rounding.
    powers : dict of Entry to int
        Exponents in the order in which the factors appear; below 0 for denominators.
    """

    number: Fraction = Fraction(1)
    powers: dict[Entry, int] = field(default_factory=dict)

    @property
    def above(self) -> list[tuple[Entry, int]]:
        """The factors of the numerator."""
        return [(entry, n) for entry, n in self.powers.items() if n > 0]

    @property
    def below(self) -> list[tuple[Entry, int]]:
        """The factors of the denominator, with positive exponents."""
        return [(entry, -n) for entry, n in self.powers.items() if n < 0]

    @property
    def ratio(self) -> tuple[int | float, int]:
        """The number as numerator and denominator: whole ones, or a decimal and 1."""
        if max(abs(self.number.numerator), self.number.denominator) < LARGEST:
            return self.number.numerator, self.number.denominator
        return float(self.number), 1


def product_of(entry: Entry, inside: Inside = lambda entry: True) -> Product:
    """`entry` as a product: through multiplications, divisions, signs, squares and whole powers.

    Parameters
    ----------
    entry : Entry
        What is taken apart.
    inside : callable
        Whether an operand that is a product itself is taken apart too.
    """
    found = Product()
    waiting: list[tuple[Entry, int]] = [(entry, 1)]
    while waiting:
        part, n = waiting.pop()
        number = number_of(part)
        if number is not None and (number or n > 0):
            found.number *= number**n
            continue
        inner = _parts(part, n) if part is entry or inside(part) else None
        if inner is None:
            found.powers[part] = found.powers.get(part, 0) + n
        else:
            if isinstance(part, Operation) and part.primitive is do.negative and n % 2:
                found.number = -found.number
            waiting.extend(reversed(inner))
    found.powers = {part: n for part, n in found.powers.items() if n}
    return found


def _parts(entry: Entry, n: int) -> list[tuple[Entry, int]] | None:
    """The factors of one operation; None if it is no product."""
    if not isinstance(entry, Operation) or entry.dtype.kind != "f":
        return None
    first = entry.operands[0]
    if entry.primitive is do.multiply:
        return [(first, n), (entry.operands[1], n)]
    if entry.primitive is do.divide:
        return [(first, n), (entry.operands[1], -n)]
    if entry.primitive is do.negative:
        return [(first, n)]
    if entry.primitive is do.square:
        return [(first, 2 * n)]
    if entry.primitive is do.power:
        exponent = number_of(entry.operands[1])
        if exponent is not None and exponent.denominator == 1 and abs(exponent) < 100:
            return [(first, n * int(exponent))]
    return None


def number_of(entry: Entry) -> Fraction | None:
    """The number that an entry is, the shortest fraction that it can be; None for anything else."""
    if not isinstance(entry, Constant) or not entry.is_number:
        return None
    number: Any = entry.data.item() if hasattr(entry.data, "item") else entry.data
    if isinstance(number, bool) or not math.isfinite(number):
        return None
    exact = Fraction(number)
    short = exact.limit_denominator(10_000)
    return short if float(short) == number else exact


def terms_of(entry: Entry, inside: Inside = lambda entry: True) -> list[tuple[Entry, int]]:
    """`entry` as a sum: its terms in order, with 1 or -1 for the sign before each.

    Parameters
    ----------
    entry : Entry
        What is taken apart.
    inside : callable
        Whether an operand that is a sum itself is taken apart too.
    """
    found: list[tuple[Entry, int]] = []
    waiting = [(entry, 1)]
    while waiting:
        part, sign = waiting.pop()
        if isinstance(part, Operation) and (part is entry or inside(part)):
            if part.primitive in (do.add, do.subtract):
                second = sign if part.primitive is do.add else -sign
                waiting += [(part.operands[1], second), (part.operands[0], sign)]
                continue
            if part.primitive is do.negative:
                waiting.append((part.operands[0], -sign))
                continue
        found.append((part, sign))
    return found
