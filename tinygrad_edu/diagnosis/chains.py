"""The same mistakes in the derivative of an activation that is written out, ``a = 1 / (1 + np.exp(-z))``."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.factors import ACTIVATIONS, BY_RESULT
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Change, Scene
from tinygrad_edu.diagnosis.slopes import lower_end
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.rules.selection import relu
from tinygrad_edu.sweeps import gradients_in_order

Array = Any


def written_out(case: Case) -> Iterator[Hypothesis]:
    """Several elementwise operations between two Values with names, differentiated as one."""
    for above in range(len(case.scene.nodes)):
        if case.words.has_name(above) and case.scene.handed[above] is not None:
            below = lower_end(case.scene, case.words, above)
            if below is not None and below in case.places:
                yield from _mistakes(case, below, above)


def _pulled(scene: Scene, g: Array, below: int, above: int) -> Array:
    """What a gradient at the upper end contributes to that at the lower end."""
    return gradients_in_order(scene.nodes[: above + 1], g, [scene.nodes[below]])[below]


def _mistakes(case: Case, below: int, above: int) -> Iterator[Hypothesis]:
    line = case.words.line(above)
    where = functools.partial(_instead, below=below, above=above)
    yield Hypothesis(
        "missing-derivative",
        below,
        where(lambda s: s.handed[above]),
        lambda: f"the derivative of `{line}` is missing",
        1.0,
    )
    yield Hypothesis(
        "repeated-derivative",
        below,
        where(lambda s: _pulled(s, _pulled(s, s.handed[above], below, above), below, above)),
        lambda: f"the derivative of `{line}` is applied twice",
        1.6,
    )
    x, out = case.scene.nodes[below]._data, case.scene.nodes[above]._data
    for activation in ACTIVATIONS:
        if np.allclose(activation.function(x), out, rtol=1e-10, atol=0):
            for point in (True, False):
                term = functools.partial(
                    _at_other_point, activation=activation, below=below, above=above, point=point
                )
                yield Hypothesis(
                    "wrong-point",
                    below,
                    where(term),
                    lambda: (
                        f"the derivative of `{line}` is taken at the wrong one of its argument and its result"
                    ),
                    1.5,
                )
        elif activation in BY_RESULT:
            for own in (False,) if activation is relu and np.all(out > 0) else (True, False):
                term = functools.partial(_of_other, activation=activation, below=below, above=above, own=own)
                says = functools.partial(
                    "the derivative of {} is used in place of that of `{}`".format, activation.name, line
                )
                yield Hypothesis("wrong-activation", below, where(term), says, 1.6)


def _instead(term: Any, below: int, above: int) -> Any:
    """The change of handing on another contribution."""

    def change(scene: Scene) -> Change:
        return {below: term(scene) - _pulled(scene, scene.handed[above], below, above)}

    return change


def _at_other_point(scene: Scene, activation: Primitive, below: int, above: int, point: bool) -> Array:
    (rule,) = activation.rules
    assert rule is not None
    x, out = scene.nodes[below]._data, scene.nodes[above]._data
    return rule(scene.handed[above], *((activation.function(out), out) if point else (x, x)))


def _of_other(scene: Scene, activation: Primitive, below: int, above: int, own: bool) -> Array:
    (rule,) = activation.rules
    assert rule is not None
    x, out = scene.nodes[below]._data, scene.nodes[above]._data
    return rule(scene.handed[above], out if own else activation.function(x), x)
