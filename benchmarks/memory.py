"""Peak memory and time of the gradient through a recurrent network, kept whole and cut into checkpoints.

    python benchmarks/memory.py [--steps 1000] [--pieces 0 10 32 100]

Each run is a process of its own; its peak is that of the whole process, less what it took before the first
step. A piece of 0 steps is the network without checkpoints. "sweep adds" is what the sweep adds to
the peak of the forward computation: gradients are dropped as they are handed on.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

import tinygrad_edu as tg

Array = Any
BATCH, HIDDEN = 64, 128


def loss_of(params: dict[str, Array], inputs: Array, piece: int) -> Any:
    """The mean of the squared last state, after one step per input."""

    def steps(params: dict[str, Array], h: Array, some: Array) -> Array:
        for x in some:
            h = np.tanh(h @ params["W"] + x[:, None] * params["U"] + params["b"])
        return h

    h = np.zeros((BATCH, HIDDEN))
    if not piece:
        return np.mean(steps(params, h, inputs) ** 2)
    for start in range(0, len(inputs), piece):
        h = tg.checkpoint(steps)(params, h, inputs[start : start + piece])
    return np.mean(h**2)


def problem(steps: int) -> tuple[dict[str, Array], Array]:
    """Parameters and inputs."""
    rng = np.random.default_rng(0)
    params = {
        "W": rng.normal(size=(HIDDEN, HIDDEN)) / HIDDEN**0.5,
        "U": rng.normal(size=HIDDEN),
        "b": np.zeros(HIDDEN),
    }
    return params, rng.normal(size=(steps, BATCH))


def measured(steps: int, piece: int) -> dict[str, float]:
    """Megabytes and seconds of one gradient, in this process."""
    params, inputs = problem(steps)
    tg.grad(loss_of)(params, inputs[:2], piece)
    before = peak()
    start = time.perf_counter()
    _, pull = tg.vjp(lambda params: loss_of(params, inputs, piece), params)
    forward = peak()
    (gradients,) = pull(1.0)
    seconds = time.perf_counter() - start
    return {
        "forward": forward - before,
        "peak": peak() - before,
        "seconds": seconds,
        "gradient": float(np.sum(gradients["W"] ** 2)),
    }


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run every case in a process of its own, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--pieces", type=int, nargs="+", default=[0, 10, 32, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", type=int, help="measure one case in this process")
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measured(options.steps, options.measure)))
        return
    print("| steps per checkpoint | peak, MB | ratio | forward, MB | sweep adds, MB | s | ratio |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    whole: dict[str, float] = {}
    for piece in options.pieces:
        command = [sys.executable, __file__, "--steps", str(options.steps), "--measure", str(piece)]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(options.rounds)
        ]
        best = {name: min(run[name] for run in runs) for name in runs[0]}
        whole = whole or best
        assert np.isclose(best["gradient"], whole["gradient"], rtol=1e-9)
        print(
            f"| {piece or 'none'} | {best['peak']:.0f} | {best['peak'] / whole['peak']:.2f} "
            f"| {best['forward']:.0f} | {best['peak'] - best['forward']:.0f} "
            f"| {best['seconds']:.2f} | {best['seconds'] / whole['seconds']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
