"""Attention with several heads, each place looking at the places before it only.

Source: Vaswani et al. (2017), Attention Is All You Need, equation (1), softmax(QKᵀ / √d) V, and its section
3.2.2.
"""

import numpy as np

PLACES, WIDTH, HEADS = 6, 8, 2
rng = np.random.default_rng(5)
words = rng.normal(size=(PLACES, WIDTH))
wanted = rng.normal(size=(PLACES, WIDTH))


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def heads(x, W):
    return np.moveaxis((x @ W).reshape(PLACES, HEADS, WIDTH // HEADS), 1, 0)


def attention(x, W_q, W_k, W_v, W_o):
    Q, K, V = heads(x, W_q), heads(x, W_k), heads(x, W_v)  # (heads, places, d)
    scores = np.einsum("hqd,hkd->hqk", Q, K) / np.sqrt(Q.shape[-1])
    weights = softmax(np.where(np.tri(PLACES, dtype=bool), scores, -1e9))
    together = np.einsum("hqk,hkd->qhd", weights, V).reshape(PLACES, WIDTH)
    return together @ W_o


def objective(W_q, W_k, W_v, W_o):
    return np.mean((attention(words, W_q, W_k, W_v, W_o) - wanted) ** 2)


def arguments():
    rng = np.random.default_rng(6)
    return tuple(rng.normal(size=(4, WIDTH, WIDTH)) / np.sqrt(WIDTH))


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradients = tg.value_and_grad(objective, argnums=(0, 1, 2, 3))(*arguments())
    print(f"mean squared error {value:.6f}")
    for name, gradient in zip(["W_q", "W_k", "W_v", "W_o"], gradients, strict=True):
        print(f"norm of the gradient by {name}: {np.linalg.norm(gradient):.6f}")
