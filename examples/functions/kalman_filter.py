"""A Kalman filter: the negative log-likelihood of measurements, from its predictions and updates.

Source: Särkkä, Bayesian Filtering and Smoothing, theorem 4.2 for the filter, chapter 12 for its energy:
v = z - H m, S = H P Hᵀ + R, K = P Hᵀ S⁻¹, then m + K v and P - K S Kᵀ.
"""

import numpy as np

A = np.array([[1.0, 0.5], [0.0, 1.0]])  # position and speed
H = np.array([[1.0, 0.0]])
rng = np.random.default_rng(3)
measurements = np.cumsum(0.5 + 0.1 * rng.normal(size=25)) + 0.3 * rng.normal(size=25)


def step(m, P, z, Q, R):
    m, P = A @ m, A @ P @ A.T + Q
    v, S = z - H @ m, H @ P @ H.T + R
    K = np.linalg.solve(S, H @ P).T
    energy = (np.log(np.linalg.det(2 * np.pi * S)) + v @ np.linalg.solve(S, v)) / 2
    return m + K @ v, P - K @ S @ K.T, energy


def objective(log_q, log_r):
    Q = np.exp(log_q) * np.array([[1 / 24, 1 / 8], [1 / 8, 1 / 2]])
    R = np.exp(log_r) * np.eye(1)
    m, P, total = np.zeros(2), np.eye(2), 0.0
    for z in measurements:
        m, P, energy = step(m, P, z, Q, R)
        total = total + energy
    return total


def arguments():
    return np.log(0.05), np.log(0.2)


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradient = tg.value_and_grad(objective, argnums=(0, 1))(*arguments())
    print(f"negative log-likelihood of {len(measurements)} measurements {value:.6f}")
    print("gradient by log q, log r:", np.array(gradient))
