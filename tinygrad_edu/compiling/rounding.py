"""Rewriting for speed: what is rounded in another order than it was recorded."""

from tinygrad_edu import trees
from tinygrad_edu.compiling.exact import EXACT, rewritten
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.programs import Program
from tinygrad_edu.program.rewriting import Maker, Rule
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import reductions, shaping
from tinygrad_edu.rules.products import matmul


def inner_product(operation: Operation, make: Maker) -> Entry | None:
    """``Σ x y = xᵀ y``: a product that is only added up is never stored."""
    product = operation.operands[0]
    if operation.shape or not isinstance(product, Operation) or not make.inside(product):
        return None
    if product.primitive not in (do.multiply, do.square) or product.dtype.kind != "f":
        return None
    x, y = product.operands * (1 + (product.primitive is do.square))
    if not x.shape == y.shape == product.shape or not x.dtype == y.dtype == product.dtype:
        return None
    if len(x.shape) > 1:
        x, y = (make(shaping.reshape, each, shape=(-1,)) for each in (x, y))
    return make.simplest(Operation(matmul, (x, y), {}, (), operation.dtype))


def scaled_afterwards(operation: Operation, make: Maker) -> Entry | None:
    """``Σ (c x) = c Σ x``, where the result is one number, also if c x is needed elsewhere."""
    if operation.shape or operation.dtype.kind != "f":
        return None
    for i, operand in enumerate(operation.operands):
        found = _scaled(operand)
        if found is not None:
            scale, number, rest = found
            operands = (*operation.operands[:i], rest, *operation.operands[i + 1 :])
            inner = make.simplest(
                Operation(operation.primitive, operands, operation.settings, (), rest.dtype)
            )
            return make.like(make(scale, inner, number), operation)
    return None


def _scaled(entry: Entry) -> tuple[Primitive, Entry, Entry] | None:
    """An array that is another one multiplied with or divided by a single number."""
    if not isinstance(entry, Operation) or not entry.shape or entry.primitive not in (do.multiply, do.divide):
        return None
    x, y = entry.operands
    if x.shape == entry.shape and not y.shape and x.dtype == entry.dtype:
        return entry.primitive, y, x
    if y.shape == entry.shape and not x.shape and y.dtype == entry.dtype and entry.primitive is do.multiply:
        return entry.primitive, x, y
    return None


FAST: tuple[Rule, ...] = (
    Rule("Σ c x = c Σ x", frozenset({reductions.sum_, matmul}), scaled_afterwards),
    Rule("Σ x y = xᵀ y", frozenset({reductions.sum_}), inner_product),
    *EXACT,
)


def simplified_for_speed(program: Program) -> Program:
    """The program in the form that takes the least time, with results that are equal up to rounding."""
    shorter = program.simplified()
    order: list[Entry] = [*shorter.inputs, *shorter.constants, *shorter.operations]
    outputs, order = rewritten(Maker(FAST), shorter.outputs, order)
    return Program(program.arguments, trees.rebuild(program.result, outputs), program.title, order)
