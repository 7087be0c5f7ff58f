"""One planted mistake put before `compare`, and whether it was named."""

import time
from dataclasses import dataclass

import numpy as np
from models import Model
from planted import Plant

import tinygrad_edu as tg
from tinygrad_edu.comparison import Comparison


@dataclass(frozen=True)
class Outcome:
    """What came of one plant.

    Attributes
    ----------
    plant : Plant
    answer : str
        "named" (first), "tied" (among what explains the same numbers), "other" (something else was named),
        "abstained" (unexplained) or "silent" (nothing was found to be wrong).
    rank : int
        The place of the right answer among the names, 0 if it is not there.
    seconds : float
    said : str
        The kind and the node that were named first.
    """

    plant: Plant
    answer: str
    rank: int
    seconds: float
    said: str


def compared(
    model: Model, plant: Plant | None, seed: int, intermediates: bool, functions: bool
) -> tuple[Comparison, float]:
    """A comparison, and the time it took."""
    inputs = model.inputs(np.random.default_rng(seed))
    lines, left_out = (plant.lines, plant.leave_out) if plant else ({}, ())
    given = None if intermediates else model.parameters
    by_hand = model.by_hand(lines, given, left_out)
    start = time.perf_counter()
    if functions:
        found = tg.compare(model.loss, by_hand, inputs)
    else:
        found = compared_at_one_point(model, by_hand, inputs)
    return found, time.perf_counter() - start


def compared_at_one_point(model, by_hand, inputs):
    """The same with a recorded loss and arrays."""
    values = {
        name: tg.Value(x, name=name) if np.asarray(x).dtype.kind == "f" else x for name, x in inputs.items()
    }
    recorded = model.loss(**values)
    forward = {row.name: None for row in tg.compare(recorded, {}).rows}
    available = {**inputs, **_data(recorded, forward)}
    asked = by_hand.__signature__.parameters
    return tg.compare(recorded, by_hand(**{name: available[name] for name in asked}))


def _data(recorded, names):
    from tinygrad_edu.sweeps import history

    return {node.name: node.data for node in history(recorded) if node.name in names}


def outcome(plant: Plant, seed: int, intermediates: bool, functions: bool) -> Outcome:
    found, seconds = compared(plant.model, plant, seed, intermediates, functions)
    if found.ok:
        return Outcome(plant, "silent", 0, seconds, "")
    first, *others = found.findings
    names = [(one.kind, one.node) if intermediates else one.kind for one in (first, *first.alternatives)]
    wanted = (plant.kind, plant.node) if intermediates else plant.kind
    names = list(dict.fromkeys(names))
    rank = names.index(wanted) + 1 if wanted in names else 0
    said = f"{first.kind} at {first.node}" + (f" and {len(others)} more" if others else "")
    if first.kind == "unexplained":
        return Outcome(plant, "abstained", 0, seconds, said)
    answer = "named" if rank == 1 else "tied" if rank else "other"
    return Outcome(plant, answer, rank, seconds, said)
