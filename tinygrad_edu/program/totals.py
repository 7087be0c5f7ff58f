"""What the rewriting rules do with Σ, with means, and with what is repeated."""

import math

from tinygrad_edu.program.entries import Entry, Operation, Shape
from tinygrad_edu.program.rewrites import of
from tinygrad_edu.program.rewriting import Maker
from tinygrad_edu.program.shapes import summed_axes
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping


def spread(operation: Operation, make: Maker) -> Entry:
    """What repeats along axes is a shape with axes of length 1, repeated."""
    inner, shape = operation.operands[0], operation.settings["shape"]
    axes = summed_axes(shape, operation.settings)
    kept = _shortest(tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return make(shaping.broadcast_to, make(shaping.reshape, inner, shape=kept), shape=shape)


def _shortest(shape: Shape) -> Shape:
    """A shape without axes of length 1 in front: broadcasting puts them there by itself."""
    while shape[:1] == (1,):
        shape = shape[1:]
    return shape


def mean(operation: Operation, make: Maker) -> Entry:
    """A mean is a sum, and its number can be put before it."""
    inner = operation.operands[0]
    count = math.prod(inner.shape[axis] for axis in summed_axes(inner.shape, operation.settings))
    summed = make(reductions.sum_, inner, **operation.settings)
    return make(do.divide, summed, make.number(count))


def summed_to(operation: Operation, make: Maker) -> Entry:
    """A sum to a shape is a sum over axes."""
    inner, shape = operation.operands[0], operation.shape
    extra = len(inner.shape) - len(shape)
    stretched = [i for i, n in enumerate(shape, extra) if n == 1 != inner.shape[i]]
    axes = (*range(extra), *stretched)
    settings = {} if len(axes) == len(inner.shape) else {"axis": axes[0] if len(axes) == 1 else axes}
    return make(shaping.reshape, make(reductions.sum_, inner, **settings), shape=shape)


def sum_of_repeated(operation: Operation, make: Maker) -> Entry | None:
    """What is added up n times."""
    repeated = of(operation.operands[0], shaping.broadcast_to)
    if repeated is None:
        return None
    inner, shape = repeated.operands[0], repeated.shape
    before = (1,) * (len(shape) - len(inner.shape)) + inner.shape
    axes = summed_axes(shape, operation.settings)
    if all(before[axis] == 1 for axis in axes):
        rest = tuple(n for axis, n in enumerate(before) if axis not in axes)
        once = make(
            shaping.reshape, inner, shape=_shortest(before if len(operation.shape) == len(shape) else rest)
        )
        count = math.prod(shape[axis] for axis in axes)
    elif not operation.shape:
        once, count = make(reductions.sum_, inner), math.prod(shape) // max(1, math.prod(before))
    else:
        return None
    return make.like(make(do.multiply, make.number(count), once), operation)


def sum_of_moved(operation: Operation, make: Maker) -> Entry | None:
    """A sum of everything does not mind the order."""
    if not operation.operands[0].shape:
        return operation.operands[0]
    inner = of(operation.operands[0], reductions.sum_, shaping.reshape, shaping.transpose)
    if inner is None or operation.shape:
        return None
    return make(reductions.sum_, inner.operands[0])
