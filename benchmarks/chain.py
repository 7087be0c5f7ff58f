"""A chain of scalar operations, from ten thousand to a million: time per operation, and memory per operation.

    python benchmarks/chain.py

Shown with the collector paused and running. Everything is freed by reference counting as the last name goes.
"""

import gc
import time
import tracemalloc

import tinygrad_edu as tg

LENGTHS = (10_000, 100_000, 1_000_000)
OPERATIONS_PER_LENGTH = 3_000_000


def seconds_per_operation(length: int) -> float:
    """Recording, sweeping and freeing a chain of products, divided by its length."""
    start = time.perf_counter()
    x = tg.Value(1.0)
    y = x
    for _ in range(length):
        y = y * 1.0000001
    y.backward()
    del y
    return (time.perf_counter() - start) / length


def bytes_per_operation(length: int) -> float:
    """Memory that a recorded operation takes, before any gradient."""
    tracemalloc.start()
    x = tg.Value(1.0)
    y = x
    for _ in range(length):
        y = y * 1.0000001
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / length


def main() -> None:
    """Print the table in Markdown."""
    print("| operations | µs each, collector paused | ratio | µs each, collector on | ratio |")
    print("|---:|---:|---:|---:|---:|")
    first: tuple[float, float] | None = None
    for length in LENGTHS:
        rounds = max(3, OPERATIONS_PER_LENGTH // length)
        gc.disable()
        paused = min(seconds_per_operation(length) for _ in range(rounds))
        gc.enable()
        running = min(seconds_per_operation(length) for _ in range(rounds))
        first = first or (paused, running)
        print(
            f"| {length:,} | {paused * 1e6:.2f} | {paused / first[0]:.2f} "
            f"| {running * 1e6:.2f} | {running / first[1]:.2f} |",
            flush=True,
        )
    print(f"\nA recorded operation takes {bytes_per_operation(10_000):.0f} bytes.")


if __name__ == "__main__":
    main()
