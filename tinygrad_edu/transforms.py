"""Functions of functions: grad, value_and_grad, vjp, jvp, hvp, jacobian, hessian, and gradients of recorded Values.

A transform calls `f` on fresh Values, walks over what was recorded since then, and gives back plain arrays; or
Values with a history, if an argument was a Value or `f` used one from outside. That is how transforms nest.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import ArgumentError, DataTypeError, ShapeError
from tinygrad_edu.node import Node
from tinygrad_edu.operands import owned
from tinygrad_edu.rules.arithmetic import positive
from tinygrad_edu.sweeps import history, pullback, pushforward, seed_for
from tinygrad_edu.value import Value

Array = Any
Argnums = int | Sequence[int]


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes the gradient of the scalar function `f`.

    Parameters
    ----------
    f : callable
        Gives a single number; with `has_aux`, a pair ``(number, anything)``.
    argnums : int or sequence of int
        Which positional arguments to differentiate; these may be numbers, arrays, or nested dicts, lists and tuples
        of them. `f` gets them as Values, and everything else as it came.
    has_aux : bool
        Whether `f` returns something beside the number.

    Returns
    -------
    callable
        With the arguments of `f`; returns the gradient in the structure of the argument (for several `argnums`, a
        tuple of them); with `has_aux`, the pair ``(gradient, aux)``. An argument that `f` ignores has gradient 0.

    Raises
    ------
    NonScalarError
        If `f` does not give a single number.
    ArgumentError
        If there is no such argument, or it holds no numbers.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> float(tg.grad(lambda x: x ** 3)(2.0))
    12.0
    >>> float(tg.grad(lambda x: x * tg.grad(lambda y: x * y)(1.0))(3.0))
    6.0
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def gradient_of_f(*args: Any, **settings: Any) -> Any:
        value, gradients = both(*args, **settings)
        return (gradients, value[1]) if has_aux else gradients

    return gradient_of_f


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes ``f(...)`` and its gradient from one recording; see `grad`.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> value, gradient = tg.value_and_grad(lambda p: np.sum(p["w"] ** 2))({"w": np.array([1.0, 2.0])})
    >>> float(value), gradient
    (5.0, {'w': array([2., 4.])})
    """

    @functools.wraps(f)
    def value_and_gradient_of_f(*args: Any, **settings: Any) -> Any:
        run = _Run(f, args, settings, argnums)
        out, aux = run.split_aux() if has_aux else (run.out, None)
        value = run.plain(out)
        gradients = run.pull(out, seed_for(out) if isinstance(out, Node) else None)
        return ((value, aux) if has_aux else value), run.as_asked(gradients)

    return value_and_gradient_of_f


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """``f(*args)``, and the function that pulls a cotangent of the result back to every argument.

    Parameters
    ----------
    f : callable
        Gives an array, or a nested structure of arrays.
    *args : arrays or nested structures of arrays
        All are differentiated.

    Returns
    -------
    out : as `f` returns
    pull : callable
        ``pull(g)``, with g in the structure and shapes of `out`, gives a tuple with one entry per argument: g^T J.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> out, pull = tg.vjp(lambda x: x ** 2, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    run = _Run(f, args, {}, range(len(args)))
    results = trees.leaves(run.out)

    def pull(cotangent: Any) -> tuple[Any, ...]:
        given = trees.leaves(cotangent)
        if len(given) != len(results):
            raise ShapeError(f"pull(g): g has {len(given)} arrays, the function returned {len(results)}.")
        totals: list[Array] = [None] * len(run.inputs)
        for result, g in zip(results, given, strict=True):
            if isinstance(result, Node):
                terms = run.pull(result, seed_for(result, g), recorded=run.nested or isinstance(g, Node))
                totals = [t if s is None else s if t is None else s + t for s, t in zip(totals, terms, strict=True)]
        return run.as_asked(totals)

    return run.plain(run.out), pull


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """``f(*args)`` and its derivative in the direction of the tangents, in one walk forward: J t.

    Parameters
    ----------
    f : callable
        Gives an array, or a nested structure of arrays.
    args, tangents : sequences of equal length
        The point and the direction; each tangent has the structure and shapes of its argument.

    Returns
    -------
    out, tangent : as `f` returns

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> out, tangent = tg.jvp(lambda x: x ** 3, (2.0,), (10.0,))
    >>> float(out), float(tangent)
    (8.0, 120.0)
    """
    run = _Run(f, tuple(args), {}, range(len(args)))
    directions = trees.leaves(tuple(tangents))
    if len(directions) != len(run.inputs):
        raise ShapeError(f"jvp: {len(run.inputs)} arrays are differentiated, and {len(directions)} tangents are given.")
    moving = {x: _tangent_for(x, t) for x, t in zip(run.inputs, directions, strict=True)}
    nested = run.nested or any(isinstance(t, Node) for t in directions)

    def push(result: Any) -> Any:
        if not isinstance(result, Node) or not result.is_float:
            return np.zeros(np.shape(result))[()]
        moved = pushforward(history(result, run.start), moving, nested)
        return run.finished(moved.get(result), result)

    return run.plain(run.out), trees.transform(push, run.out)


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

    It is recorded once and swept as often as there are numbers in the result, or in the arguments, whichever are
    fewer. For arguments that are nested structures, each array of the result becomes that structure.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **settings: Any) -> Any:
        run = _Run(f, args, settings, argnums)
        return trees.transform(lambda out: run.as_asked(_jacobian_of(out, run)), run.out)

    return jacobian_of_f


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that computes all second derivatives of the scalar function `f`; of a dict, a dict of dicts.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> tg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def gradient(loss: Value, wrt: Any) -> Any:
    """Recorded gradients of a Value with respect to others, in the structure of `wrt`; ``.grad`` is left alone.

    Parameters
    ----------
    loss : Value
        A single number.
    wrt : Value, or nested dict, list or tuple of Values
        Parameters or intermediate results.

    Returns
    -------
    Values with a history, so that they can be differentiated, printed and drawn. What `loss` does not depend on has
    gradient 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Value(3.0)
    >>> slope = tg.gradient(x ** 3, x)
    >>> slope, tg.gradient(slope, x)
    (Value(27.0, grad=None), Value(18.0, grad=None))
    """
    if not isinstance(loss, Value):
        raise ArgumentError(f"gradient(loss, wrt): loss is {type(loss).__name__}, not a Value.")
    wanted = trees.leaves(wrt)
    for leaf in wanted:
        if not isinstance(leaf, Value):
            raise ArgumentError(f"gradient(loss, wrt): wrt holds {type(leaf).__name__}, not a Value.")
    start = min((leaf.serial for leaf in wanted), default=0)
    found = pullback(history(loss, start), seed_for(loss), wanted, recorded=True)
    return trees.rebuild(wrt, [_as_value(found.get(leaf), leaf) for leaf in wanted])


class _Run:
    """One call of a function on fresh Values, and what it takes to sweep over it."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any], argnums: Argnums) -> None:
        single = isinstance(argnums, int)
        positions = [argnums] if isinstance(argnums, int) else list(argnums)
        if positions and not all(-len(args) <= i < len(args) for i in positions):
            raise ArgumentError(f"argnums={argnums}: the function was called with {len(args)} positional arguments.")
        positions = [i % len(args) for i in positions]
        labels = _parameter_names(f, len(args))
        self.nested = False
        self.inputs: list[Value] = []
        fresh = list(args)
        for i in positions:
            leaves = [self._input(leaf, _path_name(labels[i], path)) for path, leaf in trees.paths(args[i])]
            fresh[i] = trees.rebuild(args[i], list(leaves))
        if positions and not self.inputs:
            raise ArgumentError(f"argnums={argnums}: these arguments hold no numbers to differentiate.")
        self.start = self.inputs[0].serial if self.inputs else 0
        self._asked = args[positions[0]] if single else tuple(args[i] for i in positions)
        self.out = f(*fresh, **settings)
        if not self.nested:
            self.nested = any(_reaches_outside(leaf, self.start) for leaf in trees.leaves(self.out))

    def _input(self, leaf: Any, name: str | None) -> Value:
        if isinstance(leaf, Value):
            self.nested = True
            fresh = Value.leaf(leaf.recorded_data(), leaf.name or name)
            fresh.primitive, fresh.args, fresh.operands = positive, (leaf,), (fresh._data,)
        else:
            fresh = Value.leaf(owned(leaf), name)
        self.inputs.append(fresh)
        return fresh

    def split_aux(self) -> tuple[Any, Any]:
        """The two parts that a function with has_aux returns."""
        if not isinstance(self.out, tuple) or len(self.out) != 2:
            raise ArgumentError("has_aux=True: the function must return a pair (loss, aux).")
        loss, aux = self.out
        return loss, self.plain(aux)

    def pull(self, out: Any, seed: Array, recorded: bool | None = None) -> list[Array]:
        """The gradient for each input, 0 where `out` does not depend on it."""
        if not isinstance(out, Node):
            if out is None or np.size(out) != 1:
                raise DataTypeError(f"The function returned {type(out).__name__}; a gradient needs a single number.")
            return [self.finished(None, x) for x in self.inputs]
        recorded = self.nested if recorded is None else recorded
        found = pullback(history(out, self.start), seed, self.inputs, recorded)
        return [self.finished(found.get(x), x) for x in self.inputs]

    def finished(self, result: Array, like: Node) -> Array:
        """A gradient or tangent as the caller gets it: zeros for None, Values when nested, else private arrays."""
        if result is None:
            result = np.zeros(like.shape, like.dtype)[()]
        if self.nested:
            return _as_value(result, like)
        return result if isinstance(result, Node) else np.array(result)[()]

    def plain(self, tree: Any) -> Any:
        """Results without their Values, unless nested."""
        if self.nested:
            return tree
        return trees.transform(lambda leaf: np.array(leaf._data)[()] if isinstance(leaf, Node) else leaf, tree)

    def as_asked(self, leaves: list[Array]) -> Any:
        """One array per input, in the structure of the arguments that argnums names."""
        return trees.rebuild(self._asked, leaves)


def _jacobian_of(out: Any, run: _Run) -> list[Array]:
    """All derivatives of one array of the result, by the mode that needs fewer sweeps."""
    if not isinstance(out, Node):
        return [np.zeros(np.shape(out) + x.shape) for x in run.inputs]
    shapes = [out.shape + x.shape for x in run.inputs]
    size = sum(x.size for x in run.inputs)
    stack = np.stack
    if out.size <= size:
        basis = np.eye(out.size, dtype=out.dtype).reshape((out.size, *out.shape))
        rows = [run.pull(out, g) for g in basis]
        if not rows:
            return [np.zeros(shape) for shape in shapes]
        return [stack(column).reshape(shape)[()] for column, shape in zip(zip(*rows, strict=True), shapes, strict=True)]
    nodes = history(out, run.start)
    results = []
    for x, shape in zip(run.inputs, shapes, strict=True):
        basis = np.eye(x.size, dtype=x.dtype).reshape((x.size, *x.shape))
        columns = [run.finished(pushforward(nodes, {x: t[()]}, run.nested).get(out), out) for t in basis]
        results.append(stack(columns, axis=-1).reshape(shape)[()] if columns else np.zeros(shape))
    return results


def _as_value(result: Array, like: Node) -> Value:
    if isinstance(result, Value):
        return result
    return Value.leaf(np.zeros(like.shape, like.dtype)[()] if result is None else np.array(result)[()])


def _tangent_for(x: Value, tangent: Any) -> Array:
    """A tangent in the shape and dtype of its input."""
    if not isinstance(tangent, Node):
        tangent = np.asarray(tangent).astype(x.dtype)[()]
    if tangent.shape != x.shape:
        raise ShapeError(f"The tangent of {x.name or 'the argument'} has shape {tangent.shape}, not {x.shape}.")
    return tangent


def _reaches_outside(out: Any, start: int) -> bool:
    """Whether a result depends on a Value that is older than the inputs."""
    if not isinstance(out, Node):
        return False
    return any(
        isinstance(arg, Node) and arg.serial < start and arg.is_float
        for node in history(out, start)
        for arg in (*node.args, node)
        if node.serial >= start or node is out
    )


def _parameter_names(f: Callable[..., Any], count: int) -> list[str | None]:
    """The names of the positional parameters of `f`, where they can be known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [None] * count
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (names + [None] * count)[:count]


def _path_name(name: str | None, path: tuple[Any, ...]) -> str | None:
    """The name of a leaf: the last text key on the way to it, else the parameter with the indices behind it."""
    texts = [part for part in path if isinstance(part, str)]
    if texts:
        name, path = texts[-1], path[len(path) - path[::-1].index(texts[-1]) :]
    return f"{name}{''.join(f'[{part}]' for part in path)}" if name else None
