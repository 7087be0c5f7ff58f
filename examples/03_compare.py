"""Softmax regression derived by hand, with one line forgotten, and the comparison that says which."""

import numpy as np

import tinygrad_edu as tg


def loss(W, b, X, T):
    Z = X @ W + b
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    return -np.sum(T * np.log(P)) / len(X)


def by_hand(X, T, P):
    N = len(X)
    dZ = (P - T) / N
    return {"Z": dZ, "W": X.T @ dZ, "b": dZ.mean(axis=0)}


rng = np.random.default_rng(0)
inputs = {
    "W": rng.normal(size=(3, 4)),
    "b": rng.normal(size=4),
    "X": rng.normal(size=(5, 3)),
    "T": np.eye(4)[[0, 1, 2, 3, 1]],
}
print(tg.compare(loss, by_hand, inputs))
