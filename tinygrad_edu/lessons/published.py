"""A network as it was published, with one factor missing in its update: found by the comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.lessons.canvas import Theme, legend, palette, title
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params, call_by_name
from tinygrad_edu.lessons.network import BACKPROPAGATION, activations, backpropagate, uniform
from tinygrad_edu.lessons.xor import DATA, XOR, squared_error
from tinygrad_edu.training import Step, gradient_descent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = 1.0
WIDTH = 10.0
"""The step size, and the range of the first weights, as the talk chooses them."""


def by_hand(x: Array, y: Array, a1: Array, a2: Array, W2: Array) -> Gradients:
    """The update of the published network: what it hands back from the output is the error itself.

    Parameters
    ----------
    x, y : (n, 2), (n, 1)
    a1, a2 : (n, h), (n, 1)
        What the hidden neurons and the output answered.
    W2 : (h, 1)

    Returns
    -------
    dict
        What the network takes for the gradients of all intermediates and parameters.
    """
    error = (a2 - y) / len(y)  # (n, 1)
    return {"a2": error, **backpropagate(error, x, a1, W2)}


def published_descent(
    objective: Callable[[Any], Any], params: Params, *, steps: int, rate: float = RATE
) -> Iterator[Step]:
    """Trains by the published update; a `Step` has its derived gradients, not those of the objective."""
    for number in range(steps + 1):
        gradients = _derived(params)
        yield Step(number, float(objective(params)), params, gradients)
        params = {name: params[name] - rate * gradients[name] for name in params}


def _derived(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the published network takes for the gradients of its parameters."""
    layers = activations(DATA["x"], **params)
    gradients = call_by_name(by_hand, {**params, **layers, **DATA})
    return {name: gradients[name] for name in params}


def initial(rng: np.random.Generator, hidden: int = 10) -> Params:
    """Weights and biases uniform in ±10, as in the talk, for any number of hidden neurons."""
    return uniform(rng, inputs=2, hidden=hidden, width=WIDTH)


def draw(steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The squared error along the published update, and along its own gradient from the same start."""
    colours, first, last = palette(theme), steps[0], steps[-1]
    count = max(1, last.number - first.number)
    own = list(gradient_descent(PUBLISHED_NETWORK.objective, first.params, rate=RATE, steps=count))
    for course, colour, label in (
        (steps, colours.gradient, "along the published update"),
        (own, colours.value, "along the gradient of the squared error"),
    ):
        numbers, objectives = [step.number for step in course], [step.objective for step in course]
        ax.plot(numbers, objectives, color=colour, linewidth=2, label=label)
    ax.set_yscale("log", nonpositive="mask")
    ax.set_xlabel("step")
    ax.set_ylabel("squared error Q (log scale)")
    title(ax, "The same start, with and without the factor", theme)
    legend(ax, theme, "lower left")


PUBLISHED_NETWORK = Lesson(
    name="published-network",
    title="A published network, checked",
    text=(
        "The code that was published beside the talk says that its error is the squared one, and hands the "
        "difference a2 − y back from the output as it is. The slope a2 (1 − a2) of the output's sigmoid is "
        "missing: this is not the gradient of the squared error. It is the gradient of another objective, "
        "the cross-entropy, exactly: there the slope cancels. And the mistake is what makes the training "
        "work. From weights as large as the talk's, uniform in ±10, most outputs are near 0 or 1, where the "
        "missing slope is nearly 0, and the true gradient of the squared error hardly moves them. Of thirty "
        "starting points, 29 learn XOR in a thousand steps along the published update, and 4 along the true "
        "gradient. A falling error proves nothing about a derivation; the comparison names the factor."
    ),
    definitions=XOR.definitions,
    gradients=(
        XOR.gradients[0],
        Formula(
            "z2",
            "δ2 = ∂Q/∂z2 = (a2 − y) / N, as published",
            r"\delta_2 = \frac{\partial Q}{\partial z_2} = \frac{1}{N} (a_2 - y)"
            r" \quad \mathrm{as\ published}",
        ),
        *BACKPROPAGATION,
    ),
    data=DATA,
    initial=initial,
    forward=activations,
    loss=squared_error,
    by_hand=by_hand,
    method=partial(published_descent, rate=RATE),
    steps=1000,
    draw=draw,
    mistake=("missing-derivative", "wrong-loss"),
)
