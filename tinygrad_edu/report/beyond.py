"""What the trained models say where they have seen nothing, measured and said as it is. Knows no page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.lessons import Lesson, batman, extrapolation
from tinygrad_edu.lessons.network import logistic

Params = Mapping[str, Any]
FAR = 5.0
PRICES = (-500, 26, 1000, 2000, 4000, 8000)


@dataclass(frozen=True)
class Beyond:
    """A few sentences, and a table of answers where there is something to list."""

    text: str
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


def beyond(lesson: Lesson, params: Params) -> Beyond | None:
    """What is to be said about a lesson, trained to `params`, outside its data; None for an unknown one."""
    tell = TOLD.get(lesson.name)
    return tell(lesson, params) if tell else None


def _line(lesson: Lesson, params: Params) -> Beyond:
    x = lesson.data["x"]
    low, high = float(x.min()), float(x.max())
    span = high - low
    if span == 0:
        return Beyond(
            f"All rows have x = {low:.4g}. They determine a point: every line through it is as good."
        )
    at = np.array([low - span, high + span, high + 9 * span])
    said = lesson.predict(params, x=at)["f"]
    places = ("one range below", "one range above", "nine ranges above")
    return Beyond(
        f"The rows end at x = {low:.4g} and x = {high:.4g}. The line does not: it goes on both ways, at the "
        "same slope, whether or not that makes sense. No row has a say there."
        + _far_from_the_best(lesson, params),
        ("where", "x", "the line says"),
        [(place, f"{a:.4g}", _shown(f)) for place, a, f in zip(places, at, said, strict=True)],
    )


def _far_from_the_best(lesson: Lesson, params: Params) -> str:
    """A word of warning where the descent has not arrived, as where all x lie close together, far from 0."""
    x, y = lesson.data["x"], lesson.data["y"]
    theta0, theta1 = map(float, np.polynomial.Polynomial.fit(x, y, 1).convert().coef)
    best = {"theta0": theta0, "theta1": theta1}
    least, reached = (float(lesson.objective(each)) for each in (best, params))
    if reached <= 1.01 * least + 1e-9 * float(np.mean(y**2)):
        return ""
    return (
        f" Nor is it the best line yet: its objective is {_shown(reached)}, and least squares reach "
        f"{_shown(least)} with theta0 = {_shown(theta0)} and theta1 = {_shown(theta1)}. Take more steps; "
        "where all x lie far from 0 and close together, subtract their mean first."
    )


def _corners(lesson: Lesson, params: Params) -> Beyond:
    points = FAR * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    outputs = lesson.predict(params, x=points)
    answers = outputs["f"] if "f" in outputs else logistic(outputs["z2"])[:, 0]
    sure = int(np.count_nonzero(np.abs(answers - 0.5) > 0.45)) or "none"
    return Beyond(
        f"Four points have been learned, the corners of the unit square. Asked {FAR:g} away, where no answer "
        f"is right or wrong, it is at least 95% sure of {sure} of its {len(points)} answers. How sure it "
        "is out there follows from its weights alone: it has seen nothing there.",
        ("x1", "x2", "answer"),
        [(f"{x1:g}", f"{x2:g}", f"{answer:.3f}") for (x1, x2), answer in zip(points, answers, strict=True)],
    )


def _logo(lesson: Lesson, params: Params) -> Beyond:
    right = batman.points_right(params)
    total = len(lesson.data["x"])
    return Beyond(
        f"It has {right} of the {total} points right. The area that it draws has an intersection over union "
        f"of {batman.overlap(params):.3f} with the true one: between the points it guesses. Outside the box "
        "of the points it guesses, too. In a box four times as wide and as high, it takes "
        f"{batman.claimed_outside(params):.1%} of the area around the training box for a part of the logo, "
        "where the truth is 0%. No point out there was ever looked at: the number is what the straight cuts "
        "of the hidden neurons happen to add up to further on."
    )


def _prices(lesson: Lesson, params: Params) -> Beyond:
    said = extrapolation.answers(params, PRICES)
    rows = [
        (f"{price:,.0f}", "rows" if seen else "no rows", f"{line:,.0f}", f"{network:,.0f}", _known(truth))
        for price, seen, line, network, truth in zip(
            said.price, said.seen, said.line, said.network, said.truth, strict=True
        )
    ]
    return Beyond(
        "Both fit the rows. Below and above them both are wrong, each in its own way, and neither says so. "
        "The last column is the curve around which the generated rows were scattered.",
        ("price", "data there", "line", "network", "behind the rows"),
        rows,
    )


def _known(number: float) -> str:
    return f"{number:,.0f}" if np.isfinite(number) else "undefined"


def _shown(number: float) -> str:
    """Four digits; of large numbers the whole part."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


TOLD: dict[str, Callable[[Lesson, Params], Beyond]] = {
    "neuron": _corners,
    "linear-regression": _line,
    "xor": _corners,
    "xor-cross-entropy": _corners,
    "published-network": _corners,
    "batman": _logo,
    "batman-lbfgs": _logo,
    "extrapolation": _prices,
}
