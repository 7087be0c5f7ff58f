"""Mistakes that were written after the search was finished, in models of their own; it was never tuned on them."""

from collections.abc import Iterator

from models import Lines, Model, _normal
from planted import Plant

RESIDUAL = Model(
    "residual block",
    """
    u = X @ A
    h = tanh(u)
    r = h @ B
    t = r + u
    m = relu(t)
    y = m @ c
    Q = np.mean((y - target) ** 2)
    """,
    lambda rng: _normal(rng, A=(3, 5), B=(5, 5), c=(5,), X=(11, 3), target=(11,)),
    ("A", "B", "c"),
    {
        "y": "2 * (y - target) / len(target)",
        "c": "m.T @ dy",
        "m": "np.outer(dy, c)",
        "t": "dm * (t > 0)",
        "r": "dt",
        "B": "h.T @ dr",
        "h": "dr @ B.T",
        "u": "dh * (1 - h ** 2) + dt",
        "A": "X.T @ du",
    },
)

LIKELIHOOD = Model(
    "normal likelihood",
    """
    mean = X @ w
    logv = X @ s
    prec = exp(-logv)
    err = mean - y
    Q = np.mean(0.5 * err ** 2 * prec + 0.5 * logv)
    """,
    lambda rng: _normal(rng, w=(3,), s=(3,), X=(13, 3), y=(13,)),
    ("w", "s"),
    {
        "err": "err * prec / len(y)",
        "prec": "0.5 * err ** 2 / len(y)",
        "mean": "derr",
        "logv": "0.5 / len(y) - dprec * prec",
        "w": "X.T @ dmean",
        "s": "X.T @ dlogv",
    },
)

GATE = Model(
    "gated unit",
    """
    i = X @ Wi
    o = X @ Wo + bo
    gate = sigmoid(o)
    cand = tanh(i)
    y = gate * cand
    s = y @ v
    Q = np.sum((s - z) ** 2) / (2 * len(z))
    """,
    lambda rng: _normal(rng, Wi=(5, 3), Wo=(5, 3), bo=(3,), v=(3, 2), X=(7, 5), z=(7, 2)),
    ("Wi", "Wo", "bo", "v"),
    {
        "s": "(s - z) / len(z)",
        "v": "y.T @ ds",
        "y": "ds @ v.T",
        "gate": "dy * cand",
        "cand": "dy * gate",
        "i": "dcand * (1 - cand ** 2)",
        "o": "dgate * gate * (1 - gate)",
        "Wi": "X.T @ di",
        "Wo": "X.T @ do",
        "bo": "np.sum(do, axis=0)",
    },
)

POISSON = Model(
    "Poisson regression",
    """
    eta = X @ w + b
    rate = exp(eta)
    penalty = 0.05 * np.sum(w ** 2)
    Q = np.mean(rate - y * eta) + penalty
    """,
    lambda rng: {**_normal(rng, w=(5,), b=(), X=(11, 5)), "y": rng.integers(5, size=11).astype(float)},
    ("w", "b"),
    {
        "rate": "np.ones(len(y)) / len(y)",
        "eta": "drate * rate - y / len(y)",
        "w": "X.T @ deta + 0.1 * w",
        "b": "np.sum(deta)",
    },
)

RECURRENT = Model(
    "two steps of a recurrence",
    """
    p1 = x1 @ U + h0 @ V
    h1 = tanh(p1)
    p2 = x2 @ U + h1 @ V
    h2 = tanh(p2)
    Q = np.mean((h2 - y) ** 2)
    """,
    lambda rng: _normal(rng, U=(3, 5), V=(5, 5), x1=(7, 3), x2=(7, 3), h0=(7, 5), y=(7, 5)),
    ("U", "V"),
    {
        "h2": "2 * (h2 - y) / y.size",
        "p2": "dh2 * (1 - h2 ** 2)",
        "h1": "dp2 @ V.T",
        "p1": "dh1 * (1 - h1 ** 2)",
        "U": "x2.T @ dp2 + x1.T @ dp1",
        "V": "h1.T @ dp2 + h0.T @ dp1",
    },
)

HELD_OUT: list[tuple[Model, str, str, str]] = [
    (RESIDUAL, "lost-path", "u", "dh * (1 - h ** 2)"),
    (RESIDUAL, "lost-path", "u", "dt"),
    (RESIDUAL, "double-path", "u", "dh * (1 - h ** 2) + 2 * dt"),
    (RESIDUAL, "double-path", "u", "2 * dh * (1 - h ** 2) + dt"),
    (RESIDUAL, "missing-derivative", "u", "dh + dt"),
    (RESIDUAL, "repeated-derivative", "u", "dh * (1 - h ** 2) ** 2 + dt"),
    (RESIDUAL, "wrong-point", "u", "dh * (1 - np.tanh(r) ** 2) + dt"),
    (RESIDUAL, "wrong-activation", "u", "dh * h * (1 - h) + dt"),
    (RESIDUAL, "missing-derivative", "t", "dm"),
    (RESIDUAL, "mask", "t", "dm * (u > 0)"),
    (RESIDUAL, "mask", "t", "dm * (t < 0)"),
    (RESIDUAL, "operand", "h", "dr @ B"),
    (RESIDUAL, "operand", "B", "u.T @ dr"),
    (RESIDUAL, "operand", "c", "t.T @ dy"),
    (RESIDUAL, "upstream-ignored", "B", "h.T @ dm"),
    (RESIDUAL, "sign", "y", "2 * (target - y) / len(target)"),
    (RESIDUAL, "constant-factor", "y", "(y - target) / len(target)"),
    (RESIDUAL, "constant-factor", "y", "2 * (y - target)"),
    (RESIDUAL, "transposed", "B", "dr.T @ h"),
    (RESIDUAL, "wrong-loss", "y", "np.sign(y - target) / len(target)"),
    (RESIDUAL, "missing-gradient", "c", "np.zeros(5)"),
    (RESIDUAL, "shifted", "A", "np.roll(X, -1, axis=0).T @ du"),
    (RESIDUAL, "sign", "u", "dt - dh * (1 - h ** 2)"),
    (LIKELIHOOD, "sign", "logv", "0.5 / len(y) + dprec * prec"),
    (LIKELIHOOD, "lost-path", "logv", "-dprec * prec"),
    (LIKELIHOOD, "lost-path", "logv", "0.5 / len(y) + 0 * dprec"),
    (LIKELIHOOD, "missing-derivative", "err", "err / len(y)"),
    (LIKELIHOOD, "constant-factor", "err", "2 * err * prec / len(y)"),
    (LIKELIHOOD, "constant-factor", "prec", "err ** 2 / len(y)"),
    (LIKELIHOOD, "missing-derivative", "logv", "0.5 / len(y) - dprec"),
    (LIKELIHOOD, "power-slip", "prec", "0.5 * err / len(y)"),
    (LIKELIHOOD, "operand", "s", "X.T @ dmean"),
    (LIKELIHOOD, "upstream-ignored", "w", "np.sum(X, axis=0)"),
    (LIKELIHOOD, "missing-sum", "w", "X * dmean[:, None]"),
    (LIKELIHOOD, "sign", "mean", "-derr"),
    (GATE, "operand", "gate", "dy * gate"),
    (GATE, "operand", "cand", "dy * cand"),
    (GATE, "operand", "gate", "dy * i"),
    (GATE, "operand", "cand", "dy * o"),
    (GATE, "missing-derivative", "gate", "dy"),
    (GATE, "missing-derivative", "i", "dcand"),
    (GATE, "missing-derivative", "o", "dgate"),
    (GATE, "wrong-activation", "i", "dcand * cand * (1 - cand)"),
    (GATE, "wrong-activation", "o", "dgate * (1 - gate ** 2)"),
    (GATE, "wrong-point", "o", "dgate * o * (1 - o)"),
    (GATE, "wrong-point", "i", "dcand * (1 - i ** 2)"),
    (GATE, "wrong-point", "i", "dcand * (1 - np.tanh(o) ** 2)"),
    (GATE, "repeated-derivative", "o", "dgate * (gate * (1 - gate)) ** 2"),
    (GATE, "upstream-ignored", "o", "gate * (1 - gate)"),
    (GATE, "upstream-ignored", "Wi", "X.T @ do"),
    (GATE, "mean-for-sum", "bo", "np.mean(do, axis=0)"),
    (GATE, "missing-sum", "bo", "do"),
    (GATE, "constant-factor", "s", "s - z"),
    (GATE, "constant-factor", "s", "(s - z) / z.size"),
    (GATE, "shifted", "v", "(y.T @ ds)[::-1]"),
    (GATE, "transposed", "v", "ds.T @ y"),
    (GATE, "wrong-loss", "s", "np.sign(s - z) / len(z)"),
    (POISSON, "missing-derivative", "eta", "drate - y / len(y)"),
    (POISSON, "lost-path", "eta", "drate * rate"),
    (POISSON, "sign", "eta", "drate * rate + y / len(y)"),
    (POISSON, "repeated-derivative", "eta", "drate * rate ** 2 - y / len(y)"),
    (POISSON, "regularisation", "w", "X.T @ deta"),
    (POISSON, "regularisation", "w", "X.T @ deta + 0.05 * w"),
    (POISSON, "regularisation", "b", "np.sum(deta) + 0.1 * b"),
    (POISSON, "sign", "w", "X.T @ deta - 0.1 * w"),
    (POISSON, "constant-factor", "rate", "np.ones(len(y))"),
    (POISSON, "mean-for-sum", "b", "np.mean(deta)"),
    (POISSON, "missing-sum", "b", "deta"),
    (POISSON, "constant-factor", "eta", "drate * rate - y"),
    (RECURRENT, "lost-path", "U", "x2.T @ dp2"),
    (RECURRENT, "lost-path", "V", "h0.T @ dp1"),
    (RECURRENT, "double-path", "V", "h1.T @ dp2 + 2 * h0.T @ dp1"),
    (RECURRENT, "operand", "V", "h2.T @ dp2 + h0.T @ dp1"),
    (RECURRENT, "operand", "V", "h1.T @ dp2 + h1.T @ dp1"),
    (RECURRENT, "operand", "U", "x2.T @ dp2 + x2.T @ dp1"),
    (RECURRENT, "operand", "h1", "dp2 @ V"),
    (RECURRENT, "wrong-point", "p1", "dh1 * (1 - h2 ** 2)"),
    (RECURRENT, "wrong-point", "p2", "dh2 * (1 - h1 ** 2)"),
    (RECURRENT, "missing-derivative", "p1", "dh1"),
    (RECURRENT, "wrong-point", "p2", "dh2 * (1 - p2 ** 2)"),
    (RECURRENT, "upstream-ignored", "h1", "dh2 @ V.T"),
    (RECURRENT, "upstream-ignored", "U", "x2.T @ dp2 + x1.T @ dh1"),
    (RECURRENT, "shifted", "U", "np.roll(x2, 1, axis=0).T @ dp2 + x1.T @ dp1"),
    (RECURRENT, "constant-factor", "h2", "2 * (h2 - y) / len(y)"),
    (RECURRENT, "sign", "h2", "2 * (y - h2) / y.size"),
]
"""(model, kind, name, wrong line)."""


def held_out() -> Iterator[Plant]:
    """The mistakes as plants."""
    for model, kind, row, text in HELD_OUT:
        lines: Lines = {row: text}
        yield Plant(model, kind, row, lines)
