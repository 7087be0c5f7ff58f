"""A card as the table that Graphviz lays out: a title, the value in one half, the gradient in the other."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from tinygrad_edu.drawing.markup import cut, font, lines, table, td, tr
from tinygrad_edu.drawing.metrics import reserved_width
from tinygrad_edu.drawing.numerals import Numerals, brief, numerals, rms, short, special_marks, summary
from tinygrad_edu.drawing.palette import Heat, Theme, cell, colour
from tinygrad_edu.drawing.picture import Card, Direction, Judged

TITLE, KIND, NUMBER, CAPTION = 12, 9, 9, 8  # font sizes; Graphviz takes whole points only
LINE = 1.2  # line height, in font sizes
PADDING = 6
CHIP = 9  # side of a heat map's cell
LONGEST_TITLE = 44

Half = Literal["value", "gradient"]
HALVES: tuple[Half, Half] = ("value", "gradient")


@dataclass(frozen=True)
class Look:
    """What all cards of a picture have in common."""

    theme: Theme
    direction: Direction
    heat: Heat | None
    compact: bool

    def colour(self, role: str) -> str:
        """The colour of a role in this picture's theme."""
        return colour(role, self.theme)

    def step(self, card: Card) -> str:
        """The name of the heat step of a card's gradient; in a comparison, what was found there.

        Where magnitudes are not shown it is "plain".
        """
        if card.judged:
            return card.judged.mark
        if self.heat is None:
            return "none" if card.gradient is None else "plain"
        return self.heat.step(None if card.gradient is None else rms(card.gradient))


@dataclass(frozen=True)
class Size:
    """The least width and height of each half of a card, in points; equal halves make the lanes straight."""

    width: float = 0.0
    height: float = 0.0

    def join(self, other: "Size") -> "Size":
        """The size that holds both."""
        return Size(max(self.width, other.width), max(self.height, other.height))


def card_table(card: Card, look: Look, least: Size) -> str:
    """The label of a node, its halves no smaller than `least`."""
    size = half_size(card, look).join(least)
    rows = _rows_down(card, look, size) if look.direction == "down" else _rows_right(card, look, size)
    return table(*rows, border=1, color=look.colour("border"), bgcolor=look.colour("surface"))


def half_size(card: Card, look: Look) -> Size:
    """The room that the wider half of a card needs."""
    width = height = captions = 0.0
    for half in HALVES:
        content = _content(card, half, look)
        chips = content.cells
        texts = [reserved_width(text, NUMBER, "mono") for text in content.lines]
        width = max(width, CHIP * len(chips[0]) if chips else 0, *texts, 0)
        height = max(height, CHIP * len(chips) + LINE * NUMBER * len(texts))
        captions = max(captions, 0 if look.compact else reserved_width(_caption(card, half), CAPTION))
    header = reserved_width(_title(card), TITLE, "bold") + reserved_width(_kind(card), KIND)
    width = max(width, captions, header / 2) if look.direction == "down" else max(width, header - captions)
    return Size(width + 2 * PADDING, height + 2 * PADDING)


def _rows_down(card: Card, look: Look, size: Size) -> list[str]:
    """The title above, value and gradient side by side; strips of ports where lanes go in and out."""
    quarter = round(size.width / 4)
    entrances = [td(**port, height=3) for half in HALVES for port in _ports("into", half, "width", quarter)]
    title = table(tr(*entrances), tr(td(_header(card, look), colspan=6)))
    halves = []
    for half in HALVES:
        rows = [tr(td(row, colspan=3, cellpadding=2)) for row in _contents(card, half, look)]
        exits = [td(**port, height=3) for port in _ports("from", half, "width", quarter)]
        halves.append(td(table(*rows, tr(*exits)), **_marks(card, half, look)))
    return [tr(td(title, colspan=2, bgcolor=look.colour(f"card {card.role}"))), tr(*halves)]


def _rows_right(card: Card, look: Look, size: Size) -> list[str]:
    """The title, then value above gradient, each behind its caption and between strips of ports."""
    quarter = round(size.height / 4)
    rows = [tr(td(_header(card, look), bgcolor=look.colour(f"card {card.role}")))]
    for half in HALVES:
        entrances, exits = (
            td(table(*(tr(td(**port, width=3)) for port in _ports(way, half, "height", quarter))))
            for way in ("into", "from")
        )
        contents = _contents(card, half, look)
        caption = [] if look.compact else [td(contents.pop(), align="LEFT", cellpadding=PADDING)]
        numbers = table(*(tr(td(row, cellpadding=2)) for row in contents or [""]))
        cells = [entrances, *caption, td(numbers, width=round(size.width)), exits]
        rows.append(tr(td(table(tr(*cells)), **_marks(card, half, look))))
    return rows


def _ports(way: str, half: Half, side: str, quarter: int) -> list[dict[str, object]]:
    """Cells along one side of a half: the lane's port in the middle, after it one for what branches off."""
    return [
        {side: quarter},
        {side: 2 * quarter, "port": f"{way}-{half}"},
        {side: quarter, "port": f"{way}-{half}-side"},
    ]


def _header(card: Card, look: Look) -> str:
    ink = look.colour(f"title {card.role}")
    title = font(_title(card), ink, TITLE, "bold")
    kind = font(_kind(card), ink, KIND) if _kind(card) else ""
    return table(
        tr(td(title, align="LEFT", cellpadding=PADDING - 2), td(kind, align="RIGHT", cellpadding=PADDING - 2))
    )


def _marks(card: Card, half: Half, look: Look) -> dict[str, object]:
    """Background and identifier of a half, and what a pointer resting on it is told."""
    array = card.value if half == "value" else card.gradient
    told = f"{half} of {card.key}" + ("" if array is None else f": RMS {short(rms(array))}")
    if half == "gradient" and card.judged:
        told = f"gradient of {card.key}: {card.judged.words}"
    fill = "surface" if half == "value" else f"fill {look.step(card)}"
    return {"bgcolor": look.colour(fill), "id": f"{half}-{card.key}", "title": told}


def _contents(card: Card, half: Half, look: Look) -> list[str]:
    """The heat map if there is one, the lines of numbers, and the caption unless the card is compact."""
    content = _content(card, half, look)
    hot = f"text {look.step(card)}"
    rows = [_chips(content, half, look)] if content.cells else []
    if content.lines:
        ink = look.colour("ink" if half == "value" else hot)
        rows.append(lines(*(font(line, ink, NUMBER, "mono") for line in content.lines)))
    if not look.compact:
        ink = look.colour(hot if half == "gradient" else "warning" if card.marks else "quiet")
        bold = half == "gradient" and card.judged is not None and card.judged.is_wrong
        rows.append(font(_caption(card, half), ink, CAPTION, "bold" if bold else "regular"))
    return rows


def _chips(content: Numerals, half: Half, look: Look) -> str:
    rows = [
        tr(*(td(width=CHIP, height=CHIP, bgcolor=look.colour(cell(half, fraction))) for fraction in row))
        for row in content.cells
    ]
    width, height = CHIP * len(content.cells[0]) + 2, CHIP * len(rows) + 2
    return table(*rows, border=1, color=look.colour("border"), fixedsize="TRUE", width=width, height=height)


def _content(card: Card, half: Half, look: Look) -> Numerals:
    array = card.value if half == "value" else card.gradient
    extra = tuple(filter(None, (card.extra[HALVES.index(half)],)))
    if half == "gradient" and card.judged and card.judged.manual is not None:
        return _both(card.judged, array, look)
    if array is None:
        return Numerals(("-",) if look.compact else ())
    if look.compact or card.role == "block":
        return Numerals((brief(array), *extra, *(card.marks if half == "value" and look.compact else ())))
    content = numerals(array)
    return replace(content, lines=content.lines + extra)


def _both(judged: Judged, gradient: Any, look: Look) -> Numerals:
    """The gradient by hand, and below it the right one if that is another."""
    if not judged.is_wrong or gradient is None:
        return Numerals((brief(judged.manual),)) if look.compact else numerals(judged.manual)
    if look.compact:
        return Numerals((brief(judged.manual), f"right {brief(gradient)}"))
    by_hand, right = (
        summary(array) if (shown := numerals(array)).cells else shown.lines
        for array in (judged.manual, gradient)
    )
    return Numerals(("by hand:", *by_hand, "right:", *right))


def _caption(card: Card, half: Half) -> str:
    array = card.value if half == "value" else card.gradient
    if half == "gradient" and card.judged:
        return f"▲ {card.judged.words}"
    if half == "gradient" and array is None:
        return card.absence
    marks = () if array is None else special_marks(array)
    if half == "value":
        marks += card.marks
    return ("▼ " if half == "value" else "▲ ") + ", ".join((half, *marks))


def _title(card: Card) -> str:
    return cut(card.title, LONGEST_TITLE)


def _kind(card: Card) -> str:
    word = card.note or (card.role if card.role in ("data", "parameter", "constant") else "")
    return " ".join(filter(None, (word, card.shape)))
