"""Principal components by the singular value decomposition: what is lost in a projection onto two of them.

Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd edition, section 14.5.1.
By hand: the loss is the sum of the squares of the other singular values, and its gradient twice what is lost.
"""

import numpy as np

COMPONENTS = 2


def centred(X):
    return X - np.mean(X, axis=0)


def projected(X):
    U, s, Vt = np.linalg.svd(centred(X), full_matrices=False)
    return (U[:, :COMPONENTS] * s[:COMPONENTS]) @ Vt[:COMPONENTS]


def objective(X):
    return np.sum((centred(X) - projected(X)) ** 2)


def arguments():
    rng = np.random.default_rng(4)
    return (rng.normal(size=(12, 4)) * np.array([3.0, 2.0, 1.0, 0.5]),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (X,) = arguments()
    value, gradient = tg.value_and_grad(objective)(X)
    print(f"lost {value:.6f}")
    print("gradient by the first point:", gradient[0])
    print("by hand                    :", 2 * (centred(X) - projected(X))[0])
