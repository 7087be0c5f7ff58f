"""The simplest form of sums: equal terms collected, and multiplied out where that leaves less."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.factors import Product, product_of, terms_of
from tinygrad_edu.program.normal import assembled, keeps_dtype, single, times
from tinygrad_edu.program.rewriting import LONGEST, Maker
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.transcendental import sigmoid

MOST_TERMS = 16


def total(operation: Operation, make: Maker) -> Entry | None:
    """``a + x - (b - 2 * x) + 0 = a + 3 * x - b``: equal terms collected, a sign only where it must be."""
    if operation.dtype.kind != "f":
        return None
    terms = _collected(
        times_sign(product_of(term, make.inside) if make.inside(term) else Product(powers={term: 1}), sign)
        for term, sign in terms_of(operation, make.inside)
    )
    if make.expand:
        terms = _shortest(terms, make)
    if not any(parts.powers for parts in terms):
        return single(sum((parts.number for parts in terms), Fraction(0)), operation, make)
    if not keeps_dtype(operation, (part for parts in terms for part in parts.powers)):
        return None
    common = _common(terms) if operation.shape and all(parts.powers for parts in terms) else Product()
    result = _added([_divided(parts, common) for parts in terms], make)
    if len(terms) > LONGEST:
        make.keep_whole(result)
    return times(common, result, make) if common.powers or common.number != 1 else result


def cancelled(operation: Operation, make: Maker) -> Entry | None:
    """In a formula, ``(a / x − b / y) x y = a y − b x``: multiplied out where all fractions vanish."""
    if not make.expand or operation.dtype.kind != "f":
        return None
    parts = product_of(operation, make.inside)
    for factor, n in parts.powers.items():
        if n == 1 and isinstance(factor, Operation) and factor.primitive in (do.add, do.subtract):
            rest = Product(parts.number, {part: m for part, m in parts.powers.items() if part is not factor})
            terms = [times_sign(product_of(term), sign) for term, sign in terms_of(factor)]
            whole = [_product(term, rest, 1) for term in terms]
            left = {part for product in whole for part, _ in product.below}
            if any(term.below for term in terms) and left <= {part for part, _ in rest.below}:
                return make.like(_added(whole, make), operation)
    return None


def times_sign(parts: Product, sign: int) -> Product:
    """A product, or its opposite."""
    return Product(sign * parts.number, parts.powers)


def _collected(products: Iterable[Product]) -> list[Product]:
    """Terms with equal factors as one, in the order in which they appear; those that cancel are gone."""
    found: dict[frozenset[tuple[Entry, int]], Product] = {}
    for parts in products:
        known = found.setdefault(frozenset(parts.powers.items()), Product(Fraction(0), parts.powers))
        known.number += parts.number
    return [parts for parts in found.values() if parts.number]


def _added(terms: Sequence[Product], make: Maker) -> Entry:
    """A sum put together; it begins with a term that has no sign, if there is one."""
    first = next((parts for parts in terms if parts.number > 0), terms[0])
    result: Entry | None = None
    for parts in sorted(terms, key=lambda parts: parts is not first):
        negative = parts.number < 0
        term = assembled(Product(abs(parts.number), parts.powers), make)
        if result is None:
            result = make(do.negative, term) if negative else term
        else:
            result = make(do.subtract if negative else do.add, result, term)
    assert result is not None
    return result


def _common(terms: Sequence[Product]) -> Product:
    """The single numbers that all terms are multiplied with: ``a / n - b / n = (a - b) / n``."""
    first, *others = terms
    if not others:
        return Product()
    same = all(abs(parts.number) == abs(first.number) for parts in others)
    powers = {
        part: n
        for part, n in first.powers.items()
        if not part.shape and all(parts.powers.get(part) == n for parts in others)
    }
    return Product(abs(first.number) if same else Fraction(1), powers)


def _divided(parts: Product, common: Product) -> Product:
    """A term without its common factors."""
    powers = {part: n for part, n in parts.powers.items() if part not in common.powers}
    return Product(parts.number / common.number, powers)


def _shortest(terms: list[Product], make: Maker) -> list[Product]:
    """The terms multiplied out, if that leaves no more terms and fewer factors: ``a (1 - b) + a b = a``."""
    if not 1 < len(terms) <= MOST_TERMS:
        return terms
    longer = [product for parts in terms for product in _multiplied_out(parts, make)]
    collected = _collected(longer)
    shorter = len(collected) <= len(terms) and _size(collected) < _size(terms)
    return collected if shorter else terms


def _multiplied_out(parts: Product, make: Maker) -> list[Product]:
    """A product of sums as a sum of products."""
    found = [Product(parts.number)]
    for part, n in parts.powers.items():
        terms = _terms_of_factor(part, make) if n == 1 else [Product(powers={part: 1})]
        if len(found) * len(terms) > MOST_TERMS:
            return [parts]
        found = [_product(a, b, n) for a in found for b in terms]
    return found


def _terms_of_factor(part: Entry, make: Maker) -> list[Product]:
    """The terms of a factor that is a sum; ``σ(−x)`` is ``1 − σ(x)``."""
    if isinstance(part, Operation) and part.primitive in (do.add, do.subtract):
        return [times_sign(product_of(term), sign) for term, sign in terms_of(part)]
    if isinstance(part, Operation) and part.primitive is sigmoid:
        inner = product_of(part.operands[0])
        if inner.number < 0:
            opposite = assembled(times_sign(inner, -1), make)
            return [Product(), Product(Fraction(-1), {make(sigmoid, opposite, **part.settings): 1})]
    return [Product(powers={part: 1})]


def _product(a: Product, b: Product, n: int) -> Product:
    powers = dict(a.powers)
    for part, m in b.powers.items():
        powers[part] = powers.get(part, 0) + n * m
    return Product(a.number * b.number**n, {part: n for part, n in powers.items() if n})


def _size(terms: Iterable[Product]) -> int:
    """How many names there are to read."""
    return sum(len(_terms_read(part)) for parts in terms for part in parts.powers) + sum(
        not parts.powers for parts in terms
    )


def _terms_read(part: Entry) -> Sequence[object]:
    if isinstance(part, Operation) and part.primitive is sigmoid and product_of(part.operands[0]).number < 0:
        return "−x"
    return terms_of(part)
