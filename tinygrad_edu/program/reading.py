"""Formulas as they are read: changes of shape are left out where nobody misses them, and written elsewhere.

What is written is read by NumPy's rules: names have the shapes of their Values, and arrays are broadcast from
the right. A sum over an axis is read as if the axis stayed, with length 1: ``M − Σ_k M`` is meant row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinygrad_edu.program.entries import Constant, Entry, Operation, Shape, reachable
from tinygrad_edu.program.shapes import is_elementwise, summed_axes
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul

Index = tuple[Any, ...]
RESHAPES = (shaping.reshape, shaping.expand_dims, shaping.squeeze)
UPRIGHT: Index = (slice(None), None)
LYING: Index = (None,)
THROUGH = (shaping.cast, shaping.stop_gradient)


def readable(entry: Entry) -> Entry:
    """An entry as it is to be written: without the changes of shape that a reader does not miss.

    Parameters
    ----------
    entry : Entry
        What a formula is wanted for.

    Returns
    -------
    Entry
        Its shapes are those that a reader sees, and its numbers, broadcast, those of `entry`; up to an axis
        of length 1 that a sum has left. What would be read as something else has an index, ``v[:, None]``.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> v, S = tg.Value([1.0, 2.0, 4.0]), tg.Value(np.eye(3))
    >>> tg.formula(np.exp(v[:, None] - v))
    'exp(v[:, None] − v)'
    >>> tg.formula(S + v), tg.formula(S + v[None]), tg.formula(S + v[:, None])
    ('S + v', 'S + v', 'S + v[:, None]')
    """
    known: dict[Entry, Reading] = {}
    for each in reachable([entry]):
        known[each] = _read(each, [known[operand] for operand in getattr(each, "operands", ())])
    found = known[entry]
    if _is_name(found.entry) and not found.is_number:
        return found.exactly(entry.shape)
    dropped = None not in _index(found.entry.shape, found.kept)
    return found.entry if dropped and found.kept == entry.shape else found.shown()


@dataclass(frozen=True)
class Reading:
    """What stands for an entry in a formula.

    Attributes
    ----------
    entry : Entry
        What is written, with the shape that a reader sees.
    kept : tuple of int
        The shape that it really has, before it is broadcast to that of the original, which has as many axes.
    """

    entry: Entry
    kept: Shape

    @property
    def is_number(self) -> bool:
        """Whether there is only one number, whatever the shape."""
        return not _long(self.entry.shape)

    def shown(self) -> Entry:
        """What broadcasts as the original does."""
        if _without_ones_in_front(self.entry.shape) == _without_ones_in_front(self.kept):
            return self.entry
        return _indexed(self.entry, self.kept)

    def exactly(self, shape: Shape) -> Entry:
        """What has the shape of the original."""
        if self.kept == shape:
            return self.entry if self.entry.shape == shape else _indexed(self.entry, shape)
        return Operation(shaping.broadcast_to, (self.shown(),), {"shape": shape}, shape, self.entry.dtype)


def _read(entry: Entry, operands: Sequence[Reading]) -> Reading:
    if not isinstance(entry, Operation):
        return Reading(entry, entry.shape)
    if _by_elements(entry):
        return _together(entry, operands)
    if entry.primitive is shaping.broadcast_to:
        (inner,) = operands
        return Reading(inner.entry, (1,) * (len(entry.shape) - len(inner.kept)) + inner.kept)
    if entry.primitive in RESHAPES and _long(entry.shape) == _long(entry.operands[0].shape):
        return _moved(entry, *operands)
    if entry.primitive is shaping.transpose and len(entry.shape) == 2 and len(operands[0].entry.shape) == 1:
        return Reading(operands[0].entry, operands[0].kept[::-1])
    if entry.primitive is reductions.sum_:
        return _summed(entry, *operands)
    exact = [each.exactly(operand.shape) for each, operand in zip(operands, entry.operands, strict=True)]
    if entry.primitive is matmul:
        return _multiplied(entry, operands, exact)
    return Reading(replace(entry, operands=tuple(exact)), entry.shape)


def _together(entry: Operation, operands: Sequence[Reading]) -> Reading:
    """Arrays element by element: what all of them leave out, nobody misses."""
    arrays = {(each.entry.shape, each.kept) for each in operands if not each.is_number}
    written = [each.entry if len(arrays) < 2 else each.shown() for each in operands]
    seen = np.broadcast_shapes(*(each.shape for each in written))
    kept = np.broadcast_shapes((1,) * len(entry.shape), *(each.kept for each in operands))
    return Reading(replace(entry, operands=tuple(written), shape=seen), kept)


def _moved(entry: Operation, inner: Reading) -> Reading:
    """Axes of length 1 are put in or taken out."""
    lengths = (n for n, full in zip(inner.kept, entry.operands[0].shape, strict=True) if full != 1)
    return Reading(inner.entry, tuple(1 if full == 1 else next(lengths) for full in entry.shape))


def _summed(entry: Operation, inner: Reading) -> Reading:
    """A sum of everything does not mind the shape."""
    shape = entry.operands[0].shape
    axes = summed_axes(shape, entry.settings)
    everything = all(n == 1 for n in entry.shape)
    if inner.kept == shape and everything and (len(axes) == len(shape) or inner.entry.shape != shape):
        return Reading(replace(entry, operands=(inner.entry,), settings={}, shape=()), entry.shape)
    seen = tuple(1 if i in axes else n for i, n in enumerate(shape))
    settings = {"axis": axes, "keepdims": True}
    written = replace(entry, operands=(inner.exactly(shape),), settings=settings, shape=seen)
    return Reading(written, entry.shape)


def _multiplied(entry: Operation, operands: Sequence[Reading], exact: Sequence[Entry]) -> Reading:
    """A vector among matrices stands upright on the right; elsewhere ``v wᵀ`` says how it is meant."""
    left, right = (
        Operation(
            shaping.getitem, (operand.entry,), {"index": UPRIGHT if kept[1] == 1 else LYING}, kept, each.dtype
        )
        if len(operand.entry.shape) == 1 and len(kept := operand.kept) == 2 and kept == each.shape
        else each
        for operand, each in zip(operands, exact, strict=True)
    )
    vector = vector_in(right, UPRIGHT)
    if vector is None:
        return Reading(replace(entry, operands=(left, right)), entry.shape)
    return Reading(replace(entry, operands=(left, vector), shape=entry.shape[:-1]), entry.shape)


def vector_in(entry: Entry, index: Index) -> Entry | None:
    """The vector that has become a column or a row by an index; None for anything else."""
    if not isinstance(entry, Operation) or entry.primitive is not shaping.getitem:
        return None
    found = entry.settings["index"] == index and len(entry.operands[0].shape) == 1
    return entry.operands[0] if found else None


def _indexed(entry: Entry, shape: Shape) -> Entry:
    """``v[:, None]``; numbers before it, and functions around it, stay where they are.

    An axis that a sum has left is taken out of it as NumPy does: ``sum(S, axis=1)`` in place of Σ_k S.
    """
    if len(shape) == 2 and shape == entry.shape[::-1]:
        return Operation(shaping.transpose, (entry,), {}, shape, entry.dtype)
    if isinstance(entry, Operation) and _by_elements(entry):
        arrays = [operand for operand in entry.operands if _long(operand.shape)]
        if len(arrays) == 1:
            operands = [_indexed(each, shape) if each in arrays else each for each in entry.operands]
            seen = np.broadcast_shapes(*(each.shape for each in operands))
            return replace(entry, operands=tuple(operands), shape=seen)
    if isinstance(entry, Operation) and entry.primitive is reductions.sum_ and entry.settings:
        whole = entry.operands[0].shape
        axes = summed_axes(whole, entry.settings)
        settings = {"axis": axes[0] if len(axes) == 1 else axes}
        if shape == tuple(n for i, n in enumerate(whole) if i not in axes):
            return replace(entry, settings=settings, shape=shape)
        if shape == tuple(1 if i in axes else n for i, n in enumerate(whole)):
            return replace(entry, settings={**settings, "keepdims": True}, shape=shape)
    if isinstance(entry, Operation) and entry.primitive is matmul and shape == (*entry.shape, 1):
        left, right = entry.operands
        return replace(entry, operands=(left, _indexed(right, (*right.shape, 1))), shape=shape)
    return Operation(shaping.getitem, (entry,), {"index": _index(entry.shape, shape)}, shape, entry.dtype)


def _index(before: Shape, after: Shape) -> Index:
    """The index that puts in axes of length 1, and takes out others."""
    index: list[Any] = []
    waiting = list(before)
    for n in after:
        while waiting and waiting[0] == 1 != n:
            waiting.pop(0)
            index.append(0)
        if waiting and waiting[0] == n:
            waiting.pop(0)
            index.append(slice(None))
        else:
            index.append(None)
    index += [0] * len(waiting)
    while index and index[-1] == slice(None):
        index.pop()
    return tuple(index)


def _by_elements(entry: Operation) -> bool:
    return is_elementwise(entry.primitive) or entry.primitive in THROUGH


def _long(shape: Shape) -> Shape:
    """The lengths that are not 1."""
    return tuple(n for n in shape if n != 1)


def _without_ones_in_front(shape: Shape) -> Shape:
    while shape[:1] == (1,):
        shape = shape[1:]
    return shape


def _is_name(entry: Entry) -> bool:
    return not isinstance(entry, Operation) and (not isinstance(entry, Constant) or entry.name is not None)
