"""A card as the HTML-like table that Graphviz lays out: a title, the value in one half, the gradient in the other."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from tinygrad_edu.drawing.metrics import Face, reserved_width
from tinygrad_edu.drawing.numerals import Numerals, numerals, rms, short, special_marks
from tinygrad_edu.drawing.palette import Heat, Theme, cell, colour
from tinygrad_edu.drawing.picture import Card, Direction

TITLE, NUMBER, CAPTION = 12.0, 9.5, 8.0  # font sizes
LINE = 1.2  # line height, in font sizes
PADDING = 6
CHIP = 9  # side of a heat map's cell
LONGEST_TITLE = 44
BARE = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'

Half = Literal["value", "gradient"]
HALVES: tuple[Half, Half] = ("value", "gradient")


@dataclass(frozen=True)
class Look:
    """What all cards of a picture have in common; equal halves are what makes the lanes straight."""

    theme: Theme
    direction: Direction
    heat: Heat
    compact: bool

    def colour(self, role: str) -> str:
        return colour(role, self.theme)


@dataclass(frozen=True)
class Size:
    """The least width and height of each half of a card, in points."""

    width: float = 0.0
    height: float = 0.0

    def join(self, other: "Size") -> "Size":
        return Size(max(self.width, other.width), max(self.height, other.height))


def card_table(card: Card, look: Look, least: Size) -> str:
    """The label of a node, ``<TABLE ...>...</TABLE>``, its halves no smaller than `least`."""
    size = half_size(card, look).join(least)
    rows = _rows_down(card, look, size) if look.direction == "down" else _rows_right(card, look, size)
    return (
        f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" COLOR="{look.colour("border")}" '
        f'BGCOLOR="{look.colour("surface")}">{rows}</TABLE>'
    )


def half_size(card: Card, look: Look) -> Size:
    """The room that the wider half of a card needs."""
    contents = [_content(card, half, look) for half in HALVES]
    lines = max(reserved_width(line, NUMBER, "mono") for content in contents for line in content.lines)
    chips = max(CHIP * len(row) for content in contents for row in (content.cells or ((),)))
    captions = [reserved_width(_caption(card, half), CAPTION) for half in HALVES]
    header = reserved_width(_title(card), TITLE, "bold") + reserved_width(_kind(card), NUMBER - 0.5, "mono")
    widest = max(lines, chips)
    height = max(CHIP * len(content.cells) + LINE * NUMBER * len(content.lines) for content in contents)
    if look.direction == "down":
        widest = max(widest, 0 if look.compact else max(captions), (header - PADDING) / 2 + PADDING)
    else:
        widest = max(widest, header + 2 * PADDING - max(captions))
    return Size(round(widest + 2 * PADDING), round(height + 2 * PADDING))


def gradient_step(card: Card, look: Look) -> str:
    """The name of the heat step of a card's gradient."""
    return look.heat.step(None if card.gradient is None else rms(card.gradient))


def font(text: str, colour: str, size: float, face: Face = "regular") -> str:
    """Text in one font; only these two font names are measured correctly by every engine."""
    family = ' FACE="Courier"' if face == "mono" else ""
    inner = f"<B>{escape(text)}</B>" if face == "bold" else escape(text)
    return f'<FONT{family} COLOR="{colour}" POINT-SIZE="{size:g}">{inner}</FONT>'


def cut(text: str, longest: int) -> str:
    """One line of at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _rows_down(card: Card, look: Look, size: Size) -> str:
    """Ports on top, the title, then value and gradient side by side."""
    quarter = round(size.width / 4)
    ports = "".join(
        f'<TD WIDTH="{quarter}" HEIGHT="4" FIXEDSIZE="TRUE"></TD>'
        f'<TD PORT="into-{half}" WIDTH="{2 * quarter}" HEIGHT="4" FIXEDSIZE="TRUE"></TD>'
        f'<TD PORT="side-{half}" WIDTH="{quarter}" HEIGHT="4" FIXEDSIZE="TRUE"></TD>'
        for half in HALVES
    )
    halves = "".join(
        f'<TD PORT="{half}" WIDTH="{4 * quarter}" {_marked(card, half, look)}>'
        f"{_numbers(card, half, look, caption=not look.compact)}</TD>"
        for half in HALVES
    )
    background = look.colour(f"card {card.role}")
    return (
        f'<TR><TD COLSPAN="2" BGCOLOR="{background}"><TABLE {BARE}><TR>{ports}</TR></TABLE></TD></TR>'
        f'<TR><TD COLSPAN="2" BGCOLOR="{background}">{_header(card, look, 8 * quarter)}</TD></TR>'
        f"<TR>{halves}</TR>"
    )


def _rows_right(card: Card, look: Look, size: Size) -> str:
    """The title, then value above gradient, each behind its caption."""
    captions = max(reserved_width(_caption(card, half), CAPTION) for half in HALVES) + 2 * PADDING
    rows = "".join(
        f'<TR><TD PORT="into-{half}" ALIGN="LEFT" CELLPADDING="{PADDING}" '
        f'BGCOLOR="{_fill(card, half, look)}">{_caption_text(card, half, look)}</TD>'
        f'<TD PORT="{half}" WIDTH="{size.width:g}" HEIGHT="{size.height:g}" {_marked(card, half, look)}>'
        f"{_numbers(card, half, look, caption=False)}</TD></TR>"
        for half in HALVES
    )
    header = _header(card, look, round(captions + size.width))
    return f'<TR><TD COLSPAN="2" BGCOLOR="{look.colour(f"card {card.role}")}">{header}</TD></TR>{rows}'


def _header(card: Card, look: Look, width: int) -> str:
    ink = look.colour(f"title {card.role}")
    return (
        f'<TABLE {BARE} WIDTH="{width}"><TR>'
        f'<TD ALIGN="LEFT" CELLPADDING="{PADDING - 2}">{font(_title(card), ink, TITLE, "bold")}</TD>'
        f'<TD ALIGN="RIGHT" CELLPADDING="{PADDING - 2}">{font(_kind(card) or " ", ink, NUMBER - 0.5, "mono")}</TD>'
        f"</TR></TABLE>"
    )


def _marked(card: Card, half: Half, look: Look) -> str:
    """The attributes of a half: background, identifier and what a pointer resting on it is told."""
    content = card.value if half == "value" else card.gradient
    told = f"{half} of {card.key}" + ("" if content is None else f": RMS {short(rms(content))}")
    return (
        f'BGCOLOR="{_fill(card, half, look)}" CELLPADDING="{2 if look.compact else PADDING - 2}" '
        f'ID="{half}-{escape(card.key)}" TITLE="{escape(told)}"'
    )


def _numbers(card: Card, half: Half, look: Look, caption: bool) -> str:
    """Lines of numbers, above them the heat map if there is one, below them the caption."""
    content = _content(card, half, look)
    ink = look.colour("ink") if half == "value" else look.colour(f"text {_state(card, look)}")
    lines = [font(line, ink, NUMBER, "mono") for line in content.lines]
    if caption:
        lines.append(_caption_text(card, half, look))
    text = "<BR/>".join(lines)
    if not content.cells:
        return text
    chips = "".join(
        "<TR>"
        + "".join(
            f'<TD WIDTH="{CHIP}" HEIGHT="{CHIP}" FIXEDSIZE="TRUE" BGCOLOR="{look.colour(cell(half, value))}"></TD>'
            for value in row
        )
        + "</TR>"
        for row in content.cells
    )
    chips = f"<TABLE {BARE}>{chips}</TABLE>"
    return f'<TABLE {BARE}><TR><TD CELLPADDING="2">{chips}</TD></TR><TR><TD>{text}</TD></TR></TABLE>'


def _content(card: Card, half: Half, look: Look) -> Numerals:
    array = card.value if half == "value" else card.gradient
    if array is None:
        return Numerals(("-",))
    if not look.compact:
        return numerals(array)
    return Numerals((f"rms {short(rms(array))}",)) if getattr(array, "size", 1) > 1 else numerals(array)


def _caption(card: Card, half: Half) -> str:
    array = card.value if half == "value" else card.gradient
    if half == "gradient" and array is None:
        return "not computed" if card.differentiable else "no gradient"
    marks = () if array is None else special_marks(array)
    return ("▼ " if half == "value" else "▲ ") + ", ".join((half, *marks))


def _caption_text(card: Card, half: Half, look: Look) -> str:
    role = "quiet" if half == "value" else f"text {_state(card, look)}"
    return font(_caption(card, half), look.colour(role), CAPTION)


def _fill(card: Card, half: Half, look: Look) -> str:
    return look.colour("surface" if half == "value" else f"fill {_state(card, look)}")


def _state(card: Card, look: Look) -> str:
    return gradient_step(card, look)


def _title(card: Card) -> str:
    return cut(card.title, LONGEST_TITLE)


def _kind(card: Card) -> str:
    word = card.role if card.role in ("data", "parameter", "constant") else ""
    return " ".join(filter(None, (word, card.shape)))
