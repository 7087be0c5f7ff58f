"""Extrapolation: what a line and a network that fit the same rows say where there are no rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinygrad_edu.lessons.canvas import Theme, legend, palette, title
from tinygrad_edu.lessons.data import costumes, generated_issues, scale_of
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params
from tinygrad_edu.lessons.network import BACKPROPAGATION, DEFINITIONS, backpropagate, logits
from tinygrad_edu.training import Step, adam

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = 10
TABLE = costumes()
X_SCALE, Y_SCALE = scale_of(TABLE.x), scale_of(TABLE.y)


def loss(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """Half the mean squared difference between the network's output, here without a sigmoid, and the rows."""
    z2 = logits(x, W1, b1, W2, b2)["z2"]
    Q = np.sum((z2 - y) ** 2) / (2 * len(y))
    return Q


def by_hand(x: Array, y: Array, a1: Array, z2: Array, W2: Array) -> Gradients:
    """Backpropagation; the output is linear, so its delta is answer minus expected for squared error, too.

    Parameters
    ----------
    x, y : (n, 1)
    a1, z2 : (n, h), (n, 1)
    W2 : (h, 1)

    Returns
    -------
    dict
        Gradients of all intermediates and parameters.
    """
    return backpropagate((z2 - y) / len(y), x, a1, W2)


def initial(rng: np.random.Generator) -> Params:
    """Hidden weights uniform in ±5, so that the sigmoids bend within the data; output weights in ±0.1."""
    return {
        "W1": rng.uniform(-5, 5, (1, HIDDEN)),
        "b1": rng.uniform(-5, 5, HIDDEN),
        "W2": rng.uniform(-0.1, 0.1, (HIDDEN, 1)),
        "b2": rng.uniform(-0.1, 0.1, 1),
    }


@dataclass(frozen=True)
class Answers:
    """The number of issues at some prices, by the line, the network and the generated rows' curve, (n,) each.

    `seen` tells which prices lie within the data; elsewhere an answer is the model's opinion, not the data's.
    `truth` is NaN where there is none: the curve is not defined for negative prices.
    """

    price: Array
    seen: NDArray[np.bool_]
    line: Array
    network: Array
    truth: Array


def answers(params: Mapping[str, Any], price: ArrayLike) -> Answers:
    """Asks the least-squares line, the network at `params`, and the curve behind the generated rows."""
    price = np.atleast_1d(np.asarray(price, dtype=float))
    theta1, theta0 = np.polyfit(TABLE.x, TABLE.y, 1)
    return Answers(
        price=price,
        seen=(TABLE.x.min() <= price) & (price <= TABLE.x.max()),
        line=theta1 * price + theta0,
        network=EXTRAPOLATION.predict(params, x=price[:, np.newaxis] / X_SCALE)["z2"][:, 0] * Y_SCALE,
        truth=np.where(price >= 0, generated_issues(np.maximum(price, 0)), np.nan),
    )


def draw(steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The rows, the three curves far beyond them on both sides, and the range of the data as a band."""
    colours = palette(theme)
    said = answers(steps[-1].params, np.linspace(-1000, 6000, 701))
    ax.axvspan(TABLE.x.min(), TABLE.x.max(), color=colours.region, label="range of the data")
    ax.axhline(0, color=colours.muted, linewidth=0.8)
    ax.scatter(TABLE.x, TABLE.y, s=12, color=colours.value, label="rows, most of them generated")
    ax.plot(said.price, said.line, color=colours.gradient, linewidth=2, label="line")
    ax.plot(said.price, said.network, color=colours.gradient, linewidth=2, linestyle="--", label="network")
    ax.plot(
        said.price,
        said.truth,
        color=colours.text,
        linewidth=1.2,
        linestyle=":",
        label="behind the generated rows",
    )
    ax.set_xlabel(TABLE.x_label)
    ax.set_ylabel(TABLE.y_label)
    title(ax, f"Beyond the data (step {steps[-1].number})", theme)
    legend(ax, theme, "upper left")


EXTRAPOLATION = Lesson(
    name="extrapolation",
    title="Extrapolation",
    text=(
        "Where there are rows, the line and a network with ten hidden neurons say about the same. Where "
        "there are none, each says what it is made of: the line goes on for ever, up without bound and down "
        "to fewer issues than none; the network's sigmoids run into their limits and it goes flat, wherever "
        "its last bend has left it. Networks from different starting points agree inside the data and "
        "contradict each other outside. Nothing in the objective, or in its gradient, has ever looked "
        "there."
    ),
    definitions=(
        *DEFINITIONS,
        Formula("Q", "Q = 1/(2N) Σ (z2 − y)²", r"Q = \frac{1}{2N} \sum_j (z_{2,j} - y_j)^2"),
    ),
    gradients=(
        Formula(
            "z2",
            "δ2 = ∂Q/∂z2 = (z2 − y) / N",
            r"\delta_2 = \frac{\partial Q}{\partial z_2} = \frac{1}{N} (z_2 - y)",
        ),
        *BACKPROPAGATION,
    ),
    data={"x": TABLE.x[:, np.newaxis] / X_SCALE, "y": TABLE.y[:, np.newaxis] / Y_SCALE},
    initial=initial,
    forward=logits,
    loss=loss,
    by_hand=by_hand,
    method=partial(adam, rate=0.02),
    steps=2000,
    draw=draw,
)
