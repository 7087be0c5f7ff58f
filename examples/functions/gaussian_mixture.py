"""A mixture of Gaussians: the negative log-likelihood of points.

Source: Bishop, Pattern Recognition and Machine Learning, equation (9.14):
log p(X) = Σ_n log Σ_k π_k N(x_n | μ_k, Σ_k). Each covariance is given by a triangular root.
"""

import numpy as np

rng = np.random.default_rng(17)
points = np.concatenate([rng.normal(size=(20, 2)), [4, 1] + rng.normal(size=(20, 2)) * [0.5, 2.0]])


def logsumexp(x, axis):
    largest = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(largest, axis) + np.log(np.sum(np.exp(x - largest), axis=axis))


def objective(logits, means, roots):
    log_weights = logits - logsumexp(logits, axis=0)
    covariances = np.tril(roots) @ np.swapaxes(np.tril(roots), -1, -2) + 0.01 * np.eye(2)
    offsets = points[:, None, :] - means  # (n, k, 2)
    solved = np.linalg.solve(covariances, offsets[..., None])[..., 0]
    distances = np.sum(offsets * solved, axis=-1)
    _, logdets = np.linalg.slogdet(2 * np.pi * covariances)
    return -np.sum(logsumexp(log_weights - (distances + logdets) / 2, axis=1))


def arguments():
    means = np.array([[0.5, -0.5], [3.0, 0.0], [1.0, 3.0]])
    return np.array([0.1, 0.2, -0.3]), means, np.array(3 * [[[1.0, 0.0], [0.3, 1.2]]])


if __name__ == "__main__":
    import tinygrad_edu as tg

    params = arguments()
    value, gradients = tg.value_and_grad(objective, argnums=(0, 1, 2))(*params)
    print(f"negative log-likelihood {value:.6f}")
    print("gradient by the logits:", gradients[0])
    print("gradient by the means:", gradients[1], sep="\n")
    for _ in range(200):
        params = [x - 0.01 * g for x, g in zip(params, tg.grad(objective, (0, 1, 2))(*params), strict=True)]
    print(f"after a descent {objective(*params):.6f}")
