"""How primitives that are no expression in C become steps: views, sums, norms, softmax."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling.c_lowering import VIEWS, Lowered, NoPrinterError, lowers
from tinygrad_edu.compiling.c_steps import View
from tinygrad_edu.program.entries import Operation
from tinygrad_edu.rules import logits, norms, parts, reductions, shaping
from tinygrad_edu.rules.reductions import kept_shape

Array = Any
Shape = tuple[int, ...]


def _part(nth: int, shapes: Sequence[Shape]) -> slice:
    start = sum(map(math.prod, shapes[:nth]))
    return slice(start, start + math.prod(shapes[nth]))


# ---- views -------------------------------------------------------------------------------------

VIEWS.update(
    {
        np.reshape: lambda x, shape: x.reshape(shape),
        np.ravel: lambda x: x.reshape(-1),
        np.expand_dims: np.expand_dims,
        np.squeeze: np.squeeze,
        np.transpose: np.transpose,
        np.swapaxes: np.swapaxes,
        np.broadcast_to: np.broadcast_to,
        reductions.spread.function: lambda x, shape, axis=None: np.broadcast_to(
            x.reshape(kept_shape(shape, axis)) if x.shape else x, shape
        ),
        parts.part.function: lambda x, nth, shapes: x[_part(nth, shapes)].reshape(shapes[nth]),
    }
)

# ---- sums and other reductions -----------------------------------------------------------------


@lowers(np.sum)
def _sum(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    return lowered.reduce(operation, reads[0], operation.settings.get("axis"), shape=operation.shape)


@lowers(np.mean)
def _mean(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    summed = lowered.reduce(operation, reads[0], operation.settings.get("axis"), shape=operation.shape)
    count = math.prod(reads[0].shape) // max(math.prod(operation.shape), 1)
    return lowered.assign(operation, f"{{0}} / {count}", [summed])


@lowers(shaping.sum_to.function)
def _sum_to(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    shape = reads[0].shape
    extra = len(shape) - len(operation.shape)
    stretched = (i for i, n in enumerate(operation.shape, extra) if n == 1 != shape[i])
    return lowered.reduce(operation, reads[0], (*range(extra), *stretched), shape=operation.shape)


OPERATORS = {"any": "||", "all": "&&", "max": "larger_of", "min": "smaller_of", "amax": "larger_of",
             "amin": "smaller_of", "prod": "*"}  # fmt: skip


@lowers(np.any, np.all, np.max, np.min, np.prod)
def _folded(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    operator = OPERATORS[operation.primitive.function.__name__]
    axis = operation.settings.get("axis")
    return lowered.reduce(operation, reads[0], axis, operator, shape=operation.shape)


@lowers(np.count_nonzero)
def _counted(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    tests = lowered.assign(operation, "{0} != 0", reads, [None], shape=reads[0].shape, dtype=bool)
    return lowered.reduce(operation, tests, operation.settings.get("axis"), shape=operation.shape)


@lowers(norms.norm.function)
def _norm(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    order, axis = operation.settings.get("ord"), operation.settings.get("axis")
    if order in (None, 2, "fro"):
        squares = lowered.reduce(operation, reads[0], axis, "+", expression="{0} * {0}")
        squares = lowered.transformed(operation, squares, VIEWS[np.reshape], shape=operation.shape)
        return lowered.assign(operation, "sqrt({0})", [squares])
    operator = {1: "+", math.inf: "larger_of", -math.inf: "smaller_of"}.get(order)
    if operator is None:
        raise NoPrinterError(operation, f"of order {order}")
    return lowered.reduce(operation, reads[0], axis, operator, expression="fabs({0})", shape=operation.shape)


def _from_top(lowered: Lowered, operation: Operation, x: View, axis: Any) -> tuple[View, View, View]:
    """The largest number along the axes; how far the numbers are below it; the sum of their exponentials."""
    shape = {"shape": x.shape}
    top = lowered.reduce(operation, x, axis, "larger_of")
    below = lowered.assign(operation, "{0} == {1} ? 0 : {0} - {1}", [x, top], **shape)
    powers = lowered.assign(operation, "exponential({0})", [below], **shape)
    return top, below, powers


@lowers(logits.softmax.function)
def _softmax(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    axis = operation.settings.get("axis", -1)
    _, _, powers = _from_top(lowered, operation, reads[0], axis)
    total = lowered.reduce(operation, powers, axis)
    return lowered.assign(operation, "{0} / {1}", [powers, total])


@lowers(logits.log_softmax.function)
def _log_softmax(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    axis = operation.settings.get("axis", -1)
    _, below, powers = _from_top(lowered, operation, reads[0], axis)
    total = lowered.reduce(operation, powers, axis)
    logarithm = lowered.assign(operation, "logarithm({0})", [total], shape=total.shape)
    return lowered.assign(operation, "{0} - {1}", [below, logarithm])


@lowers(logits.logsumexp.function)
def _logsumexp(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    axis = operation.settings.get("axis")
    top, _, powers = _from_top(lowered, operation, reads[0], axis)
    total = lowered.reduce(operation, powers, axis)
    result = lowered.assign(operation, "{0} + logarithm({1})", [top, total], shape=total.shape)
    return lowered.transformed(operation, result, VIEWS[np.reshape], shape=operation.shape)


# ---- moving numbers ----------------------------------------------------------------------------


@lowers(np.concatenate, np.stack)
def _joined(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    target = lowered.fresh(operation)
    axis, ghost = operation.settings.get("axis", 0), target.ghost
    if operation.primitive is shaping.stack:
        layers = np.moveaxis(ghost, axis, 0)
        places = [layers[nth, ...] for nth in range(len(layers))]
    else:
        ghost = ghost if axis is not None else ghost.reshape(-1)
        lengths = [read.shape[axis] if axis is not None else math.prod(read.shape) for read in reads]
        places = np.split(ghost, np.cumsum(lengths)[:-1], axis or 0)
    for place, read in zip(places, reads, strict=True):
        into = View(target, place.reshape(read.shape) if axis is None else place)
        lowered.update(into, "=", read)
    return target.view()
