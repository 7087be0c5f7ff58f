"""Models with their derivations by hand, as text: a forward program, and one backward line for each name.

In a backward line ``dx`` is the gradient of ``x``; every line uses the ones above it. A mistake is another text
for one of the lines, and what follows from that line follows from it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import tinygrad_edu as tg

Array = Any
Lines = Mapping[str, str]

KNOWN = {
    "np": np,
    "sigmoid": tg.sigmoid,
    "relu": tg.relu,
    "softplus": tg.softplus,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sin": np.sin,
    "rows": lambda x: np.sum(x, axis=1, keepdims=True),
    "columns": lambda x: np.sum(x, axis=0, keepdims=True),
    "mean_rows": lambda x: np.mean(x, axis=1, keepdims=True),
    "mean_columns": lambda x: np.mean(x, axis=0, keepdims=True),
}
"""What the programs may call, beside NumPy; sums and means along rows or columns keep their axes."""


@dataclass(frozen=True)
class Model:
    """A loss, inputs for it, and its derivation.

    Attributes
    ----------
    name, forward : str
        The last line of `forward` assigns the loss, ``Q``.
    inputs : callable
        ``inputs(rng)`` gives parameters and data, by name.
    parameters : tuple of str
        The names among the inputs that have a gradient.
    backward : mapping of str to str
        From names to the right-hand side of their lines, in the order of the derivation.
    """

    name: str
    forward: str
    inputs: Callable[[np.random.Generator], dict[str, Array]]
    parameters: tuple[str, ...]
    backward: Lines

    @cached_property
    def loss(self) -> Callable[..., Any]:
        """The loss as a function of the inputs."""
        names = ", ".join(self.inputs(np.random.default_rng(0)))
        body = "".join(f"    {line.strip()}\n" for line in self.forward.strip().splitlines())
        return _compiled(f"def loss({names}):\n{body}    return Q\n", self.name)["loss"]

    def by_hand(
        self,
        wrong: Lines | None = None,
        given: tuple[str, ...] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Callable[..., dict[str, Array]]:
        """The derivation as a function that asks for what its lines mention; `wrong` replaces lines.

        A line may name several gradients in turn: ``swap W b`` exchanges two that were finished.
        """
        lines = {**self.backward, **(wrong or {})}
        code = {
            name: compile(text, f"<d{name}>", "eval") for name, text in lines.items() if name in self.backward
        }
        after = [text.split()[1:] for name, text in lines.items() if name not in self.backward]
        mentioned = {name for c in code.values() for name in _names(c)}
        known = {"d" + name for name in lines} | KNOWN.keys() | set(dir(__builtins__))
        asked = sorted(
            mentioned - known - {"len", "range", "float", "int", "list", "enumerate", "zip", "abs"}
        )
        wanted = [name for name in given or tuple(self.backward) if name not in leave_out]

        def by_hand(**values: Array) -> dict[str, Array]:
            space = {**KNOWN, **values}
            for name, compiled in code.items():
                space["d" + name] = eval(compiled, space)
            for one, other in after:
                space["d" + one], space["d" + other] = space["d" + other], space["d" + one]
            return {name: space["d" + name] for name in wanted}

        by_hand.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in asked]
        )
        return by_hand


def _names(code: Any) -> set[str]:
    """The free names of a line, those in comprehensions too."""
    inside = [_names(c) for c in code.co_consts if inspect.iscode(c)]
    return set(code.co_names) - {"T", "shape", "size", "sum", "mean"} - _attributes(code) | set().union(
        *inside
    )


def _attributes(code: Any) -> set[str]:
    import dis

    loads = {"LOAD_NAME", "LOAD_GLOBAL"}
    loaded = {i.argval for i in dis.get_instructions(code) if i.opname in loads}
    return set(code.co_names) - loaded


def _compiled(source: str, name: str) -> dict[str, Any]:
    space = dict(KNOWN)
    exec(compile(source, f"<{name}>", "exec"), space)
    return space


def _normal(rng: np.random.Generator, **shapes: tuple[int, ...]) -> dict[str, Array]:
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def _one_hot(rng: np.random.Generator, n: int, classes: int) -> Array:
    return np.eye(classes)[rng.integers(classes, size=n)]


REGRESSION = Model(
    "linear regression",
    """
    f = x * theta1 + theta0
    Q = np.sum((f - y) ** 2) / (2 * len(x))
    """,
    lambda rng: {**_normal(rng, theta0=(), theta1=()), **_normal(rng, x=(7,), y=(7,))},
    ("theta0", "theta1"),
    {"f": "(f - y) / len(x)", "theta0": "np.sum(df)", "theta1": "np.sum(df * x)"},
)

RIDGE = Model(
    "regression with a penalty",
    """
    f = X @ w + b
    penalty = 0.3 * np.sum(w ** 2)
    Q = np.mean((f - y) ** 2) + penalty
    """,
    lambda rng: _normal(rng, w=(3,), b=(), X=(11, 3), y=(11,)),
    ("w", "b"),
    {"f": "2 * (f - y) / len(y)", "w": "X.T @ df + 0.6 * w", "b": "np.sum(df)"},
)

NEURON = Model(
    "neuron",
    """
    z = X @ w + b
    a = sigmoid(z)
    Q = np.mean((a - y) ** 2) / 2
    """,
    lambda rng: {**_normal(rng, w=(3,), b=(), X=(7, 3)), "y": rng.uniform(size=7)},
    ("w", "b"),
    {"a": "(a - y) / len(y)", "z": "da * a * (1 - a)", "w": "X.T @ dz", "b": "np.sum(dz)"},
)

ENTROPY_NEURON = Model(
    "neuron with cross-entropy",
    """
    z = X @ w + b
    a = sigmoid(z)
    Q = -np.mean(y * log(a) + (1 - y) * log(1 - a))
    """,
    lambda rng: {**_normal(rng, w=(3,), b=(), X=(7, 3)), "y": rng.integers(2, size=7).astype(float)},
    ("w", "b"),
    {
        "a": "(-y / a + (1 - y) / (1 - a)) / len(y)",
        "z": "da * a * (1 - a)",
        "w": "X.T @ dz",
        "b": "np.sum(dz)",
    },
)

XOR = Model(
    "XOR network",
    """
    z1 = x @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    Q = np.sum((a2 - y) ** 2) / (2 * len(x))
    """,
    lambda rng: {
        **_normal(rng, W1=(2, 3), b1=(3,), W2=(3, 1), b2=(1,)),
        "x": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        "y": np.array([[0.0], [1.0], [1.0], [0.0]]),
    },
    ("W1", "b1", "W2", "b2"),
    {
        "a2": "(a2 - y) / len(x)",
        "z2": "da2 * a2 * (1 - a2)",
        "W2": "a1.T @ dz2",
        "b2": "np.sum(dz2, axis=0)",
        "a1": "dz2 @ W2.T",
        "z1": "da1 * a1 * (1 - a1)",
        "W1": "x.T @ dz1",
        "b1": "np.sum(dz1, axis=0)",
    },
)

SLOPES = {
    "tanh": "(1 - {a} ** 2)",
    "relu": "({z} > 0)",
    "sigmoid": "{a} * (1 - {a})",
    "softplus": "sigmoid({z})",
    "sin": "np.cos({z})",
}


def deep(bend: str) -> Model:
    """Three layers with this activation; the hidden ones are equally wide, so shapes hide mistakes."""
    slope = SLOPES[bend]
    return Model(
        f"deep network, {bend}",
        f"""
        z1 = X @ W1 + b1
        a1 = {bend}(z1)
        z2 = a1 @ W2 + b2
        a2 = {bend}(z2)
        z3 = a2 @ W3 + b3
        Q = np.mean((z3 - Y) ** 2)
        """,
        lambda rng: _normal(
            rng, W1=(3, 5), b1=(5,), W2=(5, 5), b2=(5,), W3=(5, 2), b3=(2,), X=(7, 3), Y=(7, 2)
        ),
        ("W1", "b1", "W2", "b2", "W3", "b3"),
        {
            "z3": "2 * (z3 - Y) / Y.size",
            "W3": "a2.T @ dz3",
            "b3": "np.sum(dz3, axis=0)",
            "a2": "dz3 @ W3.T",
            "z2": "da2 * " + slope.format(a="a2", z="z2"),
            "W2": "a1.T @ dz2",
            "b2": "np.sum(dz2, axis=0)",
            "a1": "dz2 @ W2.T",
            "z1": "da1 * " + slope.format(a="a1", z="z1"),
            "W1": "X.T @ dz1",
            "b1": "np.sum(dz1, axis=0)",
        },
    )


SOFTMAX = Model(
    "softmax cross-entropy",
    """
    z = X @ W + b
    e = exp(z)
    s = np.sum(e, axis=1, keepdims=True)
    p = e / s
    Q = -np.mean(np.sum(Y * log(p), axis=1))
    """,
    lambda rng: {**_normal(rng, W=(3, 5), b=(5,), X=(11, 3)), "Y": _one_hot(rng, 11, 5)},
    ("W", "b"),
    {
        "p": "-Y / p / len(Y)",
        "s": "-rows(dp * e) / s ** 2",
        "e": "dp / s + ds",
        "z": "de * e",
        "W": "X.T @ dz",
        "b": "np.sum(dz, axis=0)",
    },
)

LAYER_NORM = Model(
    "layer normalisation",
    """
    h = X @ W
    mu = np.mean(h, axis=1, keepdims=True)
    d = h - mu
    v = np.mean(d * d, axis=1, keepdims=True)
    s = sqrt(v + 1e-5)
    n = d / s
    o = gamma * n + beta
    Q = np.mean((o - Y) ** 2)
    """,
    lambda rng: _normal(rng, W=(3, 5), gamma=(5,), beta=(5,), X=(7, 3), Y=(7, 5)),
    ("W", "gamma", "beta"),
    {
        "o": "2 * (o - Y) / Y.size",
        "gamma": "np.sum(do * n, axis=0)",
        "beta": "np.sum(do, axis=0)",
        "n": "do * gamma",
        "s": "-rows(dn * d) / s ** 2",
        "v": "ds / (2 * s)",
        "d": "dn / s + dv * 2 * d / 5",
        "mu": "-rows(dd)",
        "h": "dd + dmu / 5",
        "W": "X.T @ dh",
    },
)

BATCH_NORM = Model(
    "batch normalisation",
    """
    h = X @ W
    mu = np.mean(h, axis=0, keepdims=True)
    d = h - mu
    v = np.sum(d ** 2, axis=0, keepdims=True) / (len(X) - 1)
    r = (v + 1e-5) ** -0.5
    n = d * r
    o = gamma * n + beta
    a = tanh(o)
    Q = np.mean((a - Y) ** 2)
    """,
    lambda rng: _normal(rng, W=(3, 5), gamma=(5,), beta=(5,), X=(7, 3), Y=(7, 5)),
    ("W", "gamma", "beta"),
    {
        "a": "2 * (a - Y) / Y.size",
        "o": "da * (1 - a ** 2)",
        "gamma": "np.sum(do * n, axis=0)",
        "beta": "np.sum(do, axis=0)",
        "n": "do * gamma",
        "r": "columns(dn * d)",
        "v": "dr * -0.5 * (v + 1e-5) ** -1.5",
        "d": "dn * r + dv * 2 * d / (len(X) - 1)",
        "mu": "-columns(dd)",
        "h": "dd + dmu / len(X)",
        "W": "X.T @ dh",
    },
)

EMBEDDING = Model(
    "embedding",
    """
    E = C[words]
    z = E @ W + b
    a = tanh(z)
    Q = np.mean((a - Y) ** 2) / 2
    """,
    lambda rng: {
        **_normal(rng, C=(5, 3), W=(3, 2), b=(2,), Y=(11, 2)),
        "words": np.array([0, 2, 2, 4, 1, 2, 0, 3, 4, 4, 1]),
    },
    ("C", "W", "b"),
    {
        "a": "(a - Y) / Y.size",
        "z": "da * (1 - a ** 2)",
        "W": "E.T @ dz",
        "b": "np.sum(dz, axis=0)",
        "E": "dz @ W.T",
        "C": "np.eye(5)[words].T @ dE",
    },
)

ATTENTION = Model(
    "attention",
    """
    q = X @ Wq
    k = X @ Wk
    v = X @ Wv
    t = q @ k.T * 0.5
    e = exp(t)
    s = np.sum(e, axis=1, keepdims=True)
    p = e / s
    o = p @ v
    Q = np.mean((o - Y) ** 2)
    """,
    lambda rng: {
        **{n: x / 2 for n, x in _normal(rng, Wq=(3, 4), Wk=(3, 4), Wv=(3, 5)).items()},
        **_normal(rng, X=(7, 3), Y=(7, 5)),
    },
    ("Wq", "Wk", "Wv"),
    {
        "o": "2 * (o - Y) / Y.size",
        "v": "p.T @ do",
        "p": "do @ v.T",
        "s": "-rows(dp * e) / s ** 2",
        "e": "dp / s + ds",
        "t": "de * e",
        "q": "0.5 * dt @ k",
        "k": "0.5 * dt.T @ q",
        "Wq": "X.T @ dq",
        "Wk": "X.T @ dk",
        "Wv": "X.T @ dv",
    },
)

MODELS = {
    model.name: model
    for model in (
        REGRESSION, RIDGE, NEURON, ENTROPY_NEURON, XOR, deep("tanh"), deep("relu"), deep("sigmoid"), deep("softplus"),
        SOFTMAX, LAYER_NORM, BATCH_NORM, EMBEDDING, ATTENTION,
    )
}  # fmt: skip
