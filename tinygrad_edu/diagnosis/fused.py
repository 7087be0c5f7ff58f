"""A derivation of several steps in one line: a factor that is missing in all of it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Edge, Scene
from tinygrad_edu.rules import arithmetic as do

Array = Any


def missing_factor(case: Case) -> Iterator[Hypothesis]:
    """The factor of a product or quotient, left out where the steps before it are differentiated at once."""
    for edge in case.edges:
        node, primitive = case.scene.nodes[edge.node], case.primitive(edge)
        divides = primitive is do.divide and edge.position == 0
        if not divides and primitive is not do.multiply:
            continue
        if isinstance(node.args[1 - edge.position], (int, float, np.number)):
            continue
        factor = case.words.operand(edge, 1 - edge.position, inverse=divides)
        line = case.words.line(edge.node)
        for below in _before(case.scene, case.scene.argument(edge)).intersection(case.places):
            if case.words.has_name(below) and case.scene.arrived[below] is not None:
                text = f"the factor `{factor}` that `{line}` brings is missing in the gradient of "
                name = case.words.name(below)
                yield case.at(
                    "missing-derivative", below, _without(edge, below, divides), _says(text, name), 1.9
                )


def _says(text: str, name: str) -> Callable[[], str]:
    return lambda: text + name


def _before(scene: Scene, place: int) -> set[int]:
    """The places from which a Value is computed."""
    found, waiting = set(), [place]
    while waiting:
        for _, argument in scene.arguments[waiting.pop()]:
            if argument not in found:
                found.add(argument)
                waiting.append(argument)
    return found


def _without(edge: Edge, below: int, divides: bool) -> Callable[[Scene], Array]:
    def gradient(scene: Scene) -> Array:
        right, x = scene.arrived[below], scene.nodes[edge.node].operands[1 - edge.position]
        wrong = right * x if divides else right / x
        if np.shape(wrong) != np.shape(right):
            raise ValueError("the factor has more elements than the gradient")
        return wrong

    return gradient
