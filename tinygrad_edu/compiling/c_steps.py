"""What a native program consists of: variables, views of them, and steps that compute or update them."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]

INPUT = -1
LONGEST = 256
"""So many steps are one loop at most, which a C compiler can digest."""


@dataclass(eq=False)
class Variable:
    """A variable of the C program: a number, or an array whose numbers lie in order.

    Attributes
    ----------
    name, shape, dtype
    place : int
        The number of the loop after which all of it is known; `INPUT` for what is given.
    element : bool
        Whether that loop computes it number by number, so that steps in the same loop may use each at once.
    kept : bool
        Whether it needs memory; else it exists inside its loop only, one number at a time.
    literal : number or None
        What it is, if the program says so.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    place: int = INPUT
    element: bool = False
    kept: bool = False
    literal: Any = None
    ghost: Array = field(init=False)

    def __post_init__(self) -> None:
        self.ghost = np.empty(self.shape, np.int8)

    @property
    def is_number(self) -> bool:
        """Whether C keeps it in a variable of its own and not in an array."""
        return self.shape == ()

    def view(self) -> "View":
        """All of it."""
        return View(self, self.ghost)


@dataclass(frozen=True, eq=False)
class View:
    """Numbers of a variable in some arrangement.

    NumPy itself works out where they are: `ghost` is a view of the variable's own ghost, an array of bytes
    of the same shape that nobody reads, and what a function like ``np.transpose`` makes of it says it all.
    Where there is no regular arrangement, `positions` tells where each number is.
    """

    variable: Variable
    ghost: Array
    positions: "View | None" = None

    @property
    def shape(self) -> Shape:
        """The shape in this arrangement."""
        return self.positions.shape if self.positions else self.ghost.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return self.variable.dtype

    @property
    def offset(self) -> int:
        """The place of the first number."""
        if self.ghost is self.variable.ghost:
            return 0
        start, here = (x.__array_interface__["data"][0] for x in (self.variable.ghost, self.ghost))
        return int(here - start) if self.ghost.size else 0

    def strides_in(self, shape: Shape) -> tuple[int, ...]:
        """How far apart neighbours are along each axis of a loop over `shape`, without axes of length 1."""
        if shape == ():
            return ()
        strides = (self.ghost if self.ghost.shape == shape else np.broadcast_to(self.ghost, shape)).strides
        return tuple(stride for stride, n in zip(strides, shape, strict=True) if n != 1)

    def transformed(self, function: Any, *args: Any, **settings: Any) -> "View | None":
        """The view that a function of NumPy makes of it, or None if the numbers have to be moved for it."""
        ghost = function(self.ghost, *args, **settings)
        if self.shape == np.shape(ghost) == ():
            return self
        if ghost.size and not np.may_share_memory(ghost, self.variable.ghost):
            return None
        return View(self.variable, ghost)


@cache
def squeezed(shape: Shape) -> Shape:
    """The axes that a loop goes along."""
    return tuple(n for n in shape if n != 1)


@cache
def strides_of(shape: Shape) -> tuple[int, ...]:
    """How far apart neighbours are in an array of this shape whose numbers lie in order."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


@dataclass(eq=False)
class Step:
    """Something done once for each index of a loop.

    Attributes
    ----------
    shape : tuple of int
        What the loop goes over, axes of length 1 included.
    expression : str
        One number in C; ``{0}``, ``{1}`` stand for the numbers of the operands.
    reads : list of View
        The operands; each is broadcast to the shape.
    target : Variable
    casts : list of dtype or None
        The type in which each operand is used.
    """

    shape: Shape
    expression: str
    reads: list[View]
    target: Variable
    casts: list[np.dtype[Any] | None]

    @property
    def axes(self) -> Shape:
        """The lengths of the loops."""
        return squeezed(self.shape)


@dataclass(eq=False)
class Assign(Step):
    """The target, of this shape, becomes the expression."""


@dataclass(eq=False)
class Update(Step):
    """The expression is brought into the target, at a place of its own or together with others.

    Attributes
    ----------
    into : View
        Where, for each index of the loop; several may share a place.
    operator : str
        ``"="``; ``"+"`` to add; or the name of a C function or operator of two numbers.
    """

    into: View
    operator: str = "+"


@dataclass(eq=False)
class Product:
    """A product of two matrices, by the BLAS."""

    left: View
    right: View
    target: Variable

    @property
    def reads(self) -> list[View]:
        """The operands."""
        return [self.left, self.right]


@dataclass(eq=False)
class Loop:
    """Steps over the same indices, done together; or a single product of matrices."""

    axes: Shape | None
    steps: list[Any] = field(default_factory=list)


class Steps:
    """The steps of a program, gathered in as few loops as possible while they are added.

    A step goes into the last loop over the same indices, provided that its operands are known by then: that
    loop comes after those that compute them, or computes them number by number at the same index.
    """

    def __init__(self) -> None:
        self.loops: list[Loop] = []
        self._last: dict[Shape, int] = {}
        self.variables: list[Variable] = []

    def add(self, step: Step) -> None:
        """Put a step into a loop."""
        views = [*step.reads, *(read.positions for read in step.reads if read.positions)]
        if isinstance(step, Update) and step.into.positions:
            views.append(step.into.positions)
        axes, here = step.axes, self._last.get(step.axes, -1)
        for view in views:
            same = view.variable.place == here and is_element(view, step)
            if view.variable.place >= here and not same:
                here = len(self.loops)
                break
        if here >= 0 and here < len(self.loops) and len(self.loops[here].steps) >= LONGEST:
            here = len(self.loops)
        if here in (-1, len(self.loops)):
            here = len(self.loops)
            self.loops.append(Loop(axes))
            self._last[axes] = here
        self._enter(step, here, views)
        step.target.element = isinstance(step, Assign)

    def multiply(self, product: Product) -> None:
        """A product gets a place of its own."""
        self.loops.append(Loop(None))
        self._enter(product, len(self.loops) - 1, product.reads)
        product.target.kept = True

    def _enter(self, step: Any, here: int, views: list[View]) -> None:
        self.loops[here].steps.append(step)
        step.target.place = max(step.target.place, here)
        if isinstance(step, Update):
            step.target.kept = True
        for view in views:
            if not (isinstance(step, Step) and view.variable.place == here and is_element(view, step)):
                view.variable.kept = True


def is_element(view: View, step: Step) -> bool:
    """Whether a view, at each index of a step, is what the variable's own loop computes at that index."""
    variable = view.variable
    return (
        variable.element
        and view.positions is None
        and squeezed(variable.shape) == step.axes
        and view.strides_in(step.shape) == strides_of(step.axes)
        and view.offset == 0
    )
