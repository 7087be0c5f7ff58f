"""Newton's method on Rosenbrock's function: gradients and Hessians of the same plain NumPy function."""

import numpy as np

import tinygrad_edu as tg


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


p = np.array([-1.2, 1.0])
for number in range(7):
    print(f"{number}: f = {rosenbrock(p):.3e} at {np.round(p, 6)}")
    p = p - np.linalg.solve(tg.hessian(rosenbrock)(p), tg.grad(rosenbrock)(p))

v = np.array([1.0, 2.0])
print("Hessian times v:", tg.hvp(rosenbrock, p, v), tg.hessian(rosenbrock)(p) @ v)
