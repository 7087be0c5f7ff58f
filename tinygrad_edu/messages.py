"""Errors of recorded operations, told with the caller's own variable names and shapes."""

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.errors import (
    BoundsError,
    DataTypeError,
    Error,
    MatrixError,
    MutationError,
    ShapeError,
    UnsupportedFunctionError,
)
from tinygrad_edu.node import Node
from tinygrad_edu.operands import kind_of_data, shortened
from tinygrad_edu.primitives import Primitive

SYMBOLS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@",
    "remainder": "%", "floor_divide": "//", "equal": "==", "not_equal": "!=", "less": "<",
    "less_equal": "<=", "greater": ">", "greater_equal": ">=",
}  # fmt: skip

COMPLEX: dict[Callable[..., Any], str] = {
    np.linalg.eig: "Of a symmetric matrix, np.linalg.eigh gives real eigenvalues and eigenvectors.",
    np.linalg.eigvals: "Of a symmetric matrix, np.linalg.eigvalsh gives real eigenvalues.",
}
"""Functions that give complex numbers, and what there is instead."""

OF_SCIPY = {
    "erf": "tg.erf(x)",
    "erfc": "tg.erfc(x)",
    "expit": "tg.sigmoid(x)",
    "log_expit": "-tg.softplus(-x)",
    "logit": "np.log(x) - np.log1p(-x)",
    "ndtr": "tg.erfc(-x / 2**0.5) / 2",
    "entr": "-tg.xlogy(x, x)",
    "exp10": "10**x",
    "exprel": "np.expm1(x) / x",
    "xlog1py": "tg.xlog1py(x, y)",
    "xlogy": "tg.xlogy(x, y)",
}
"""What the functions of scipy.special are in ours."""


def explained(
    error: Exception, primitive: Primitive, args: Sequence[Any], operands: Sequence[Any], frame: FrameType
) -> Exception:
    """What went wrong when `primitive` was called, as an error for the person who wrote the call."""
    if isinstance(error, Error) or not isinstance(error, (ValueError, TypeError, IndexError, OverflowError)):
        return error
    if not operands:
        return ShapeError(f"{_call(primitive, ())}: {_sentence(error)}")
    labels = [operand_label(arg, i, frame, listed=primitive.variadic) for i, arg in enumerate(args)]
    if isinstance(error, OverflowError) and "to float" in str(error):
        return DataTypeError(
            f"{_call(primitive, labels)}: a whole number this large is no floating point number; the largest "
            "float64 is about 1.8e308."
        )
    for label, operand in zip(labels, operands, strict=True):
        dtype = getattr(operand, "dtype", None) or np.asarray(operand).dtype
        if dtype.kind not in "fbiu":
            return DataTypeError(
                f"{_call(primitive, labels)}: {label} holds {kind_of_data(dtype)}; only real numbers can be "
                "recorded."
            )
    shapes = [np.shape(operand) for operand in operands]
    *most, last = (f"{label} has shape {shape}" for label, shape in zip(labels, shapes, strict=True))
    described = f"{', '.join(most)} and {last}" if most else last
    if isinstance(error, np.linalg.LinAlgError):
        return MatrixError(f"{_call(primitive, labels)}: {described}. {_sentence(error)}")
    if isinstance(error, ValueError):
        return ShapeError(
            f"{_call(primitive, labels)}: {described}. {_advice(primitive, labels, shapes, error)}"
        )
    if isinstance(error, IndexError):
        return BoundsError(f"Indexing {labels[0]}: {described}. {_sentence(error)}")
    return DataTypeError(f"{_call(primitive, labels)}: {str(error).rstrip('.')}. {described}.")


def misused(error: Exception, function: Callable[..., Any], args: Sequence[Any]) -> Exception:
    """What went wrong in an expression, in the words of whoever found it, with the shapes it was given."""
    if isinstance(error, Error):
        return error
    shapes = [str(arg.shape) for arg in args if isinstance(arg, (Node, np.ndarray))]
    given = f"given arrays of shape {' and '.join(shapes)}: " if shapes else ""
    return ShapeError(f"{name_of(function)}: {given}{str(error).rstrip('.')}.")


def operand_label(arg: Any, position: int, frame: FrameType, listed: bool = False) -> str:
    """The name by which the caller knows an operand; it may have been given in a list of operands."""
    if arg is None or isinstance(arg, (int, float, complex, str, bytes)):
        return shortened(arg)
    known = arg.name if isinstance(arg, Node) else None
    return (
        known
        or (None if listed else names.operand_name(frame.f_code, frame.f_lasti, position))
        or names.held_name(_outside(frame), arg)
        or f"operand {position + 1}"
    )


def _outside(frame: FrameType) -> FrameType:
    """The frame of the user's code from which a rule or an expression of the package was called."""
    while names.is_internal(frame.f_code) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _call(primitive: Primitive, labels: Sequence[str]) -> str:
    symbol = SYMBOLS.get(primitive.name)
    if symbol and len(labels) == 2:
        return f"{labels[0]} {symbol} {labels[1]}"
    inside = ", ".join(labels)
    return f"{primitive.name}([{inside}])" if primitive.variadic else f"{primitive.name}({inside})"


def _advice(
    primitive: Primitive, labels: Sequence[str], shapes: Sequence[tuple[int, ...]], error: Exception
) -> str:
    if primitive.name == "matmul" and all(shapes):
        inner = shapes[0][-1], shapes[1][-2] if len(shapes[1]) > 1 else shapes[1][0]
        if inner[0] != inner[1]:
            return (
                f"In a matrix product the last axis of {labels[0]} ({inner[0]}) must be as long as the "
                f"{'second to last' if len(shapes[1]) > 1 else 'only'} axis of {labels[1]} ({inner[1]})."
            )
        return "The axes before the last two are compared from the right and must be equal or 1."
    if primitive.name == "matmul":
        return "A matrix product needs arrays; multiply numbers with *."
    if primitive.kind in ("elementwise", "flat") and "broadcast" in str(error):
        return (
            "Axes are compared from the right and must be equal or 1; insert an axis with [:, None] or "
            "reshape."
        )
    lengths = re.search(r"core dimension .*size (\d+) is different from (\d+)", str(error))
    if lengths:
        longer, other = lengths.groups()
        return f"Axes that belong together have the lengths {other} and {longer}, which must be equal."
    if "remapped shapes" in str(error):
        where = "that have the same letter" if primitive.name == "einsum" else "before the last two"
        return f"The axes {where} must be equally long, or of length 1."
    return _sentence(error)


def _sentence(error: Exception) -> str:
    """The words of an error, from a capital letter to a full stop."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def overwriting(ufunc: np.ufunc) -> MutationError:
    """The error for a result that was to be written into an array that exists."""
    symbol = SYMBOLS.get(ufunc.__name__, "").strip("<>=!")
    instead = (
        f"`a {symbol}= value` means the same for a plain array a: write `a = a {symbol} value`"
        if symbol
        else f"write `y = np.{ufunc.__name__}(...)`"
    )
    return MutationError(
        f"np.{ufunc.__name__}(..., out=...) would put a result with a history into an array that exists; "
        f"{instead}."
    )


def unsupported(
    function: Callable[..., Any], supported: Iterable[Callable[..., Any]]
) -> UnsupportedFunctionError:
    """The error for a NumPy function that has no rule, with the nearest ones that have."""
    name = name_of(function)
    module = getattr(function, "__module__", None) or _room_of(function)
    full = f"{module.replace('numpy', 'np', 1)}.{name}" if module else name
    if module == "scipy.special" and name in OF_SCIPY:
        return UnsupportedFunctionError(f"{full} has no rule for Values: write {OF_SCIPY[name]}.")
    if module == "numpy.fft" or function in COMPLEX:
        hint = COMPLEX.get(function, "Use .data if no gradient is needed.")
        return UnsupportedFunctionError(
            f"{full} gives complex numbers, which are not supported on Values yet. {hint}"
        )
    known = sorted({name_of(entry).lstrip("_") for entry in supported})
    akin = [other for other in known if (len(other) > 2 and other in name) or name in other]
    nearest = list(dict.fromkeys(akin + difflib.get_close_matches(name, known, cutoff=0.75)))[:3]
    hint = f" The nearest that have one: {', '.join(nearest)}." if nearest else ""
    return UnsupportedFunctionError(
        f"{full} has no rule for Values.{hint} Write it with supported functions, declare a rule with "
        f"tg.primitive, or use .data if no gradient is needed."
    )


def _room_of(function: Callable[..., Any]) -> str:
    """The module in which a ufunc, which does not tell, is found under its name; or none."""
    ufunc = getattr(function, "__self__", function)
    rooms = (room for room in ("numpy", "scipy.special") if room in sys.modules)
    return next((room for room in rooms if getattr(sys.modules[room], ufunc.__name__, None) is ufunc), "")


def name_of(function: Callable[..., Any]) -> str:
    """The name after ``np.``; of a method of a ufunc, the ufunc's name as well."""
    name: str = getattr(function, "__name__", str(function))
    owner = getattr(function, "__self__", None)
    return f"{owner.__name__}.{name}" if isinstance(owner, np.ufunc) else name
