"""How single numbers, settings and elements are written in Python."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling.writing import DOUBLE, Writer
from tinygrad_edu.messages import SYMBOLS
from tinygrad_edu.program.entries import Constant, Entry, Operation

PLAIN = frozenset({"+", "-", "*", ">", ">=", "<", "<=", "==", "!="})
"""What Python's numbers do as NumPy's do, without an error for 1 / 0 or a complex number."""


def of_numbers(w: Writer, op: Operation, name: str | None, operands: Sequence[Entry]) -> str:
    """Single numbers, with Python's operators."""
    sign = SYMBOLS.get(op.primitive.name) if name is None and len(operands) == 2 else None
    logical = op.dtype.kind == "b" and all(operand.dtype.kind == "b" for operand in operands)
    if sign is None or logical or sign not in (*PLAIN, "/", "**", "%", "//"):
        texts = [w.strict(operand) for operand in operands]
        called = w.numpy(name) if name else function_of(w, op.primitive.function)
        return f"{called}({', '.join(texts)})"
    right = operands[1]
    loose = all(each in w.loose or (isinstance(each, Constant) and is_python(each)) for each in operands)
    known = isinstance(right, Constant) and is_python(right) and right.data != 0
    plain = sign in PLAIN or (sign == "/" and known)
    if loose and plain:
        w.loose.add(op)
    one_type = all(
        each.dtype == DOUBLE or (isinstance(each, Constant) and is_python(each)) for each in operands
    )
    texts = [w.text(each) if loose or one_type else w.strict(each) for each in operands]
    if loose and not plain:
        texts[0] = f"float64({texts[0]})"
    return f"{texts[0]} {sign} {texts[1]}"


def is_python(constant: Constant) -> bool:
    """Whether a constant is one of Python's numbers."""
    return isinstance(constant.data, (bool, int, float))


def taken_apart(w: Writer, x: Entry) -> list[str]:
    """A line that gives a name to every element of an array."""
    found = [w.new_name(f"{w.text(x)}_{'_'.join(map(str, index))}") for index in np.ndindex(x.shape)]
    flat = "" if len(x.shape) == 1 else ".ravel()"
    w.lines.append(f"{', '.join(found)}{',' * (len(found) == 1)} = {w.text(x)}{flat}.tolist()")
    return found


def put_together(w: Writer, op: Operation) -> str:
    """An array of single numbers."""
    places, shape = op.settings["places"], op.settings["shape"]
    texts = ["0.0"] * math.prod(shape)
    for place, number in zip(places, op.operands, strict=True):
        texts[place] = w.text(number)
    flat = f"np.array([{', '.join(texts)}])"
    return flat if len(shape) == 1 else f"{flat}.reshape({', '.join(map(str, shape))})"


def setting(w: Writer, value: Any) -> str:
    """A setting as it is written; anything but numbers, words and tuples of them by a name."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    if type(value) is float and math.isfinite(value):
        return repr(value)
    if type(value) is tuple:
        inside = ", ".join(setting(w, each) for each in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return w.bind("setting", value)


def function_of(w: Writer, function: Any) -> str:
    """A function as it is called: NumPy's own by its name."""
    name = str(function.__name__)
    return w.numpy(name) if getattr(np, name, None) is function else w.bind(name, function)


def call(w: Writer, op: Operation) -> str:
    """The function as it was called when it was recorded; NumPy's own by its name."""
    texts = [w.strict(operand) for operand in op.operands]
    texts += [f"{name}={setting(w, value)}" for name, value in op.settings.items()]
    return f"{w.bind(op.primitive.name, op.primitive.compute)}({', '.join(texts)})"
