"""Random programs: simplified or printed as Python, they compute what was recorded."""

import random
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ShapeError
from tinygrad_edu.program import labels_of
from tinygrad_edu.program.syntaxes import identifier
from tinygrad_edu.program.tracing import merged

SHAPES = {"a": (), "x": (3,), "y": (3,), "M": (2, 3), "R": (3, 2)}
NUMBERS = (2, 0.5, 3, -1, 0, 1.0, 1 / 3, 0.1)
STEPS = (
    *(lambda a, b, n: a + b, lambda a, b, n: a - b, lambda a, b, n: a * b, lambda a, b, n: a * n),
    *(lambda a, b, n: a / (b * b + 1.5), lambda a, b, n: -a, lambda a, b, n: a + n, lambda a, b, n: a @ b),
    *(lambda a, b, n: a ** random.Random(n).choice([1, 2, 3]), lambda a, b, n: a.T),
    *(lambda a, b, n: np.tanh(a), lambda a, b, n: tg.sigmoid(a), lambda a, b, n: tg.relu(a)),
    *(lambda a, b, n: np.sum(a), lambda a, b, n: np.mean(a, axis=-1) if a.ndim else a),
    *(
        lambda a, b, n: np.where(a > 0, b, 0.0),
        lambda a, b, n: np.maximum(a, b),
        lambda a, b, n: np.exp(-a * a),
    ),
    *(lambda a, b, n: a[:, None] if a.ndim == 1 else a.reshape(-1), lambda a, b, n: a[1:] if a.ndim else a),
)


def random_loss(seed):
    """A number computed in a few random steps, and the leaves it was computed from."""
    choices, rng = random.Random(seed), np.random.default_rng(seed)
    leaves = [tg.Value(rng.normal(size=shape), name=name) for name, shape in SHAPES.items()]
    pool = list(leaves)
    for _ in range(choices.randint(3, 12)):
        try:
            step = choices.choice(STEPS)
            pool.append(step(choices.choice(pool), choices.choice(pool), choices.choice(NUMBERS)))
        except (ShapeError, TypeError):
            continue
    return sum((np.sum(value) for value in pool[len(leaves) :][-3:]), np.sum(pool[0])), leaves


@pytest.mark.parametrize("seed", range(40))
def test_simplified_programs_compute_the_same(seed):
    loss, leaves = random_loss(seed)
    program = tg.trace([loss, *tg.gradient(loss, leaves)])
    short = program.simplified()
    rng = np.random.default_rng(seed)
    for _ in range(2):
        point = [rng.normal(size=entry.shape)[()] for entry in program.inputs]
        for expected, found in zip(program(*point), short(*point), strict=True):
            assert np.shape(found) == np.shape(expected)
            scale = 1 + np.max(np.abs(expected))
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("seed", range(40))
def test_formulas_in_python_compute_the_gradients(seed):
    loss, leaves = random_loss(seed)
    for leaf in leaves:
        nodes = merged([loss, leaf])
        labels = labels_of(nodes)
        names = {identifier(labels.name_of(node)): node.data for node in nodes if labels.name_of(node)}
        computed = eval(tg.formula(loss, leaf, syntax="numpy"), {"np": np, "tg": tg, **names})
        expected = tg.gradient(loss, leaf).data
        scale = 1 + np.max(np.abs(expected))
        np.testing.assert_allclose(computed, expected, rtol=1e-9, atol=1e-11 * scale)
        ET.fromstring(f"<math>{tg.formula(loss, leaf, syntax='mathml')}</math>")
