"""The calculus: every primitive with its rules, one line each. Importing this room fills the registry."""

from tinygrad_edu.rules.arithmetic import square
from tinygrad_edu.rules.transcendental import sigmoid, softplus
from tinygrad_edu.rules.selection import relu
from tinygrad_edu.rules.shaping import add_at, broadcast_to, cast, getitem, stop_gradient, sum_to
from tinygrad_edu.rules.moving import pad
from tinygrad_edu.rules.reductions import others, recurrence, spread
from tinygrad_edu.rules.ordering import sort
from tinygrad_edu.rules.axes import moveaxis
from tinygrad_edu.rules.joining import take
from tinygrad_edu.rules.statistics import root
from tinygrad_edu.rules.differences import diff
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.losses import binary_cross_entropy_with_logits

__all__ = [
    "add_at",
    "binary_cross_entropy_with_logits",
    "broadcast_to",
    "cast",
    "diff",
    "getitem",
    "matmul",
    "moveaxis",
    "others",
    "pad",
    "recurrence",
    "relu",
    "root",
    "sigmoid",
    "softplus",
    "sort",
    "spread",
    "square",
    "stop_gradient",
    "sum_to",
    "take",
]
