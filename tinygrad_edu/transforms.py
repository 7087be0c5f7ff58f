"""Functions of functions: grad, value_and_grad, vjp, jvp, and gradients of Values recorded before.

A transform calls `f` on fresh Values, walks over what was recorded since then, and gives back plain arrays;
or Values with a history, if an argument was a Value or `f` used one from outside. That is how transforms
nest.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import ArgumentError, NonScalarError, ShapeError
from tinygrad_edu.fitting import like, seed_for
from tinygrad_edu.forward import pushforward
from tinygrad_edu.node import Node
from tinygrad_edu.runs import Argnums, Run, as_value
from tinygrad_edu.sweeps import history, pullback
from tinygrad_edu.value import Value

Array = Any


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes the gradient of the scalar function `f`.

    Parameters
    ----------
    f : callable
        Gives a single number; with `has_aux`, a pair ``(number, anything)``.
    argnums : int or sequence of int
        Which positional arguments to differentiate; these may be numbers, arrays, or nested dicts, lists
        and tuples of them. `f` gets them as Values, and everything else as it came.
    has_aux : bool
        Whether `f` returns something beside the number.

    Returns
    -------
    callable
        With the arguments of `f`; returns the gradient in the structure of the argument (for several
        `argnums`, a tuple of them); with `has_aux`, the pair ``(gradient, aux)``. An argument that `f`
        ignores has gradient 0.

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
        run = Run(f, args, settings, argnums)
        out, aux = run.split_aux() if has_aux else (run.out, None)
        value = run.plain(out)
        gradients = run.pull(out, _seed_of(out))
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
        ``pull(g)``, with g in the structure and shapes of `out`, gives a tuple with one entry per argument:
        g^T J.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> out, pull = tg.vjp(lambda x: x ** 2, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    run = Run(f, args, {}, range(len(args)))
    results = trees.leaves(run.out)

    def pull(cotangent: Any) -> tuple[Any, ...]:
        given = _leaves_like(run.out, cotangent, "pull(g)", "g", "the result")
        totals: list[Array] = []
        for result, g in zip(results, given, strict=True):
            if isinstance(result, Node) and result.is_float:
                terms = run.pull(result, seed_for(result, g), recorded=run.nested or isinstance(g, Node))
                totals = [s + t for s, t in zip(totals, terms, strict=True)] if totals else terms
        return run.as_asked(totals or [run.finished(None, x) for x in run.inputs])

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
    for given in (args, tangents):
        if not isinstance(given, (tuple, list)):
            raise ArgumentError("jvp(f, args, tangents): args and tangents are tuples, jvp(f, (x,), (t,)).")
    run = Run(f, tuple(args), {}, range(len(args)))
    directions = _leaves_like(tuple(args), tuple(tangents), "jvp", "tangents", "the arguments")
    moving: dict[Node, Array] = {
        x: like(x, t, "The tangent") for x, t in zip(run.inputs, directions, strict=True)
    }
    nested = run.nested or any(isinstance(t, Node) for t in directions)

    def push(result: Any) -> Any:
        if not isinstance(result, Node) or not result.is_float:
            return np.zeros(np.shape(result))[()]
        moved = pushforward(history(result, run.start), moving, nested)
        return run.finished(moved.get(result), result)

    return run.plain(run.out), trees.transform(push, run.out)


def gradient(loss: Value, wrt: Any) -> Any:
    """Recorded gradients of a Value with respect to others, in the structure of `wrt`.

    Parameters
    ----------
    loss : Value
        A single number.
    wrt : Value, or nested dict, list or tuple of Values
        Parameters or intermediate results.

    Returns
    -------
    Values with a history, so that they can be differentiated, printed and drawn. What `loss` does not
    depend on has gradient 0.

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
    return trees.rebuild(wrt, [as_value(found.get(leaf), leaf) for leaf in wanted])


def _seed_of(out: Any) -> Array:
    """The 1 from which the gradient of a result starts; None if the result is a constant number."""
    if isinstance(out, Node):
        return seed_for(out)
    if isinstance(out, (int, float, np.number, np.ndarray)) and np.size(out) == 1:
        return None
    if out is None:
        raise NonScalarError(
            "The function returned None: a gradient needs a single number. Is `return` missing?"
        )
    if isinstance(out, tuple):
        raise NonScalarError(
            f"The function returned a tuple of {len(out)}: a gradient needs a single number. Return the loss "
            "alone, or the pair (loss, aux) with has_aux=True."
        )
    what = f"an array of shape {out.shape}" if isinstance(out, np.ndarray) else f"a {type(out).__name__}"
    raise NonScalarError(f"The function returned {what}: a gradient needs a single number.")


def _leaves_like(tree: Any, other: Any, call: str, name: str, owner: str) -> list[Any]:
    """The leaves of `other` in the order of those of `tree`, found by the keys that lead to them."""
    found = dict(trees.paths(other))
    wanted = [path for path, _ in trees.paths(tree)]
    if found.keys() != set(wanted):
        there, here = (
            ", ".join(name + "".join(f"[{key!r}]" for key in path) for path in paths) or "nothing"
            for paths in (wanted, found)
        )
        raise ShapeError(f"{call}: {name} must have the structure of {owner}: {there}, not {here}.")
    return [found[path] for path in wanted]
