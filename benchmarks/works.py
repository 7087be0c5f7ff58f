"""What is timed: each piece of work, once by hand and once in each library that is installed.

A work is a dict from a library's name to a function without arguments that computes the loss and all
gradients once.
"""

import functools
import importlib
import itertools
import os
import random
from collections.abc import Callable
from typing import Any

import hand
import numpy as np

import tinygrad_edu as tg

Work = dict[str, Callable[[], Any]]


def optional(name: str) -> Any:
    """A peer, or None where it is not installed or not asked for."""
    package = name.partition(".")[0]
    if package not in os.environ.get("PEERS", package).split(","):
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


torch, mygrad, autograd = optional("torch"), optional("mygrad"), optional("autograd")
micrograd = optional("micrograd.engine")


def network_data(samples: int, inputs: int, hidden: int, outputs: int = 1) -> tuple[list[Any], list[Any]]:
    rng = np.random.default_rng(0)
    data = [rng.normal(size=(samples, inputs)), rng.integers(0, 2, (samples, outputs)).astype(float)]
    return data, [
        rng.normal(size=shape) for shape in ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
    ]


def network(samples: int, inputs: int, hidden: int, outputs: int = 1) -> Work:
    """A network with one hidden layer, squared error."""
    data, params = network_data(samples, inputs, hidden, outputs)

    def loss(sigmoid: Any, mean: Any, x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        a1 = sigmoid(x @ W1 + b1)
        a2 = sigmoid(a1 @ W2 + b2)
        return mean((a2 - y) ** 2) / 2

    return {"hand": lambda: hand.network(*data, *params), **_in_all_libraries(loss, data, params)}


def regression(rows: int) -> Work:
    """A line through points, half the mean squared error."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, rows)
    data, params = [x, 2000 + 10000 * x + rng.normal(size=rows)], [np.array(0.5), np.array(0.25)]

    def loss(sigmoid: Any, mean: Any, x: Any, y: Any, theta1: Any, theta0: Any) -> Any:
        f = theta1 * x + theta0
        return mean((f - y) ** 2) / 2

    scalars = [float(p) for p in params]
    return {"hand": lambda: hand.regression(*data, *scalars), **_in_all_libraries(loss, data, params)}


def _in_all_libraries(loss: Callable[..., Any], data: list[Any], params: list[Any]) -> Work:
    """The same expression, differentiated eagerly by each library."""
    work: Work = {}
    values = [tg.Value(p) for p in params]

    def ours() -> list[Any]:
        loss(tg.sigmoid, np.mean, *data, *values).backward()
        return [v.grad for v in values]

    work["tinygrad_edu"] = ours
    positions = tuple(range(len(params)))
    for name, fast in (("compiled", False), ("compiled, fast", True)):
        gradients = tg.value_and_grad(lambda *weights: loss(tg.sigmoid, np.mean, *data, *weights), positions)
        work[name] = functools.partial(tg.compile(gradients, fast=fast).prepare(*params), *params)
    if torch:
        tensors = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in params]
        fixed = [torch.tensor(d, dtype=torch.float64) for d in data]

        def in_torch() -> list[Any]:
            for tensor in tensors:
                tensor.grad = None
            loss(torch.sigmoid, torch.mean, *fixed, *tensors).backward()
            return [t.grad for t in tensors]

        work["PyTorch"] = in_torch
    if mygrad:
        variables = [mygrad.tensor(p) for p in params]
        mygrad_sigmoid = importlib.import_module("mygrad.nnet.activations").sigmoid

        def in_mygrad() -> list[Any]:
            loss(mygrad_sigmoid, mygrad.mean, *data, *variables).backward()
            return [v.grad for v in variables]

        work["MyGrad"] = in_mygrad
    if autograd:
        anp = importlib.import_module("autograd.numpy")

        def expression(*weights: Any) -> Any:
            return loss(lambda z: 1 / (1 + anp.exp(-z)), anp.mean, *data, *weights)

        differentiated = autograd.value_and_grad(expression, positions)
        work["HIPS autograd"] = lambda: differentiated(*params)[1]
    return work


def scalar_network() -> Work:
    """A 2-16-16-1 relu network of single numbers, as micrograd's users write it."""
    work: Work = {"tinygrad_edu": _scalar_pass(tg.Value, tg.relu), "compiled": _scalar_compiled()}
    if micrograd:
        work["micrograd"] = _scalar_pass(micrograd.Value, lambda v: v.relu())
    if torch:
        work["PyTorch"] = _scalar_pass(
            lambda d: torch.tensor(d, dtype=torch.float64, requires_grad=True), torch.relu, clears=True
        )
    if mygrad:
        mygrad_relu = importlib.import_module("mygrad.nnet.activations").relu
        work["MyGrad"] = _scalar_pass(mygrad.tensor, mygrad_relu)
    if autograd:
        work["HIPS autograd"] = _scalar_autograd()
    return work


def _scalar_weights() -> list[Any]:
    rng = random.Random(0)
    sizes = (2, 16, 16, 1)
    return [
        [([rng.uniform(-1, 1) for _ in range(n)], rng.uniform(-1, 1)) for _ in range(m)]
        for n, m in itertools.pairwise(sizes)
    ]


def _scalar_forward(layers: list[Any], relu: Callable[[Any], Any]) -> Any:
    x: list[Any] = [1.0, -2.0]
    for number, layer in enumerate(layers):
        x = [sum((w * v for w, v in zip(weights, x, strict=True)), bias) for weights, bias in layer]
        if number < 2:
            x = [relu(v) for v in x]
    return x[0]


def _scalar_pass(
    make: Callable[[float], Any], relu: Callable[[Any], Any], clears: bool = False
) -> Callable[[], Any]:
    layers = [
        [([make(w) for w in weights], make(bias)) for weights, bias in layer] for layer in _scalar_weights()
    ]
    leaves = [v for layer in layers for weights, bias in layer for v in (*weights, bias)]

    def run() -> list[Any]:
        for leaf in leaves if clears else ():
            leaf.grad = None
        _scalar_forward(layers, relu).backward()
        return [leaf.grad for leaf in leaves]

    return run


def _scalar_compiled() -> Callable[[], Any]:
    """The parameters as arrays, of which the model reads one element after the other."""
    arrays = [
        part
        for layer in _scalar_weights()
        for part in (np.array([weights for weights, _ in layer]), np.array([bias for _, bias in layer]))
    ]

    def loss(*params: Any) -> Any:
        layers = [
            [([W[i, j] for j in range(W.shape[1])], b[i]) for i in range(W.shape[0])]
            for W, b in zip(params[::2], params[1::2], strict=True)
        ]
        return _scalar_forward(layers, tg.relu)

    gradients = tg.compile(tg.value_and_grad(loss, tuple(range(len(arrays)))))
    return functools.partial(gradients.prepare(*arrays), *arrays)


def _scalar_autograd() -> Callable[[], Any]:
    anp = importlib.import_module("autograd.numpy")
    differentiated = autograd.value_and_grad(
        lambda layers: _scalar_forward(layers, lambda v: anp.maximum(v, 0.0))
    )
    weights = _scalar_weights()
    return lambda: differentiated(weights)


WORKS: dict[str, Callable[[], Work]] = {
    "scalar 2-16-16-1 relu network": scalar_network,
    "XOR 4×2-2-1, squared error": lambda: network(4, 2, 2),
    "regression, 63 rows": lambda: regression(63),
    "logo 627×2-200-1": lambda: network(627, 2, 200),
    "digits 128×784-128-10": lambda: network(128, 784, 128, 10),
    "wide 1024×512-512-10": lambda: network(1024, 512, 512, 10),
    "regression, 1,000,000 rows": lambda: regression(1_000_000),
}
