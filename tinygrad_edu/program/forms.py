"""The forms that a formula can have, ``a + b``, ``h(1 − h)``, ``x[0]``: where signs and parentheses go."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.literals import FEW, index_text, setting_text
from tinygrad_edu.program.notation import ATOM, ELIDED, FACTOR, MINUS, SUM, Form, Notation


class Piece(NamedTuple):
    """A part of a formula: its text, how tightly it holds together, and the sign that does."""

    text: str
    precedence: int = ATOM
    symbol: str = ""

    def placed(self, precedence: int, first: bool = False) -> str:
        """The text, in parentheses unless it fits in; only a first operand may begin with a sign."""
        fits = self.precedence >= precedence and (first or not self.text.startswith((MINUS, "+")))
        return self.text if fits else f"({self.text})"


Write = Callable[[Notation, Sequence[Piece], Node], Piece]

NUMBER = r"\d[\d.]*"
SYMBOL = r"(?!σ)[^\W\d_][₀-₉]*[⁰¹²³⁴-⁹]*"
"""A single letter, with an index and an exponent; but σ in front of parentheses is a function."""


def chosen_settings(node: Node) -> dict[str, Any]:
    """The settings of an operation that are not the defaults of its rules."""
    assert node.primitive is not None
    return chosen_among(node.primitive, node.params)


def chosen_among(primitive: Primitive, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings of a call that are not the defaults of the rules."""
    defaults = _defaults(primitive)
    return {
        name: setting
        for name, setting in settings.items()
        if name not in defaults or type(setting) is not type(defaults[name]) or setting != defaults[name]
    }


@functools.cache
def _defaults(primitive: Primitive) -> dict[str, Any]:
    defaults = {}
    for rule in filter(None, primitive.rules):
        for name, parameter in inspect.signature(rule).parameters.items():
            if parameter.default is not parameter.empty:
                defaults[name] = parameter.default
    return defaults


def _call(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``exp(x)``, ``mean(s, axis=0)``, ``stack([a, b])``."""
    texts = [piece.text for piece in operands]
    if len(texts) > FEW:
        texts = [*texts[:2], ELIDED, texts[-1]]
    listed = ", ".join(texts)
    if node.primitive is not None and node.primitive.variadic:
        listed = f"[{listed}]"
    settings = [setting_text(*setting) for setting in chosen_settings(node).items()]
    return Piece(f"{notation.symbol}({', '.join([listed, *settings])})")


def _infix(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``a + b``; operators of the same precedence are read from left to right."""
    left, right = operands
    needed = max(notation.operand, notation.precedence + 1)
    if right.precedence == notation.precedence and right.symbol in notation.absorbs:
        needed = notation.precedence
    elif notation.symbol == "/":
        needed = FACTOR + 1
    text = f"{left.placed(notation.operand, first=True)} {notation.symbol} {right.placed(needed)}"
    return Piece(text, notation.precedence, notation.symbol)


def _product(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``a × b``, but ``2x`` and ``h(1 − h)``, where nothing else could be meant."""
    left, right = operands
    if right.precedence == SUM and re.fullmatch(f"{NUMBER}|({NUMBER})?{SYMBOL}", left.text):
        return Piece(f"{left.text}({right.text})", FACTOR)
    if re.fullmatch(NUMBER, left.text) and re.fullmatch(SYMBOL, right.text):
        return Piece(left.text + right.text, FACTOR)
    return _infix(notation, operands, node)


def _weighed(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``y × log(p)``: a function of the second operand, and what it is weighed with."""
    weight, operand = operands
    text = f"{weight.placed(notation.operand, first=True)} × {notation.symbol}({operand.text})"
    return Piece(text, notation.precedence, "×")


def _power(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``x³``, ``a^b``."""
    base, exponent = operands
    if re.fullmatch(rf"{MINUS}?\d+", exponent.text):
        raised = exponent.text.translate(str.maketrans(f"0123456789{MINUS}", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
        return Piece(base.placed(ATOM) + raised, notation.precedence)
    return Piece(base.placed(ATOM) + notation.symbol + exponent.placed(ATOM), notation.precedence)


def _prefix(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``−x``, ``Σ x``."""
    return Piece(notation.symbol + operands[0].placed(notation.operand), notation.precedence)


def _postfix(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``Xᵀ``, ``e²``."""
    return Piece(operands[0].placed(notation.operand) + notation.symbol, notation.precedence)


def _around(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``|x|``."""
    return Piece(notation.symbol[0] + operands[0].text + notation.symbol[1])


def _index(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``x[0]``, ``x[1:, mask]``; with a symbol, ``g at [1:]``."""
    index = index_text(node.params["index"], [piece.text for piece in operands[1:]])
    indexed = operands[0].placed(notation.operand, first=True)
    return Piece(indexed + notation.symbol + index, notation.precedence)


def _total(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``Σx``, ``Σx rows``, ``Σx axis 1``: a sum over the axes along which something was broadcast."""
    shape = np.shape(node.operands[0])
    target = (None,) * (len(shape) - node.ndim) + node.shape
    axes = [axis for axis, length in enumerate(shape) if length != target[axis]]
    over = f" ax{'i' if len(axes) == 1 else 'e'}s {', '.join(map(str, axes))}"
    if len(axes) == len(shape):
        over = ""
    elif axes == [0] and len(shape) == 2:
        over = " rows"
    return Piece(notation.symbol + operands[0].placed(ATOM) + over, notation.precedence)


def _einsum(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``einsum("ij,jk->ik", a, b)``; how NumPy goes about it is left out."""
    return Piece(f'einsum("{node.params["subscripts"]}", {", ".join(piece.text for piece in operands)})')


def _part(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``eigh(A)[0]``, one of several results."""
    return Piece(f"{operands[0].placed(ATOM, first=True)}[{node.params['nth']}]")


def _among(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``(g, 0)``, the gradient of one of several results among those of the others."""
    texts = ["0"] * len(node.params["shapes"])
    texts[node.params["nth"]] = operands[0].text
    return Piece(f"({', '.join(texts)})")


def _own(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """``block(h, w)``, a call of the user's own function."""
    return Piece(f"{node.params['call'].name}({', '.join(piece.text for piece in operands)})")


def _same(notation: Notation, operands: Sequence[Piece], node: Node) -> Piece:
    """The operand itself."""
    return operands[0]


FORMS: dict[Form, Write] = {
    "call": _call,
    "infix": _infix,
    "product": _product,
    "power": _power,
    "prefix": _prefix,
    "postfix": _postfix,
    "around": _around,
    "index": _index,
    "total": _total,
    "same": _same,
    "einsum": _einsum,
    "part": _part,
    "among": _among,
    "own": _own,
    "weighed": _weighed,
}
