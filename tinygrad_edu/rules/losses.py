"""Losses in their stable forms, written as expressions of the primitives: they need no rule of their own."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import expression
from tinygrad_edu.rules.transcendental import softplus

Array = Any


@expression
def binary_cross_entropy_with_logits(logits: Array, targets: Array) -> Array:
    """The mean of −y log σ(z) − (1 − y) log(1 − σ(z)), written so that no logarithm of 0 can occur.

    Parameters
    ----------
    logits : array or Value
        z, the sum that goes into the output's sigmoid; any shape.
    targets : array or Value
        y in [0, 1]; broadcasts against `logits`.

    Returns
    -------
    scalar or Value
        The mean over all elements, in nats. Finite for every finite z.

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
    return np.mean(targets * softplus(-logits) + (1 - targets) * softplus(logits))
