"""The formulas that autodiff writes: a network's deltas as in a textbook, and the chain rule step by step."""

import numpy as np

import tinygrad_edu as tg

rng = np.random.default_rng(0)
X, y = rng.normal(size=(4, 2)), np.array([[0.0], [1.0], [1.0], [0.0]])
W1, b1 = tg.Value(rng.normal(size=(2, 3))), tg.Value(np.zeros(3))
W2, b2 = tg.Value(rng.normal(size=(3, 1))), tg.Value(np.zeros(1))

z1 = X @ W1 + b1
a1 = tg.sigmoid(z1)
z2 = a1 @ W2 + b2
a2 = tg.sigmoid(z2)
Q = np.sum((a2 - y) ** 2) / (2 * len(y))

print("Q =", tg.formula(Q))
for name, formula in tg.formula(Q, {"delta2": z2, "W2": W2, "delta1": z1, "W1": W1}).items():
    print(f"{name} = {formula}")

line = tg.formula(Q, W2, syntax="numpy")
print("\nas Python:", line)
print(eval(line, {"np": np, "a1": a1.data, "a2": a2.data, "y": y}))  # noqa: S307 (our own formula)

print()
print(tg.derivation(Q, W2))

print()
program = tg.trace(tg.gradient(Q, [W1, W2]))
print(f"{len(program)} assignments, simplified {len(program.simplified())}:")
print(program.simplified())
