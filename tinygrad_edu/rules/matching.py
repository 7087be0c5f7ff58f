"""What all losses share: predictions and targets must match, and how the losses of many become one number."""

import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.errors import ArgumentError, ShapeError

Array = Any
Reduction = Literal["mean", "sum", "none"]

REDUCTIONS: dict[str, Callable[[Array], Array]] = {"mean": np.mean, "sum": np.sum, "none": lambda losses: losses}


def reduced(losses: Array, reduction: Reduction) -> Array:
    """The mean or the sum of the losses, or all of them.

    Raises
    ------
    ArgumentError
        For any other word.
    """
    if reduction not in REDUCTIONS:
        raise ArgumentError(f"reduction={reduction!r}: it is one of {', '.join(map(repr, REDUCTIONS))}.")
    return REDUCTIONS[reduction](losses)


def check_match(loss: str, predictions: Array, targets: Array) -> None:
    """Both must have the same shape, or one of them be a single number.

    Raises
    ------
    ShapeError
        Where broadcasting would compare predictions with the targets of others, or nothing fits.
    """
    shape, other = np.shape(predictions), np.shape(targets)
    if shape == other or not shape or not other:
        return
    label = label_of(targets, 1)
    cure = f"reshape {label} to {shape}" if np.size(predictions) == np.size(targets) else "the shapes must be equal"
    raise ShapeError(
        f"{loss}: {label_of(predictions, 0)} has shape {shape} and {label} has shape {other}. Each prediction has "
        f"one target: {cure}."
    )


def label_of(argument: Array, position: int) -> str:
    """What the caller of a loss calls its first or second argument."""
    frame = sys._getframe(1)
    while names.is_internal(frame.f_code) and frame.f_back:
        frame = frame.f_back
    given = getattr(argument, "name", None) if hasattr(type(argument), "__record__") else None
    return (
        given
        or names.operand_name(frame.f_code, frame.f_lasti, position)
        or names.held_name(frame, argument)
        or ("the first argument", "the second argument")[position]
    )
