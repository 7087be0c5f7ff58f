"""Findings as people read them: on a terminal and in a notebook. Knows no row and no graph."""

import html
import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinygrad_edu.cells import columns_of
from tinygrad_edu.diagnosis.finding import Finding
from tinygrad_edu.tables import paint, terminal

MOST_READINGS = 3
BEYOND = 1000
"""A deviation that is more times larger than the gradient is told as such."""
IN_A_WORD = {
    "sign": "a wrong sign",
    "constant-factor": "a constant factor",
    "missing-sum": "a sum left out",
    "mean-for-sum": "a mean for a sum, or the reverse",
    "missing-derivative": "a derivative left out",
    "repeated-derivative": "a derivative applied twice",
    "wrong-point": "a derivative taken at another array",
    "wrong-activation": "the derivative of another activation",
    "wrong-loss": "the gradient of another loss",
    "diagonal-only": "a derivative taken element by element",
    "transposed": "rows taken for columns",
    "operand": "another array in its place",
    "elementwise-for-matmul": "another kind of product",
    "lost-path": "a term left out",
    "double-path": "a term counted twice",
    "lost-statistics": "a mean or a sum taken for a constant",
    "upstream-ignored": "an incoming gradient left out or taken from elsewhere",
    "stale-parameters": "parameters that were already updated",
    "swapped": "the gradient of another variable",
    "missing-gradient": "a gradient left out",
    "shifted": "entries out of place",
    "mask": "another mask",
    "overwritten": "entries that overwrite each other",
    "power-slip": "another power",
    "regularisation": "the gradient of a penalty",
}
"""Mistakes by their kind, where there is no room for a sentence."""
CODE = re.compile(r"`([^`]*)`")

_CSS = """
.tg-findings { margin: 0.5em 0; }
.tg-findings li { margin: 0.6em 0; }
.tg-findings .at { background: #fadbd8; color: #6b1109; font-weight: 600; padding: 0 0.4em; }
.tg-findings .evidence { opacity: 0.75; }
"""


@dataclass(frozen=True)
class Told:
    """What is said about one mistake.

    Attributes
    ----------
    place : str
        The name of the Value.
    message : str
        What is wrong.
    correction : str
        The right line, or nothing.
    evidence : str
        Which numbers are explained by it.
    readings : tuple of str
        What else would give the same numbers.
    further : str
        And what else, in a few words, where that is much.
    """

    place: str
    message: str
    correction: str
    evidence: str
    readings: tuple[str, ...]
    further: str = ""


def told(findings: Sequence[Finding]) -> list[Told]:
    """The mistakes in words; what says the same at the same place is one, a right line is told once."""
    once = {(_place(finding), finding.message): finding for finding in findings}
    last = {(_place(finding), finding.correction): finding for finding in once.values()}
    return [
        _told(one) if last[_place(one), one.correction] is one else replace(_told(one), correction="")
        for one in once.values()
    ]


def text(findings: Sequence[Finding], width: int | None = None, colour: bool | None = None) -> str:
    """The findings as a numbered list; empty if there are none.

    Parameters
    ----------
    findings : sequence of Finding
    width : int, optional
        The number of characters to fit into; by default the width of the terminal, and no limit in a file.
    colour : bool, optional
        Whether to colour; by default only on a terminal where rich is installed.

    Raises
    ------
    MissingPackageError
        ``colour=True``, and rich is not installed.
    """
    width, colour = terminal(width, colour)
    mistakes = told(findings)
    lines = [line for number, one in enumerate(mistakes, 1) for line in _lines(number, one, width, colour)]
    if any(one.correction for one in mistakes):
        lines += wrapped("(In a correction, dx is the gradient of x.)", width)
    return "\n".join(lines)


def findings_as_html(findings: Sequence[Finding]) -> str:
    """The findings as an HTML list with its own style; empty if there are none."""
    if not findings:
        return ""
    items = []
    for one in told(findings):
        parts = [f'<span class="at">{html.escape(one.place)}</span> {_code(one.message)}']
        if one.correction:
            parts.append(f"Right would be <code>{html.escape(one.correction)}</code>")
        if one.readings:
            parts.append(_code(_also(one)))
        parts.append(f'<span class="evidence">{html.escape(one.evidence)}</span>')
        items.append(f"<li>{'<br>'.join(part for part in parts if part)}</li>")
    note = "In a correction, <code>dx</code> is the gradient of <code>x</code>."
    return f'<div class="tg-findings"><style>{_CSS}</style><ol>{"".join(items)}</ol><p>{note}</p></div>'


def _told(finding: Finding) -> Told:
    others: dict[str, Finding] = {}
    for other in finding.alternatives:
        others.setdefault(other.message, other)
    others.pop(finding.message, None)
    same = [other for other in others.values() if _is_same(other, finding)]
    different = [other for other in others.values() if other not in same]
    first, further = different[:MOST_READINGS], different[MOST_READINGS:]
    readings = tuple(_reading(other, finding) for other in first)
    if same:
        elsewhere = " or at ".join(_place(other) for other in same)
        readings = (f"The same at {elsewhere}.", *readings)
    words = "; ".join(dict.fromkeys(_in_a_word(other, finding) for other in further))
    return Told(_place(finding), finding.message, finding.correction, _evidence(finding), readings, words)


def _is_same(other: Finding, finding: Finding) -> bool:
    """Whether another finding says the same of another Value."""
    place, elsewhere = _place(finding), _place(other)
    said = re.sub(rf"\b{re.escape(elsewhere)}\b", place.replace("\\", r"\\"), other.message)
    return other.kind == finding.kind and place != elsewhere and said == finding.message


def _also(one: Told) -> str:
    """What else the numbers can mean."""
    further = f" Less likely: {one.further}." if one.further else ""
    return f"The same numbers can also mean: {' Or: '.join(one.readings)}{further}"


def _in_a_word(other: Finding, finding: Finding) -> str:
    what = IN_A_WORD.get(other.kind, other.kind)
    return what if _place(other) == _place(finding) else f"{what} at {_place(other)}"


def _reading(other: Finding, finding: Finding) -> str:
    return other.message if _place(other) == _place(finding) else f"At {_place(other)}: {other.message}"


def _place(finding: Finding) -> str:
    return finding.place or finding.node


def _evidence(finding: Finding) -> str:
    """How far the gradient is off, and what the mistake explains of that."""
    off = f"Off by {_share(finding.before)}" if 0 < finding.before < math.inf else ""
    if finding.kind == "unexplained" or not finding.elements:
        return f"{off}." if off else ""
    gradients = f"gradient{'s' if len(finding.rows) > 1 else ''} of {_listed(finding.rows)}"
    points = f", at {finding.probes} points" if finding.probes > 1 else ""
    all_of = {1: "the", 2: "both numbers in the"}.get(
        finding.elements, f"all {finding.elements} numbers in the"
    )
    this = "together with what is said before, this" if finding.together else "this"
    explained = f"{this} explains {all_of} {gradients}{points}"
    return f"{off}; {explained}." if off else f"{explained[:1].upper()}{explained[1:]}."


def _share(relative: float) -> str:
    """A deviation relative to the gradient, in words."""
    whole = "the largest element of the right gradient"
    if relative >= BEYOND:
        return f"more than {BEYOND} times {whole}"
    percent = float(f"{100 * relative:.2g}")
    return f"up to {relative:.3g} times {whole}" if relative >= 1.005 else f"up to {percent:g} % of {whole}"


def _lines(number: int, one: Told, width: int | None, colour: bool) -> list[str]:
    head = f"{number}. At {one.place}: "
    indent = " " * (len(str(number)) + 2)
    lines = wrapped(f"{head}{one.message}", width, indent)
    if colour:
        lines[0] = lines[0].replace(f"At {one.place}:", paint(f"At {one.place}:", "bad"), 1)
    if one.correction:
        line = f"{indent}Right would be  {one.correction}"
        lines.append(paint(line, "good") if colour else line)
    if one.readings:
        lines += wrapped(f"{indent}{_also(one)}", width, indent)
    evidence = wrapped(f"{indent}{one.evidence}", width, indent) if one.evidence else []
    return [*lines, *(paint(line, "muted") if colour else line for line in evidence)]


def wrapped(line: str, width: int | None, indent: str = "") -> list[str]:
    """Lines no wider than `width`; code is never broken inside."""
    if width is None or columns_of(line) <= width:
        return [line]
    glued = CODE.sub(lambda code: code[0].replace(" ", "\0"), line)
    lead = glued[: len(glued) - len(glued.lstrip())]
    wrapped = textwrap.wrap(
        glued.lstrip(),
        max(20, width),
        initial_indent=lead,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [each.replace("\0", " ") for each in wrapped]


def _code(message: str) -> str:
    return CODE.sub(r"<code>\1</code>", html.escape(message))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
