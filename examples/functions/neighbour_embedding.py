"""A map of points in the plane: how badly it keeps who is whose neighbour.

Source: van der Maaten and Hinton (2008), Visualizing Data using t-SNE, equations (1) and (4), and the
symmetric p of section 3.1. The gradient is their equation (5):
4 Σ_j (p_ij - q_ij)(y_i - y_j)(1 + ‖y_i - y_j‖²)⁻¹.
"""

import numpy as np

rng = np.random.default_rng(14)
points = np.concatenate([rng.normal(size=(6, 5)), 3 + rng.normal(size=(6, 5))])
apart = ~np.eye(len(points), dtype=bool)


def squared_distances(x):
    norms = np.sum(x**2, axis=1)
    return norms[:, None] + norms[None, :] - 2 * x @ x.T


def similarities(x):
    near = np.where(apart, np.exp(-squared_distances(x) / 8), 0)
    conditional = near / np.sum(near, axis=1, keepdims=True)
    return (conditional + conditional.T) / (2 * len(x))


p = similarities(points)


def closeness(y):
    return np.where(apart, 1 / (1 + squared_distances(y)), 0)


def objective(y):
    near = closeness(y)
    q = near / np.sum(near)
    return np.sum(p[apart] * np.log(p[apart] / q[apart]))


def by_hand(y):
    near = closeness(y)
    forces = (p - near / np.sum(near)) * near
    return 4 * np.sum(forces[:, :, None] * (y[:, None, :] - y[None, :, :]), axis=1)


def arguments():
    return (np.random.default_rng(15).normal(size=(len(points), 2)),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (y,) = arguments()
    value, gradient = tg.value_and_grad(objective)(y)
    print(f"Kullback-Leibler divergence {value:.6f}")
    print(f"gradient: differs from the paper's by {np.max(np.abs(gradient - by_hand(y))):.0e}")
    for _ in range(100):
        y = y - 5.0 * tg.grad(objective)(y)
    print(f"after 100 steps {objective(y):.6f}")
