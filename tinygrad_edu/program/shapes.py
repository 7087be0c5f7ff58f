"""Shapes and dtypes of operations that nobody has recorded yet."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Shape
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul

Settings = Mapping[str, Any]


def summed_axes(shape: Shape, settings: Settings) -> tuple[int, ...]:
    """The axes over which a reduction with these settings goes, counted from the front."""
    axis = settings.get("axis")
    if axis is None:
        return tuple(range(len(shape)))
    return tuple(sorted(i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))))


def is_elementwise(primitive: Primitive) -> bool:
    """Whether every number of the result comes from the numbers in its place."""
    function = primitive.function
    return primitive.kind == "elementwise" or (isinstance(function, np.ufunc) and function.signature is None)


def _reduced(shapes: Sequence[Shape], settings: Settings) -> Shape:
    axes = summed_axes(shapes[0], settings)
    if settings.get("keepdims"):
        return tuple(1 if i in axes else n for i, n in enumerate(shapes[0]))
    return tuple(n for i, n in enumerate(shapes[0]) if i not in axes)


def _reshaped(shapes: Sequence[Shape], settings: Settings) -> Shape:
    shape = settings["shape"]
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    missing = math.prod(shapes[0]) // max(1, math.prod(n for n in shape if n >= 0))
    return tuple(missing if n < 0 else n for n in shape)


def _permuted(shapes: Sequence[Shape], settings: Settings) -> Shape:
    axes = settings.get("axes")
    return shapes[0][::-1] if axes is None else tuple(shapes[0][axis] for axis in axes)


def _multiplied(shapes: Sequence[Shape], settings: Settings) -> Shape:
    left, right = shapes
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))


SHAPES: dict[Primitive, Callable[[Sequence[Shape], Settings], Shape]] = {
    reductions.sum_: _reduced,
    shaping.reshape: _reshaped,
    shaping.broadcast_to: _reshaped,
    shaping.transpose: _permuted,
    matmul: _multiplied,
}
"""The shape of a result, from those of the operands, where it is not that of broadcasting."""


def inferred(
    primitive: Primitive, operands: Sequence[Entry], settings: Settings
) -> tuple[Shape, np.dtype[Any]]:
    """The shape and dtype that an operation has.

    Only what rewriting makes is asked for: elementwise operations, and the primitives in SHAPES.
    """
    shapes = [operand.shape for operand in operands]
    if primitive in SHAPES:
        return SHAPES[primitive](shapes, settings), np.result_type(*(operand.dtype for operand in operands))
    with np.errstate(all="ignore"):
        sample = primitive.compute(*map(_sample, operands), **settings)
    return np.broadcast_shapes(*shapes), np.asarray(sample).dtype


def _sample(entry: Entry) -> Any:
    """One number of the type of an entry; a Python number is itself, since it adapts to others."""
    if isinstance(entry, Constant) and isinstance(entry.data, (int, float)):
        return entry.data
    return np.ones((), entry.dtype)[()]
