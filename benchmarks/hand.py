"""Losses and their gradients as written from the slides: plain NumPy expressions, no array reused."""

from itertools import pairwise
from typing import Any

import numpy as np

Array = Any


def network(x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, ...]:
    """One hidden layer of sigmoid neurons, half the mean squared error."""
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    loss = np.mean((a2 - y) ** 2) / 2
    delta2 = (a2 - y) / y.size * a2 * (1 - a2)
    delta1 = delta2 @ W2.T * a1 * (1 - a1)
    return loss, x.T @ delta1, np.sum(delta1, axis=0), a1.T @ delta2, np.sum(delta2, axis=0)


def regression(x: Array, y: Array, theta1: Array, theta0: Array) -> tuple[Array, ...]:
    """The line through the costumes' prices."""
    N = len(y)
    f = theta1 * x + theta0
    loss = np.sum((f - y) ** 2) / (2 * N)
    return loss, np.sum((f - y) * x) / N, np.sum(f - y) / N


def relu_network(*params: Array) -> tuple[Array, ...]:
    """A 2-16-16-1 network of relu neurons at one point, as matrices."""
    W1, b1, W2, b2, W3, b3 = params
    x = np.array([1.0, -2.0])
    z1 = W1 @ x + b1
    a1 = np.maximum(z1, 0)
    z2 = W2 @ a1 + b2
    a2 = np.maximum(z2, 0)
    out = W3 @ a2 + b3
    delta2 = W3[0] * (z2 > 0)
    delta1 = delta2 @ W2 * (z1 > 0)
    return out, np.outer(delta1, x), delta1, np.outer(delta2, a1), delta2, a2[None], np.ones(1)


def deep(x: Array, y: Array, *params: Array) -> tuple[Array, ...]:
    """Layers of sigmoid neurons, half the mean squared error."""
    a = [x]
    for W, b in zip(params[::2], params[1::2], strict=True):
        a.append(1 / (1 + np.exp(-(a[-1] @ W + b))))
    loss = np.mean((a[-1] - y) ** 2) / 2
    back = (a[-1] - y) / y.size
    gradients: list[Array] = []
    for W, (before, after) in zip(params[-2::-2], pairwise(a[::-1]), strict=True):
        delta = back * before * (1 - before)
        gradients[:0] = [after.T @ delta, np.sum(delta, axis=0)]
        back = delta @ W.T
    return loss, *gradients


def chain(x: Array, w: Array, operations: int) -> tuple[Array, ...]:
    """Products and tanh in turns, the mean of the squares."""
    h = [x]
    for _ in range(operations // 2):
        h.append(np.tanh(h[-1] * w))
    loss = np.mean(h[-1] ** 2)
    back, slope = 2 * h[-1] / x.size, np.zeros_like(w)
    for after, before in pairwise(h[::-1]):
        delta = back * (1 - after * after)
        slope = slope + delta * before
        back = delta * w
    return loss, slope
