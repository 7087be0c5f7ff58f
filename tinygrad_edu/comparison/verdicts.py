"""Whether a manual gradient is right, off by rounding only, or wrong: by its own or an inherited mistake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tinygrad_edu.comparison.absorption import absorbed
from tinygrad_edu.comparison.replay import gradients_of, replay, rounding_noise
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import history, pullback

Array = Any
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

MARGIN = 64
"""How many times the movement seen under jitter still counts as rounding."""
CANCELLED, SHARE = 64, 0.01
"""A formula by hand may cancel where the rules do not, as p - t does: so many last digits of the largest
element it may lose in another one, if they are no more than this share of it."""
LAST_DIGITS = 4
"""So many of them may be lost in what a sum has absorbed."""
LOOP = 64
"""Adding up this many numbers doubles the margin: errors of a running sum grow with its square root."""


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
    allowed : array
        By how much each element may deviate from the true gradient and still be right.
    """

    verdict: Verdict
    max_relative_error: float = float("nan")
    max_absolute_error: float = float("nan")
    worst_index: tuple[int, ...] = ()
    missing: bool = False
    located: bool = True
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
    precisions = _precisions(fitting)
    allowed = _allowed(nodes, seed, {node: whole[node] for node in fitting}, precisions)
    for node, moved in absorbed(nodes, truth).items():
        if node in allowed and manual[node] is not None:
            allowed[node] = np.maximum(allowed[node], LAST_DIGITS * precisions[node] * moved)
    errors = {node: _deviation(m, whole[node]) for node, m in fitting.items()}
    wrong = {node for node in fitting if not np.all(errors[node] <= allowed[node])}
    at_kinks = (
        _at_kinks(nodes, seed, {node: whole[node] for node in wrong}, fitting, allowed) if wrong else set()
    )
    inherited = _inherited(nodes, seed, wrong, whole, fitting, allowed, precisions) if wrong else set()
    judgements = {}
    for node in given:
        if node not in fitting:
            judgements[node] = Judgement("not-comparable")
            continue
        t, error = whole[node], errors[node]
        verdict: Verdict
        if node not in wrong:
            verdict = "correct" if _relative(error, t) <= np.sqrt(precisions[node]) else "rounding"
        elif node in at_kinks and manual[node] is not None:
            verdict = "kink"
        else:
            verdict = "inherited" if node in inherited else "own"
        located = verdict != "own" or _is_located(node, nodes, fitting, named)
        described = _described(verdict, fitting[node], t, error, manual[node])
        judgements[node] = replace(described, located=located, allowed=allowed[node])
    return judgements


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


def _precisions(fitting: Mapping[Node, Array]) -> dict[Node, float]:
    """The relative size of the last digit of a gradient, its Value, and all gradients it may follow from."""
    precisions = {node: _last_digit(m, node._data) for node, m in fitting.items()}
    coarse = sorted((p, node.serial, node) for node, p in precisions.items() if p > min(precisions.values()))
    for precision, _, node in coarse:
        for earlier in history(node):
            if earlier in precisions:
                precisions[earlier] = max(precisions[earlier], precision)
    return precisions


def _last_digit(*arrays: Array) -> float:
    return max(float(np.finfo(x.dtype).eps) for x in arrays)


def _allowed(
    nodes: Sequence[Node],
    seed: Array,
    gradients: Mapping[Node, Array],
    precisions: Mapping[Node, float],
    instead: Mapping[Node, Array] | None = None,
) -> dict[Node, Array]:
    """By how much each gradient may deviate, element by element, and still be right."""
    longest = max(node.size for node in nodes)
    margin = MARGIN * (1 + np.sqrt(longest / LOOP))
    allowed = {}
    for precision in set(precisions.values()):
        group = {node: g for node, g in gradients.items() if precisions[node] == precision}
        for node, noise in rounding_noise(nodes, seed, group, precision, instead).items():
            size = np.abs(group[node])
            smallest = 8 * float(np.finfo(group[node].dtype).tiny)
            largest = np.max(size, initial=0, where=np.isfinite(size))
            digits = margin * noise + 8 * precision * size + smallest
            digits += np.minimum(CANCELLED * precision * largest, SHARE * size)
            allowed[node] = np.where(np.isfinite(size), digits, 0.0)
    return allowed


def _at_kinks(
    nodes: Sequence[Node],
    seed: Array,
    truth: Mapping[Node, Array],
    manual: Mapping[Node, Array],
    allowed: Mapping[Node, Array],
) -> set[Node]:
    """Where a manual gradient has a slope that somebody chooses at a kink: of either side, or halfway."""
    if not any(node.primitive is not None and node.primitive.has_kinks for node in nodes):
        return set()
    with np.errstate(all="ignore"):
        sides = [gradients_of(replay(nodes, nudge=nudge), seed) for nudge in (-1.0, 1.0)]
    found = set()
    for node, t in truth.items():
        left, right = (side.get(node, np.zeros_like(t)) for side in sides)
        chosen = [
            np.abs(manual[node] - slope) <= allowed[node] for slope in (t, left, right, (left + right) / 2)
        ]
        if np.all(np.any(chosen, axis=0)):
            found.add(node)
    return found


def _inherited(
    nodes: Sequence[Node],
    seed: Array,
    wrong: Collection[Node],
    truth: Mapping[Node, Array],
    manual: Mapping[Node, Array],
    allowed: Mapping[Node, Array],
    precisions: Mapping[Node, float],
) -> set[Node]:
    """Which of the wrong gradients follow, up to rounding, from manual gradients that are wrong."""
    arrived = pullback(nodes, seed, instead=manual)
    local = {node: arrived.get(node, truth[node]) for node in wrong}
    misled = {node: g for node, g in local.items() if not np.all(_deviation(g, truth[node]) <= allowed[node])}
    near = _allowed(nodes, seed, misled, precisions, instead=manual)
    return {node for node, g in misled.items() if np.all(_deviation(manual[node], g) <= near[node])}


def _described(verdict: Verdict, m: Array, t: Array, error: Array, stated: Array | None) -> Judgement:
    worst = np.unravel_index(int(np.argmax(error)), np.shape(error)) if np.size(error) else ()
    missing = bool(np.any(t != 0)) and (stated is None or not np.any(m))
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
