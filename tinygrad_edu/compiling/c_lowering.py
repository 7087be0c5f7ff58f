"""From the operations of a program to the steps of a native one: one entry per kind of primitive."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling.c_functions import expression_of, has_type
from tinygrad_edu.compiling.c_steps import INPUT, Assign, Steps, Update, Variable, View, squeezed, strides_of
from tinygrad_edu.compiling.c_terms import casts_of, gathered_sums, power_of
from tinygrad_edu.compiling.c_words import means_something
from tinygrad_edu.compiling.naming import names_in
from tinygrad_edu.errors import UnsupportedFunctionError
from tinygrad_edu.primitives import Function
from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.program.programs import Program

Array = Any
Shape = tuple[int, ...]
Lowering = Callable[["Lowered", Operation, list[View]], View]

INSIDE = re.compile(r"_(i|total|sum\d*(_total)?)$")
"""How names go on inside of loops: for one number, and for what numbers are brought into."""
LOWERINGS: dict[Function, Lowering] = {}
"""How a primitive that is no expression in C becomes steps."""
VIEWS: dict[Function, Callable[..., Array]] = {}
"""Functions that only rearrange: what tells where the numbers are."""


class NoPrinterError(UnsupportedFunctionError):
    """A primitive that cannot be written in C as it is used here."""

    def __init__(self, operation: Operation, why: str = "") -> None:
        super().__init__(
            f'target="native" has no C for {operation.primitive.name}{why and " " + why}, which is used here.'
        )


def check_type(dtype: np.dtype[Any]) -> None:
    """Raise UnsupportedFunctionError for numbers that C has no type for, and for text."""
    if not has_type(dtype):
        raise UnsupportedFunctionError(f'target="native" has no numbers of type {dtype}.')


def lowers(*functions: Function) -> Callable[[Lowering], Lowering]:
    """Enter a function into the table, for the functions of NumPy given."""

    def enter(lowering: Lowering) -> Lowering:
        LOWERINGS.update(dict.fromkeys(functions, lowering))
        return lowering

    return enter


class Lowered:
    """A program as steps.

    Attributes
    ----------
    steps : Steps
    inputs, outputs : list of Variable
        In the order of the program's.
    tables : list of (Variable, array)
        Constant arrays, which are handed over beside the inputs.
    numbers : dict from Constant to View
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = Steps()
        self.names = names_in(program, means_something)
        self.taken = {*self.names.values()}
        self.continued = {INSIDE.sub("", name) for name in self.taken if INSIDE.search(name)}
        self._made: set[Entry] = set()
        self.tables: list[tuple[Variable, Array]] = []
        self.views: dict[Entry, View] = {}
        self.inputs = [self._known(entry) for entry in program.inputs]
        uses = Counter(program.outputs)
        for operation in program.operations:
            uses.update(operation.operands)
        self.gathered, inside = gathered_sums(program, uses)
        for operation in program.operations:
            if operation not in inside:
                self.views[operation] = self._lowered(operation)
        self.outputs: list[Variable] = []
        self._wanted: set[Variable] = set()
        for nth, entry in enumerate(program.outputs):
            self.outputs.append(self._output(entry, nth))

    def _known(self, entry: Entry) -> Variable:
        check_type(entry.dtype)
        variable = Variable(self.names[entry], entry.shape, entry.dtype, kept=True)
        self.views[entry] = variable.view()
        return variable

    def fresh(self, entry: Entry, shape: Shape | None = None, dtype: Any = None) -> Variable:
        """A new variable for a result, with its name; for what leads to it, with its name and a number."""
        name = self.names.get(entry, "v")
        if shape not in (None, entry.shape) or entry in self._made or name in self.continued:
            name = next(n for n in map(f"{name}_{{}}".format, itertools.count(1)) if n not in self.taken)
        else:
            self._made.add(entry)
        self.taken.add(name)
        kind = np.dtype(entry.dtype if dtype is None else dtype)
        check_type(kind)
        return Variable(name, entry.shape if shape is None else shape, kind)

    def view(self, entry: Entry) -> View:
        """The numbers of an operand."""
        if isinstance(entry, Constant) and entry not in self.views:
            if entry.shape == ():
                check_type(entry.dtype)
                variable = Variable("", (), entry.dtype, literal=entry.data)
            else:
                variable = self._known(entry)
                self.tables.append((variable, entry.data))
            self.views[entry] = variable.view()
        return self.views[entry]

    def table(self, data: Array, name: str) -> View:
        """Numbers found while compiling, such as positions."""
        self.taken.add(
            name := next(n for n in map(f"{name}{{}}".format, itertools.count(1)) if n not in self.taken)
        )
        variable = Variable(name, data.shape, data.dtype, kept=True)
        self.tables.append((variable, data))
        return variable.view()

    def _lowered(self, operation: Operation) -> View:
        function = operation.primitive.function
        if operation in self.gathered:
            return self._gathered(operation)
        reads = [self.view(operand) for operand in operation.operands]
        if function in VIEWS:
            return self.transformed(operation, reads[0], VIEWS[function], **operation.settings)
        if function in LOWERINGS:
            return LOWERINGS[function](self, operation, reads)
        casts = casts_of(operation)
        kind = operation.dtype if casts[0] is None else casts[0]
        expression = power_of(operation) or expression_of(function, operation.settings, kind)
        if expression is None:
            raise NoPrinterError(operation)
        return self.assign(operation, expression, reads, casts)

    def assign(
        self, entry: Entry, expression: str, reads: list[View], casts: Sequence[Any] = (), **given: Any
    ) -> View:
        """A new variable that is an expression in others."""
        target = self.fresh(entry, **given)
        casts = [*casts] or [target.dtype] * len(reads)
        self.steps.add(Assign(target.shape, expression, reads, target, casts))
        return target.view()

    def update(self, into: View, operator: str, *reads: View, expression: str = "{0}") -> None:
        """Numbers of a loop, brought into others."""
        target = into.variable
        casts: list[np.dtype[Any] | None] = [target.dtype] * len(reads)
        self.steps.add(Update(into.shape, expression, list(reads), target, casts, into, operator))

    def reduce(
        self, entry: Entry, view: View, axis: Any, operator: str = "+", expression: str = "{0}", **given: Any
    ) -> View:
        """Numbers along some axes in one; the axes stay if a shape for it is not given."""
        axes = range(len(view.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        gone = {i % len(view.shape) for i in axes}
        kept = tuple(1 if i in gone else n for i, n in enumerate(view.shape))
        target = self.fresh(entry, **{"shape": kept, **given})
        into = View(target, np.broadcast_to(target.ghost.reshape(kept), view.shape))
        self.update(into, operator, view, expression=expression)
        return target.view()

    def contiguous(self, entry: Entry, view: View) -> View:
        """The same numbers, moved into a variable of their own."""
        return self.assign(entry, "{0}", [view], shape=view.shape, dtype=view.dtype)

    def become(self, target: Variable, expression: str, reads: list[View]) -> None:
        """A variable that was made before becomes an expression in others."""
        self.steps.add(Assign(target.shape, expression, reads, target, [target.dtype] * len(reads)))

    def whole(self, entry: Entry, view: View) -> View:
        """The same numbers, as all of an array, in order; a single number as an array of one."""
        if view.shape == ():
            return self.assign(entry, "{0}", [view], shape=(1,), dtype=view.dtype)
        axes = squeezed(view.shape)
        lies = view.strides_in(view.shape) == strides_of(axes) and view.variable.ghost.size == view.ghost.size
        return view if lies and view.offset == 0 else self.contiguous(entry, view)

    def matrix(self, entry: Entry, view: View) -> View:
        """The same matrix, as the BLAS reads it: with neighbours along its rows or its columns."""
        rows, columns = view.ghost.strides
        lies = (columns == 1 and rows >= view.shape[1]) or (rows == 1 and columns >= view.shape[0])
        return view if lies else self.contiguous(entry, view)

    def transformed(self, entry: Entry, view: View, function: Function, **settings: Any) -> View:
        """What a function of NumPy that only rearranges makes of a view."""
        found = view.transformed(function, **settings)
        if found is None:
            found = self.contiguous(entry, view).transformed(function, **settings)
        assert found is not None
        return found

    def _gathered(self, operation: Operation) -> View:
        """A sum of numbers put into zeros, as it comes from an array that was indexed: one array for all."""
        target = self.fresh(operation)
        for leaf in self.gathered[operation]:
            if leaf not in self.views and isinstance(leaf, Operation):
                LOWERINGS[leaf.primitive.function](
                    self, leaf, [target.view(), *map(self.view, leaf.operands)]
                )
            else:
                self.update(target.view(), "+", self.view(leaf))
        return target.view()

    def _output(self, entry: Entry, nth: int) -> Variable:
        """A variable of its own for each output: what is given or wanted twice is copied."""
        view = self.view(entry)
        variable, shape = view.variable, view.shape
        whole = shape == variable.shape and view.strides_in(shape) == variable.view().strides_in(shape)
        if variable.place == INPUT or not whole or variable in self._wanted:
            variable = Variable(f"result{nth + 1}", shape, entry.dtype)
            self.steps.add(Assign(shape, "{0}", [view], variable, [None]))
        variable.kept = True
        self._wanted.add(variable)
        return variable
