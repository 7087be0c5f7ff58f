"""One call of a primitive: compute the result, and remember where it came from."""

from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.context import CONTEXT
from tinygrad_edu.explain import explained
from tinygrad_edu.node import HELD, NO_PARAMS, Node, Params, next_serial
from tinygrad_edu.operands import COPIED_UP_TO, NUMBERS, fingerprint, frozen, is_watched, result_data
from tinygrad_edu.primitives import Primitive

_new = object.__new__
_current = CONTEXT.get
_float64, _ndarray, _doubles = np.float64, np.ndarray, np.dtype(np.float64)


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
        if data.__class__ is not _float64 and not (
            data.__class__ is _ndarray and data.dtype is _doubles and data.shape
        ):
            data = result_data(data, primitive.name)
    except Exception as error:  # noqa: BLE001 (whatever it was, it is told with names and shapes)
        raise explained(error, primitive, args, operands, frame) from None

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
        node.operands = tuple(operands)
        node.params = params
        node.watched = watched
    else:
        node.primitive, node.args, node.operands, node.params, node.watched = None, (), (), NO_PARAMS, ()
    return node
