"""What makes a record readable: its parts, names of gradients, one place for a matrix and its transpose."""

import inspect
from collections.abc import Mapping
from typing import Any

from tinygrad_edu import fitting, names, sweeps, trees
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.program.entries import Constant, Entry, Operation, comparable
from tinygrad_edu.rules.shaping import transpose

FORWARD, BACKWARD, AFTER = "forward", "backward", "afterwards"


def arranged(
    order: list[Entry], origins: Mapping[Entry, Node], proposed: Mapping[Entry, str]
) -> dict[Entry, Entry]:
    """Each entry of a record as it stands in the program, in the order of computation.

    Operations outside of every scope belong to a part: forward, backward (inside a rule), or afterwards.
    Gradients get the names that are proposed for them.
    """
    rules = {
        getattr(inspect.unwrap(rule), "__code__", None)
        for primitive in REGISTRY.values()
        for rule in primitive.rules
        if rule
    }
    rules |= {sweeps.gradients_in_order.__code__, fitting.fitted.__code__}
    found: dict[Entry, Entry] = dict(_turned(order))
    part = FORWARD
    for entry in order:
        if not isinstance(entry, Operation):
            found.setdefault(entry, entry)
            continue
        code = origins[entry].code
        if code in rules:
            part = BACKWARD
        elif code is not None and part == BACKWARD and not names.is_internal(code):
            part = AFTER
        name = entry.name or (proposed.get(entry) if part == BACKWARD else None)
        operands = tuple(found[operand] for operand in entry.operands)
        found[entry] = entry.renewed(operands, name, entry.scope or part)
    return found


def proposed_names(result: Any, inputs: Mapping[Entry, str]) -> dict[Entry, str]:
    """For results without a name that have the shapes of the first inputs: ``dW`` for the gradient by W."""
    unnamed = [each for each in trees.leaves(result) if isinstance(each, Operation) and each.name is None]
    shapes = [entry.shape for entry in inputs]
    for skipped in (0, 1):  # a loss may come first
        found = unnamed[skipped:]
        if found and [each.shape for each in found] == shapes[: len(found)]:
            return {each: f"d{name}" for each, name in zip(found, inputs.values(), strict=False)}
    return {}


def _turned(order: list[Entry]) -> dict[Entry, Entry]:
    """Frozen matrices that are the transpose of another one, which a rule has turned before it recorded."""
    matrices = [each for each in order if isinstance(each, Constant) and len(each.shape) == 2]
    unnamed = [each for each in matrices if each.name is None]
    wanted = {each.shape[::-1] for each in unnamed}
    named = [each for each in matrices if each.name is not None and each.shape in wanted]
    original_of = {comparable(each.data.T): each for each in reversed(named)}
    found: dict[Entry, Entry] = {}
    for matrix in unnamed if named else ():
        original = original_of.get(comparable(matrix.data))
        if original is not None:
            found[original] = original
            found[matrix] = Operation(transpose, (original,), {}, matrix.shape, matrix.dtype)
    return found
