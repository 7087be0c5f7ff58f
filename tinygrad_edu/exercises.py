"""Exercises: the derivation of a lesson as a file of its own, with mistakes planted for somebody to find."""

import contextlib
import functools
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinygrad_edu.comparison import compare
from tinygrad_edu.derivations import functions_of
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.planting import HINTS, Plant, plants

ATTEMPTS = 200

NETWORK = """x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1 = np.array([[0.3, -0.8, 0.5], [0.9, 0.4, -0.6]]), np.array([0.1, -0.2, 0.3])
W2, b2 = np.array([[0.7], [-1.1], [0.4]]), np.array([-0.3])


def loss(W1, b1, W2, b2, x, y):
    z1 = x @ W1 + b1
    a1 = tg.sigmoid(z1)
    z2 = a1 @ W2 + b2
"""
LAYERS = (
    "dW2 = a1.T @ dz2",
    "db2 = dz2.sum(axis=0)",
    "da1 = dz2 @ W2.T",
    "dz1 = da1 * a1 * (1 - a1)",
    "dW1 = x.T @ dz1",
    "db1 = dz1.sum(axis=0)",
)


@dataclass(frozen=True)
class Text:
    """A lesson as a program: data and loss as they are written, and the right derivation line by line."""

    title: str
    forward: str
    arguments: str
    lines: tuple[str, ...]


TEXTS = {
    "neuron": Text(
        "The artificial neuron",
        """x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([0.0, 1.0, 1.0, 1.0])
w, b = np.array([0.4, -0.7]), 0.2


def loss(w, b, x, y):
    s = x @ w + b
    f = tg.sigmoid(s)
    return np.sum((f - y) ** 2) / (2 * len(y))
""",
        "x, y, s, f",
        ("df = (f - y) / N", "ds = df * f * (1 - f)", "dw = x.T @ ds", "db = np.sum(ds)"),
    ),
    "linear-regression": Text(
        "Linear regression",
        """x = np.array([240.0, 480.0, 26.0]) / 480
y = np.array([6370.0, 8697.0, 2200.0])
theta1, theta0 = 5000.0, 1000.0


def loss(theta1, theta0, x, y):
    f = theta1 * x + theta0
    return np.sum((f - y) ** 2) / (2 * len(y))
""",
        "x, y, f",
        ("df = (f - y) / N", "dtheta0 = np.sum(df)", "dtheta1 = np.sum(df * x)"),
    ),
    "xor": Text(
        "XOR by squared error",
        NETWORK + "    a2 = tg.sigmoid(z2)\n    return np.sum((a2 - y) ** 2) / (2 * len(y))\n",
        "x, y, z1, a1, z2, a2, W2",
        ("da2 = (a2 - y) / N", "dz2 = da2 * a2 * (1 - a2)", *LAYERS),
    ),
    "xor-cross-entropy": Text(
        "XOR by cross-entropy",
        NETWORK + "    return tg.binary_cross_entropy_with_logits(z2, y)\n",
        "x, y, z1, a1, z2, W2",
        ("dz2 = (1 / (1 + np.exp(-z2)) - y) / N", *LAYERS),
    ),
}


@dataclass(frozen=True)
class Exercise:
    """A derivation with mistakes.

    Attributes
    ----------
    lesson : str
    seed : int
        The same seed plants the same mistakes.
    planted : tuple of Plant
        The mistakes, from the loss back.
    """

    lesson: str
    seed: int
    planted: tuple[Plant, ...]

    def source(self, file: str = "FILE.py") -> str:
        """What is handed out in a file of this name: `tinygrad-edu compare` accepts it."""
        told = TEXTS[self.lesson]
        count = _count(len(self.planted))
        hints = "\n".join(f"# - {HINTS[plant.kind]}" for plant in sorted(self.planted))
        return (
            f'"""{told.title}: by_hand has {count}. Which lines are wrong, and what is right?\n\n'
            "Find out on paper. Then let the comparison look at this file, and mend it until all agree:\n\n"
            f"    tinygrad-edu compare {file}\n\nThis is the exercise {self.lesson} with seed {self.seed}. "
            f'Hints are at the end.\n"""\n\n'
            "import numpy as np\n\nimport tinygrad_edu as tg\n\n"
            f"{_program(told, self.planted)}\n\n# Hints, in no order:\n{hints}\n"
        )

    def answer(self) -> str:
        """Which lines are wrong, and how they should be."""
        lines = [f"{self.lesson}, seed {self.seed}: {_count(len(self.planted))}."]
        for plant in self.planted:
            lines += [f"  wrong: {plant.wrong}", f"  right: {plant.right}", f"         ({plant.kind})"]
        return "\n".join(lines)


def exercise(lesson: str, seed: int = 0, mistakes: int = 1) -> Exercise:
    """Plants mistakes in the derivation of a lesson, each in a line of its own.

    Parameters
    ----------
    lesson : str
        One of `TEXTS`.
    seed : int
        Successive ones give different mistakes, until all have had their turn.
    mistakes : int
        How many.

    Returns
    -------
    Exercise
        All its mistakes show: the comparison finds exactly their lines wrong, and says why.

    Raises
    ------
    ArgumentError
        If there is no exercise for the lesson, or it has too few lines for so many mistakes.

    Examples
    --------
    >>> print(exercise("linear-regression").answer())
    linear-regression, seed 0: 1 mistake.
      wrong: dtheta0 = np.mean(df)
      right: dtheta0 = np.sum(df)
             (mean-for-sum)
    """
    if lesson not in TEXTS:
        raise ArgumentError(f"there is no exercise for {lesson!r}: there are {', '.join(TEXTS)}.")
    lines = TEXTS[lesson].lines
    if not 1 <= mistakes <= len(lines):
        raise ArgumentError(
            f"the derivation of {lesson} has {len(lines)} lines: plant 1 to {len(lines)} mistakes."
        )
    choices = _choices(lesson)
    rng = np.random.default_rng(abs(seed))
    for attempt in range(ATTEMPTS):
        first = choices[(seed + attempt) % len(choices)]
        by_line = {first.right: first}
        for nth in rng.permutation(len(choices)):
            if len(by_line) < mistakes:
                by_line.setdefault(choices[nth].right, choices[nth])
        planted = tuple(by_line[line] for line in lines if line in by_line)
        if len(planted) == mistakes and _shows(lesson, planted):
            return Exercise(lesson, seed, planted)
    raise ArgumentError(f"no {_count(mistakes)} could be planted in {lesson}: ask for fewer.")


@functools.cache
def _choices(lesson: str) -> list[Plant]:
    """All mistakes that show when they are alone, in an order in which the kinds take turns."""
    found = dict.fromkeys(
        plant for number in range(len(TEXTS[lesson].lines)) for plant in _plants_in(lesson, number)
    )
    showing = [plant for plant in found if _shows(lesson, (plant,))]
    turns = Counter[str]()
    ordered: list[tuple[int, Plant]] = []
    for nth in np.random.default_rng(0).permutation(len(showing)):
        plant = showing[nth]
        ordered.append((turns[plant.kind], plant))
        turns[plant.kind] += 1
    return [plant for _, plant in sorted(ordered, key=lambda one: one[0])]


def _plants_in(lesson: str, number: int) -> Iterator[Plant]:
    told = TEXTS[lesson]
    earlier = {line.split(" = ")[0] for line in told.lines[:number]}
    return plants(told.lines[number], {*told.arguments.split(", "), *earlier})


def _program(told: Text, planted: Sequence[Plant]) -> str:
    """Data, loss and derivation, in which some lines are written wrongly."""
    wrong = {plant.right: plant.wrong for plant in planted}
    names = [line.split(" = ")[0].removeprefix("d") for line in told.lines]
    returned = ", ".join(f'"{name}": d{name}' for name in names)
    body = [f"def by_hand({told.arguments}):", "    N = len(y)"]
    body += [f"    {wrong.get(line, line)}" for line in told.lines]
    body += [f"    return {{{returned}}}"]
    return told.forward + "\n\n" + "\n".join(body) + "\n"


@functools.cache
def _shows(lesson: str, planted: tuple[Plant, ...]) -> bool:
    """Whether the comparison finds exactly the planted lines wrong, and can say why."""
    source = "import numpy as np\nimport tinygrad_edu as tg\n" + _program(TEXTS[lesson], planted)
    derivation = functions_of(source, Path("exercise.py"))
    try:
        with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
            comparison = compare(derivation.loss, derivation.by_hand, derivation.inputs)
    except (ValueError, TypeError):  # shapes that do not go together: a mistake that Python finds by itself
        return False
    wrong = {row.name for row in comparison.rows if row.verdict in ("own", "not-comparable")}
    explained = all(finding.kind != "unexplained" for finding in comparison.findings)
    return explained and wrong == {plant.name for plant in planted}


def _count(mistakes: int) -> str:
    return f"{mistakes} mistake{'s' if mistakes > 1 else ''}"
