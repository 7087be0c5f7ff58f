"""Which results may share memory with what they are computed from, in NumPy."""

from collections.abc import Sequence

import numpy as np

from tinygrad_edu.compiling.gathering import assembled
from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.rules import parts, reductions, selection, shaping
from tinygrad_edu.rules.products import matmul

VIEWS = frozenset(
    {shaping.reshape, shaping.ravel, shaping.expand_dims, shaping.squeeze, shaping.transpose}
    | {shaping.swapaxes, shaping.getitem, shaping.stop_gradient, parts.part}
)
NEW = frozenset({reductions.sum_, reductions.mean, matmul, selection.where, assembled})
NEW |= {shaping.broadcast_to, shaping.cast, shaping.add_at, shaping.concatenate, shaping.stack}


def aliases(operation: Operation) -> Sequence[Entry]:
    """The operands whose memory the result of an operation may share."""
    primitive = operation.primitive
    if isinstance(primitive.function, np.ufunc) or primitive in NEW:
        return ()
    if primitive in VIEWS:
        return operation.operands[:1]
    return operation.operands
