"""How wide text is, in points, in Helvetica, Helvetica Bold and Courier."""

from typing import Literal

Face = Literal["regular", "bold", "mono"]

COURIER = 600  # thousandths of the font size, each character

# The characters from space to "~", in thousandths of the font size (Adobe's metrics for Helvetica).
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip

_SYMBOLS = {
    **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ", 400),
    **dict.fromkeys("×−÷±√∂≤≥≠≈·", 584),
    **dict.fromkeys("αβγδεηθκλμνρστφχψω", 600),
    **dict.fromkeys("ΓΔΘΛΞΠΣΦΨΩ", 720),
    **dict.fromkeys("▲▼▶◀…—", 1000),
}


def text_width(text: str, size: float, face: Face = "regular") -> float:
    """The width of one line of text; a character of unknown width counts as one em."""
    return sum(_advance(character, face) or 1000 for character in text) * size / 1000


def is_measured(text: str, face: Face = "regular") -> bool:
    """Whether the width of every character is known."""
    return all(_advance(character, face) for character in text)


def reserved_width(text: str, size: float, face: Face = "regular") -> float:
    """The room that text may need: layout engines without fonts count each byte beyond ASCII as one space."""
    table = {"regular": _REGULAR, "bold": _BOLD}.get(face)
    space = table[0] if table else COURIER
    beyond = [character for character in text if ord(character) > 126]
    counted = sum(_advance(c, face) or 0 for c in text if ord(c) <= 126)
    counted += sum(space * len(c.encode()) for c in beyond)
    return max(counted * size / 1000, text_width(text, size, face))


def _advance(character: str, face: Face) -> int | None:
    if face == "mono":
        return COURIER
    code = 0 if character == "\N{NO-BREAK SPACE}" else ord(character) - 32
    if 0 <= code < len(_REGULAR):
        return (_BOLD if face == "bold" else _REGULAR)[code]
    return _SYMBOLS.get(character)
