"""What a comparison found for one Value, and the verdict in words."""

from dataclasses import dataclass

from tinygrad_edu.cells import Style
from tinygrad_edu.comparison.verdicts import Verdict
from tinygrad_edu.diagnosis.finding import Finding

WRONG = ("own", "inherited", "not-comparable")
WORDS: dict[Verdict, tuple[str, Style]] = {
    "correct": ("correct", "good"),
    "rounding": ("correct up to rounding", "good"),
    "kink": ("differs at a kink only", "warn"),
    "own": ("WRONG here", "bad"),
    "inherited": ("wrong, inherited", "warn"),
    "not-comparable": ("WRONG shape", "bad"),
    "not-compared": ("not compared", "muted"),
}


@dataclass(frozen=True)
class Row:
    """One named Value: the verdict on its manual gradient, and how far that is off.

    Attributes
    ----------
    name : str
    shape : tuple of int
    verdict : str
        "correct", "rounding", "kink", "own", "inherited", "not-comparable" or "not-compared".
    max_relative_error : float
        The largest deviation divided by the largest entry of the true gradient; nan where nothing was
        compared.
    max_absolute_error : float
    worst_index : tuple of int
        Where the largest deviation is.
    note : str
        A few words for people: which shape was given, which element is worst.
    findings : tuple of Finding
    located : bool
        False if the mistake may also lie on the way to the loss, at a named Value for which no manual
        gradient was given.
    tested : bool
        False if the right gradient is 0 up to rounding at every point, so that a wrong one passes, too; or
        infinite or not a number, so that no other can be held against it.
    """

    name: str
    shape: tuple[int, ...]
    verdict: Verdict
    max_relative_error: float
    max_absolute_error: float
    worst_index: tuple[int, ...]
    note: str = ""
    findings: tuple[Finding, ...] = ()
    located: bool = True
    tested: bool = True

    @property
    def is_placed(self) -> bool:
        """Whether the mistake is known to be here: nothing lies between, or it is in an operation on this."""
        readings = [one for finding in self.findings for one in (finding, *finding.alternatives)]
        here = all(finding.uses for finding in self.findings) and all(
            one.node == self.name for one in readings
        )
        return self.located or (bool(readings) and here)


def words_of(row: Row) -> tuple[str, Style]:
    """The verdict on a row in words, and how they stand out."""
    if not row.tested:
        return f"not tested: {'not finite' if row.verdict in WRONG else 'rounding only'}", "warn"
    return WORDS[row.verdict] if row.is_placed else ("WRONG", "bad")
