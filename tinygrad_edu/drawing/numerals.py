"""Arrays as a few lines of ASCII text, or as a small heat map: what a card says about numbers."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS, MOST_COLUMNS = 4, 3  # of numbers written in full
HEAT_ROWS, HEAT_COLUMNS = 8, 16  # of a heat map
DIGITS = 3  # significant, at least


@dataclass(frozen=True)
class Numerals:
    """What a card shows of an array.

    Attributes
    ----------
    lines : tuple of str
        Numbers, or a summary; pure ASCII.
    marks : tuple of str
        What must not be overlooked: ``"2 NaN"``, ``"1 inf"``, ``"exactly 0"``.
    cells : tuple of tuple of (float or None)
        A heat map, its elements divided by the largest magnitude, ``None`` where not finite; empty when
        `lines` hold all the numbers.
    """

    lines: tuple[str, ...]
    marks: tuple[str, ...] = ()
    cells: tuple[tuple[float | None, ...], ...] = ()


def numerals(array: Any) -> Numerals:
    """Up to 4 x 3 numbers (a vector: up to 12) in full, else a heat map with mean, deviation and range.

    >>> numerals([[0.25, -0.001], [0, 1]]).lines
    (' 0.25000 -0.00100', '       0  1.00000')
    """
    data = np.asarray(array)
    marks = special_marks(data)
    if data.size == 0:
        return Numerals(("empty",), marks)
    if data.ndim == 1 and MOST_COLUMNS < data.size <= MOST_ROWS * MOST_COLUMNS:
        return Numerals(_wrapped(_texts(data.tolist(), data.dtype)), marks)
    table = data.reshape(-1, data.shape[-1] if data.ndim else 1)
    if table.shape[0] <= MOST_ROWS and table.shape[1] <= MOST_COLUMNS:
        texts = _texts(table.ravel().tolist(), data.dtype)
        width = table.shape[1]
        return Numerals(tuple(" ".join(texts[i : i + width]) for i in range(0, len(texts), width)), marks)
    return Numerals((*_sampling(table.shape), *summary(data)), marks, _cells(table))


def summary(array: Any) -> tuple[str, ...]:
    """Mean, standard deviation and range of the finite elements, in two lines."""
    finite = _finite(np.asarray(array))
    if finite.size == 0:
        return ("nothing finite",)
    scale = float(np.max(np.abs(finite))) or 1.0
    mean, deviation = scale * float(np.mean(finite / scale)), scale * float(np.std(finite / scale))
    low, high = float(np.min(finite)), float(np.max(finite))
    return (f"{short(mean)} +- {short(deviation)}", f"{short(low)} .. {short(high)}")


def short(number: float) -> str:
    """One number with at least three significant digits; tiny and huge ones in e-notation.

    >>> short(0.0123), short(2384.7), short(0.0), short(1e-9), short(float("nan"))
    ('0.01230', '2384.7', '0', '1.00e-09', 'nan')
    """
    return _texts([number], np.dtype(float))[0]


def brief(array: Any) -> str:
    """An array in one short line: its only number, or its root mean square."""
    data = np.asarray(array)
    return _texts([data.item()], data.dtype)[0] if data.size == 1 else f"rms {short(rms(data))}"


def rms(array: Any) -> float:
    """Root mean square; NaN or inf if an element is, and 0 only if every element is exactly 0."""
    data = np.abs(np.asarray(array, dtype=float))
    scale = float(np.max(data, initial=0.0))
    if scale == 0.0 or not math.isfinite(scale):
        return scale
    return scale * math.sqrt(float(np.mean(np.square(data / scale))))


def special_marks(array: Any) -> tuple[str, ...]:
    """The counts of NaN and infinite elements, or that every element is exactly zero."""
    data = np.asarray(array)
    marks = []
    if data.dtype.kind == "f" and data.size:
        for name, count in (("NaN", np.isnan(data).sum()), ("inf", np.isinf(data).sum())):
            if count:
                marks.append(name if data.size == 1 else f"{count} {name}")
    if data.size and not marks and not np.any(data) and data.dtype.kind != "b":
        marks.append("exactly 0")
    return tuple(marks)


def _texts(numbers: list[Any], dtype: np.dtype[Any]) -> list[str]:
    """The numbers in one format, padded on the left to one width."""
    if dtype.kind == "b":
        texts = [str(number) for number in numbers]
    else:
        magnitudes = [abs(n) for n in numbers if n and math.isfinite(n)]
        if all(n == int(n) and abs(n) < 10**7 for n in magnitudes):
            texts = [_decimal(number, 0, exact=True) for number in numbers]
        else:
            digits = DIGITS + (len(numbers) == 1)
            decimals = _decimals(magnitudes, digits)
            texts = [_decimal(number, decimals) for number in numbers]
            if 2 * sum("e" in text for text in texts) > len(magnitudes):
                texts = [_decimal(number, None) for number in numbers]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]


def _decimals(magnitudes: list[float], digits: int) -> int:
    """Decimals that give the smallest number its digits, while the largest stays within seven characters."""
    smallest, largest = math.log10(min(magnitudes)), math.log10(max(magnitudes))
    wanted = digits - 1 - math.floor(smallest)
    room = 6 - max(1, math.floor(largest) + 1)
    return max(1, min(wanted, room))


def _decimal(number: float, decimals: int | None, exact: bool = False) -> str:
    """One number; in e-notation if it is huge or `decimals` would leave fewer than three digits."""
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    if number == 0:
        return "0"
    if exact:
        return str(int(number))
    magnitude = abs(number)
    if decimals is None or not 10.0 ** (DIGITS - 1 - decimals) <= magnitude < 1e6:
        return f"{number:.{DIGITS - 1}e}"
    return f"{number:.{decimals}f}"


def _wrapped(texts: list[str]) -> tuple[str, ...]:
    """A vector over several lines, in brackets so that it is not read as a matrix."""
    columns = min((MOST_COLUMNS, MOST_COLUMNS + 1), key=lambda n: (-len(texts) % n, -n))
    rows = [" ".join(texts[i : i + columns]) for i in range(0, len(texts), columns)]
    width = len(rows[0])
    lines = [("[ " if i == 0 else "  ") + row.ljust(width) for i, row in enumerate(rows)]
    return (*(f"{line}  " for line in lines[:-1]), f"{lines[-1]} ]")


def _cells(table: NDArray[Any]) -> tuple[tuple[float | None, ...], ...]:
    rows, columns = _steps(table.shape)
    shown = table[::rows, ::columns].astype(float)
    scale = float(np.max(np.abs(_finite(table)), initial=0.0)) or 1.0
    return tuple(
        tuple(value / scale if math.isfinite(value) else None for value in row) for row in shown.tolist()
    )


def _sampling(shape: tuple[int, ...]) -> tuple[str, ...]:
    """What a heat map leaves out: its cells are elements of the array, not averages."""
    steps = zip(_steps(shape), ("row", "column"), strict=True)
    return tuple(f"one {name} in {step}" for step, name in steps if step > 1)


def _steps(shape: tuple[int, ...]) -> tuple[int, int]:
    return -(-shape[0] // HEAT_ROWS), -(-shape[1] // HEAT_COLUMNS)


def _finite(data: NDArray[Any]) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = np.asarray(data, dtype=float)
    finite: NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return finite
