"""What a program consists of: inputs, constants and operations, none of which ever changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.node import NO_PARAMS, Node
from tinygrad_edu.primitives import Primitive

Array = Any
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    """What is given when the program is run.

    Attributes
    ----------
    name : str
        As the program's author calls it; no other input has the same name.
    shape, dtype
        Of the arrays that may be given.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Constant:
    """Numbers that are part of the program.

    Attributes
    ----------
    data : number or array
        A Python number stays one, because NumPy then keeps to the precision of the other operand.
    name : str or None
        Of the variable that held them.
    """

    data: Array
    name: str | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the numbers."""
        return np.shape(self.data)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return np.asarray(self.data).dtype

    @property
    def is_number(self) -> bool:
        """Whether this is a single number without a name, which a formula may compute with."""
        return self.name is None and self.shape == ()


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One assignment: a primitive, what it is applied to, and what comes out.

    Attributes
    ----------
    primitive : Primitive
    operands : tuple of Input, Constant and Operation
        The arrays; each is an input, a constant or an earlier operation.
    settings : mapping
        By keyword.
    shape, dtype
        Of the result.
    name : str or None
        The name of the result, if it has one.
    scope : str or None
        The ``with scope(title):`` it was recorded in.
    """

    primitive: Primitive
    operands: tuple["Entry", ...]
    settings: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMS)
    shape: Shape = ()
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    name: str | None = None
    scope: str | None = None

    def renewed(self, operands: tuple["Entry", ...], name: str | None, scope: str | None) -> "Operation":
        """The operation with these operands, name and scope; itself, if all is as it was."""
        if (operands, name, scope) == (self.operands, self.name, self.scope):
            return self
        return Operation(self.primitive, operands, self.settings, self.shape, self.dtype, name, scope)


Entry = Input | Constant | Operation


def applied(primitive: Primitive, operands: Sequence[Array], settings: Mapping[str, Any]) -> Array:
    """A primitive on arrays, or on Values, which record it."""
    if any(isinstance(operand, Node) for operand in operands):
        return primitive(operands, **settings) if primitive.variadic else primitive(*operands, **settings)
    return primitive.compute(*operands, **settings)


def reachable(outputs: Iterable[Entry]) -> list[Entry]:
    """Everything that the outputs are computed from, operands before results: all else is dead code."""
    found: dict[Entry, None] = {}
    waiting = [*reversed(list(outputs))]
    while waiting:
        entry = waiting[-1]
        missing = (
            [each for each in entry.operands if each not in found] if entry.__class__ is Operation else ()
        )
        if missing:
            waiting += reversed(missing)
        else:
            found[waiting.pop()] = None
    return list(found)


def comparable(setting: Any) -> Any:
    """A setting as something that can be compared and hashed, with its type: 1, 1.0 and True differ."""
    if setting.__class__ is dict and not setting:
        return ()
    if isinstance(setting, Mapping):
        return tuple(sorted((name, comparable(value)) for name, value in setting.items()))
    if isinstance(setting, (tuple, list)):
        return type(setting), tuple(map(comparable, setting))
    if isinstance(setting, slice):
        return slice, comparable((setting.start, setting.stop, setting.step))
    if isinstance(setting, np.ndarray):
        return setting.shape, setting.dtype.str, setting.tobytes()
    try:
        hash(setting)
    except TypeError:
        return type(setting), id(setting)
    return type(setting), setting
