"""The calculus: every primitive with its rules, one line each. Importing this room fills the registry."""

from tinygrad_edu.rules.arithmetic import square
from tinygrad_edu.rules.transcendental import erf, erfc, sigmoid, softplus
from tinygrad_edu.rules.trigonometry import sinc_derivative
from tinygrad_edu.rules.selection import relu
from tinygrad_edu.rules.shaping import add_at, broadcast_to, cast, getitem, stop_gradient, sum_to
from tinygrad_edu.rules.moving import add_windows, pad
from tinygrad_edu.rules.reductions import others, recurrence, spread
from tinygrad_edu.rules.ordering import sort
from tinygrad_edu.rules.axes import moveaxis
from tinygrad_edu.rules.joining import take
from tinygrad_edu.rules.statistics import root
from tinygrad_edu.rules.differences import diff
from tinygrad_edu.rules.sampling import linspace
from tinygrad_edu.rules.einsum import convolve, einsum
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.parts import among, part, several
from tinygrad_edu.rules.factoring import svdvals
from tinygrad_edu.rules.linalg import cofactors, solution
from tinygrad_edu.rules.norms import norm
from tinygrad_edu.rules.rectifiers import elu, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, relu6, selu
from tinygrad_edu.rules.activations import gelu, mish, silu, softsign
from tinygrad_edu.rules.logits import log_softmax, logsumexp, softmax
from tinygrad_edu.rules.weighing import over, xlog1py, xlogy
from tinygrad_edu.rules.ufuncs import divmod_
from tinygrad_edu.rules.matching import check_match
from tinygrad_edu.rules.losses import hinge, huber, mean_absolute_error, mean_squared_error
from tinygrad_edu.rules.entropies import binary_cross_entropy, binary_cross_entropy_with_logits
from tinygrad_edu.rules.entropies import cross_entropy, kl_divergence

__all__ = [
    "add_at",
    "add_windows",
    "among",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "broadcast_to",
    "cast",
    "check_match",
    "cofactors",
    "convolve",
    "cross_entropy",
    "diff",
    "divmod_",
    "einsum",
    "elu",
    "erf",
    "erfc",
    "gelu",
    "getitem",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "hinge",
    "huber",
    "kl_divergence",
    "leaky_relu",
    "linspace",
    "log_softmax",
    "logsumexp",
    "matmul",
    "mean_absolute_error",
    "mean_squared_error",
    "mish",
    "moveaxis",
    "norm",
    "others",
    "over",
    "pad",
    "part",
    "recurrence",
    "relu",
    "relu6",
    "root",
    "selu",
    "several",
    "sigmoid",
    "silu",
    "sinc_derivative",
    "softmax",
    "softplus",
    "softsign",
    "solution",
    "sort",
    "spread",
    "square",
    "stop_gradient",
    "sum_to",
    "svdvals",
    "take",
    "xlog1py",
    "xlogy",
]
