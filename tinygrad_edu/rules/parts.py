"""Functions with several results: their numbers lie end to end in one array, and each result is a part of it.

One node holds the whole, and `part`, a linear function, takes a result out of it. The transpose of `part` puts a
gradient back among zeros, so that a rule finds zeros for results that nobody used, and no sweep needs to know
that there is more than one.
"""

import functools
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Function, Primitive, Rule, general, linear, located

Array = Any
Shapes = tuple[tuple[int, ...], ...]

SHAPES: dict[Primitive, Callable[..., Shapes]] = {}
"""For each primitive with several results: their shapes, from the arguments of a call."""

part: Primitive
among: Primitive


def _part(x: Array, nth: int, shapes: Shapes) -> Array:
    """Result number `nth` of several with the given shapes, whose numbers lie end to end in x."""
    return x[_place(nth, shapes)].reshape(shapes[nth])[()]


def _among(x: Array, nth: int, shapes: Shapes) -> Array:
    """The numbers of x in the place of result `nth`, and zeros for all other results. The transpose of part."""
    whole = np.zeros(sum(map(math.prod, shapes)), x.dtype)
    whole[_place(nth, shapes)] = np.reshape(x, -1)
    return whole


def _place(nth: int, shapes: Shapes) -> slice:
    start = sum(map(math.prod, shapes[:nth]))
    return slice(start, start + math.prod(shapes[nth]))


# fmt: off
part  = linear(_part,  lambda g, out, x, nth=0, shapes=(): among(g, nth=nth, shapes=shapes))
among = linear(_among, lambda g, out, x, nth=0, shapes=(): part(g, nth=nth, shapes=shapes))
# fmt: on


def parts(whole: Array, shapes: Shapes) -> tuple[Array, ...]:
    """All results that lie in `whole`."""
    return tuple(part(whole, nth=nth, shapes=shapes) for nth in range(len(shapes)))


def shapes_of(primitive: Primitive | None, operands: Sequence[Array], settings: Mapping[str, Any]) -> Shapes:
    """The shapes of the several results that lie in the result of a call; empty where there is only one."""
    return SHAPES[primitive](*operands, **settings) if primitive in SHAPES else ()


def several(
    function: Function, *rules: Rule | None, shapes: Callable[..., Shapes], **facts: Any
) -> Callable[..., tuple[Array, ...]]:
    """Declare a function that returns a tuple of arrays differentiable, as `primitive` does for a single one.

    Parameters
    ----------
    function : callable
        ``function(*arrays, **settings)`` gives a tuple of arrays.
    *rules : callable or None
        ``rule(g, out, *args, **settings)`` for each array argument; ``g`` and ``out`` are tuples, and where a
        result was not used its ``g`` is 0.
    shapes : callable
        With the same arguments: the shapes of the results.
    **facts
        See `primitive`; the kind is "general".

    Returns
    -------
    callable
        On arrays the function itself; on Values it gives a tuple of Values. Its attribute ``whole`` is the
        primitive of a single array, in which all results lie.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> def polar(x, y):
    ...     return np.hypot(x, y), np.arctan2(y, x)
    >>> polar = tg.several(
    ...     polar,
    ...     lambda g, out, x, y: g[0] * x / out[0] - g[1] * y / out[0] ** 2,
    ...     lambda g, out, x, y: g[0] * y / out[0] + g[1] * x / out[0] ** 2,
    ...     shapes=lambda x, y: (x.shape, x.shape),
    ... )
    >>> radius, angle = polar(tg.Value(3.0), tg.Value(4.0))
    >>> angle.backward()
    >>> [float(operand.grad) for operand in angle.args[0].args]
    [-0.16, 0.12]
    """

    @functools.wraps(function)
    def whole(*args: Array, **settings: Any) -> Array:
        return np.concatenate([np.ravel(result) for result in function(*args, **settings)])

    if whole.__module__.startswith("numpy"):  # whose function gives a tuple, as this one does not
        whole.__module__ = __name__

    def of_parts(rule: Rule) -> Rule:
        @functools.wraps(rule)
        def of_whole(g: Array, out: Array, *args: Array, **settings: Any) -> Array:
            layout = shapes(*args, **settings)
            return rule(parts(g, layout), parts(out, layout), *args, **settings)

        return of_whole

    entry = general(whole, *(None if rule is None else of_parts(rule) for rule in rules), **facts)
    SHAPES[entry] = shapes

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        if not any(hasattr(type(arg), "__record__") for arg in (*args, *settings.values())):
            return function(*args, **settings)
        operands, chosen = entry.normalised(args, settings)
        results = parts(entry(*operands, **chosen), shapes(*operands, **chosen))
        return located(results, sys._getframe(1))

    vars(call)["whole"] = entry
    return call
