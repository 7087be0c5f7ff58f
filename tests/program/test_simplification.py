"""Every rewriting rule keeps the value and does what it says; simplified programs are equal and shorter."""

import operator

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.program import RULES, Code, reachable
from tinygrad_edu.program.simplification import simplified
from tinygrad_edu.rules import broadcast_to, cast, over, spread, sum_to
from tinygrad_edu.rules.parts import among, part

rng = np.random.default_rng(0)
x, y, v = rng.normal(size=(3, 4))
A, B, C = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 3))
a, b = np.float64(0.5), np.float64(-1.5)


def chosen_twice(x, y):
    c = x > 0
    return np.where(c, np.where(c, x, y), np.where(c, x, 2 * y))


SAMPLES = {
    "+x = x, and other operations that change nothing": [
        (operator.pos, (x,), "a"),
        (tg.stop_gradient, (x,), "x"),
        (lambda A: A.reshape(2, 3), (A,), "A"),
        (lambda a: a.T, (a,), "a"),
        (lambda x: cast(x, dtype=np.dtype(float)), (x,), "x"),
        (lambda x: x.T, (x,), "x"),
    ],
    "constants are computed beforehand": [
        (lambda x: x * np.maximum(x * 0, 2.0), (x,), "2 * x"),
    ],
    "spread(x) = broadcast_to(reshape(x))": [
        (lambda x: spread(x, shape=(4, 2), axis=1), (x,), "np.broadcast_to(np.reshape(x, (4, 1)), (4, 2))"),
        (lambda x: spread(x, shape=(2, 4), axis=0), (x,), "np.broadcast_to(x, (2, 4))"),
        (lambda a: spread(a, shape=(2, 4)), (a,), "np.broadcast_to(a, (2, 4))"),
    ],
    "x + broadcast_to(y) = x + y": [
        (lambda A, a: A * broadcast_to(a, shape=(2, 3)), (A, a), "a * A"),
        (lambda A: np.tanh(A + np.ones((2, 3))), (A,), "np.tanh(A + 1)"),
        (
            lambda a, b: broadcast_to(a, shape=(3,)) * broadcast_to(b, shape=(3,)),
            (a, b),
            "np.broadcast_to(a * b, (3,))",
        ),
    ],
    "2 x 3 x / 4 = 3 x² / 2": [
        (lambda x: 2 * x * 3 * x / 4, (x,), "1.5 * x**2"),
        (lambda x: np.negative(-x), (x,), "x"),
        (lambda x: x * 1.0 / 1, (x,), "x"),
        (lambda x: x * 0, (x,), "np.array([0.0, 0.0, 0.0, 0.0])"),
        (lambda x, a: -x / -a, (x, a), "x / a"),
        (lambda x, y: x * y / x, (x, y), "y"),
        (lambda x: x / x, (x,), "np.array([1.0, 1.0, 1.0, 1.0])"),
        (lambda x: (x**2) ** 3, (x,), "x**6"),
        (lambda x: x**1, (x,), "x"),
        (lambda x: 1 / (1 / x), (x,), "x"),
        (lambda x: 0.1 * x * 10, (x,), "x"),
        (lambda x: -2 * x, (x,), "-2 * x"),
        (lambda x, y, a: x / (a * y) * 3, (x, y, a), "3 * (x / y) / a"),
        (lambda x, a, b: a * x * b, (x, a, b), "a * b * x"),
    ],
    "(a / x − b / y) x y = a y − b x, in a formula": [
        (lambda x, y, a: (np.exp(a) / np.exp(x) - a / np.cos(y)) * np.exp(x) * np.cos(y), (x, y, a),
         "np.exp(a) * np.cos(y) - a * np.exp(x)"),
        (lambda x, y: ((1 - y) / (1 - np.exp(x)) - y / np.exp(x)) * (np.exp(x) * (1 - np.exp(x))), (x, y),
         "np.exp(x) - y"),
    ],
    "a + x − (b − 2 x) + 0 = a + 3 x − b": [
        (lambda a, b, x: a + x - (b - 2 * x) + 0, (a, b, x), "a + 3 * x - b"),
        (lambda x: x - x, (x,), "np.array([0.0, 0.0, 0.0, 0.0])"),
        (lambda x: x + x, (x,), "2 * x"),
        (lambda x, y: -x + y, (x, y), "y - x"),
        (lambda x, y: x - (-y), (x, y), "x + y"),
        (lambda x, y: -x - y, (x, y), "-x - y"),
        (lambda x: 1 + x + 1, (x,), "2 + x"),
        (lambda x, y: x / 4 - y / 4, (x, y), "(x - y) / 4"),
        (lambda x, y, a: x / a + y / a, (x, y, a), "(x + y) / a"),
    ],
    "mean(x) = Σ x / n": [
        (lambda x: x.mean(), (x,), "np.sum(x) / 4"),
        (lambda A: np.mean(A, axis=1), (A,), "np.sum(A, axis=1) / 3"),
    ],
    "sum_to(x) = reshape(Σ x)": [
        (lambda A: sum_to(A, shape=()), (A,), "np.sum(A)"),
        (lambda A: sum_to(A, shape=(3,)), (A,), "np.sum(A, axis=0)"),
        (lambda A: sum_to(A, shape=(2, 1)), (A,), "np.reshape(np.sum(A, axis=1), (2, 1))"),
    ],
    "Σ broadcast_to(x) = n x": [
        (lambda a: np.sum(broadcast_to(a, shape=(2, 3))), (a,), "6 * a"),
        (lambda a: np.sum(broadcast_to(a, shape=(2, 3)), axis=0), (a,), "np.broadcast_to(2 * a, (3,))"),
        (lambda x: np.sum(broadcast_to(x, shape=(3, 4))), (x,), "3 * np.sum(x)"),
        (lambda x: np.sum(broadcast_to(x, shape=(3, 4)), axis=0), (x,), "3 * x"),
        (
            lambda x: np.sum(broadcast_to(x, shape=(3, 4)), axis=1),
            (x,),
            "np.sum(np.broadcast_to(x, (3, 4)), axis=1)",
        ),
        (
            lambda x: np.sum(broadcast_to(x, shape=(3, 4)), axis=0, keepdims=True),
            (x,),
            "np.broadcast_to(3 * x, (1, 4))",
        ),
    ],
    "Σ Σ x = Σ xᵀ = Σ reshape(x) = Σ x": [
        (lambda A: np.sum(np.sum(A, axis=0)), (A,), "np.sum(A)"),
        (lambda A: np.sum(A.T), (A,), "np.sum(A)"),
        (lambda A: np.sum(A.reshape(6)), (A,), "np.sum(A)"),
    ],
    "f(c x) = c f(x) for linear f": [
        (lambda x, a: np.sum(a * x / 3), (x, a), "a * np.sum(x) / 3"),
        (lambda A, a: (2 * A).T, (A, a), "2 * A.T"),
        (lambda x: (-x)[1:3], (x,), "-x[1:3]"),
    ],
    "f(c x, d y) = c d f(x, y) for multilinear f": [
        (lambda A, B, a, b: (a * A) @ (b * B / 2), (A, B, a, b), "a * b * (A @ B) / 2"),
    ],
    "f(0) = 0 for linear f": [
        (lambda A, B: (A - A) @ B + 1, (A, B), "np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])"),
        (lambda x: (x * 0)[1:3] * 2.0, (x,), "np.array([0.0, 0.0])"),
    ],
    "(x, 0)[0] = x, (x, 0)[1] = 0": [
        (lambda x: part(among(x, nth=0, shapes=((4,), (2,))), nth=0, shapes=((4,), (2,))), (x,), "x"),
        (
            lambda x: part(among(x, nth=0, shapes=((4,), (2,))), nth=1, shapes=((4,), (2,))),
            (x,),
            "np.array([0.0, 0.0])",
        ),
    ],
    "xᵀᵀ = x, (A B)ᵀ = Bᵀ Aᵀ": [
        (lambda A: A.T.T, (A,), "A"),
        (lambda A, B: (A @ B).T, (A, B), "B.T @ A.T"),
        (lambda A, C: (A @ C.T).T, (A, C), "C @ A.T"),
        (lambda A: A.mT, (A,), "A.T"),
        (lambda A: np.transpose(A, (1, 0)), (A,), "A.T"),
        (lambda A: np.transpose(A, (0, 1)), (A,), "A"),
    ],
    "reshape(reshape(x)) = reshape(x)": [
        (lambda A: A.reshape(6).reshape(3, 2), (A,), "np.reshape(A, (3, 2))"),
        (lambda x: x[:, None][0:], (x,), "np.reshape(x, (4, 1))[0:]"),
        (lambda x: np.expand_dims(x, 0), (x,), "np.reshape(x, (1, 4))"),
        (lambda A: np.ravel(A).reshape(-1), (A,), "np.reshape(A, (6,))"),
        (lambda x: np.squeeze(x[None]), (x,), "x"),
    ],
    "where(True, x, y) = x, where(c, x, x) = x": [
        (lambda x: np.where(x > 0, x, x), (x,), "x"),
        (lambda x, y: np.where(np.ones(4, bool), x, y), (x, y), "x"),
        (lambda x, y: np.where(False, x, y), (x, y), "y"),
        (chosen_twice, (x, y), "np.where(x > 0, x, 2 * y)"),
    ],
    "where(c, a x, 0) = a where(c, x, 0)": [
        (lambda x, y, a: np.where(x > 0, a * y / 3, 0.0), (x, y, a), "a * np.where(x > 0, y, 0) / 3"),
        (lambda x, y: np.where(x > 0, 0, -y), (x, y), "-np.where(x > 0, 0, y)"),
    ],
    "where(x = 0, 1, x) = x, in a formula": [
        (lambda x, y: np.where((x == 0) & (y == 0), 1.0, x) ** y, (np.abs(x), y), "x**y"),
    ],
    "x / y, or 0 where both are 0, = x / y, in a formula": [
        (lambda x, y: over(y, np.exp(x)), (x, y), "y / np.exp(x)"),
    ],
    "relu(x) > 0 = x > 0": [
        (lambda x, y: np.where(tg.relu(x) > 0, y, 0.5), (x, y), "np.where(x > 0, y, 0.5)"),
    ],
}  # fmt: skip
CASES = [(name, i, *sample) for name, samples in SAMPLES.items() for i, sample in enumerate(samples)]
FORMULAS_ONLY = {name for name in SAMPLES if name.endswith("in a formula")}


def rewritten(program, *, without=None, expand=False):
    """The simplified outputs of a program, as a program."""
    order = list(dict.fromkeys([*program.inputs, *reachable(program.outputs)]))
    return simplified(program.outputs, order, expand=expand)


@pytest.mark.parametrize(
    ("name", "i", "f", "args", "expected"), CASES, ids=[f"{n} {i}" for n, i, *_ in CASES]
)
def test_a_rule_does_what_it_says_and_keeps_the_value(name, i, f, args, expected):
    program = tg.trace(f, *args)
    outputs, _ = rewritten(program, expand=name in FORMULAS_ONLY)
    assert Code().text(outputs[0]) == expected
    short = program.simplified()
    assert np.shape(short(*args)) == np.shape(program(*args))
    for scale in (1.0, 0.3):
        point = [scale * arg for arg in args]
        np.testing.assert_allclose(short(*point), f(*point), rtol=1e-12, atol=1e-14)


def test_every_rule_has_a_sample():
    assert [rule.name for rule in RULES] == list(SAMPLES)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_every_rule_is_needed_for_its_samples(rule, monkeypatch):
    others = tuple(other for other in RULES if other is not rule)
    monkeypatch.setattr("tinygrad_edu.program.simplification.RULES", others)
    expand = rule.name in FORMULAS_ONLY
    programs = [tg.trace(f, *args) for f, args, _ in SAMPLES[rule.name]]
    texts = [Code().text(rewritten(program, expand=expand)[0][0]) for program in programs]
    assert texts != [expected for _, _, expected in SAMPLES[rule.name]]


def test_common_subexpressions_are_computed_once():
    def f(x, y):
        return np.exp(x * y) + np.sin(np.exp(x * y))

    short = tg.trace(f, x, y).simplified()
    assert [operation.primitive.name for operation in short.operations] == ["multiply", "exp", "sin", "add"]


def test_what_is_used_twice_is_not_computed_twice():
    short = tg.trace(lambda x, y: np.sum((x * y) * x) + np.sum((x * y) * y), x, y).simplified()
    assert sum(operation.primitive.name == "multiply" for operation in short.operations) == 3


def test_the_precision_of_single_floats_is_kept():
    single = np.float32([1.0, 2.0])
    program = tg.trace(lambda x: np.sum(2 * x / 3) * np.float32(3) + 0.0, single)
    assert program.simplified()(single).dtype == program(single).dtype == np.float32
    program = tg.trace(lambda x: x * np.float64(2.0), single)
    assert program.simplified()(single).dtype == program(single).dtype


def test_names_and_scopes_survive():
    def f(x):
        with tg.scope("first"):
            h = np.tanh(x * 1.0)
        return np.sum(h * h) + np.sum(h)

    program = tg.trace(f, x).simplified()
    assert program.operations[0].name == "h"
    assert program.operations[0].scope == "first"


def test_long_sums_and_products_take_time_by_their_length():
    def long(x):
        total, product = x, x
        for _ in range(1000):
            total, product = total + np.sin(product), product * np.cos(total)
        return total + product

    program = tg.trace(long, 0.5)
    short = program.simplified()
    assert len(short) <= len(program)
    assert short(0.4) == pytest.approx(program(0.4), rel=1e-9)


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


@pytest.mark.parametrize(
    "f", [rosenbrock, tg.grad(rosenbrock), tg.hessian(rosenbrock), lambda p: tg.hvp(rosenbrock, p, 2 * p)]
)
def test_functions_of_functions(f):
    program = tg.trace(f, np.array([-1.2, 1.0]))
    short = program.simplified()
    assert len(short) <= len(program)
    for point in rng.normal(size=(3, 2)):
        np.testing.assert_allclose(short(point), f(point), rtol=1e-12)


ASSIGNMENTS = {
    "neuron": 10,
    "linear-regression": 7,
    "xor": 21,
    "xor-cross-entropy": 21,
    "published-network": 21,
    "batman": 21,
    "batman-lbfgs": 25,
    "extrapolation": 17,
}
"""How many assignments all gradients of a lesson take. A ratchet: it may go down."""


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_lessons(lesson):
    params = lesson.initial(np.random.default_rng(1))
    values = {name: tg.Value(data, name=name) for name, data in params.items()}
    program = tg.trace(tg.gradient(lesson.objective(values), values))
    short = program.simplified()
    assert len(short) <= len(program)
    assert len(short) == ASSIGNMENTS[lesson.name]
    for seed in range(2):
        rng = np.random.default_rng(seed)
        point = [rng.normal(size=np.shape(data)) for data in params.values()]
        recorded, simple = program(*point), short(*point)
        for name, expected in recorded.items():
            atol = 1e-12 * np.max(np.abs(expected))
            np.testing.assert_allclose(simple[name], expected, rtol=1e-11, atol=atol)


def test_both_gradients_of_the_regression_take_at_most_eight_assignments():
    assert ASSIGNMENTS["linear-regression"] <= 8
