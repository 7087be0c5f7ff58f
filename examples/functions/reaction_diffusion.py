"""Two substances that spread and react: how far a pattern is from another, by the rates of the equations.

Source: Pearson (1993), Complex Patterns in a Simple System, the model of Gray and Scott:
du/dt = D_u ∇²u - u v² + F (1 - u), dv/dt = D_v ∇²v + u v² - (F + k) v; in steps of Euler, on a torus.
"""

import numpy as np

SIDE, STEPS = 12, 40
rng = np.random.default_rng(18)
start = np.stack([np.ones((SIDE, SIDE)), np.zeros((SIDE, SIDE))]) + 0.02 * rng.uniform(size=(2, SIDE, SIDE))
start[:, 4:8, 4:8] = [[[0.5]], [[0.25]]]


def laplacian(x):
    neighbours = np.roll(x, 1, -1) + np.roll(x, -1, -1) + np.roll(x, 1, -2) + np.roll(x, -1, -2)
    return neighbours - 4 * x


def pattern(state, rates):
    spread_u, spread_v, feed, kill = rates
    for _ in range(STEPS):
        u, v = state
        reaction = u * v**2
        u_slope = spread_u * laplacian(u) - reaction + feed * (1 - u)
        v_slope = spread_v * laplacian(v) + reaction - (feed + kill) * v
        state = np.stack([u + u_slope, v + v_slope])
    return state


wanted = pattern(start, np.array([0.16, 0.08, 0.035, 0.065]))


def objective(state, rates):
    return np.sum((pattern(state, rates) - wanted) ** 2)


def arguments():
    return start, np.array([0.14, 0.07, 0.03, 0.06])


if __name__ == "__main__":
    import tinygrad_edu as tg

    state, rates = arguments()
    value, (by_state, by_rates) = tg.value_and_grad(objective, argnums=(0, 1))(state, rates)
    print(f"squared distance {value:.6f}")
    print("gradient by the rates:", by_rates)
    print(f"gradient by the start: {by_state.shape}, norm {np.linalg.norm(by_state):.6f}")
