"""Mistakes in the derivative of an operation: left out, applied twice, taken elsewhere, another one's."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis, Recorded
from tinygrad_edu.diagnosis.scene import Edge, Scene
from tinygrad_edu.primitives import REGISTRY, Primitive
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import selection, transcendental

Array = Any

ACTIVATIONS: tuple[Primitive, ...] = (
    transcendental.sigmoid,
    transcendental.tanh,
    selection.relu,
    transcendental.softplus,
    REGISTRY[np.sin],
)
"""Functions that are mistaken for each other."""
BY_RESULT = (transcendental.sigmoid, transcendental.tanh, selection.relu)
"""Those whose derivative is written with their result, so that it may be written with another's."""

POSITIVE = (transcendental.sigmoid, transcendental.softplus)
"""Those whose result is positive: ReLU's derivative written with it is 1, which is to leave out their own."""
NO_FACTOR = (do.add, do.subtract, do.negative, do.positive)
MASKS = (selection.relu, selection.maximum, selection.minimum, selection.where)
POWERS = (do.power, do.square, do.divide, transcendental.sqrt, transcendental.log)
EXPONENTS = (1, -1, 2, -2, 0.5, -0.5)


def missing_derivative(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The factor replaced by 1."""
    if _has_factor(case, edge):
        line, words = case.words.line(edge.node), case.words

        def says() -> str:
            factor = words.factor(edge)
            unary = len(case.scene.nodes[edge.node].args) == 1
            what = f"the derivative of `{line}`" if unary else f"the factor that `{line}` brings"
            return f"{what} is missing" + (f": multiply by `{factor}`" if factor else "")

        yield case.along("missing-derivative", edge, lambda scene: scene.handed[edge.node], says, 1.0)


def repeated_derivative(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The factor applied twice."""
    if _has_factor(case, edge):
        yield case.along(
            "repeated-derivative",
            edge,
            lambda scene: scene.term(edge, g=scene.term(edge)),
            lambda: f"the derivative of `{case.words.line(edge.node)}` is applied twice",
            1.6,
        )


def wrong_point(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The derivative of a function of one argument, taken at another array."""
    node = case.scene.nodes[edge.node]
    primitive = case.primitive(edge)
    if primitive.kind != "elementwise" or len(node.args) != 1 or primitive in (*NO_FACTOR, *POWERS):
        return
    for other in case.recorded(node.shape):
        cost = 1.4 if other.place == edge.node else 1.7 if other.named else 2.2
        for term in (_at_point(edge, other), _at_result(edge, other)):
            yield case.along("wrong-point", edge, term, _says_point(case, edge, other), cost)


def _at_point(edge: Edge, other: Recorded) -> Callable[[Scene], Array]:
    def term(scene: Scene) -> Array:
        node, x = scene.nodes[edge.node], other.take(scene)
        assert node.primitive is not None
        return scene.term(edge, out=node.primitive.compute(x, **node.params), operands=(x,))

    return term


def _at_result(edge: Edge, other: Recorded) -> Callable[[Scene], Array]:
    return lambda scene: scene.term(edge, out=other.take(scene))


def _says_point(case: Case, edge: Edge, other: Recorded) -> Callable[[], str]:
    def says() -> str:
        factor = case.words.factor(edge)
        return f"the derivative of `{case.words.line(edge.node)}` is taken at `{other.name}`" + (
            f": it is `{factor}`" if factor else ""
        )

    return says


def wrong_activation(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The derivative of another activation, at the point or with the result of this one."""
    primitive, operands = case.primitive(edge), case.scene.nodes[edge.node].operands
    if primitive is selection.maximum and not np.any(operands[1 - edge.position]):
        primitive = selection.relu
    if primitive not in ACTIVATIONS:
        return
    for other in ACTIVATIONS:
        half = primitive is transcendental.sigmoid and other is transcendental.softplus
        if other is not primitive and not half:  # softplus' is the sigmoid itself: rather (1 - a) forgotten
            bent = other in BY_RESULT and not (other is selection.relu and primitive in POSITIVE)
            for own_result in (True, False) if bent else (False,):
                yield case.along(
                    "wrong-activation",
                    edge,
                    _of_other(edge, other, own_result),
                    _says_other(case, edge, other),
                    1.6,
                )


def _of_other(edge: Edge, other: Primitive, own_result: bool) -> Callable[[Scene], Array]:
    rule = other.rules[0]
    assert rule is not None

    def term(scene: Scene) -> Array:
        node = scene.nodes[edge.node]
        x = node.operands[edge.position]
        return rule(scene.handed[edge.node], node._data if own_result else other.function(x), x)

    return term


def _says_other(case: Case, edge: Edge, other: Primitive) -> Callable[[], str]:
    def says() -> str:
        factor = case.words.factor(edge)
        right = f", which is `{factor}`" if factor else ""
        line = case.words.line(edge.node)
        return f"the derivative of {other.name} is used in place of that of `{line}`{right}"

    return says


def power_slip(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """An exponent that is off in the derivative of a power, a quotient, a root or a logarithm."""
    primitive = case.primitive(edge)
    if primitive not in POWERS or (primitive is do.divide) != (edge.position == 1):
        return
    if primitive is do.power and edge.position == 1:
        return
    for exponent in EXPONENTS:
        for sign in (1, -1):
            yield case.along(
                "power-slip",
                edge,
                _off_power(edge, exponent, sign),
                _says_power(case, edge),
                1.5 + abs(exponent) / 10,
            )
    if primitive is do.divide:
        for exponent in (1, 2):
            for sign in (1, -1):
                yield case.along(
                    "power-slip", edge, _quotient(edge, exponent, sign), _says_power(case, edge), 1.8
                )


def _off_power(edge: Edge, exponent: float, sign: int) -> Callable[[Scene], Array]:
    def term(scene: Scene) -> Array:
        base = scene.nodes[edge.node].operands[edge.position]
        return sign * scene.term(edge) * np.power(base, exponent)

    return term


def _quotient(edge: Edge, exponent: int, sign: int) -> Callable[[Scene], Array]:
    """The numerator forgotten: ±1 / y ** exponent."""
    return lambda scene: sign * scene.handed[edge.node] / scene.nodes[edge.node].operands[1] ** exponent


def _says_power(case: Case, edge: Edge) -> Callable[[], str]:
    def says() -> str:
        factor = case.words.factor(edge)
        return f"the power in the derivative of `{case.words.line(edge.node)}` is off" + (
            f": it is `{factor}`" if factor else ""
        )

    return says


def mask(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """A choice made by the wrong sign, or by the sign of another array."""
    primitive = case.primitive(edge)
    if primitive not in MASKS:
        return
    line, node = case.words.line(edge.node), case.scene.nodes[edge.node]
    yield case.along(
        "mask",
        edge,
        lambda scene: scene.handed[edge.node] - scene.term(edge),
        lambda: (
            f"the choice that `{line}` makes is turned round: its gradient passes where it should be stopped"
        ),
        1.3,
    )
    options: Sequence[tuple[str, Callable[[Scene], Array], float]] = [
        *((one.name, one.take, 1.6 if one.named else 2.1) for one in case.recorded(node.shape)),
        ("its own gradient", lambda scene: scene.handed[edge.node], 1.6),
    ]
    for name, take, cost in options:
        for word, masked in (("positive", _above), ("negative", _below), ("not negative", _not_below)):
            yield case.along(
                "mask",
                edge,
                _masked(edge, take, masked),
                _says_mask(line, name, word),
                cost + 0.1 * (word != "positive"),
            )


def _above(x: Array) -> Array:
    return x > 0


def _below(x: Array) -> Array:
    return x < 0


def _not_below(x: Array) -> Array:
    return x >= 0


def _masked(
    edge: Edge, take: Callable[[Scene], Array], masked: Callable[[Array], Array]
) -> Callable[[Scene], Array]:
    return lambda scene: np.where(masked(take(scene)), scene.handed[edge.node], 0)


def _says_mask(line: str, name: str, word: str) -> Callable[[], str]:
    where = "where it is" if name == "its own gradient" else f"where `{name}` is"
    return lambda: f"the gradient of `{line}` passes {where} {word}: the mask is the wrong one"


def _has_factor(case: Case, edge: Edge) -> bool:
    """Whether the derivative is a factor that is not a plain number."""
    node = case.scene.nodes[edge.node]
    primitive = case.primitive(edge)
    if primitive.kind != "elementwise" or primitive in NO_FACTOR:
        return False
    if primitive in (do.multiply, do.divide):
        other = 1 - edge.position if primitive is do.multiply else 1
        arg = node.args[other]
        return not isinstance(arg, (int, float, np.number))
    return True
