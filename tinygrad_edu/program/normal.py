"""The simplest form of products: one number in lowest terms, equal factors collected."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.factors import Product, product_of
from tinygrad_edu.program.rewriting import LONGEST, Maker
from tinygrad_edu.rules import arithmetic as do


def product(operation: Operation, make: Maker) -> Entry | None:
    """``2 * x * 3 / 4 * x = 3 * x**2 / 2``: one number, equal factors as powers; what cancels is gone."""
    if operation.dtype.kind != "f":
        return None
    parts = product_of(operation, make.inside)
    if not parts.powers or not parts.number:
        return single(parts.number, operation, make)
    if not keeps_dtype(operation, parts.powers):
        return None
    found = assembled(parts, make)
    if len(parts.powers) > LONGEST:
        make.keep_whole(found)
    return found


def single(number: Fraction, operation: Operation, make: Maker) -> Entry:
    """An operation that turned out to be a number."""
    return make.like(make.number(operation.dtype.type(float(number))), operation)


def keeps_dtype(operation: Operation, parts: Iterable[Entry]) -> bool:
    """Whether the numbers among the operands, which lose their type, do not determine that of the result."""
    return any(part.dtype == operation.dtype for part in parts)


def assembled(parts: Product, make: Maker) -> Entry:
    """A product put together: arrays first, then single numbers, so that little is computed on arrays."""
    p, q = parts.ratio
    if not make.expand and abs(p) != 1 and q != 1:
        p, q = p / q, 1  # one multiplication in a program; in a formula a fraction
    if not parts.powers:
        return make.number(p if q == 1 else p / q)
    arrays = _powers(make, [part for part in parts.above if part[0].shape])
    divisors = _powers(make, [part for part in parts.below if part[0].shape])
    result = _powers(make, [part for part in parts.above if not part[0].shape])
    below = _powers(make, [part for part in parts.below if not part[0].shape])
    if arrays is not None and divisors is not None:
        arrays, divisors = make(do.divide, arrays, divisors), None
    if arrays is not None:
        result = arrays if result is None else make(do.multiply, result, arrays)
    if result is None:
        result, p = make.number(p), 1
    elif abs(p) != 1:
        result, p = make(do.multiply, make.number(p), result), 1
    if q != 1:
        below = make.number(q) if below is None else make(do.multiply, make.number(q), below)
    if divisors is not None:
        below = divisors if below is None else make(do.multiply, below, divisors)
    if below is not None:
        result = make(do.divide, result, below)
    return make(do.negative, result) if p < 0 else result


def _powers(make: Maker, factors: Sequence[tuple[Entry, int]]) -> Entry | None:
    """A product of powers, from the left; None for no factor."""
    result: Entry | None = None
    for entry, n in factors:
        if n == 1:
            factor = entry
        elif n == 2:
            factor = make(do.square, entry)
        else:
            factor = make(do.power, entry, make.number(n))
        result = factor if result is None else make(do.multiply, result, factor)
    return result


def taken_out(entry: Entry, make: Maker) -> tuple[Product, Entry] | None:
    """The single numbers among the factors of an array, and what is left of it; None if there are none."""
    if not entry.shape or not make.inside(entry) or entry.dtype.kind != "f":
        return None
    parts = product_of(entry, make.inside)
    outside = Product(parts.number, {part: n for part, n in parts.powers.items() if not part.shape})
    rest = Product(powers={part: n for part, n in parts.powers.items() if part.shape})
    if (outside.number == 1 and not outside.powers) or not rest.powers or not outside.number:
        return None
    return outside, assembled(rest, make)


def times(outside: Product, entry: Entry, make: Maker) -> Entry:
    """An entry with factors before it."""
    inner = product_of(entry, make.inside) if make.inside(entry) else Product(powers={entry: 1})
    powers = dict(outside.powers)
    for part, n in inner.powers.items():
        powers[part] = powers.get(part, 0) + n
    powers = {part: n for part, n in powers.items() if n}
    return assembled(Product(outside.number * inner.number, powers), make)
