"""Correct gradients of ten models by hand, and two dozen ways to carry out the same arithmetic."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

import tinygrad_edu as tg


@dataclass(frozen=True)
class Arithmetic:
    """How to prepare an array, add up an axis, multiply matrices, divide by a count, and bend."""

    array: Callable = np.asarray
    sum: Callable = lambda x, axis: np.sum(x, axis=axis)
    dot: Callable = np.matmul
    over: Callable = lambda x, n: x / n
    sigmoid: Callable = lambda z: 1 / (1 + np.exp(-z))

    def mean(self, x, axis):
        return self.over(self.sum(x, axis), x.shape[axis])


def added_in(order):
    def add(x, axis):
        rows = np.moveaxis(x, axis, 0)
        total = np.zeros(rows.shape[1:], x.dtype)
        for i in order(len(rows)):
            total = total + rows[i]
        return total

    return add


def exactly(x, axis):
    return np.apply_along_axis(lambda row: x.dtype.type(math.fsum(row)), axis, x)


def by_columns(a, b):
    return sum(np.outer(a[:, k], b[k]) for k in range(a.shape[1]))


def in_blocks(a, b):
    return np.concatenate([a[: len(a) // 2] @ b, a[len(a) // 2 :] @ b])


def forwards(n):
    return range(n)


def backwards(n):
    return range(n - 1, -1, -1)


PLAIN = Arithmetic()
LOOPS = replace(PLAIN, sum=added_in(forwards), dot=by_columns)
SINGLE = replace(PLAIN, array=lambda x: np.asarray(x, dtype=np.float32))
ARITHMETICS = {
    "as it stands": PLAIN,
    "sum forwards": replace(PLAIN, sum=added_in(forwards)),
    "sum backwards": replace(PLAIN, sum=added_in(backwards)),
    "sum exactly": replace(PLAIN, sum=exactly),
    "sum by cumsum": replace(PLAIN, sum=lambda x, axis: np.cumsum(x, axis=axis).take(-1, axis=axis)),
    "sum from the smallest": replace(PLAIN, sum=lambda x, axis: np.sum(np.sort(x, axis=axis), axis=axis)),
    "sum by einsum": replace(PLAIN, sum=lambda x, axis: np.einsum("i...->...", np.moveaxis(x, axis, 0))),
    "sum by dot": replace(
        PLAIN, sum=lambda x, axis: np.tensordot(np.ones(x.shape[axis], x.dtype), x, axes=(0, axis))
    ),
    "dot by columns": replace(PLAIN, dot=by_columns),
    "dot by einsum": replace(PLAIN, dot=lambda a, b: np.einsum("ik,kj->ij", a, b)),
    "dot transposed": replace(PLAIN, dot=lambda a, b: (b.T @ a.T).T),
    "dot in blocks": replace(PLAIN, dot=in_blocks),
    "dot reversed": replace(PLAIN, dot=lambda a, b: a[:, ::-1] @ b[::-1]),
    "dot as a sum of products": replace(PLAIN, dot=lambda a, b: np.sum(a[:, :, None] * b[None], axis=1)),
    "Fortran order": replace(PLAIN, array=np.asfortranarray),
    "strided": replace(PLAIN, array=lambda x: np.repeat(x, 2, axis=0)[::2]),
    "times the reciprocal": replace(PLAIN, over=lambda x, n: x * (1 / n)),
    "sigmoid by logaddexp": replace(PLAIN, sigmoid=lambda z: np.exp(-np.logaddexp(0, -z))),
    "sigmoid by exp(z)": replace(PLAIN, sigmoid=lambda z: np.exp(z) / (1 + np.exp(z))),
    "all loops": LOOPS,
    "all loops, other sigmoid": replace(LOOPS, sigmoid=lambda z: np.exp(z) / (1 + np.exp(z))),
    "float32": SINGLE,
    "float32, sum backwards": replace(SINGLE, sum=added_in(backwards)),
    "float32, dot by columns": replace(SINGLE, dot=by_columns),
    "float32, einsum": replace(SINGLE, dot=lambda a, b: np.einsum("ik,kj->ij", a, b)),
}  # fmt: skip


# ---- models: loss(**values), and by_hand(arithmetic, **arrays) with the gradients of the parameter


def line(rng, scale=1.0, trained=False):
    x, y = scale * rng.normal(size=(63, 2)), rng.normal(size=(63, 1))
    w, b = rng.normal(size=(2, 1)) / scale, rng.normal(size=1)
    if trained:
        solution = np.linalg.lstsq(np.hstack([x, np.ones((63, 1))]), y, rcond=None)[0]
        w, b = solution[:2], solution[2]

    def loss(w, b, x, y):
        return np.mean((x @ w + b - y) ** 2) / 2

    def by_hand(o, w, b, x, y):
        gram, moment = o.dot(x.T, x), o.dot(x.T, y)
        of_w = o.over(o.dot(gram, w) + o.sum(x, 0)[:, None] * b - moment, len(y))
        return {"w": of_w, "b": o.mean(o.dot(x, w) - y + b, 0)}

    return loss, by_hand, {"w": w, "b": b, "x": x, "y": y}


def network(rng, scale=0.7, bend="tanh"):
    bends = {"tanh": np.tanh, "relu": tg.relu, "sigmoid": tg.sigmoid}

    def loss(W1, b1, W2, b2, X, Y):
        a2 = tg.sigmoid(bends[bend](X @ W1 + b1) @ W2 + b2)
        return np.mean((a2 - Y) ** 2)

    def by_hand(o, W1, b1, W2, b2, X, Y):
        z1 = o.dot(X, W1) + b1
        a1 = {"tanh": np.tanh, "relu": lambda z: z * (z > 0), "sigmoid": o.sigmoid}[bend](z1)
        slope = {"tanh": 1 - a1**2, "relu": (z1 > 0).astype(z1.dtype), "sigmoid": a1 * (1 - a1)}[bend]
        a2 = o.sigmoid(o.dot(a1, W2) + b2)
        delta2 = o.over(2 * (a2 - Y) * a2 * (1 - a2), Y.size)
        delta1 = o.dot(delta2, W2.T) * slope
        return {
            "W1": o.dot(X.T, delta1),
            "b1": o.sum(delta1, 0),
            "W2": o.dot(a1.T, delta2),
            "b2": o.sum(delta2, 0),
        }

    inputs = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5), "W2": rng.normal(size=(5, 2))}
    inputs = {name: scale * x for name, x in {**inputs, "b2": rng.normal(size=2)}.items()}
    return loss, by_hand, {**inputs, "X": rng.normal(size=(7, 3)), "Y": rng.uniform(size=(7, 2))}


def softmax(rng):
    def loss(W, X, Y):
        e = np.exp(X @ W)
        return -np.mean(np.sum(Y * np.log(e / np.sum(e, axis=1, keepdims=True)), axis=1))

    def by_hand(o, W, X, Y):
        z = o.dot(X, W)
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return {"W": o.dot(X.T, o.over(e / o.sum(e, 1)[:, None] - Y, len(X)))}

    labels = np.eye(4)[rng.integers(4, size=11)]
    return loss, by_hand, {"W": rng.normal(size=(3, 4)), "X": rng.normal(size=(11, 3)), "Y": labels}


def normalisation(rng, axis=1, weighted=True):
    """Layer (1) or batch (0) normalisation; without weights, the gradient of the sum is 0 by cancellation."""

    def loss(gamma, h, C):
        d = h - np.mean(h, axis=axis, keepdims=True)
        return np.sum(C * (gamma * (d / np.sqrt(np.mean(d * d, axis=axis, keepdims=True) + 1e-5))))

    def by_hand(o, gamma, h, C):
        def mean(x):
            return np.expand_dims(o.mean(x, axis), axis)

        d = h - mean(h)
        s = np.sqrt(mean(d * d) + 1e-5)
        n, g = d / s, C * gamma
        return {"gamma": o.sum(C * n, 0), "h": (g - mean(g) - n * mean(g * n)) / s}

    inputs = {"gamma": rng.normal(size=6), "h": 3 + rng.normal(size=(9, 6)), "C": rng.normal(size=(9, 6))}
    return loss, by_hand, inputs if weighted else {**inputs, "gamma": np.ones(6), "C": np.ones((9, 6))}


def spread(rng, n=501):
    """Mean and variance of many numbers."""

    def loss(v):
        return np.mean((v - np.mean(v)) ** 2) + np.mean(v)

    def by_hand(o, v):
        n = len(v)
        return {"v": o.over(2 * (v - o.mean(v, 0)) + 1, n)}

    return loss, by_hand, {"v": 100 + rng.normal(size=n)}


MODELS = {
    "line": line,
    "line, data of 1e8": lambda rng: line(rng, scale=1e8),
    "line, data of 1e-8": lambda rng: line(rng, scale=1e-8),
    "line, trained": lambda rng: line(rng, trained=True),
    "tanh network": network,
    "relu network": lambda rng: network(rng, bend="relu"),
    "sigmoid network": lambda rng: network(rng, bend="sigmoid"),
    "saturated network": lambda rng: network(rng, scale=12, bend="sigmoid"),
    "softmax": softmax,
    "layer normalisation": normalisation,
    "batch normalisation": lambda rng: normalisation(rng, axis=0),
    "normalisation, all cancels": lambda rng: normalisation(rng, weighted=False),
    "mean and variance": spread,
}


def reformulated(model, arithmetic, seed):
    """A recorded loss, and the gradients by hand in this arithmetic."""
    loss, by_hand, inputs = model(np.random.default_rng(seed))
    values = {name: tg.Value(x, name=name) for name, x in inputs.items()}
    with np.errstate(over="ignore"):  # exp(-z) of a saturated sigmoid in single precision
        return loss(**values), by_hand(
            arithmetic, **{name: arithmetic.array(x) for name, x in inputs.items()}
        )
