"""Losses between distributions, in forms that take no logarithm of 0; expressions of the primitives."""

from typing import Any

import numpy as np

from tinygrad_edu.errors import BoundsError, DataTypeError, ShapeError
from tinygrad_edu.primitives import expression
from tinygrad_edu.rules.logits import log_softmax
from tinygrad_edu.rules.matching import Reduction, check_match, label_of, reduced
from tinygrad_edu.rules.transcendental import softplus
from tinygrad_edu.rules.weighing import xlog1py, xlogy

Array = Any
INFINITY = float("inf")


@expression
def binary_cross_entropy(probabilities: Array, targets: Array, reduction: Reduction = "mean") -> Array:
    """The mean of −y log p − (1 − y) log(1 − p).

    Parameters
    ----------
    probabilities : array or Value
        p in [0, 1]; any shape. Of a sigmoid, use `binary_cross_entropy_with_logits` instead, which keeps all
        digits.
    targets : array or Value
        y in [0, 1], in the same shape, or a single number.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of all elements.

    Returns
    -------
    scalar, array or Value
        In nats. Infinite where a probability is 0 or 1 and the target is not; a term of weight 0 is 0.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.binary_cross_entropy(np.array([0.0, 0.5]), np.array([0.0, 1.0]), reduction="none")
    array([0.        , 0.69314718])
    """
    check_match("binary_cross_entropy", probabilities, targets)
    return reduced(-xlogy(targets, probabilities) - xlog1py(1 - targets, -probabilities), reduction)


@expression
def binary_cross_entropy_with_logits(logits: Array, targets: Array, reduction: Reduction = "mean") -> Array:
    """The mean of −y log σ(z) − (1 − y) log(1 − σ(z)), written so that no logarithm of 0 can occur.

    Parameters
    ----------
    logits : array or Value
        z, the sum that goes into the output's sigmoid; any shape.
    targets : array or Value
        y in [0, 1], in the same shape, or a single number.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of all elements.

    Returns
    -------
    scalar, array or Value
        The mean over all elements, in nats. Finite for every finite z.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    −log σ(z) = softplus(−z) and −log(1 − σ(z)) = softplus(z). The gradient with respect to z is (σ(z) − y)
    / N.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> float(tg.binary_cross_entropy_with_logits(np.array([-1000.0, 0.0]), np.array([1.0, 0.0])))
    500.34657359027995
    """
    check_match("binary_cross_entropy_with_logits", logits, targets)
    return reduced(targets * softplus(-logits) + (1 - targets) * softplus(logits), reduction)


@expression
def cross_entropy(logits: Array, targets: Array, axis: int = -1, reduction: Reduction = "mean") -> Array:
    """The mean of −Σ y log softmax(z) over the classes: how surprising the right classes are.

    Parameters
    ----------
    logits : array or Value
        z, the scores of the classes along `axis`; any shape. A score of −inf rules a class out.
    targets : array or Value
        Either the numbers of the right classes: integers, in the shape of `logits` without `axis`. Or their
        probabilities: in the shape of `logits`, one-hot or adding up to 1 along `axis`.
    axis : int
        The axis of the classes.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of all rows.

    Returns
    -------
    scalar, array or Value
        In nats. With ``reduction="none"`` an array in the shape of `logits` without `axis`.

    Raises
    ------
    ShapeError
        If `targets` has another shape than these two.
    DataTypeError
        If the numbers of classes are not integers.
    BoundsError
        If there is no class of such a number.

    Notes
    -----
    The gradient with respect to z is softmax(z) − y, divided by the number of rows.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> z = np.array([[1000.0, 0.0, 0.0], [0.0, 0.0, -np.inf]])
    >>> tg.cross_entropy(z, np.array([1, 0]), reduction="none")
    array([1.00000000e+03, 6.93147181e-01])
    """
    logs = log_softmax(logits, axis=axis)
    if np.shape(targets) == np.shape(logits):
        terms = targets * np.where((targets == 0) & (logs == -INFINITY), 0, logs)
    else:
        terms = np.where(_one_hot(targets, logits, axis), logs, 0)
    return reduced(-np.sum(terms, axis=axis), reduction)


def _one_hot(labels: Array, logits: Array, axis: int) -> Array:
    """Where along `axis` the number of a class is the label; in the shape of the logits."""
    shape = np.shape(logits)
    classes, after = shape[axis], -axis - 1 if axis < 0 else len(shape) - axis - 1
    expected = shape[: len(shape) - after - 1] + shape[len(shape) - after :]
    if np.shape(labels) != expected:
        raise ShapeError(
            f"cross_entropy: {label_of(logits, 0)} has shape {shape}, with {classes} classes along axis {axis}, and "
            f"{label_of(labels, 1)} has shape {np.shape(labels)}. Numbers of classes have shape {expected}, "
            f"probabilities have shape {shape}."
        )
    if not hasattr(labels, "dtype"):
        labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise DataTypeError(
            f"cross_entropy: {label_of(labels, 1)} holds {labels.dtype} numbers, and the numbers of classes are "
            "integers: give a plain array of them, as y.astype(int) makes it."
        )
    outside = (labels < 0) | (labels >= classes)
    if np.any(outside):
        raise BoundsError(
            f"cross_entropy: {label_of(labels, 1)} holds the class {np.asarray(labels)[np.asarray(outside)][0]}, and "
            f"{label_of(logits, 0)} has {classes} classes along axis {axis}, which count from 0 to {classes - 1}."
        )
    return np.expand_dims(labels, axis) == np.reshape(np.arange(classes), (classes, *(1,) * after))


@expression
def kl_divergence(
    p: Array, q: Array, axis: int = -1, logs: bool = False, reduction: Reduction = "mean"
) -> Array:
    """The mean of Σ p log(p / q): what it costs, in nats, to take q for the distribution p.

    Parameters
    ----------
    p, q : array or Value
        Distributions along `axis`, of the same shape; each adds up to 1, which is not checked.
    axis : int
        What one distribution lies along.
    logs : bool
        Whether p and q are given as logarithms, as `log_softmax` gives them; this keeps all digits.
    reduction : {"mean", "sum", "none"}
        What is made of the divergences of all distributions.

    Returns
    -------
    scalar, array or Value
        0 or more; infinite where q is 0 and p is not. Where p is 0 nothing is added.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> float(tg.kl_divergence(np.array([0.0, 1.0]), np.array([0.5, 0.5])))
    0.6931471805599453
    """
    check_match("kl_divergence", p, q)
    if logs:
        nothing = p == -INFINITY
        terms = np.exp(p) * (np.where(nothing, 0, p) - np.where(nothing, 0, q))
    else:
        nothing = p == 0
        terms = p * (np.log(np.where(nothing, 1, p)) - np.log(np.where(nothing & (q == 0), 1, q)))
    return reduced(np.sum(terms, axis=axis), reduction)
