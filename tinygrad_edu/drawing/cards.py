"""A card as the HTML-like table that Graphviz lays out: a title, the value in one half, the gradient in the other."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from tinygrad_edu.drawing.metrics import Face, reserved_width
from tinygrad_edu.drawing.numerals import Numerals, brief, numerals, rms, short, special_marks
from tinygrad_edu.drawing.palette import Heat, Theme, cell, colour
from tinygrad_edu.drawing.picture import Card, Direction

TITLE, KIND, NUMBER, CAPTION = 12.0, 9.0, 9.5, 8.0  # font sizes
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
    width = height = captions = 0.0
    for half in HALVES:
        content = _content(card, half, look)
        lines = [reserved_width(line, NUMBER, "mono") for line in content.lines]
        chips = CHIP * len(content.cells[0]) if content.cells else 0
        width = max(width, chips, *lines, 0)
        height = max(height, CHIP * len(content.cells) + LINE * NUMBER * len(lines))
        captions = max(captions, 0 if look.compact else reserved_width(_caption(card, half), CAPTION))
    header = reserved_width(_title(card), TITLE, "bold") + reserved_width(_kind(card), KIND)
    width = max(width, captions, header / 2) if look.direction == "down" else max(width, header - captions)
    return Size(width + 2 * PADDING, height + 2 * PADDING)


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
    """The title above, value and gradient side by side, and where the lanes go in and out a strip of ports."""
    quarter = round(size.width / 4)
    into = "".join(_strip("into", half, quarter, "WIDTH") for half in HALVES)
    title = f'<TR>{into}</TR><TR><TD COLSPAN="6">{_header(card, look)}</TD></TR>'
    halves = "".join(
        f"<TD {_marked(card, half, look)}><TABLE {BARE}>"
        + "".join(f'<TR><TD COLSPAN="3" CELLPADDING="2">{row}</TD></TR>' for row in _rows(card, half, look))
        + f"<TR>{_strip('from', half, quarter, 'WIDTH')}</TR></TABLE></TD>"
        for half in HALVES
    )
    background = look.colour(f"card {card.role}")
    return f'<TR><TD COLSPAN="2" BGCOLOR="{background}"><TABLE {BARE}>{title}</TABLE></TD></TR><TR>{halves}</TR>'


def _rows_right(card: Card, look: Look, size: Size) -> str:
    """The title, then value above gradient, each behind its caption and between strips of ports."""
    quarter = round(size.height / 4)
    rows = ""
    for half in HALVES:
        into, out = (
            f"<TD><TABLE {BARE}><TR>{_strip(way, half, quarter, 'HEIGHT').replace('</TD>', '</TD></TR><TR>', 2)}"
            "</TR></TABLE></TD>"
            for way in ("into", "from")
        )
        numbers = _rows(card, half, look)
        caption = "" if look.compact else f'<TD ALIGN="LEFT" CELLPADDING="{PADDING}">{numbers.pop()}</TD>'
        stack = "".join(f'<TR><TD CELLPADDING="2">{row}</TD></TR>' for row in numbers or [""])
        rows += (
            f"<TR><TD {_marked(card, half, look)}><TABLE {BARE}><TR>{into}{caption}"
            f'<TD WIDTH="{size.width:.0f}"><TABLE {BARE}>{stack}</TABLE></TD>{out}</TR></TABLE></TD></TR>'
        )
    return f'<TR><TD BGCOLOR="{look.colour(f"card {card.role}")}">{_header(card, look)}</TD></TR>{rows}'


def _strip(way: str, half: Half, quarter: int, side: str) -> str:
    """Ports along one side of a half: the lane's in the middle, behind it the one for what branches off."""
    ports = ((quarter, ""), (2 * quarter, f' PORT="{way}-{half}"'), (quarter, f' PORT="{way}-{half}-side"'))
    other = "HEIGHT" if side == "WIDTH" else "WIDTH"
    return "".join(f'<TD {side}="{long}" {other}="3" FIXEDSIZE="TRUE"{port}></TD>' for long, port in ports)


def _header(card: Card, look: Look) -> str:
    ink = look.colour(f"title {card.role}")
    return (
        f"<TABLE {BARE}><TR>"
        f'<TD ALIGN="LEFT" CELLPADDING="{PADDING - 2}">{font(_title(card), ink, TITLE, "bold")}</TD>'
        f'<TD ALIGN="RIGHT" CELLPADDING="{PADDING - 2}">{font(_kind(card) or " ", ink, KIND)}</TD>'
        f"</TR></TABLE>"
    )


def _marked(card: Card, half: Half, look: Look) -> str:
    """The attributes of a half: background, identifier and what a pointer resting on it is told."""
    content = card.value if half == "value" else card.gradient
    fill = "surface" if half == "value" else f"fill {gradient_step(card, look)}"
    told = f"{half} of {card.key}" + ("" if content is None else f": RMS {short(rms(content))}")
    return (
        f'BGCOLOR="{look.colour(fill)}" ID="{half}-{escape(card.key)}" TITLE="{escape(told)}"'
    )


def _rows(card: Card, half: Half, look: Look) -> list[str]:
    """The heat map if there is one, the lines of numbers, and the caption unless the card is compact."""
    content = _content(card, half, look)
    ink = look.colour("ink" if half == "value" else f"text {gradient_step(card, look)}")
    rows = [_chips(content, half, look)] if content.cells else []
    if content.lines:
        rows.append("<BR/>".join(font(line, ink, NUMBER, "mono") for line in content.lines))
    if not look.compact:
        quiet = look.colour("quiet" if half == "value" else f"text {gradient_step(card, look)}")
        rows.append(font(_caption(card, half), quiet, CAPTION))
    return rows


def _chips(content: Numerals, half: Half, look: Look) -> str:
    rows = "".join(
        "<TR>"
        + "".join(
            f'<TD WIDTH="{CHIP}" HEIGHT="{CHIP}" FIXEDSIZE="TRUE" BGCOLOR="{look.colour(cell(half, value))}"></TD>'
            for value in row
        )
        + "</TR>"
        for row in content.cells
    )
    width, height = CHIP * len(content.cells[0]) + 2, CHIP * len(content.cells) + 2
    return (
        f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" COLOR="{look.colour("border")}" '
        f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}">{rows}</TABLE>'
    )


def _content(card: Card, half: Half, look: Look) -> Numerals:
    array = card.value if half == "value" else card.gradient
    if array is None:
        return Numerals(("-",) if look.compact else ())
    return Numerals((brief(array),)) if look.compact else numerals(array)


def _caption(card: Card, half: Half) -> str:
    array = card.value if half == "value" else card.gradient
    if half == "gradient" and array is None:
        return "not computed" if card.differentiable else "no gradient"
    marks = () if array is None else special_marks(array)
    return ("▼ " if half == "value" else "▲ ") + ", ".join((half, *marks))


def _title(card: Card) -> str:
    return cut(card.title, LONGEST_TITLE)


def _kind(card: Card) -> str:
    word = card.role if card.role in ("data", "parameter", "constant") else ""
    return " ".join(filter(None, (word, card.shape)))
