"""A derivation in a Python file of one's own: read, run, compared, and what may be wrong with the file."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.comparison import Comparison, compare
from tinygrad_edu.errors import DataError, Error
from tinygrad_edu.names import nearest


@dataclass(frozen=True)
class Derivation:
    """What a file defines.

    Attributes
    ----------
    path : Path
    loss : callable
        ``loss(**inputs)``, the objective as an ordinary NumPy expression.
    by_hand : callable
        The gradients; asks by name for inputs and intermediate results, gives a dict from names to arrays.
    inputs : mapping of str to array
        The arguments of `loss`.
    probes : callable or None
        ``probes(rng)`` gives further inputs.
    """

    path: Path
    loss: Callable[..., Any]
    by_hand: Callable[..., Mapping[str, Any]]
    inputs: Mapping[str, Any]
    probes: Callable[[np.random.Generator], Mapping[str, Any]] | None = None

    def compared(self) -> Comparison:
        """The comparison of the two functions.

        Raises
        ------
        DataError
            With the line of the file at which something went wrong.
        """
        with blamed_on(self.path):
            return compare(self.loss, self.by_hand, self.inputs, self.probes)


def derivation_in(path: Path, seed: int = 0) -> Derivation:
    """Runs a file and finds in it a loss, the gradients by hand, and the inputs.

    Parameters
    ----------
    path : Path
        The file defines ``loss`` and ``by_hand``, and ``inputs``: a dict, or a function ``inputs(rng)`` that
        gives one. Without ``inputs``, those variables are taken that the parameters of ``loss`` are named
        after.
    seed : int
        Of the random numbers for ``inputs(rng)``.

    Raises
    ------
    DataError
        If there is no such file, it does not run, or something is not in it.
    """
    return functions_of(_source(path), path, seed)


def functions_of(source: str | bytes, path: Path, seed: int = 0) -> Derivation:
    """Runs the text of a file and finds its functions and inputs; see `derivation_in`."""
    variables = _run(source, path)
    for name in ("loss", "by_hand"):
        if not callable(variables.get(name)):
            raise DataError(f"{path} defines no function {name}{_instead(name, variables)}")
    loss, by_hand = variables["loss"], variables["by_hand"]
    inputs = variables.get("inputs")
    with blamed_on(path):
        probes = variables.get("probes")
        if callable(inputs):
            takes_rng = bool(inspect.signature(inputs).parameters)
            probes = inputs if takes_rng and probes is None else probes
            inputs = inputs(*[np.random.default_rng(seed)] * takes_rng)
    if inputs is None:
        inputs = _variables_for(loss, variables, path)
    if not isinstance(inputs, Mapping):
        raise DataError(f"{path}: inputs is a {type(inputs).__name__}, not a dict from names to arrays.")
    return Derivation(path, loss, by_hand, inputs, probes)


@contextlib.contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """What goes wrong inside is told with the line of the file; what it prints goes to standard error.

    Raises
    ------
    DataError
        For any exception inside.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        line = _line_in(path, error)
        place = f"{path}, line {line}" if line else str(path)
        if isinstance(error, Error):
            told = str(error)
        elif isinstance(error, SyntaxError):
            told = f"{type(error).__name__}: {error.msg}"
        else:
            told = f"{type(error).__name__}: {error}".rstrip(": ")
        raise DataError(f"{place}: {told}") from error


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"there is no file {path}.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error


def _run(source: str | bytes, path: Path) -> dict[str, Any]:
    """The variables of a file after it has run, not as the main program, with its folder to import from."""
    variables: dict[str, Any] = {"__name__": path.stem, "__file__": str(path), "__builtins__": __builtins__}
    before = list(sys.path)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with blamed_on(path):
            exec(compile(source, str(path), "exec"), variables)  # noqa: S102 - the user's own file
    finally:
        sys.path[:] = before
    return variables


def _variables_for(loss: Callable[..., Any], variables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The variables of a file that the parameters of its loss are named after."""
    with blamed_on(path):
        parameters = inspect.signature(loss).parameters
    missing = [
        name
        for name, parameter in parameters.items()
        if name not in variables and parameter.default is parameter.empty
    ]
    if missing:
        listed = ", ".join(missing)
        raise DataError(
            f"{path}: loss asks for {listed}: write inputs = {{...}}, a dict from names to arrays, or define "
            f"{'a variable' if len(missing) == 1 else 'variables'} of that name."
        )
    return {name: variables[name] for name in parameters if name in variables}


def _instead(name: str, variables: Mapping[str, Any]) -> str:
    functions = [other for other, thing in variables.items() if inspect.isfunction(thing)]
    similar = nearest(name, functions)
    if similar:
        return f"; is {similar[0]} meant? Call it {name}."
    known = f"there are {', '.join(functions)}" if functions else "there is no function in it"
    return f": {known}."


def _line_in(path: Path, error: BaseException) -> int | None:
    """The line of the file at which an exception came up: the innermost one."""
    found = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
