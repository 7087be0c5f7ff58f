"""Time of a pass over the number of rows, the width, the depth and the number of operations; and memory.

    python benchmarks/scaling.py [--rounds 5] [--patience 10] [--write-docs]

Each curve is measured point by point, all competitors in turns. A competitor leaves a curve where preparing
or one pass would take longer than the patience in seconds, judged by the point before. Peak memory is that of
a process of its own for each point, less what it took for ten rows. With --write-docs the picture and the
table go into the docs.
"""

import argparse
import functools
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import hand
import timing
from timing import digits, seconds_of

COMPETITORS = ("hand", "eager", "numpy", "native", "PyTorch", "JAX jit", "HIPS autograd", "MyGrad")
Curve = dict[str, dict[int, float]]
"""From a competitor's name to what was measured for each size."""


def layers(samples: int, *sizes: int) -> tuple[Any, ...]:
    """A network of sigmoids, and how it is done by hand."""
    from works import network_data, network_loss

    return (network_loss, *network_data(samples, *sizes), hand.deep)


def chain(operations: int) -> tuple[Any, ...]:
    """Products and tanh in turns, on sixteen numbers."""
    import numpy as np

    def loss(f: Any, x: Any, w: Any) -> Any:
        h = x
        for _ in range(operations // 2):
            h = f.tanh(h * w)
        return f.mean(h**2)

    data, params = [np.linspace(0.1, 1, 16)], [np.linspace(0.9, 1.1, 16)]
    return loss, data, params, functools.partial(hand.chain, operations=operations)


SIZES: dict[str, tuple[Callable[[int], tuple[Any, ...]], list[int]]] = {
    "rows": (lambda n: layers(n, 2, 8, 1), [10**k for k in range(1, 7)]),
    "width": (lambda n: layers(128, 64, n, n, 10), [4, 16, 64, 256, 1024]),
    "depth": (lambda n: layers(64, *[32] * (n + 1)), [1, 4, 16, 64, 256]),
    "operations": (chain, [10**k for k in range(2, 7)]),
}
BUILT = ("numpy", "native", "JAX jit")
"""What is traced and built before its first pass."""
LENGTHENING = ("depth", "operations")
"""Where programs become longer and not only their arrays."""
TITLES = {
    "rows": "a network 2-8-1 over its rows",
    "width": "a network 64-n-n-10, 128 rows, over n",
    "depth": "layers of 32 neurons, 64 rows, over their number",
    "operations": "a chain of operations on 16 numbers",
    "preparing": "tracing and building the chain",
    "memory": "peak memory of the network over its rows",
}
MEMORY = [10**4, 10**5, 10**6]


def prepared(curve: str, competitor: str, size: int) -> Callable[[], Any]:
    """One competitor, ready to run."""
    from libraries import LIBRARIES

    loss, data, params, by_hand = SIZES[curve][0](size)
    if competitor == "hand":
        return functools.partial(by_hand, *data, *params)
    return LIBRARIES[competitor](loss, data, params)


def competitors() -> list[str]:
    """Those that are installed."""
    from libraries import LIBRARIES

    return [name for name in COMPETITORS if name == "hand" or name in LIBRARIES]


def measured(curve: str, rounds: int, patience: float) -> tuple[Curve, Curve]:
    """Seconds of a pass and of preparing."""
    passes: Curve = {name: {} for name in competitors()}
    preparing: Curve = {name: {} for name in passes}
    expected = dict.fromkeys(passes, 0.0)  # seconds for the next size
    for size, following in pairwise([*SIZES[curve][1], 0]):
        print(f"{curve}: {size:,}", file=sys.stderr, flush=True)
        work: timing.Work = {}
        for name in passes:
            if expected[name] < patience:
                try:
                    preparing[name][size], run = seconds_of(functools.partial(prepared, curve, name, size))
                    once, _ = seconds_of(run)
                except RecursionError:
                    expected[name] = float("inf")
                else:
                    work[name], more = run, following / size
                    growth = more if curve in LENGTHENING else 1
                    expected[name] = max(preparing[name][size] * growth, once * more)
        for name, seconds in timing.interleaved(work, rounds, 0.05).items():
            passes[name][size] = seconds
    return passes, preparing


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # elsewhere the peak may be that of the process that started this one
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"))
        return int(found[1]) / 1024 if found else float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def memory_in_this_process(competitor: str, rows: int) -> tuple[float, float]:
    """Megabytes that preparing and a pass over so many rows add to ten rows, and the pass alone."""
    for _ in range(2):
        prepared("rows", competitor, 10)()
    before = peak()
    run = prepared("rows", competitor, rows)
    run()
    whole = peak() - before
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak starts anew
    run()
    return whole, peak() - before


def memory() -> Curve:
    """Each point in a process of its own, with malloc as the system has it: it gives back what is free."""
    found: Curve = {name: {} for name in competitors()}
    environment = {name: value for name, value in os.environ.items() if name not in timing.ALLOCATOR}
    for name in list(found):
        print(f"memory: {name}", file=sys.stderr, flush=True)
        for rows in MEMORY:
            command = [sys.executable, __file__, "--measure", name, str(rows)]
            run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            whole, found[name][rows] = json.loads(run.stdout)
            if name in BUILT:
                found.setdefault(f"{name}, with preparing", {})[rows] = whole
    return found


def rows_of(curve: Curve, factor: float) -> str:
    """A row for each competitor, a column for each size."""
    sizes = sorted({size for points in curve.values() for size in points})
    cells = [
        [name, *(digits(points[size] * factor) if size in points else "" for size in sizes)]
        for name, points in curve.items()
    ]
    return timing.table(["", *(f"{size:,}" for size in sizes)], cells)


def main() -> None:
    """Measure every curve, print the tables, write them and the picture."""
    parser = timing.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=10, help="seconds for preparing, or for one pass")
    parser.add_argument("--only", default="", help="these curves only, such as rows,width,memory")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(memory_in_this_process(options.measure[0], int(options.measure[1]))))
        return
    timing.level(options)
    with timing.empty_cache():
        chosen = options.only.split(",") if options.only else [*SIZES, "memory"]
        curves: dict[str, Curve] = {}
        for name in SIZES:
            if name in chosen:
                curves[name], preparing = measured(name, options.rounds, options.patience)
                if name == "operations":
                    curves["preparing"] = {
                        name: points for name, points in preparing.items() if name in BUILT
                    }
        if "memory" in chosen:
            curves["memory"] = memory()
    parts = []
    for name, curve in curves.items():
        unit, factor = ("MB", 1) if name == "memory" else ("milliseconds", 1e3)
        parts.append(f"{TITLES[name].capitalize()}, in {unit}:\n\n{rows_of(curve, factor)}")
    text = "\n\n".join(parts)
    print(text)
    if options.write_docs:
        from curves import draw

        draw(curves, TITLES)
        timing.write("scaling", text)


if __name__ == "__main__":
    main()
