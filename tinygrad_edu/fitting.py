"""What the sweeps check and adjust: seeds, the shapes and dtypes of contributions, and unchanged operands."""

import warnings
from typing import Any

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.errors import DataTypeError, MutationError, NonScalarError, RuleError, ShapeError
from tinygrad_edu.node import Node
from tinygrad_edu.operands import MASKED, fingerprint, is_foreign, kind_of_data, turned_into_numpy
from tinygrad_edu.primitives import Primitive, Rule
from tinygrad_edu.rules.shaping import cast, sum_to

Array = Any
float64 = np.float64

BLOCK = 1 << 15
"""So many numbers of each of three arrays fit into the cache of a processor's core."""


def seed_for(out: Node, seed: Any = None) -> Array:
    """The gradient to start from: 1 for a single number, else what was given, as an array like `out`.

    Raises
    ------
    NonScalarError
        If `out` is not a single number and there is no seed.
    ShapeError
        If the seed has another shape.
    """
    if seed is None and out._data.__class__ is float64:
        return float64(1.0)
    if not out.is_float:
        raise DataTypeError(f"{_label(out)} holds {out.dtype} data: there is no gradient of it.")
    if seed is None:
        if out.size != 1:
            raise NonScalarError(
                f"{_label(out)} has shape {out.shape}: a gradient is defined for a single number. Reduce it "
                f"with np.sum or np.mean, or give the direction: backward(seed=...), vjp, or jacobian."
            )
        if is_foreign(out._data):
            return np.ones_like(out._data)
        return np.ones(out.shape, out.dtype)[()]
    return like(out, seed, "The seed")


def like(node: Node, given: Any, what: str) -> Array:
    """A seed or tangent as an array in the shape and dtype of `node`; a Value stays one.

    Raises
    ------
    DataTypeError
        If it is not made of real numbers.
    ShapeError
        If it has another shape.
    """
    if not isinstance(given, Node):
        if isinstance(given, np.ma.MaskedArray):
            raise DataTypeError(MASKED)
        array = given if is_foreign(given) else np.asarray(given)
        if array.dtype.kind not in "fbiu":
            raise DataTypeError(f"{what} holds {kind_of_data(array.dtype)}, not real numbers.")
        given = array.astype(node.dtype)[()]
    if given.shape != node.shape:
        raise ShapeError(
            f"{what} has shape {given.shape}, and {_label(node)} has shape {node.shape}: they must be equal."
        )
    return given


def _label(out: Node) -> str:
    return out.name or "the result"


def as_values(node: Node) -> list[Any]:
    """The operands of a node for a rule that records: Values where Values were given."""
    return [
        arg.as_recorded(operand) if isinstance(arg, Node) else operand
        for arg, operand in zip(node.args, node.operands, strict=True)
    ]


def fitted(term: Array, operand: Array, primitive: Primitive, position: int, out: Array) -> Array:
    """A contribution in the shape and dtype of the operand: summed over the axes that were broadcast.

    Every contribution of an elementwise rule has the shape of the result `out`.

    Raises
    ------
    RuleError
        If a rule that does not broadcast gave another shape: summing it up would hide a wrong rule.
    """
    try:
        shape, target = term.shape, operand.shape
    except AttributeError:
        raise RuleError(
            f"The rule of {primitive.name} for argument {position + 1} gave {term!r}, which is no array: a "
            "rule gives g times the derivative. For an argument without a gradient, None stands in place of "
            "the rule."
        ) from None
    if shape != target:
        if primitive.kind == "elementwise":
            broadcasts = shape == out.shape
        else:
            core = min(2, len(target))  # a vector, or the last two axes of a stack of matrices
            broadcasts = primitive.stacked and shape[-core:] == target[-core:]
        if not (broadcasts and (shape[1:] == target or _stretched(target, shape))):
            raise RuleError(
                f"The rule of {primitive.name} for argument {position + 1} gave a gradient of shape "
                f"{shape} for an argument of shape {target}. A rule must give the shape of its "
                f"argument."
            )
        term = sum_to(term, shape=target) if isinstance(term, Node) else sum_to.function(term, target)
    if term.dtype is not operand.dtype and term.dtype != operand.dtype:
        if term.dtype.kind not in "fbiu":
            raise RuleError(
                f"The rule of {primitive.name} for argument {position + 1} gave {kind_of_data(term.dtype)}: "
                "a gradient is made of real numbers."
            )
        term = cast(term, dtype=operand.dtype)
    return term[()] if term.__class__ is np.ndarray and not target else term  # a number, which is faster


def rules_in_blocks(primitive: Primitive, operands: tuple[Array, ...]) -> list[Rule | None]:
    """The rules for an operation on a large vector, which sum up what goes to a single number block by block.

    The terms are then never in memory all at once, which takes longer than to compute them. NumPy adds up
    halves of halves; so do the blocks, and the sum is the same to the last bit.
    """

    def summed(rule: Rule) -> Rule:
        def term(g: Array, out: Array, *inputs: Array, **params: Any) -> Array:
            vectors = [x.__class__ is np.ndarray for x in inputs]
            aligned = all(x.shape == out.shape for x, vector in zip(inputs, vectors, strict=True) if vector)
            if not aligned or g.__class__ is not np.ndarray or out.ndim != 1:
                return rule(g, out, *inputs, **params)

            def terms(start: int, stop: int) -> Array:
                part = slice(start, stop)
                parts = [x[part] if vector else x for x, vector in zip(inputs, vectors, strict=True)]
                return rule(g[part], out[part], *parts, **params)

            def total(start: int, stop: int) -> Array:
                if stop - start <= BLOCK:
                    return np.add.reduce(terms(start, stop))
                half = (stop - start) // 2
                middle = start + half - half % 8
                return total(start, middle) + total(middle, stop)

            if np.shape(terms(0, 1)) != (1,):
                return rule(g, out, *inputs, **params)  # no shape of a result: the error is told elsewhere
            return total(0, out.size)

        return term

    rules = primitive.rules_for(len(operands))
    if not isinstance(primitive.function, np.ufunc):  # else elementwise by somebody's word only
        return list(rules)
    numbers = [operand.__class__ is float64 for operand in operands]
    return [rule and (summed(rule) if number else rule) for rule, number in zip(rules, numbers, strict=True)]


def rules_abroad(primitive: Primitive, count: int) -> list[Rule]:
    """The rules of a primitive for arrays of another library, refusing what would turn them into NumPy's."""

    def guarded(rule: Rule | None) -> Rule:
        def term(g: Array, *args: Any, **params: Any) -> Array:
            assert rule is not None
            with warnings.catch_warnings():
                warnings.simplefilter("error", FutureWarning)
                try:
                    found = rule(g, *args, **params)
                except (FutureWarning, TypeError):
                    found = None
            if found is None or isinstance(found, (np.ndarray, np.generic)):
                raise turned_into_numpy(f"The gradient of {primitive.name}", (g,))
            return found

        return term

    return [guarded(rule) for rule in primitive.rules_for(count)]


def _stretched(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether broadcasting can turn `shape` into `to`."""
    return len(shape) <= len(to) and all(m in (1, n) for m, n in zip(shape[::-1], to[::-1], strict=False))


def check_unchanged(node: Node) -> None:
    """Raise MutationError if a large plain operand was overwritten since it was recorded."""
    assert node.primitive is not None
    for position, earlier in node.watched:
        if fingerprint(node.operands[position]) != earlier:
            assert node.code is not None
            listed = node.primitive.variadic
            name = None if listed else names.operand_name(node.code, node.offset, position)
            label = name or f"Operand {position + 1}"
            raise MutationError(
                f"{label}, an array of shape {node.operands[position].shape}, was overwritten after it was "
                f"recorded by {node.primitive.name}: the gradient would be wrong. Compute again after "
                "changing it, or pass a copy."
            )
