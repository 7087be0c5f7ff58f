"""A program's entries as mathematics: which operation is written in which form."""

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Operation
from tinygrad_edu.program.factors import number_of, product_of, terms_of
from tinygrad_edu.program.layout import Layout
from tinygrad_edu.program.notation import ATOM, COMPARISON, FACTOR, MINUS, SUM
from tinygrad_edu.program.printing import Piece, Write
from tinygrad_edu.program.shapes import summed_axes
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, reductions, selection, shaping, statistics, transcendental
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
    """``Xᵀ δ``, matrices side by side; a vector on the left lies down."""
    left, right = entry.operands
    with printer.within(sum_of_vectors=False):
        first, second = printer.piece(left), printer.piece(right)
    if len(left.shape) == 1:
        first = printer.put("transposed", first, at_least=ATOM)
    return printer.beside([Piece(printer.placed(piece, FACTOR), FACTOR) for piece in (first, second)])


def _total(printer: Layout, entry: Operation) -> Piece:
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


def _turned(printer: Layout, entry: Operation) -> Piece:
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


def _reshaped(printer: Layout, entry: Operation) -> Piece:
    """A column is a vector as it is, and a row a vector that lies down; anything else is a call."""
    inner = entry.operands[0]
    before, after = ([n for n in shape if n != 1] for shape in (inner.shape, entry.shape))
    if before != after:
        return printer.call(entry)
    if len(inner.shape) == 1 and len(entry.shape) == 2 and entry.shape[0] == 1:
        return printer.put("transposed", printer.piece(inner), at_least=ATOM)
    return printer.piece(inner)


def _same(printer: Layout, entry: Operation) -> Piece:
    return printer.piece(entry.operands[0])


def _root(printer: Layout, entry: Operation) -> Piece:
    needed = ATOM if printer.spelling.syntax == "text" else 0
    return printer.put("root", printer.piece(entry.operands[0]), at_least=needed)


def _chosen(printer: Layout, entry: Operation) -> Piece:
    """``[z > 0] ⊙ δ``: nothing where the condition does not hold; else a call."""
    condition, x, y = entry.operands
    if number_of(y) != 0:
        return printer.call(entry)
    holds = printer.put("holds", printer.piece(condition))
    if not entry.shape:
        return printer.beside([holds, printer.piece(x)])
    return printer.beside(printer.elementwise([holds, printer.piece(x)]))


def _indexed(printer: Layout, entry: Operation) -> Piece:
    index = printer.index(entry)
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    if entry.primitive is shaping.getitem:
        return Piece(inside + (index if printer.spelling.syntax == "text" else printer.spelling.word(index)))
    return Piece(inside + printer.spelling.word(f" at {index}"), COMPARISON)


def _einsum(printer: Layout, entry: Operation) -> Piece:
    """``einsum("ij,jk->ik", a, b)``."""
    spelling = printer.spelling
    texts = [printer.piece(operand).text for operand in entry.operands]
    letters = spelling.word(f'"{entry.settings["subscripts"]}"')
    return Piece(spelling.put("call", spelling.function("einsum"), printer.listed([letters, *texts])))


def _part(printer: Layout, entry: Operation) -> Piece:
    """``eigh(A)[0]``, one of several results."""
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    return Piece(inside + printer.spelling.word(f"[{entry.settings['nth']}]"))


def _among(printer: Layout, entry: Operation) -> Piece:
    """``(g, 0)``, the gradient of one of several results among those of the others."""
    texts = [printer.spelling.number(0)] * len(entry.settings["shapes"])
    texts[entry.settings["nth"]] = printer.piece(entry.operands[0]).text
    return Piece(printer.spelling.put("group", printer.listed(texts)))


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
    einsum: _einsum,
    parts.part: _part,
    parts.among: _among,
    matmul: _matrices,
    reductions.sum_: _total,
    **dict.fromkeys((transcendental.sqrt, statistics.root), _root),
    selection.where: _chosen,
}


class Mathematics(Layout):
    """Writes text, LaTeX and MathML."""

    writers = FORMS
