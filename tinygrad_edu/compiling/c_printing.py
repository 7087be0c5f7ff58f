"""Steps as text: loops in C."""

import math
from collections.abc import Container, Iterable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling.c_functions import number
from tinygrad_edu.compiling.c_steps import (
    Assign,
    Loop,
    Product,
    Shape,
    Step,
    Update,
    Variable,
    View,
    is_element,
    strides_of,
)
from tinygrad_edu.compiling.c_text import Shared, local, looped, start_of, type_of, updated, within

BLOCK = 256
"""Up to so many numbers are added up in one go; the sums of longer stretches are added up in turn."""
TOGETHER = (4, 3, 2)
"""So many rows may be done together."""
FEW = 8
"""Loops of fewer rounds are written out by the compiler, and are better left alone."""


class LoopText:
    """One loop.

    Parameters
    ----------
    loop : Loop
    here : int
        Its number.
    letters : sequence of str
        For its indices.
    common : set of Variable
        Declared elsewhere.
    """

    def __init__(
        self, loop: Loop, here: int, letters: Sequence[str], common: Container[Variable] = ()
    ) -> None:
        assert loop.axes is not None
        self.here, self.steps, self.common = here, loop.steps, common
        views = [view for step in self.steps for view in (*step.reads, *places_of(step))]
        self.again = {view.variable for view in views if view.variable.place == here}
        lengths, self.order, self.merged = loop.axes, [*range(len(loop.axes))], list[list[int]]()
        accesses = [strides for step in self.steps for strides in self._accesses(step)]
        if lengths:
            inner = max(self.order, key=lambda axis: (sum(s[axis] in (0, 1) for s in accesses), axis))
            self.order = [axis for axis in self.order if axis != inner] + [inner]
        for axis in self.order:
            if self.merged and all(s[self.merged[-1][-1]] == s[axis] * lengths[axis] for s in accesses):
                self.merged[-1].append(axis)
            else:
                self.merged.append([axis])
        self.lengths = [math.prod(lengths[axis] for axis in group) for group in self.merged]
        self.indices = letters[: len(self.lengths)]

    def _accesses(self, step: Step) -> Iterable[Shape]:
        for view in step.reads:
            if not self._is_at_hand(view, step):
                yield self._strides(view, step.shape)
        if isinstance(step, Update):
            yield self._strides(step.into, step.shape)
        elif step.target.kept:
            yield strides_of(step.axes)

    def _strides(self, view: View, shape: Shape) -> Shape:
        return (view.positions or view).strides_in(shape)

    def _is_at_hand(self, view: View, step: Step) -> bool:
        return view.variable.place == self.here and is_element(view, step)

    def place(self, view: View, step: Step) -> str:
        """Where a number of a view is, such as ``x[2 * i + j]``."""
        if view.variable.is_number and not view.positions:
            return view.variable.name
        if view.positions and self._is_at_hand(view.positions, step):
            return f"{view.variable.name}[{local(view.positions.variable)}]"
        strides = self._strides(view, step.shape)
        terms = [
            letter if stride == 1 else f"{stride} * {letter}"
            for letter, stride in zip(
                self.indices, (strides[group[-1]] for group in self.merged), strict=True
            )
            if stride
        ]
        offset = (view.positions or view).offset
        if offset or not terms:
            terms.append(str(offset))
        inside = " + ".join(terms)
        if view.positions:
            inside = f"{view.positions.variable.name}[{inside}]"
        return f"{view.variable.name}[{inside}]"

    def operand(self, view: View, step: Step, cast: np.dtype[Any] | None) -> str:
        """An operand in the type in which it is used."""
        variable = view.variable
        if variable.literal is not None:
            if cast is not None and cast.kind == "f":
                return number(float(variable.literal), single=cast.itemsize == 4)
            return number(variable.literal)
        at_hand = self._is_at_hand(view, step)
        text = local(variable) if at_hand else self.place(view, step)
        return text if cast in (None, variable.dtype) else f"({type_of(cast)}){text}"

    def value(self, step: Step) -> str:
        """The right-hand side."""
        operands = zip(step.reads, step.casts, strict=True)
        return step.expression.format(*(self.operand(view, step, cast) for view, cast in operands))

    def lines(self) -> list[str]:
        """The loop."""
        if 0 in self.lengths:
            return []
        depth = len(self.lengths)
        body, shared, vector = list[str](), list[Shared](), True
        rows = self._rows()
        axis = -1 if rows == 1 else -2
        single = depth == 1 and self.lengths[0] <= 2 * BLOCK
        for step in self.steps:
            if isinstance(step, Assign):
                body += self._assigned(step)
                continue
            place, operator, kind = self.place(step.into, step), step.operator, type_of(step.target.dtype)
            alone = not depth or step.into.positions or self._stride(step, axis)
            vector &= not step.into.positions and (operator == "+" or bool(alone))
            if not alone:
                own = single and step.target.is_number and step.target not in self.common
                inside = place if own else f"{step.target.name}_sum{len(shared) or ''}"
                shared.append(Shared(place, operator, inside, kind, start_of(operator, step.target.dtype)))
                place = inside
            body.append(updated(place, operator, self.value(step)))
        return self._nested(body, shared, vector, rows) if depth else body

    def _assigned(self, step: Assign) -> list[str]:
        """A number of its own, if the loop uses it again; and the memory that keeps it."""
        target, value = step.target, self.value(step)
        kept = self.place(target.view(), step) if target.kept and not target.is_number else ""
        if kept and target not in self.again:
            return [f"{kept} = {value};"]
        declared = f"const {type_of(target.dtype)} " * (target not in self.common or not target.is_number)
        return [f"{declared}{local(target)} = {value};", *([f"{kept} = {local(target)};"] if kept else [])]

    def _stride(self, step: Update, axis: int) -> int:
        """How far apart the places are that neighbours along an axis of the printed loop are brought into."""
        return self._strides(step.into, step.shape)[self.merged[axis][-1]]

    def _rows(self) -> int:
        """How many rows are done together, since their sums are then read and written less often."""
        updates = [step for step in self.steps if isinstance(step, Update)]
        plain = all(step.operator == "+" and not step.into.positions for step in updates)
        if (
            len(self.lengths) < 2
            or min(self.lengths[-2:]) < FEW
            or not plain
            or not all(self._stride(step, -1) for step in updates)
        ):
            return 1
        added = any(not self._stride(step, -2) for step in updates)
        return next((n for n in TOGETHER if added and self.lengths[-2] % n == 0), 1)

    def _nested(self, body: list[str], shared: list["Shared"], vector: bool, rows: int) -> list[str]:
        """The body in its loops; what all of the innermost loop shares is brought together there first."""
        *outer, (letter, length) = zip(self.indices, self.lengths, strict=True)
        if rows > 1:
            row, count = outer.pop()
            lines = within(f"for (long {row} = first; {row} < first + {rows}; {row}++)", body)
            lines = [*(each.begun() for each in shared), *lines]
            lines += [updated(each.place, each.operator, each.name) for each in shared]
            lines = within(f"for (long {letter} = 0; {letter} < {length}; {letter}++)", lines)
            lines = within(
                f"for (long first = 0; first < {count}; first += {rows})", ["#pragma omp simd", *lines]
            )
            return looped(outer, lines)
        blocks = bool(shared) and length > 2 * BLOCK
        start, stop = ("start", "stop") if blocks else (0, length)
        inner = within(f"for (long {letter} = {start}; {letter} < {stop}; {letter}++)", body)
        if vector and length >= FEW:
            names = ", ".join(each.name for each in shared)
            inner.insert(0, "#pragma omp simd" + f" reduction(+: {names})" * bool(names))
        apart = [each for each in shared if each.name != each.place]
        lines = [*(each.begun() for each in apart), *inner]
        if blocks:
            lines.insert(0, f"const long stop = start + {BLOCK} < {length} ? start + {BLOCK} : {length};")
            lines += [updated(each.total, each.operator, each.name) for each in shared]
            lines = within(f"for (long start = 0; start < {length}; start += {BLOCK})", lines)
            lines = [*(each.begun_total() for each in shared), *lines]
        lines += [updated(each.place, each.operator, each.total if blocks else each.name) for each in apart]
        return looped(outer, lines)


def places_of(step: Step) -> list[View]:
    """The positions that a step reads."""
    views = [*step.reads, *((step.into,) if isinstance(step, Update) else ())]
    return [view.positions for view in views if view.positions]


def product_text(product: Product) -> str:
    """A call of ``multiply``: of what lengths, and how far apart rows and columns are."""
    (m, k), n = product.left.shape, product.right.shape[1]
    sides = ", ".join(f"{name}, {rows}, {columns}" for name, (rows, columns) in map(_side, product.reads))
    return f"multiply_{type_of(product.target.dtype)}({m}, {k}, {n}, {sides}, {product.target.name});"


def _side(view: View) -> tuple[str, tuple[int, ...]]:
    return f"{view.variable.name} + {view.offset}".removesuffix(" + 0"), view.ghost.strides
