"""XOR: a network with a hidden layer as an ordinary expression, trained by a loop that is yours."""

import numpy as np

import tinygrad_edu as tg

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])


def answers(params):
    a1 = tg.sigmoid(X @ params["W1"] + params["b1"])
    return tg.sigmoid(a1 @ params["W2"] + params["b2"])


def loss(params):
    return np.mean((answers(params) - y) ** 2) / 2


rng = np.random.default_rng(0)
start = {
    name: rng.uniform(-1, 1, shape) for name, shape in (("W1", (2, 5)), ("b1", 5), ("W2", (5, 1)), ("b2", 1))
}
for step in tg.gradient_descent(loss, start, rate=8.0, steps=2000):
    if step.number % 500 == 0:
        print(f"step {step.number:4d}  objective {step.objective:.6f}")
print("answers:", np.round(answers(step.params).ravel(), 2))
