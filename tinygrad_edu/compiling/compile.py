"""compile: a function that runs as generated code, with one program for each signature it is called with."""

import functools
import gc
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.compiling import native, numpy_target
from tinygrad_edu.compiling.agreement import check_equal
from tinygrad_edu.compiling.calling import holds_values, inputs_of, signature_of
from tinygrad_edu.compiling.exact import exactly_simplified
from tinygrad_edu.compiling.following import follow
from tinygrad_edu.compiling.prepared import Prepared
from tinygrad_edu.compiling.rounding import simplified_for_speed
from tinygrad_edu.compiling.target import Target
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.program.programs import Program
from tinygrad_edu.transforms import value_and_grad

Array = Any

TARGETS: dict[str, Target] = {"numpy": numpy_target.build, "native": native.build}
LIMIT = 16
"""So many programs of one function are kept, if nothing else is said."""


class Compiled:
    """A function with its programs: call it as the function itself. Made by `compile`.

    Several threads may call it at once.

    Attributes
    ----------
    program : Program
        The one that ran last, simplified: its inputs, what was frozen, and its operations.
    source : str
        What runs.
    """

    def __init__(self, f: Callable[..., Any], target: str, fast: bool, limit: int) -> None:
        functools.update_wrapper(self, f)
        self._chosen = target, fast, limit
        self._f, self._target, self._fast, self._limit = f, TARGETS[target], fast, limit
        self._title = getattr(f, "__name__", type(f).__name__)
        self._runs: dict[Any, Prepared] = {}
        self._latest: Prepared | None = None
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """What the function gives, as new arrays; with a Value among the arguments, the function itself."""
        latest = self._latest
        if latest is not None and not settings and (not latest.caught or latest.fits()):
            result = latest.calling.call(args)
            if result is not NotImplemented:
                return result
        if holds_values((args, settings)):
            return self._f(*args, **settings)
        run = self._run_for(args, settings, sys._getframe(1))
        return run.calling.pack(run.run(inputs_of(args)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied as what it was made of; programs are made anew."""
        return Compiled, (self._f, *self._chosen)

    def repeat(self, count: int, *state: Any) -> Any:
        """Call the function `count` times, each time with what it gave before.

        Parameters
        ----------
        count : int
            How often, 1 or more.
        *state
            What it is called with for the first time. It must give as much in the same structure, shapes and
            dtypes; or a tuple of that and, last, a single number such as the loss.

        Returns
        -------
        What the function gave last; in place of the single number an array of all of them.

        Raises
        ------
        ArgumentError
            If the function gives anything else.

        Examples
        --------
        >>> import numpy as np, tinygrad_edu as tg
        >>> x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0])
        >>> loss = tg.value_and_grad(lambda p: np.mean((p[0] * x + p[1] - y) ** 2) / 2)
        >>> def step(p):
        ...     Q, slope = loss(p)
        ...     return p - 0.25 * slope, Q
        >>> p, Q = tg.compile(step).repeat(200, np.zeros(2))
        >>> p.round(3), Q.shape
        (array([2., 1.]), (200,))
        """
        if not isinstance(count, (int, np.integer)) or count < 1:
            raise ArgumentError(f"repeat({count!r}, ...): say how often, 1 or more.")
        if holds_values(state):
            raise ArgumentError("repeat takes plain numbers and arrays, not Values: pass .data.")
        run = self._run_for(state, {}, sys._getframe(1))
        column = run.column(self._title)
        fed_back = [(i, i) for i in range(len(run.program.inputs) - len(run.caught))]
        outputs, numbers = run.built.repeat(int(count), run.completed(inputs_of(state)), fed_back, column)
        if column is not None:
            outputs = [*outputs[:column], np.array(numbers, run.program.outputs[column].dtype)]
        return run.calling.pack(outputs)

    def prepare(self, *args: Any, **settings: Any) -> "Compiled":
        """Trace and build for a signature without running, and give back the function itself."""
        self._run_for(args, settings, sys._getframe(1))
        return self

    @functools.cached_property
    def value_and_grad(self) -> "Compiled":
        """The function and its gradient by the first argument, compiled in the same way."""
        return Compiled(value_and_grad(self._f), *self._chosen)

    @property
    def program(self) -> Program:
        """The program that was run or prepared last."""
        return self._known().program

    @property
    def source(self) -> str:
        """The source of the program that was run or prepared last."""
        return self._known().built.source

    def _known(self) -> "Prepared":
        if self._latest is None:
            raise ArgumentError(
                f"{self._title} was not called yet: a program is made for the shapes of a call. Call it, or "
                "write .prepare(...) with the same arguments."
            )
        return self._latest

    def _run_for(self, args: tuple[Any, ...], settings: Mapping[str, Any], frame: FrameType) -> "Prepared":
        key = signature_of(args, settings)
        run = self._runs.get(key)
        if run is None or not run.fits():
            run = self._traced(args, settings, frame)  # not locked: it may call compiled functions
        with self._lock:
            self._make_room(key)
            self._runs.pop(key, None)  # what was used last stands last
            self._runs[key] = run
            self._latest = run
        return run

    def _make_room(self, key: Any) -> None:
        if key not in self._runs and len(self._runs) >= self._limit:
            warnings.warn(
                f"{self._title} is compiled for more than {self._limit} signatures (shapes, dtypes, "
                "settings); the oldest program is dropped. Each new signature costs more than many calls. "
                "Pass numbers by position, keep to few shapes, or set compile(..., limit=...).",
                RuntimeWarning,
                stacklevel=4,
            )
            del self._runs[next(iter(self._runs))]

    def _traced(self, args: tuple[Any, ...], settings: Mapping[str, Any], frame: FrameType) -> "Prepared":
        with _nothing_collected():
            first = follow(self._f, args, settings, self._title, frame)
            check_equal(first, follow(self._f, args, settings, self._title, frame))
            program = first.program
            program = simplified_for_speed(program) if self._fast else exactly_simplified(program)
            built = self._target(program, self._fast)
        return Prepared(program, first.caught, args, built)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without the collector: all that is made is needed, and it would look at it again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def compile(  # noqa: A001 (the field's word)
    f: Callable[..., Any], target: str = "numpy", *, fast: bool = False, limit: int = LIMIT
) -> Compiled:
    """The function as generated code: recorded once for each signature, and then run without recording.

    Parameters
    ----------
    f : callable
        Of numbers, arrays, and nested dicts, lists and tuples of them: a model, ``tg.grad(f)``,
        ``tg.value_and_grad(f)``, ``tg.hessian(f)``, or a whole training step. Numbers and arrays given by
        position are inputs; everything else, and every keyword argument, belongs to the signature.
    target : {"numpy", "native"}
        What the code is written in: NumPy, or C, which the system's compiler builds. Where there is no
        compiler, or an operation has no C, a RuntimeWarning says so and the program runs as NumPy.
    fast : bool
        Whether rewriting may change how results are rounded. Without it they are the same numbers as those of
        the function itself: bit for bit where the same NumPy function runs on the same memory layout, else
        within 4 units in the last place for each operation.
    limit : int
        How many signatures are kept. When there are more, a RuntimeWarning says so and the oldest is dropped.

    Returns
    -------
    Compiled
        Called as `f`; has ``.source``, ``.program`` and ``.repeat(count, *state)``.

    Raises
    ------
    ArgumentError
        If there is no such target.
    TracingError
        When it is called: if `f` looks at the numbers of a Value, or does something else when it is called
        again. The message names the line.

    Notes
    -----
    Values that `f` uses from outside are read in every call. Plain arrays from outside are part of the
    program, as they were in the first call; ``print(compiled.program)`` lists them. Called with Values, `f`
    runs as it is, so that a compiled function can be differentiated. A single number is a float64, as for
    `tg.grad`.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> X, y = np.arange(6.0).reshape(3, 2), np.ones(3)
    >>> slope = tg.compile(tg.grad(lambda w: np.mean((X @ w - y) ** 2)))
    >>> slope(np.array([0.5, 0.25]))
    array([7. , 8.5])
    >>> print(slope.source)  # doctest: +ELLIPSIS
    \"\"\"<lambda>(w 2), in NumPy.\"\"\"
    ...
    """
    if target not in TARGETS:
        raise ArgumentError(f"compile(target={target!r}): there are {', '.join(map(repr, TARGETS))}.")
    if limit < 1:
        raise ArgumentError(f"compile(limit={limit}): at least one signature is kept.")
    return Compiled(f, target, fast, limit)
