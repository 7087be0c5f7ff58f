"""Wrong lines that no kind of the catalogue describes, written before the search was: it must not name one.

They are slips that people make, not noise: a bracket in the wrong place, half of a derivative, an approximation,
an unwanted clip, a first row for all rows, a wrong reduction.
"""

from collections.abc import Iterator

from models import MODELS, Lines, Model

ANYWHERE = {
    "absolute value": "np.abs({line})",
    "clipped": "np.clip({line}, -0.01, 0.01)",
    "squared": "({line}) ** 2 + ({line})",
    "plus a constant": "({line}) + 0.1",
    "odd factor": "1.1 * ({line})",
    "rounded": "np.round({line}, 2)",
    "normalised": "({line}) / np.linalg.norm({line})",
    "tanh of it": "np.tanh({line})",
    "half precision": "np.asarray({line}).astype(np.float16).astype(float)",
    "kept only if large": "np.where(np.abs({line}) > 0.01, {line}, 0)",
}
"""Templates for any line."""

MATRICES = {
    "first row counted twice": "np.vstack([2 * ({line})[:1], ({line})[1:]])",
    "last row forgotten": "np.vstack([({line})[:-1], 0 * ({line})[-1:]])",
    "running sum": "np.cumsum({line}, axis=0)",
    "centred": "({line}) - np.mean({line}, axis=0)",
    "sorted": "np.sort({line}, axis=0)",
    "divided by the largest": "({line}) / np.max(np.abs({line}), axis=0)",
    "smoothed": "(({line}) + np.roll({line}, 1, axis=0)) / 2",
}
"""Templates for lines that give a matrix."""

OF_MODEL: dict[str, list[tuple[str, str]]] = {
    "linear regression": [
        ("f", "(f - y) ** 2 / len(x)"),
        ("f", "(f - y) ** 3 / len(x)"),
        ("f", "(f - 2 * y) / len(x)"),
        ("f", "(f + y) / len(x)"),
        ("f", "(f - np.mean(y)) / len(x)"),
        ("theta1", "np.sum(df * (x + 1))"),
        ("theta1", "np.sum(df) * np.mean(x)"),
        ("theta1", "np.sum(df * x ** 2) / np.sum(np.abs(x))"),
        ("theta0", "np.max(df)"),
        ("theta0", "np.median(df) * len(x)"),
        ("theta0", "np.sum(df[1:])"),
    ],
    "regression with a penalty": [
        ("w", "X.T @ df + 0.6 * np.mean(w)"),
        ("w", "X.T @ df + 0.3 * np.sign(w)"),
        ("w", "X.T @ df + 0.6 * w ** 3"),
        ("w", "(X + 1).T @ df + 0.6 * w"),
        ("b", "np.sum(df) + 0.6 * np.sum(w)"),
        ("f", "2 * (f - y + b) / len(y)"),
    ],
    "neuron": [
        ("z", "da * a * (2 - a)"),
        ("z", "da * a"),
        ("z", "da * (1 - a)"),
        ("z", "da * (1 - a) ** 2"),
        ("z", "da * a * (1 + a)"),
        ("z", "da * (a + (1 - a))* a ** 3"),
        ("a", "(a - np.round(y)) / len(y)"),
        ("a", "(a - y) ** 2 / len(y)"),
        ("w", "np.abs(X).T @ dz"),
        ("w", "X[0] * np.sum(dz)"),
        ("w", "np.mean(X, axis=0) * np.sum(dz)"),
    ],
    "neuron with cross-entropy": [
        ("a", "(-y / a + (1 - y) / (1 + a)) / len(y)"),
        ("a", "(-y / (a + 0.1) + (1 - y) / (1 - a + 0.1)) / len(y)"),
        ("a", "(-y * log(a) - (1 - y) * log(1 - a)) / len(y)"),
        ("a", "(-y / a ** 3 + (1 - y) / (1 - a)) / len(y)"),
        ("z", "da * a"),
        ("z", "da * (1 - a) ** 2"),
        ("w", "np.max(X, axis=0) * np.sum(dz)"),
    ],
    "XOR network": [
        ("z2", "da2 * a2"),
        ("z2", "da2 * (1 - a2)"),
        ("z2", "da2 * a2 * (2 - a2)"),
        ("z1", "da1 * a1"),
        ("z1", "da1 * (1 - a1) ** 2"),
        ("z1", "da1 * a1 * (1 + a1)"),
        ("a1", "dz2 @ np.sign(W2).T"),
        ("a1", "np.mean(dz2) * W2.T + 0 * a1"),
        ("W2", "(a1 - 0.5).T @ dz2"),
        ("W1", "(2 * x - 1).T @ dz1"),
        ("a2", "(a2 - y + 0.01) / len(x)"),
    ],
    "deep network, tanh": [
        ("z2", "da2 * (1 - a2)"),
        ("z2", "da2 * (1 + a2 ** 2)"),
        ("z2", "da2 * (1 - a2) * a2 ** 2"),
        ("z1", "da1 * (1 - np.abs(a1))"),
        ("z1", "da1 * (1 - a1 ** 3)"),
        ("z1", "da1 * (2 - a1 ** 2)"),
        ("a1", "dz2 @ (W2 + W2.T) / 2"),
        ("a1", "dz2 @ np.linalg.pinv(W2)"),
        ("a2", "dz3 @ (W3.T + 0.1)"),
        ("W2", "np.round(a1).T @ dz2"),
    ],
    "deep network, relu": [
        ("z2", "da2 * (z2 > 0.5)"),
        ("z1", "da1 * (z1 > -0.5)"),
        ("z1", "da1 * np.where(z1 > 0, 1, 0.01)"),
        ("z2", "da2 * np.clip(z2, 0, 1)"),
        ("a1", "dz2 @ np.linalg.pinv(W2)"),
        ("W2", "(a1 > 0).T @ dz2 * 0.5 + 0.5 * a1.T @ dz2"),
    ],
    "deep network, sigmoid": [
        ("z2", "da2 * a2"),
        ("z2", "da2 * (1 - a2)"),
        ("z2", "da2 * 0.25"),
        ("z1", "da1 * a1 * (2 - a1)"),
        ("z1", "da1 * a1 * (1 - a1 ** 3)"),
        ("W3", "(a2 - np.mean(a2, axis=0)).T @ dz3"),
    ],
    "deep network, softplus": [
        ("z2", "da2 * (1 - sigmoid(z2))"),
        ("z1", "da1 * sigmoid(z1) * 1.5"),
        ("z1", "da1 * exp(z1) / (2 + exp(z1))"),
        ("z2", "da2 * (0.5 + z2 / 4)"),
    ],
    "softmax cross-entropy": [
        ("p", "-Y / (p + 0.01) / len(Y)"),
        ("p", "-Y * log(p) / len(Y)"),
        ("p", "-Y / p ** 4 / len(Y)"),
        ("s", "-rows(dp * e) / (s ** 2 + 1)"),
        ("s", "-np.mean(dp * e) / s ** 2"),
        ("e", "dp / (s + e) + ds"),
        ("z", "de * (e + 1)"),
        ("z", "de * e - np.mean(de * e, axis=0)"),
        ("z", "p * (1 - Y) / len(Y)"),
        ("z", "(p - np.round(p)) / len(Y)"),
    ],
    "layer normalisation": [
        ("s", "-rows(dn * d) / (s ** 2 + 1e-2)"),
        ("v", "ds / (2 * s + 0.1)"),
        ("d", "dn / (s + 0.1) + dv * 2 * d / 5"),
        ("n", "do * (1 + gamma)"),
        ("n", "do * np.mean(gamma)"),
        ("gamma", "np.sum(do * np.abs(n), axis=0)"),
        ("h", "dd + np.mean(dmu) / 5"),
        ("mu", "-np.max(dd, axis=1, keepdims=True)"),
    ],
    "batch normalisation": [
        ("o", "da * (1 - a)"),
        ("o", "da * (1 + a ** 2)"),
        ("v", "dr * -0.5 * (v + 1e-1) ** -1.5"),
        ("n", "do * (1 + gamma)"),
        ("d", "dn * (r + 0.1) + dv * 2 * d / (len(X) - 1)"),
        ("h", "dd + np.mean(dmu) / len(X)"),
        ("mu", "-np.max(dd, axis=0, keepdims=True)"),
        ("beta", "np.max(do, axis=0)"),
        ("gamma", "np.sum(do * (n + 1), axis=0)"),
    ],
    "embedding": [
        ("C", "np.eye(5)[np.unique(words)].T @ dE[:5]"),
        ("C", "(np.eye(5)[words] > 0).T @ np.abs(dE)"),
        ("C", "np.eye(5)[words].T @ (dE - np.mean(dE, axis=0))"),
        ("C", "np.array([np.max(dE[words == i], axis=0) for i in range(5)])"),
        ("z", "da * (1 - np.abs(a))"),
        ("E", "dz @ np.abs(W).T"),
    ],
    "attention": [
        ("v", "np.round(p).T @ do"),
        ("s", "-rows(dp * e) / (s ** 2 + 1)"),
        ("e", "dp / (s + e) + ds"),
        ("t", "de * (e + 1)"),
        ("q", "0.45 * dt @ k"),
        ("k", "0.5 * np.tril(dt).T @ q"),
        ("q", "0.5 * np.tril(dt) @ k"),
        ("p", "np.tril(do @ v.T)"),
        ("Wq", "(X - np.mean(X, axis=0)).T @ dq"),
    ],
}
"""(name, wrong line), by model."""

MATRIX_LINES = {
    "XOR network": ("z1", "W1"),
    "deep network, tanh": ("z2", "W2", "a1"),
    "deep network, relu": ("z2", "W2"),
    "softmax cross-entropy": ("z", "W"),
    "layer normalisation": ("n", "W"),
    "batch normalisation": ("n", "W"),
    "embedding": ("z", "C"),
    "attention": ("o", "Wk", "p"),
}
PLACES = {
    "linear regression": ("f",),
    "regression with a penalty": ("w",),
    "neuron": ("z",),
    "XOR network": ("z2", "W1"),
    "deep network, tanh": ("W2",),
    "softmax cross-entropy": ("p",),
    "layer normalisation": ("d",),
    "batch normalisation": ("gamma",),
    "embedding": ("E",),
    "attention": ("t",),
}


def wrong_lines() -> Iterator[tuple[Model, Lines]]:
    """Every model with each of the lines that are wrong in its own way."""
    for name, slips in OF_MODEL.items():
        for row, text in slips:
            yield MODELS[name], {row: text}
    for templates, places in ((ANYWHERE, PLACES), (MATRICES, MATRIX_LINES)):
        for name, rows in places.items():
            for row in rows:
                for template in templates.values():
                    yield MODELS[name], {row: template.format(line=MODELS[name].backward[row])}


CATALOGUE_BY_NUMBERS = {
    ("linear regression", "f", "(f - y) ** 2 / len(x)"): "n x^n for n x^(n-1)",
    ("linear regression", "f", "(f - y) ** 3 / len(x)"): "a power too much, twice",
    ("regression with a penalty", "w", "X.T @ df + 0.6 * w ** 3"): "a power too much, twice",
    ("neuron", "a", "(a - y) ** 2 / len(y)"): "n x^n for n x^(n-1)",
    ("neuron with cross-entropy", "a", "(-y / a ** 3 + (1 - y) / (1 - a)) / len(y)"): "1 / x^3 for 1 / x",
    ("deep network, sigmoid", "z2", "da2 * 0.25"): "the derivative is missing, and there is a factor",
    (
        "deep network, sigmoid",
        "W3",
        "(a2 - np.mean(a2, axis=0)).T @ dz3",
    ): "W3 after an update of b3 at rate 1",
    ("attention", "v", "np.round(p).T @ do"): "all zeros",
    ("XOR network", "W1", "np.round(x.T @ dz1, 2)"): "all zeros",
    ("XOR network", "W1", "np.where(np.abs(x.T @ dz1) > 0.01, x.T @ dz1, 0)"): "all zeros",
    ("softmax cross-entropy", "p", "np.abs(-Y / p / len(Y))"): "minus the gradient",
    ("regression with a penalty", "w", "1.1 * (X.T @ df + 0.6 * w)"): "11 / 10, where N = 11",
    ("softmax cross-entropy", "p", "1.1 * (-Y / p / len(Y))"): "11 / 10, where N = 11",
    ("embedding", "E", "1.1 * (dz @ W.T)"): "11 / 10, where N = 11",
}
"""Lines that turned out, when they were run, to be a mistake of the catalogue by their numbers."""
