"""What a comparison found: one row per named Value, and ways to show it."""

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tinygrad_edu.cells import Cell, plain
from tinygrad_edu.comparison import telling
from tinygrad_edu.comparison.probes import Probe
from tinygrad_edu.comparison.row import WRONG, Row, words_of
from tinygrad_edu.diagnosis.finding import Finding
from tinygrad_edu.errors import GradientError
from tinygrad_edu.tables import Table

UNTESTED = {
    False: "the right gradient is 0 there up to rounding, so a wrong sign or factor would pass too",
    True: "the automatic gradient is infinite or not a number there",
}
"""Why nothing could be tested where a gradient passed, and where none can pass."""


@dataclass(frozen=True)
class Comparison:
    """Manual gradients held against automatic ones.

    Attributes
    ----------
    rows : tuple of Row
        One for every named Value, from the loss back to the parameters.
    probes : int
        At how many points the gradients were compared.
    point : Probe or None
        The graph, its names and the manual gradients at the first point at which something is wrong, or at
        the first of all: what a picture shows.
    """

    rows: tuple[Row, ...]
    probes: int = 1
    point: Probe | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing that was compared is wrong."""
        return not any(row.verdict in WRONG for row in self.rows)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all rows, in their order."""
        return tuple(finding for row in self.rows for finding in row.findings)

    def __getitem__(self, name: str) -> Row:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    def raise_if_wrong(self) -> "Comparison":
        """Return this comparison if it is ok, for use in tests.

        Raises
        ------
        GradientError
            With the findings and the whole table, if anything is wrong, or if nothing was compared.
        """
        __tracebackhide__ = True  # pytest then shows the line of the test
        if not self.ok or all(row.verdict == "not-compared" for row in self.rows):
            table = self.table().text(width=sys.maxsize, colour=False)
            raise GradientError("\n\n".join(filter(None, (self.summary(), self.told(), table))))
        return self

    def summary(self) -> str:
        """The result in a sentence, and in another one where nothing could be tested."""
        told = [self._agreement(any(not row.tested for row in self.rows))]
        for is_wrong, reason in UNTESTED.items():
            names = [row.name for row in self.rows if not row.tested and (row.verdict in WRONG) == is_wrong]
            if names:
                told.append(f"Nothing could be tested at {_listed(names)}: {reason}.")
        return " ".join(filter(None, (*told, "Compare at other inputs." if len(told) > 1 else "")))

    def _agreement(self, others: bool) -> str:
        """What is right and what is wrong of that which could be tested; `others` says that there is more."""
        rows = [row for row in self.rows if row.tested]
        compared = [row for row in rows if row.verdict != "not-compared"]
        own = [row.name for row in rows if row.verdict in ("own", "not-comparable")]
        absent = dict.fromkeys(f.place for row in rows for f in row.findings if row.name not in own)
        inherited = [row.name for row in rows if row.verdict == "inherited"]
        if not compared:
            if others:
                return ""
            return "Nothing was compared: give manual gradients for some of the names."
        if not own and not inherited:
            kinks = [row.name for row in rows if row.verdict == "kink"]
            but = f", but for a choice at a kink at {_listed(kinks)}" if kinks else ""
            other = "other " if others else ""
            if len(compared) == 1:
                return f"The {other}manual gradient agrees with the automatic one{but}."
            return f"All {len(compared)} {other}manual gradients agree with the automatic ones{but}."
        unplaced = [row.name for row in rows if not row.is_placed]
        places = [f"{name} (whose gradient was not given)" for name in absent] + own
        if len(places) == len(absent) == 1:
            places = [f"{name}, whose gradient was not given" for name in absent]
        several = len(places) > 1 and (absent or not unplaced)
        sentence = f"The mistake{'s are' if several else ' is'} at "
        sentence += _listed(places) if places else "a Value that was not given"
        if unplaced:
            them = "it" if len(own) == 1 else "them"
            between = f"on the way from {_listed(unplaced)} to" if absent else f"between {them} and"
            sentence += f", or {between} the loss"
        if inherited:
            sentence += (
                f"; {_listed(inherited)} {'is' if len(inherited) == 1 else 'are'} wrong only because of that"
            )
        return f"{sentence}."

    def told(self) -> str:
        """The findings in words: where, what, the right line, and what they cannot be told apart from.

        In a right line, ``dx`` stands for the gradient of ``x``.
        """
        return telling.text(self.findings, width=sys.maxsize, colour=False)

    def table(self) -> Table:
        """One line per row, for terminals, notebooks and JSON."""
        note = f"{self.summary()} Compared at {self.probes} point{'s' if self.probes > 1 else ''}."
        return Table(
            "manual against automatic gradients",
            ("name", "shape", "verdict", "relative error", "absolute error", "note"),
            [
                (
                    row.name,
                    "×".join(map(str, row.shape)) or "scalar",
                    Cell(*words_of(row)),
                    _relative(row),
                    _number(row.max_absolute_error),
                    row.note,
                )
                for row in self.rows
            ],
            note,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, numbers and texts, ready for JSON."""
        return {
            "ok": self.ok,
            "summary": self.summary(),
            "probes": self.probes,
            "rows": [
                {
                    "name": row.name,
                    "shape": list(row.shape),
                    "verdict": row.verdict,
                    "max_relative_error": _finite(row.max_relative_error),
                    "max_absolute_error": _finite(row.max_absolute_error),
                    "worst_index": list(row.worst_index),
                    "note": row.note,
                    "located": row.located,
                    "tested": row.tested,
                    "findings": [plain(asdict(finding)) for finding in row.findings],
                }
                for row in self.rows
            ],
        }

    def text(self, width: int | None = None, colour: bool | None = None) -> str:
        """The table, and below it the findings in words; see `Table.text` for `width` and `colour`."""
        found = telling.text(self.findings, width, colour)
        return "\n\n".join(filter(None, (self.table().text(width, colour), found)))

    def html(self) -> str:
        """The table and the findings as an HTML fragment with its own style."""
        return self.table().html() + telling.findings_as_html(self.findings)

    def __reduce__(self) -> tuple[Any, ...]:
        """In a pickle the findings stay, the graph does not: a Value leaves its history behind."""
        return Comparison, (self.rows, self.probes)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        """In one line what is wrong, which is what a failed assertion shows."""
        found = " ".join(f"{one.place}: {one.message}" for one in telling.told(self.findings))
        return f"<Comparison ok={self.ok}: {found or self.summary()}>"

    def _repr_html_(self) -> str:
        return self.html()


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _relative(row: Row) -> str:
    """The relative error; there is none where the right gradient is 0 and the manual one is not."""
    is_of_zero = math.isinf(row.max_relative_error) and not math.isinf(row.max_absolute_error)
    return "right is 0" if is_of_zero else _number(row.max_relative_error)


def _number(x: float) -> str:
    return "" if math.isnan(x) else "not finite" if math.isinf(x) else "0" if x == 0 else f"{x:.1e}"


def _finite(x: float) -> float | str | None:
    return None if math.isnan(x) else "infinite" if math.isinf(x) else x
