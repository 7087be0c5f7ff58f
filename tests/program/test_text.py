"""What operations look like: signs, parentheses, and what is left out of a long formula."""

import functools

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.program import expression, labels_of, title
from tinygrad_edu.sweeps import history

a, b, c = (tg.Value(x, name=name) for x, name in zip((2.0, 3.0, 4.0), "abc", strict=True))
x, h, f = (tg.Value(np.arange(1.0, 4.0), name=name) for name in "xhf")
M, N = tg.Value(np.ones((2, 3)), name="M"), tg.Value(np.ones((3, 2)), name="N")
T = tg.Value(np.ones((2, 3, 4)), name="T")
weight = tg.Value(2.0, name="weight")
sigma = tg.Value(2.0, name="sigma")
zero = tg.Value(0.0, name="zero")
mask = np.array([True, False, True])
rows = np.array([0, 1])


def text(node, **settings):
    return expression(node, labels_of(history(node)), **settings)


PARENTHESES = [
    (lambda: (a + b) * c, "(a + b) × c"),
    (lambda: a + b * c, "a + b × c"),
    (lambda: a - (b - c), "a − (b − c)"),
    (lambda: a - (b + c), "a − (b + c)"),
    (lambda: (a - b) - c, "a − b − c"),
    (lambda: a + (b - c), "a + b − c"),
    (lambda: a + (b + c), "a + b + c"),
    (lambda: -(a * b), "−(a × b)"),
    (lambda: (-a) * b, "−a × b"),
    (lambda: a * (-b), "a × (−b)"),
    (lambda: a - (-b), "a − (−b)"),
    (lambda: np.negative(-a), "−(−a)"),
    (lambda: -(a + b), "−(a + b)"),
    (lambda: -(a**2), "−a²"),
    (lambda: (-a) ** 2, "(−a)²"),
    (lambda: +a, "+a"),
    (lambda: a * -2, "a × (−2)"),
    (lambda: -2 * a, "−2 × a"),
    (lambda: a + -2, "a + (−2)"),
    (lambda: (a**b) ** c, "(a^b)^c"),
    (lambda: a ** (b**c), "a^(b^c)"),
    (lambda: a ** (b + c), "a^(b + c)"),
    (lambda: (a * b) ** 2, "(a × b)²"),
    (lambda: (a**2) ** 3, "(a²)³"),
    (lambda: a / (b * c), "a / (b × c)"),
    (lambda: a / (b / c), "a / (b / c)"),
    (lambda: (a / b) / c, "a / b / c"),
    (lambda: a * (b * c), "a × b × c"),
    (lambda: a * (b / c), "a × b / c"),
    (lambda: a * (b % c), "a × (b % c)"),
    (lambda: a / (2 * b), "a / (2b)"),
    (lambda: (2 * a) ** 2, "(2a)²"),
    (lambda: (M @ N) @ M, "M @ N @ M"),
    (lambda: M @ (N @ M), "M @ (N @ M)"),
    (lambda: a * (M @ N), "a × (M @ N)"),
    (lambda: (a * M) @ N, "a × M @ N"),
    (lambda: (M @ N).T, "(M @ N)ᵀ"),
    (lambda: N.T @ M.T, "Nᵀ @ Mᵀ"),
    (lambda: (M.T) ** 2, "(Mᵀ)²"),
    (lambda: (M**2).T, "(M²)ᵀ"),
    (lambda: np.sum(x) * a, "(Σ x) × a"),
    (lambda: np.sum(x) / a, "(Σ x) / a"),
    (lambda: a + np.sum(x), "a + Σ x"),
    (lambda: np.sum(x * h), "Σ x × h"),
    (lambda: np.sum(x + h), "Σ (x + h)"),
    (lambda: np.sum(np.sum(M, axis=0)), "Σ sum(M, axis=0)"),
    (lambda: (a < b) == (b < c), "(a < b) == (b < c)"),
    (lambda: a + b >= c, "a + b ≥ c"),
    (lambda: (a < b) & (b != c), "(a < b) & (b ≠ c)"),
    (lambda: (a + b)[None], "(a + b)[None]"),
    (lambda: np.sqrt(a + b), "√(a + b)"),
    (lambda: np.sqrt(a) ** 2, "(√a)²"),
    (lambda: abs(a - b) + 1, "|a − b| + 1"),
    (lambda: np.floor(a / b), "⌊a / b⌋"),
]


@pytest.mark.parametrize(("build", "expected"), PARENTHESES, ids=[expected for _, expected in PARENTHESES])
def test_parentheses_stand_where_they_are_needed(build, expected):
    assert text(build()) == expected


NOTATIONS = [
    (lambda: 2 * a, "2a"),
    (lambda: 0.5 * a, "0.5a"),
    (lambda: a * 2, "a × 2"),
    (lambda: 1e-7 * a, "1e-7 × a"),
    (lambda: 2 * weight, "2 × weight"),
    (lambda: 3 * a**2, "3a²"),
    (lambda: 2 * (a + b), "2(a + b)"),
    (lambda: 2 * np.exp(a), "2 × exp(a)"),
    (lambda: h * (1 - h), "h(1 − h)"),
    (lambda: 2 * h * (1 - h), "2h(1 − h)"),
    (lambda: weight * (1 - weight), "weight × (1 − weight)"),
    (lambda: sigma * (1 - sigma), "σ × (1 − σ)"),
    (lambda: (a + b) * (a - b), "(a + b) × (a − b)"),
    (lambda: a**3, "a³"),
    (lambda: a**-1, "a⁻¹"),
    (lambda: a**12, "a¹²"),
    (lambda: a**0.5, "a^0.5"),
    (lambda: a**-0.5, "a^(−0.5)"),
    (lambda: 2**a, "2^a"),
    (lambda: a * a, "a × a"),
    (lambda: a // b, "a // b"),
    (lambda: tg.sigmoid(a), "σ(a)"),
    (lambda: tg.sigmoid(a, beta=1.0), "σ(a)"),
    (lambda: tg.sigmoid(a, beta=2.0), "σ(a, β=2)"),
    (lambda: tg.relu(a), "relu(a)"),
    (lambda: np.tanh(a), "tanh(a)"),
    (lambda: np.exp(-a), "exp(−a)"),
    (lambda: np.log(a + 1), "log(a + 1)"),
    (lambda: np.mean(x), "mean(x)"),
    (lambda: np.mean(M, axis=1, keepdims=True), "mean(M, axis=1, keepdims=True)"),
    (lambda: np.where(a > b, a, 0), "where(a > b, a, 0)"),
    (lambda: np.maximum(x, 0), "maximum(x, 0)"),
    (lambda: x[0], "x[0]"),
    (lambda: x[1:], "x[1:]"),
    (lambda: x[-1], "x[−1]"),
    (lambda: x[mask], "x[mask]"),
    (lambda: M[0, ::2], "M[0, ::2]"),
    (lambda: x[x > 1], "x[x > 1]"),
    (lambda: M.reshape(3, 2), "reshape(M, shape=(3, 2))"),
    (lambda: np.reshape(M, (6,)), "reshape(M, shape=(6,))"),
    (lambda: M.T, "Mᵀ"),
    (lambda: np.transpose(M), "Mᵀ"),
    (lambda: T.mT, "Tᵀ"),
    (lambda: T.swapaxes(0, 1), "swapaxes(T, axis1=0, axis2=1)"),
    (lambda: np.transpose(T, (1, 0, 2)), "transpose(T, axes=(1, 0, 2))"),
    (lambda: np.concatenate([x, h]), "concatenate([x, h])"),
    (lambda: np.concatenate([M, M], axis=1), "concatenate([M, M], axis=1)"),
    (lambda: np.concatenate([M, M], axis=None), "concatenate([M, M], axis=None)"),
    (lambda: np.stack([x, h]), "stack([x, h])"),
    (lambda: np.stack([x, h, x, h, f]), "stack([x, h, …, f])"),
    (lambda: np.broadcast_to(x, (2, 3)), "broadcast_to(x, shape=(2, 3))"),
    (lambda: a + 1 / 3, "a + 0.333333…"),
    (lambda: M * np.ones((2, 3)), "M × array(2×3)"),
]


@pytest.mark.parametrize(("build", "expected"), NOTATIONS, ids=[expected for _, expected in NOTATIONS])
def test_notation(build, expected):
    assert text(build(), limit=40) == expected


def test_titles():
    z = x * 2
    nodes = history(np.exp(z))
    labels = labels_of(nodes)
    assert [title(node, labels) for node in nodes] == ["x", "z = x × 2", "exp(z)"]


def test_a_leaf_without_a_name_is_shown_by_its_numbers():
    nodes = history(np.exp([tg.Value([1.0, 2.0])][0]))
    labels = labels_of(nodes)
    assert [title(node, labels) for node in nodes] == ["[1, 2]", "exp([1, 2])"]


def test_the_regression_objective():
    Theta0, Theta1 = tg.Value(0.5), tg.Value(2.0)
    x, y = np.arange(3.0), np.ones(3)
    Q = np.mean((Theta1 * x + Theta0 - y) ** 2) / 2
    nodes = history(Q)
    labels = labels_of(nodes)
    assert [title(node, labels) for node in nodes] == [
        "Θ₀",
        "Θ₁",
        "Θ₁ × x",
        "Θ₁ × x + Θ₀",
        "Θ₁ × x + Θ₀ − y",
        "(Θ₁ × x + Θ₀ − y)²",
        "mean((Θ₁ × x + Θ₀ − y)²)",
        "Q = mean((Θ₁ × x + Θ₀ − y)²) / 2",
    ]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (5, "… / 2"),
        (11, "mean(…) / 2"),
        (12, "mean(…²) / 2"),
        (18, "mean((f − h)²) / 2"),
    ],
)
def test_a_long_formula_keeps_its_outer_part(limit, expected):
    assert text(np.mean((f - h) ** 2) / 2, limit=limit) == expected


def test_what_does_not_fit_does_not_keep_a_shorter_part_out():
    assert text((np.sin(a) + np.cos(b)) ** 2 + 2 * a, limit=9) == "…² + 2a"
    assert text(np.maximum(a, 0) / (2 * a), limit=9) == "… / (2a)"


def test_a_long_chain_is_written_in_bounded_time():
    deep = functools.reduce(lambda x, _: +x, range(5000), a)
    assert text(deep) == "+(+(+(+(+(+(+(+(+…))))))))"
    assert text(functools.reduce(lambda x, _: x * x, range(60), np.exp(zero))) == "… × … × … × …"
