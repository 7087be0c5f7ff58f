"""What compiling asks of a target: it turns a program into something that runs. Knows no target."""

from collections.abc import Sequence
from typing import Any, Protocol

from tinygrad_edu.program.programs import Program

Array = Any


class Built(Protocol):
    """A program in the form in which a target runs it.

    Attributes
    ----------
    source : str
        What runs, to be read.
    """

    source: str

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """The program's outputs, one for each of ``program.outputs``, for arrays in the order of its inputs.

        Whoever calls has checked shapes and dtypes: scalars are float64, float32 or Python floats, arrays are
        of the shape and dtype of the input, in any memory layout. They are not written to. The results are
        new: no two of them share memory, and neither an input, a constant nor a later run touches them.
        """
        ...

    def repeat(
        self, count: int, inputs: Sequence[Array], fed_back: Sequence[tuple[int, int]], column: int | None
    ) -> tuple[list[Array], list[float]]:
        """Run `count` times, at least once, with results in place of inputs from the second time on.

        Parameters
        ----------
        count : int
            How often.
        inputs : sequence of arrays
            For the first run; not written to.
        fed_back : sequence of (output, input)
            Output number `output` of each run becomes input number `input` of the next.
        column : int or None
            The number of an output that is a single number.

        Returns
        -------
        outputs : list of arrays
            Of the last run.
        column : list of float
            That output of each run; empty for None.
        """
        ...


class Target(Protocol):
    """Builds programs, which it gets simplified."""

    def __call__(self, program: Program, fast: bool = False) -> Built:
        """The program, ready to run; if it is to be fast, results may be rounded in another way."""
        ...
