"""Calling a library with arrays: where NumPy keeps their numbers, or by asking it for each address."""

import ctypes
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Array = Any

HEAD = object.__basicsize__
FLAGS_AT = HEAD + 6 * ctypes.sizeof(ctypes.c_void_p)
TYPE_AT = FLAGS_AT - ctypes.sizeof(ctypes.c_void_p)
"""Behind the address of the numbers: dimensions, shape, strides, base, type, flags."""


@cache
def is_as_expected() -> bool:
    """Whether arrays and lists lie in memory as ``calling.h`` reads them; tried out with some."""
    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    arrays = [np.arange(6.0), np.arange(6.0)[::2], np.ones((2, 3)).T]
    first = ctypes.c_void_p.from_address(id(arrays) + HEAD + 8).value
    return all(
        ctypes.c_void_p.from_address(id(array) + HEAD).value == array.ctypes.data
        and ctypes.c_int.from_address(id(array) + FLAGS_AT).value == array.flags.num
        and ctypes.c_void_p.from_address(id(array) + TYPE_AT).value == id(array.dtype)
        and ctypes.c_void_p.from_address(id(array) + HEAD - 8).value == id(np.ndarray)
        and ctypes.c_void_p.from_address((first or 0) + 8 * nth).value == id(array)
        for nth, array in enumerate(arrays)
    ) and all(
        ctypes.c_double.from_address(id(number) + HEAD).value == 1.5 for number in (1.5, np.float64(1.5))
    )


def calling_text(inputs: int, tables: int, results: int) -> str:
    """The function that Python calls, for so many arrays."""
    facts = {
        "HEAD": HEAD,
        "FLAGS_AT": FLAGS_AT,
        "TYPE_AT": TYPE_AT,
        "INPUTS": inputs,
        "TABLES": tables,
        "RESULTS": results,
    }
    lines = [f"#define {name} {value}" for name, value in facts.items()]
    lines.append("void *ARRAY_KIND, *FLOAT_KIND, *FLOAT64_KIND;")
    texts = [
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("calling.h", "repeating.h")
    ]
    return "\n".join([*lines, *texts])


def tell(library: ctypes.CDLL, name: str, places: Sequence[int]) -> None:
    """Write addresses into an array of the library."""
    (ctypes.c_void_p * len(places)).in_dll(library, name)[:] = [*places]


def tell_kinds(library: ctypes.CDLL) -> None:
    """Let the library know which classes are arrays and numbers."""
    for name, kind in (("ARRAY_KIND", np.ndarray), ("FLOAT_KIND", float), ("FLOAT64_KIND", np.float64)):
        ctypes.c_void_p.in_dll(library, name).value = id(kind)


def in_order(array: Array, dtype: np.dtype[Any]) -> Array:
    """The array with its numbers in order."""
    return np.require(array, dtype, ["C", "A"])


def addresses(arrays: Sequence[Array]) -> Any:
    """Where the numbers of arrays are."""
    return (ctypes.c_void_p * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
