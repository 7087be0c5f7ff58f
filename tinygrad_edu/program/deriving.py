"""From a recorded graph to a derivation: what is on the way, and what each rule gives there."""

import sys
from contextvars import Context
from itertools import count
from types import FrameType

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.fitting import seed_for
from tinygrad_edu.node import Node
from tinygrad_edu.program.calculus import local_term
from tinygrad_edu.program.derivations import Derivation, Path, Step
from tinygrad_edu.program.entries import Entry
from tinygrad_edu.program.formulas import replayed, simplest
from tinygrad_edu.program.labels import Labels, labels_of
from tinygrad_edu.program.tracing import merged, recorded_values
from tinygrad_edu.sweeps import history, influenced, pullback
from tinygrad_edu.transforms import gradient
from tinygrad_edu.value import Value

AT_MOST = 100
"""How many operations without a name a formula may come from, before simplification."""


def derivation(loss: Value, wrt: Value) -> Derivation:
    """The chain rule from `loss` back to `wrt`, step by step.

    Parameters
    ----------
    loss : Value
        A single number.
    wrt : Value
        What it was computed from: a parameter, or an intermediate result.

    Returns
    -------
    Derivation
        ``print`` shows it as text; notebooks show it as mathematics; ``.latex`` and ``.html`` are there too.
        Each Value on the way is one step. Those without a name are called u1, u2, and so on.

    Raises
    ------
    ArgumentError
        If `loss` was not computed from `wrt`.
    NonScalarError
        If `loss` is not a single number.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> a, x = tg.Value(2.0), tg.Value(0.5)
    >>> h = a * x
    >>> L = h * h + h
    >>> print(tg.derivation(L, a))
    ∂L/∂a: the chain rule from L back to a
    forward
      h = a x                                   scalar  1
      u₁ = h²                                   scalar  1
      L = u₁ + h                                scalar  2
    backward
      ∂L/∂u₁ = 1                                scalar  1    through L by add
      ∂L/∂h = ∂L/∂u₁ h + ∂L/∂u₁ h + 1 = 1 + 2h  scalar  3    through u₁ by multiply, L by add
      ∂L/∂a = ∂L/∂h x = (1 + 2h) x              scalar  1.5  through h by multiply
    """
    frame = sys._getframe(1)
    recorded_values([loss, wrt], "derivation(loss, wrt)")
    return Context().run(_derivation, loss, wrt, frame)


def _derivation(loss: Value, wrt: Value, frame: FrameType) -> Derivation:
    nodes = merged([loss, wrt])
    labels = labels_of(nodes, frame)
    seed = seed_for(loss)
    copies, names = replayed(nodes, labels)
    before = history(copies[loss])
    reached = influenced(before, [copies[wrt]])
    way = [node for node in before if node in reached]
    if copies[wrt] not in way or len(way) < 2:
        above, below = (labels.name_of(node) or "it" for node in (loss, wrt))
        raise ArgumentError(f"derivation: {above} was not computed from {below}: there is no step between.")
    known = {key: name for key, name in names.items() if name is not None}
    user = Labels([*copies.values()], known)
    taken = set(known.values())
    free = (f"u{i}" for i in count(1) if f"u{i}" not in taken)
    called = {node: user.name_of(node) or next(free) for node in way}
    slopes = {node: Value.leaf(np.ones(node.shape, node.dtype)[()]) for node in way}
    top = called[way[-1]]
    known |= {id(node): name for node, name in called.items()}
    known |= {id(g): f"∂{top}/∂{called[node]}" for node, g in slopes.items() if node is not way[-1]}
    everything = Labels([*copies.values(), *slopes.values()], known)
    gradients = pullback(before, seed, way)
    recorded = gradient(copies[loss], way)
    steps = []
    for node, formula in zip(way, recorded, strict=True):
        paths = tuple(
            Path(called[user_of], user_of.primitive.name, term)
            for user_of in way
            for position, arg in enumerate(user_of.args)
            if arg is node and user_of.primitive is not None
            for term in [local_term(user_of, position, slopes[user_of], everything)]
            if term is not None
        )
        if not paths and node is not way[-1]:
            continue
        definition = simplest(node, everything)
        steps.append(
            Step(called[node], definition, paths, _short(formula, user), node.data, gradients.get(node))
        )
    return Derivation(top, steps)


def _short(gradient: Node, labels: Labels) -> Entry | None:
    """A gradient in terms of what has a name; None if that would be too long."""
    try:
        return simplest(gradient, labels, AT_MOST)
    except ArgumentError:
        return None
