"""A program's entries as formulas: what is common to all syntaxes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Input, Operation
from tinygrad_edu.program.forms import chosen_among
from tinygrad_edu.program.literals import data_text, index_text, part_text, setting_text
from tinygrad_edu.program.notation import ATOM, NOTATION, Notation
from tinygrad_edu.program.syntaxes import Spelling
from tinygrad_edu.rules.shaping import HOLE


class Piece(NamedTuple):
    """A part of a formula, and how tightly it holds together."""

    text: str
    precedence: int = ATOM


Write = Callable[[Any, Operation], Piece]


class Printer:
    """Writes entries in one syntax.

    An entry is written by the function that `writers` has for its primitive, else in the form that NOTATION
    has for it, else as a call.
    """

    writers: dict[Primitive, Write]

    def __init__(self, syntax: str) -> None:
        self.spelling = Spelling(syntax)

    def text(self, entry: Entry) -> str:
        """An entry as a whole formula."""
        return self.piece(entry).text

    def piece(self, entry: Entry) -> Piece:
        """An entry as part of one."""
        if isinstance(entry, Input):
            return self.named(entry.name)
        if isinstance(entry, Constant):
            return self.constant(entry)
        writer = self.writers.get(entry.primitive)
        return writer(self, entry) if writer else self.operation(entry)

    def named(self, name: str) -> Piece:
        """What goes by a name."""
        form = "slope" if name.startswith("∂") else "row"
        return Piece(self.spelling.name(name), self.spelling.precedence(form))

    def constant(self, entry: Constant) -> Piece:
        """The name of a constant, or its numbers."""
        if entry.name is not None:
            return self.named(entry.name)
        if entry.shape != ():
            return Piece(self.numbers(entry.data))
        negative = entry.data < 0 or (entry.data == 0 and np.signbit(entry.data))
        text = self.spelling.number(
            -entry.data if negative and not isinstance(entry.data, bool) else entry.data
        )
        return self.put("negative", Piece(text)) if negative else Piece(text)

    def numbers(self, data: Any) -> str:
        """An array without a name."""
        return self.spelling.word(data_text(data))

    def put(self, form: str, *parts: Piece, at_least: int = 0) -> Piece:
        """Parts put together in a form; those that hold less tightly than they must are grouped."""
        texts = [self.placed(part, at_least) for part in parts]
        return Piece(self.spelling.put(form, *texts), self.spelling.precedence(form))

    def placed(self, part: Piece, at_least: int) -> str:
        """The text of a part, in parentheses where it would fall apart."""
        return part.text if part.precedence >= at_least else self.spelling.put("group", part.text)

    def operation(self, entry: Operation) -> Piece:
        """An operation in the form that its notation has."""
        notation = NOTATION.get(entry.primitive)
        if notation is not None and notation.form == "infix" and len(entry.operands) == 2:
            return self.infix(notation, entry)
        if notation is not None and notation.form == "own":
            return self.own(entry)
        if notation is not None and notation.form == "around":
            return self.put(notation.symbol, self.piece(entry.operands[0]))
        return self.call(entry)

    def infix(self, notation: Notation, entry: Operation) -> Piece:
        """``a < b``."""
        left, right = (self.placed(self.piece(each), notation.precedence + 1) for each in entry.operands)
        sign = self.spelling.sign(notation.symbol)
        return Piece(self.spelling.put("infix", left, sign, right), notation.precedence)

    def call(self, entry: Operation) -> Piece:
        """``exp(x)``, ``max(s, axis=0)``, ``stack([a, b])``."""
        texts = [self.piece(operand).text for operand in entry.operands]
        if entry.primitive.variadic:
            texts = [self.spelling.put("list", self.listed(texts))]
        texts += self.settings(entry)
        return Piece(self.spelling.put("call", self.function(entry.primitive), self.listed(texts)))

    def own(self, entry: Operation) -> Piece:
        """``block(h, w)``, a call of the user's own function."""
        texts = [self.piece(operand).text for operand in entry.operands]
        function = self.spelling.function(entry.settings["call"].name)
        return Piece(self.spelling.put("call", function, self.listed(texts)))

    def listed(self, texts: Sequence[str]) -> str:
        """Texts with commas between them."""
        listed = texts[0] if texts else ""
        for text in texts[1:]:
            listed = self.spelling.put("comma", listed, text)
        return listed

    def settings(self, entry: Operation) -> list[str]:
        """The settings of a call."""
        chosen = chosen_among(entry.primitive, entry.settings)
        return [self.spelling.word(setting_text(*setting)) for setting in chosen.items()]

    def function(self, primitive: Primitive) -> str:
        """The name of a function."""
        notation = NOTATION.get(primitive)
        symbol = notation.symbol if notation is not None and notation.form == "call" else primitive.name
        return self.spelling.function(symbol)

    def index(self, entry: Operation) -> str:
        """What stands behind an indexed array."""
        index = entry.settings["index"]
        if HOLE not in index:
            return self.spelling.word(index_text(index, []))
        arrays = (self.piece(each).text for each in entry.operands[1:])
        parts = [next(arrays) if part is HOLE else self.spelling.word(part_text(part)) for part in index]
        return self.spelling.put("list", self.listed(parts))
