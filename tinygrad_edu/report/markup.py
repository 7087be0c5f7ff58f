"""Pieces of HTML: elements, tables, and regions that scroll on their own. Knows nothing of gradients."""

import html
import re
from collections.abc import Sequence

from tinygrad_edu.cells import Cell

_NUMBER = re.compile(r"-?[\d,.]+(e[+-]\d+)?")


def escape(text: str) -> str:
    """Text as HTML, also within an attribute."""
    return html.escape(text)


def region(content: str, *, label: str, kind: str) -> str:
    """Content that may be wider than the page: it scrolls on its own, also by the arrow keys.

    Parameters
    ----------
    content : str
        HTML.
    label : str
        What a screen reader announces; unlike that of any other region of the page.
    kind : str
        The class of the element.
    """
    return (
        f'<div class="scrolls {kind}" role="region" aria-label="{escape(label)}" tabindex="0">{content}</div>'
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, label: str, style: str = "") -> str:
    """A table in a region of its own; the first cell of a row is its heading.

    Parameters
    ----------
    columns : sequence of str
        HTML of the headings.
    rows : sequence of sequences of str
        HTML of the cells. A column of numbers stands on the right.
    label : str
        What the table holds.
    style : str
        A further class of the element.
    """
    kinds = [_kind(column) for column in zip(*rows, strict=True)] or [""] * len(columns)
    heads = "".join(f'<th scope="col"{kind}>{head}</th>' for head, kind in zip(columns, kinds, strict=True))
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
        lines.append(f'<tr><th scope="row"{kinds[0]}>{first}</th>{cells}</tr>')
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return region(body, label=label, kind=f"table {style}".strip())


def verdict(cell: Cell) -> str:
    """A verdict as a coloured word."""
    return f'<span class="verdict {cell.style or "muted"}">{escape(cell.text)}</span>'


def paragraphs(*texts: str) -> str:
    """Plain text, one paragraph each."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _kind(column: Sequence[str]) -> str:
    return ' class="number"' if all(_NUMBER.fullmatch(cell) for cell in column) else ""
