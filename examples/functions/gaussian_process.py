"""A Gaussian process: the negative log marginal likelihood of observations, by the Cholesky decomposition.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, algorithm 2.1 with the squared
exponential kernel: L = cholesky(K), α = L⁻ᵀ L⁻¹ y, log p(y) = -½ yᵀα - Σ log L_ii - n/2 log 2π.
"""

import numpy as np

rng = np.random.default_rng(1)
x = np.sort(rng.uniform(-3, 3, size=20))
y = np.sin(2 * x) + 0.1 * rng.normal(size=20)


def objective(log_length, log_signal, log_noise):
    squared_distances = (x[:, None] - x[None, :]) ** 2
    K = np.exp(2 * log_signal) * np.exp(-squared_distances / (2 * np.exp(2 * log_length)))
    L = np.linalg.cholesky(K + np.exp(2 * log_noise) * np.eye(len(x)))
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(L))) + len(x) / 2 * np.log(2 * np.pi)


def arguments():
    return np.log(0.7), np.log(1.2), np.log(0.2)


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradient = tg.value_and_grad(objective, argnums=(0, 1, 2))(*arguments())
    print(f"negative log marginal likelihood {value:.6f}")
    print("gradient by log length, log signal, log noise:", np.array(gradient))
