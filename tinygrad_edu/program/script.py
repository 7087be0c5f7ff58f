"""A program's entries as JavaScript, for single numbers: what a page computes with when it is changed."""

import json
import re
from typing import Any

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Operation
from tinygrad_edu.program.mathematics import TRANSPARENT
from tinygrad_edu.program.notation import ATOM, SUM
from tinygrad_edu.program.printing import Piece, Printer
from tinygrad_edu.program.python import Code
from tinygrad_edu.program.reading import RESHAPES
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, selection, shaping, transcendental, weighing

_SAME_NAME = ("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh",
              "cosh", "tanh", "arcsin", "arccos", "arctan", "arctan2", "arcsinh", "arccosh", "arctanh",
              "hypot", "sign", "floor", "ceil", "trunc", "maximum", "minimum")  # fmt: skip
_OTHER_NAME = {"maximum": "max", "minimum": "min"}
FUNCTIONS = {name: "Math." + _OTHER_NAME.get(name, name.replace("arc", "a")) for name in _SAME_NAME} | {
    "abs": "Math.abs",
    "absolute": "Math.abs",
}
"""Functions that JavaScript has, by their names here."""

_SLOPE = re.compile(r"∂(.+)/∂(.+)")


class Script(Code):
    """Writes JavaScript: a Value ``h`` is ``v["h"]``, and its gradient ``∂L/∂h`` is ``g["h"]``.

    Raises
    ------
    ArgumentError
        On writing what is no single number, or a function that JavaScript does not have.
    """

    def named(self, name: str) -> Piece:
        """A Value or a gradient, in the object that holds all of them."""
        slope = _SLOPE.fullmatch(name)
        place, key = ("g", slope[2]) if slope else ("v", name)
        return Piece(f"{place}[{json.dumps(key)}]")

    def piece(self, entry: Any) -> Piece:
        """An entry, which must be a single number."""
        if entry.shape != ():
            raise ArgumentError("JavaScript is written for programs on single numbers only.")
        return super().piece(entry)

    def operator(self, entry: Operation, sign: str) -> Piece:
        """An operator; powers, remainders and whole quotients are not those of Python."""
        if sign in {"**", "%", "//"}:
            left, right = (self.piece(operand).text for operand in entry.operands)
            whole = f"Math.floor(({left}) / ({right}))"
            remainder = f"{left} - {self.placed(Piece(right, SUM), ATOM)} * {whole}"
            return {
                "**": Piece(f"Math.pow({left}, {right})"),
                "//": Piece(whole),
                "%": Piece(remainder, SUM),
            }[sign]
        return super().operator(entry, sign)

    def function(self, primitive: Primitive) -> str:
        """``Math.exp``."""
        if primitive.name not in FUNCTIONS:
            raise ArgumentError(f"JavaScript has no {primitive.name}.")
        return FUNCTIONS[primitive.name]

    def setting(self, name: str, value: Any) -> str:
        """No function of JavaScript takes any."""
        raise ArgumentError(f"JavaScript has no {name}={value!r}.")


def _same(printer: Printer, entry: Operation) -> Piece:
    return printer.piece(entry.operands[0])


def _squared(printer: Printer, entry: Operation) -> Piece:
    return Piece(f"Math.pow({printer.piece(entry.operands[0]).text}, 2)")


def _negative(printer: Printer, entry: Operation) -> Piece:
    return Piece(f"-({printer.piece(entry.operands[0]).text})", SUM)


def _chosen(printer: Printer, entry: Operation) -> Piece:
    condition, x, y = (printer.piece(operand).text for operand in entry.operands)
    return Piece(f"({condition} ? {x} : {y})")


def _sigmoid(printer: Printer, entry: Operation) -> Piece:
    beta = entry.settings.get("beta", 1.0)
    return Piece(f"1 / (1 + Math.exp(-{beta!r} * ({printer.piece(entry.operands[0]).text})))", SUM)


def _softplus(printer: Printer, entry: Operation) -> Piece:
    x = printer.piece(entry.operands[0]).text
    return Piece(f"(Math.max({x}, 0) + Math.log1p(Math.exp(-Math.abs({x}))))")


def _relu(printer: Printer, entry: Operation) -> Piece:
    return Piece(f"Math.max({printer.piece(entry.operands[0]).text}, 0)")


def _both(printer: Printer, entry: Operation) -> Piece:
    """Two conditions; of whole numbers JavaScript's ``&`` would be another one."""
    first, second = (printer.piece(operand).text for operand in entry.operands)
    if entry.dtype != bool:
        raise ArgumentError("JavaScript has no & of whole numbers like Python's.")
    return Piece(f"({first} && {second})")


def _weighed(printer: Printer, entry: Operation) -> Piece:
    x, y = (printer.piece(operand).text for operand in entry.operands)
    name, nothing = ("log", 0) if entry.primitive is weighing.xlogy else ("log1p", -1)
    return Piece(f"({x} === 0 && {y} === {nothing} ? 0 : ({x}) * Math.{name}({y}))")


def _over(printer: Printer, entry: Operation) -> Piece:
    x, y = (printer.piece(operand).text for operand in entry.operands)
    return Piece(f"({x} === 0 && {y} === 0 ? 0 : ({x}) / ({y}))")


ONE = (
    *(reductions.sum_, reductions.mean, reductions.spread),
    *(shaping.sum_to, shaping.broadcast_to, *RESHAPES, *TRANSPARENT),
)
"""What does nothing to a single number."""

Script.writers = {
    **dict.fromkeys(ONE, _same),
    do.square: _squared,
    do.negative: _negative,
    selection.where: _chosen,
    do.bitwise_and: _both,
    transcendental.sigmoid: _sigmoid,
    transcendental.softplus: _softplus,
    selection.relu: _relu,
    weighing.over: _over,
    **dict.fromkeys((weighing.xlogy, weighing.xlog1py), _weighed),
}
