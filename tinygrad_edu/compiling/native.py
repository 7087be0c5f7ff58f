"""The native target: a program printed as C, built by the system's compiler, and called."""

import ctypes
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling import numpy_target
from tinygrad_edu.compiling.c_calling import (
    addresses,
    calling_text,
    in_order,
    is_as_expected,
    tell,
    tell_kinds,
)
from tinygrad_edu.compiling.c_compiler import blas, built, loaded
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.c_source import is_long, source_of
from tinygrad_edu.compiling.target import Built
from tinygrad_edu.errors import BoundsError, CompilerError, UnsupportedFunctionError
from tinygrad_edu.program.programs import Program

Array = Any

QUICK = 100_000
"""A program of fewer numbers than this runs without letting other threads of Python run meanwhile."""
NUMBERS, MOST = 20_000_000, 1000
"""Repeated until about so many numbers were computed, or so many times, Python looks after Control-C."""


class NativeProgram:
    """A program in C.

    Parameters
    ----------
    program : Program
        Simplified.
    fast_math : bool
        Whether the compiler may change the order of operations.

    Attributes
    ----------
    source : str
        What was compiled.

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails.
    UnsupportedFunctionError
        If a primitive cannot be written in C.
    """

    def __init__(self, program: Program, *, fast_math: bool = False) -> None:
        lowered = Lowered(program)
        self._title = program.title
        self._dtypes = [entry.dtype for entry in program.inputs]
        self._shapes = [(output.shape, output.dtype) for output in lowered.outputs]
        self._new, self._numbers = _results_of(self._shapes)
        self._tables = [in_order(data, variable.dtype) for variable, data in lowered.tables]
        self.source = source_of(lowered)
        calling = calling_text(len(program.inputs), len(self._tables), len(self._shapes))
        path = built(f"{self.source}\n{calling}", fast_math=fast_math, long=is_long(lowered))
        numbers = sum(math.prod(operation.shape) for operation in program.operations)
        self._stretch = max(2, min(MOST, NUMBERS // max(numbers, 1) // 2 * 2))
        library = loaded(path, quick=numbers <= QUICK)
        for letter, kind in (("d", "double"), ("s", "float")):
            found = blas(letter)
            if found and f"blas_multiply_{kind};" in self.source:
                ctypes.c_void_p.in_dll(library, f"blas_multiply_{kind}").value = found[0]
        tell_kinds(library)
        tell(library, "tables", [table.ctypes.data for table in self._tables])
        tell(library, "input_types", [id(np.dtype(dtype.name)) for dtype in self._dtypes])
        tell(library, "result_types", [id(np.dtype(dtype.name)) for _, dtype in self._shapes])
        self._library = library
        plain = all(entry.shape or entry.dtype == np.float64 for entry in program.inputs)
        self._call = library.call if plain and is_as_expected() else lambda *_: 1
        library.call.argtypes = (ctypes.py_object, ctypes.py_object)

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """The results for other inputs; see `Built.run`."""
        results = self._new()
        given = inputs if inputs.__class__ is list else list(inputs)
        failed = self._call(given, results)
        if failed:
            return self._run_in_order(given)
        for nth in self._numbers:
            results[nth] = results[nth][()]
        return results

    def repeat(
        self, count: int, inputs: Sequence[Array], fed_back: Sequence[tuple[int, int]], column: int | None
    ) -> tuple[list[Array], list[float]]:
        """The whole loop in C; see `Built.repeat`."""
        arrays = self._in_order(inputs)
        pair_of_results = [[np.empty(shape, dtype) for shape, dtype in self._shapes] for _ in range(2)]
        places, first, second = (
            addresses(some) for some in ([*arrays, *self._tables], pair_of_results[0], pair_of_results[1])
        )
        recorded = np.empty(0 if column is None else count, self._shapes[column or 0][1])
        long, pointer = ctypes.c_long, ctypes.c_void_p
        sources, targets = (np.array([pair[i] for pair in fed_back], np.dtype(long)) for i in range(2))
        for start in range(0, count, self._stretch):
            place = None if column is None else recorded[start:].ctypes.data
            failed = self._library.repeat(
                long(min(self._stretch, count - start)), places, first, second,
                long(len(fed_back)), pointer(sources.ctypes.data), pointer(targets.ctypes.data),
                pointer(place), long(column or 0), long(self._shapes[column or 0][1].itemsize),
            )  # fmt: skip
            self._check(failed)
        results = pair_of_results[(count - 1) % 2]
        return [result[()] for result in results], recorded.tolist()

    def _run_in_order(self, inputs: Sequence[Array]) -> list[Array]:
        """The same for arrays of any arrangement, and the error for an index out of range."""
        arrays = self._in_order(inputs)
        results = [np.empty(shape, dtype) for shape, dtype in self._shapes]
        self._check(self._library.compute(addresses([*arrays, *self._tables]), addresses(results)))
        return [result[()] for result in results]

    def _check(self, failed: int) -> None:
        if failed:
            raise BoundsError(
                f"{self._title}: a number in an index is out of range for the array that it indexes."
            )

    def _in_order(self, inputs: Sequence[Array]) -> list[Array]:
        return [in_order(array, dtype) for array, dtype in zip(inputs, self._dtypes, strict=True)]


def _results_of(
    shapes: Sequence[tuple[tuple[int, ...], np.dtype[Any]]],
) -> tuple[Callable[[], list[Any]], list[int]]:
    """What makes room for results, written out because that is quicker, and which are to become numbers.

    A float64 is made as the number that it will be: nobody else has it while C writes into it.
    """
    made, numbers = list[str](), list[int]()
    for nth, (shape, dtype) in enumerate(shapes):
        if shape == () and dtype == np.float64:
            made.append("float64()")
        else:
            made.append(f"empty({shape})" if dtype == np.float64 else f"empty({shape}, {dtype.name!r})")
            numbers += [nth] * (shape == ())
    names = {"empty": np.empty, "float64": np.float64}
    return eval(f"lambda: [{', '.join(made)}]", names), numbers  # noqa: S307 (written here)


def build(program: Program, fast: bool = False) -> Built:
    """The program in C; where that is not possible, in NumPy, with a warning that says why."""
    try:
        return NativeProgram(program, fast_math=fast)
    except (CompilerError, UnsupportedFunctionError) as error:
        warnings.warn(
            f'{error} {program.title} runs as NumPy (target="numpy").', RuntimeWarning, stacklevel=2
        )
        return numpy_target.build(program)
