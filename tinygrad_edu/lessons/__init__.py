"""The talk, one lesson after the other; `LESSONS` maps names to data, model, derivation, training."""

from tinygrad_edu.lessons.canvas import draw_objective
from tinygrad_edu.lessons.lesson import Formula, Lesson
from tinygrad_edu.lessons.data import Table, costumes, read_csv
from tinygrad_edu.lessons.network import backpropagate
from tinygrad_edu.lessons.neuron import NEURON
from tinygrad_edu.lessons.linear_regression import LINEAR_REGRESSION, regression
from tinygrad_edu.lessons.xor import XOR, XOR_CROSS_ENTROPY
from tinygrad_edu.lessons.published import PUBLISHED_NETWORK
from tinygrad_edu.lessons.logo import inside
from tinygrad_edu.lessons.batman import BATMAN, BATMAN_LBFGS
from tinygrad_edu.lessons.extrapolation import EXTRAPOLATION

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        NEURON,
        LINEAR_REGRESSION,
        XOR,
        XOR_CROSS_ENTROPY,
        PUBLISHED_NETWORK,
        BATMAN,
        BATMAN_LBFGS,
        EXTRAPOLATION,
    )
}

__all__ = [
    "LESSONS",
    "Formula",
    "Lesson",
    "Table",
    "backpropagate",
    "costumes",
    "draw_objective",
    "inside",
    "read_csv",
    "regression",
]
