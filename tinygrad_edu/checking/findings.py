"""The first number that is not finite, as something to read: what gave it, where, why, and the cure."""

import linecache
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tinygrad_edu.cells import Cell
from tinygrad_edu.tables import Table
from tinygrad_edu.value import Value

Index = tuple[int, ...]


@dataclass(frozen=True)
class Operand:
    """An operand of the operation: its name, its shape, and its number at the place where it went wrong.

    `number` is None where the result comes from many numbers of the operand.
    """

    name: str
    shape: tuple[int, ...]
    number: float | None


@dataclass(frozen=True)
class NonFinite:
    """The first number that is not finite: what gave it, where, why, and what to do.

    Attributes
    ----------
    node : Value
        The operation; of given data, the Value that holds them.
    phase : {"forward", "backward"}
        Whether the number itself or its gradient is not finite.
    operation : str
        What the node computes, ``"log(p)"``.
    number : float
        nan, inf or -inf.
    index : tuple of int
        Where in the result, or in the gradient of the operand `towards`.
    operands : tuple of Operand
    reason, cure : str
    towards : str
        Backward: the operand whose gradient it is.
    gradient : float or None
        Backward: the gradient that arrived at this place, a finite number.
    """

    node: Value = field(repr=False)
    phase: Literal["forward", "backward"]
    operation: str
    number: float
    index: Index
    operands: tuple[Operand, ...]
    reason: str
    cure: str
    towards: str = ""
    gradient: float | None = None

    @property
    def line(self) -> int | None:
        """The line of the source, if it is known."""
        return self.node.line

    @property
    def source(self) -> str:
        """The text of that line."""
        code = self.node.code
        return "" if code is None or not self.line else linecache.getline(code.co_filename, self.line).strip()

    def summary(self) -> str:
        """The first sentence: what gave which number, and why."""
        where = f" at [{', '.join(map(str, self.index))}]" if self.index else ""
        if self.phase == "backward":
            return (
                f"The gradient of {self.towards} in {self.operation} is {self.number}{where}: {self.reason}."
            )
        verb = "holds" if self.node.is_leaf else "is"
        return f"{self.operation} {verb} {self.number}{where}: {self.reason}."

    def table(self) -> Table:
        """The operands, for terminals and notebooks, with the reason below."""
        rows: list[Sequence[Any]] = [
            (x.name, "×".join(map(str, x.shape)) or "scalar", x.number) for x in self.operands
        ]
        if self.phase == "backward":
            rows.append(("gradient that arrives", "", self.gradient))
        rows.append(("result", "", Cell(self.number, "bad")))
        at = f"Line {self.line}: {self.source}\n" if self.line else ""
        return Table(self.summary(), ("operand", "shape", "number there"), rows, f"{at}{self.cure}")

    def __str__(self) -> str:
        return self.table().text()

    def __repr__(self) -> str:
        return f"<NonFinite {self.phase}: {self.summary()}>"

    def _repr_html_(self) -> str:
        return self.table().html()
