"""A Runge-Kutta integration: how far predators and prey are from measured numbers.

Source: Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, section II.1, "the" Runge-Kutta
method of order four; the equations are those of Lotka (1925) and Volterra (1926).
"""

import numpy as np

STEP, STEPS = 0.1, 60


def slope(state, rates):
    prey, predators = state
    a, b, c, d = rates
    return np.stack([a * prey - b * prey * predators, c * prey * predators - d * predators])


def step(state, rates):
    k1 = slope(state, rates)
    k2 = slope(state + STEP / 2 * k1, rates)
    k3 = slope(state + STEP / 2 * k2, rates)
    k4 = slope(state + STEP * k3, rates)
    return state + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def trajectory(start, rates):
    states = [start]
    for _ in range(STEPS):
        states.append(step(states[-1], rates))
    return np.stack(states)


measured = trajectory(np.array([1.0, 0.5]), np.array([1.0, 0.8, 0.6, 1.1]))[::10]


def objective(start, rates):
    return np.mean((trajectory(start, rates)[::10] - measured) ** 2)


def arguments():
    return np.array([1.1, 0.4]), np.array([0.9, 0.9, 0.5, 1.0])


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, (by_start, by_rates) = tg.value_and_grad(objective, argnums=(0, 1))(*arguments())
    print(f"mean squared distance {value:.6f}")
    print("gradient by the start:", by_start)
    print("gradient by the rates:", by_rates)
