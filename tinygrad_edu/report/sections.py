"""One lesson as a section of the page: text, formulas, gradients by hand and by machine, figures, graph."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.comparison import Row
from tinygrad_edu.comparison import findings_as_html as findings
from tinygrad_edu.drawing import draw
from tinygrad_edu.drawing.numerals import rms
from tinygrad_edu.report.beyond import beyond
from tinygrad_edu.report.formulas import formula_svg
from tinygrad_edu.report.markup import escape, paragraphs, region, table, verdict
from tinygrad_edu.report.plots import caption, lesson_figure, logo_figure, objective_figure
from tinygrad_edu.report.runs import Run, course_of, error_of, judged, recorded, shape_of

OVERLAP = "The number is the intersection over union of the drawn and the true area: 1 where they are equal."
LOGOS = {"batman": "The talk's training", "batman-lbfgs": "The best training"}


def section(run: Run, number: int, others: Mapping[str, Run]) -> str:
    """The section of a lesson.

    Parameters
    ----------
    run : Run
    number : int
        Of the lesson in the report.
    others : mapping of str to Run
        All lessons of the report by name: those that learn the same thing are shown side by side.
    """
    lesson = run.lesson
    parts = [
        f'<section id="{escape(lesson.name)}" aria-labelledby="{escape(lesson.name)}-title">',
        f'<p class="eyebrow">Lesson {number}</p>',
        f'<h2 id="{escape(lesson.name)}-title">{escape(lesson.title)}</h2>',
        f'<p class="text">{escape(" ".join(filter(None, (lesson.text, lesson.remark))))}</p>',
        '<h3><span class="forward">▼ Forward:</span> the model</h3>',
        definitions(run),
        '<h3><span class="backward">▲ Backward:</span> the gradients, by hand and by machine</h3>',
        derivation(run),
        f'<p class="note">{escape(_explained(run))}</p>',
        mistakes(run),
        "<h3>The training</h3>",
        figures(run, others),
        outside(run),
        "<h3>The graph of one backward pass</h3>",
        graph(run),
        "</section>",
    ]
    return "\n".join(parts)


def definitions(run: Run) -> str:
    """The forward formulas."""
    items = "".join(f"<li>{formula_svg(formula)}</li>" for formula in run.lesson.definitions)
    return f'<ul class="definitions">{items}</ul>'


def derivation(run: Run) -> str:
    """The hand-derived gradients beside the automatic ones, formulas and numbers, with verdicts."""
    last = run.steps[-1].number
    moments = ("at the start", f"at step {last:,}")
    columns = ("derived by hand", "written by autodiff", *moments, "by hand<br>automatic", "shape")
    rows = []
    for formula in run.lesson.gradients:
        before, after = run.at_start[formula.name], run.at_end[formula.name]
        rows.append(
            (
                formula_svg(formula),
                formula_svg(run.written[formula.name]),
                _judged(before),
                _judged(after),
                "<br>".join(
                    f"<code>{number_of(found[formula.name])}</code>" for found in (run.by_hand, run.automatic)
                ),
                shape_of(before),
            )
        )
    return table(columns, rows, label=f"{run.lesson.title}: gradients compared", style="derivation")


def mistakes(run: Run) -> str:
    """What the comparison says about a derivation that is wrong; empty for one that is right."""
    if run.at_start.ok:
        return ""
    return (
        f"<h3>What is wrong with it</h3>{paragraphs(run.at_start.summary())}{findings(run.at_start.findings)}"
    )


def figures(run: Run, others: Mapping[str, Run]) -> str:
    """What the training reached, how the objective fell, and the logos side by side if there are several."""
    width, height = run.lesson.size
    wide = width > 2 * height
    plots = [
        plot(lesson_figure(run), caption(run), wide=wide),
        plot(objective_figure(run), f"{course_of(run.steps)}."),
    ]
    logos = {LOGOS[name]: others[name] for name in LOGOS if name in others}
    if run.lesson.name == list(LOGOS)[-1] and len(logos) == len(LOGOS):
        plots[1:1] = [plot(logo_figure(run, name), OVERLAP) for name, run in logos.items()]
    return f'<div class="figures">{"".join(plots)}</div>'


def plot(picture: str, caption: str, *, wide: bool = False) -> str:
    """A figure with its caption, over the whole width if it is `wide`."""
    kind = "plot wide" if wide else "plot"
    return f'<figure class="{kind}">{picture}<figcaption>{escape(caption)}</figcaption></figure>'


def outside(run: Run) -> str:
    """What the model says where it has learned nothing; empty for lessons of which nothing is known."""
    told = beyond(run.lesson, run.steps[-1].params)
    if told is None:
        return ""
    answers = ""
    if told.rows:
        rows = [tuple(map(escape, row)) for row in told.rows]
        answers = table(told.columns, rows, label=f"{run.lesson.title}: outside the data", style="small")
    return f'<div class="beyond"><h3>Outside the data</h3>{paragraphs(told.text)}{answers}</div>'


def graph(run: Run) -> str:
    """The graph of the objective at the initial parameters; of a wrong derivation, with its mistakes."""
    drawing = draw(recorded(run.lesson, run.steps[0].params) if run.at_start.ok else run.at_start)
    switch = f"{escape(run.lesson.name)}-size"
    return (
        f'<div><input type="checkbox" class="size" id="{switch}"><label for="{switch}">Actual size</label>'
        f"{region(drawing.svg, label=f'{run.lesson.title}: graph of the backward pass', kind='graph')}</div>"
    )


def number_of(gradient: Any) -> str:
    """A gradient in one number of ten digits: itself, or its root mean square."""
    array = np.asarray(gradient)
    return f"{array.item():.10g}" if array.ndim == 0 else f"rms {rms(array):.10g}"


def _judged(row: Row) -> str:
    return f'{verdict(judged(row))}<span class="error">{error_of(row)}</span>'


def _explained(run: Run) -> str:
    return (
        f"Compared at {run.at_start.probes} points around the initial parameters and at {run.at_end.probes} "
        "around the final ones. The gradients shown are those at the initial parameters, of an array its "
        "root mean square (rms). Below each verdict stands the relative error. What autodiff wrote comes "
        "from the graph of the objective alone; a count stands in it as its number."
    )
