"""The error classes: every mistake a person can make here has one, and each derives from ``Error``."""

from typing import Any

import numpy as np

PAGE = "docs/errors.md"


class Error(Exception):
    """Base class of all errors raised on purpose by tinygrad_edu.

    Each class has a section on one page, with an example and the cure; a note below the message leads there.
    """

    def __init__(self, *args: object, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.add_note(f"See {self.page()}")

    @classmethod
    def page(cls) -> str:
        """Where the error is explained.

        >>> ShapeError.page()
        'docs/errors.md#shapeerror'
        """
        return f"{PAGE}#{cls.__name__.lower()}"


class DataTypeError(Error, TypeError):
    """Data that cannot be differentiated: complex numbers, strings, objects, Values inside a list."""


class ShapeError(Error, ValueError):
    """Operands, gradients or seeds whose shapes do not fit together."""


class MatrixError(Error, np.linalg.LinAlgError):
    """A matrix that cannot be solved with, inverted or factored: singular, not positive definite."""


class NonScalarError(Error, ValueError):
    """A gradient was asked of something that is not a single number, without saying in which direction."""


class BoundsError(Error, IndexError):
    """An index that does not fit the array."""


class UnsupportedFunctionError(Error, NotImplementedError, TypeError):
    """A NumPy function, or an option of one, that has no rule here."""


class ConversionError(Error, TypeError):
    """A Value was about to lose its history: put into an array, a float, or a function of ``math``."""


class MutationError(Error, TypeError):
    """A recorded number was about to be overwritten, or was overwritten behind the graph's back."""


class RuleError(Error, RuntimeError):
    """A rule gave a gradient that does not fit its argument: the rule is wrong, not the caller."""


class ArgumentError(Error, ValueError):
    """An argument of a public function makes no sense: unknown names, wrong counts, negative steps."""


class TracingError(Error, TypeError):
    """A function that cannot be compiled: what it does depends on more than its operations on Values."""


class DivergenceError(Error, ArithmeticError):
    """A descent whose objective is no longer a finite number."""


class GradientError(Error, AssertionError):
    """Gradients that were claimed to be right are wrong.

    Attributes
    ----------
    report : GradientReport or None
        All that `check_gradients` found.
    """

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class LostGradientWarning(UserWarning):
    """A gradient is 0, and the numbers of the argument left the record: more may have been meant."""


class MissingPackageError(Error, ImportError):
    """An optional package is needed and is not installed."""


class DrawingError(Error, RuntimeError):
    """A picture could not be laid out or written."""


class DataError(Error, ValueError):
    """A file of data that is missing, empty, or does not hold what it should."""


def missing_package(package: str, extra: str, purpose: str) -> MissingPackageError:
    """The error for an optional package: what needs it, and the command that installs it."""
    return MissingPackageError(
        f"{purpose} needs {package}, which is not installed: pip install 'tinygrad-edu[{extra}]'.",
        name=package,
    )


class CompilerError(Error, RuntimeError):
    """There is no C compiler, or it failed."""
