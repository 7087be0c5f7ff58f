"""Mistakes planted in the derivations: generic ones at every line, and those that need the line's own formula."""

from collections.abc import Iterator
from typing import NamedTuple

from models import MODELS, Lines, Model


class Plant(NamedTuple):
    """One mistake: its kind, the name whose gradient it spoils first, and what it does to the lines."""

    model: Model
    kind: str
    node: str
    lines: Lines
    leave_out: tuple[str, ...] = ()


EVERYWHERE: list[tuple[str, str]] = [
    ("sign", "-({line})"),
    ("constant-factor", "2 * ({line})"),
    ("constant-factor", "({line}) / 2"),
    ("missing-gradient", "0 * ({line})"),
]
"""Of any line."""

COUNTED = {
    "linear regression": "len(x)",
    "regression with a penalty": "len(y)",
    "neuron": "len(y)",
    "neuron with cross-entropy": "len(y)",
    "XOR network": "len(x)",
    "deep network, tanh": "len(X)",
    "deep network, relu": "len(X)",
    "deep network, sigmoid": "len(X)",
    "deep network, softplus": "len(X)",
    "softmax cross-entropy": "len(X)",
    "layer normalisation": "len(X)",
    "batch normalisation": "len(X)",
    "embedding": "len(words)",
    "attention": "len(X)",
}
"""The size of the batch: what a gradient is multiplied with or divided by once too often."""

MATRICES = {
    "XOR network": ("W1",),
    "deep network, tanh": ("W1", "W2", "W3"),
    "deep network, relu": ("W2",),
    "deep network, sigmoid": ("W2",),
    "deep network, softplus": ("W2",),
    "softmax cross-entropy": ("W",),
    "layer normalisation": ("W",),
    "batch normalisation": ("W",),
    "embedding": ("W", "C"),
    "attention": ("Wq", "Wk", "Wv", "t"),
}

SLOPED = {
    "neuron": [("z", "a", "a")],
    "neuron with cross-entropy": [("z", "a", "a")],
    "XOR network": [("z2", "a2", "a2"), ("z1", "a1", "a1")],
    "deep network, tanh": [("z2", "a2", "a2"), ("z1", "a1", "a1")],
    "deep network, relu": [("z2", "a2", "a2"), ("z1", "a1", "a1")],
    "deep network, sigmoid": [("z2", "a2", "a2"), ("z1", "a1", "a1")],
    "deep network, softplus": [("z2", "a2", "a2"), ("z1", "a1", "a1")],
    "batch normalisation": [("o", "a", "a")],
    "embedding": [("z", "a", "a")],
}
"""(name, its activation): where the derivative of an activation belongs."""

OTHER_SLOPES = {
    "tanh": "(1 - np.tanh({z}) ** 2)",
    "sigmoid": "sigmoid({z}) * (1 - sigmoid({z}))",
    "relu": "({z} > 0)",
}

OF_MODEL: dict[str, list[tuple[str, str, str]]] = {
    "linear regression": [
        ("missing-derivative", "theta1", "np.sum(df)"),
        ("constant-factor", "f", "f - y"),
        ("constant-factor", "f", "(f - y) / len(x) ** 2"),
        ("constant-factor", "f", "(f - y) / (len(x) - 1)"),
        ("sign", "f", "(y - f) / len(x)"),
        ("mean-for-sum", "theta0", "np.mean(df)"),
        ("mean-for-sum", "theta1", "np.mean(df * x)"),
        ("missing-sum", "theta0", "df"),
        ("missing-sum", "theta1", "df * x"),
        ("operand", "theta1", "np.sum(df * y)"),
        ("operand", "theta1", "np.sum(df * f)"),
        ("wrong-loss", "f", "np.sign(f - y) / len(x)"),
        ("upstream-ignored", "theta1", "np.sum(x)"),
        ("stale-parameters", "theta1", "np.sum((x * theta1 + theta0 - 0.1 * dtheta0 - y) / len(x) * x)"),
    ],
    "regression with a penalty": [
        ("regularisation", "w", "X.T @ df"),
        ("regularisation", "w", "X.T @ df + 0.3 * w"),
        ("regularisation", "w", "X.T @ df + 0.6 * w / len(w)"),
        ("regularisation", "w", "X.T @ df + 0.6 * w / len(y)"),
        ("regularisation", "b", "np.sum(df) + 0.6 * b"),
        ("lost-path", "w", "0.6 * w"),
        ("double-path", "w", "2 * (X.T @ df) + 0.6 * w"),
        ("sign", "w", "X.T @ df - 0.6 * w"),
        ("power-slip", "w", "X.T @ df + 0.6 * w ** 2"),
        ("mean-for-sum", "b", "np.mean(df)"),
        ("missing-sum", "b", "df"),
    ],
    "neuron": [
        ("upstream-ignored", "z", "a * (1 - a)"),
        ("upstream-ignored", "w", "X.T @ da"),
        ("upstream-ignored", "w", "X.T @ np.ones(len(y))"),
        ("missing-sum", "b", "dz"),
        ("mean-for-sum", "b", "np.mean(dz)"),
        ("wrong-loss", "a", "(a - y) / (a * (1 - a)) / len(y)"),
        ("wrong-loss", "a", "np.sign(a - y) / len(y)"),
        (
            "stale-parameters",
            "b",
            "(lambda a: np.sum((a - y) / len(y) * a * (1 - a)))(sigmoid(X @ (w - 0.5 * dw) + b))",
        ),
        ("elementwise-for-matmul", "w", "X * dz[:, None]"),
    ],
    "neuron with cross-entropy": [
        ("sign", "a", "(y / a - (1 - y) / (1 - a)) / len(y)"),
        ("wrong-loss", "a", "(a - y) / len(y)"),
        ("wrong-loss", "a", "2 * (a - y) / len(y)"),
        ("wrong-loss", "a", "-y / a / len(y)"),
        ("lost-path", "a", "(1 - y) / (1 - a) / len(y)"),
        ("sign", "a", "(-y / a - (1 - y) / (1 - a)) / len(y)"),
        ("power-slip", "a", "(-y * a + (1 - y) / (1 - a)) / len(y)"),
        ("constant-factor", "a", "-y / a + (1 - y) / (1 - a)"),
        ("upstream-ignored", "z", "a * (1 - a)"),
    ],
    "XOR network": [
        ("wrong-loss", "a2", "(a2 - y) / (a2 * (1 - a2)) / len(x)"),
        ("operand", "W2", "z1.T @ dz2"),
        ("operand", "a1", "da2 @ W2.T"),
        ("upstream-ignored", "W2", "a1.T @ da2"),
        (
            "stale-parameters",
            "W1",
            "(lambda a2, V: x.T @ (((a2 - y) / len(x) * a2 * (1 - a2)) @ V.T * a1 * (1 - a1)))(sigmoid(a1 @ (W2 - 0.3 * dW2) + b2), W2 - 0.3 * dW2)",
        ),
        ("upstream-ignored", "b1", "np.sum(da1, axis=0)"),
        ("upstream-ignored", "W1", "x.T @ da1"),
        ("missing-sum", "b1", "dz1"),
        ("missing-sum", "b2", "dz2"),
        ("mean-for-sum", "b1", "np.mean(dz1, axis=0)"),
        ("mean-for-sum", "b2", "np.mean(dz2, axis=0)"),
        ("constant-factor", "a2", "2 * (a2 - y) / len(x)"),
        ("constant-factor", "a2", "a2 - y"),
        ("shifted", "W1", "np.roll(x, 1, axis=0).T @ dz1"),
        ("elementwise-for-matmul", "a1", "dz2 * W2[:, 0]"),
    ],
    "deep network, tanh": [
        ("operand", "W2", "a2.T @ dz2"),
        ("operand", "W2", "z1.T @ dz2"),
        ("operand", "W3", "a1.T @ dz3"),
        ("operand", "W3", "z2.T @ dz3"),
        ("operand", "a1", "dz2 @ W2"),
        ("upstream-ignored", "W2", "a1.T @ da2"),
        ("upstream-ignored", "z1", "1 - a1 ** 2"),
        ("wrong-point", "z2", "da2 * (1 - a1 ** 2)"),
        ("wrong-point", "z1", "da1 * (1 - a2 ** 2)"),
        ("wrong-point", "z1", "da1 * (1 - z1 ** 2)"),
        ("transposed", "W2", "dz2.T @ a1"),
        ("missing-sum", "b2", "dz2"),
        ("mean-for-sum", "b3", "np.mean(dz3, axis=0)"),
        ("constant-factor", "z3", "(z3 - Y) / Y.size"),
        ("constant-factor", "z3", "2 * (z3 - Y) / len(Y)"),
        ("shifted", "W2", "np.roll(a1, 1, axis=0).T @ dz2"),
    ],
    "deep network, relu": [
        ("mask", "z2", "da2 * (z2 < 0)"),
        ("mask", "z1", "da1 * (z2 > 0)"),
        ("mask", "z1", "da1 * (da1 > 0)"),
        ("mask", "z2", "da2 * (z1 > 0)"),
        ("upstream-ignored", "z2", "1.0 * (z2 > 0)"),
        ("operand", "W3", "z2.T @ dz3"),
    ],
    "deep network, sigmoid": [
        ("wrong-point", "z2", "da2 * z2 * (1 - z2)"),
        ("wrong-point", "z1", "da1 * a2 * (1 - a2)"),
        ("operand", "W3", "z2.T @ dz3"),
    ],
    "deep network, softplus": [
        ("wrong-point", "z2", "da2 * sigmoid(a2)"),
        ("wrong-point", "z1", "da1 * sigmoid(z2)"),
    ],
    "softmax cross-entropy": [
        ("lost-statistics", "e", "dp / s"),
        ("lost-path", "e", "ds + 0 * e"),
        ("double-path", "e", "dp / s + 2 * ds"),
        ("sign", "s", "rows(dp * e) / s ** 2"),
        ("power-slip", "s", "-rows(dp * e) / s"),
        ("power-slip", "s", "-rows(dp * e) / s ** 3"),
        ("missing-derivative", "z", "de"),
        ("missing-derivative", "e", "dp + ds"),
        ("power-slip", "p", "-Y * p / len(Y)"),
        ("sign", "p", "Y / p / len(Y)"),
        ("constant-factor", "p", "-Y / p"),
        ("wrong-loss", "p", "2 * (p - Y) / len(Y)"),
        ("wrong-loss", "p", "(p - Y) / len(Y)"),
        ("diagonal-only", "z", "dp * p * (1 - p)"),
        ("mean-for-sum", "b", "np.mean(dz, axis=0)"),
        ("missing-sum", "b", "dz"),
        ("shifted", "W", "np.roll(X, 1, axis=0).T @ dz"),
    ],
    "layer normalisation": [
        ("lost-statistics", "h", "dd"),
        ("lost-statistics", "d", "dn / s"),
        ("lost-path", "d", "dv * 2 * d / 5"),
        ("constant-factor", "v", "ds / s"),
        ("sign", "s", "rows(dn * d) / s ** 2"),
        ("power-slip", "s", "-rows(dn * d) / s"),
        ("power-slip", "v", "ds * 2 * s"),
        ("missing-derivative", "n", "do"),
        ("operand", "gamma", "np.sum(do * d, axis=0)"),
        ("operand", "gamma", "np.sum(do * h, axis=0)"),
        ("missing-sum", "beta", "do"),
        ("missing-sum", "gamma", "do * n"),
        ("constant-factor", "h", "dd + dmu"),
        ("diagonal-only", "h", "dn / s * (1 - 1 / 5 - n ** 2 / 5)"),
        ("upstream-ignored", "gamma", "np.sum(n, axis=0)"),
    ],
    "batch normalisation": [
        ("lost-statistics", "h", "dd"),
        ("lost-statistics", "d", "dn * r"),
        ("lost-path", "d", "dv * 2 * d / (len(X) - 1)"),
        ("constant-factor", "d", "dn * r + dv * d / (len(X) - 1)"),
        ("constant-factor", "d", "dn * r + dv * 2 * d / len(X)"),
        ("power-slip", "v", "dr * -0.5 * (v + 1e-5) ** -0.5"),
        ("sign", "v", "dr * 0.5 * (v + 1e-5) ** -1.5"),
        ("sign", "mu", "columns(dd)"),
        ("operand", "gamma", "np.sum(do * d, axis=0)"),
        ("operand", "r", "columns(dn * h)"),
        ("missing-derivative", "n", "do"),
        ("missing-derivative", "d", "dn + dv * 2 * d / (len(X) - 1)"),
        ("missing-sum", "beta", "do"),
        ("mean-for-sum", "beta", "np.mean(do, axis=0)"),
        ("mean-for-sum", "mu", "-mean_columns(dd)"),
        ("diagonal-only", "h", "dn * r * (1 - 1 / len(X) - n ** 2 / (len(X) - 1))"),
        ("upstream-ignored", "gamma", "np.sum(n * da, axis=0)"),
        ("wrong-point", "o", "da * (1 - o ** 2)"),
    ],
    "embedding": [
        ("overwritten", "C", "np.array([dE[np.flatnonzero(words == i)[-1]] for i in range(5)])"),
        ("operand", "E", "da @ W.T"),
        ("mean-for-sum", "b", "np.mean(dz, axis=0)"),
        ("missing-sum", "b", "dz"),
        ("upstream-ignored", "W", "E.T @ da"),
        ("constant-factor", "a", "(a - Y) / len(Y)"),
        ("constant-factor", "a", "2 * (a - Y) / Y.size"),
        ("shifted", "C", "np.eye(5)[(words + 1) % 5].T @ dE"),
    ],
    "attention": [
        ("constant-factor", "q", "dt @ k"),
        ("constant-factor", "k", "dt.T @ q"),
        ("operand", "q", "0.5 * dt @ q"),
        ("transposed", "k", "0.5 * dt @ q"),
        ("lost-statistics", "e", "dp / s"),
        ("missing-derivative", "t", "de"),
        ("operand", "v", "p @ do"),
        ("upstream-ignored", "Wq", "X.T @ dk"),
        ("operand", "Wv", "X.T @ do"),
        ("diagonal-only", "t", "dp * p * (1 - p)"),
        ("double-path", "e", "2 * dp / s + ds"),
        ("power-slip", "s", "-rows(dp * e) / s"),
    ],
}
"""(kind, name, wrong line), by model."""

SWAPS = {
    "linear regression": [("theta0", "theta1")],
    "attention": [("Wq", "Wk")],
    "layer normalisation": [("gamma", "beta")],
    "batch normalisation": [("gamma", "beta")],
    "deep network, tanh": [("b1", "b2")],
}


def plants() -> Iterator[Plant]:
    """All planted mistakes."""
    for name, model in MODELS.items():
        for row, line in model.backward.items():
            for kind, template in EVERYWHERE:
                yield Plant(model, kind, row, {row: template.format(line=line)})
            yield Plant(model, "constant-factor", row, {row: f"{COUNTED[name]} * ({line})"})
            yield Plant(model, "constant-factor", row, {row: f"({line}) / {COUNTED[name]}"})
        for row in MATRICES.get(name, ()):
            line = model.backward[row]
            yield Plant(model, "transposed", row, {row: f"({line}).T"})
            yield Plant(model, "shifted", row, {row: f"np.roll({line}, 1, axis=0)"})
            yield Plant(model, "shifted", row, {row: f"({line})[::-1]"})
        for row, above, _ in SLOPED.get(name, ()):
            incoming = "d" + above
            yield Plant(model, "missing-derivative", row, {row: incoming})
            slope = model.backward[row].removeprefix(incoming + " * ")
            yield Plant(model, "repeated-derivative", row, {row: f"{incoming} * ({slope}) ** 2"})
            yield Plant(model, "wrong-point", row, {row: f"{incoming} * ({_at_result(slope, row, above)})"})
            for other, text in OTHER_SLOPES.items():
                if other != _activation(name):
                    yield Plant(model, "wrong-activation", row, {row: f"{incoming} * {text.format(z=row)}"})
        for kind, row, text in OF_MODEL.get(name, ()):
            yield Plant(model, kind, row, {row: text})
        for one, other in SWAPS.get(name, ()):
            yield Plant(model, "swapped", one, {f"{one}/{other}": f"swap {one} {other}"})


def _activation(model: str) -> str:
    """The activation of a model."""
    if "," in model:
        return model.split(", ")[1]
    return "tanh" if model in ("batch normalisation", "embedding") else "sigmoid"


def _at_result(slope: str, below: str, above: str) -> str:
    """The slope with its argument and its result taken for each other, once."""
    if above in slope:
        return slope.replace(above, below)
    return slope.replace(below, above)
