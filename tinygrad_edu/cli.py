"""The command `tinygrad-edu`: what each of its commands does, and with which status it ends."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tinygrad_edu import report
from tinygrad_edu.cells import plain
from tinygrad_edu.comparison import Comparison
from tinygrad_edu.derivations import derivation_in
from tinygrad_edu.drawing import draw
from tinygrad_edu.errors import ArgumentError, DataError, Error
from tinygrad_edu.exercises import exercise
from tinygrad_edu.lessons import LESSONS, Lesson, costumes, read_csv, regression
from tinygrad_edu.report.arguments import PROGRAM, REGRESSION, instead, parsed
from tinygrad_edu.tables import Table

WRONG, BAD_INPUT, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        0 if all is well, 1 if a gradient derived by hand is wrong, 2 if the input cannot be used, 130 after
        an interrupt.
    """
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    try:
        options = parsed(list(sys.argv[1:] if argv is None else argv), report.version())
        status = COMMANDS[options.command](options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit:  # argparse has printed a help or the version
        return 0
    except Error as error:
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads has seen enough, as in `tinygrad-edu | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, or output that is closed
        print(f"{PROGRAM}: the output cannot be written: {error.strerror or error}.", file=sys.stderr)
        return BAD_INPUT
    return status


def run_report(options: argparse.Namespace) -> int:
    """Trains and compares the lessons, prints the tables, writes the page."""
    lessons = [lesson_of(name, options) for name in dict.fromkeys(options.lessons or LESSONS)]
    if (options.data or options.no_scale) and REGRESSION not in (lesson.name for lesson in lessons):
        raise ArgumentError(f"--data and --no-scale are for {REGRESSION}, which is not asked for.")
    report.required_packages()
    folder = report.prepared_folder(options.output)
    runs = []
    for lesson in lessons:
        runs.append(report.run(lesson, options.seed))
        if not options.json:
            print(runs[-1].table().text(), end="\n\n", flush=True)
    began = time.perf_counter()
    path = report.write(report.page(runs, options.seed), folder)
    seconds = {
        "training": sum(run.training for run in runs),
        "comparing": sum(run.comparing for run in runs),
        "drawing": time.perf_counter() - began,
    }
    ok = all(run.ok for run in runs)
    if options.json:
        head = {"ok": ok, "report": str(path), "seed": options.seed, "seconds": seconds}
        print_json({**head, "lessons": [run.to_dict() for run in runs]})
    else:
        print(report.summary(runs))
        print(f"Seconds: {', '.join(f'{part} {spent:.1f}' for part, spent in seconds.items())}.")
        print(f"The report: {path}")
    return 0 if ok else WRONG


def run_train(options: argparse.Namespace) -> int:
    """Trains one lesson and prints where it arrived."""
    lesson = lesson_of(options.lesson, options)
    steps = report.train(lesson, options.seed)
    last = steps[-1]
    params = {name: last.params[name] for name in sorted(last.params)}
    if options.json:
        print_json({**params, "objective": last.objective, "steps": last.number})
        return 0
    told = report.beyond(lesson, last.params)
    title = f"{lesson.title}: {report.course_of(steps)}"
    print(Table(title, ("parameter", "value"), [*params.items()], lesson.remark).text())
    if told:
        print(f"\nOutside the data: {told.text}")
        if told.rows:
            print(Table("", told.columns, told.rows).text())
    return 0


def run_compare(options: argparse.Namespace) -> int:
    """Holds the derivation of one lesson, or of a file, against the automatic gradients."""
    if options.lesson.endswith(".py"):
        (title, head, comparison), remark = compared_file(options), ""
    else:
        lesson = lesson_of(options.lesson, options)
        steps = report.train(lesson, options.seed)
        title, comparison = lesson.title, report.compared_at(lesson, steps[-1].params)
        remark = lesson.remark
        head = {"lesson": lesson.name, "seed": options.seed, "steps": steps[-1].number}
    drawn = {"picture": str(draw(comparison).save(options.output))} if options.output else {}
    if options.json:
        print_json({**head, **drawn, **comparison.to_dict()})
    else:
        print(f"{title}:", comparison)
        if remark:
            print(remark)
        if drawn:
            print(f"The picture: {drawn['picture']}")
    return 0 if comparison.ok else WRONG


def compared_file(options: argparse.Namespace) -> tuple[str, dict[str, Any], Comparison]:
    """The derivation in a file of one's own: what it is called, what JSON says first, and the comparison.

    Raises
    ------
    ArgumentError
        If an option was given that makes sense for a lesson only.
    DataError
        If the file cannot be used.
    """
    for name in ("steps", "rate", "data", "no_scale"):
        if getattr(options, name):
            raise ArgumentError(
                f"--{name.replace('_', '-')} is for lessons: a file has its inputs in itself."
            )
    path = Path(options.lesson)
    comparison = derivation_in(path, options.seed).compared()
    if all(row.verdict == "not-compared" for row in comparison.rows):
        raise DataError(f"{path}: by_hand returned no gradient, so there is nothing to compare.")
    return str(path), {"file": str(path), "seed": options.seed}, comparison


def run_draw(options: argparse.Namespace) -> int:
    """Draws the graph of one lesson's objective, with the gradients of one backward pass."""
    lesson = lesson_of(options.lesson, options)
    loss = report.recorded(lesson, report.train(lesson, options.seed)[-1].params)
    drawing = draw(loss, theme=options.theme, direction=options.direction, engine=options.engine)
    path = drawing.save(options.output)
    if options.json:
        print_json({"lesson": lesson.name, "file": str(path), "bytes": path.stat().st_size})
    else:
        print(f"{path}: {lesson.title}, values forward and gradients back.")
    return 0


def run_exercise(options: argparse.Namespace) -> int:
    """Hands out a derivation with mistakes, or the answer."""
    made = exercise(options.lesson, options.seed, options.mistakes)
    if options.output and not options.answer:
        report.write(made.source(options.output.name), options.output.parent, options.output.name)
    if options.json:
        told = {"lesson": made.lesson, "seed": made.seed, "mistakes": len(made.planted)}
        file = {"file": str(options.output)} if options.output else {"source": made.source()}
        answer = {"answer": [plant._asdict() for plant in made.planted]}
        print_json({**told, **(answer if options.answer else file)})
    elif options.answer:
        print(made.answer())
    elif options.output:
        print(f"{options.output}: find the mistakes; then tinygrad-edu compare {options.output}")
    else:
        print(made.source(), end="")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "report": run_report,
    "train": run_train,
    "compare": run_compare,
    "exercise": run_exercise,
    "draw": run_draw,
}


def lesson_of(name: str, options: argparse.Namespace) -> Lesson:
    """The lesson of a name, on the data and with the training that the options ask for.

    Raises
    ------
    ArgumentError
        If there is no such lesson, or it has no such option.
    DataError
        If the data cannot be used.
    """
    if name.endswith(".py"):
        raise ArgumentError(
            f"{name} is a file, and {options.command} takes lessons: `compare {name}` checks the derivation "
            "in it, and draws it with -o."
        )
    if name not in LESSONS:
        raise ArgumentError(f"there is no lesson {name!r}{instead(name, LESSONS)}")
    lesson = LESSONS[name]
    if name == REGRESSION and (options.data or options.no_scale):
        table = read_csv(options.data) if options.data else costumes()
        lesson = regression(table, scale=not options.no_scale)
    elif (options.data or options.no_scale) and options.command != "report":
        raise ArgumentError(f"--data and --no-scale are for {REGRESSION}: {name} has data of its own.")
    return report.adjusted(lesson, steps=options.steps, rate=getattr(options, "rate", None))


def print_json(content: dict[str, Any]) -> None:
    """Prints one JSON object on one line."""
    print(json.dumps(plain(content)))
