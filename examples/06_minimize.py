"""Logistic regression to the last digit: SciPy's L-BFGS with the gradients from here. Needs scipy."""

import numpy as np

import tinygrad_edu as tg

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 2))
y = (X @ np.array([2.0, -1.0]) + 0.5 + 0.3 * rng.normal(size=200) > 0).astype(float)


def loss(params):
    logits = X @ params["w"] + params["b"]
    return tg.binary_cross_entropy_with_logits(logits, y) + 1e-3 * np.sum(params["w"] ** 2)


best = tg.minimize(loss, {"w": np.zeros(2), "b": 0.0})
print(f"loss {best.objective:.6f} after {best.steps} iterations:", np.round(best.params["w"], 3))
