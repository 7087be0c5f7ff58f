"""The planted-mistake benchmark: ``python benchmarks/diagnosis/run.py`` prints the table of docs/diagnosis.md.

``--every 10`` takes every tenth mistake only; ``--seeds 2`` takes two sets of numbers for each.
"""

import argparse
import itertools
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "tests")]

from comparison.reformulations import ARITHMETICS, reformulated  # noqa: E402
from comparison.reformulations import MODELS as REFORMULATED  # noqa: E402
from fresh import FRESH_BY_NUMBERS, fresh_lines, fresh_slips  # noqa: E402
from heldout import held_out  # noqa: E402
from language import BREAKS, LANGUAGE  # noqa: E402
from models import MODELS, Lines, Model  # noqa: E402
from outside import CATALOGUE_BY_NUMBERS, wrong_lines  # noqa: E402
from planted import Plant, plants  # noqa: E402
from scoring import Outcome, compared, outcome  # noqa: E402

import tinygrad_edu as tg  # noqa: E402

SETTINGS = {
    "intermediates, functions": (True, True),
    "intermediates, arrays": (True, False),
    "parameters, functions": (False, True),
    "parameters, arrays": (False, False),
}
"""What is given, and whether the derivation is evaluated at several probes or at the recorded point."""


def singles(chosen: Iterable[Plant], seeds: Sequence[int]) -> dict[str, list[Outcome]]:
    """Each mistake in each setting."""
    listed = list(chosen)
    return {
        name: [outcome(plant, seed, *setting) for plant in listed for seed in seeds]
        for name, setting in SETTINGS.items()
    }


def table_of_singles(results: dict[str, list[Outcome]]) -> Iterator[str]:
    yield "| given | mistakes | named first | top 1 | top 3 | unexplained | other name | mean time | longest |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, outcomes in results.items():
        seen = [o for o in outcomes if o.answer != "silent"]
        n = max(len(seen), 1)
        first, top1 = sum(o.rank == 1 for o in seen), sum(o.rank > 0 for o in seen)
        top3 = sum(0 < o.rank <= 3 or o.answer == "tied" for o in seen)
        answers = Counter(o.answer for o in seen)
        times = [o.seconds for o in seen]
        yield (
            f"| {name} | {len(seen)} | {first / n:.1%} | {top1 / n:.1%} | {top3 / n:.1%} | {answers['abstained']} "
            f"| {answers['other']} | {1000 * np.mean(times):.0f} ms | {max(times):.1f} s |"
        )


def table_by_kind(results: dict[str, list[Outcome]]) -> Iterator[str]:
    """Top 1 by kind, in each setting."""
    yield "| kind | mistakes | " + " | ".join(SETTINGS) + " |"
    yield "|---|---|" + "---|" * len(SETTINGS)
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for name, outcomes in results.items():
        for o in outcomes:
            if o.answer != "silent":
                right[o.plant.kind][name].append(o.rank > 0)
    for kind in sorted(right):
        cells = [f"{np.mean(right[kind][name]):.0%}" if right[kind][name] else "" for name in SETTINGS]
        yield f"| `{kind}` | {len(right[kind]['intermediates, functions'])} | {' | '.join(cells)} |"


def pairs(every: int) -> Iterator[tuple[Plant, Plant]]:
    """Two mistakes of one model at different names, drawn at random."""
    rng = np.random.default_rng(0)
    by_model = defaultdict(list)
    for plant in plants():
        if plant.kind not in ("swapped", "missing-gradient") and len(plant.lines) == 1:
            by_model[plant.model.name].append(plant)
    for found in by_model.values():
        for _ in range(max(40 // every, 2)):
            one, other = (found[i] for i in rng.choice(len(found), 2, replace=False))
            if one.node != other.node:
                yield one, other


def both_named(one: Plant, other: Plant, seed: int) -> bool | None:
    """Whether two mistakes are both told; None if one of them changes nothing that can be seen."""
    alone = [outcome(plant, seed, True, True).answer for plant in (one, other)]
    if "silent" in alone:
        return None
    try:
        found, _ = compared(one.model, one._replace(lines={**one.lines, **other.lines}), seed, True, True)
    except ValueError:  # a transposed gradient does not fit into the next line
        return None
    told = {(f.kind, f.node) for finding in found.findings for f in (finding, *finding.alternatives)}
    return {(one.kind, one.node), (other.kind, other.node)} <= told


def false_alarms(every: int) -> tuple[int, int]:
    """Comparisons of correct gradients, and those in which something was called wrong."""
    cases = list(itertools.product(REFORMULATED.values(), ARITHMETICS.values(), range(5)))[::every]
    alarms = 0
    for model, arithmetic, seed in cases:
        loss, manual = reformulated(model, arithmetic, seed)
        alarms += not tg.compare(loss, manual).ok
    return len(cases), alarms


def over_claims(every: int, intermediates: bool, functions: bool = True) -> tuple[int, int, int, list[str]]:
    """Wrong lines outside the catalogue, those that were given a name, and those that turned out to be inside."""
    return claims(list(wrong_lines())[::every], CATALOGUE_BY_NUMBERS, intermediates, functions)


def claims(
    chosen: Iterable[tuple[Model, Lines]],
    by_numbers: Mapping[tuple[str, str, str], str],
    intermediates: bool,
    functions: bool,
) -> tuple[int, int, int, list[str]]:
    """The same for these lines."""
    count = inside = 0
    claimed = []
    for model, lines in chosen:
        found, _ = compared(model, Plant(model, "", "", lines), 1, intermediates, functions)
        if found.ok:
            continue
        count += 1
        named = [f"{f.kind} at {f.node}" for f in found.findings if f.kind != "unexplained"]
        ((row, text),) = lines.items()
        if named and (model.name, row, text) in by_numbers:
            inside += 1
        elif named:
            claimed.append(f"{model.name}, d{row} = {text}: {', '.join(named)}")
    return count, len(claimed), inside, claimed


def long_network(every: int) -> tuple[float, float, int, int]:
    """Seconds for the verdicts, the longest for a culprit, and how many of the broken lines were named."""
    _, verdicts = compared(LANGUAGE, None, 0, True, False)
    broken = [Plant(LANGUAGE, kind, row, {row: text}) for row, ways in BREAKS.items() for kind, text in ways]
    outcomes = [
        outcome(plant, 0, True, functions) for plant in broken[::every] for functions in (True, False)
    ]
    named = sum(o.rank > 0 for o in outcomes)
    return verdicts, max(o.seconds for o in outcomes), named, len(outcomes)


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every so many mistakes only")
    parser.add_argument("--seeds", type=int, default=1, help="how many sets of numbers for each")
    chosen = parser.parse_args()
    every, seeds = chosen.every, range(1, chosen.seeds + 1)
    results = singles(list(plants())[::every], seeds)
    for title, lines in (
        (f"One mistake, in {len(MODELS)} models", table_of_singles(results)),
        ("The same by kind (top 1)", table_by_kind(results)),
        ("Held out", table_of_singles(singles(list(held_out())[::every], seeds))),
        ("Held out, second time", table_of_singles(singles(list(fresh_slips()), seeds))),
    ):
        say(f"\n### {title}\n")
        for line in lines:
            say(line)
    answers = [x for x in (both_named(*pair, seed=1) for pair in pairs(every)) if x is not None]
    say(f"\nTwo mistakes at different names: both told in {sum(answers)} of {len(answers)}.")
    say("False alarms: {1} of {0} comparisons of correct gradients.".format(*false_alarms(every)))
    for given, setting in SETTINGS.items():
        for lines, (count, named, inside, listed) in (
            ("Wrong lines outside the catalogue", over_claims(every, *setting)),
            ("Those of the second time", claims(fresh_lines(), FRESH_BY_NUMBERS, *setting)),
        ):
            say(
                f"{lines}, {given}: {named} of {count - inside} named ({inside} more are in it by their numbers)."
            )
            for line in listed:
                say(f"  {line}")
    verdicts, longest, named, total = long_network(every)
    say(
        f"26 steps: verdicts in {verdicts:.2f} s; {named} of {total} broken lines named, each in at most "
        f"{longest:.1f} s."
    )


if __name__ == "__main__":
    main()
