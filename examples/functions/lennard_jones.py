"""The energy of atoms that attract each other from afar and repel each other nearby, and their forces.

Source: Frenkel and Smit, Understanding Molecular Simulation, the potential of Lennard-Jones:
u(r) = 4 ε ((σ / r)¹² - (σ / r)⁶), with ε = σ = 1. The forces are minus the gradient.
"""

import numpy as np


def objective(positions):
    first, second = np.triu_indices(len(positions), k=1)
    squared = np.sum((positions[first] - positions[second]) ** 2, axis=-1)
    attraction = squared**-3
    return 4 * np.sum(attraction**2 - attraction)


def arguments():
    corners = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return (0.45 * corners + 0.05 * np.random.default_rng(13).normal(size=(4, 3)),)


if __name__ == "__main__":
    import tinygrad_edu as tg

    (positions,) = arguments()
    energy, gradient = tg.value_and_grad(objective)(positions)
    print(f"energy {energy:.6f}; the forces add up to {np.abs(gradient.sum(axis=0)).max():.0e}")
    print("forces:", -gradient, sep="\n")
    for _ in range(60):
        positions = positions - 0.005 * tg.grad(objective)(positions)
    print(f"energy after a descent: {objective(positions):.6f} (of a regular tetrahedron: -6)")
