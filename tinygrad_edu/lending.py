"""Functions and rules that users wrote: they are lent arrays that they cannot overwrite, and keep none."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError, DataTypeError, MutationError

Array = Any
Function = Callable[..., Any]

HOUSE = f"{Path(__file__).parent}{os.sep}"
UNSHARED = 2
"""How often an array is referred to that nobody else has: by a variable, and by the call that counts."""


def is_own(function: Function) -> bool:
    """Whether a function is written in Python, and not in this package."""
    return isinstance(function, FunctionType) and not function.__code__.co_filename.startswith(HOUSE)


def lent(function: Function, what: str) -> Function:
    """`function` on arrays that are read-only while it has them, with results that it can no longer change.

    What is recorded must not change: neither by a function that overwrites its argument, nor by one that
    hands out the same array again and again.
    """

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        chosen = {name: _closed(value) for name, value in settings.items()}
        try:
            return _taken(function(*map(_closed, args), **chosen), what)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise MutationError(
                f"{what} overwrites an array that it was given, and that others need: write into a copy of "
                "it, or compute a new one."
            ) from None

    return call


def guarded(rule: Any, position: int, name: str, arrays: int, variadic: bool) -> Any:
    """A rule as it was given; one that a user wrote is checked, and lent its arrays.

    Raises
    ------
    ArgumentError
        If it cannot be called as rules are.
    """
    if rule is None or (isinstance(rule, FunctionType) and not is_own(rule)):
        return rule
    what = f"The rule of {name}" if variadic else f"The rule of {name} for argument {position + 1}"
    given = ["i"] * variadic + ["g", "out"] + [f"x{i + 1}" for i in range(arrays)]
    called = f"rule({', '.join(given)}{', ...' if variadic else ''})"
    if not callable(rule):
        raise ArgumentError(f"{what} is {rule!r}: a rule is a function, called as {called}, or None.")
    signature = inspect.signature(rule)
    try:
        signature.bind_partial(*given, *["x2"] * variadic)  # settings may follow
    except TypeError:
        raise ArgumentError(
            f"{what} takes {signature}: it is called as {called}, where g is the gradient of the result out."
        ) from None
    return lent(rule, what)


def _closed(x: Any) -> Any:
    if isinstance(x, list):
        return [_closed(each) for each in x]
    if x.__class__ is not np.ndarray:
        return x
    view = x.view()
    view.flags.writeable = False
    return view


def _taken(result: Any, what: str) -> Any:
    """What a function gave, as an array that only the graph has; of a subclass of ndarray, its numbers."""
    if not isinstance(result, np.ndarray):
        return result
    if isinstance(result, np.ma.MaskedArray):
        raise DataTypeError(f"{what} gave a masked array, whose mask would be lost: fill its gaps first.")
    if isinstance(result, np.matrix):
        raise DataTypeError(
            f"{what} gave a np.matrix, whose * is the @ of an array: give np.asarray(...) of it."
        )
    shared = result.base is not None or sys.getrefcount(result) > UNSHARED
    return np.array(result, order="K") if shared else np.asarray(result)
