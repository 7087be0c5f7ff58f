"""Automatic differentiation to look at: values forward, gradients back, and derivations checked line by line.

>>> import numpy as np, tinygrad_edu as tg
>>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
>>> w = tg.Value([0.5, -1.0], name="w")
>>> loss = np.mean((X @ w - 1) ** 2) / 2
>>> loss.backward()
>>> w.grad
array([-0.5  , -0.875])
"""

from tinygrad_edu.checking import check_gradients as check_gradients
from tinygrad_edu.checking import find_nonfinite as find_nonfinite
from tinygrad_edu.comparison import compare as compare
from tinygrad_edu.compiling import compile as compile  # noqa: A004 (the field's word)
from tinygrad_edu.context import no_grad as no_grad
from tinygrad_edu.context import scope as scope
from tinygrad_edu.drawing import draw as draw
from tinygrad_edu.drawing import explain as explain
from tinygrad_edu.jacobians import hessian as hessian
from tinygrad_edu.jacobians import hvp as hvp
from tinygrad_edu.jacobians import jacobian as jacobian
from tinygrad_edu.primitives import primitive as primitive
from tinygrad_edu.program import derivation as derivation
from tinygrad_edu.program import formula as formula
from tinygrad_edu.program import trace as trace
from tinygrad_edu.recomputing import checkpoint as checkpoint
from tinygrad_edu.rules import binary_cross_entropy as binary_cross_entropy
from tinygrad_edu.rules import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from tinygrad_edu.rules import cross_entropy as cross_entropy
from tinygrad_edu.rules import elu as elu
from tinygrad_edu.rules import erf as erf
from tinygrad_edu.rules import erfc as erfc
from tinygrad_edu.rules import gelu as gelu
from tinygrad_edu.rules import hard_sigmoid as hard_sigmoid
from tinygrad_edu.rules import hard_silu as hard_silu
from tinygrad_edu.rules import hard_tanh as hard_tanh
from tinygrad_edu.rules import hinge as hinge
from tinygrad_edu.rules import huber as huber
from tinygrad_edu.rules import kl_divergence as kl_divergence
from tinygrad_edu.rules import leaky_relu as leaky_relu
from tinygrad_edu.rules import log_softmax as log_softmax
from tinygrad_edu.rules import logsumexp as logsumexp
from tinygrad_edu.rules import mean_absolute_error as mean_absolute_error
from tinygrad_edu.rules import mean_squared_error as mean_squared_error
from tinygrad_edu.rules import mish as mish
from tinygrad_edu.rules import relu as relu
from tinygrad_edu.rules import relu6 as relu6
from tinygrad_edu.rules import selu as selu
from tinygrad_edu.rules import several as several
from tinygrad_edu.rules import sigmoid as sigmoid
from tinygrad_edu.rules import silu as silu
from tinygrad_edu.rules import softmax as softmax
from tinygrad_edu.rules import softplus as softplus
from tinygrad_edu.rules import softsign as softsign
from tinygrad_edu.rules import stop_gradient as stop_gradient
from tinygrad_edu.rules import xlog1py as xlog1py
from tinygrad_edu.rules import xlogy as xlogy
from tinygrad_edu.training import adam as adam
from tinygrad_edu.training import gradient_descent as gradient_descent
from tinygrad_edu.training import minimize as minimize
from tinygrad_edu.training import momentum as momentum
from tinygrad_edu.transforms import grad as grad
from tinygrad_edu.transforms import gradient as gradient
from tinygrad_edu.transforms import jvp as jvp
from tinygrad_edu.transforms import value_and_grad as value_and_grad
from tinygrad_edu.transforms import vjp as vjp
from tinygrad_edu.value import Value as Value
from tinygrad_edu.value import named as named

__all__ = [
    "Value",
    "adam",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_gradients",
    "checkpoint",
    "compare",
    "compile",
    "cross_entropy",
    "derivation",
    "draw",
    "elu",
    "erf",
    "erfc",
    "explain",
    "find_nonfinite",
    "formula",
    "gelu",
    "grad",
    "gradient",
    "gradient_descent",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "hessian",
    "hinge",
    "huber",
    "hvp",
    "jacobian",
    "jvp",
    "kl_divergence",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "mean_absolute_error",
    "mean_squared_error",
    "minimize",
    "mish",
    "momentum",
    "named",
    "no_grad",
    "primitive",
    "relu",
    "relu6",
    "scope",
    "selu",
    "several",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
    "xlog1py",
    "xlogy",
]


def __dir__() -> list[str]:
    """The public names, for completion."""
    return __all__
