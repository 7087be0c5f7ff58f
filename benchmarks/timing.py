"""Timing in turns, in a process that has the same allocator settings and number of threads for everybody."""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = "micrograd,mygrad,autograd,torch,jax"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
LIMIT = "physical limit"
"""The least that a work can take: one fused loop in C over the data, or the products of matrices alone."""
Work = dict[str, Callable[[], Any]]
"""From a competitor's name to a function without arguments."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that all commands have."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--peers", default=PACKAGES, help="import only these, such as micrograd,torch")
    made.add_argument("--threads", type=int, default=_cores(), help="for every library (default: all cores)")
    made.add_argument("--default-allocator", action="store_true", help="leave malloc as the system has it")
    made.add_argument("--write-docs", action="store_true", help=f"write the results into docs/{PAGE.name}")
    return made


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def level(options: argparse.Namespace) -> None:
    """Restart the process, where need be, with the settings that it has to be started with.

    Page faults of large temporaries alone move figures by a factor of 4, so that everybody gets the same
    thresholds of malloc. Threads are limited by the cores that the process may use (JAX has no other limit),
    and by the variables that BLAS and OpenMP read.
    """
    wanted = {**dict.fromkeys(THREADS, str(options.threads)), "PEERS": options.peers, "JAX_PLATFORMS": "cpu"}
    if not options.default_allocator:
        wanted |= ALLOCATOR
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})


@contextmanager
def empty_cache() -> Iterator[None]:
    """Programs in C are built anew, so that building can be timed."""
    with TemporaryDirectory() as folder:
        os.environ["TINYGRAD_EDU_CACHE"] = folder
        yield


def seconds_of(function: Callable[[], Any]) -> tuple[float, Any]:
    """How long one call takes, and what it gives."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def interleaved(work: Work, rounds: int, seconds: float) -> dict[str, float]:
    """Seconds per call of each competitor: the best of several rounds, in turns.

    A round lasts long enough for the collector, which is on, to run.
    """
    counts = {name: calls_within(seconds, function) for name, function in work.items()}
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


def alternating(work: Work, rounds: int, seconds: float) -> dict[str, float]:
    """Seconds per call where every call is followed by one of the next competitor.

    Nobody finds the processor's caches filled with nothing but their own code: a program that does other
    things between two passes looks like that.
    """
    count = min(calls_within(seconds, function) for function in work.values())
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


def calls_within(seconds: float, function: Callable[[], Any]) -> int:
    """How many calls fill a round, after warming up."""
    once, _ = seconds_of(function)
    if once < seconds:
        for _ in range(2):
            function()
        once, _ = seconds_of(function)
    return max(1, int(seconds / once))


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def digits(number: float) -> str:
    """Three digits, without an exponent: 0.00123, 1.23, 12.3, 12,345."""
    if number >= 100:
        return f"{number:,.0f}"
    decimals = 2 if number >= 1 else 3
    while decimals < 6 and 0 < number < 10 ** (1 - decimals):
        decimals += 1
    return f"{number:.{decimals - (number >= 10)}f}"


def write(part: str, text: str) -> None:
    """Put a text between the two marks that the page of the docs has for it."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(begin)
    PAGE.write_text(f"{before}{begin}\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")
