"""One call of a primitive: compute the result, and remember where it came from."""

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.context import CONTEXT
from tinygrad_edu.messages import explained
from tinygrad_edu.node import DISCRETE, FOREIGN, HELD, NO_PARAMS, Node, Params, next_serial, routes_of
from tinygrad_edu.operands import (
    COPIED_UP_TO,
    DOUBLES,
    NUMBERS,
    computed_abroad,
    fingerprint,
    frozen,
    is_foreign,
    is_watched,
    result_data,
)
from tinygrad_edu.primitives import Primitive

Array = Any
N = TypeVar("N", bound=Node)
Operator = Callable[[Any, Any], Any]

_new = object.__new__
_getframe = sys._getframe
_current = CONTEXT.get
_float64, _ndarray = np.float64, np.ndarray


def record(  # noqa: C901, PLR0912 (every operation passes here: its cases are written out)
    primitive: Primitive, args: tuple[Any, ...], params: Params, frame: FrameType
) -> Any:
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
    watched: tuple[tuple[int, bytes], ...] = ()
    operands: Sequence[Any]
    abroad = False
    if len(args) == 1 and args[0]._state == HELD:
        (arg,) = args
        cls, operands = arg.__class__, (arg._data,)
        routes = primitive.routes or routes_of(primitive, args)
    else:
        operands, moving = [], []
        for arg in args:
            if isinstance(arg, Node):
                cls = arg.__class__
                if arg._state == HELD:
                    moving.append(len(operands))
                    operands.append(arg._data)
                    continue
                if arg.is_float:
                    moving.append(len(operands))
                operands.append(arg.recorded_data())
                abroad = abroad or is_foreign(arg._data)
            elif arg.__class__ is _ndarray and arg.size <= COPIED_UP_TO:
                operands.append(arg.copy("K"))  # a product reads its layout
            elif arg.__class__ in NUMBERS:
                operands.append(arg)
            else:
                operand = frozen(arg)
                if is_watched(operand) and isinstance(arg, np.ndarray):
                    watched += ((len(operands), fingerprint(operand)),)
                operands.append(operand)
                abroad = abroad or is_foreign(operand)
        routes, operands = tuple(moving), tuple(operands)
        if len(args) != len(primitive.routes):
            routes = routes_of(primitive, args)
    state = HELD
    try:
        if abroad:
            data = computed_abroad(primitive.compute, primitive.name, operands, params)
        else:
            data = primitive.compute(*operands, **params) if params else primitive.compute(*operands)
        if data.__class__ is not _float64 and not (
            data.__class__ is _ndarray and data.dtype is DOUBLES and data.ndim
        ):
            data = result_data(data, primitive.name)
            state = DISCRETE if data.dtype.kind != "f" else FOREIGN if abroad else HELD
    except Exception as error:  # noqa: BLE001 (whatever it was, it is told with names and shapes)
        raise explained(error, primitive, args, operands, frame) from None
    return remember(cls, data, state, primitive, args, operands, routes, params, watched, frame)


def remember(
    cls: type[N],
    data: Array,
    state: int,
    primitive: Primitive,
    args: tuple[Any, ...],
    operands: tuple[Array, ...],
    routes: tuple[int, ...],
    params: Params,
    watched: tuple[tuple[int, bytes], ...],
    frame: FrameType,
) -> N:
    """A node for a result that was computed; without its history where nothing is recorded."""
    node = _new(cls)
    node._data = data
    node._state = state
    node._grad = node._name = None
    node.serial = next_serial()
    node.code = frame.f_code
    node.offset = frame.f_lasti
    recording, node.scope = _current()
    if recording:
        node.primitive = primitive
        node.args = args
        node.operands = operands
        node.routes = routes
        node.params = params
        node.watched = watched
    else:
        node.primitive, node.args, node.operands, node.routes = None, (), (), ()
        node.params, node.watched = NO_PARAMS, ()
    return node


def binary(primitive: Primitive) -> tuple[Operator, Operator]:
    """The methods for ``a + b`` and for its reflection, where the left operand is plain.

    Values, numbers and small arrays, which are what most operators meet, take a short way with the same
    outcome as `record`.
    """
    compute = primitive.compute
    both: tuple[int, ...] = primitive.routes
    left = both[:1]

    def operator(self: N, other: Any) -> N:
        kind = other.__class__
        if self._state == HELD:
            x = self._data
            if kind is self.__class__ and other._state == HELD:
                y, routes = other._data, both
            elif kind in NUMBERS:
                y, routes = other, left
            elif kind is _ndarray and other.size <= COPIED_UP_TO:
                y, routes = other.copy("K"), left
            else:
                return record(primitive, (self, other), NO_PARAMS, _getframe(1))
            state = HELD
            try:
                data = compute(x, y)
                if data.__class__ is not _float64 and data.dtype is not DOUBLES:
                    data = result_data(data, primitive.name)
                    state = HELD if data.dtype.kind == "f" else DISCRETE
            except Exception:  # noqa: BLE001 (record makes the same mistake, and explains it)
                return record(primitive, (self, other), NO_PARAMS, _getframe(1))
            args = self, other
            frame = _getframe(1)
            return remember(
                self.__class__, data, state, primitive, args, (x, y), routes, NO_PARAMS, (), frame
            )
        return record(primitive, (self, other), NO_PARAMS, _getframe(1))

    def reflected(self: N, other: Any) -> N:
        return record(primitive, (other, self), NO_PARAMS, _getframe(1))

    return operator, reflected


def unary(primitive: Primitive) -> Callable[[Any], Any]:
    """The method for an operator with one operand."""

    def operator(self: N) -> N:
        return record(primitive, (self,), NO_PARAMS, _getframe(1))

    return operator
