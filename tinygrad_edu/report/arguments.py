"""The command line as it is written: commands, options, help. Knows what is asked for, not how it is done."""

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.exercises import TEXTS
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.names import nearest

PROGRAM = "tinygrad-edu"
REGRESSION = "linear-regression"
FOLDER = Path("tinygrad-edu-report")
PICTURES = "a .svg, .png, .pdf or .dot file, or .html for a page to step through"

COMMANDS = {
    "report": "train and compare the lessons, and write a page about them (the default)",
    "train": "train one lesson, and see where it arrives and what it says outside its data",
    "compare": "hold the gradients that were derived by hand against the automatic ones",
    "exercise": "hand out the derivation of one lesson with mistakes to find",
    "draw": "draw how the objective is computed, values forward and gradients back",
}
EXAMPLES = {
    "report": ("", "xor batman -o logos", "--json"),
    "train": ("xor --seed 3", f"{REGRESSION} --data costumes.csv --rate 0.25 --steps 1000 --json"),
    "compare": (
        "xor",
        "xor-cross-entropy --steps 500",
        "FILE.py",
        "FILE.py -o mistakes.svg",
        "FILE.py --json",
    ),
    "exercise": ("xor -o exercise.py", "xor --seed 3 --mistakes 2 -o exercise.py", "xor --seed 3 --answer"),
    "draw": (
        "neuron -o neuron.svg",
        "xor -o xor.png --theme dark --direction right",
        "xor --steps 9 -o xor.html",
    ),
}
OWN_FILE = """

A file of one's own defines loss, by_hand, and the variables that they are about, like this one:

  import numpy as np

  x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
  w, b = 0.5, 0.1

  def loss(w, b, x, y):
      f = w * x + b
      return np.mean((f - y) ** 2) / 2

  def by_hand(x, y, f):
      return {"f": (f - y) / len(y), "w": np.mean((f - y) * x), "b": np.mean(f - y)}

loss is called with the variables that its parameters are named after, or with inputs, if the file defines
it: a dict from names to arrays, or a function inputs(rng) that gives one, for random numbers and other
sizes. by_hand asks by name for inputs and for the intermediate results of loss, and gives the gradients of
any of them. What the file prints goes to standard error.

Ends with 0 if all gradients are right, 1 if one is wrong, 2 if the file cannot be used."""
OVERVIEW = """
examples:
  {program}                          the report on all lessons
  {program} compare xor              one derivation, held against the automatic gradients
  {program} compare FILE.py          a derivation of your own: which line is wrong, and why
  {program} exercise xor             a derivation with mistakes to find
  {program} draw xor -o xor.svg      the picture of one backward pass
  {program} train --help             what a command can do

lessons:
{lessons}

Ends with 0 if all is well, 1 if a gradient derived by hand is wrong, 2 if the input cannot be used."""


class Parser(argparse.ArgumentParser):
    """A parser that shows help as it is written, and complains in one line."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raises what argparse would print.

        Raises
        ------
        ArgumentError
            Always.
        """
        raise ArgumentError(f"{message}. Try {self.prog} --help.")


def parsed(argv: list[str], version: str) -> argparse.Namespace:
    """The name of the command as `command`, and its options.

    Parameters
    ----------
    argv : list of str
    version : str

    Raises
    ------
    ArgumentError
        If the arguments make no sense.
    SystemExit
        When help or the version has been printed.
    """
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        argv = ["report", *argv]
    if not argv[0].startswith("-") and argv[0] not in COMMANDS:
        raise ArgumentError(f"there is no command {argv[0]!r}{instead(argv[0], COMMANDS)}")
    lessons = "\n".join(f"  {name:18} {lesson.title}" for name, lesson in LESSONS.items())
    parser = Parser(
        PROGRAM,
        "Lessons in gradients: derived by hand, found by automatic differentiation, compared.",
        OVERVIEW.format(program=PROGRAM, lessons=lessons),
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {version}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, told in COMMANDS.items():
        examples = "\n".join(f"  {PROGRAM} {name} {example}".rstrip() for example in EXAMPLES[name])
        examples += OWN_FILE if name == "compare" else ""
        described = f"{told[0].upper()}{told[1:]}."
        _add_options(
            commands.add_parser(name, help=told, description=described, epilog=f"examples:\n{examples}"), name
        )
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        commands.choices[options.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def instead(name: str, known: Iterable[str]) -> str:
    """What may have been meant by an unknown name, as the end of a sentence."""
    known = list(known)
    similar = nearest(name, known)
    return f"; did you mean {' or '.join(similar)}?" if similar else f": there are {', '.join(known)}."


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("lesson", metavar="LESSON", help=f"one of {', '.join(TEXTS)}")
    add("-o", "--output", metavar="FILE.py", type=Path, help="where to (default: print it)")
    add("--seed", metavar="N", type=_whole, default=0, help="which mistakes (default: 0)")
    add("--mistakes", metavar="N", type=_whole, default=1, help="how many (default: 1)")
    add("--answer", action="store_true", help="print which lines are wrong, and nothing else")
    add("--json", action="store_true", help="print one JSON object and nothing else")


def _add_options(parser: argparse.ArgumentParser, command: str) -> None:
    add = parser.add_argument
    if command == "exercise":
        _add_exercise(parser)
        return
    if command == "report":
        add("lessons", metavar="LESSON", nargs="*", help=f"some of {', '.join(LESSONS)} (default: all)")
        add(
            "-o",
            "--output",
            metavar="FOLDER",
            type=Path,
            default=FOLDER,
            help=f"where to (default: {FOLDER})",
        )
    elif command == "compare":
        add(
            "lesson", metavar="LESSON or FILE.py", help=f"one of {', '.join(LESSONS)}; or a file of one's own"
        )
        add("-o", "--output", metavar="PICTURE", type=Path, help=f"draw it: {PICTURES}")
    else:
        add("lesson", metavar="LESSON", help=f"one of {', '.join(LESSONS)}")
    if command == "draw":
        add("-o", "--output", metavar="FILE", type=Path, required=True, help=PICTURES)
        add("--theme", choices=("auto", "light", "dark"), default="auto", help="colours (default: auto)")
        add(
            "--direction", choices=("down", "right"), default="down", help="where values flow (default: down)"
        )
        add(
            "--engine", help="the layout engine: graphviz-pure, pygraphviz, dot, or a program called like dot"
        )
    if command in ("compare", "draw"):
        add("--steps", metavar="N", type=_whole, default=0, help="steps of training beforehand (default: 0)")
    else:
        add(
            "--steps",
            metavar="N",
            type=_whole,
            help="steps of training (default: as many as the lesson takes)",
        )
    if command != "report":
        add(
            "--rate",
            metavar="X",
            type=_positive,
            help="the rate of the training (default: that of the lesson)",
        )
    add("--seed", metavar="N", type=_whole, default=0, help="of the initial parameters (default: 0)")
    add("--data", metavar="FILE", help=f"for {REGRESSION}: a CSV file of two columns, x and y")
    add("--no-scale", action="store_true", help=f"for {REGRESSION}: do not divide x by its largest")
    add("--json", action="store_true", help="print one JSON object and nothing else")


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return number


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number
