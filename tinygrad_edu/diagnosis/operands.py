"""Mistakes with what an operation is given: another array, a transposed one, no incoming gradient."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Edge, Scene
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.shaping import HOLE, getitem

Array = Any
Take = Callable[[Scene], Array]


def operand(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """Another recorded array, or the transpose, in place of an operand."""
    node, primitive = case.scene.nodes[edge.node], case.primitive(edge)
    if primitive not in (matmul, do.multiply, do.divide):
        return
    for position, arg in enumerate(node.args):
        if isinstance(arg, (int, float)) or (position == edge.position and primitive is not do.divide):
            continue
        name, shape = case.words.operand(edge, position), np.shape(node.operands[position])
        for other in case.recorded(shape):
            cost = 1.7 if other.named else 2.3
            yield case.along(
                "operand", edge, _with(edge, position, other.take), _says(case, edge, other.name, name), cost
            )
        if len(shape) == 2:
            for other in case.recorded(shape[::-1]):
                same = other.take(case.scene) is node.operands[position]
                take = _transposed(other.take)
                words = _says(case, edge, f"{other.name}.T", name)
                yield case.along("operand", edge, _with(edge, position, take), words, 1.5 if same else 2.2)


def _with(edge: Edge, position: int, take: Take) -> Take:
    def term(scene: Scene) -> Array:
        operands = list(scene.nodes[edge.node].operands)
        operands[position] = take(scene)
        return scene.term(edge, operands=operands)

    return term


def _transposed(take: Take) -> Take:
    return lambda scene: take(scene).T


def _says(case: Case, edge: Edge, wrong: str, right: str) -> Callable[[], str]:
    line = case.words.line(edge.node)
    return lambda: f"`{wrong}` is used where `{right}` belongs (in what follows from `{line}`)"


def transposed_gradient(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """The incoming gradient transposed."""
    shape = case.scene.nodes[edge.node].shape
    if len(shape) == 2 and shape[0] == shape[1]:
        yield case.along(
            "transposed",
            edge,
            lambda scene: scene.term(edge, g=scene.handed[edge.node].T),
            lambda: f"the gradient of {case.words.called(edge.node)} is transposed before it is used",
            1.5,
        )


def upstream_ignored(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """Ones, or the gradient of another Value, in place of the incoming gradient."""
    scene, node = case.scene, case.scene.nodes[edge.node]
    above = case.words.called(edge.node)
    if node.ndim == 0 and (edge.node == len(scene.nodes) - 1 or not case.words.has_name(edge.node)):
        return
    yield case.along(
        "upstream-ignored",
        edge,
        lambda s: scene_ones(s, edge),
        lambda: f"the gradient of {above} is not multiplied in: the chain rule stops there",
        1.5,
    )
    at = scene.argument(edge)
    for place, g in enumerate(scene.handed):
        if place == edge.node or not case.is_gradient(place) or np.shape(g) != node.shape:
            continue
        named = case.words.has_name(place)
        if not scene.is_known(place, at) or (len(scene.uses[at]) > 1 and not named):
            continue
        cost = 1.8 if named else 2.4
        for kind, more in (("upstream-ignored", 0.0), ("operand", 0.1)):
            says = _says_other(case, place, above)
            yield case.along(kind, edge, _given_other(edge, place), says, cost + more)


def scene_ones(scene: Scene, edge: Edge) -> Array:
    """The contribution of an operation whose gradient counts as 1."""
    node = scene.nodes[edge.node]
    return scene.term(edge, g=np.ones(node.shape, node.dtype)[()])


def _given_other(edge: Edge, place: int) -> Take:
    return lambda scene: scene.term(edge, g=scene.handed[place])


def _says_other(case: Case, place: int, above: str) -> Callable[[], str]:
    return lambda: f"the gradient of {case.words.called(place)} is used where the gradient of {above} belongs"


def elementwise_for_matmul(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """``*`` where ``@`` belongs, and the reverse; an outer product for an inner one."""
    primitive = case.primitive(edge)
    node = case.scene.nodes[edge.node]
    options: tuple[str, ...]
    if primitive is matmul:
        shown, options = "an elementwise or outer product", ("multiply", "outer")
    elif primitive is do.multiply and all(np.ndim(x) for x in node.operands):
        shown, options = "a matrix or inner product", ("matmul",)
    else:
        return
    place = case.scene.argument(edge)
    if len(case.scene.uses[place]) > 1:
        return
    line, scene = case.words.line(edge.node), case.scene
    shapes = {scene.nodes[place].shape, np.shape(scene.manual[place]) if place in scene.manual else ()}
    for option in options:
        for turned in itertools.product(TURNS, TURNS):
            for swapped in (False, True):
                yield case.at(
                    "elementwise-for-matmul",
                    place,
                    _product(edge, option, turned, swapped, shapes),
                    lambda: f"{shown} is taken where `{line}` asks for {_right(primitive is matmul)}",
                    1.7,
                )


TURNS: tuple[Callable[[Array], Array], ...] = (
    lambda x: x,
    np.transpose,
    lambda x: np.expand_dims(x, -1),
)
"""How an operand may be laid before it is multiplied."""


def _right(matrix: bool) -> str:
    return "a matrix product" if matrix else "an elementwise product"


def _product(
    edge: Edge,
    option: str,
    turned: tuple[Callable[[Array], Array], ...],
    swapped: bool,
    shapes: set[tuple[int, ...]],
) -> Take:
    product = getattr(np, option)

    def gradient(scene: Scene) -> Array:
        g = turned[0](scene.handed[edge.node])
        other = turned[1](scene.nodes[edge.node].operands[1 - edge.position])
        if (
            option == "outer"
            and (*g.shape, *other.shape) not in shapes
            and (*other.shape, *g.shape) not in shapes
        ):
            raise ValueError("the product has another shape")
        if option == "multiply" and np.broadcast_shapes(g.shape, other.shape) not in shapes:
            raise ValueError("the product has another shape")
        return product(other, g) if swapped else product(g, other)

    return gradient


def shifted_operand(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """Rows that are one off before they are multiplied, or an index that is one off."""
    node, primitive = case.scene.nodes[edge.node], case.primitive(edge)
    if primitive in (matmul, do.multiply):
        x = node.operands[1 - edge.position]
        name = case.words.operand(edge, 1 - edge.position)
        for axis in range(np.ndim(x)):
            for step in (1, -1):
                yield case.along(
                    "shifted",
                    edge,
                    _rolled(edge, axis, step),
                    lambda: f"`{name}` is shifted by one against the gradient it is multiplied with",
                    1.9,
                )
    if primitive is getitem and HOLE not in node.params["index"]:
        for step in (1, -1):
            yield case.along(
                "shifted",
                edge,
                _index_off(edge, step),
                lambda: f"the index in `{case.words.line(edge.node)}` is one off",
                1.5,
            )


def _rolled(edge: Edge, axis: int, step: int) -> Take:
    position = 1 - edge.position
    return _with(edge, position, lambda s: np.roll(s.nodes[edge.node].operands[position], step, axis))


def _index_off(edge: Edge, step: int) -> Take:
    def moved(part: Any) -> Any:
        if isinstance(part, slice):
            start, stop = (None if end is None else end + step for end in (part.start, part.stop))
            return slice(start, stop, part.step)
        return part + step if isinstance(part, int) else part

    def term(scene: Scene) -> Array:
        node = scene.nodes[edge.node]
        result = np.zeros(np.shape(node.operands[0]), node.dtype)
        result[tuple(map(moved, node.params["index"]))] = scene.handed[edge.node]
        return result

    return term


def overwritten(case: Case, edge: Edge) -> Iterator[Hypothesis]:
    """Repeated indices that overwrite each other instead of adding up."""
    if case.primitive(edge) is not getitem or edge.position:
        return

    def term(scene: Scene) -> Array:
        node = scene.nodes[edge.node]
        arrays = iter(node.operands[1:])
        key = tuple(next(arrays) if part is HOLE else part for part in node.params["index"])
        result = np.zeros(np.shape(node.operands[0]), node.dtype)
        result[key] = scene.handed[edge.node]
        return result

    yield case.along(
        "overwritten",
        edge,
        term,
        lambda: (
            f"where an index of `{case.words.line(edge.node)}` occurs twice, the gradients must add up "
            f"(np.add.at), not overwrite each other"
        ),
        1.0,
    )
