"""Finds the program that lays out DOT, and runs it: the one file that knows subprocesses."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinygrad_edu.errors import DrawingError, MissingPackageError

VARIABLE = "TINYGRAD_EDU_ENGINE"
TIMEOUT = 120.0  # seconds
FAULTS = ("error", "not well-formed", "unrecognized")  # Graphviz can say so, print a picture, and end well

_IN_PROCESS = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1][2:], prog="dot"))
"""


@dataclass(frozen=True)
class Engine:
    """A command that reads DOT on its standard input and writes a picture on its standard output."""

    name: str
    command: tuple[str, ...]
    formats: frozenset[str] = frozenset({"svg", "png", "pdf"})


def find_engine(engine: str | None = None) -> Engine:
    """The layout engine to use.

    The first that exists of: `engine`, the environment variable ``TINYGRAD_EDU_ENGINE``, the package
    graphviz-pure, the package pygraphviz, the program ``dot`` of a Graphviz installation.

    Parameters
    ----------
    engine : str, optional
        ``"graphviz-pure"``, ``"pygraphviz"``, ``"dot"``, or a program that is called like ``dot``.

    Raises
    ------
    DrawingError
        If the engine asked for does not exist.
    MissingPackageError
        If none was asked for and none is installed.
    """
    asked, origin = (engine, "engine=") if engine is not None else (os.environ.get(VARIABLE), f"{VARIABLE}=")
    if asked:
        found = _KNOWN[asked]() if asked in _KNOWN else _program(asked)
        if found is None:
            raise DrawingError(
                f"{origin}{asked!r}: there is no such layout engine here. Give one of "
                f"{', '.join(map(repr, _KNOWN))} that is installed, or the path of a program called like dot."
            )
        return found
    for look in _KNOWN.values():
        if found := look():
            return found
    raise MissingPackageError(
        "A picture needs a layout engine and none is installed. One of three will do: pip install "
        "graphviz-pure; pip install pygraphviz, which writes PDF, too; or Graphviz itself, with its program "
        "dot on the PATH. The .dot text works without one."
    )


def layout(dot: str, suffix: str, engine: str | None = None, *, dpi: int | None = None) -> bytes:
    """The picture that a layout engine makes of DOT text.

    Parameters
    ----------
    dot : str
        A graph in the DOT language.
    suffix : str
        ``"svg"``, ``"png"`` or ``"pdf"``.
    engine : str, optional
        As for `find_engine`.
    dpi : int, optional
        Pixels per inch of a PNG; an inch has 72 points.

    Raises
    ------
    DrawingError
        If the engine cannot write the format, takes longer than `TIMEOUT` seconds, or rejects the text.
    MissingPackageError
        If no engine is installed.
    """
    found = find_engine(engine)
    if suffix not in found.formats:
        raise DrawingError(
            f"{found.name} cannot write {suffix.upper()}. To get one, pip install pygraphviz and "
            "choose the engine pygraphviz, or install Graphviz and choose dot. SVG and PNG work as it is."
        )
    if dpi is not None:
        dot = dot.replace("{", f"{{\n  graph [dpi={dpi}];", 1)
    try:
        done = subprocess.run(  # noqa: S603 - the program is one that the caller or this file has chosen
            [*found.command, f"-T{suffix}"],
            input=dot.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DrawingError(
            f"{found.name} needed more than {TIMEOUT:g} seconds for this picture and was stopped. "
            "Draw a part of the graph: an intermediate Value instead of the loss."
        ) from None
    except OSError as error:
        raise DrawingError(f"{found.name} could not be started: {error.strerror or error}") from error
    said = [line.strip() for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    if done.returncode or not done.stdout or any(fault in line.lower() for line in said for fault in FAULTS):
        reason = " / ".join(line for line in said if "non-ASCII character" not in line)[-500:]
        reason = reason or f"it ended with status {done.returncode} and said nothing"
        raise DrawingError(f"{found.name} could not draw the graph: {reason}")
    return done.stdout


def _graphviz_pure() -> Engine | None:
    """The wheel's executable, wherever pip put it: it is there also when the environment is not activated."""
    try:
        files = importlib.metadata.files("graphviz-pure") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.stem == "graphviz-pure" and os.access(path := file.locate(), os.X_OK):
            return Engine("graphviz-pure", (str(path),), frozenset({"svg", "png"}))
    return None


def _pygraphviz() -> Engine | None:
    if importlib.util.find_spec("pygraphviz") is None:
        return None
    return Engine("pygraphviz", (sys.executable, "-c", _IN_PROCESS))


def _dot() -> Engine | None:
    return _program("dot")


def _program(name: str) -> Engine | None:
    path = shutil.which(name)
    return Engine(Path(name).name, (path,)) if path else None


_KNOWN: dict[str, Callable[[], Engine | None]] = {
    "graphviz-pure": _graphviz_pure,
    "pygraphviz": _pygraphviz,
    "dot": _dot,
}
