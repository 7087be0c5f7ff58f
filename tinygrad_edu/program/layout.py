"""Where the parts of a formula go: factors side by side, fractions in front, Σ at the end."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.program.factors import Product, number_of, product_of
from tinygrad_edu.program.forms import SYMBOL
from tinygrad_edu.program.notation import ATOM, FACTOR, POWER, PRODUCT, SUM, TOTAL, Notation
from tinygrad_edu.program.printing import Piece, Printer
from tinygrad_edu.program.reading import UPRIGHT, vector_in


class Layout(Printer):
    """Puts the parts of a formula in their places, in text, LaTeX and MathML.

    Arrays are multiplied element by element with ⊙, and side by side where that is meant by it: numbers with
    anything, matrices, and vectors under a Σ, which are read for each j.
    """

    def __init__(self, syntax: str) -> None:
        super().__init__(syntax)
        self._within_sum = False

    def infix(self, notation: Notation, entry: Operation) -> Piece:
        """``a < b``; as a factor ``x // y`` stands in parentheses, since factors stand side by side."""
        piece = super().infix(notation, entry)
        return Piece(piece.text, min(piece.precedence, SUM))

    @contextmanager
    def within(self, sum_of_vectors: bool) -> Iterator[None]:
        """Whether what is written stands under the Σ of a vector."""
        before, self._within_sum = self._within_sum, sum_of_vectors
        yield
        self._within_sum = before

    def piece(self, entry: Entry) -> Piece:
        """An entry as part of one; matrices under the Σ of a vector are multiplied as anywhere else."""
        if not self._within_sum or len(entry.shape) < 2:
            return super().piece(entry)
        with self.within(sum_of_vectors=False):
            return super().piece(entry)

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
        body = self.outer([part for part in above if part[0].shape]) or self.elementwise(arrays)
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

    def outer(self, arrays: Sequence[tuple[Entry, int]]) -> list[Piece]:
        """A column times a row, which is a product of matrices too; nothing, if it is something else."""
        shapes = [entry.shape for entry, _ in arrays]
        if len(shapes) != 2 or len(shapes[0]) != 2 or shapes[1][:-1] not in ((), (1,)):
            return []
        if shapes[0][0] == 1 or shapes[0][1] != 1:
            return []
        (left, n), right = arrays
        first, second = self.raised(vector_in(left, UPRIGHT) or left, n), self.raised(*right)
        return [first, second if len(shapes[1]) == 2 else self.put("transposed", second, at_least=ATOM)]

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
