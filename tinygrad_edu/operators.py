"""What can be written with a Value: Python's operators, indexing, and the methods that ndarray has."""

import operator
import sys
from collections.abc import Iterator
from types import CodeType, NoneType
from typing import Any, Self, cast

import numpy as np

from tinygrad_edu.errors import ConversionError, MutationError, UnsupportedFunctionError
from tinygrad_edu.names import Iterating, unpacked_names
from tinygrad_edu.node import NO_PARAMS as NONE
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import EXPRESSIONS, located
from tinygrad_edu.recording import binary, record, unary
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.shaping import HOLE, getitem
from tinygrad_edu.signatures import plain_setting

Axis = int | tuple[int, ...] | None

_frame = sys._getframe


class Operators(Node):
    """A node that computes: every operation records, and gives a new one of the same class."""

    __slots__ = ()
    __hash__ = object.__hash__

    # fmt: off
    __add__,      __radd__      = binary(do.add)
    __sub__,      __rsub__      = binary(do.subtract)
    __mul__,      __rmul__      = binary(do.multiply)
    __truediv__,  __rtruediv__  = binary(do.divide)
    __floordiv__, __rfloordiv__ = binary(do.floor_divide)
    __mod__,      __rmod__      = binary(do.remainder)
    __matmul__,   __rmatmul__   = binary(matmul)
    __and__,      __rand__      = binary(do.bitwise_and)
    __or__,       __ror__       = binary(do.bitwise_or)
    __xor__,      __rxor__      = binary(do.bitwise_xor)
    __eq__,       _             = binary(do.equal)
    __ne__,       _             = binary(do.not_equal)
    __lt__,       _             = binary(do.less)
    __le__,       _             = binary(do.less_equal)
    __gt__,       _             = binary(do.greater)
    __ge__,       _             = binary(do.greater_equal)
    _power,       __rpow__      = binary(do.power)
    __neg__,  __pos__,  __abs__ = unary(do.negative), unary(do.positive), unary(do.absolute)
    __invert__                  = unary(do.invert)
    # fmt: on

    def __pow__(self, other: Any, *modulus: Any) -> Self:
        if modulus:
            name = self.name or "value"
            raise UnsupportedFunctionError(f"pow({name}, n, m) is of integers only: write {name} ** n % m.")
        if isinstance(other, (int, float)) and other == 2:
            return record(do.square, (self,), NONE, _frame(1))
        return record(do.power, (self, other), NONE, _frame(1))

    def __getitem__(self, index: Any) -> Any:
        parts: list[Any] = []
        arrays: list[Any] = []
        for part in index if isinstance(index, tuple) else (index,):
            if isinstance(part, (list, tuple, range)):
                part = np.array(part, dtype=None if part else int)
            if isinstance(part, (Node, np.ndarray)):
                arrays.append(part)
                part = HOLE
            elif isinstance(part, slice):
                part = _plain_slice(part)
            parts.append(part)
        return record(getitem, (self, *arrays), {"index": tuple(parts)}, _frame(1))

    def __setitem__(self, index: Any, value: Any) -> None:
        name = self.name or "value"
        raise MutationError(
            f"{name}[...] = ... would overwrite a recorded number. Make a new Value with np.where or "
            f"np.concatenate; or write {name}.data[...] = ... to change a parameter between two steps."
        )

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self.name or 'This Value'} is a single number: it has no length.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        frame = _frame(1)
        return _items(self, len(self), frame.f_code, Iterating(frame.f_lasti))

    @property
    def T(self) -> Self:
        """The transpose: all axes in reverse order."""
        return record(shaping.transpose, (self,), NONE, _frame(1))

    @property
    def mT(self) -> Self:
        """The transpose of each matrix: the last two axes exchanged."""
        if self.ndim == 2:
            return record(shaping.transpose, (self,), NONE, _frame(1))
        return record(shaping.swapaxes, (self,), {"axis1": -1, "axis2": -2}, _frame(1))

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """The sum over `axis`, as ``np.sum``."""
        return record(reductions.sum_, (self,), _reduction(axis, keepdims), _frame(1))

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """The mean over `axis`, as ``np.mean``."""
        return record(reductions.mean, (self,), _reduction(axis, keepdims), _frame(1))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Self:
        """The same elements in another shape, as ``np.reshape``; nothing is ever written, copied or not."""
        new_shape = shape[0] if len(shape) == 1 else shape
        if order != "C" or copy is not None:
            return cast(Self, located(EXPRESSIONS[np.reshape](self, new_shape, order, copy), _frame(1)))
        settings = {"shape": plain_setting(new_shape, "reshape", "shape")}
        return record(shaping.reshape, (self,), settings, _frame(1))

    def transpose(self, *axes: Any) -> Self:
        """The axes in another order, as ``np.transpose``."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        order = plain_setting(order, "transpose", "axes")
        return record(shaping.transpose, (self,), {} if order is None else {"axes": order}, _frame(1))

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Two axes exchanged, as ``np.swapaxes``."""
        first, second = (plain_setting(axis, "swapaxes", "axis") for axis in (axis1, axis2))
        return record(shaping.swapaxes, (self,), {"axis1": first, "axis2": second}, _frame(1))

    def squeeze(self, axis: Axis = None) -> Self:
        """Without axes of length 1, as ``np.squeeze``."""
        settings = {} if axis is None else {"axis": plain_setting(axis, "squeeze", "axis")}
        return record(shaping.squeeze, (self,), settings, _frame(1))

    def ravel(self, order: str = "C") -> Self:
        """All elements along one axis, as ``np.ravel``."""
        if order != "C":
            return cast(Self, located(EXPRESSIONS[np.ravel](self, order), _frame(1)))
        return record(shaping.ravel, (self,), NONE, _frame(1))

    def flatten(self, order: str = "C") -> Self:
        """All elements along one axis; the same as `ravel`, since nothing is ever written."""
        if order != "C":
            return cast(Self, located(EXPRESSIONS[np.ravel](self, order), _frame(1)))
        return record(shaping.ravel, (self,), NONE, _frame(1))

    def astype(self, dtype: Any) -> Self:
        """The same numbers as float32 or float64."""
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ConversionError(
                f"{self.name or 'value'}.astype({np.dtype(dtype)}): no gradient passes through "
                f"{np.dtype(dtype)} "
                f"numbers. Convert .data if no gradient is needed."
            )
        return record(shaping.cast, (self,), {"dtype": np.dtype(dtype)}, _frame(1))


def _items(whole: Operators, count: int, code: CodeType, offset: Iterating) -> Iterator[Any]:
    """The parts of a Value, recorded where it is iterated over; unpacked ones have the names they go to."""
    names = unpacked_names(code, offset)
    for nth in range(count):
        item = whole[nth]
        item.code, item.offset = code, offset
        if nth < len(names):
            item._name = names[nth]
        yield item


def _plain_slice(part: slice) -> slice:
    """The same slice with integers in place of Values that hold them."""
    ends = (part.start, part.stop, part.step)
    return slice(*(operator.index(cast(Any, end)) if isinstance(end, Node) else end for end in ends))


def _reduction(axis: Axis, keepdims: bool) -> dict[str, Any]:
    """The settings of a reduction that are not the defaults."""
    if axis.__class__ not in (int, NoneType):
        axis = plain_setting(axis, "a reduction", "axis")
    settings: dict[str, Any] = {} if axis is None else {"axis": axis}
    return {**settings, "keepdims": True} if keepdims else settings
