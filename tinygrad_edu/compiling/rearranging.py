"""How NumPy changes shapes and types, repeats arrays and takes parts: as views where that is possible."""

import math

from tinygrad_edu.compiling.gathering import place_of
from tinygrad_edu.compiling.singles import call, taken_apart
from tinygrad_edu.compiling.writing import DOUBLE, Writer
from tinygrad_edu.program.entries import Constant, Operation
from tinygrad_edu.program.literals import index_text
from tinygrad_edu.program.notation import MINUS

MANY = 4
"""An array from which at least so many single elements are read is taken apart at once."""


def broadcast(w: Writer, op: Operation) -> str:
    """An array repeated along axes."""
    destination = w.destination(op, order="C")
    if destination is None:
        return f"np.broadcast_to({w.strict(op.operands[0])}, {op.shape}).copy()" + (
            "" if op.shape else "[()]"
        )
    w.lines.append(f"{destination}[...] = {w.text(op.operands[0])}")
    return destination


def reshaped(w: Writer, op: Operation) -> str:
    """The same numbers in another shape, as a view; a single number taken out, or put into an array."""
    (x,) = op.operands
    if not op.shape:
        return f"{w.strict(x)}[{', '.join('0' * len(x.shape))}]" if x.shape else w.strict(x)
    if not x.shape:
        return _broadcast_number(w, op)
    return f"{w.text(x)}.reshape({', '.join(map(str, op.shape))})"


def _broadcast_number(w: Writer, op: Operation) -> str:
    return f"np.full({op.shape}, {w.strict(op.operands[0])})"


def transposed(w: Writer, op: Operation) -> str | None:
    """``x.T``, where it is used; of a frozen array it is made once."""
    (x,) = op.operands
    if not x.shape or any(op.settings.values()):
        return call(w, op)
    if len(x.shape) == 2 and x not in w.column_major:
        w.column_major.add(op)
    if isinstance(x, Constant) and op not in w.returned:
        turned = w.names[op] = w.new_name(f"{w.text(x)}_T")
        w.beside.append(f"{turned} = {w.text(x)}.T")
        return None
    if op in w.returned:
        return f"{w.text(x)}.T"
    w.names[op] = f"{w.text(x)}.T"  # written where it is used
    return None


def cast(w: Writer, op: Operation) -> str:
    """The same numbers in another type."""
    (x,) = op.operands
    if not op.shape or op in w.returned:
        return call(w, op)
    destination = w.destination(op, order="C")
    w.lines.append(f"np.copyto({destination}, {w.strict(x)}, casting='unsafe')")
    return str(destination)


def element(w: Writer, op: Operation) -> str:
    """``x[index]``; of an array from which many single numbers are taken, one of the names for them."""
    x, *arrays = op.operands
    index = op.settings["index"]
    place = None if arrays or op.shape else place_of(index, x.shape)
    if place is not None and x in w.elements:
        w.loose.add(op)
        return w.elements[x][place]
    if (
        place is not None
        and not isinstance(x, Operation)
        and x.dtype == DOUBLE
        and w.reads[x] >= max(MANY, math.prod(x.shape) // 4)
    ):
        w.elements[x] = taken_apart(w, x)
        w.loose.add(op)
        return w.elements[x][place]
    text = index_text(index, [w.strict(each) for each in arrays]).replace(MINUS, "-")
    return w.strict(x) + (text if text != "[]" else "[()]")
