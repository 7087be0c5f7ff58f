"""Indexing as steps: views, and positions that are known beforehand or found at run time."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinygrad_edu.compiling.c_lowering import VIEWS, Lowered, NoPrinterError, lowers
from tinygrad_edu.compiling.c_steps import View
from tinygrad_edu.program.entries import Constant, Operation
from tinygrad_edu.rules import moving, parts, shaping
from tinygrad_edu.rules.shaping import HOLE

Array = Any
Shape = tuple[int, ...]


VIEWS.update({function: function for function in (np.flip, np.rot90, np.diagonal, sliding_window_view)})


@lowers(np.roll, np.tril, np.triu, np.diagflat, np.repeat, np.tile, np.resize, moving.pad.function)
def _moved(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    """Numbers in other places, and zeros: the function itself says from where, when it moves places."""
    if len(reads) > 1:
        raise NoPrinterError(operation, "with counts that are computed")
    whole = lowered.whole(operation, reads[0])
    places = np.arange(1, whole.ghost.size + 1).reshape(reads[0].shape)  # 0 is no place
    came_from = np.ascontiguousarray(operation.primitive.compute(places, **operation.settings))
    where = lowered.table(np.maximum(came_from - 1, 0), "positions")
    moved = View(whole.variable, whole.ghost, where)
    if came_from.all():
        return lowered.assign(operation, "{0}", [moved])
    there = lowered.table(came_from > 0, "there")
    return lowered.assign(operation, "{1} ? {0} : 0", [moved, there], [operation.dtype, None])


@lowers(shaping.getitem.function)
def _getitem(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    index = operation.settings["index"]
    if HOLE not in index:
        return lowered.transformed(operation, reads[0], lambda ghost: ghost[_as_view(index)])
    whole = lowered.whole(operation, reads[0])
    where = positions(lowered, operation, reads[0].shape, operation.shape, reads[1:])
    return lowered.assign(operation, "{0}", [View(whole.variable, whole.ghost, where)])


@lowers(shaping.add_at.function)
def _add_at(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    into, values, arrays = _apart(lowered, operation, reads)
    index = operation.settings["index"]
    if HOLE in index:
        if into.variable.is_number:
            raise NoPrinterError(operation, "into a single number")
        where = positions(lowered, operation, into.shape, values.shape, arrays)
        lowered.update(View(into.variable, into.ghost, where), "+", values)
    else:
        lowered.update(View(into.variable, into.ghost[_as_view(index)]), "+", values)
    return into


@lowers(parts.among.function)
def _among(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    into, values, _ = _apart(lowered, operation, reads)
    lowered.update(
        View(into.variable, VIEWS[parts.part.function](into.ghost, **operation.settings)), "+", values
    )
    return into


def _apart(lowered: Lowered, operation: Operation, reads: list[View]) -> tuple[View, View, list[View]]:
    """Where numbers are put, the numbers, the arrays of the index: into new zeros, or those given first."""
    if len(reads) == len(operation.operands):
        reads = [lowered.fresh(operation).view(), *reads]
    into, values, *arrays = reads
    return into, values, arrays


def positions(
    lowered: Lowered, operation: Operation, shape: Shape, out: Shape, arrays: Sequence[View]
) -> View:
    """Where the numbers at an index are in an array of the given shape.

    With arrays known now, NumPy tells; else from the numbers in the arrays at run time.
    """
    index, entries = operation.settings["index"], operation.operands[1:]
    places = np.arange(math.prod(shape)).reshape(shape)
    known = [entry.data for entry in entries if isinstance(entry, Constant)]
    if len(known) == len(entries):
        return lowered.table(np.ascontiguousarray(places[_filled(index, known)]), "positions")
    if any(entry.dtype.kind == "b" for entry in entries):
        raise NoPrinterError(operation, "with a mask that is computed")
    zeros = [np.zeros(entry.shape, int) for entry in entries]
    axes, start = _axes_of_arrays(index, len(shape))
    after = len(out) - start - len(np.broadcast_shapes(*(array.shape for array in arrays)))
    reads = [lowered.table(np.ascontiguousarray(places[_filled(index, zeros)]), "start")]
    expression = "{0}"
    for axis, array in zip(axes, arrays, strict=True):
        reads.append(
            lowered.transformed(operation, array, VIEWS[np.reshape], shape=array.shape + (1,) * after)
        )
        expression += f" + index_of({{{len(reads) - 1}}}, {shape[axis]}) * {math.prod(shape[axis + 1 :])}"
    return lowered.assign(operation, expression, reads, shape=out, dtype=np.int64)


def _as_view(index: tuple[Any, ...]) -> tuple[Any, ...]:
    """The index with dots, so that a single number is a view too."""
    return index if Ellipsis in index else (*index, Ellipsis)


def _filled(index: tuple[Any, ...], arrays: Sequence[Array]) -> tuple[Any, ...]:
    remaining = iter(arrays)
    return tuple(next(remaining) if part is HOLE else part for part in index)


def _axes_of_arrays(index: tuple[Any, ...], dims: int) -> tuple[list[int], int]:
    """Which axes the arrays of an index go along, and the first axis of the result that they make."""
    used = sum(part is not None and part is not Ellipsis for part in index)
    full = index if Ellipsis in [part if part is Ellipsis else 0 for part in index] else (*index, Ellipsis)
    axis = made = 0
    axes: list[int] = []
    starts: list[int] = []
    spread_out = False
    for part in full:
        if part is HOLE or isinstance(part, (int, np.integer)):
            spread_out |= bool(starts) and (starts[-1] != made)
            starts.append(made)
            if part is HOLE:
                axes.append(axis)
            axis += 1
        elif part is Ellipsis:
            axis, made = axis + dims - used, made + dims - used
            spread_out |= bool(starts) and dims == used and _follows(full)
        else:
            axis, made = axis + (part is not None), made + 1
    return axes, 0 if spread_out else starts[0]


def _follows(index: tuple[Any, ...]) -> bool:
    """Whether an array or number stands after an ellipsis that stands for nothing; it parts them."""
    at = [part is Ellipsis for part in index].index(True)
    return any(part is HOLE or isinstance(part, (int, np.integer)) for part in index[at + 1 :])
