"""Tables for terminals, HTML and JSON. Knows cells and how to lay them out, nothing of what they mean.

>>> print(Table("gradients", ("name", "error"), [("w", 1e-16), ("b", Cell(0.5, "bad"))]))
gradients
name  error
----  -----
w     1e-16
b       0.5
"""

import html
import io
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinygrad_edu.cells import Cell as Cell
from tinygrad_edu.cells import Style, as_cell, columns_of, plain
from tinygrad_edu.errors import ArgumentError, missing_package

_TERMINAL_STYLES = {"good": "green", "bad": "bold red", "warn": "yellow", "muted": "dim"}
_GAP = "  "
_NARROWEST = 8

# A coloured cell brings its own background, so that it reads the same on a light and on a dark page.
_CSS = """
.tg-table { overflow-x: auto; }
.tg-table table { border-collapse: collapse; color: inherit; font-size: 0.95em; }
.tg-table caption { caption-side: top; text-align: left; font-weight: 600; padding: 0.3em 0; }
.tg-table th, .tg-table td { padding: 0.25em 0.75em; text-align: left; vertical-align: top; }
.tg-table thead th { border-bottom: 2px solid currentColor; }
.tg-table tbody th { font-weight: inherit; }
.tg-table tbody tr + tr > * { border-top: 1px solid rgba(128, 128, 128, 0.35); }
.tg-table .number { text-align: right; font-variant-numeric: tabular-nums; }
.tg-table .good { background: #d5efdb; color: #0b3d17; }
.tg-table .bad { background: #fadbd8; color: #6b1109; font-weight: 600; }
.tg-table .warn { background: #fdeebf; color: #4d3800; }
.tg-table .muted { opacity: 0.75; }
"""


@dataclass(frozen=True, eq=False)
class Table:
    """A titled table that can be shown as text, as HTML and as JSON.

    Parameters
    ----------
    title : str
        Stands above the table; may be empty.
    columns : sequence of str
        The headings.
    rows : sequence of sequences
        One sequence per row, as long as `columns`; each entry any value, or a `Cell` that gives it a style.
    note : str
        Stands below the table; may be empty.

    Raises
    ------
    ArgumentError
        There are no columns, or a row has more or fewer cells than there are columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "rows", tuple(tuple(map(as_cell, row)) for row in self.rows))
        if not self.columns:
            raise ArgumentError(f"Table {self.title!r} has no columns.")
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ArgumentError(
                    f"Table {self.title!r}: row {number} has {len(row)} cells, "
                    f"there are {len(self.columns)} columns ({', '.join(self.columns)})."
                )

    def __str__(self) -> str:
        return self.text(colour=False)

    def _repr_html_(self) -> str:
        return self.html()

    def text(self, width: int | None = None, colour: bool | None = None) -> str:
        """The table as aligned text.

        Parameters
        ----------
        width : int, optional
            The number of characters to fit into, by wrapping the widest cells. By default the width of the
            terminal; no limit when the output goes to a file or a pipe.
        colour : bool, optional
            Whether to colour, which needs rich. By default only if standard output is a terminal, rich is
            installed and the environment variable ``NO_COLOR`` is not set.

        Raises
        ------
        MissingPackageError
            ``colour=True``, and rich is not installed.
        """
        width, colour = terminal(width, colour)
        return self._coloured_text(width) if colour else self._plain_text(width)

    def html(self) -> str:
        """The table as an HTML fragment with its own style, readable on light and on dark pages."""
        label = html.escape(self.title or "Table")
        lines = [
            f'<div class="tg-table" role="region" aria-label="{label}" tabindex="0">',
            f"<style>{_CSS}</style>",
        ]
        lines.append("<table>")
        if self.title:
            lines.append(f"<caption>{html.escape(self.title)}</caption>")
        numeric = self._numeric_columns()
        heads = [
            f'<th scope="col"{_classes(None, number)}>{html.escape(column)}</th>'
            for column, number in zip(self.columns, numeric, strict=True)
        ]
        lines.append(f"<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>")
        for row in self.rows:
            cells = []
            for position, (cell, number) in enumerate(zip(row, numeric, strict=True)):
                tag, scope = ("td", "") if position else ("th", ' scope="row"')
                cells.append(f"<{tag}{scope}{_classes(cell.style, number)}>{html.escape(cell.text)}</{tag}>")
            lines.append(f"<tr>{''.join(cells)}</tr>")
        lines.append("</tbody>\n</table>")
        if self.note:
            lines.append(f"<p>{html.escape(self.note)}</p>")
        return "\n".join([*lines, "</div>"])

    def to_dict(self) -> dict[str, Any]:
        """The table as what JSON knows: numbers are Python's, and ``nan``, ``inf``, ``-inf`` are strings."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [[plain(cell.value) for cell in row] for row in self.rows],
            "note": self.note,
        }

    def _numeric_columns(self) -> list[bool]:
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        shown = [[cell for cell in column if cell.value is not None] for column in columns]
        return [bool(column) and all(cell.is_number for cell in column) for column in shown]

    def _plain_text(self, width: int | None) -> str:
        grid = [list(self.columns), *([cell.text for cell in row] for row in self.rows)]
        widths = _fitted([max(map(columns_of, column)) for column in zip(*grid, strict=True)], width)
        body = [_aligned(row, widths, self._numeric_columns()) for row in grid]
        rule = _GAP.join("-" * each for each in widths)
        parts = [self.title, body[0], rule, *body[1:], self.note]
        return "\n".join(part for part in parts if part)

    def _coloured_text(self, width: int | None) -> str:
        from rich import box
        from rich.table import Table as Grid
        from rich.text import Text

        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column, number in zip(self.columns, self._numeric_columns(), strict=True):
            grid.add_column(Text(column), justify="right" if number else "left")
        for row in self.rows:
            grid.add_row(*(Text(cell.text, _TERMINAL_STYLES.get(cell.style or "", "")) for cell in row))
        return _rendered(width, *filter(None, (Text(self.title, "bold"), grid, Text(self.note))))


def terminal(width: int | None, colour: bool | None) -> tuple[int | None, bool]:
    """The width to fit into, and whether to colour, where the caller leaves it open; see `Table.text`."""
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    if width is None and on_terminal:
        width = shutil.get_terminal_size().columns
    try:
        import rich
    except ImportError:
        has_rich = False
    else:
        has_rich = bool(rich)
    if colour is None:
        wanted = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return width, wanted and has_rich
    if colour and not has_rich:
        raise missing_package("rich", "cli", "a coloured table")
    return width, colour


def paint(text: str, style: Style) -> str:
    """A text in the colours of a style, as terminals understand them."""
    from rich.text import Text

    return _rendered(None, Text(text, _TERMINAL_STYLES[style]))


def _rendered(width: int | None, *parts: Any) -> str:
    from rich.console import Console

    text = io.StringIO()
    console = Console(
        file=text, force_terminal=True, color_system="standard", no_color=False, width=width or 10_000
    )
    console.print(*parts, sep="\n")
    return text.getvalue().rstrip("\n")


def _classes(style: Style | None, number: bool) -> str:
    names = [name for name in (style, "number" if number else None) if name]
    return f' class="{" ".join(names)}"' if names else ""


def _fitted(widths: list[int], width: int | None) -> list[int]:
    """The widths of the columns, the widest made narrower until all fit."""
    widths = list(widths)
    room = (width or sys.maxsize) - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _aligned(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    """One row, on as many lines as its longest cell needs."""
    wrapped = [textwrap.wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, wrapped))):
        shown = []
        for cell, width, right in zip(wrapped, widths, numeric, strict=True):
            text = cell[number] if number < len(cell) else ""
            padding = " " * (width - columns_of(text))
            shown.append(padding + text if right else text + padding)
        lines.append(_GAP.join(shown).rstrip())
    return "\n".join(lines)
