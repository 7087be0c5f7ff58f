"""Programs drawn at random: compiled, they give what they give as they stand, however data lie in memory."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import trees

SHAPE = (3, 4)
PLACES = np.array([2, 0, 2])
STEPS = {
    "sine": lambda x, y: np.sin(x),
    "sigmoid": lambda x, y: tg.sigmoid(x),
    "scaled": lambda x, y: 0.5 * x - 2,
    "square": lambda x, y: np.tanh(x**2),
    "sum": lambda x, y: x + y,
    "product": lambda x, y: np.tanh(x * y),
    "quotient": lambda x, y: x / (2 + y * y),
    "choice": lambda x, y: np.where(x > y, y, 0.5),
    "larger": lambda x, y: np.maximum(x, np.reshape(y.T, SHAPE)),
    "matrices": lambda x, y: np.tanh(x @ y.T @ x),
    "row": lambda x, y: x + np.ones(3) @ y,
    "column": lambda x, y: x - np.mean(y, axis=1, keepdims=True),
    "largest": lambda x, y: x - np.max(y, axis=0),
    "number": lambda x, y: x * np.cos(np.sum(y)),
    "element": lambda x, y: x * y[1, 2] + y[0, 0],
    "rows": lambda x, y: x[PLACES] + y[::-1],
    "joined": lambda x, y: np.concatenate([x[:1], y[1:]]),
    "columns": lambda x, y: np.stack([x[:, 0], y[:, 1], x[:, 0] * 2, y[:, 3]], axis=1),
    "shares": lambda x, y: tg.softmax(x, axis=0),
}


@st.composite
def programs(draw):
    """A function of a nested argument that gives some of its intermediate results, and their sum."""
    steps = draw(
        st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), max_size=9)
    )
    given_back = draw(st.lists(st.integers(0, 9), max_size=3))
    outside = tg.Value(np.full(4, 0.5), name="outside")

    def f(p):
        found = [p["a"], p["b"][0] * outside]
        for name, left, right in steps:
            found.append(STEPS[name](found[left % len(found)], found[right % len(found)]))
        return [found[-1 - place % len(found)] for place in given_back], np.sum(found[-1] * found[0])

    f.__name__ = "_".join(name for name, _, _ in steps) or "nothing"
    return f, outside


def arranged_anew(array, kind):
    """The same numbers, lying in memory in another way."""
    return [array, np.asfortranarray(array), np.repeat(array, 2, axis=1)[:, ::2], array[::-1].copy()[::-1]][
        kind
    ]


def check(program, transform, target, fast, seed, kinds):
    f, outside = program
    f = transform(f)
    rng = np.random.default_rng(seed)
    compiled, kept = tg.compile(f, target, fast=fast), []
    for kind in kinds:
        outside.data = rng.normal(size=4)
        a, b = rng.normal(size=(2, *SHAPE))
        found = trees.leaves(compiled({"a": arranged_anew(a, kind), "b": [arranged_anew(b, kind)]}))
        expected = [np.array(each.data) for each in trees.leaves(f({"a": a, "b": [b]}))]
        kept.append((found, expected))
    for found, expected in kept:  # after all calls: a later one writes into no earlier result
        for ours, theirs in zip(found, expected, strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def gradient_of(f):
    return tg.value_and_grad(lambda p: f(p)[1])


RUNS = {
    "fast": st.booleans(),
    "seed": st.integers(0, 99),
    "kinds": st.lists(st.integers(0, 3), min_size=3, max_size=3),
}


@pytest.mark.parametrize("transform", [lambda f: f, gradient_of], ids=["program", "gradient"])
@given(program=programs(), **RUNS)
def test_any_program_in_numpy(transform, program, fast, seed, kinds):
    check(program, transform, "numpy", fast, seed, kinds)


@pytest.mark.parametrize("transform", [lambda f: f, gradient_of], ids=["program", "gradient"])
@settings(
    max_examples=max(3, settings.default.max_examples // 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(program=programs(), **RUNS)
def test_any_program_in_c(native, transform, program, fast, seed, kinds):
    check(program, transform, "native", fast, seed, kinds)
