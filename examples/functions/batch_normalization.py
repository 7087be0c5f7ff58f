"""Batch normalization, with the gradients of the paper beside those from here.

Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 1, and the gradients that section 3 states.
"""

import numpy as np

EPSILON = 1e-5
rng = np.random.default_rng(7)
weights = rng.normal(size=(10, 3))


def normalized(x):
    mean = np.mean(x, axis=0)
    variance = np.mean((x - mean) ** 2, axis=0)
    return (x - mean) / np.sqrt(variance + EPSILON)


def objective(x, gamma, beta):
    return np.sum(weights * np.tanh(gamma * normalized(x) + beta))


def by_hand(x, gamma, beta):
    m, mean, variance = len(x), np.mean(x, axis=0), np.var(x, axis=0)
    x_hat = normalized(x)
    g_y = weights * (1 - np.tanh(gamma * x_hat + beta) ** 2)
    g_hat = g_y * gamma
    scaled = g_hat / np.sqrt(variance + EPSILON)
    g_variance = np.sum(g_hat * (x - mean) * -0.5 * (variance + EPSILON) ** -1.5, axis=0)
    g_mean = np.sum(-scaled, axis=0) + g_variance * np.sum(-2 * (x - mean), axis=0) / m
    g_x = scaled + g_variance * 2 * (x - mean) / m + g_mean / m
    return g_x, np.sum(g_y * x_hat, axis=0), np.sum(g_y, axis=0)


def arguments():
    rng = np.random.default_rng(8)
    return rng.normal(2.0, 3.0, size=(10, 3)), np.array([1.0, 0.5, 2.0]), np.array([0.0, 1.0, -1.0])


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradients = tg.value_and_grad(objective, argnums=(0, 1, 2))(*arguments())
    print(f"value {value:.6f}")
    for name, gradient, formula in zip(["x", "γ", "β"], gradients, by_hand(*arguments()), strict=True):
        print(f"gradient by {name}: differs from the paper's by {np.max(np.abs(gradient - formula)):.0e}")
