"""What part an operation plays in a loss: a penalty, what goes through a mean, what leads to a statistic."""

from collections.abc import Collection

import numpy as np

from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules.products import matmul

LINEAR = (do.add, do.subtract, do.multiply, do.divide, do.positive)
"""What may be done with a loss and still leave a penalty in it a penalty."""
SIZES = ("absolute", "abs", "norm", "dot", "vdot", "square")


def is_penalty(scene: Scene, place: int, at: int) -> bool:
    """Whether an operation begins a penalty: the size of a parameter, as one number added to the loss."""
    if not scene.nodes[place].is_leaf or not _is_size(scene, place, at):
        return False
    added = False
    while scene.uses[at]:
        after = _next(scene, at)
        if after is None:
            return False
        operation = scene.nodes[after].primitive
        alone = _is_alone(scene, at, after)
        if operation is do.add and not alone and not scene.nodes[at].ndim:
            added = True
        elif not alone or (added and operation not in LINEAR):
            return False
        at = after
    return added


def _is_size(scene: Scene, place: int, at: int) -> bool:
    """Whether an operation tells how large a Value is, whatever its sign."""
    node = scene.nodes[at]
    if {a for _, a in scene.arguments[at]} != {place} or node.primitive is None:
        return False
    if node.primitive is do.power:
        return bool(np.ndim(node.operands[1]) == 0 and node.operands[1] == 2)
    if node.primitive in (do.multiply, matmul):
        return len(scene.arguments[at]) == 2
    return node.primitive.name in SIZES


def _is_alone(scene: Scene, place: int, at: int) -> bool:
    """Whether an operation has no operands but one Value and single plain numbers."""
    node, value = scene.nodes[at], scene.nodes[place]
    pairs = zip(node.args, node.operands, strict=True)
    plain = all(np.ndim(x) == 0 for arg, x in pairs if arg is not value)
    return plain and {a for _, a in scene.arguments[at]} == {place}


def reduction_above(scene: Scene, operations: Collection[int]) -> int | None:
    """The one sum or mean that everything that comes from these operations goes into, without a fork."""
    found = set()
    for operation in operations:
        at: int | None = operation
        while at is not None and not _is_reduction(scene, at):
            at = _next(scene, at)
        found.add(at)
    return found.pop() if len(found) == 1 else None


def _is_reduction(scene: Scene, at: int) -> bool:
    node = scene.nodes[at]
    return node.primitive is not None and node.primitive.name in ("mean", "sum") and node.size > 0


def leads_to(scene: Scene, place: int, goals: Collection[int]) -> bool:
    """Whether the only way onward leads to one of the goals."""
    at: int | None = place
    while at is not None and at not in goals:
        at = _next(scene, at)
    return at is not None


def _next(scene: Scene, at: int) -> int | None:
    """The only operation that uses the result of another one."""
    following = {use.node for use in scene.uses[at]}
    return following.pop() if len(following) == 1 else None
