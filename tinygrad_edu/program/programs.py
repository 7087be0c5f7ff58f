"""Program: a recorded graph as a numbered list of assignments that can be read, run and compared."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.node import Node
from tinygrad_edu.program.entries import Constant, Entry, Input, Operation, applied, comparable, reachable
from tinygrad_edu.program.listing import listing
from tinygrad_edu.program.simplification import simplified

Array = Any


class Program:
    """A numbered list of assignments, from inputs and constants to outputs. It never changes.

    Made by `trace`. Two programs are equal if they do the same in the same order, whatever the names.

    Parameters
    ----------
    arguments : tuple
        What the program is called with: Inputs, alone or in nested dicts, lists and tuples. Anything else in
        it is not used.
    result : Entry, or nested structure of entries
        What the program gives.
    title : str
        What it computes, in the words of its author.
    order : sequence of entries, optional
        The order in which things were computed. Without it, each stands before what it is needed for.

    Attributes
    ----------
    inputs : tuple of Input
    constants : tuple of Constant
    operations : tuple of Operation
        The assignments in order. Only what the result needs is in here: there is no dead code.
    outputs : tuple of entries

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> program = tg.trace(lambda w, x: np.sum((w * x - 1) ** 2), 2.0, np.arange(3.0))
    >>> [operation.primitive.name for operation in program.operations]
    ['multiply', 'subtract', 'square', 'sum']
    >>> float(program(1.0, np.array([1.0, 2.0, 4.0])))
    10.0
    """

    def __init__(
        self,
        arguments: tuple[Any, ...],
        result: Any,
        title: str = "program",
        order: Sequence[Entry] | None = None,
    ) -> None:
        self.arguments, self.result, self.title = arguments, result, title
        self.inputs = tuple(leaf for leaf in trees.leaves(arguments) if isinstance(leaf, Input))
        self.outputs: tuple[Entry, ...] = tuple(trees.leaves(result))
        needed = reachable(self.outputs)
        if order is not None:
            kept = set(needed)
            needed = [entry for entry in order if entry in kept]
        self.constants = tuple(entry for entry in needed if isinstance(entry, Constant))
        self.operations = tuple(entry for entry in needed if isinstance(entry, Operation))

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The result for other inputs: arrays, or Values, which record it.

        Parameters
        ----------
        *args
            In the structure of the arguments that were traced, in the shapes they had.
        **named
            The inputs by name instead, all of them.

        Raises
        ------
        ArgumentError
            If inputs are missing, or there are too many.
        ShapeError
            If an input has another shape than the one that was traced.
        """
        known: dict[Entry, Array] = dict(zip(self.inputs, self._given(args, named), strict=True))
        known |= {constant: constant.data for constant in self.constants}
        for operation in self.operations:
            operands = [known[operand] for operand in operation.operands]
            known[operation] = applied(operation.primitive, operands, operation.settings)
        return trees.transform(known.__getitem__, self.result)

    def simplified(self) -> "Program":
        """A program with the same results and fewer or plainer assignments.

        The rules are the table `tinygrad_edu.program.RULES`. They hold for real numbers: results are equal up
        to rounding, and ``x / x`` is 1 also where x is 0.

        Examples
        --------
        >>> import numpy as np, tinygrad_edu as tg
        >>> program = tg.trace(lambda x: np.sum(3 * (x * 1.0 + 0)) / 6 - np.sum(-x) * 2, np.ones(3))
        >>> print(program.simplified())
        program of <lambda>
        input     x   3       float64
        1         v1  scalar  float64  np.sum(x)
        2         v2  scalar  float64  2.5 * v1
        output    v2
        """
        order = [*self.inputs, *reachable(self.outputs)]
        outputs, needed = simplified(self.outputs, list(dict.fromkeys(order)))
        return Program(self.arguments, trees.rebuild(self.result, outputs), self.title, needed)

    def _given(self, args: tuple[Any, ...], named: dict[str, Any]) -> list[Array]:
        names = [entry.name for entry in self.inputs]
        if named:
            if args or named.keys() != set(names):
                raise ArgumentError(f"{self.title} takes {_listed(names)}, not {_listed(named)}.")
            return [_fitting(entry, named[entry.name], self.title) for entry in self.inputs]
        if len(args) != len(self.arguments):
            raise ArgumentError(
                f"{self.title} takes {len(self.arguments)} arguments, not {len(args)}: {_listed(names)}."
            )
        leaves = dict(trees.paths(args))
        found = []
        for path, entry in trees.paths(self.arguments):
            if isinstance(entry, Input):
                if path not in leaves:
                    where = "".join(f"[{key!r}]" for key in path[1:])
                    raise ArgumentError(f"{self.title}: argument {path[0] + 1} has no {where or 'number'}.")
                found.append(_fitting(entry, leaves[path], self.title))
        return found

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What makes two programs equal: every step by numbers in place of names."""
        numbers: dict[Entry, int] = {}
        everything: tuple[Entry, ...] = (*self.inputs, *self.constants, *self.operations)
        for entry in everything:
            numbers.setdefault(entry, len(numbers))
        inputs = tuple((entry.shape, entry.dtype.str) for entry in self.inputs)
        constants = tuple(comparable(np.asarray(entry.data)) for entry in self.constants)
        operations = tuple(
            (
                entry.primitive.function,
                tuple(numbers[operand] for operand in entry.operands),
                comparable(entry.settings),
                entry.shape,
                entry.dtype.str,
            )
            for entry in self.operations
        )
        return inputs, constants, operations, tuple(numbers[output] for output in self.outputs)

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Program) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def __len__(self) -> int:
        """The number of assignments."""
        return len(self.operations)

    def __str__(self) -> str:
        return listing(self)

    def __repr__(self) -> str:
        return f"<Program {self.title}: {len(self)} assignments>"


def _fitting(entry: Input, given: Any, title: str) -> Array:
    """What is given for an input, as an array of its type."""
    array = given if isinstance(given, Node) else np.asarray(given, dtype=entry.dtype)[()]
    if array.shape != entry.shape:
        raise ShapeError(
            f"{title}: {entry.name} has shape {array.shape}, and had {entry.shape} when this was traced. "
            "Trace it again for other shapes."
        )
    return array


def _listed(names: Any) -> str:
    return ", ".join(names) or "nothing"
