"""One call of a primitive: compute the result, and remember where it came from."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.context import CONTEXT
from tinygrad_edu.messages import explained
from tinygrad_edu.node import HELD, NO_PARAMS, Node, Params, next_serial
from tinygrad_edu.operands import COPIED_UP_TO, NUMBERS, fingerprint, frozen, is_watched, result_data
from tinygrad_edu.primitives import Primitive

Array = Any
N = TypeVar("N", bound=Node)
Operator = Callable[[Any, Any], Any]

_new = object.__new__
_getframe = sys._getframe
_current = CONTEXT.get
_float64, _ndarray = np.float64, np.ndarray


def record(primitive: Primitive, args: tuple[Any, ...], params: Params, frame: FrameType) -> Any:
    """The result of `primitive` as a node of the graph, of the class of the node among `args`.

    Parameters
    ----------
    primitive : Primitive
        What is called.
    args : tuple
        Its array arguments, at least one of them a node.
    params : mapping
        Its settings.
    frame : frame
        Where the call was written; kept as a code object and an offset, not as a frame.

    Raises
    ------
    ShapeError, DataTypeError
        If the operands do not fit; the message has their names in `frame` and their shapes.
    """
    cls: Any = None
    operands: list[Any] = []
    watched: tuple[tuple[int, bytes], ...] = ()
    for arg in args:
        if arg.__class__ in NUMBERS:
            operands.append(arg)
        elif isinstance(arg, Node):
            cls = arg.__class__
            operands.append(arg._data if arg._state == HELD else arg.recorded_data())
        elif arg.__class__ is _ndarray and arg.size <= COPIED_UP_TO:
            operands.append(arg.copy())
        else:
            operand = frozen(arg)
            if operand is arg and is_watched(arg):
                watched += ((len(operands), fingerprint(arg)),)
            operands.append(operand)
    try:
        data = primitive.compute(*operands, **params) if params else primitive.compute(*operands)
        if data.__class__ is not _float64:
            data = result_data(data, primitive.name)
    except Exception as error:  # noqa: BLE001 (whatever it was, it is told with names and shapes)
        raise explained(error, primitive, args, operands, frame) from None
    return remember(cls, data, primitive, args, tuple(operands), params, watched, frame)


def remember(
    cls: type[N],
    data: Array,
    primitive: Primitive,
    args: tuple[Any, ...],
    operands: tuple[Array, ...],
    params: Params,
    watched: tuple[tuple[int, bytes], ...],
    frame: FrameType,
) -> N:
    """A node for a result that was computed; without its history where nothing is recorded."""
    node = _new(cls)
    node._data = data
    node._state = HELD
    node._swept = node._grad = node._name = None
    node.serial = next_serial()
    node.code = frame.f_code
    node.offset = frame.f_lasti
    recording, node.scope = _current()
    if recording:
        node.primitive = primitive
        node.args = args
        node.operands = operands
        node.params = params
        node.watched = watched
    else:
        node.primitive, node.args, node.operands, node.params, node.watched = None, (), (), NO_PARAMS, ()
    return node


def binary(primitive: Primitive) -> tuple[Operator, Operator]:
    """The methods for ``a + b`` and for its reflection, where the left operand is plain.

    Two results, which are what most operators meet, take a short way with the same outcome as `record`.
    """
    compute = primitive.compute

    def operator(self: N, other: Any) -> N:
        cls = self.__class__
        if other.__class__ is cls and self._state == HELD == other._state:
            operands = self._data, other._data
            try:
                data = compute(*operands)
            except Exception:  # noqa: BLE001 (record makes the same mistake, and explains it)
                return record(primitive, (self, other), NO_PARAMS, _getframe(1))
            if data.__class__ is not _float64:
                data = result_data(data, primitive.name)
            return remember(cls, data, primitive, (self, other), operands, NO_PARAMS, (), _getframe(1))
        return record(primitive, (self, other), NO_PARAMS, _getframe(1))

    def reflected(self: N, other: Any) -> N:
        return record(primitive, (other, self), NO_PARAMS, _getframe(1))

    return operator, reflected


def unary(primitive: Primitive) -> Callable[[Any], Any]:
    """The method for an operator with one operand."""

    def operator(self: N) -> N:
        return record(primitive, (self,), NO_PARAMS, _getframe(1))

    return operator
