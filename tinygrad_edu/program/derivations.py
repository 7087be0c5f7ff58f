"""The chain rule written out: from a loss back to a parameter, each step with its rule and its numbers."""

import functools
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.program.entries import Entry, Operation
from tinygrad_edu.program.formulas import printer_of
from tinygrad_edu.program.literals import FEW, data_text, number_text
from tinygrad_edu.program.notation import pretty_name
from tinygrad_edu.rules.arithmetic import add

WIDE = 60
"""A formula of more characters is left to who asks for it."""


@dataclass(frozen=True)
class Path:
    """One way on which a gradient arrives.

    Attributes
    ----------
    through : str
        The name of the operation that it comes back through.
    rule : str
        The primitive whose rule is used.
    term : Entry
        What arrives on this way, in terms of the gradient of `through`.
    """

    through: str
    rule: str
    term: Entry


@dataclass(frozen=True)
class Step:
    """The gradient of one Value on the way.

    Attributes
    ----------
    name : str
        Of the Value.
    definition : Entry
        What the Value is computed from.
    paths : tuple of Path
        The ways on which its gradient arrives; their terms are added up.
    formula : Entry or None
        The gradient in terms of what has a name in the program; None if it would be too long.
    value, gradient : array
        The numbers of the Value, and those of its gradient.
    """

    name: str
    definition: Entry
    paths: tuple[Path, ...]
    formula: Entry | None
    value: Any
    gradient: Any


class Derivation:
    """The chain rule from a loss back to a parameter. Prints as text, and as mathematics in notebooks.

    Attributes
    ----------
    loss : str
        Its name.
    steps : tuple of Step
        In the order of computation: from the parameter to the loss.
    """

    def __init__(self, loss: str, steps: Sequence[Step]) -> None:
        self.loss, self.steps = loss, tuple(steps)

    def forward(self, syntax: str) -> list[str]:
        """What each Value is, in the order of computation."""
        printer = printer_of(syntax)
        lines = [(step.name, printer.text(step.definition)) for step in self.steps[1:]]
        return [_equation(printer.named(name).text, [text], syntax) for name, text in lines]

    def backward(self, syntax: str) -> list[str]:
        """The gradient of each Value, from the loss back to the parameter."""
        printer = printer_of(syntax)
        lines = []
        for step in reversed(self.steps[:-1]):
            terms = [path.term for path in step.paths]
            total = terms[0]
            for term in terms[1:]:
                total = Operation(add, (total, term), {}, total.shape, total.dtype)
            texts = [printer.text(total)]
            if step.formula is not None and len(printer_of("text").text(step.formula)) <= WIDE:
                texts.append(printer.text(step.formula))
            name = printer.named(f"∂{self.loss}/∂{step.name}").text
            lines.append(_equation(name, list(dict.fromkeys(texts)), syntax))
        return lines

    @property
    def text(self) -> str:
        """The derivation as plain text."""
        ends = pretty_name(self.loss), pretty_name(self.steps[0].name)
        title = f"{self._name('text')}: the chain rule from {ends[0]} back to {ends[1]}"
        rows = [
            (line, _shape(step.value), numbers(step.value), "")
            for line, step in zip(self.forward("text"), self.steps[1:], strict=True)
        ]
        there = len(rows)
        rows += [
            (line, _shape(step.gradient), numbers(step.gradient), _through(step))
            for line, step in zip(self.backward("text"), reversed(self.steps[:-1]), strict=True)
        ]
        widths = [min(WIDE + 20, max(map(len, column))) for column in zip(*rows, strict=True)]
        lines = [
            "".join(f"  {cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([title, "forward", *lines[:there], "backward", *lines[there:]])

    @property
    def latex(self) -> str:
        """The equations of the derivation, lined up."""
        lines = [*self.forward("latex"), *self.backward("latex")]
        return "\n".join([r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"])

    @property
    def html(self) -> str:
        """The derivation as two tables, its formulas in MathML."""
        there = [
            (_math(line), _shape(step.value), numbers(step.value))
            for line, step in zip(self.forward("mathml"), self.steps[1:], strict=True)
        ]
        back = [
            (_math(line), html.escape(_through(step)), _shape(step.gradient), numbers(step.gradient))
            for line, step in zip(self.backward("mathml"), reversed(self.steps[:-1]), strict=True)
        ]
        return (
            '<div class="derivation">'
            + _table("forward", ("value", "shape", "numbers"), there)
            + _table("backward", ("gradient", "rule", "shape", "numbers"), back)
            + "</div>"
        )

    def _name(self, syntax: str) -> str:
        return printer_of(syntax).named(f"∂{self.loss}/∂{self.steps[0].name}").text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Derivation of {self._name('text')}: {len(self.steps) - 1} steps>"

    def _repr_html_(self) -> str:
        return self.html


def numbers(data: Any) -> str:
    """Numbers in few words: themselves, or from where to where they go."""
    if np.ndim(data) == 0 or (np.ndim(data) == 1 and np.size(data) <= FEW):
        return data_text(data)
    low, high = np.min(data), np.max(data)
    return number_text(low) if low == high else f"{number_text(low)} to {number_text(high)}"


def _shape(data: Any) -> str:
    return "×".join(map(str, np.shape(data))) or "scalar"


def _through(step: Step) -> str:
    """Through which operations a gradient came, and by which rules."""
    ways = dict.fromkeys(f"{pretty_name(path.through)} by {path.rule}" for path in step.paths)
    return f"through {', '.join(ways)}"


def _equation(name: str, texts: Sequence[str], syntax: str) -> str:
    """``a = b = c``."""
    spelling = printer_of(syntax).spelling
    if syntax == "latex":
        return " = ".join([f"{name} &", *texts]).replace("& =", "&=", 1)
    return functools.reduce(lambda left, right: spelling.put("equals", left, right), texts, name)


def _math(line: str) -> str:
    return f'<math displaystyle="true">{line}</math>'


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    style = 'style="text-align:left;padding:0.25em 1em 0.25em 0"'
    head = "".join(f'<th scope="col" {style}>{text}</th>' for text in heads)
    body = "".join(f"<tr>{''.join(f'<td {style}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    caption = f'<caption style="text-align:left;font-weight:bold">{title}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
