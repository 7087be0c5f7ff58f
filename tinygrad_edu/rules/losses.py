"""Losses of errors and margins, written as expressions of the primitives: they need no rule of their own."""

from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.primitives import expression
from tinygrad_edu.rules.matching import Reduction, check_match, label_of, reduced
from tinygrad_edu.rules.selection import relu

Array = Any


@expression
def mean_squared_error(predictions: Array, targets: Array, reduction: Reduction = "mean") -> Array:
    """The mean of (prediction − target)².

    Parameters
    ----------
    predictions, targets : array or Value
        The same shape, or one of them a single number.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of all elements.

    Returns
    -------
    scalar, array or Value
        With ``reduction="none"`` an array in the shape of the predictions.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> float(tg.mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
    """
    check_match("mean_squared_error", predictions, targets)
    return reduced((predictions - targets) ** 2, reduction)


@expression
def mean_absolute_error(predictions: Array, targets: Array, reduction: Reduction = "mean") -> Array:
    """The mean of |prediction − target|; where both are equal the slope is 0.

    Parameters
    ----------
    predictions, targets, reduction
        As in `mean_squared_error`.

    Returns
    -------
    scalar, array or Value
        With ``reduction="none"`` an array in the shape of the predictions.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> float(tg.mean_absolute_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    1.0
    """
    check_match("mean_absolute_error", predictions, targets)
    return reduced(np.abs(predictions - targets), reduction)


@expression
def huber(predictions: Array, targets: Array, delta: float = 1.0, reduction: Reduction = "mean") -> Array:
    """Half the squared error up to `delta`, from there on a straight line: outliers pull with bounded force.

    Parameters
    ----------
    predictions, targets, reduction
        As in `mean_squared_error`.
    delta : float
        The error at which the parabola becomes a line of slope `delta`; positive.

    Returns
    -------
    scalar, array or Value
        With ``reduction="none"`` an array in the shape of the predictions.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If `delta` is not positive.

    Notes
    -----
    With c for the error e cut off at ±delta, both pieces are c (e − c / 2), and the derivative is c.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ArgumentError(f"huber(..., delta={delta!r}): the width of the parabola must be positive.")
    check_match("huber", predictions, targets)
    error = predictions - targets
    bounded = np.clip(error, -delta, delta)
    return reduced(bounded * (error - bounded / 2), reduction)


@expression
def hinge(scores: Array, targets: Array, reduction: Reduction = "mean") -> Array:
    """The mean of max(0, 1 − target · score): nothing to pay for the right sign with a margin of 1.

    Parameters
    ----------
    scores : array or Value
        Any shape; at a margin of exactly 1 the slope is 0.
    targets : array or Value
        −1 or 1, in the shape of the scores.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of all elements.

    Returns
    -------
    scalar, array or Value
        With ``reduction="none"`` an array in the shape of the scores.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If a target is neither −1 nor 1.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.hinge(np.array([3.0, 0.5, -1.0]), np.array([1, 1, 1]), reduction="none")
    array([0. , 0.5, 2. ])
    """
    check_match("hinge", scores, targets)
    if not np.all(np.abs(targets) == 1):
        name = label_of(targets, 1)
        raise ArgumentError(
            f"hinge: a target is -1 or 1, and {name} holds other numbers. From 0 and 1 make 2 * {name} - 1."
        )
    return reduced(relu(1 - targets * scores), reduction)
