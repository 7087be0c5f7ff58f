"""All derivatives at once: jacobian, hessian, and the product of a Hessian with a vector."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.forward import pushforward
from tinygrad_edu.node import Node
from tinygrad_edu.rules.shaping import cast
from tinygrad_edu.runs import Argnums, Run
from tinygrad_edu.sweeps import history
from tinygrad_edu.transforms import grad, jvp

Array = Any


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The Hessian of the scalar function `f` at `x` times `v`, without building the Hessian.

    Forward over reverse: the derivative of the gradient in the direction `v`, at the cost of a few gradients.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.hvp(lambda x: np.sum(x ** 3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return jvp(grad(f), (x,), (v,))[1]


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that computes all derivatives of `f`: shape ``out.shape + in.shape`` for every leaf.

    It is recorded once and swept as often as there are numbers in the result, or in the arguments,
    whichever are fewer. For arguments that are nested structures, each array of the result becomes that
    structure.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **settings: Any) -> Any:
        run = Run(f, args, settings, argnums)
        if run.out is None:
            raise ArgumentError("The function returned None, which has no derivative: is `return` missing?")
        return trees.transform(lambda out: run.as_asked(_jacobian_of(out, run)), run.out)

    return jacobian_of_f


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that computes the second derivatives of a scalar function: of a dict, a dict of dicts.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def _jacobian_of(out: Any, run: Run) -> list[Array]:
    """All derivatives of one array of the result, by the mode that needs fewer sweeps."""
    if not isinstance(out, Node) or not out.is_float:
        return [np.zeros(np.shape(out) + x.shape, x.dtype)[()] for x in run.inputs]
    shapes = [out.shape + x.shape for x in run.inputs]
    size = sum(x.size for x in run.inputs)
    stack = np.stack
    if out.size <= size:
        basis = np.eye(out.size, dtype=out.dtype).reshape((out.size, *out.shape))
        rows = [run.pull(out, g) for g in basis]
        if not rows:
            return [np.zeros(shape, x.dtype) for shape, x in zip(shapes, run.inputs, strict=True)]
        return [
            stack(column).reshape(shape)[()]
            for column, shape in zip(zip(*rows, strict=True), shapes, strict=True)
        ]
    nodes = history(out, run.start)
    results = []
    for x, shape in zip(run.inputs, shapes, strict=True):
        basis = np.eye(x.size, dtype=x.dtype).reshape((x.size, *x.shape))
        columns = [run.finished(pushforward(nodes, {x: t[()]}, run.nested).get(out), out) for t in basis]
        table = stack(columns, axis=-1).reshape(shape) if columns else np.zeros(shape, x.dtype)
        results.append((table if table.dtype == x.dtype else cast(table, dtype=x.dtype))[()])
    return results
