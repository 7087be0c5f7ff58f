"""Time of programs in C beside NumPy by hand: a call, a step inside `repeat`, a plain loop in C, building.

    python benchmarks/native.py [--rounds 15]

Each work is a loss and its gradients through `tg.compile(..., target="native")`, in turns with the same by
hand; the best round counts. Building is timed without a cache. The process restarts itself with the allocator
settings of `eager.py`.
"""

import argparse
import ctypes
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import hand
import numpy as np
from eager import ALLOCATOR, interleaved

import tinygrad_edu as tg
from tinygrad_edu.compiling.c_compiler import built

Array = Any
NETWORKS = {
    "XOR 4×2-2-1": (4, 2, 2, 1),
    "logo 627×2-200-1": (627, 2, 200, 1),
    "digits 128×784-128-10": (128, 784, 128, 10),
    "wide 1024×512-512-10": (1024, 512, 512, 10),
}
ROWS = (63, 1_000_000)
PLAIN_LOOP = """
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


def main() -> None:
    """Parse the options, time, print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    if any(os.environ.get(name) != value for name, value in ALLOCATOR.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})
    print("| work | what | µs | ratio to the first |\n|---|---|---:|---:|")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TINYGRAD_EDU_CACHE"] = cache
        for name, sizes in NETWORKS.items():
            show(name, network(*sizes), rounds)
        for rows in ROWS:
            show(f"regression, {rows:,} rows", regression(rows), rounds)
        show("scalar 2-16-16-1 relu network", scalar_network(), rounds)
        for name, steps in (("XOR 4×2-2-1", 1000), ("logo 627×2-200-1", 1000)):
            training(name, steps, rounds)


def show(name: str, work: dict[str, Callable[[], Any]], rounds: int) -> None:
    """The rows of one work."""
    times = interleaved(work, rounds)
    first = next(iter(times.values()))
    for what, seconds in times.items():
        print(f"| {name} | {what} | {seconds * 1e6:.2f} | {seconds / first:.4f} |", flush=True)


def prepared(name: str, f: Callable[..., Any], *args: Any, **settings: Any) -> Callable[[], Any]:
    """A compiled function with its arguments; says how long it took to trace and build."""
    start = time.perf_counter()
    compiled = tg.compile(f, target="native", **settings).prepare(*args)
    print(f"| {name} | tracing and building | {(time.perf_counter() - start) * 1e6:.0f} | |", flush=True)
    return lambda: compiled(*args)


def network_loss(x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    """Two layers of sigmoids, half the mean squared error."""
    a1 = tg.sigmoid(x @ W1 + b1)
    a2 = tg.sigmoid(a1 @ W2 + b2)
    return np.mean((a2 - y) ** 2) / 2


def arrays(samples: int, inputs: int, hidden: int, outputs: int) -> list[Array]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(samples, inputs)), rng.integers(0, 2, (samples, outputs)).astype(float)
    return [x, y, *(rng.normal(size=s) for s in ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,)))]


def network(*sizes: int) -> dict[str, Callable[[], Any]]:
    args = arrays(*sizes)
    f = tg.value_and_grad(network_loss, (2, 3, 4, 5))
    return {
        "hand": lambda: hand.network(*args),
        "native": prepared("×".join(map(str, sizes)), f, *args),
        "native, fast": prepared("×".join(map(str, sizes)), f, *args, fast=True),
    }


def regression(rows: int) -> dict[str, Callable[[], Any]]:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, rows)
    y = 2000 + 10000 * x + rng.normal(size=rows)
    f = tg.value_and_grad(lambda x, y, a, b: np.mean((a * x + b - y) ** 2) / 2, (2, 3))
    loop = ctypes.CDLL(str(built(PLAIN_LOOP, fast_math=True))).sums
    out = np.empty(3)
    pointers = [ctypes.c_void_p(each.ctypes.data) for each in (x, y, out)]
    a, b = ctypes.c_double(0.5), ctypes.c_double(0.25)
    return {
        "hand": lambda: hand.regression(x, y, 0.5, 0.25),
        "plain loop in C": lambda: loop(ctypes.c_long(rows), pointers[0], pointers[1], a, b, pointers[2]),
        "native": prepared(f"{rows} rows", f, x, y, 0.5, 0.25),
        "native, fast": prepared(f"{rows} rows", f, x, y, 0.5, 0.25, fast=True),
    }


def scalar_network() -> dict[str, Callable[[], Any]]:
    """In arrays of which the model reads one element after the other; micrograd first, if it is installed."""
    rng = random.Random(0)
    sizes = (2, 16, 16, 1)
    params = [
        np.array([[rng.uniform(-1, 1) for _ in range(n)] for _ in range(m)])
        for k, m in enumerate(sizes[1:])
        for n in (sizes[k], 1)
    ]

    def loss(*params: Array) -> Array:
        x: list[Any] = [1.0, -2.0]
        for layer in range(3):
            W, b = params[2 * layer], params[2 * layer + 1]
            x = [sum((W[i, j] * v for j, v in enumerate(x)), b[i, 0]) for i in range(W.shape[0])]
            x = [tg.relu(v) for v in x] if layer < 2 else x
        return x[0]

    f = tg.value_and_grad(loss, tuple(range(len(params))))
    work = {"native": prepared("scalar network", f, *params)}
    try:
        from works import scalar_network as of_libraries
    except ImportError:
        return work
    peers = of_libraries()
    return {"micrograd": peers["micrograd"], **work} if "micrograd" in peers else work


def training(name: str, steps: int, rounds: int) -> None:
    """A whole descent in one call."""
    x, y, *params = arrays(*NETWORKS[name])
    f = tg.value_and_grad(network_loss, (2, 3, 4, 5))

    def step(*params: Array) -> tuple[Array, ...]:
        loss, gradients = f(x, y, *params)
        return *(p - g for p, g in zip(params, gradients, strict=True)), loss

    compiled = tg.compile(step, target="native").prepare(*params)
    work = {
        "hand, one step": lambda: hand.network(x, y, *params),
        f"{steps} steps in repeat": lambda: compiled.repeat(steps, *params),
    }
    show(name, work, min(rounds, 7))


if __name__ == "__main__":
    main()
