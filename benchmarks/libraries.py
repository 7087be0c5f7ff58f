"""One loss and its gradients in each library that is installed and asked for.

Each function takes a loss, which is written once for all, and gives a function without arguments that
computes the loss and its gradients by all parameters. What happens once, such as compiling, is over then.
"""

import functools
import importlib
import os
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from timing import PACKAGES

import tinygrad_edu as tg

Array = Any
Pass = Callable[[], Any]


class Functions(NamedTuple):
    """What a loss needs beyond operators, in one library."""

    sigmoid: Any = None
    mean: Any = None
    tanh: Any = None
    relu: Any = None


Loss = Callable[..., Any]
"""``loss(functions, *data, *params)``."""


def optional(name: str) -> Any:
    """A peer, or None where it is not installed or not asked for."""
    if name.partition(".")[0] not in os.environ.get("PEERS", PACKAGES).split(","):
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


torch, mygrad, autograd, jax = map(optional, ("torch", "mygrad", "autograd", "jax"))
micrograd = optional("micrograd.engine")
OURS = Functions(tg.sigmoid, np.mean, np.tanh, tg.relu)


def versions() -> str:
    """What is compared, and in which version."""
    peers = [name for name in PACKAGES.split(",") if optional(name)]
    found = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    return ", ".join([*found, *(f"{name} {version(name)}" for name in peers)])


def eager(loss: Loss, data: Sequence[Array], params: Sequence[Array], arrange: Any = list) -> Pass:
    """Recorded anew in each pass; `arrange` is how the loss wants its parameters."""
    values = [tg.Value(p) for p in params]
    arranged = arrange(values)

    def run() -> list[Array]:
        loss(OURS, *data, *arranged).backward()
        return [v.grad for v in values]

    return run


def compiled(
    loss: Loss, data: Sequence[Array], params: Sequence[Array], target: str = "numpy", fast: bool = False
) -> Pass:
    """Traced and built; data and parameters are its arguments."""
    positions = tuple(range(len(data), len(data) + len(params)))
    gradients = tg.value_and_grad(lambda *args: loss(OURS, *args), positions)
    args = (*data, *params)
    return functools.partial(tg.compile(gradients, target, fast=fast).prepare(*args), *args)


def in_torch(loss: Loss, data: Sequence[Array], params: Sequence[Array], arrange: Any = list) -> Pass:
    """PyTorch, eagerly."""
    functions = Functions(torch.sigmoid, torch.mean, torch.tanh, torch.relu)
    tensors = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in params]
    fixed, arranged = [torch.tensor(d, dtype=torch.float64) for d in data], arrange(tensors)

    def run() -> list[Array]:
        for tensor in tensors:
            tensor.grad = None
        loss(functions, *fixed, *arranged).backward()
        return [t.grad for t in tensors]

    return run


def in_jax(loss: Loss, data: Sequence[Array], params: Sequence[Array]) -> Pass:
    """JAX, compiled, in double precision; a pass ends when its results are there."""
    jax.config.update("jax_enable_x64", True)
    functions = Functions(jax.nn.sigmoid, jax.numpy.mean, jax.numpy.tanh, jax.nn.relu)
    args = [jax.numpy.asarray(a, dtype=float) for a in (*data, *params)]
    positions = tuple(range(len(data), len(args)))
    run = jax.jit(jax.value_and_grad(lambda *args: loss(functions, *args), positions))

    def finished() -> tuple[Array, Any]:
        loss, gradients = run(*args)
        for gradient in gradients:  # twice as quick as jax.block_until_ready for small ones
            gradient.block_until_ready()
        return loss, gradients

    finished()
    return finished


def in_mygrad(loss: Loss, data: Sequence[Array], params: Sequence[Array], arrange: Any = list) -> Pass:
    """MyGrad, as it comes."""
    activations = importlib.import_module("mygrad.nnet.activations")
    functions = Functions(activations.sigmoid, mygrad.mean, mygrad.tanh, activations.relu)
    tensors = [mygrad.tensor(p) for p in params]
    arranged = arrange(tensors)

    def run() -> list[Array]:
        loss(functions, *data, *arranged).backward()
        return [t.grad for t in tensors]

    return run


def in_autograd(loss: Loss, data: Sequence[Array], params: Sequence[Array]) -> Pass:
    """HIPS autograd."""
    anp = importlib.import_module("autograd.numpy")
    functions = Functions(lambda z: 1 / (1 + anp.exp(-z)), anp.mean, anp.tanh, lambda z: anp.maximum(z, 0.0))
    args = [*data, *map(np.asarray, params)]
    positions = tuple(range(len(data), len(args)))
    return functools.partial(autograd.value_and_grad(lambda *args: loss(functions, *args), positions), *args)


def in_micrograd(loss: Loss, data: Sequence[Array], params: Sequence[Array], arrange: Any = list) -> Pass:
    """micrograd, which knows single numbers only; gradients add up, since nobody clears them."""
    values = [micrograd.Value(float(p)) for p in params]
    arranged = arrange(values)

    def run() -> list[float]:
        loss(Functions(relu=lambda v: v.relu()), *data, *arranged).backward()
        return [v.grad for v in values]

    return run


PEERS = {
    "PyTorch": (torch, in_torch),
    "JAX jit": (jax, in_jax),
    "HIPS autograd": (autograd, in_autograd),
    "MyGrad": (mygrad, in_mygrad),
}
LIBRARIES: dict[str, Callable[..., Pass]] = {
    "eager": eager,
    "numpy": compiled,
    "numpy, fast": functools.partial(compiled, fast=True),
    "native": functools.partial(compiled, target="native"),
    "native, fast": functools.partial(compiled, target="native", fast=True),
    **{name: make for name, (module, make) in PEERS.items() if module},
}
"""The first five are ours: recorded, and compiled to the two targets."""
