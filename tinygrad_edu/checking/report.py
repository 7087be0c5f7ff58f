"""What a check of gradients found: one row for each order, argument and mode."""

from dataclasses import dataclass
from typing import Any, Literal

from tinygrad_edu.cells import Cell, Style
from tinygrad_edu.tables import Table

Verdict = Literal["correct", "flat", "kink", "noise", "edge", "wrong"]

WORDS: dict[Verdict, tuple[str, Style]] = {
    "correct": ("correct", "good"),
    "flat": ("correct, 0 everywhere", "good"),
    "kink": ("correct; at a kink", "warn"),
    "noise": ("lost in rounding", "warn"),
    "edge": ("not compared", "warn"),
    "wrong": ("WRONG", "bad"),
}
"""From the best to the worst: a row has the worst of its verdicts."""


def order_words(order: int) -> str:
    """How an order of differentiation is called.

    >>> [order_words(order) for order in (1, 2, 4)]
    ['gradient', 'second derivative', 'derivative of order 4']
    """
    return {1: "gradient", 2: "second derivative"}.get(order, f"derivative of order {order}")


@dataclass(frozen=True)
class GradientRow:
    """One argument in one mode: the verdict on all slopes that were compared.

    Attributes
    ----------
    order : int
        1 for the gradient, 2 for the gradient of the gradient.
    argument : str
        The parameter and the way into it, ``"params['W1']"``.
    mode : str
        "reverse", "forward", or "both": one mode against the other, ``<u, Jv> = <Jᵀu, v>``.
    verdict : str
        "correct", "flat", "kink", "noise", "edge" or "wrong".
    slopes : int
        How many directions were compared.
    deviation : float
        The largest difference of two slopes, divided by the larger of them.
    note : str
    """

    order: int
    argument: str
    mode: str
    verdict: Verdict
    slopes: int
    deviation: float
    note: str = ""


@dataclass(frozen=True)
class GradientReport:
    """Automatic gradients held against differences, and the modes against each other.

    Attributes
    ----------
    function : str
        The name of the function that was checked.
    rows : tuple of GradientRow
    message : str
        What is wrong, where, and what to look at; empty if nothing is.
    """

    function: str
    rows: tuple[GradientRow, ...]
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(row.verdict == "wrong" for row in self.rows)

    def summary(self) -> str:
        """The result in a sentence."""
        if not self.ok:
            return self.message
        doubtful = {row.verdict for row in self.rows} & {"kink", "noise", "edge"}
        reasons = {"kink": "there is a kink", "noise": "rounding hides the slope", "edge": "the domain ends"}
        where = " and ".join(reasons[verdict] for verdict in ("kink", "noise", "edge") if verdict in doubtful)
        but = f", but at this point {where}" if where else ""
        orders = max((row.order for row in self.rows), default=1)
        which = {1: "gradients", 2: "gradients and second derivatives"}.get(
            orders, f"{orders} orders of derivatives"
        )
        return f"The {which} of {self.function} are right{but}."

    def table(self) -> Table:
        """One line per row, for terminals, notebooks and JSON."""
        return Table(
            f"gradients of {self.function} against differences",
            ("order", "argument", "mode", "slopes", "deviation", "verdict", "note"),
            [
                (
                    row.order,
                    row.argument,
                    "reverse = forward" if row.mode == "both" else row.mode,
                    row.slopes,
                    f"{row.deviation:.1e}",
                    Cell(*WORDS[row.verdict]),
                    row.note,
                )
                for row in self.rows
            ],
            self.summary(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, numbers and texts, ready for JSON."""
        return {"function": self.function, "ok": self.ok, "message": self.message, **self.table().to_dict()}

    def __str__(self) -> str:
        return self.table().text()

    def __repr__(self) -> str:
        return f"<GradientReport ok={self.ok}: {self.summary()}>"

    def _repr_html_(self) -> str:
        return self.table().html()
