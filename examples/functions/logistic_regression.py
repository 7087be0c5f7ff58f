"""Logistic regression: the negative log-likelihood of labels 0 and 1.

Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd edition, equation (4.20):
l(β) = Σ y βᵀx - log(1 + exp(βᵀx)).
"""

import numpy as np

rng = np.random.default_rng(0)
X = np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
y = (X @ np.array([0.5, 2.0, -1.0]) + rng.normal(size=50) > 0).astype(float)


def objective(beta):
    scores = X @ beta
    return -np.sum(y * scores - np.log1p(np.exp(scores)))


def arguments():
    return (np.array([0.1, -0.2, 0.3]),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (beta,) = arguments()
    value, gradient = tg.value_and_grad(objective)(beta)
    print(f"negative log-likelihood {value:.6f}")
    print("gradient        ", gradient)
    print("by hand Xᵀ(p - y)", X.T @ (1 / (1 + np.exp(-X @ beta)) - y))
