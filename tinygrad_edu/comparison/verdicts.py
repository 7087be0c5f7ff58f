"""Whether a manual gradient is right, off by rounding only, or wrong: by its own or an inherited mistake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tinygrad_edu.comparison.absorption import absorbed
from tinygrad_edu.comparison.rounding import Rounding
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import pullback

Array = Any
Gradients = Mapping[Node, Array]
Verdict = Literal["correct", "rounding", "kink", "not-compared", "inherited", "not-comparable", "own"]

SEVERITY: tuple[Verdict, ...] = (
    "not-compared",
    "correct",
    "rounding",
    "kink",
    "inherited",
    "not-comparable",
    "own",
)
"""From harmless to guilty: over several probes, the worst one counts."""

LAST_DIGITS = 4
"""So many of the last digits of a number may be lost in what a sum has absorbed."""


@dataclass(frozen=True)
class Judgement:
    """What was found for one Value at one probe.

    Attributes
    ----------
    verdict : str
        See `Verdict`.
    max_relative_error : float
        The largest deviation divided by the largest entry of the true gradient.
    max_absolute_error : float
        The largest deviation.
    worst_index : tuple of int
        Where it is.
    missing : bool
        Whether the manual gradient is absent (None, or all 0) though the true one is not 0.
    located : bool
        Whether a mistake of its own was made right here: no other named Value, without a manual gradient,
        lies on the way to the loss or to the next manual gradients.
    tested : bool
        False where 0 would be right, too: the true gradient is no larger than what rounding can make of it,
        and a wrong sign or factor cannot be seen. False, too, where it is wrong in no element in which the
        true gradient is finite.
    allowed : array
        By how much each element may deviate from the true gradient and still be right.
    """

    verdict: Verdict
    max_relative_error: float = float("nan")
    max_absolute_error: float = float("nan")
    worst_index: tuple[int, ...] = ()
    missing: bool = False
    located: bool = True
    tested: bool = True
    allowed: Array = None


def judge(
    nodes: Sequence[Node],
    seed: Array,
    manual: Mapping[Node, Array | None],
    named: Collection[Node] = (),
) -> dict[Node, Judgement]:
    """A judgement for each node of `manual`.

    A gradient is inherited when it follows, by the rules of the operations between, from the manual
    gradients of the Values that are computed from it, and these are wrong.

    Parameters
    ----------
    nodes : sequence of Node
        The history of the loss, the loss last.
    seed : array
        The gradient of the loss.
    manual : mapping
        Manual gradients by node; None where one was left out.
    named : collection of Node
        The nodes that have a name, for which a gradient could have been given.
    """
    truth = pullback(nodes, seed)
    whole = {node: truth.get(node, np.zeros(node.shape, node.dtype)[()]) for node in manual}
    given = {node: _filled(node, m) for node, m in manual.items()}
    fitting = {node: m for node, m in given.items() if m.shape == node.shape}
    rounding = Rounding(nodes, seed, fitting)
    allowed = rounding.allowed({node: whole[node] for node in fitting})
    for node, moved in absorbed(nodes, seed, truth).items():
        if node in allowed and manual[node] is not None:
            allowed[node] = np.maximum(allowed[node], LAST_DIGITS * rounding.precisions[node] * moved)
    errors = {node: _deviation(m, whole[node]) for node, m in fitting.items()}
    wrong = {node: whole[node] for node in fitting if not np.all(errors[node] <= allowed[node])}
    at_kinks = _at_kinks(rounding, wrong, fitting, allowed) if wrong else set()
    inherited: set[Node] = set()
    if wrong:
        handed = pullback(nodes, seed, instead=fitting)
        inherited = _inherited(rounding, handed, wrong, fitting, allowed)
    judgements = {}
    for node in given:
        if node not in fitting:
            judgements[node] = Judgement("not-comparable")
            continue
        t, error = whole[node], errors[node]
        verdict: Verdict
        tested = _is_tested(error, t, allowed[node])
        if node not in wrong:
            near = _relative(error, t) <= np.sqrt(rounding.precisions[node])
            verdict = "correct" if near and tested else "rounding"
        elif node in at_kinks and manual[node] is not None:
            verdict = "kink"
        else:
            verdict = "inherited" if node in inherited else "own"
        located = verdict != "own" or _is_located(node, nodes, fitting, named)
        described = _described(verdict, fitting[node], t, error, manual[node])
        judgements[node] = replace(described, located=located, tested=tested, allowed=allowed[node])
    return judgements


def _is_tested(error: Array, t: Array, allowed: Array) -> bool:
    """Whether a wrong gradient would have been seen, and one that is wrong can be told to be."""
    agrees = error <= allowed
    blind = np.abs(t) <= allowed if np.all(agrees) else agrees | ~np.isfinite(t)
    return not t.size or not np.all(blind)


def _is_located(
    node: Node, nodes: Sequence[Node], fitting: Mapping[Node, Array], named: Collection[Node]
) -> bool:
    """Whether no named Value without a manual gradient lies between `node` and the next manual gradients."""
    reached = {node}
    for later in nodes[:-1]:
        if later not in fitting and any(isinstance(arg, Node) and arg in reached for arg in later.args):
            if later in named:
                return False
            reached.add(later)
    return True


def _at_kinks(rounding: Rounding, wrong: Gradients, manual: Gradients, allowed: Gradients) -> set[Node]:
    """Where a manual gradient has a slope that somebody chooses at a kink: of either side, or halfway."""
    replay, sides = rounding.replay, []
    if not replay.has_kinks:
        return set()
    with np.errstate(all="ignore"):
        for nudge in (-1.0, 1.0):
            replay.run(nudge=nudge)
            sides.append(replay.gradients())
    found = set()
    for node, t in wrong.items():
        left, right = (side.get(node, np.zeros_like(t)) for side in sides)
        chosen = [
            np.abs(manual[node] - slope) <= allowed[node] for slope in (t, left, right, (left + right) / 2)
        ]
        if np.all(np.any(chosen, axis=0)):
            found.add(node)
    return found


def _inherited(
    rounding: Rounding, handed: Gradients, wrong: Gradients, manual: Gradients, allowed: Gradients
) -> set[Node]:
    """Which of the wrong gradients follow, up to rounding, from manual gradients that are wrong.

    In `handed` is what flows back if every manual gradient is handed on in place of the true one.
    """
    local = {node: handed.get(node, t) for node, t in wrong.items()}
    misled = {node: g for node, g in local.items() if not np.all(_deviation(g, wrong[node]) <= allowed[node])}
    near = rounding.allowed(misled, instead=manual)
    return {node for node, g in misled.items() if np.all(_deviation(manual[node], g) <= near[node])}


def _described(verdict: Verdict, m: Array, t: Array, error: Array, stated: Array | None) -> Judgement:
    worst = np.unravel_index(int(np.argmax(error)), np.shape(error)) if np.size(error) else ()
    missing = bool(np.any(np.isfinite(t) & (t != 0))) and (stated is None or not np.any(m))
    return Judgement(
        verdict,
        _relative(error, t),
        float(np.max(error, initial=0)),
        tuple(int(i) for i in worst),
        missing and verdict in ("own", "inherited"),
    )


def _filled(node: Node, manual: Array | None) -> Array:
    """A manual gradient as an array; one that was left out counts as 0."""
    return np.zeros(node.shape, node.dtype)[()] if manual is None else manual


def _deviation(m: Array, t: Array) -> Array:
    """|m - t|, 0 where both are the same infinity or both not a number, else infinite where either is."""
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(np.asarray(m, dtype=np.float64) - np.asarray(t, dtype=np.float64))
    same = (m == t) | (np.isnan(m) & np.isnan(t))
    return np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))


def _relative(error: Array, t: Array) -> float:
    largest = float(np.max(np.abs(t), initial=0, where=np.isfinite(t)))
    worst = float(np.max(error, initial=0))
    if not worst or not largest:
        return float("inf") if worst else 0.0
    with np.errstate(over="ignore"):
        return float(np.float64(worst) / largest)
