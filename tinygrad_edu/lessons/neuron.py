"""The artificial neuron: a weighted sum of two inputs and a bias, an activation, and its derivative."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.lessons.canvas import Theme, draw_decision, title
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params
from tinygrad_edu.rules import sigmoid
from tinygrad_edu.training import Step, gradient_descent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BETA = 2.0
"""The slope of this lesson's activation."""


def slope(f: Array, beta: float = BETA) -> Array:
    """The derivative of f = 1 / (1 + exp(-beta s)) by s, written with f itself: beta f (1 - f)."""
    return beta * f * (1 - f)


def forward(x: Any, w: Any, b: Any) -> dict[str, Any]:
    """The weighted sum ``s`` and the answer ``f``, both (n,), to inputs (n, 2); weights (2,), bias ()."""
    s = x @ w + b
    f = sigmoid(s, beta=BETA)
    return {"s": s, "f": f}


def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
    """Half the mean squared difference between the neuron's answer and the expected one."""
    f = forward(x, w, b)["f"]
    Q = np.sum((f - y) ** 2) / (2 * len(y))
    return Q


def by_hand(x: Array, y: Array, f: Array) -> Gradients:
    """The chain rule from the objective to the weights.

    Parameters
    ----------
    x, y : (n, 2), (n,)
    f : (n,)
        The neuron's answers.

    Returns
    -------
    dict
        Gradients of f and s, (n,), of w, (2,), and of b, a scalar.
    """
    df = (f - y) / len(y)
    ds = df * slope(f)
    return {"f": df, "s": ds, "w": x.T @ ds, "b": np.sum(ds)}


def initial(rng: np.random.Generator) -> Params:
    """Two weights and a bias, uniform in ±1."""
    return {"w": rng.uniform(-1, 1, 2), "b": np.asarray(rng.uniform(-1, 1))}


def draw(steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The neuron's answer around the square of its inputs, and the straight line on which it is undecided."""
    last = steps[-1]
    draw_decision(
        lambda x: NEURON.predict(last.params, x=x)["f"], NEURON.data["x"], NEURON.data["y"], ax, theme
    )
    title(ax, f"A neuron learns AND (step {last.number})", theme)


NEURON = Lesson(
    name="neuron",
    title="The artificial neuron",
    text=(
        "A neuron weighs its inputs, adds a bias, and squeezes the sum into the range from 0 to 1. Its "
        "slope is steepest where the neuron is undecided and vanishes where it is sure, and it can be "
        "written with the answer itself, which has been computed already. Each gradient is the one after it "
        "in the calculation, times one local derivative. One neuron separates its inputs by a straight "
        "line: enough for AND, not for XOR."
    ),
    definitions=(
        Formula("s", "s = w1 x1 + w2 x2 + b", r"s = w_1 x_1 + w_2 x_2 + b"),
        Formula(
            "f", "f(s) = 1 / (1 + exp(−β s)), β = 2", r"f(s) = \frac{1}{1 + e^{-\beta s}}, \quad \beta = 2"
        ),
        Formula("Q", "Q = 1/(2N) Σ (f_j − y_j)²", r"Q = \frac{1}{2N} \sum_j (f_j - y_j)^2"),
    ),
    gradients=(
        Formula("f", "∂Q/∂f = (f − y) / N", r"\frac{\partial Q}{\partial f} = \frac{1}{N} (f - y)"),
        Formula(
            "s",
            "∂Q/∂s = ∂Q/∂f · f', f' = β f (1 − f)",
            r"\frac{\partial Q}{\partial s} = \frac{\partial Q}{\partial f} f', \quad f' = \beta f (1 - f)",
        ),
        Formula(
            "w",
            "∂Q/∂w = Σ_j ∂Q/∂s_j x_j",
            r"\frac{\partial Q}{\partial w} = \sum_j \frac{\partial Q}{\partial s_j} x_j",
        ),
        Formula(
            "b",
            "∂Q/∂b = Σ_j ∂Q/∂s_j",
            r"\frac{\partial Q}{\partial b} = \sum_j \frac{\partial Q}{\partial s_j}",
        ),
    ),
    data={
        "x": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        "y": np.array([0.0, 0.0, 0.0, 1.0]),
    },
    initial=initial,
    forward=forward,
    loss=loss,
    by_hand=by_hand,
    method=partial(gradient_descent, rate=4.0),
    steps=1000,
    draw=draw,
)
