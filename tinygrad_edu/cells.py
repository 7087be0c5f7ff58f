"""A cell of a table: a value, how it reads, and what it is in JSON. Knows no table."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from tinygrad_edu.errors import ArgumentError

Style = Literal["good", "bad", "warn", "muted"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table, with a style where it should stand out."""

    value: Any
    style: Style | None = None

    def __post_init__(self) -> None:
        if self.style is not None and self.style not in get_args(Style):
            raise ArgumentError(
                f"style={self.style!r}: a cell is {', '.join(get_args(Style))}, or has no style."
            )

    @property
    def text(self) -> str:
        """The value on one line: six digits, ``-`` for None, nothing that could steer a terminal."""
        value = self.value.item() if isinstance(self.value, np.generic) else self.value
        if value is None:
            return "-"
        if isinstance(value, float):
            return f"{value:.6g}"
        if isinstance(value, np.ndarray):
            value = np.array2string(value, precision=4, threshold=8, edgeitems=2, separator=", ")
        return " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())

    @property
    def is_number(self) -> bool:
        """Whether the value is lined up on the right."""
        return isinstance(self.value, (int, float, np.integer, np.floating)) and not isinstance(
            self.value, bool
        )


def as_cell(value: Any) -> Cell:
    """The value itself if it is a `Cell` already."""
    return value if isinstance(value, Cell) else Cell(value)


def plain(value: Any) -> Any:
    """The value as something that JSON knows.

    >>> plain({"error": np.float64("nan"), "index": (np.int64(1), 2), "gradient": np.array([0.5])})
    {'error': 'nan', 'index': [1, 2], 'gradient': [0.5]}
    """
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return str(value)


def columns_of(text: str) -> int:
    """How many terminal columns a text takes: two for wide letters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
