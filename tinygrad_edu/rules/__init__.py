"""The calculus: every primitive with its rules, one line each. Importing this room fills the registry."""

from tinygrad_edu.rules.arithmetic import square
from tinygrad_edu.rules.transcendental import sigmoid, softplus
from tinygrad_edu.rules.selection import relu
from tinygrad_edu.rules.shaping import add_at, broadcast_to, cast, getitem, stop_gradient, sum_to
from tinygrad_edu.rules.reductions import spread
from tinygrad_edu.rules.einsum import convolve, einsum
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.parts import among, part, several
from tinygrad_edu.rules.factoring import svdvals
from tinygrad_edu.rules.linalg import solution
from tinygrad_edu.rules.norms import norm
from tinygrad_edu.rules.losses import binary_cross_entropy_with_logits

__all__ = [
    "add_at",
    "among",
    "binary_cross_entropy_with_logits",
    "broadcast_to",
    "cast",
    "convolve",
    "einsum",
    "getitem",
    "matmul",
    "norm",
    "part",
    "relu",
    "several",
    "sigmoid",
    "softplus",
    "solution",
    "spread",
    "square",
    "stop_gradient",
    "sum_to",
    "svdvals",
]
