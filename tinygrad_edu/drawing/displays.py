"""Arrays as HTML: a number, a small table, or a heat map with a summary; and the colours of their cells."""

from html import escape
from typing import Any, Literal

import numpy as np

from tinygrad_edu.drawing.numerals import numerals, short
from tinygrad_edu.drawing.palette import COLOURS, cell

Half = Literal["value", "gradient"]

MOST_ROWS, MOST_COLUMNS, LONGEST = 6, 4, 12
"""Of a table of numbers and of a vector; what is larger is a heat map."""


def display(array: Any, half: Half, mark: str = "", label: str = "") -> str:
    """An array as HTML.

    Parameters
    ----------
    array : array
        The numbers.
    half : {"value", "gradient"}
        Whose colours the cells have.
    mark : str
        Of a single number: an attribute by which a script finds it.
    label : str
        What the numbers are, for a screen reader.
    """
    data = np.asarray(array)
    if data.ndim == 0:
        return f'<span class="number {half}" {mark}>{short(data.item())}</span>'
    if data.size == 0:
        return '<span class="number">empty</span>'
    if data.ndim == 1 and data.size <= LONGEST:
        return f'<p class="numbers vector" aria-label="{escape(label)}">{_cells(data, half, "span")}</p>'
    table = data.reshape(-1, data.shape[-1])
    if table.shape[0] <= MOST_ROWS and table.shape[1] <= MOST_COLUMNS:
        return _table(table, half, label)
    content = numerals(data)
    rows = ("".join(f'<td class="{_style(half, x)}"></td>' for x in row) for row in content.cells)
    chips = "".join(f"<tr>{row}</tr>" for row in rows)
    lines = [line.replace("+-", "±").replace("..", "to") for line in content.lines]
    told = "; ".join(lines)
    return (
        f'<table class="chips" role="img" aria-label="{escape(label)}, heat map: {escape(told)}">'
        f'<tbody>{chips}</tbody></table><p class="summary">{"<br>".join(map(escape, lines))}</p>'
    )


def shape_of(array: Any) -> str:
    """``"4×3"``, or ``"scalar"``."""
    return "×".join(map(str, np.shape(array))) or "scalar"


def cell_styles() -> str:
    """The style sheet of the cells, light and dark."""
    roles = [name for name in COLOURS if name.startswith(("value ", "gradient ", "cell "))]
    light, dark = (
        "\n".join(
            f".{_class(role)} {{ background: {COLOURS[role][i]}; color: {_ink(COLOURS[role][i])}; }}"
            for role in roles
        )
        for i in (0, 1)
    )
    forced = "\n".join(f'[data-theme="dark"] {line}' for line in dark.splitlines())
    automatic = "\n".join(f':root:not([data-theme="light"]) {line}' for line in dark.splitlines())
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{automatic}\n}}\n{forced}\n"


def _table(table: Any, half: Half, label: str) -> str:
    rows = (f"<tr>{cells}</tr>" for cells in _rows(table, half))
    return f'<table class="numbers" aria-label="{escape(label)}"><tbody>{"".join(rows)}</tbody></table>'


def _rows(table: Any, half: Half) -> list[str]:
    scale = float(np.max(np.abs(table[np.isfinite(table)]), initial=0.0)) or 1.0
    return [_cells(row, half, "td", scale) for row in table]


def _cells(row: Any, half: Half, tag: str, scale: float | None = None) -> str:
    scale = scale or float(np.max(np.abs(row[np.isfinite(row)]), initial=0.0)) or 1.0
    return "".join(
        f'<{tag} class="{_style(half, _fraction(x, scale))}">{escape(short(x))}</{tag}>' for x in row.tolist()
    )


def _fraction(number: float, scale: float) -> float | None:
    return float(number) / scale if np.isfinite(number) else None


def _style(half: Half, fraction: float | None) -> str:
    return _class(cell(half, fraction))


def _class(role: str) -> str:
    """``"gradient -3"`` as the name of a class."""
    return role.replace(" ", "-").replace("+", "p").replace("--", "-m")


def _ink(background: str) -> str:
    """Black or white, whichever can be read on a colour."""
    parts = (int(background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return "#0b1120" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 else "#ffffff"
