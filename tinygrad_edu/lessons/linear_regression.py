"""Linear regression: from the price of a superhero's costume to the number of issues, by gradient descent."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.lessons.canvas import Theme, legend, palette, title
from tinygrad_edu.lessons.data import SLIDES, Table, costumes, scale_of
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params
from tinygrad_edu.training import Step, gradient_descent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = 0.25
"""The talk's step size α, for x within ±1."""


def forward(x: Any, theta1: Any, theta0: Any) -> dict[str, Any]:
    """The line ``f = theta1 x + theta0``; x is (n,), both parameters are scalars."""
    f = theta1 * x + theta0
    return {"f": f}


def loss(theta1: Any, theta0: Any, x: Any, y: Any) -> Any:
    """The objective: half the mean squared distance between the line and the rows."""
    f = forward(x, theta1, theta0)["f"]
    Q = np.sum((f - y) ** 2) / (2 * len(y))
    return Q


def by_hand(x: Array, y: Array, f: Array) -> Gradients:
    """The two partial derivatives on the slides, and the one of the line itself.

    Parameters
    ----------
    x, y : (n,)
    f : (n,)
        The line at x.

    Returns
    -------
    dict
        Gradients of f, (n,), and of theta0 and theta1, scalars.
    """
    N = len(y)
    return {"f": (f - y) / N, "theta0": np.sum(f - y) / N, "theta1": np.sum((f - y) * x) / N}


def initial(rng: np.random.Generator) -> Params:
    """The talk starts at Θ = 0, whatever the generator of random numbers says."""
    return {"theta1": np.asarray(0.0), "theta0": np.asarray(0.0)}


def draw(scale: float, table: Table, steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The rows, and the line at a few moments of the training, from pale to strong."""
    colours = palette(theme)
    slides = np.isin(np.stack([table.x, table.y], axis=1), SLIDES).all(axis=1)
    ax.scatter(table.x[~slides], table.y[~slides], s=14, color=colours.value, alpha=0.8, label=table.origin)
    if slides.any():
        ax.scatter(
            table.x[slides],
            table.y[slides],
            s=42,
            marker="D",
            color=colours.value,
            label="rows on the slides",
        )
    near = min(0, table.x.min()) if np.ptp(table.x) > table.x.min() / 2 else table.x.min()
    ends = np.array([near, table.x.max()])
    moments = sorted({*np.geomspace(1, len(steps), 4).astype(int) - 1})
    for opacity, moment in zip(np.linspace(0.25, 1, len(moments)), moments, strict=True):
        params = steps[moment].params
        f = forward(ends / scale, params["theta1"], params["theta0"])["f"]
        ax.plot(
            ends, f, color=colours.gradient, alpha=opacity, linewidth=2, label=f"step {steps[moment].number}"
        )
    ax.set_xlabel(table.x_label)
    ax.set_ylabel(table.y_label)
    title(ax, "The line over training", theme)
    legend(ax, theme, "lower right")


DEFINITIONS = (
    Formula("f", "f(x, Θ) = Θ1 x + Θ0", r"f(x, \Theta) = \Theta_1 x + \Theta_0"),
    Formula(
        "Q",
        "Q(Θ) = 1/(2N) Σ (f(x_j, Θ) − y_j)²",
        r"Q(\Theta) = \frac{1}{2N} \sum_{j=1}^{N} \left(f(x_j, \Theta) - y_j\right)^2",
    ),
    Formula(
        "descent",
        "Θ(t+1) = Θ(t) − α ∂Q/∂Θ",
        r"\Theta^{(t+1)} = \Theta^{(t)} - \alpha \frac{\partial Q}{\partial \Theta}",
    ),
)

GRADIENTS = (
    Formula("f", "∂Q/∂f_j = (f_j − y_j) / N", r"\frac{\partial Q}{\partial f_j} = \frac{1}{N} (f_j - y_j)"),
    Formula(
        "theta0",
        "∂Q/∂Θ0 = 1/N Σ (f − y)",
        r"\frac{\partial Q}{\partial \Theta_0} = \frac{1}{N} \sum_j (f_j - y_j)",
    ),
    Formula(
        "theta1",
        "∂Q/∂Θ1 = 1/N Σ (f − y) x",
        r"\frac{\partial Q}{\partial \Theta_1} = \frac{1}{N} \sum_j (f_j - y_j)\, x_j",
    ),
)


def regression(table: Table, *, scale: bool = True) -> Lesson:
    """The lesson on a table of one's own.

    Parameters
    ----------
    table : Table
        Such as `tinygrad_edu.lessons.data.read_csv` gives.
    scale : bool
        Whether x is divided by its largest magnitude, as in the talk. If not, the talk's step size would
        make the descent explode: it is divided by the square of that magnitude, and then theta0 needs very
        many steps.

    Raises
    ------
    DataError
        If every x is 0 and `scale` is asked for.
    """
    divisor = scale_of(table.x) if scale else 1.0
    x = table.x / divisor
    largest = 1.0 if scale else max(1.0, float(np.max(np.abs(table.x))))
    rate = RATE / largest / largest  # whose square may be too large for a number
    return Lesson(
        name="linear-regression",
        title="Linear regression",
        text=(
            "A line with a slope Θ1 and an intercept Θ0 is fitted to the rows of a table. The objective "
            "says how wrong it is on average; its two partial derivatives say in which direction it gets "
            "worse. Gradient descent steps the other way, and takes both derivatives before it changes "
            "either parameter."
        ),
        remark=_scaled(table, divisor) if scale else "",
        definitions=DEFINITIONS,
        gradients=GRADIENTS,
        data={"x": x, "y": table.y},
        initial=initial,
        forward=forward,
        loss=loss,
        by_hand=by_hand,
        method=partial(gradient_descent, rate=rate),
        steps=1000,
        draw=partial(draw, divisor, table),
    )


def _scaled(table: Table, divisor: float) -> str:
    """What scaling means for the numbers."""
    return (
        f"Here x is {table.x_label} divided by {divisor:g}, its largest magnitude: in the units of the table "
        f"the slope is theta1 / {divisor:g}."
    )


LINEAR_REGRESSION = replace(
    regression(costumes()),
    text=(
        "A hero with an expensive costume has many issues, or so three rows on a slide suggest. A line with "
        "a slope Θ1 and an intercept Θ0 says how many; the objective says how wrong it is on average; its "
        "two partial derivatives say in which direction it gets worse. Gradient descent steps the other "
        "way, and takes both derivatives before it changes either parameter. Prices are divided by the "
        "largest one first: without that the valley of the objective is so narrow that no single step size "
        "serves both parameters. Only three of the rows are on the slides; the others are generated."
    ),
)
