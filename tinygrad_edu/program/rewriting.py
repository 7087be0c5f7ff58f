"""How programs are rewritten: every operation is made once, in the simplest form that the rules know."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Constant, Entry, Input, Operation, comparable, reachable
from tinygrad_edu.program.factors import number_of
from tinygrad_edu.program.shapes import inferred
from tinygrad_edu.rules import shaping

LONGEST = 32
"""A product or sum of more parts is not taken apart again: a long chain costs no more than its length."""


@dataclass(frozen=True)
class Rule:
    """One line of the table: what it does to which operations.

    Attributes
    ----------
    name : str
        What the rule says, in words or as an equation.
    primitives : frozenset of Primitive, or None
        Which operations it looks at; None for all.
    rewrite : callable
        ``rewrite(operation, make)`` gives what has the same value, or None where there is nothing to do.
    """

    name: str
    primitives: frozenset[Primitive] | None
    rewrite: Callable[[Operation, "Maker"], Entry | None]


class Maker:
    """Makes operations in their simplest form, and each only once: that is how subexpressions become common.

    Parameters
    ----------
    rules : sequence of Rule
        Tried in order, until one gives something else.
    expand : bool
        Whether what is used several times is taken apart in each place, as in a formula. If not, it is
        computed once, as in a program.
    """

    def __init__(self, rules: Sequence[Rule], *, expand: bool = False) -> None:
        self._rules, self.expand = rules, expand
        self._rules_of: dict[Primitive, list[Rule]] = {}
        self._made: dict[tuple[Any, ...], Entry] = {}
        self._simplest: dict[Entry, Entry] = {}
        self._whole: set[Entry] = set()
        self.scope: str | None = None

    def __call__(self, primitive: Primitive, *operands: Entry, **settings: Any) -> Entry:
        """An operation in its simplest form."""
        shape, dtype = inferred(primitive, operands, settings)
        return self.simplest(Operation(primitive, operands, settings, shape, dtype))

    def number(self, number: Any) -> Entry:
        """A number, the same one for the same number."""
        return self._made.setdefault((type(number), repr(number)), Constant(number))

    def simplest(self, operation: Operation) -> Entry:
        """An operation, of operands that are in their simplest form, in the simplest form of its own."""
        key = (operation.primitive, tuple(map(id, operation.operands)), comparable(operation.settings))
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = operation.renewed(operation.operands, operation.name, self.scope)
        if known not in self._simplest and isinstance(known, Operation):
            self._simplest[known] = known  # whoever arrives here on the way has arrived
            for rule in self._rules_for(known.primitive):
                found = rule.rewrite(known, self)
                if found is not None and found is not known:
                    self._simplest[known] = self.like(found, known)
                    break
        return self._simplest[known]

    def _rules_for(self, primitive: Primitive) -> list[Rule]:
        """Those rules that may rewrite an operation."""
        if primitive not in self._rules_of:
            self._rules_of[primitive] = [
                rule for rule in self._rules if rule.primitives is None or primitive in rule.primitives
            ]
        return self._rules_of[primitive]

    def like(self, entry: Entry, original: Entry) -> Entry:
        """An entry in the shape and dtype of what it stands for."""
        if entry.dtype != original.dtype and isinstance(entry, Constant) and entry.is_number:
            entry = self.number(original.dtype.type(entry.data))
        if entry.shape != original.shape:
            entry = self(shaping.broadcast_to, entry, shape=original.shape)
        if entry.dtype != original.dtype:
            entry = self(shaping.cast, entry, dtype=original.dtype)
        return entry

    def keep_whole(self, entry: Entry) -> None:
        """From now on `entry` is not taken apart: it is needed as it is."""
        self._whole.add(entry)

    def inside(self, entry: Entry) -> bool:
        """Whether an operand may be taken apart."""
        return entry not in self._whole

    def constant(self, constant: Constant) -> Entry:
        """A constant; of many equal numbers without a name only one, repeated."""
        data = constant.data
        if constant.name is not None or not isinstance(data, np.ndarray) or data.dtype.kind != "f":
            if not constant.is_number:
                return constant
            return self._made.setdefault((type(data), repr(data)), constant)
        if data.size and data.ndim and (data == data.flat[0]).all():
            return self(shaping.broadcast_to, self.number(data.flat[0]), shape=data.shape)
        return constant

    def rewritten(self, outputs: Iterable[Entry], order: Iterable[Entry]) -> dict[Entry, Entry]:
        """Everything in `order`, operands before results, in its simplest form."""
        operands_of = (entry.operands for entry in order if isinstance(entry, Operation))
        uses = Counter(chain(outputs, chain.from_iterable(operands_of)))
        found: dict[Entry, Entry] = {}
        names: dict[Entry, str] = {}
        for entry in order:
            if isinstance(entry, Input):
                found[entry] = entry
                continue
            if isinstance(entry, Constant):
                found[entry] = self.constant(entry)
                continue
            self.scope = entry.scope
            operands = tuple(found[operand] for operand in entry.operands)
            new = found[entry] = self.simplest(entry.renewed(operands, entry.name, entry.scope))
            if isinstance(new, Operation):
                if entry.name is not None:
                    names.setdefault(new, entry.name)
                if uses[entry] > 1 and not self.expand:
                    self.keep_whole(new)
        return _named(found, names)


def _named(found: Mapping[Entry, Entry], names: Mapping[Entry, str]) -> dict[Entry, Entry]:
    """The same with names, each given to the one entry that it belongs to."""
    renamed: dict[Entry, Entry] = {}
    for entry in reachable(found.values()):
        if isinstance(entry, Operation):
            operands = tuple(renamed[operand] for operand in entry.operands)
            renamed[entry] = entry.renewed(operands, names.get(entry), entry.scope)
        else:
            renamed[entry] = entry
    return {old: renamed[new] for old, new in found.items()}


def is_number(entry: Entry, number: float) -> bool:
    """Whether an entry is this number, alone or repeated."""
    if isinstance(entry, Operation) and entry.primitive is shaping.broadcast_to:
        entry = entry.operands[0]
    return number_of(entry) == number
