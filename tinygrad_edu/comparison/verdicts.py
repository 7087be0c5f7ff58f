"""Whether a manual gradient is right, off by rounding only, or wrong: by its own or an inherited mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tinygrad_edu.comparison.replay import rounding_noise
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import pullback

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
    """

    verdict: Verdict
    max_relative_error: float = float("nan")
    max_absolute_error: float = float("nan")
    worst_index: tuple[int, ...] = ()
    missing: bool = False


def judge(nodes: Sequence[Node], seed: Array, manual: Mapping[Node, Array | None]) -> dict[Node, Judgement]:
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
    """
    truth = pullback(nodes, seed)
    whole = {node: truth.get(node, np.zeros(node.shape, node.dtype)[()]) for node in manual}
    given = {node: _filled(node, m) for node, m in manual.items()}
    fitting = {node: m for node, m in given.items() if m.shape == node.shape}
    arrived = pullback(nodes, seed, instead=fitting)
    precision = max(
        np.finfo(x.dtype).eps for x in (*fitting.values(), *whole.values()) if x.dtype.kind == "f"
    )
    noise = rounding_noise(nodes, seed, whole, float(precision))
    judgements = {}
    for node, m in given.items():
        if node not in fitting:
            judgements[node] = Judgement("not-comparable")
            continue
        t, local = whole[node], arrived.get(node, whole[node])
        allowed = MARGIN * noise[node] + 8 * precision * np.abs(t)
        error = _deviation(m, t)
        verdict: Verdict
        if np.all(error <= allowed):
            verdict = "correct" if _relative(error, t) <= np.sqrt(precision) else "rounding"
        else:
            # the manual gradients it follows from may be larger than the true ones, and so may their noise
            close = allowed + np.sqrt(precision) * np.max(np.abs(local), initial=0)
            inherits = not _same(local, t) and np.all(_deviation(m, local) <= close)
            verdict = "inherited" if inherits else "own"
        judgements[node] = _described(verdict, m, t, error, manual[node])
    return judgements


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
    with np.errstate(invalid="ignore"):
        difference = np.abs(np.asarray(m, dtype=np.float64) - np.asarray(t, dtype=np.float64))
    same = (m == t) | (np.isnan(m) & np.isnan(t))
    return np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))


def _relative(error: Array, t: Array) -> float:
    largest = float(np.max(np.abs(t), initial=0))
    worst = float(np.max(error, initial=0))
    return 0.0 if worst == 0 else worst / largest if largest else float("inf")


def _same(a: Array, b: Array) -> bool:
    return bool(np.all((a == b) | (np.isnan(a) & np.isnan(b))))
