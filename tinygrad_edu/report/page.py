"""The whole page: summary, contents, one section per lesson; and writing it to a folder."""

import importlib
import importlib.metadata
import importlib.resources
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tinygrad_edu.cells import Cell
from tinygrad_edu.drawing import find_engine
from tinygrad_edu.errors import DataError, missing_package
from tinygrad_edu.report.markup import escape, table, verdict
from tinygrad_edu.report.progress import progress
from tinygrad_edu.report.runs import Run
from tinygrad_edu.report.sections import section

FILE = "index.html"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
TITLE = "Gradients, by hand and by machine"


def page(runs: Sequence[Run], seed: int) -> str:
    """The report as one HTML document that needs nothing else.

    Parameters
    ----------
    runs : sequence of Run
        In the order in which they shall stand.
    seed : int
        That all runs started from.
    """
    others = {run.lesson.name: run for run in runs}
    sections = []
    with progress("The page", len(runs)) as show:
        for number, run in enumerate(runs, start=1):
            sections.append(section(run, number, others))
            show(number)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<link rel="icon" href="data:,">',
            f"<title>{TITLE}: tinygrad_edu</title>",
            f"<style>\n{_style()}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#lessons">To the lessons</a>',
            _top(runs),
            '<div class="columns">',
            _contents(runs),
            '<main id="lessons">',
            _summary(runs),
            *sections,
            "</main>",
            "</div>",
            f"<footer>Made by tinygrad_edu {version()} with seed {seed}.</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def summary(runs: Sequence[Run]) -> str:
    """In a sentence, whether every derived gradient agrees with the automatic one."""
    wrong = [run.lesson.title for run in runs if not run.ok]
    right = [run for run in runs if not run.lesson.mistake]
    count = sum(len(run.compared) for run in right)
    if wrong:
        return f"Not all of the {count} gradients derived by hand agree: see {', '.join(wrong)}."
    told = [f"All {count} gradients derived by hand agree with the automatic ones."] if right else []
    told += [f"{run.lesson.title}: the mistake was found." for run in runs if run.lesson.mistake]
    return " ".join(told)


def version() -> str:
    """The version of this package."""
    try:
        return importlib.metadata.version("tinygrad-edu")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def required_packages() -> None:
    """Makes sure that a report can be made, before a minute is spent on training.

    Raises
    ------
    MissingPackageError
        If matplotlib, SciPy or a layout engine is not installed.
    """
    for package in ("matplotlib", "scipy"):
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise missing_package(package, "plots,train", "the report") from error
    find_engine()


def prepared_folder(folder: Path) -> Path:
    """Makes sure that the report can be written, before a minute is spent on training.

    Raises
    ------
    DataError
        If the folder cannot be made, or nothing can be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataError(f"the folder {folder} cannot be written to: {_reason(error)}.") from error
    return folder


def write(text: str, folder: Path, name: str = FILE) -> Path:
    """Writes the page, or a file of another name, into a folder.

    Raises
    ------
    DataError
        If that fails.
    """
    path = folder / name
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be written: {_reason(error)}.") from error
    return path


def _style() -> str:
    return importlib.resources.files("tinygrad_edu.report").joinpath("page.css").read_text(encoding="utf-8")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _top(runs: Sequence[Run]) -> str:
    return (
        f'<header class="top"><h1>{TITLE}</h1>'
        '<p class="lead">Each gradient in these lessons was derived on paper, written down as plain NumPy, '
        "and held against the one that automatic differentiation finds by itself in the model, before and "
        "after a training. "
        f"<strong>{escape(summary(runs))}</strong></p></header>"
    )


def _contents(runs: Sequence[Run]) -> str:
    items = "".join(f'<li><a href="#{escape(r.lesson.name)}">{escape(r.lesson.title)}</a></li>' for r in runs)
    return f'<nav aria-labelledby="contents"><h2 id="contents">Lessons</h2><ol>{items}</ol></nav>'


def _summary(runs: Sequence[Run]) -> str:
    columns = ("lesson", "steps", "objective before", "after", "seconds", "gradients")
    return table(columns, [_line(run) for run in runs], label="All lessons", style="summary")


def _line(run: Run) -> tuple[str, ...]:
    first, last = run.steps[0], run.steps[-1]
    agree = Cell(f"all {len(run.compared)} agree", "good") if run.ok else Cell("not all agree", "bad")
    if run.ok and run.lesson.mistake:
        agree = Cell("the mistake was found", "warn")
    return (
        f'<a href="#{escape(run.lesson.name)}">{escape(run.lesson.title)}</a>',
        f"{last.number:,}",
        f"{first.objective:.4g}",
        f"{last.objective:.4g}",
        f"{run.training:.1f}{' compiled' if run.lesson.is_compiled else ''}",
        verdict(agree),
    )
