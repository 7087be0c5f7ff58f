"""The methods of ndarray that `operators` does not write out: each is a NumPy function, called on a Value."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

import numpy as np

from tinygrad_edu.errors import DataTypeError, MutationError, UnsupportedFunctionError
from tinygrad_edu.messages import misused, unsupported
from tinygrad_edu.node import Node
from tinygrad_edu.operands import MASKED
from tinygrad_edu.operators import Operators
from tinygrad_edu.primitives import EXPRESSIONS, REGISTRY, located
from tinygrad_edu.recording import record

Array = Any

FILLED = frozenset({np.zeros_like, np.ones_like, np.full_like, np.empty_like})
"""Functions that take the shape of their first argument; others may have a history."""
METADATA = FILLED | frozenset(
    {
        *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type),
        *(np.iscomplexobj, np.isrealobj, np.common_type, np.shares_memory, np.may_share_memory),
        *(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from),
        *(np.array_repr, np.array_str, np.array2string),
    }
)
"""Functions of the shape and the type of the data, or of their text: the result is plain."""

RECORDED = (
    *("all", "any", "argmax", "argmin", "argpartition", "argsort", "clip", "conj", "conjugate", "copy"),
    *("cumprod", "cumsum", "diagonal", "dot", "max", "min", "nonzero", "prod", "repeat", "round"),
    *("searchsorted", "std", "take", "trace", "var"),
)
"""Methods with the name and the arguments of a NumPy function."""

MUTATING = {
    "fill": "make a new one with np.full_like(v, number)",
    "itemset": "make a new one with np.where or np.concatenate",
    "partition": "write v = np.partition(v, kth)",
    "put": "make a new one with np.where or np.concatenate",
    "resize": "write v = np.resize(v, shape)",
    "setfield": "make a new one with np.where or np.concatenate",
    "setflags": "a Value is never written",
    "byteswap": "convert the data before it becomes a Value",
    "sort": "write v = np.sort(v)",
}
"""Methods of ndarray that write in place, and what to do instead."""


def applied(function: Any, args: tuple[Any, ...], settings: dict[str, Any], frame: FrameType) -> Any:
    """What a NumPy function gives on Values; the result belongs to the caller's line.

    Raises
    ------
    UnsupportedFunctionError
        If the function has no rule and is no expression in functions that have one.
    """
    primitive = REGISTRY.get(function)
    if primitive is not None:
        if not settings and len(args) == primitive.in_place:
            return record(primitive, args, settings, frame)
        try:
            operands, chosen = primitive.normalised(args, settings)
        except UnsupportedFunctionError:  # what the rule does not understand, an expression may
            if function not in EXPRESSIONS:
                raise
        else:
            return record(primitive, operands, chosen, frame)
    if function in METADATA and not (function in FILLED and any(isinstance(arg, Node) for arg in args[1:])):
        return function(*(arg._data if isinstance(arg, Node) else arg for arg in args), **settings)
    if function not in EXPRESSIONS:
        raise unsupported(function, [*REGISTRY, *EXPRESSIONS])
    try:
        result = EXPRESSIONS[function](*args, **settings)
    except (ValueError, IndexError) as error:
        raise misused(error, function, args) from None
    return located(result, frame)


class Methods(Operators):
    """A node with the methods of an array."""

    __slots__ = ()

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """The elements at which `condition` holds, as ``np.compress``."""
        return applied(np.compress, (condition, self), {"axis": axis}, sys._getframe(1))

    def __divmod__(self, other: Any) -> Any:
        return applied(np.divmod, (self, other), {}, sys._getframe(1))

    def __rdivmod__(self, other: Any) -> Any:
        return applied(np.divmod, (other, self), {}, sys._getframe(1))

    def __round__(self, digits: int = 0) -> Any:
        return applied(np.round, (self, digits), {}, sys._getframe(1))

    def tolist(self) -> Any:
        """The numbers as Python numbers in nested lists, without their history."""
        self._looked_at("tolist")
        return self._data.tolist()

    @property
    def _mask(self) -> Any:
        """What a masked array asks the other operand for, whose numbers it takes without their history."""
        raise DataTypeError(MASKED)

    @property
    def real(self) -> Self:
        """The Value itself, since the data are real numbers."""
        return self

    @property
    def nbytes(self) -> int:
        """The number of bytes that the data take."""
        return int(self._data.nbytes)

    @property
    def itemsize(self) -> int:
        """The number of bytes that one element takes."""
        return int(self._data.itemsize)


def _calling(name: str, function: Any) -> Callable[..., Any]:
    """The method that calls a NumPy function on the Value it belongs to."""

    def method(self: Node, *args: Any, **settings: Any) -> Any:
        return applied(function, (self, *args), settings, sys._getframe(1))

    method.__name__ = name
    method.__qualname__ = f"Methods.{name}"
    method.__doc__ = f"The same as ``np.{function.__name__}`` of this Value."
    return method


def _refusing(name: str, instead: str) -> Callable[..., Any]:
    """The method that would write in place."""

    def method(self: Node, *args: Any, **settings: Any) -> Any:
        known = self.name or "value"
        advice = instead.replace("v = ", f"{known} = ").replace("(v", f"({known}")
        raise MutationError(f"{known}.{name}(...) would overwrite a recorded number: {advice} instead.")

    method.__name__ = name
    method.__qualname__ = f"Methods.{name}"
    method.__doc__ = f"Raises MutationError, because nothing recorded is overwritten: {instead}."
    return method


def _absent(name: str) -> property:
    """An attribute of ndarray that a Value lacks, a property: ``__getattr__`` would slow down the others."""

    def refuse(self: Node) -> Any:
        kind = type(self).__name__
        raise AttributeError(
            f"A {kind} has no {name}, which an array has: use .data.{name} to look at the numbers, or "
            "NumPy's functions to compute with them.",
            name=name,
            obj=self,
        )

    return property(refuse, doc="Not an attribute of Values.")


for _name in RECORDED:
    setattr(Methods, _name, _calling(_name, getattr(np, _name)))
for _name, _instead in MUTATING.items():
    setattr(Methods, _name, _refusing(_name, _instead))
for _name in dir(np.ndarray):
    if not _name.startswith("_") and not hasattr(Methods, _name):
        setattr(Methods, _name, _absent(_name))
