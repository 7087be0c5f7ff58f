"""Automatic differentiation to look at: values forward, gradients back, and derivations checked line by line.

>>> import numpy as np, tinygrad_edu as tg
>>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
>>> w = tg.Value([0.5, -1.0], name="w")
>>> loss = np.mean((X @ w - 1) ** 2) / 2
>>> loss.backward()
>>> w.grad
array([-0.5  , -0.875])
"""

from tinygrad_edu.comparison import compare as compare
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
from tinygrad_edu.rules import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from tinygrad_edu.rules import relu as relu
from tinygrad_edu.rules import sigmoid as sigmoid
from tinygrad_edu.rules import softplus as softplus
from tinygrad_edu.rules import stop_gradient as stop_gradient
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
    "binary_cross_entropy_with_logits",
    "compare",
    "derivation",
    "draw",
    "explain",
    "formula",
    "grad",
    "gradient",
    "gradient_descent",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "minimize",
    "momentum",
    "named",
    "no_grad",
    "primitive",
    "relu",
    "scope",
    "sigmoid",
    "softplus",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
]


def __dir__() -> list[str]:
    """The public names, for completion."""
    return __all__
