"""A network derived by hand, wrong on purpose: ``tinygrad-edu compare`` on this file says where, and why."""

import numpy as np

import tinygrad_edu as tg

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1 = np.array([[0.3, -0.8, 0.5], [0.9, 0.4, -0.6]]), np.array([0.1, -0.2, 0.3])
W2, b2 = np.array([[0.7], [-1.1], [0.4]]), np.array([-0.3])


def loss(W1, b1, W2, b2, X, y):
    z1 = X @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    a2 = tg.sigmoid(z2)
    return np.mean((a2 - y) ** 2) / 2


def by_hand(X, y, a1, a2, W2):
    N = len(y)
    delta2 = (a2 - y) / N * a2 * (1 - a2)
    delta1 = delta2 @ W2.T * a1 * (1 - a1)
    return {
        "z2": delta2,
        "W2": a1.T @ delta2,
        "b2": delta2.sum(axis=0),
        "z1": delta1,
        "W1": X.T @ delta1,
        "b1": delta1.mean(axis=0),
    }


if __name__ == "__main__":
    inputs = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "X": X, "y": y}
    print(tg.compare(loss, by_hand, inputs))
