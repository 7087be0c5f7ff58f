"""A convolutional layer: windows by stride tricks, their sums by einsum, the largest of four neighbours.

Source: Goodfellow, Bengio, Courville, Deep Learning, equation (9.6), the cross-correlation, and section 9.3,
pooling.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(11)
weights = rng.normal(size=(2, 4, 3, 3))


def layer(images, kernels, bias):
    windows = sliding_window_view(images, kernels.shape[-2:], axis=(2, 3))  # (n, c, i, j, k, l)
    return np.einsum("ncijkl,ockl->noij", windows, kernels) + bias[:, None, None]


def pooled(x):
    n, channels, rows, columns = x.shape
    return x.reshape(n, channels, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))


def objective(images, kernels, bias):
    return np.sum(weights * pooled(np.tanh(layer(images, kernels, bias))))


def arguments():
    rng = np.random.default_rng(12)
    return rng.normal(size=(2, 3, 8, 8)), rng.normal(size=(4, 3, 3, 3)) / 3, rng.normal(size=4)


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradients = tg.value_and_grad(objective, argnums=(0, 1, 2))(*arguments())
    print(f"value {value:.6f}")
    for name, gradient in zip(["images", "kernels", "bias"], gradients, strict=True):
        print(f"gradient by {name}: shape {gradient.shape}, norm {np.linalg.norm(gradient):.6f}")
