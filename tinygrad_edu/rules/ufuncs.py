"""The methods of NumPy's ufuncs on Values, ``np.subtract.outer`` and the like, and ufuncs of two results."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.primitives import EXPRESSIONS, REGISTRY, Function, expresses
from tinygrad_edu.rules.logits import logsumexp
from tinygrad_edu.signatures import without_rule

Array = Any
Axis = int | tuple[int, ...] | None


def _outer(ufunc: np.ufunc) -> Function:
    """The ufunc of every element of one array with every element of another."""

    def outer(A: Array, B: Array) -> Array:
        A = A if hasattr(A, "ndim") else np.asarray(A)
        return ufunc(A[(..., *(None,) * np.ndim(B))], B)

    return outer


def _reduction(function: Callable[..., Array]) -> Function:
    """A reduction that runs along the first axis unless it is told otherwise."""

    def reduce(array: Array, axis: Axis = 0, keepdims: bool = False) -> Array:
        return function(array, axis=axis, keepdims=keepdims)

    return reduce


def _running(function: Callable[..., Array]) -> Function:
    def accumulate(array: Array, axis: int = 0) -> Array:
        return function(array, axis=axis)

    return accumulate


REDUCTIONS: dict[np.ufunc, Callable[..., Array]] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min, np.logaddexp: logsumexp,
    np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip


def _declare(ufunc: np.ufunc, written: Function) -> None:
    """Let the method of a ufunc that is called as `written` is mean the latter, and refuse other settings."""
    name, known = written.__name__, inspect.signature(written).parameters

    def method(*args: Array, **settings: Any) -> Array:
        for setting in settings:
            if setting not in known:
                raise without_rule(f"{ufunc.__name__}.{name}", setting)
        return written(*args, **settings)

    EXPRESSIONS[getattr(ufunc, name)] = method


for _ufunc in [function for function in REGISTRY if isinstance(function, np.ufunc)]:
    if _ufunc.nin == 2 and _ufunc.nout == 1 and _ufunc.signature is None:
        _declare(_ufunc, _outer(_ufunc))
for _ufunc, _function in REDUCTIONS.items():
    _declare(_ufunc, _reduction(_function))
_declare(np.add, _running(np.cumsum))
_declare(np.multiply, _running(np.cumprod))


@expresses(np.divmod)
def divmod_(x: Array, y: Array) -> tuple[Array, Array]:
    """The whole quotient, through which no gradient passes, and the remainder."""
    return np.floor_divide(x, y), np.remainder(x, y)
