"""Numbers from elsewhere: lists, and arrays and tensors of other libraries, as plain NumPy arrays.

No other library is imported: what they have in common is the array interface and DLPack.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.errors import DataTypeError
from tinygrad_edu.node import Node
from tinygrad_edu.operands import MASKED

Array = Any
ON_THE_HOST = {1, 3, 11, 13}
"""DLPack's numbers for memory that the processor can read: its own, pinned, and managed."""


def gradient_of(thing: Any, what: str) -> Array:
    """A manual gradient as a plain array of real numbers; `what` says in a message what it is.

    Raises
    ------
    DataTypeError
        For a tensor that requires grad, one on another device, and what is not made of real numbers.
    """
    array = np.asarray(thing._data) if isinstance(thing, Node) else _array_of(thing, what)
    if array.dtype.kind not in "fiub":
        raise DataTypeError(f"compare: {what} is {array.dtype} data, not real numbers.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def inputs_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a loss, in which tensors of other libraries have become arrays.

    Raises
    ------
    DataTypeError
        For a tensor that requires grad or is on another device.
    """
    return {name: _array_of(x, f"the input {name!r}") if _is_foreign(x) else x for name, x in inputs.items()}


def _array_of(thing: Any, what: str) -> Array:
    if getattr(thing, "requires_grad", False) is True:
        raise DataTypeError(
            f"compare: {what} is a {_kind(thing)} that requires grad, so it is part of another graph. Hand "
            f"over its numbers: write .detach() behind it."
        )
    if isinstance(thing, np.ma.MaskedArray):
        raise DataTypeError(f"compare: {what} is a masked array. {MASKED}")
    try:
        if hasattr(thing, "__dlpack__") and not hasattr(thing, "__array__"):
            return np.from_dlpack(thing)
        return np.asarray(thing)
    except Exception as error:
        raise DataTypeError(_refusal(thing, what, error)) from error


def _is_foreign(thing: Any) -> bool:
    """Whether a thing is an array of a library that NumPy's functions cannot compute with."""
    return hasattr(thing, "__dlpack__") and not hasattr(thing, "__array_function__")


def _refusal(thing: Any, what: str, error: Exception) -> str:
    device = _device(thing)
    if device:
        return (
            f"compare: {what} is a {_kind(thing)} on the device {device}. Bring it to the processor first: "
            f"write .cpu() behind it, or use your library's function for that."
        )
    why = " ".join(str(error).split())
    return f"compare: {what} is a {_kind(thing)} that does not become a NumPy array: {why.rstrip('.')}."


def _device(thing: Any) -> str:
    """The device that a tensor is on, or nothing if the processor can read it."""
    try:
        number = int(thing.__dlpack_device__()[0])
    except Exception:  # noqa: BLE001 - whatever it is, it does not tell where it is
        return ""
    if number in ON_THE_HOST:
        return ""
    return str(getattr(thing, "device", f"number {number}"))


def _kind(thing: Any) -> str:
    module = type(thing).__module__.partition(".")[0]
    return (
        f"{type(thing).__name__} of {module}"
        if module not in ("builtins", "__main__")
        else type(thing).__name__
    )
