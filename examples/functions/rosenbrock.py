"""Rosenbrock's function of any number of variables: products with its Hessian, and Newton's method.

Source: the documentation of scipy.optimize.rosen: Σ 100 (x_{i+1} - x_i²)² + (1 - x_i)²; Rosenbrock (1960).
"""

import numpy as np


def objective(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def arguments():
    return (np.array([-1.2, 1.0, 0.7, 1.5]),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    v = np.array([1.0, -2.0, 0.5, 3.0])
    (x,) = arguments()
    print("forward over reverse:", tg.jvp(tg.grad(objective), (x,), (v,))[1])
    print("reverse over forward:", tg.grad(lambda x: tg.jvp(objective, (x,), (v,))[1])(x))
    print("the Hessian times v :", tg.hessian(objective)(x) @ v)
    x, steps = np.array([-1.2, 1.0]), 0
    while np.any(slope := tg.grad(objective)(x)):
        x, steps = x - np.linalg.solve(tg.hessian(objective)(x), slope), steps + 1
    print(f"Newton's method is at {x} after {steps} steps, where the slope is exactly 0")
