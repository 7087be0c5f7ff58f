"""K-means: the sum of squared distances of points to the nearest centre.

Source: Bishop, Pattern Recognition and Machine Learning, equations (9.1) and (9.2). At the minimum over the
assignments, the gradient by a centre is 2 Σ (centre - point) over the points nearest to it, so Newton's step
from any centre leads to the mean of its points, as equation (9.4) does.
"""

import numpy as np

rng = np.random.default_rng(2)
points = np.concatenate([centre + rng.normal(size=(15, 2)) for centre in ([0, 0], [5, 0], [0, 5])])


def squared_distances(centres):
    return np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=-1)


def objective(centres):
    return np.sum(np.min(squared_distances(centres), axis=1))


def arguments():
    return (np.array([[1.0, 1.0], [4.0, 1.0], [1.0, 4.0]]),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (centres,) = arguments()
    for number in range(4):
        value, gradient = tg.value_and_grad(objective)(centres)
        print(f"{number}: objective {value:.6f}, largest slope {np.max(np.abs(gradient)):.1e}")
        counts = np.bincount(np.argmin(squared_distances(centres), axis=1))
        centres = centres - gradient / (2 * counts[:, None])
    print(centres)
