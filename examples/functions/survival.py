"""Proportional hazards: the negative log of the partial likelihood of who lives how long.

Source: Cox (1972), Regression Models and Life-Tables: Σ (xᵢβ - log Σ_{j at risk at tᵢ} exp(xⱼβ)), summed over
those whose end was seen. At risk are those who live as long or longer: a cumulative sum from the end.
"""

import numpy as np

rng = np.random.default_rng(16)
x = rng.normal(size=(30, 3))
times = rng.exponential(np.exp(-x @ np.array([1.0, -0.5, 0.0])))
seen = rng.uniform(size=30) < 0.7


def objective(beta):
    order = np.argsort(times)
    scores = (x @ beta)[order]
    at_risk = np.flip(np.cumsum(np.flip(np.exp(scores))))
    return -np.sum((scores - np.log(at_risk))[seen[order]])


def arguments():
    return (np.array([0.3, 0.1, -0.2]),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (beta,) = arguments()
    for number in range(5):
        value, gradient = tg.value_and_grad(objective)(beta)
        print(f"{number}: {value:.8f}, largest slope {np.max(np.abs(gradient)):.0e}, β {np.round(beta, 4)}")
        beta = beta - np.linalg.solve(tg.hessian(objective)(beta), gradient)
