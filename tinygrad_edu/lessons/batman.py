"""The superhero logo, learned from 627 points by a 2-200-1 network: the talk's training, and the best one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.lessons import logo
from tinygrad_edu.lessons.canvas import Theme, palette, themed, title
from tinygrad_edu.lessons.lesson import Array, Formula, Gradients, Lesson, Params
from tinygrad_edu.lessons.network import logits, uniform
from tinygrad_edu.lessons.xor import XOR_CROSS_ENTROPY, cross_entropy, cross_entropy_by_hand, entropy_formula
from tinygrad_edu.rules import binary_cross_entropy_with_logits
from tinygrad_edu.training import Step, differentiated, gradient_descent, minimize

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = 200
PENALTY = 2e-5
"""λ, how much the squared weights count in the best training; with 3e-5 two points come out wrong."""


def penalised_cross_entropy(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The cross-entropy plus λ times the sum of the squared weights (no biases), to keep the edge smooth."""
    z2 = logits(x, W1, b1, W2, b2)["z2"]
    H = binary_cross_entropy_with_logits(z2, y)
    Q = H + PENALTY * (np.sum(W1 * W1) + np.sum(W2 * W2))
    return Q


def penalised_by_hand(x: Array, y: Array, a1: Array, z2: Array, W1: Array, W2: Array) -> Gradients:
    """Backpropagation of the cross-entropy; the penalty adds 2 λ W to the gradients of both weight matrices.

    Parameters
    ----------
    x, y : (n, 2), (n, 1)
    a1, z2 : (n, h), (n, 1)
    W1, W2 : (2, h), (h, 1)

    Returns
    -------
    dict
        Gradients of all intermediates and parameters.
    """
    entropy = cross_entropy_by_hand(x, y, a1, z2, W2)
    return {**entropy, "W2": entropy["W2"] + 2 * PENALTY * W2, "W1": entropy["W1"] + 2 * PENALTY * W1}


def initial(rng: np.random.Generator) -> Params:
    """The talk's starting point: weights and biases uniform in ±10."""
    return uniform(rng, inputs=2, hidden=HIDDEN, width=10.0)


def lbfgs(objective: Callable[[Any], Any], params: Params, *, steps: int, burst: int = 100) -> Iterator[Step]:
    """L-BFGS by SciPy, with a `Step` after every `burst` iterations; each burst learns the curvature anew.

    Ends before `steps` iterations where the objective stops falling.
    """
    both = differentiated(objective)
    number = 0
    while True:
        value, gradients = both(params)
        yield Step(number, float(value), params, gradients)
        if number >= steps:
            return
        found = minimize(objective, params, method="L-BFGS-B", maxiter=min(burst, steps - number))
        if found.steps == 0:
            return
        params, number = found.params, number + found.steps


def drawn(params: Mapping[str, Any], points: Array) -> logo.Mask:
    """Which of the points (..., 2) the network takes for inside."""
    return np.asarray(BATMAN.predict(params, x=points)["z2"][..., 0] > 0)


def points_right(params: Mapping[str, Any]) -> int:
    """How many of the 627 points the network has on the right side."""
    return int(np.count_nonzero(drawn(params, BATMAN.data["x"]) == (BATMAN.data["y"][:, 0] == 1)))


def overlap(params: Mapping[str, Any]) -> float:
    """Intersection over union of the network's logo with the true one, on the midpoints of a 0.05 grid."""
    points = logo.midpoints()
    return logo.intersection_over_union(drawn(params, points), logo.inside(points))


def claimed_outside(params: Mapping[str, Any], reach: float = 4.0) -> float:
    """The share of a box `reach` times as wide and high, without the training box, that is taken for inside.

    The truth is 0: nothing of the logo is out there.
    """
    points = reach * logo.midpoints(cells_per_unit=8)
    beyond = (np.abs(points[..., 0]) > logo.HALF_WIDTH) | (np.abs(points[..., 1]) > logo.HALF_HEIGHT)
    return float(np.mean(drawn(params, points[beyond])))


def draw(steps: Sequence[Step], ax: "Axes", theme: Theme) -> None:
    """The true curve with the points that are learned from, and beside it the logo drawn by the network."""
    colours, last = palette(theme), steps[-1]
    points = logo.midpoints()
    true, learned = logo.inside(points), drawn(last.params, points)
    x, y = np.moveaxis(points, -1, 0)
    ax.set_axis_off()
    left, right = (themed(ax.inset_axes((x0, 0, 0.48, 1)), theme) for x0 in (0, 0.52))
    for panel in (left, right):
        panel.set(aspect="equal", xlim=(-8.25, 8.25), ylim=(-5, 5))
        panel.grid(visible=False)
    left.contourf(x, y, true, levels=[0.5, 1.5], colors=[colours.region])
    for label, colour in ((0, colours.muted), (1, colours.value)):
        x1, x2 = BATMAN.data["x"][BATMAN.data["y"][:, 0] == label].T
        left.scatter(x1, x2, s=4, color=colour)
    right.contourf(x, y, learned, levels=[0.5, 1.5], colors=[colours.gradient])
    right.contour(x, y, true, levels=[0.5], colors=[colours.text], linewidths=0.8)
    share = logo.intersection_over_union(learned, true)
    title(left, "The curve and the 627 points", theme)
    title(right, f"The network's logo, step {last.number}: overlap {share:.3f}", theme)


PENALISED = {
    "W2": Formula(
        "W2",
        "∂Q/∂W2 = a1ᵀ δ2 + 2 λ W2",
        r"\frac{\partial Q}{\partial W_2} = a_1^\top \delta_2 + 2 \lambda W_2",
    ),
    "W1": Formula(
        "W1",
        "∂Q/∂W1 = xᵀ δ1 + 2 λ W1",
        r"\frac{\partial Q}{\partial W_1} = x^\top \delta_1 + 2 \lambda W_1",
    ),
}

BATMAN = Lesson(
    name="batman",
    title="The superhero logo",
    text=(
        "Is a point inside the logo? A network with 200 hidden neurons learns it from 627 points, and "
        "asking it about every pixel draws the logo. Each hidden neuron contributes one soft, straight cut. "
        "The weights start uniform in ±10, so the cuts are sharp from the beginning and cover the box; one "
        "thousand steps of rate 1 along the gradient of the mean cross-entropy, all points at once, are "
        "enough. Of the summed cross-entropy a rate of 1 is 627 times too long. Where the points are half a "
        "unit apart, nothing tells the network what lies between them: the tips of the ears and the points "
        "of the cape come out blunt."
    ),
    definitions=XOR_CROSS_ENTROPY.definitions,
    gradients=XOR_CROSS_ENTROPY.gradients,
    data={"x": logo.training_points(), "y": logo.inside(logo.training_points()).astype(float)[:, np.newaxis]},
    initial=initial,
    forward=XOR_CROSS_ENTROPY.forward,
    loss=cross_entropy,
    by_hand=cross_entropy_by_hand,
    method=partial(gradient_descent, rate=1.0),
    steps=1000,
    draw=draw,
    size=(10.0, 3.4),
)

BATMAN_LBFGS = replace(
    BATMAN,
    name="batman-lbfgs",
    title="The superhero logo by L-BFGS",
    text=(
        "The same network, the same points, the same starting weights; only the training differs. L-BFGS "
        "remembers the last few gradients to guess the curvature and takes longer, better steps. A small "
        "penalty on the squared weights makes steep cuts expensive, so that among all the networks that "
        "have every point right a smooth one is found. It adds one term to two gradients."
    ),
    definitions=(
        *BATMAN.definitions[:-1],
        entropy_formula("H"),
        Formula(
            "Q",
            "Q = H + λ (Σ W1² + Σ W2²), λ = 2e-5",
            r"Q = H + \lambda (\lVert W_1 \rVert^2 + \lVert W_2 \rVert^2), \quad \lambda = 2 \cdot 10^{-5}",
        ),
    ),
    gradients=tuple(PENALISED.get(formula.name, formula) for formula in BATMAN.gradients),
    loss=penalised_cross_entropy,
    by_hand=penalised_by_hand,
    method=lbfgs,
    steps=600,
)
