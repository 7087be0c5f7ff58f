"""A recurrent network over 200 steps: it is to say what it heard three steps ago.

Source: Goodfellow, Bengio, Courville, Deep Learning, equations (10.8) to (10.10):
h = tanh(W h + U x + b), o = V h + c.
"""

import numpy as np

STEPS, INPUTS, HIDDEN = 200, 2, 5
rng = np.random.default_rng(9)
heard = rng.normal(size=(STEPS, INPUTS))
wanted = np.roll(heard, 3, axis=0)[:, 0]


def objective(U, W, b, V, c):
    h, said = np.zeros(HIDDEN), []
    for x in heard:
        h = np.tanh(W @ h + U @ x + b)
        said.append(V @ h + c)
    return np.mean((np.stack(said) - wanted) ** 2)


def arguments():
    rng = np.random.default_rng(10)
    shapes = (HIDDEN, INPUTS), (HIDDEN, HIDDEN), (HIDDEN,), (HIDDEN,)
    return *(0.4 * rng.normal(size=shape) for shape in shapes), np.float64(0.1)


if __name__ == "__main__":
    import tinygrad_edu as tg

    value, gradients = tg.value_and_grad(objective, argnums=range(5))(*arguments())
    print(f"mean squared error over {STEPS} steps {value:.6f}")
    for name, gradient in zip("UWbVc", gradients, strict=True):
        print(f"norm of the gradient by {name}: {np.linalg.norm(gradient):.6f}")
