"""What tracing and building cost for programs of more and more operations, per operation.

    python benchmarks/scaling_compile.py [--most 100000] [--target native]

The program is a chain and its gradients, on single numbers. The time is that of the processor, the C compiler
included, so that other processes of the machine count little.
"""

import argparse
import os
import tempfile
import time
from typing import Any

import numpy as np

import tinygrad_edu as tg

PER_STEP = 9
"""Operations of the program for one step of the chain."""


def main() -> None:
    """Parse the options, build, print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--target", choices=("numpy", "native"), action="append")
    options = parser.parse_args()
    print("| target | operations | s | µs per operation |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TINYGRAD_EDU_CACHE"] = cache
        for target in options.target or ("numpy", "native"):
            for wanted in (1000, 3162, 10_000, 31_623, 100_000):
                if wanted <= options.most:
                    operations, seconds = built(-(-wanted // PER_STEP), target)
                    per_operation = seconds / operations * 1e6
                    print(f"| {target} | {operations} | {seconds:.2f} | {per_operation:.0f} |", flush=True)


def built(steps: int, target: str) -> tuple[int, float]:
    """The length of a program, and the seconds that it took to make it."""

    def chain(x: Any, w: Any) -> Any:
        for _ in range(steps):
            x = np.tanh(x * w) + 0.5
        return x

    before = processor_time()
    compiled = tg.compile(tg.value_and_grad(chain, (0, 1)), target=target).prepare(0.3, 1.01)
    return len(compiled.program), processor_time() - before


def processor_time() -> float:
    """Seconds that the processor worked for this process and those that it started."""
    return time.process_time() + os.times().children_user


if __name__ == "__main__":
    main()
