"""The pictures of docs/drawing.md: run `python docs/pictures/make.py` when drawing has changed."""

from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.lessons import LESSONS

HERE = Path(__file__).parent
SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def parameters(seed, **shapes):
    """Values with small random numbers."""
    rng = np.random.default_rng(seed)
    return [tg.Value(rng.uniform(-1, 1, shape), name=name) for name, shape in shapes.items()]


def neuron():
    """A neuron that learns AND."""
    x, y = SQUARE, np.array([0.0, 0.0, 0.0, 1.0])
    w, b = tg.Value([0.5, -1.0], name="w"), tg.Value(0.25, name="b")
    s = x @ w + b
    f = tg.sigmoid(s, beta=2.0)
    Q = np.sum((f - y) ** 2) / (2 * len(y))
    return Q


def regression():
    """A line through three points."""
    x, y = np.array([240.0, 480.0, 26.0]) / 2000, np.array([6370.0, 8697.0, 2200.0])
    theta0, theta1 = tg.Value(2000.0, name="theta0"), tg.Value(9000.0, name="theta1")
    f = theta1 * x + theta0
    Q = np.sum((f - y) ** 2) / (2 * len(y))
    return Q


def xor():
    """A network with a hidden layer."""
    x, y = SQUARE, np.array([[0.0], [1.0], [1.0], [0.0]])
    W1, b1, W2, b2 = parameters(0, W1=(2, 3), b1=3, W2=(3, 1), b2=1)
    with tg.scope("hidden layer"):
        z1 = x @ W1 + b1
        a1 = tg.sigmoid(z1)
    with tg.scope("output layer"):
        z2 = a1 @ W2 + b2
        a2 = tg.sigmoid(z2)
    with tg.scope("objective"):
        Q = np.sum((a2 - y) ** 2) / (2 * len(y))
    return Q


def logo():
    """The network of 200 neurons that learns the logo."""
    lesson = LESSONS["batman"]
    x, y = lesson.data["x"], lesson.data["y"]
    start = lesson.initial(np.random.default_rng(0))
    W1, b1, W2, b2 = (tg.Value(start[name], name=name) for name in ("W1", "b1", "W2", "b2"))
    with tg.scope("hidden layer"):
        z1 = x @ W1 + b1
        a1 = tg.sigmoid(z1)
    with tg.scope("output layer"):
        z2 = a1 @ W2 + b2
    with tg.scope("objective"):
        Q = tg.binary_cross_entropy_with_logits(z2, y)
    return Q


def deep():
    """Twelve layers of sigmoids, in which the gradient vanishes."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 8)), rng.normal(size=(64, 16))
    h = x
    for number in range(1, 13):
        W, b = parameters(number, **{f"W{number}": (h.shape[1], 16), f"b{number}": 16})
        with tg.scope(f"layer {number}"):
            h = tg.sigmoid(h @ W + b)
    with tg.scope("objective"):
        loss = np.mean((h - y) ** 2)
    return loss


def attention():
    """One head of attention over six positions."""
    X, Y = np.random.default_rng(0).normal(size=(2, 6, 8))
    W1, W2, W3, W4 = parameters(1, W1=(8, 8), W2=(8, 8), W3=(8, 8), W4=(8, 8))
    with tg.scope("projections"):
        Q, K, V = X @ W1, X @ W2, X @ W3
    with tg.scope("attention"):
        S = Q @ K.T / 8**0.5
        A = tg.softmax(S, axis=1)
        H = A @ V
    with tg.scope("output"):
        out = H @ W4 + X
    loss = np.mean((out - Y) ** 2)
    return loss


PICTURES = {make.__name__: make for make in (neuron, regression, xor, logo, deep, attention)}


def main():
    """Write them all."""
    for name, make in PICTURES.items():
        loss = make()
        loss.backward()
        path = tg.draw(loss).save(HERE / f"{name}.svg")
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main()
