"""How each primitive is written in NumPy where its result goes into memory that is there already."""

import math
from collections.abc import Sequence

import numpy as np

from tinygrad_edu.compiling.gathering import assembled
from tinygrad_edu.compiling.memory import Piece
from tinygrad_edu.compiling.naming import listed
from tinygrad_edu.compiling.rearranging import broadcast, cast, element, reshaped, transposed
from tinygrad_edu.compiling.singles import call, function_of, is_python, of_numbers, put_together, setting
from tinygrad_edu.compiling.writing import DOUBLE, Write, Writer
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, selection, shaping
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.transcendental import FEW

ALIKE = frozenset(
    {np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.fmax, np.fmin}
    | {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.hypot}
    | {np.arctan2, np.logaddexp, np.logaddexp2, np.remainder, np.floor_divide, np.fmod}
)
"""Functions that take operands of one type only, so that a number may come as an array of that type."""
POWERS = {2: "square", 0.5: "sqrt", -1: "reciprocal", 1: "positive"}
"""What NumPy's operator ** does with these exponents."""


def writer_of(operation: Operation) -> Write:
    """The function that writes an operation: of its primitive, else of ufuncs, else as a call."""
    primitive = operation.primitive
    if primitive in WRITERS:
        return WRITERS[primitive]
    return _ufunc if _is_plain_ufunc(primitive, operation) else call


def _is_plain_ufunc(primitive: Primitive, operation: Operation) -> bool:
    function = primitive.function
    return isinstance(function, np.ufunc) and function.nout == 1 and not operation.settings


def _ufunc(w: Writer, op: Operation, name: str | None = None, operands: Sequence[Entry] = ()) -> str:
    """``np.add(x, y, out=m1)``; of single numbers ``x + y``."""
    operands = operands or op.operands
    if not op.shape:
        return of_numbers(w, op, name, operands)
    function = op.primitive.function
    if function in ALIKE and any(operand.shape == op.shape for operand in operands):
        arrays = [each for each in operands if each.shape or not isinstance(each, Constant)]
        texts = [
            w.strict(operand) if operand.shape == op.shape else w.fixed(operand, arrays)
            for operand in operands
        ]
    else:
        texts = [w.strict(operand) for operand in operands]
    called = w.numpy(name) if name else function_of(w, function)
    return f"{called}({', '.join(texts)}{w.out(op, operands)})"


def _negative(w: Writer, op: Operation) -> str:
    if op.shape:
        return _ufunc(w, op)
    if op.operands[0] in w.loose:
        w.loose.add(op)
    return f"-{w.text(op.operands[0])}"


def _square(w: Writer, op: Operation) -> str:
    (x,) = op.operands
    if op.shape:
        return _ufunc(w, op, "square")
    if x in w.loose:
        w.loose.add(op)
    return f"{w.text(x)} * {w.text(x)}"


def _power(w: Writer, op: Operation) -> str:
    base, exponent = op.operands
    if isinstance(exponent, Constant) and is_python(exponent) and base.shape and base.dtype.kind == "f":
        if exponent.data in POWERS:
            return _ufunc(w, op, POWERS[exponent.data], (base,))
        if exponent.data == 0:
            return call(w, op)
    return _ufunc(w, op)


def _divide(w: Writer, op: Operation) -> str:
    over, under = op.operands
    one = isinstance(over, Constant) and not over.shape and is_python(over) and over.data == 1
    if one and op.shape and under.dtype == op.dtype and math.prod(op.shape) < FEW:
        return _ufunc(w, op, "reciprocal", (under,))
    return _ufunc(w, op)


def _extreme(w: Writer, op: Operation) -> str:
    """Of single numbers, of which one is known, the larger or smaller one."""
    x, y = op.operands
    if not isinstance(y, Constant) or not is_python(y) or math.isnan(y.data):
        return _ufunc(w, op)
    if op.shape or op.dtype != DOUBLE or x.dtype != DOUBLE:
        return _ufunc(w, op)
    if x in w.loose:
        w.loose.add(op)
    sign = "<=" if op.primitive.function is np.maximum else ">="
    limit = repr(float(y.data)) if x in w.loose else w.bind("k", np.float64(y.data))
    return f"{limit} if {w.text(x)} {sign} {limit} else {w.text(x)}"


def _where(w: Writer, op: Operation) -> str | None:
    condition, x, y = op.operands
    if condition.dtype != bool:
        return call(w, op) + ("" if op.shape else "[()]")
    if not op.shape:
        if op.dtype != DOUBLE or any(
            each.dtype != DOUBLE and not isinstance(each, Constant) for each in (x, y)
        ):
            return f"{call(w, op)}[()]"
        texts = [
            repr(float(each.data)) if isinstance(each, Constant) and is_python(each) else w.text(each)
            for each in (x, y)
        ]
        w.loose.add(op)
        return f"{texts[0]} if {w.text(condition)} else {texts[1]}"
    if op in w.returned:
        return call(w, op)
    name = w.names[op]
    chosen = w.strict(x)
    others = w.strict(y)
    destination = w.destination(op, [y] if y.shape == op.shape else [])
    if destination != w.text(y):
        w.lines.append(f"np.copyto({destination}, {others})")
    w.lines.append(f"np.copyto({destination}, {chosen}, where={w.strict(condition)})")
    w.assign(name, str(destination), op)
    return None


def _matmul(w: Writer, op: Operation) -> str:
    x, y = op.operands
    texts = f"{w.strict(x)}", f"{w.strict(y)}"
    if 0 < len(x.shape) <= 2 and 0 < len(y.shape) <= 2 and x.dtype == y.dtype and x.dtype.kind == "f":
        out = w.out(op, order="C")
        return f"{texts[0]}.dot({texts[1]}{out})"
    if not op.shape:
        return call(w, op)
    return f"np.matmul({', '.join(texts)}{w.out(op, order='C')})"


def _sum(w: Writer, op: Operation) -> str | None:
    (x,) = op.operands
    if op in w.groups:
        _sum_together(w, *w.groups[op])
    if op in w.summed:
        return w.summed[op]
    if not x.shape or x.dtype.kind != "f":
        return call(w, op)
    axis = op.settings.get("axis")
    kept = ", keepdims=True" if op.settings.get("keepdims") else ""
    return f"{w.numpy('add')}.reduce({w.text(x)}, axis={setting(w, axis)}{w.out(op, order='C')}{kept})"


def _sum_together(w: Writer, matrix: Piece, group: Sequence[Operation]) -> None:
    """One line for the sums of a group, if all its vectors are in the rows that are meant for them."""
    vectors = [each.operands[0] for each in group]
    if w.in_rows.issuperset(vectors):
        name = w.new_name("sums")
        line = f"{name} = {w.numpy('add')}.reduce({matrix.name}, 1)"
        w.lines.append(f"{line:<58}  # of {listed([w.names[each] for each in vectors], 40)}")
        w.summed |= {each: f"{name}[{nth}]" for nth, each in enumerate(group)}


WRITERS: dict[Primitive, Write] = {
    do.negative: _negative,
    do.square: _square,
    do.power: _power,
    do.divide: _divide,
    selection.maximum: _extreme,
    selection.minimum: _extreme,
    selection.where: _where,
    matmul: _matmul,
    reductions.sum_: _sum,
    shaping.broadcast_to: broadcast,
    shaping.reshape: reshaped,
    shaping.transpose: transposed,
    shaping.cast: cast,
    shaping.getitem: element,
    assembled: put_together,
}
