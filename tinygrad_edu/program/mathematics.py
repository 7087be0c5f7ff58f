"""A program's entries as mathematics: products side by side, fractions in front, sums as Σ."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Operation, Shape
from tinygrad_edu.program.factors import Product, number_of, product_of, terms_of
from tinygrad_edu.program.forms import SYMBOL
from tinygrad_edu.program.literals import index_text
from tinygrad_edu.program.notation import ATOM, COMPARISON, FACTOR, MINUS, POWER, PRODUCT, SUM, TOTAL
from tinygrad_edu.program.printing import Piece, Printer, Write
from tinygrad_edu.program.shapes import summed_axes
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, selection, shaping, transcendental
from tinygrad_edu.rules.products import matmul

INDICES = "jklmnop"
"""What runs over the first axis, the second, and so on."""


class Mathematics(Printer):
    """Writes text, LaTeX and MathML.

    Arrays are multiplied element by element with ⊙, and side by side where that is meant by it: numbers with
    anything, matrices, and vectors under a Σ, which are read for each j.
    """

    def __init__(self, syntax: str) -> None:
        super().__init__(syntax)
        self._within_sum = False

    @contextmanager
    def within(self, sum_of_vectors: bool) -> Iterator[None]:
        """Whether what is written stands under the Σ of a vector."""
        before, self._within_sum = self._within_sum, sum_of_vectors
        yield
        self._within_sum = before

    def constant(self, entry: Constant) -> Piece:
        """The name of a constant, or its numbers: a fraction where that is what it is."""
        return super().constant(entry) if number_of(entry) is None else self.signed(product_of(entry))

    def signed(self, parts: Product) -> Piece:
        """A product, behind a sign if it has one."""
        written = self.product(parts)
        if parts.number >= 0:
            return written
        return self.put("negative", Piece(self.placed(written, SUM + 1)))

    def product(self, parts: Product) -> Piece:
        """The size of a product: numbers and fractions of them, then arrays, and Σ at the end."""
        p, q = parts.ratio
        number, above, below = abs(p), parts.above, parts.below
        single = [self.raised(*part) for part in above if not part[0].shape]
        sums = [piece for piece in single if piece.precedence == TOTAL]
        single = [piece for piece in single if piece.precedence != TOTAL]
        arrays = [self.raised(*part) for part in above if part[0].shape]
        divisors = [self.raised(*part) for part in below if part[0].shape]
        under = [self.raised(*part) for part in below if not part[0].shape]
        if q != 1:
            under.insert(0, self.digits(q))
        counted = [self.digits(number)] if number != 1 else []
        body = arrays if _is_outer([part.shape for part, _ in above]) else self.elementwise(arrays)
        if divisors:
            body = [self.quotient(body, self.elementwise(divisors))]
        if not (body or sums):
            top = self.beside([*counted, *single])
            return (
                self.over("quotient" if counted + single else "fraction", top, self.beside(under))
                if under
                else top
            )
        if under:
            counted = [self.over("fraction", self.beside(counted), self.beside(under))]
        return self.beside([*counted, *single, *body, *sums])

    def digits(self, number: float) -> Piece:
        """A number that is not negative."""
        return Piece(self.spelling.number(number))

    def raised(self, entry: Entry, n: int) -> Piece:
        """A factor with its exponent."""
        piece = self.piece(entry)
        return piece if n == 1 else self.put("power", Piece(self.placed(piece, ATOM)), self.digits(n))

    def over(self, form: str, top: Piece, bottom: Piece) -> Piece:
        """A fraction; on a line of text its parts hold together."""
        flat = self.spelling.syntax == "text"
        needed = (FACTOR if form == "quotient" else POWER) if flat else 0
        texts = self.placed(top, needed), self.placed(bottom, POWER if flat else 0)
        return Piece(self.spelling.put(form, *texts), self.spelling.precedence(form))

    def quotient(self, above: Sequence[Piece], below: Sequence[Piece]) -> Piece:
        """Arrays divided element by element."""
        return self.over("quotient", self.beside(above), self.beside(below))

    def elementwise(self, arrays: Sequence[Piece]) -> list[Piece]:
        """Arrays multiplied element by element: with ⊙ between them, or as they are under a Σ."""
        if len(arrays) < 2:
            return list(arrays)
        if self._within_sum:
            return [
                Piece(self.placed(piece, POWER)) if piece.precedence == FACTOR else piece for piece in arrays
            ]
        text = self.placed(arrays[0], FACTOR)
        for piece in arrays[1:]:
            text = self.spelling.put("infix", text, self.spelling.sign("⊙"), self.placed(piece, FACTOR))
        return [Piece(text, PRODUCT)]

    def beside(self, pieces: Sequence[Piece]) -> Piece:
        """Factors side by side; 1 for none."""
        if not pieces:
            return self.digits(1)
        if len(pieces) == 1:
            return pieces[0]
        *_, last = pieces
        ends = last.precedence in (TOTAL, PRODUCT)
        result = self.placed(pieces[0], FACTOR)
        for piece in pieces[1:]:
            text = self.placed(piece, TOTAL if ends and piece is last else FACTOR)
            close = re.fullmatch(r"\d+", result) and re.fullmatch(rf"\(.*\)|{SYMBOL}", text)
            result = self.spelling.put("touching" if close else "beside", result, text)
        return Piece(self.spelling.put("row", result), last.precedence if ends else FACTOR)


def _is_outer(shapes: Sequence[Shape]) -> bool:
    """Whether a column is multiplied with a row, which is a product of matrices too."""
    columns, rows = ([len(shape) == 2 and shape[i] == 1 for shape in shapes] for i in (1, 0))
    return columns == [True, False] and rows == [False, True]


def _product(printer: Mathematics, entry: Operation) -> Piece:
    parts = product_of(entry)
    if entry in parts.powers:  # a power that is no whole number
        base, exponent = entry.operands
        text = printer.placed(printer.piece(base), ATOM)
        needed = ATOM if printer.spelling.syntax == "text" else 0
        return printer.put("power", Piece(text), Piece(printer.placed(printer.piece(exponent), needed)))
    return printer.signed(parts)


def _terms(printer: Mathematics, entry: Operation) -> Piece:
    """``a + b − c``."""
    text = ""
    for term, sign in terms_of(entry):
        parts = product_of(term)
        negative = (sign < 0) != (parts.number < 0)
        piece = printer.placed(printer.product(parts), SUM + 1)
        if not text:
            text = printer.spelling.put("negative", piece) if negative else piece
        else:
            text = printer.spelling.put(
                "infix", text, printer.spelling.sign(MINUS if negative else "+"), piece
            )
    return Piece(text, SUM)


def _matrices(printer: Mathematics, entry: Operation) -> Piece:
    """``Xᵀ δ``, matrices side by side; a vector on the left lies down."""
    left, right = entry.operands
    with printer.within(sum_of_vectors=False):
        first, second = printer.piece(left), printer.piece(right)
    if len(left.shape) == 1:
        first = printer.put("transposed", first, at_least=ATOM)
    return printer.beside([Piece(printer.placed(piece, FACTOR), FACTOR) for piece in (first, second)])


def _total(printer: Mathematics, entry: Operation) -> Piece:
    """``Σ x``, and with an index where only some axes are summed up."""
    inner = entry.operands[0]
    with printer.within(sum_of_vectors=len(inner.shape) == 1):
        body = printer.piece(inner)
    text = Piece(printer.placed(body, FACTOR))
    axes = summed_axes(inner.shape, entry.settings)
    if len(axes) == len(inner.shape):
        return printer.put("total", text)
    indices = "".join(INDICES[axis % len(INDICES)] for axis in axes)
    return printer.put("total over", text, Piece(indices))


def _turned(printer: Mathematics, entry: Operation) -> Piece:
    """``Xᵀ``, where the last two axes are exchanged."""
    dims = len(entry.shape)
    axes = entry.settings.get("axes")
    if entry.primitive is shaping.swapaxes:
        plain = {axis % dims for axis in entry.settings.values()} == {dims - 1, dims - 2}
    else:
        plain = axes is None or tuple(axis % dims for axis in axes) == (*range(dims - 2), dims - 1, dims - 2)
    if not plain:
        return printer.call(entry)
    return printer.put("transposed", printer.piece(entry.operands[0]), at_least=ATOM)


def _reshaped(printer: Mathematics, entry: Operation) -> Piece:
    """A column is a vector as it is, and a row a vector that lies down; anything else is a call."""
    inner = entry.operands[0]
    before, after = ([n for n in shape if n != 1] for shape in (inner.shape, entry.shape))
    if before != after:
        return printer.call(entry)
    if len(inner.shape) == 1 and len(entry.shape) == 2 and entry.shape[0] == 1:
        return printer.put("transposed", printer.piece(inner), at_least=ATOM)
    return printer.piece(inner)


def _same(printer: Mathematics, entry: Operation) -> Piece:
    return printer.piece(entry.operands[0])


def _root(printer: Mathematics, entry: Operation) -> Piece:
    needed = ATOM if printer.spelling.syntax == "text" else 0
    return printer.put("root", printer.piece(entry.operands[0]), at_least=needed)


def _chosen(printer: Mathematics, entry: Operation) -> Piece:
    """``[z > 0] ⊙ δ``: nothing where the condition does not hold; else a call."""
    condition, x, y = entry.operands
    if number_of(y) != 0:
        return printer.call(entry)
    holds = printer.put("holds", printer.piece(condition))
    if not entry.shape:
        return printer.beside([holds, printer.piece(x)])
    return printer.beside(printer.elementwise([holds, printer.piece(x)]))


def _indexed(printer: Mathematics, entry: Operation) -> Piece:
    index = index_text(entry.settings["index"], [printer.piece(each).text for each in entry.operands[1:]])
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    if entry.primitive is shaping.getitem:
        return Piece(inside + (index if printer.spelling.syntax == "text" else printer.spelling.word(index)))
    return Piece(inside + printer.spelling.word(f" at {index}"), COMPARISON)


PRODUCTS = (do.multiply, do.divide, do.negative, do.square, do.power)
TRANSPARENT = (do.positive, shaping.broadcast_to, shaping.cast, shaping.stop_gradient, reductions.spread)
RESHAPES = (shaping.reshape, shaping.expand_dims, shaping.squeeze)
FORMS: dict[Primitive, Write] = {
    **dict.fromkeys(PRODUCTS, _product),
    **dict.fromkeys((do.add, do.subtract), _terms),
    **dict.fromkeys((shaping.transpose, shaping.swapaxes), _turned),
    **dict.fromkeys(TRANSPARENT, _same),
    **dict.fromkeys(RESHAPES, _reshaped),
    **dict.fromkeys((shaping.getitem, shaping.add_at), _indexed),
    matmul: _matrices,
    reductions.sum_: _total,
    transcendental.sqrt: _root,
    selection.where: _chosen,
}
Mathematics.writers = FORMS
