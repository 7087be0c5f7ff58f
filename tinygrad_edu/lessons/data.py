"""Prices of superheroes' costumes and numbers of issues: the slides' rows, generated ones, CSV files."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.errors import DataError

Array = NDArray[np.float64]

SLIDES = ((240.0, 6370.0), (480.0, 8697.0), (26.0, 2200.0))
"""The rows that the slides print: price of a costume in dollars, number of issues with its hero."""

LABELS = ("price of the costume in dollars", "number of issues")


@dataclass(frozen=True)
class Table:
    """Two columns, (n,) each: what is known, ``x``, and what is to be predicted, ``y``; with their names."""

    x: Array
    y: Array
    x_label: str = "x"
    y_label: str = "y"
    origin: str = "rows"


def generated_issues(price: Array) -> Array:
    """The curve around which generated rows lie, 400 + 330 sqrt(price): invented, near the slides' rows."""
    return 400 + 330 * np.sqrt(price)


def generated_costumes(count: int = 60, seed: int = 2024) -> Table:
    """Invented rows, the same ones each time: no costume was priced and no issue counted for them.

    Prices are 20 + 1980 u² dollars with u uniform in [0, 1), and the last one is 2000. Issues are
    `generated_issues` of the price plus noise, uniform in ±1500, and never negative.
    """
    u, noise = np.random.default_rng(seed).random((2, count))
    price = np.round(20 + 1980 * u**2)
    price[-1] = 2000
    issues = np.round(np.maximum(generated_issues(price) + 3000 * (noise - 0.5), 0))
    return Table(price, issues, *LABELS, origin="generated rows")


def costumes() -> Table:
    """The three rows on the slides, first, and sixty generated ones after them."""
    slides, more = np.array(SLIDES), generated_costumes()
    return Table(
        np.concatenate([slides[:, 0], more.x]),
        np.concatenate([slides[:, 1], more.y]),
        *LABELS,
        origin="generated rows",
    )


def read_csv(path: str | Path) -> Table:
    """Reads two columns of numbers from a text file.

    The delimiter is a comma, a semicolon or a tab, whichever cuts the most lines into two. Numbers may be
    quoted; decimals have a point. A first line in which neither cell is a number is the header. Empty lines
    and a byte order mark are passed over.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Table
        At least two rows, all finite.

    Raises
    ------
    DataError
        If there is no such file, it cannot be read as text, or it does not hold two columns of numbers; the
        message gives the line.
    """
    lines = _rows(path)
    try:
        first = next(lines)
    except StopIteration:
        raise DataError(
            f"{path} is empty: two columns of numbers are expected, such as '240,6370'."
        ) from None
    header = first[1] if all(_number(cell) is None for cell in first[1]) else None
    rows = [] if header else [_numbers(path, *first)]
    rows += [_numbers(path, number, cells) for number, cells in lines]
    if len(rows) < 2:
        raise DataError(
            f"{path} has {len(rows)} row{'s' * (len(rows) != 1)} of numbers: a line needs at least two."
        )
    x, y = np.array(rows).T
    return Table(x.copy(), y.copy(), *(header or ("x", "y")))


def scale_of(x: Array) -> float:
    """The number that x is divided by so that it stays within ±1: its largest magnitude, as in the talk.

    Raises
    ------
    DataError
        If every x is zero, because then there is nothing to divide by.
    """
    largest = float(np.max(np.abs(x)))
    if largest == 0:
        raise DataError(
            "every x is 0, so x cannot be scaled by its largest value: leave x unscaled, or use other data."
        )
    return largest


def _rows(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and the two stripped cells of each line that is not empty."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"there is no file {path}.") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is no text in UTF-8 (byte {error.start} is {error.object[error.start]:#04x})."
        ) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    delimiter = _delimiter(text)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != 2:
                raise DataError(
                    f"{path}, line {reader.line_num}: {len(cells)} column{'s' * (len(cells) != 1)} "
                    f"({delimiter.join(cells)!r}), where two are expected."
                )
            yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}.") from None


def _delimiter(text: str) -> str:
    """That of comma, semicolon and tab which stands once in the most lines; the comma if none stands out."""
    lines = text.splitlines()
    return max(",;\t", key=lambda mark: sum(line.count(mark) == 1 for line in lines))


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)  # Python reads 1_0 as 10, people do not
    except ValueError:
        return None


def _numbers(path: str | Path, line: int, cells: list[str]) -> tuple[float, float]:
    x, y = (_finite(path, line, cell) for cell in cells)
    return x, y


def _finite(path: str | Path, line: int, cell: str) -> float:
    number = _number(cell)
    if number is None:
        raise DataError(
            f"{path}, line {line}: {cell!r} is not a number; digits, with a point for decimals, are expected."
        )
    if not math.isfinite(number):
        raise DataError(f"{path}, line {line}: {cell!r} is not finite; leave the row out or correct it.")
    return number
