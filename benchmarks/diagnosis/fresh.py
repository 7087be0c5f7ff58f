"""Slips of students in six models of their own, written without a look at the search: half in the catalogue, half not.

Two faults of the search that they showed were mended: a learning rate of 1, and the order in which two mistakes in one
line are put together. Those that are outside the catalogue must stay without a name.
"""

from collections.abc import Iterator

import numpy as np
from models import Lines, Model, _normal, _one_hot
from planted import Plant

POLYNOMIAL = Model(
    "parabola",
    """
    q = x ** 2
    f = c0 + c1 * x + c2 * q
    r = f - y
    Q = np.mean(r ** 2) / 2
    """,
    lambda rng: _normal(rng, c0=(), c1=(), c2=(), x=(13,), y=(13,)),
    ("c0", "c1", "c2"),
    {
        "r": "r / len(x)",
        "f": "dr",
        "c0": "np.sum(df)",
        "c1": "np.sum(df * x)",
        "c2": "np.sum(df * q)",
    },
)

AUTOENCODER = Model(
    "autoencoder with tied weights",
    """
    z = X @ W + b
    h = tanh(z)
    o = h @ W.T + c
    e = o - X
    Q = np.sum(e ** 2) / len(X)
    """,
    lambda rng: _normal(rng, W=(5, 3), b=(3,), c=(5,), X=(11, 5)),
    ("W", "b", "c"),
    {
        "e": "2 * e / len(X)",
        "o": "de",
        "c": "np.sum(do, axis=0)",
        "h": "do @ W",
        "z": "dh * (1 - h ** 2)",
        "b": "np.sum(dz, axis=0)",
        "W": "X.T @ dz + do.T @ h",
    },
)

FACTORS = Model(
    "matrix factorisation",
    """
    R = U @ V.T
    E = M * (R - S)
    fit = 0.5 * np.sum(E ** 2)
    penalty = 0.05 * np.sum(U ** 2) + 0.05 * np.sum(V ** 2)
    Q = fit + penalty
    """,
    lambda rng: {**_normal(rng, U=(7, 3), V=(5, 3), S=(7, 5)), "M": rng.uniform(size=(7, 5))},
    ("U", "V"),
    {
        "E": "E",
        "R": "M * dE",
        "U": "dR @ V + 0.1 * U",
        "V": "dR.T @ U + 0.1 * V",
    },
)

DIRECTION = Model(
    "unit vectors",
    """
    u = X @ A
    n2 = np.sum(u * u, axis=1, keepdims=True)
    n = sqrt(n2)
    s = u / n
    Q = np.mean((s - D) ** 2)
    """,
    lambda rng: _normal(rng, A=(3, 5), X=(7, 3), D=(7, 5)),
    ("A",),
    {
        "s": "2 * (s - D) / D.size",
        "n": "-rows(ds * u) / n ** 2",
        "n2": "dn / (2 * n)",
        "u": "ds / n + 2 * u * dn2",
        "A": "X.T @ du",
    },
)

TEMPERATURE = Model(
    "softmax with a temperature",
    """
    z = X @ W + b
    t = z / 3
    m = np.log(np.sum(exp(t), axis=1, keepdims=True))
    logp = t - m
    Q = -np.mean(np.sum(Y * logp, axis=1))
    """,
    lambda rng: {**_normal(rng, W=(3, 5), b=(5,), X=(11, 3)), "Y": _one_hot(rng, 11, 5)},
    ("W", "b"),
    {
        "logp": "-Y / len(Y)",
        "m": "-rows(dlogp)",
        "t": "dlogp + dm * exp(logp)",
        "z": "dt / 3",
        "W": "X.T @ dz",
        "b": "np.sum(dz, axis=0)",
    },
)

DECAY = Model(
    "exponential decay",
    """
    g = k * t
    d = exp(-g)
    f = a * d
    r = f - y
    Q = np.sum(r ** 2)
    """,
    lambda rng: {
        "a": 1 + rng.uniform(),
        "k": rng.uniform(),
        "t": np.arange(1.0, 8.0),
        "y": rng.normal(size=7),
    },
    ("a", "k"),
    {
        "r": "2 * r",
        "f": "dr",
        "a": "np.sum(df * d)",
        "d": "df * a",
        "g": "-dd * d",
        "k": "np.sum(dg * t)",
    },
)

SLIPS: list[tuple[Model, str, str, str]] = [
    (POLYNOMIAL, "missing-derivative", "c1", "np.sum(df)"),
    (POLYNOMIAL, "operand", "c2", "np.sum(df * x)"),
    (POLYNOMIAL, "constant-factor", "r", "2 * r / len(x)"),
    (POLYNOMIAL, "mean-for-sum", "c0", "np.mean(df)"),
    (AUTOENCODER, "lost-path", "W", "X.T @ dz"),
    (AUTOENCODER, "missing-derivative", "z", "dh"),
    (AUTOENCODER, "constant-factor", "e", "2 * e / X.size"),
    (FACTORS, "missing-derivative", "R", "dE"),
    (FACTORS, "regularisation", "U", "dR @ V + 0.05 * U"),
    (DIRECTION, "lost-statistics", "u", "ds / n"),
    (DIRECTION, "power-slip", "n", "-rows(ds * u) / n"),
    (TEMPERATURE, "lost-statistics", "t", "dlogp"),
    (TEMPERATURE, "constant-factor", "z", "dt"),
    (DECAY, "sign", "g", "dd * d"),
    (DECAY, "upstream-ignored", "k", "np.sum(dd * t)"),
]
"""(model, kind, name, wrong line): mistakes of the catalogue."""

OTHER: list[tuple[Model, str, str]] = [
    (POLYNOMIAL, "c2", "np.sum(df * 2 * x) + np.sum(df)"),
    (POLYNOMIAL, "c2", "np.sum(df) * np.sum(q) / 2"),
    (POLYNOMIAL, "c1", "np.sum(df * (x - np.mean(x)))"),
    (AUTOENCODER, "z", "dh * (1 - h) * (1 + z)"),
    (AUTOENCODER, "W", "X.T @ dz + do.T @ z + 0.5 * W ** 2"),
    (AUTOENCODER, "h", "do @ W + o @ W"),
    (AUTOENCODER, "e", "2 * (o + X) / len(X)"),
    (FACTORS, "E", "(R - S) ** 2"),
    (FACTORS, "U", "dR @ (V - U[:5]) + 0.1 * U"),
    (DIRECTION, "u", "(ds - s * np.mean(ds * s, axis=0)) / n"),
    (DIRECTION, "n", "-rows(ds) * rows(u) / n ** 2"),
    (DIRECTION, "s", "(1 - s * D) / D.size"),
    (TEMPERATURE, "t", "(exp(logp) - Y) * exp(logp) / len(Y)"),
    (TEMPERATURE, "t", "(np.round(exp(logp)) - Y) / len(Y)"),
    (DECAY, "d", "df * (a - k)"),
    (DECAY, "g", "-dd * (d - 1)"),
]
"""(model, name, wrong line): mistakes that have no name."""

FRESH_BY_NUMBERS = {
    ("matrix factorisation", "E", "(R - S) ** 2"): "M * (R - S) ** 2 is (R - S) * E, a wrong factor beside E",
    ("softmax with a temperature", "t", "(np.round(exp(logp)) - Y) / len(Y)"): "all probabilities round to 0",
}
"""Lines that turned out, when they were run, to be a mistake of the catalogue by their numbers."""


def fresh_slips() -> Iterator[Plant]:
    """The mistakes of the catalogue."""
    for model, kind, row, text in SLIPS:
        yield Plant(model, kind, row, {row: text})


def fresh_lines() -> Iterator[tuple[Model, Lines]]:
    """The lines that no kind describes."""
    for model, row, text in OTHER:
        yield model, {row: text}
