"""A node of the recorded graph: numbers, gradient, name, and the primitive and operands they came from."""

import itertools
import sys
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any, Self

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.context import WATCH
from tinygrad_edu.errors import DataTypeError, MutationError, ShapeError
from tinygrad_edu.operands import MASKED, identical, is_foreign, owned
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.rules.arithmetic import positive

Array = Any
Params = Mapping[str, Any]

NO_PARAMS: Params = {}
PRIVATE, HELD, LENT, DISCRETE, FOREIGN = 0, 1, 2, 3, 4
"""Who else has the array of a node: nobody, a graph (it must not change), or the caller (it may change).
DISCRETE is held too, and not of floating point, so that no gradient reaches it; FOREIGN is held, and of
another library than NumPy."""
UNSHARED = 3
"""How often an array is referred to that only its Value has: by slot, variable, and the call that counts."""

next_serial = itertools.count().__next__
_references = sys.getrefcount


class Node:
    """What the sweeps and the pictures know of a Value; the operations are added by `Value`.

    Attributes
    ----------
    primitive : Primitive or None
        The operation this is the result of; ``None`` for a leaf.
    args : tuple
        The operands as they were given: Values, and plain numbers and arrays.
    operands : tuple
        The numbers of the operands as they were when the operation was recorded; they never change.
    routes : tuple of int
        The positions of the operands that a gradient goes to: floating point Values, where there is a rule.
    params : mapping
        The settings of the operation.
    watched : tuple of (position, bytes)
        Fingerprints of large plain operands, which their owner may still overwrite.
    serial : int
        Grows with every Value made: operands come before results.
    code, offset : code object and int
        The instruction of the caller at which this was recorded; gives names and line numbers when asked.
    scope : str or None
        The title of the ``with scope(title):`` it was recorded in.
    """

    __slots__ = (
        *("_data", "_state", "_snapshot", "_grad", "_name"),
        *("primitive", "args", "operands", "routes", "params", "watched"),
        *("serial", "code", "offset", "scope", "__weakref__"),
    )

    _data: Array
    _state: int
    _snapshot: Array | None
    _grad: Array | tuple[Array] | None  # in a tuple while the array still belongs to a sweep
    _name: str | None
    primitive: Primitive | None
    args: tuple[Any, ...]
    operands: tuple[Array, ...]
    routes: tuple[int, ...]
    params: Params
    watched: tuple[tuple[int, bytes], ...]
    serial: int
    code: CodeType | None
    offset: int
    scope: str | None

    def _become_leaf(self, data: Array, state: int = PRIVATE) -> None:
        """Everything but name and place: a node without a history."""
        self._data, self._state = data, FOREIGN if is_foreign(data) else state
        self._snapshot = self._grad = self._name = None
        self.primitive, self.args, self.operands, self.routes = None, (), (), ()
        self.params, self.watched = NO_PARAMS, ()
        self.serial, self.code, self.offset, self.scope = next_serial(), None, 0, None

    def become_result(
        self,
        primitive: Primitive,
        args: tuple[Any, ...],
        operands: tuple[Array, ...],
        params: Params = NO_PARAMS,
    ) -> None:
        """Give a leaf a history: the result of `primitive` on `args`, whose numbers were `operands`."""
        self.primitive, self.args, self.operands, self.params = primitive, args, operands, params
        self.routes = routes_of(primitive, args)

    @classmethod
    def leaf(cls, data: Array, name: str | None = None, state: int = HELD) -> Self:
        """A node without a history, of numbers that need no check and no copy."""
        node = object.__new__(cls)
        node._become_leaf(data, state)
        node._name = name
        return node

    def _looked_at(self, how: str) -> None:
        """Tell whoever compiles: numbers that are looked at would be the same in every run."""
        watch = WATCH.get()
        if watch is not None:
            watch(self, how)

    @property
    def data(self) -> Array:
        """The numbers: of a result a read-only view, of a leaf an array that may be written."""
        self._looked_at("data")
        data = self._data
        if not isinstance(data, np.ndarray):
            return data
        if self.primitive is not None:
            view = data.view()
            view.flags.writeable = False
            return view
        if self._state not in (PRIVATE, LENT):
            self._data = data = data.copy("K")
        self._state = LENT
        return data

    @data.setter
    def data(self, data: Any) -> None:
        self._looked_at("set")
        if self.primitive is not None:
            raise MutationError(
                f"{self.name or 'This Value'} is the result of {self.primitive.name}: its data follow from "
                f"its operands. Set the data of a parameter instead, and compute again."
            )
        if data is not self._data:
            self._data, self._snapshot = owned(data), None
            self._state = FOREIGN if is_foreign(self._data) else PRIVATE

    def recorded_data(self) -> Array:
        """The numbers as a graph may hold them: nobody will write into this array."""
        if self._state == LENT:
            if self._snapshot is None or not identical(self._snapshot, self._data):
                self._snapshot = self._data.copy("K")
            return self._snapshot
        if self._state == PRIVATE:
            self._state = HELD
        return self._data

    def as_recorded(self, operand: Array) -> Self:
        """The same node with the numbers that it had when an operation was recorded.

        Data of a leaf may have been set since. Then a copy of the leaf with the earlier numbers stands in
        for it, and hands every gradient on to the leaf.
        """
        if self._data is operand or identical(self._data, operand):
            return self
        earlier = self.leaf(operand, self.name)
        earlier.become_result(positive, (self,), (operand,))
        return earlier

    @property
    def grad(self) -> Array | None:
        """The gradient from the last ``backward()``: an array of the caller's own, which may be written."""
        if WATCH.get() is not None:
            self._looked_at("grad")
        grad = self._grad
        if grad.__class__ is tuple:
            (swept,) = grad
            if swept.shape != self._data.shape:
                raise MutationError(
                    f"{self.name or 'This Value'} had shape {swept.shape} when it was recorded, and has "
                    f"shape {self.shape} now: compute again after a change of shape."
                )
            shared = swept.base is not None or _references(swept) > UNSHARED
            self._grad = grad = swept.copy() if shared else swept
        return grad

    @grad.setter
    def grad(self, grad: Array | None) -> None:
        if grad is not None:
            if isinstance(grad, np.ma.MaskedArray):
                raise DataTypeError(MASKED)
            grad = grad if is_foreign(grad) else np.array(grad, dtype=self.dtype)[()]
            if grad.shape != self.shape:
                name = self.name or "this Value"
                raise ShapeError(
                    f"The gradient of {name} has its shape {self.shape}, not {grad.shape}. There is no need "
                    "to set it to 0 before backward(), which does not add up; None says that there is none."
                )
        self._grad = grad

    @property
    def name(self) -> str | None:
        """The name given, else the variable in which this Value was first stored, else None."""
        if self._name is not None or self.code is None:
            return self._name
        return names.stored_name(self.code, self.offset)

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not (isinstance(name, str) and name and name.isprintable()):
            raise DataTypeError(f"name={name!r}: a name is a text of one line that is not empty.")
        self._name = name

    @property
    def line(self) -> int | None:
        """The line of the caller's source at which this was recorded."""
        return None if self.code is None else names.line_of(self.code, self.offset)

    @property
    def is_leaf(self) -> bool:
        """Whether this was made from data, and not by a recorded operation."""
        return self.primitive is None

    @property
    def is_float(self) -> bool:
        """Whether the data are floating point numbers, so that there is a gradient."""
        return self._data.__class__ is np.float64 or self._data.dtype.kind == "f"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the data."""
        return tuple(self._data.shape)

    @property
    def ndim(self) -> int:
        """The number of axes of the data."""
        return len(self._data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self._data.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        dtype: np.dtype[Any] = self._data.dtype
        return dtype


def routes_of(primitive: Primitive, args: Sequence[Any]) -> tuple[int, ...]:
    """The positions of the operands that a gradient goes to."""
    return tuple(
        i
        for i, (rule, arg) in enumerate(zip(primitive.rules_for(len(args)), args, strict=True))
        if rule is not None and isinstance(arg, Node) and arg.is_float
    )
