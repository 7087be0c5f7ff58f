"""A program's entries as Python: what is written computes what it stands for."""

import inspect
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.messages import SYMBOLS
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Operation
from tinygrad_edu.program.literals import data_text
from tinygrad_edu.program.notation import ATOM, COMPARISON, LOGIC, MINUS, NOTATION, POWER, PRODUCT, SIGN, SUM
from tinygrad_edu.program.printing import Piece, Printer
from tinygrad_edu.recomputing import checkpointed
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, shaping
from tinygrad_edu.rules.einsum import einsum
from tinygrad_edu.rules.statistics import root

SHAPED = (shaping.reshape, shaping.broadcast_to)
MOST_NUMBERS = 64
"""Up to so many numbers of a constant without a name are written out in Python."""


class Code(Printer):
    """Writes Python: what it writes, evaluated with the names bound, computes the entry."""

    def __init__(self, *, shorten: bool = False) -> None:
        super().__init__("numpy")
        self.shorten = shorten

    def numbers(self, data: Any) -> str:
        """An array without a name: its numbers, if they are few."""
        if self.shorten:
            return data_text(data)
        if np.size(data) > MOST_NUMBERS:
            raise ArgumentError(
                f"An array of shape {np.shape(data)} has no name, and {np.size(data)} numbers are too many "
                "to write out: store it in a variable, or make it a Value with a name."
            )
        array = np.asarray(data)
        typed = "" if array.dtype.kind == "b" or array.dtype in (float, int) else f", dtype=np.{array.dtype}"
        return f"np.array({array.tolist()!r}{typed})"

    def function(self, primitive: Primitive) -> str:
        """``np.exp``; ``tg.sigmoid``, where NumPy has no such function; any other function by its name."""
        function: Any = inspect.unwrap(primitive.function)
        module = getattr(function, "__module__", None) or "numpy"
        if isinstance(function, np.ufunc) or module.startswith(("numpy", "tinygrad_edu.")):
            for room, prefix in ((np, "np"), (np.linalg, "np.linalg")):
                if hasattr(room, primitive.name):
                    return f"{prefix}.{primitive.name}"
            return f"tg.{primitive.name}"
        return primitive.name

    def settings(self, entry: Operation) -> list[str]:
        """``axis=0``; a shape is taken without its name, which is not the same in all versions of NumPy."""
        settings = dict(entry.settings)
        first = [repr(settings.pop("shape"))] if entry.primitive in SHAPED else []
        return first + [f"{name}={value!r}" for name, value in settings.items()]

    def operation(self, entry: Operation) -> Piece:
        """``a + b``, and calls."""
        sign = SYMBOLS.get(entry.primitive.name)
        if sign and len(entry.operands) == 2:
            return self.operator(entry, sign)
        return self.call(entry)

    def operator(self, entry: Operation, sign: str) -> Piece:
        """An operator, read from left to right."""
        precedence = _PYTHON.get(sign, COMPARISON)
        left, right = map(self.piece, entry.operands)
        if sign == "**":
            return self.put("power", left, right, at_least=ATOM)
        first = precedence + (precedence == COMPARISON)
        loose = right.precedence == precedence and (sign == "+" or (sign == "*" and _is_product(entry)))
        second = self.placed(right, precedence if loose else precedence + 1)
        return Piece(f"{self.placed(left, first)} {sign} {second}", precedence)


_PYTHON = {"+": SUM, "-": SUM, "**": POWER} | dict.fromkeys(("*", "/", "@", "%", "//"), PRODUCT)


def _is_product(entry: Operation) -> bool:
    """Whether the second operand is a product, too, so that the order does not matter."""
    second = entry.operands[1]
    return isinstance(second, Operation) and second.primitive is do.multiply


def _indexed(printer: Printer, entry: Operation) -> Piece:
    index = printer.index(entry).replace(MINUS, "-")
    return Piece(printer.placed(printer.piece(entry.operands[0]), ATOM) + index)


def _added_at(printer: Printer, entry: Operation) -> Piece:
    """NumPy has no expression for it: what indexing hands back to the array that was indexed."""
    index = printer.index(entry).replace(MINUS, "-")
    pull = f"tg.vjp(lambda _: _{index}, np.zeros({entry.shape!r}))[1]"
    return Piece(f"{pull}({printer.piece(entry.operands[0]).text})[0]")


def _turned(printer: Printer, entry: Operation) -> Piece:
    if entry.settings:
        return printer.call(entry)
    return printer.put("transposed", printer.piece(entry.operands[0]), at_least=ATOM)


def _exchanged(printer: Printer, entry: Operation) -> Piece:
    axes = {axis % len(entry.shape) for axis in entry.settings.values()}
    if axes != {len(entry.shape) - 1, len(entry.shape) - 2}:
        return printer.call(entry)
    inside = printer.placed(printer.piece(entry.operands[0]), ATOM)
    return Piece(f"{inside}.{'T' if len(entry.shape) == 2 else 'mT'}")


def _einsum(printer: Printer, entry: Operation) -> Piece:
    texts = [repr(entry.settings["subscripts"]), *(printer.piece(operand).text for operand in entry.operands)]
    return Piece(f"np.einsum({', '.join(texts)})")


def _part(printer: Printer, entry: Operation) -> Piece:
    """One of several results."""
    return Piece(f"{printer.placed(printer.piece(entry.operands[0]), ATOM)}[{entry.settings['nth']}]")


def _root(printer: Printer, entry: Operation) -> Piece:
    return printer.put("root", printer.piece(entry.operands[0]))


def _cast(printer: Printer, entry: Operation) -> Piece:
    return Piece(f"np.{entry.dtype}({printer.piece(entry.operands[0]).text})")


def _minus(printer: Printer, entry: Operation) -> Piece:
    return printer.put("negative", printer.piece(entry.operands[0]), at_least=PRODUCT)


def _squared(printer: Printer, entry: Operation) -> Piece:
    return printer.put("power", printer.piece(entry.operands[0]), Piece("2"), at_least=ATOM)


def _inverted(printer: Printer, entry: Operation) -> Piece:
    return Piece("~" + printer.placed(printer.piece(entry.operands[0]), ATOM), SIGN)


def _logical(printer: Printer, entry: Operation) -> Piece:
    sign = printer.spelling.sign(NOTATION[entry.primitive].symbol)
    left, right = (printer.placed(printer.piece(operand), ATOM) for operand in entry.operands)
    return Piece(f"{left} {sign} {right}", LOGIC)


Code.writers = {
    do.negative: _minus,
    do.square: _squared,
    do.invert: _inverted,
    do.bitwise_and: _logical,
    do.bitwise_or: _logical,
    do.bitwise_xor: _logical,
    einsum: _einsum,
    root: _root,
    checkpointed: Printer.own,
    parts.part: _part,
    shaping.getitem: _indexed,
    shaping.add_at: _added_at,
    shaping.transpose: _turned,
    shaping.swapaxes: _exchanged,
    shaping.cast: _cast,
}
