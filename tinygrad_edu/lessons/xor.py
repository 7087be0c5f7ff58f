"""XOR, which one neuron cannot solve: a network with a hidden layer, by squared error and cross-entropy."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.lessons.canvas import Theme, draw_decision, title
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params
from tinygrad_edu.lessons.network import (
    BACKPROPAGATION,
    DEFINITIONS,
    activations,
    backpropagate,
    logistic,
    logits,
    uniform,
)
from tinygrad_edu.rules import binary_cross_entropy_with_logits
from tinygrad_edu.training import Step, gradient_descent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATA = {
    "x": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
    "y": np.array([[0.0], [1.0], [1.0], [0.0]]),
}


def squared_error(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """Half the mean squared difference between the network's answers and the expected ones."""
    a2 = activations(x, W1, b1, W2, b2)["a2"]
    Q = np.sum((a2 - y) ** 2) / (2 * len(y))
    return Q


def squared_error_by_hand(x: Array, y: Array, a1: Array, a2: Array, W2: Array) -> Gradients:
    """Backpropagation of the squared error.

    Parameters
    ----------
    x, y : (n, 2), (n, 1)
    a1, a2 : (n, h), (n, 1)
        What the hidden neurons and the output answered.
    W2 : (h, 1)

    Returns
    -------
    dict
        Gradients of all intermediates and parameters. The output's delta has a2 (1 - a2) in it.
    """
    N = len(y)
    delta2 = (a2 - y) / N * a2 * (1 - a2)  # (n, 1)
    return {"a2": (a2 - y) / N, **backpropagate(delta2, x, a1, W2)}


def cross_entropy(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The mean of -y log σ(z2) - (1 - y) log(1 - σ(z2)), in a form in which no logarithm of 0 can occur."""
    z2 = logits(x, W1, b1, W2, b2)["z2"]
    Q = binary_cross_entropy_with_logits(z2, y)
    return Q


def cross_entropy_by_hand(x: Array, y: Array, a1: Array, z2: Array, W2: Array) -> Gradients:
    """Backpropagation of the cross-entropy.

    Parameters
    ----------
    x, y : (n, 2), (n, 1)
    a1, z2 : (n, h), (n, 1)
        What the hidden neurons answered, and what goes into the output's sigmoid.
    W2 : (h, 1)

    Returns
    -------
    dict
        Gradients of all intermediates and parameters. In the output's delta the sigmoid's slope has cancelled
        against the denominator of the logarithms' derivative.
    """
    delta2 = (logistic(z2) - y) / len(y)  # (n, 1)
    return backpropagate(delta2, x, a1, W2)


def initial(rng: np.random.Generator, hidden: int = 5) -> Params:
    """Weights and biases uniform in ±1, for any number of hidden neurons."""
    return uniform(rng, inputs=2, hidden=hidden, width=1.0)


def draw(steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The network's answer around the square of its inputs, and the lines on which it is undecided."""
    last = steps[-1]
    draw_decision(
        lambda x: logistic(logits(x, **last.params)["z2"])[..., 0], DATA["x"], DATA["y"][:, 0], ax, theme
    )
    title(ax, f"A network learns XOR (step {last.number})", theme)


ANSWER = Formula("a2", "a2 = σ(z2)", r"a_2 = \sigma(z_2)")


def entropy_formula(name: str) -> Formula:
    """The definition of the mean cross-entropy, under a name of one's choice."""
    return Formula(
        name,
        f"{name} = −1/N Σ (y log σ(z2) + (1 − y) log(1 − σ(z2)))",
        name + r" = -\frac{1}{N} \sum_j \left( y_j \log \sigma(z_{2,j})"
        r" + (1 - y_j) \log (1 - \sigma(z_{2,j})) \right)",
    )


XOR = Lesson(
    name="xor",
    title="XOR by squared error",
    text=(
        "No straight line separates XOR, so one neuron cannot learn it; a hidden layer bends the inputs "
        "until a line is enough. Backpropagation is the chain rule with bookkeeping: each layer hands a "
        "delta to the one before it, and a weight's gradient is the delta of the neuron it leads to, times "
        "what came in along it. The slope a (1 − a) of the output's sigmoid is part of the first delta: a "
        "neuron that is sure, and wrong, learns almost nothing. Two hidden neurons can represent XOR, but "
        "from about one starting point in five the descent gets stuck with an answer wrong; with five "
        "hidden neurons it hardly ever does."
    ),
    definitions=(
        *DEFINITIONS,
        ANSWER,
        Formula("Q", "Q = 1/(2N) Σ (a2 − y)²", r"Q = \frac{1}{2N} \sum_j (a_{2,j} - y_j)^2"),
    ),
    gradients=(
        Formula("a2", "∂Q/∂a2 = (a2 − y) / N", r"\frac{\partial Q}{\partial a_2} = \frac{1}{N} (a_2 - y)"),
        Formula(
            "z2",
            "δ2 = ∂Q/∂z2 = (a2 − y) / N · a2 (1 − a2)",
            r"\delta_2 = \frac{\partial Q}{\partial z_2} = \frac{1}{N} (a_2 - y) \odot a_2 (1 - a_2)",
        ),
        *BACKPROPAGATION,
    ),
    data=DATA,
    initial=initial,
    forward=activations,
    loss=squared_error,
    by_hand=squared_error_by_hand,
    method=partial(gradient_descent, rate=8.0),
    steps=2000,
    draw=draw,
)

XOR_CROSS_ENTROPY = Lesson(
    name="xor-cross-entropy",
    title="XOR by cross-entropy",
    text=(
        "The same network with another objective: the surprise at the expected answers. Its derivative "
        "divides by exactly the a (1 − a) that the sigmoid's slope multiplies with, so the output's delta "
        "is just answer minus expected. A neuron that is sure, and wrong, learns fastest. Written with the "
        "sum z2 rather than with the answer, it never takes the logarithm of 0."
    ),
    definitions=(
        *DEFINITIONS,
        entropy_formula("Q"),
    ),
    gradients=(
        Formula(
            "z2",
            "δ2 = ∂Q/∂z2 = (σ(z2) − y) / N",
            r"\delta_2 = \frac{\partial Q}{\partial z_2} = \frac{1}{N} (\sigma(z_2) - y)",
        ),
        *BACKPROPAGATION,
    ),
    data=DATA,
    initial=initial,
    forward=logits,
    loss=cross_entropy,
    by_hand=cross_entropy_by_hand,
    method=partial(gradient_descent, rate=4.0),
    steps=1000,
    draw=draw,
)
