"""Parts of a line of Python: how tightly they hold together, and products in which numbers come first."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

LARGEST = 99999
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)


class Text(NamedTuple):
    """A part of a line, how tightly it holds together, and its value if it is a plain number.

    A product remembers the number it begins with and what that multiplies, so that numbers are multiplied.
    """

    text: str
    level: int = ATOM
    number: float | None = None
    times: float = 1.0
    rest: "Text | None" = None

    def at(self, level: int) -> str:
        """The text, in parentheses unless it holds together tightly enough."""
        return self.text if self.level >= level else f"({self.text})"

    def split(self) -> "tuple[float, Text | None]":
        """The number that a product begins with, and the rest."""
        return (self.number, None) if self.number is not None else (self.times, self.rest or self)


def constant(data: Any) -> Text:
    """A number, or an array of which all are equal, as it is written."""
    if np.ndim(data) == 0:
        number = float(data)
        text = f"{number:.6g}"
        if float(text) != number:
            text = " / ".join(_ratio(abs(number))).removesuffix(" / 1")
            text = f"-{text}" if number < 0 else text
        return Text(text, SIGN if number < 0 else PRODUCT if "/" in text else ATOM, number)
    values = np.unique(data)
    return constant(values[0]) if values.size == 1 else Text(f"array({'×'.join(map(str, np.shape(data)))})")


def multiplied(left: Text, right: Text) -> Text:
    """A product in which the numbers come first, multiplied."""
    (one, first), (other, second) = left.split(), right.split()
    if first is None or second is None:
        rest = first or second
        if rest is None:
            return constant(one * other)
        return _as_written(left, "*", right, one * other, rest) or _times(one * other, rest)
    last = second.at(PRODUCT if "@" not in second.text else ATOM)
    return _times(one * other, Text(f"{first.at(PRODUCT)} * {last}", PRODUCT))


def divided(left: Text, right: Text) -> Text:
    """A quotient in which plain numbers are brought together."""
    (above, first), (below, second) = left.split(), right.split()
    if second is None:
        if first is None:
            return constant(above / below)
        return _as_written(left, "/", right, above / below, first) or _times(above / below, first)
    number, under = _ratio(abs(above / below))
    bottom = second.at(SIGN) if under == "1" else f"({under} * {second.at(PRODUCT)})"
    top = (
        number if first is None else first.at(PRODUCT) if number == "1" else f"{number} * {first.at(PRODUCT)}"
    )
    rest = Text(f"{'1' if first is None else first.at(PRODUCT)} / {second.at(SIGN)}", PRODUCT)
    sign = "-" if above / below < 0 else ""
    return Text(f"{sign}{top} / {bottom}", SIGN if sign else PRODUCT, None, above / below, rest)


def _as_written(left: Text, symbol: str, right: Text, number: float, rest: Text) -> Text | None:
    """The product or quotient of something and the only number in it: it stands where it stood."""
    plain = left if left.number is not None else right
    if abs(number) == 1 or plain.level != ATOM or rest.times != 1 or rest not in (left, right):
        return None
    level = PRODUCT if symbol == "*" and "@" not in right.text else SIGN
    return Text(f"{left.at(PRODUCT)} {symbol} {right.at(level)}", PRODUCT, None, number, rest)


def _times(number: float, rest: Text) -> Text:
    """A number of times something: ``2 * x / 7``."""
    if number == 1:
        return rest
    above, under = _ratio(abs(number))
    text = rest.at(PRODUCT) if above == "1" else f"{above} * {rest.at(PRODUCT)}"
    text = text if under == "1" else f"{text} / {under}"
    return Text(f"-{text}" if number < 0 else text, SIGN if number < 0 else PRODUCT, None, number, rest)


def _ratio(number: float) -> tuple[str, str]:
    """A positive number as a fraction of whole numbers, if it is one."""
    if not np.isfinite(number):
        return repr(number), "1"
    fraction = Fraction(number).limit_denominator(LARGEST)
    if abs(float(fraction) - number) > 1e-13 * number or fraction.numerator > LARGEST:
        return f"{number:.6g}", "1"
    return str(fraction.numerator), str(fraction.denominator)
