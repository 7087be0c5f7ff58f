"""Programs in NumPy's own functions: activations of this package, which are expressions, written out."""

from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import Error
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Entry, Operation, comparable
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.tracing import trace

RULES = "tinygrad_edu.rules."


def is_expression(primitive: Primitive) -> bool:
    """Whether a primitive is a function of this package that is computed number by number."""
    return primitive.kind == "elementwise" and primitive.function.__module__.startswith(RULES)


def is_quiet(primitive: Primitive) -> bool:
    """Whether a function of this package keeps an overflow, which is harmless in it, to itself."""
    return is_expression(primitive) and hasattr(primitive.compute, "__wrapped__")


def written_out(program: Program) -> Program:
    """The program with activations as the NumPy functions that they consist of: these calls, one by one.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> from tinygrad_edu.compiling.inlining import written_out
    >>> program = written_out(tg.trace(lambda x: tg.sigmoid(x), np.ones(3)))
    >>> [operation.primitive.name for operation in program.operations]
    ['negative', 'exp', 'add', 'divide']
    """
    known: dict[Any, Program | None] = {}
    order: list[Entry] = [*program.inputs, *program.constants]
    found: dict[Entry, Entry] = {entry: entry for entry in order}
    for operation in program.operations:
        operands = tuple(found[operand] for operand in operation.operands)
        inner = _expression_of(operation, known) if is_expression(operation.primitive) else None
        if inner is None:
            found[operation] = operation.renewed(operands, operation.name, operation.scope)
            order.append(found[operation])
            continue
        inside: dict[Entry, Entry] = dict(zip(inner.inputs, operands, strict=True))
        inside |= {constant: constant for constant in inner.constants}
        order += inner.constants
        for step in inner.operations:
            name = operation.name if step is inner.outputs[0] else None
            moved = tuple(inside[operand] for operand in step.operands)
            inside[step] = step.renewed(moved, name, operation.scope)
            order.append(inside[step])
        found[operation] = inside[inner.outputs[0]]
    result = trees.rebuild(program.result, [found[output] for output in program.outputs])
    return Program(program.arguments, result, program.title, order)


def _expression_of(operation: Operation, known: dict[Any, Program | None]) -> Program | None:
    """What a function does, found by calling it on Values; None if it cannot be recorded."""
    types = tuple((operand.shape, operand.dtype) for operand in operation.operands)
    key = (operation.primitive, types, comparable(operation.settings))
    if key not in known:
        samples = [np.ones(shape, dtype)[()] for shape, dtype in types]
        function = operation.primitive.function
        try:
            with np.errstate(all="ignore"):
                inner = trace(lambda *args: function(*args, **operation.settings), *samples)
        except (Error, TypeError, AttributeError):
            known[key] = None
        else:
            fits = len(inner.outputs) == 1 and inner.outputs[0] in inner.operations
            same = fits and (inner.outputs[0].shape, inner.outputs[0].dtype) == (
                operation.shape,
                operation.dtype,
            )
            known[key] = inner if same and len(inner.inputs) == len(types) else None
    return known[key]
