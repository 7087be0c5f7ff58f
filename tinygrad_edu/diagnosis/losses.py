"""The gradient of another loss than the one computed: cross-entropy for squared error, and the like."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Edge, Scene
from tinygrad_edu.diagnosis.slopes import lower_end
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.transcendental import log, sigmoid, softplus
from tinygrad_edu.rules.weighing import xlogy

Array = Any
Take = Callable[[Scene], Array]

ENTROPY = "the binary cross-entropy"
LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "the squared error": lambda p, y: 2 * (p - y),
    "half the squared error": lambda p, y: p - y,
    "the absolute error": lambda p, y: np.sign(p - y),
    ENTROPY: lambda p, y: (p - y) / (p * (1 - p)),
    "the cross-entropy": lambda p, y: -y / p,
}
"""The derivatives of losses with respect to the prediction p, where y is expected."""


class Fit(NamedTuple):
    """Where a graph holds a prediction against what is expected."""

    loss: str
    place: int
    expected: Take
    weight: Take


def wrong_loss(case: Case) -> Iterator[Hypothesis]:
    """Another loss, seen at the prediction, or at what the prediction's activation is applied to."""
    for fit in _fits(case.scene):
        prediction = fit.place
        for name, slope in LOSSES.items():
            if name == fit.loss:
                continue
            gradient = _slope(fit, slope)
            says = _says(name, fit.loss)
            if prediction in case.places:
                yield case.at("wrong-loss", prediction, gradient, says, 1.7)
            for i, below in case.scene.arguments[prediction]:
                if below in case.places:
                    yield case.at("wrong-loss", below, _through(Edge(prediction, i), gradient), says, 1.8)
        logits = _logits(case, prediction)
        if logits in case.places and fit.loss != ENTROPY:
            yield case.at(
                "wrong-loss", logits, _slope(fit, lambda p, y: p - y), _says(ENTROPY, fit.loss), 1.75
            )
    yield from _of_logits(case)


def _logits(case: Case, prediction: int) -> int | None:
    """The argument of a prediction's sigmoid: there the slope of the cross-entropy needs no division."""
    scene = case.scene
    ends = [argument for _, argument in scene.arguments[prediction]]
    below = (
        ends[0]
        if scene.nodes[prediction].primitive is sigmoid and ends
        else lower_end(scene, case.words, prediction)
    )
    if below is None:
        return None
    p = sigmoid.function(scene.nodes[below]._data)
    return below if np.allclose(p, scene.nodes[prediction]._data, rtol=1e-10, atol=0) else None


def _says(name: str, right: str) -> Callable[[], str]:
    return lambda: f"this is the gradient of {name}, but the loss is {right}"


def _slope(fit: Fit, slope: Callable[[Array, Array], Array]) -> Take:
    return lambda scene: fit.weight(scene) * slope(scene.nodes[fit.place]._data, fit.expected(scene))


def _through(edge: Edge, gradient: Take) -> Take:
    return lambda scene: scene.fit(edge, scene.term(edge, g=gradient(scene)))


def _fits(scene: Scene) -> Iterator[Fit]:
    for place, node in enumerate(scene.nodes):
        if scene.truth[place] is None:
            continue
        if node.primitive is do.subtract and all(np.ndim(x) == node.ndim for x in node.operands):
            yield from _squared(scene, place)
        if node.primitive in (do.multiply, xlogy):
            yield from _entropy(scene, place)


def _squared(scene: Scene, place: int) -> Iterator[Fit]:
    """A difference that is squared: its weight is the gradient of the square."""
    squares = {edge.node for edge in scene.uses[place]}
    if len(squares) != 1:
        return
    (square,) = squares
    primitive, operands = scene.nodes[square].primitive, scene.nodes[square].operands
    is_square = (
        primitive is do.square
        or (primitive is do.power and np.ndim(operands[1]) == 0 and operands[1] == 2)
        or (primitive is do.multiply and len(scene.uses[place]) == 2)
    )
    if not is_square:
        return
    for i, prediction in scene.arguments[place]:
        for more, loss in ((1, "the squared error"), (2, "half the squared error")):
            yield Fit(loss, prediction, _operand(place, 1 - i), _gradient(square, more))


def _entropy(scene: Scene, place: int) -> Iterator[Fit]:
    """What is expected, times the logarithm of a prediction."""
    if scene.nodes[place].primitive is xlogy:
        found = [(0, prediction) for i, prediction in scene.arguments[place] if i == 1]
    else:
        logarithms = [(1 - i, a) for i, a in scene.arguments[place] if scene.nodes[a].primitive is log]
        found = [(weight, a) for weight, logarithm in logarithms for _, a in scene.arguments[logarithm]]
    for weight, prediction in found:
        loss = ENTROPY if len(scene.uses[prediction]) > 1 else "the cross-entropy"
        yield Fit(loss, prediction, _operand(place, weight), _gradient(place, -1))


def _operand(place: int, position: int) -> Take:
    return lambda scene: scene.nodes[place].operands[position]


def _gradient(place: int, times: float) -> Take:
    return lambda scene: times * scene.truth[place]


def _of_logits(case: Case) -> Iterator[Hypothesis]:
    """Cross-entropy computed from z, where the prediction is sigmoid(z)."""
    scene = case.scene
    for place, node in enumerate(scene.nodes):
        if node.primitive is not do.multiply or scene.truth[place] is None:
            continue
        for i, inner in scene.arguments[place]:
            negated = next((a for _, a in scene.arguments[inner]), None)
            if scene.nodes[inner].primitive is not softplus or negated is None:
                continue
            for _, z in scene.arguments[negated]:
                if scene.nodes[negated].primitive is do.negative:
                    yield from _squares(case, place, 1 - i, z)


def _squares(case: Case, place: int, position: int, z: int) -> Iterator[Hypothesis]:
    """The squared error of sigmoid(z), and that of z itself."""
    for times, name in ((1, "half the squared error"), (2, "the squared error")):
        for bent in (True, False):
            gradient, says = (
                _logit_slope(place, position, z, times, bent),
                _says(name, ENTROPY),
            )
            yield case.at("wrong-loss", z, gradient, says, 1.7 + 0.1 * (not bent))


def _logit_slope(place: int, position: int, z: int, times: float, bent: bool) -> Take:
    def gradient(scene: Scene) -> Array:
        y, logits = scene.nodes[place].operands[position], scene.nodes[z]._data
        p = sigmoid.function(logits) if bent else logits
        return times * scene.truth[place] * (p - y) * (p * (1 - p) if bent else 1)

    return gradient
