"""What the rewriting rules do, one function each; products and sums have files of their own."""

import math
from fractions import Fraction

import numpy as np

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Operation, reachable
from tinygrad_edu.program.factors import Product, number_of, product_of
from tinygrad_edu.program.normal import taken_out, times
from tinygrad_edu.program.rewriting import Maker, is_number
from tinygrad_edu.program.shapes import is_elementwise
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, selection, shaping
from tinygrad_edu.rules.products import matmul

FEW = 64
"""Constants of up to so many numbers are computed beforehand."""


def of(entry: Entry, *primitives: Primitive) -> Operation | None:
    """The entry, if it is the result of one of these."""
    return entry if isinstance(entry, Operation) and entry.primitive in primitives else None


def same(operation: Operation, make: Maker) -> Entry | None:
    """What changes neither numbers nor shape."""
    inner = operation.operands[0]
    unchanged = inner.shape == operation.shape and inner.dtype == operation.dtype
    moved = operation.primitive is shaping.transpose and len(inner.shape) > 1
    return inner if unchanged and not moved else None


def computed(operation: Operation, make: Maker) -> Entry | None:
    """``1 / (2 * 3)``: small constants without a name."""
    small = math.prod(operation.shape) <= FEW
    if not small or not all(isinstance(each, Constant) and each.name is None for each in operation.operands):
        return None
    data = [each.data for each in operation.operands if isinstance(each, Constant)]
    with np.errstate(all="ignore"):
        result = operation.primitive.compute(*data, **operation.settings)
    return make.constant(Constant(result[()] if isinstance(result, np.ndarray) else result))


def implicit(operation: Operation, make: Maker) -> Entry | None:
    """What NumPy repeats by itself need not be repeated before."""
    if not is_elementwise(operation.primitive) or len(operation.operands) < 2:
        return None
    repeated = [of(operand, shaping.broadcast_to) for operand in operation.operands]
    if not any(repeated):
        return None
    operands = [r.operands[0] if r else x for r, x in zip(repeated, operation.operands, strict=True)]
    return make(operation.primitive, *operands, **operation.settings)


def repeated(operation: Operation, make: Maker) -> Entry | None:
    """A number that fills an array; NumPy keeps it only once."""
    inner = operation.operands[0]
    if not isinstance(inner, Constant) or inner.name is not None:
        return None
    return Constant(np.broadcast_to(inner.data, operation.shape))


def linear(operation: Operation, make: Maker) -> Entry | None:
    """What a linear function is applied to may be multiplied with numbers afterwards."""
    rules = operation.primitive.rules
    if operation.primitive.kind != "linear" or operation.primitive.variadic or any(rules[1:]):
        return None
    found = taken_out(operation.operands[0], make)
    if found is None:
        return None
    settings, (outside, rest) = operation.settings, found
    inner = Operation(
        operation.primitive, (rest, *operation.operands[1:]), settings, operation.shape, operation.dtype
    )
    return times(outside, make.simplest(inner), make)


def multilinear(operation: Operation, make: Maker) -> Entry | None:
    """The same, for each operand of a product."""
    if operation.primitive.kind != "multilinear" or operation.primitive.variadic:
        return None
    rules = operation.primitive.rules_for(len(operation.operands))
    found = [
        taken_out(operand, make) if rule else None
        for operand, rule in zip(operation.operands, rules, strict=True)
    ]
    if not any(found):
        return None
    operands = [f[1] if f else x for f, x in zip(found, operation.operands, strict=True)]
    inner = Operation(
        operation.primitive, tuple(operands), operation.settings, operation.shape, operation.dtype
    )
    result = make.simplest(inner)
    for outside, _ in reversed([each for each in found if each]):
        result = times(outside, result, make)
    return result


def of_nothing(operation: Operation, make: Maker) -> Entry | None:
    """A linear function of 0."""
    if operation.primitive.kind not in ("linear", "multilinear") or operation.dtype.kind != "f":
        return None
    some = any if operation.primitive.kind == "multilinear" else all
    rules = operation.primitive.rules_for(len(operation.operands))
    pairs = zip(operation.operands, rules, strict=True)
    if not some(is_number(operand, 0) for operand, rule in pairs if rule is not None):
        return None
    return make.like(make.number(operation.dtype.type(0)), operation)


def taken_part(operation: Operation, make: Maker) -> Entry | None:
    """What was put among zeros, or one of the zeros."""
    inner = of(operation.operands[0], parts.among)
    if inner is None or inner.settings["shapes"] != operation.settings["shapes"]:
        return None
    if inner.settings["nth"] == operation.settings["nth"]:
        return inner.operands[0]
    return make.like(make.number(operation.dtype.type(0)), operation)


def transposed(operation: Operation, make: Maker) -> Entry | None:
    """All transpositions of a matrix are ``.T``; two of them are none."""
    inner = operation.operands[0]
    if len(inner.shape) != 2:
        return None
    if operation.primitive is shaping.swapaxes or operation.settings:
        order = operation.settings.get("axes")
        moved = order is None or tuple(axis % 2 for axis in order) == (1, 0)
        return make(shaping.transpose, inner) if moved else inner
    twice = of(inner, shaping.transpose)
    if twice is not None:
        return twice.operands[0]
    product = of(inner, matmul)
    if product is None or any(len(operand.shape) != 2 for operand in product.operands):
        return None
    left, right = (make(shaping.transpose, operand) for operand in product.operands)
    return make(matmul, right, left)


def reshaped(operation: Operation, make: Maker) -> Entry | None:
    """All functions that only change the shape are one ``reshape``."""
    inner = operation.operands[0]
    if operation.primitive in (shaping.getitem, shaping.add_at):
        index = operation.settings["index"]
        if not all(part is None or part is Ellipsis or part == slice(None) for part in index):
            return None
    elif operation.primitive is shaping.reshape and operation.settings["shape"] == operation.shape:
        twice = of(inner, shaping.reshape)
        return make(shaping.reshape, twice.operands[0], shape=operation.shape) if twice else None
    return make(shaping.reshape, inner, shape=operation.shape)


def chosen(operation: Operation, make: Maker) -> Entry | None:
    """A choice that is none."""
    condition, x, y = operation.operands
    if x is y:
        return make.like(x, operation)
    if isinstance(condition, Constant) and condition.name is None:
        if np.all(condition.data):
            return make.like(x, operation)
        return None if np.any(condition.data) else make.like(y, operation)
    for i, branch in enumerate((x, y)):
        nested = of(branch, selection.where)
        if nested is not None and nested.operands[0] is condition:
            kept = nested.operands[1 + i]
            return make(selection.where, condition, *((kept, y) if i == 0 else (x, kept)))
    return None


def scaled_choice(operation: Operation, make: Maker) -> Entry | None:
    """What is multiplied with numbers, or is 0, may be multiplied with them afterwards."""
    condition, *branches = operation.operands
    for i, branch in enumerate(branches):
        found = taken_out(branch, make)
        if is_number(branches[1 - i], 0) and found is not None:
            branches[i], branches[1 - i] = found[1], make.number(0)
            return times(found[0], make(selection.where, condition, *branches), make)
    found = taken_out(branches[0], make) if make.expand and tied(*branches) else None
    if found is None:
        return None
    outside, rest = found
    without = Product(1 / outside.number, {part: -n for part, n in outside.powers.items()})
    return times(outside, make(selection.where, condition, rest, times(without, branches[1], make)), make)


def tied(x: Entry, y: Entry) -> tuple[Entry, Fraction] | None:
    """Where `y` is a part of `x`, and which part, if it is nothing elsewhere."""
    outside = product_of(y)
    if len(outside.powers) != 1:
        return None
    ((factor, n),) = outside.powers.items()
    choice = of(factor, selection.where)
    if choice is None or n != 1 or number_of(choice.operands[2]) != 0:
        return None
    part, whole = product_of(choice.operands[1]), product_of(x)
    if part.powers != whole.powers or not whole.number:
        return None
    return choice.operands[0], outside.number * part.number / whole.number


def guarded(operation: Operation, make: Maker) -> Entry | None:
    """In a formula, the derivative of a power needs no word about 0 to the power of 0."""
    condition, one, x = operation.operands
    if not make.expand or not is_number(one, 1):
        return None
    tests = {test for test in reachable([condition]) if of(test, do.equal)}
    zero = any(of(test, do.equal) and test.operands[0] is x for test in tests if isinstance(test, Operation))
    return make.like(x, operation) if zero else None


def quotient(operation: Operation, make: Maker) -> Entry | None:
    """In a formula, a quotient needs no word about 0 / 0."""
    return make(do.divide, *operation.operands) if make.expand else None


def sign_of_relu(operation: Operation, make: Maker) -> Entry | None:
    """The rectifier is positive where its operand is."""
    left, right = operation.operands
    rectified = of(left, selection.relu)
    if rectified is None or not is_number(right, 0):
        return None
    return make(do.greater, rectified.operands[0], right)
