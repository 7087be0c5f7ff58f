"""Time of `tg.compare` on right and wrong derivations: linear regression, XOR, and a network of 26 steps.

    python benchmarks/comparison.py [--every 1] [--rounds 3]

Every wrong derivation has one mistake of the catalogue in it. Each comparison is timed by the processor's
time, best of some rounds; before and after it runs a loop of 1500 NumPy multiplications, and the last columns
say how many such loops a comparison takes: that depends little on what else the machine does. Nothing here
passes or fails.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

sys.path[:0] = [str(Path(__file__).parent / "diagnosis"), str(Path(__file__).parents[1])]

from heldout import held_out  # noqa: E402
from language import BREAKS, LANGUAGE  # noqa: E402
from models import MODELS, Model  # noqa: E402
from planted import Plant, plants  # noqa: E402
from scoring import compared  # noqa: E402

SETTINGS = {
    "intermediates, functions": (True, True),
    "intermediates, arrays": (True, False),
    "parameters, functions": (False, True),
    "parameters, arrays": (False, False),
}
SMALL = np.ones(100)


class Timing(NamedTuple):
    """How long something took, in seconds and in loops, and what it was."""

    loops: float
    seconds: float
    what: str


def loop() -> float:
    """The processor's time for a fixed piece of work, about a millisecond."""
    start, x = time.process_time(), SMALL
    for _ in range(1500):
        x = x * 1.0
    return time.process_time() - start


def timed(work: Callable[[], object], what: str, rounds: int) -> Timing:
    """The best of some rounds, each between two loops."""
    found = []
    for _ in range(rounds):
        before, start = loop(), time.process_time()
        work()
        seconds = time.process_time() - start
        found.append(Timing(2 * seconds / (before + loop()), seconds, what))
    return min(found)


def mistakes() -> Iterator[Plant]:
    """What is planted in the three derivations."""
    for plant in (*plants(), *held_out()):
        if plant.model.name in ("linear regression", "XOR network"):
            yield plant
    for row, ways in BREAKS.items():
        for kind, text in ways:
            yield Plant(LANGUAGE, kind, row, {row: text})


def timings(model: Model, setting: tuple[bool, bool], every: int, rounds: int) -> tuple[Timing, list[Timing]]:
    """The right derivation, and every so many of the wrong ones."""
    wrong = []
    for plant in [plant for plant in mistakes() if plant.model is model][::every]:
        try:
            found, _ = compared(model, plant, 1, *setting)
        except ValueError:  # a transposed gradient does not fit into the next line
            continue
        if not found.ok:
            what = f"{plant.kind} at {plant.node}"
            wrong.append(timed(lambda plant=plant: compared(model, plant, 1, *setting), what, rounds))
    return timed(lambda: compared(model, None, 1, *setting), "right", 3 * rounds), wrong


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="take every so many mistakes only")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        "| derivation | given | right, ms | wrong, ms: median | longest | "
        "right, loops | wrong, loops: median | longest | that is |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|---|")
    for model in (MODELS["linear regression"], MODELS["XOR network"], LANGUAGE):
        for given, setting in SETTINGS.items():
            right, wrong = timings(model, setting, options.every, options.rounds)
            cells = [
                *(f"{1000 * x:.1f}" for x in (right.seconds, median(t.seconds for t in wrong))),
                f"{1000 * max(t.seconds for t in wrong):.1f}",
                *(f"{x:.1f}" for x in (right.loops, median(t.loops for t in wrong), max(wrong).loops)),
                f"{max(wrong).what}, 1 of {len(wrong)}",
            ]
            print(f"| {model.name} | {given} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
