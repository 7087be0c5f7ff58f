"""A program's entries as mathematics: which operation is written in which form."""

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.factors import Product, number_of, product_of, terms_of
from tinygrad_edu.program.layout import Layout
from tinygrad_edu.program.notation import ATOM, COMPARISON, FACTOR, MINUS, NOTATION, SUM
from tinygrad_edu.program.printing import Piece, Write
from tinygrad_edu.program.reading import LYING, UPRIGHT, readable, vector_in
from tinygrad_edu.program.rewrites import tied
from tinygrad_edu.program.shapes import summed_axes
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, reductions, selection, shaping, statistics, transcendental, weighing
from tinygrad_edu.rules.einsum import einsum
from tinygrad_edu.rules.products import matmul

INDICES = "jklmnop"
"""What runs over the first axis, the second, and so on."""


def _product(printer: Layout, entry: Operation) -> Piece:
    parts = product_of(entry)
    if entry in parts.powers:  # a power that is no whole number
        base, exponent = entry.operands
        text = printer.placed(printer.piece(base), ATOM)
        needed = ATOM if printer.spelling.syntax == "text" else 0
        return printer.put("power", Piece(text), Piece(printer.placed(printer.piece(exponent), needed)))
    return printer.signed(parts)


def _terms(printer: Layout, entry: Operation) -> Piece:
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


def _matrices(printer: Layout, entry: Operation) -> Piece:
    """``Xᵀ δ``, matrices side by side; a vector stands upright, and ``vᵀ`` lies down."""
    pieces = []
    with printer.within(sum_of_vectors=False):
        for i, operand in enumerate(entry.operands):
            lying = vector_in(operand, LYING) or (operand if i == 0 and len(operand.shape) == 1 else None)
            upright = vector_in(operand, UPRIGHT) if i == 0 else None
            piece = printer.piece(lying or upright or operand)
            pieces.append(printer.put("transposed", piece, at_least=ATOM) if lying else piece)
    return printer.beside([Piece(printer.placed(piece, FACTOR), FACTOR) for piece in pieces])


def _total(printer: Layout, entry: Operation) -> Piece:
    """``Σ x``, and with an index where only some axes are summed up; a call where these are to go."""
    inner = entry.operands[0]
    if entry.settings and not entry.settings.get("keepdims"):
        return printer.call(entry)
    with printer.within(sum_of_vectors=len(inner.shape) == 1):
        body = printer.piece(inner)
    text = Piece(printer.placed(body, FACTOR))
    axes = summed_axes(inner.shape, entry.settings)
    if len(axes) == len(inner.shape):
        return printer.put("total", text)
    indices = "".join(INDICES[axis % len(INDICES)] for axis in axes)
    return printer.put("total over", text, Piece(indices))


def _turned(printer: Layout, entry: Operation) -> Piece:
    """``Xᵀ``, where the last two axes are exchanged."""
    dims = len(entry.shape)
    axes = entry.settings.get("axes")
    if entry.primitive is shaping.swapaxes:
        plain = {axis % dims for axis in entry.settings.values()} == {dims - 1, dims - 2}
    else:
        order = range(dims)[::-1] if axes is None else (axis % dims for axis in axes)
        plain = tuple(order) == (*range(dims - 2), dims - 1, dims - 2)
    if not plain:
        return printer.call(entry)
    return printer.put("transposed", printer.piece(entry.operands[0]), at_least=ATOM)


def _same(printer: Layout, entry: Operation) -> Piece:
    return printer.piece(entry.operands[0])


def _root(printer: Layout, entry: Operation) -> Piece:
    needed = ATOM if printer.spelling.syntax == "text" else 0
    return printer.put("root", printer.piece(entry.operands[0]), at_least=needed)


def _chosen(printer: Layout, entry: Operation) -> Piece:
    """``[z > 0] ⊙ δ``; with a part of it at ties, ``([x > y] + 1/2 [x == y]) ⊙ g``; all else is a call."""
    condition, x, y = entry.operands
    holds = printer.put("holds", printer.piece(condition))
    if number_of(y) != 0:
        tie = tied(x, y)
        if tie is None:
            return printer.call(entry)
        again = printer.beside([printer.signed(Product(tie[1])), printer.put("holds", printer.piece(tie[0]))])
        plus = printer.spelling.sign("+")
        holds = Piece(printer.spelling.put("infix", holds.text, plus, again.text), SUM)
    if number_of(x) is not None:
        return printer.beside([printer.piece(x), holds]) if number_of(x) != 1 else holds
    if not entry.shape:
        return printer.beside([holds, printer.piece(x)])
    return printer.beside(printer.elementwise([holds, printer.piece(x)]))


def _weighed(printer: Layout, entry: Operation) -> Piece:
    """``y log(p)``: a function of the second operand, and what it is weighed with."""
    weight, operand = map(printer.piece, entry.operands)
    name = printer.spelling.function(NOTATION[entry.primitive].symbol)
    function = Piece(printer.spelling.put("call", name, operand.text))
    if not (entry.operands[0].shape and entry.operands[1].shape):
        return printer.beside([weight, function])
    return printer.beside(printer.elementwise([weight, function]))


def _indexed(printer: Layout, entry: Operation) -> Piece:
    """``x[rows, 1:]``; ``g at [1:]``."""
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    if entry.primitive is shaping.getitem:
        return Piece(printer.spelling.put("row", inside + printer.index(entry)))
    text = inside + printer.spelling.word(" at ") + printer.index(entry)
    return Piece(printer.spelling.put("row", text), COMPARISON)


def _einsum(printer: Layout, entry: Operation) -> Piece:
    """``einsum("ij,jk->ik", a, b)``."""
    spelling = printer.spelling
    texts = [printer.piece(operand).text for operand in entry.operands]
    letters = spelling.word(f'"{entry.settings["subscripts"]}"')
    return Piece(spelling.put("call", spelling.function("einsum"), printer.listed([letters, *texts])))


def _part(printer: Layout, entry: Operation) -> Piece:
    """``eigh(A)[0]``, one of several results."""
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    return Piece(printer.spelling.put("row", inside + printer.spelling.word(f"[{entry.settings['nth']}]")))


def _among(printer: Layout, entry: Operation) -> Piece:
    """``(g, 0)``, the gradient of one of several results among those of the others."""
    texts = [printer.spelling.number(0)] * len(entry.settings["shapes"])
    texts[entry.settings["nth"]] = printer.piece(entry.operands[0]).text
    return Piece(printer.spelling.put("group", printer.listed(texts)))


PRODUCTS = (do.multiply, do.divide, do.negative, do.square, do.power)
TRANSPARENT = (do.positive, shaping.cast, shaping.stop_gradient)
FORMS: dict[Primitive, Write] = {
    **dict.fromkeys(PRODUCTS, _product),
    **dict.fromkeys((do.add, do.subtract), _terms),
    **dict.fromkeys((shaping.transpose, shaping.swapaxes), _turned),
    **dict.fromkeys(TRANSPARENT, _same),
    **dict.fromkeys((shaping.getitem, shaping.add_at), _indexed),
    einsum: _einsum,
    parts.part: _part,
    parts.among: _among,
    matmul: _matrices,
    reductions.sum_: _total,
    **dict.fromkeys((transcendental.sqrt, statistics.root), _root),
    selection.where: _chosen,
    **dict.fromkeys((weighing.xlogy, weighing.xlog1py), _weighed),
}


class Mathematics(Layout):
    """Writes text, LaTeX and MathML."""

    writers = FORMS

    def text(self, entry: Entry) -> str:
        """An entry as a whole formula, with the changes of shape that a reader needs."""
        return super().text(readable(entry))
