"""What is timed: each piece of work by hand, in each library, and at the limit of the machine.

A work is a dict from a competitor's name to a function that prepares it: what that gives computes the loss
and its gradients once.
"""

import ctypes
import functools
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import hand
import libraries
import numpy as np
from libraries import LIBRARIES, Functions, Loss, Pass
from timing import LIMIT

from tinygrad_edu.compiling.c_compiler import built

Array = Any
Makers = dict[str, Callable[[], Pass]]


def in_all_libraries(loss: Loss, data: Sequence[Array], params: Sequence[Array]) -> Makers:
    """The same expression, differentiated by each library."""
    return {name: functools.partial(make, loss, data, params) for name, make in LIBRARIES.items()}


def network_loss(f: Functions, x: Array, y: Array, *params: Array) -> Array:
    """Layers of sigmoids, half the mean squared error."""
    for W, b in zip(params[::2], params[1::2], strict=True):
        x = f.sigmoid(x @ W + b)
    return f.mean((x - y) ** 2) / 2


def network_data(samples: int, *sizes: int) -> tuple[list[Array], list[Array]]:
    """Data and parameters of a network with these layers."""
    rng = np.random.default_rng(0)
    data = [rng.normal(size=(samples, sizes[0])), rng.integers(0, 2, (samples, sizes[-1])).astype(float)]
    layers = pairwise(sizes)
    return data, [rng.normal(size=shape) for n, m in layers for shape in ((n, m), (m,))]


def network(samples: int, *sizes: int, limit: bool = False) -> Makers:
    """A network with one hidden layer."""
    data, params = network_data(samples, *sizes)
    makers = in_all_libraries(network_loss, data, params)
    if limit:
        makers[LIMIT] = functools.partial(bare_products, data[0], params[0], params[2])
    return {"hand": lambda: functools.partial(hand.network, *data, *params), **makers}


def bare_products(x: Array, W1: Array, W2: Array) -> Pass:
    """The five products of matrices of a network with one hidden layer, into memory that is there already."""
    a1, a2 = x @ W1, x @ W1 @ W2
    back, slope1, slope2 = np.empty_like(a1), np.empty_like(W1), np.empty_like(W2)

    def run() -> None:
        np.matmul(x, W1, out=a1)
        np.matmul(a1, W2, out=a2)
        np.matmul(a1.T, a2, out=slope2)
        np.matmul(a2, W2.T, out=back)
        np.matmul(x.T, back, out=slope1)

    return run


def regression_loss(f: Functions, x: Array, y: Array, theta1: Array, theta0: Array) -> Array:
    """Half the mean squared error of a line."""
    return f.mean((theta1 * x + theta0 - y) ** 2) / 2


def regression(rows: int) -> Makers:
    """A line through points."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, rows)
    data, params = [x, 2000 + 10000 * x + rng.normal(size=rows)], [0.5, 0.25]
    return {
        "hand": lambda: functools.partial(hand.regression, *data, *params),
        **in_all_libraries(regression_loss, data, params),
        LIMIT: functools.partial(fused_loop, *data, *params),
    }


FUSED_LOOP = """
void sums(long n, const double *x, const double *y, double a, double b, double *out) {
    double squares = 0, slopes = 0, offsets = 0;
    #pragma omp simd reduction(+: squares, slopes, offsets)
    for (long i = 0; i < n; i++) {
        const double d = a * x[i] + b - y[i];
        squares += d * d;
        slopes += d * x[i];
        offsets += d;
    }
    out[0] = squares / (2 * n); out[1] = slopes / n; out[2] = offsets / n;
}
"""


def fused_loop(x: Array, y: Array, a: float, b: float) -> Pass:
    """The regression as one loop in C, as fast as the data come from memory."""
    loop = ctypes.CDLL(str(built(FUSED_LOOP, fast_math=True))).sums
    out = np.empty(3)
    places = [ctypes.c_void_p(each.ctypes.data) for each in (x, y, out)]
    args = ctypes.c_long(len(x)), *places[:2], ctypes.c_double(a), ctypes.c_double(b), places[2]

    def run() -> Array:
        loop(*args)
        return out

    return run


SIZES = (2, 16, 16, 1)


def scalar_loss(f: Functions, *params: Array) -> Array:
    """A network of relu neurons, number by number."""
    x: list[Any] = [1.0, -2.0]
    for layer in range(3):
        W, b = params[2 * layer : 2 * layer + 2]
        x = [sum((W[i, j] * v for j, v in enumerate(x)), b[i]) for i in range(SIZES[layer + 1])]
        x = [f.relu(v) for v in x] if layer < 2 else x
    return x[0]


def one_by_one(values: list[Any]) -> list[Any]:
    """Single numbers in the order of the matrices, so that `scalar_loss` finds them by their indices."""
    rest, arranged = iter(values), list[Any]()
    for n, m in pairwise(SIZES):
        arranged.append({(i, j): next(rest) for i in range(m) for j in range(n)})
        arranged.append([next(rest) for _ in range(m)])
    return arranged


def scalar_network() -> Makers:
    """What compiles reads numbers out of arrays; elsewhere each number is a variable of its own."""
    rng = np.random.default_rng(0)
    layers = pairwise(SIZES)
    params = [rng.uniform(-1, 1, shape) for n, m in layers for shape in ((m, n), (m,))]
    makers = in_all_libraries(scalar_loss, [], params)
    numbers = [number for p in params for number in p.ravel().tolist()]
    single = {"eager": libraries.eager, "PyTorch": libraries.in_torch, "MyGrad": libraries.in_mygrad}
    for name, make in single.items():
        if name in makers:
            makers[name] = functools.partial(make, scalar_loss, [], numbers, one_by_one)
    if libraries.micrograd:
        makers["micrograd"] = functools.partial(libraries.in_micrograd, scalar_loss, [], numbers, one_by_one)
    return {"hand": lambda: functools.partial(hand.relu_network, *params), **makers}


WORKS: dict[str, Callable[[], Makers]] = {
    "XOR 4×2-2-1": lambda: network(4, 2, 2, 1),
    "regression, 63 rows": lambda: regression(63),
    "logo 627×2-200-1": lambda: network(627, 2, 200, 1),
    "digits 128×784-128-10": lambda: network(128, 784, 128, 10, limit=True),
    "wide 1024×512-512-10": lambda: network(1024, 512, 512, 10, limit=True),
    "regression, 1e6 rows": lambda: regression(1_000_000),
    "scalar 2-16-16-1 relu": scalar_network,
}
