"""A network of sigmoid neurons with one hidden layer: forward, and the deltas of backpropagation by hand.

Sizes: n samples, d inputs, h hidden neurons, one output. The talk's bias units (+1) are the vectors b1 and
b2: a weight on a constant input of 1 is an added number.
"""

from typing import Any

import numpy as np

from tinygrad_edu.context import scope
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Params
from tinygrad_edu.rules import sigmoid


def logits(x: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    """The network up to, and without, the sigmoid of its output.

    Parameters
    ----------
    x : (n, d)
    W1, b1 : (d, h), (h,)
    W2, b2 : (h, 1), (1,)

    Returns
    -------
    dict
        ``z1`` and ``a1``, (n, h): what goes into and comes out of the hidden neurons; ``z2``, (n, 1).
    """
    with scope("hidden layer"):
        z1 = x @ W1 + b1
        a1 = sigmoid(z1)
    with scope("output layer"):
        z2 = a1 @ W2 + b2
    return {"z1": z1, "a1": a1, "z2": z2}


def activations(x: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> dict[str, Any]:
    """The network up to its output ``a2 = sigmoid(z2)``, (n, 1); otherwise as `logits`."""
    layers = logits(x, W1, b1, W2, b2)
    with scope("output layer"):
        a2 = sigmoid(layers["z2"])
    return {**layers, "a2": a2}


def backpropagate(delta2: Array, x: Array, a1: Array, W2: Array) -> Gradients:
    """From the delta of the output to the gradient of every weight, layer by layer.

    Parameters
    ----------
    delta2 : (n, 1)
        ∂Q/∂z2, in which the objective and the output's activation have already been differentiated.
    x : (n, d)
    a1 : (n, h)
    W2 : (h, 1)

    Returns
    -------
    dict
        Gradients of z2, W2, b2, a1, z1, W1, b1, each with the shape of what it is the gradient of.
    """
    delta1 = delta2 @ W2.T * a1 * (1 - a1)  # (n, h)
    return {
        "z2": delta2,
        "W2": a1.T @ delta2,
        "b2": delta2.sum(axis=0),
        "a1": delta2 @ W2.T,
        "z1": delta1,
        "W1": x.T @ delta1,
        "b1": delta1.sum(axis=0),
    }


def logistic(z: Array) -> Array:
    """1 / (1 + exp(-z)) as plain NumPy, without overflow, for derivations that use nothing of the engine."""
    return np.exp(-np.logaddexp(0, -z))


def uniform(rng: np.random.Generator, inputs: int, hidden: int, width: float) -> Params:
    """Weights and biases drawn uniformly from ±width."""
    return {
        "W1": rng.uniform(-width, width, (inputs, hidden)),
        "b1": rng.uniform(-width, width, hidden),
        "W2": rng.uniform(-width, width, (hidden, 1)),
        "b2": rng.uniform(-width, width, 1),
    }


DEFINITIONS = (
    Formula("z1", "z1 = x W1 + b1", r"z_1 = x W_1 + b_1"),
    Formula("a1", "a1 = σ(z1)", r"a_1 = \sigma(z_1)"),
    Formula("z2", "z2 = a1 W2 + b2", r"z_2 = a_1 W_2 + b_2"),
)

BACKPROPAGATION = (
    Formula("W2", "∂Q/∂W2 = a1ᵀ δ2", r"\frac{\partial Q}{\partial W_2} = a_1^\top \delta_2"),
    Formula("b2", "∂Q/∂b2 = Σ_j δ2", r"\frac{\partial Q}{\partial b_2} = \sum_j \delta_2"),
    Formula("a1", "∂Q/∂a1 = δ2 W2ᵀ", r"\frac{\partial Q}{\partial a_1} = \delta_2 W_2^\top"),
    Formula(
        "z1",
        "δ1 = ∂Q/∂z1 = δ2 W2ᵀ · a1 (1 − a1)",
        r"\delta_1 = \frac{\partial Q}{\partial z_1} = \delta_2 W_2^\top \odot a_1 (1 - a_1)",
    ),
    Formula("W1", "∂Q/∂W1 = xᵀ δ1", r"\frac{\partial Q}{\partial W_1} = x^\top \delta_1"),
    Formula("b1", "∂Q/∂b1 = Σ_j δ1", r"\frac{\partial Q}{\partial b_1} = \sum_j \delta_1"),
)
