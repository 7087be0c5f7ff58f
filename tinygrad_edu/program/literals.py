"""Numbers, settings and indices as text: the same text for the same program, however often it is run."""

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.program.notation import ELIDED, GREEK, MINUS
from tinygrad_edu.rules.shaping import HOLE

FEW = 4
"""Up to so many numbers of an array without a name are listed."""


def number_text(number: Any) -> str:
    """A number in up to six digits; … stands for the digits left out.

    >>> [number_text(number) for number in (2, 2.0, -0.5, 1e-7, 1 / 3)]
    ['2', '2', '−0.5', '1e-7', '0.333333…']
    """
    number = number.item() if hasattr(number, "item") else number
    if not isinstance(number, float):
        return str(number).replace("-", MINUS)
    text = f"{number:.6g}"
    more = "" if math.isnan(number) or float(text) == number else ELIDED
    short = re.sub(r"e\+?(-?)0*", r"e\1", text).replace("inf", "∞")
    return (MINUS + short[1:] if short.startswith("-") else short) + more


def data_text(data: Any) -> str:
    """Numbers without a name: one or a few of them as they are, more of them by their shape.

    Of many positions, as an index has them, there are the first two and the last.

    >>> data_text(np.arange(63)), data_text(np.ones(63)), data_text(np.eye(3) > 0)
    ('[0, 1, …, 62]', 'array(63)', 'mask(3×3)')
    """
    shape = np.shape(data)
    if not shape:
        return number_text(data)
    array = np.asarray(data)
    if len(shape) == 1 and (len(array) <= FEW or array.dtype.kind in "biu"):
        first, last = (array[:2], array[-1:]) if len(array) > FEW else (array, array[:0])
        more = [ELIDED] if len(last) else []
        return f"[{', '.join([*map(number_text, first), *more, *map(number_text, last)])}]"
    return f"{'mask' if array.dtype.kind == 'b' else 'array'}({'×'.join(map(str, shape))})"


def setting_text(name: str, setting: Any) -> str:
    """A setting as it is written in a call: ``axis=0``, ``β=2``."""
    return f"{GREEK.get(name, name)}={part_text(setting)}"


def index_text(index: tuple[Any, ...], arrays: Iterable[str]) -> str:
    """What stands behind the indexed array: ``[0]``, ``[1:, mask]``."""
    remaining = iter(arrays)
    return f"[{', '.join(next(remaining) if part is HOLE else part_text(part) for part in index)}]"


def part_text(setting: Any) -> str:
    """A part of a setting or of an index: ``1:``, ``(0, 1)``."""
    if isinstance(setting, slice):
        ends = ["" if end is None else part_text(end) for end in (setting.start, setting.stop, setting.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(setting, (tuple, list)):
        inside = ", ".join(map(part_text, setting))
        return f"({inside},)" if len(setting) == 1 else f"({inside})"
    if isinstance(setting, (int, float, np.generic)):
        return number_text(setting)
    if isinstance(setting, np.ndarray):
        return data_text(setting)
    if setting is Ellipsis:
        return "..."
    if isinstance(setting, (str, np.dtype, type(None))):
        return str(setting)
    return str(getattr(setting, "__name__", type(setting).__name__))
