"""Time of one forward and backward pass, ours beside hand-written NumPy and other libraries, as ratios.

    python benchmarks/eager.py [--rounds 15] [--only XOR] [--alternate]

All competitors run in one process, in turns; each round lasts long enough for the collector, which is on,
to run; the best round counts. With --alternate every single call is followed by one of the next competitor,
so that nobody finds the processor's caches filled with nothing but their own code: a program that does other
things between two passes looks like that. The process restarts itself with the same allocator settings for
everybody, because page faults of large temporaries alone move such figures by a factor of 4;
--default-allocator leaves them out.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable
from typing import Any

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
SECONDS_PER_ROUND = 0.25


def main() -> None:
    """Parse the options, time the works, print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="time only works whose name contains this")
    parser.add_argument(
        "--peers", help="import only these, such as micrograd,torch: imports slow the collector"
    )
    parser.add_argument(
        "--alternate", action="store_true", help="take turns after each call, not after each round"
    )
    parser.add_argument("--default-allocator", action="store_true")
    options = parser.parse_args()
    if not options.default_allocator and any(
        os.environ.get(name) != value for name, value in ALLOCATOR.items()
    ):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})
    if options.peers is not None:
        os.environ["PEERS"] = options.peers
    from works import WORKS

    print("| work | library | µs per pass | ratio to tinygrad_edu |")
    print("|---|---|---:|---:|")
    for name, make in WORKS.items():
        if options.only in name:
            times = (alternating if options.alternate else interleaved)(make(), options.rounds)
            for library, seconds in times.items():
                print(
                    f"| {name} | {library} | {seconds * 1e6:.1f} | {seconds / times['tinygrad_edu']:.2f} |",
                    flush=True,
                )


def interleaved(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds per call of each competitor: the best of several rounds, in turns."""
    counts = {name: calls_per_round(function) for name, function in work.items()}
    gc.freeze()  # what importing the peers made is no matter for the collector ...
    gc.collect()  # ... nor does it count in how often it runs, as in a process that imports one library
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        for name, function in work.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                function()
            best[name] = min(best[name], (time.perf_counter() - start) / counts[name])
    return best


def alternating(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds per call of each competitor where every call is followed by one of the next competitor."""
    count = min(calls_per_round(function) for function in work.values())
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        spent = dict.fromkeys(work, 0.0)
        for _ in range(count):
            for name, function in work.items():
                start = time.perf_counter()
                function()
                spent[name] += time.perf_counter() - start
        best = {name: min(best[name], spent[name] / count) for name in work}
    return best


def calls_per_round(function: Callable[[], Any]) -> int:
    """How many calls fill a round, after warming up."""
    for _ in range(3):
        function()
    start = time.perf_counter()
    function()
    return max(1, int(SECONDS_PER_ROUND / (time.perf_counter() - start)))


if __name__ == "__main__":
    main()
