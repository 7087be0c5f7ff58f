"""The right lines that findings tell: as a teacher writes them, and right when they are run."""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "diagnosis"))

from heldout import GATE, LIKELIHOOD, POISSON, RECURRENT, RESIDUAL
from models import KNOWN, MODELS

RNG = np.random.default_rng(11)
INPUTS = {
    "W": RNG.normal(size=(3, 5)),
    "b": RNG.normal(size=5),
    "x": RNG.normal(size=(7, 3)),
    "y": np.eye(5)[RNG.integers(5, size=7)],
}


def corrections(model):
    """The right lines for every name, and what stands in them; each name is given a wrong gradient."""
    inputs, right, seen = model.inputs(np.random.default_rng(1)), model.by_hand(), []

    def by_hand(**values):
        asked = inspect.signature(right).parameters
        gradients = right(**{name: values[name] for name in asked})
        seen.append({**KNOWN, "dpenalty": 1.0, **values, **{f"d{name}": g for name, g in gradients.items()}})
        return {name: RNG.normal(size=np.shape(g)) for name, g in gradients.items()}

    names = {*inputs, *model.backward}
    keyword = inspect.Parameter.KEYWORD_ONLY
    by_hand.__signature__ = inspect.Signature([inspect.Parameter(name, keyword) for name in names])
    found = tg.compare(model.loss, by_hand, inputs).findings
    return [f.correction.split(" = ", 1) for f in found if f.correction], seen[0]


@pytest.mark.parametrize(
    "model", [*MODELS.values(), RESIDUAL, LIKELIHOOD, GATE, POISSON, RECURRENT], ids=lambda model: model.name
)
def test_right_lines_are_right_when_they_are_run(model):
    lines, space = corrections(model)
    assert len(lines) > len(model.backward) / 2
    for name, line in lines:
        assert np.allclose(eval(line, space), space[name], rtol=1e-9, atol=0), f"{name} = {line}"


@pytest.mark.parametrize(
    ("bend", "line"),
    [
        (lambda z: 1 / (1 + np.exp(-z)), "dz = da * a * (1 - a)"),
        (lambda z: np.exp(z) / (np.exp(z) + 1), "dz = da * a * (1 - a)"),
        (lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), "dz = da * (1 - a ** 2)"),
        (lambda z: (z > 0) * z, "dz = da * (z > 0)"),
        (lambda z: np.log(1 + np.exp(z)), "dz = da / (1 + np.exp(-z))"),
        (
            lambda z: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True),
            "dz = a * (da - np.sum(da * a, axis=1, keepdims=True))",
        ),
        (
            lambda z: z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)),
            "dz = da - np.exp(a) * np.sum(da, axis=1, keepdims=True)",
        ),
        (np.tanh, "dz = da * (1 - a * a)"),
    ],
)
def test_functions_that_are_written_out_have_the_derivative_that_everybody_knows(bend, line):
    def loss(W, b, x, y):
        z = x @ W + b
        a = tg.named(bend(z), "a")
        return np.mean((a - y) ** 2)

    (finding,) = tg.compare(loss, lambda z, a: {"z": z**3}, INPUTS).findings
    assert finding.correction == line


def test_numbers_are_multiplied_and_stand_in_front():
    def loss(w, x, y):
        return 0.5 * np.sum((x @ w - y) ** 2) / 7 + 0.1 * np.sum(w * w)

    inputs = {"w": INPUTS["b"][:3], "x": INPUTS["x"], "y": INPUTS["y"][:, 0]}
    (finding,) = tg.compare(loss, lambda w: {"w": w**3}, inputs).findings
    assert finding.correction == "dw = x.T @ ((x @ w - y) / 7) + w / 5"
