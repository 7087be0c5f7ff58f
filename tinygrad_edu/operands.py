"""The numbers that go into a graph: what may become data, what is copied, and what is watched for changes."""

import math
import warnings
from typing import Any

import numpy as np

from tinygrad_edu.errors import ConversionError, DataTypeError, UnsupportedFunctionError

Array = Any

COPIED_UP_TO = 4096
"""Plain arrays of at most so many numbers are copied when they are recorded; larger ones are watched."""
SAMPLES = 64
"""How many numbers of a large array are remembered in order to notice that it was overwritten."""

MASKED = "A masked array would lose its mask here: fill the gaps with .filled(...) first."
MATRIX = "The * of a np.matrix is the @ of an array: make it an array first, with np.asarray(...)."

DOUBLES = np.dtype(np.float64)
NUMBERS = frozenset({int, float, bool, np.float64, np.float32, np.int64, np.bool_})


def owned(data: Any) -> Array:
    """`data` as the private data of a Value: floating point, shared with nobody, scalars as NumPy scalars.

    Raises
    ------
    DataTypeError
        For complex numbers, strings, objects, and anything that is a Value or holds one.
    """
    if hasattr(type(data), "__record__"):
        raise DataTypeError(
            "Value(v) of something that is a Value already: use v itself, or v.data for its numbers."
        )
    array = data if is_foreign(data) else _copied(data)
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    if array.dtype.kind != "f" or array.dtype.itemsize not in (4, 8):
        kind = "whole numbers this large" if isinstance(data, int) else kind_of_data(array.dtype)
        raise DataTypeError(
            f"Value({shortened(data)}): data must be real numbers, not {kind}; "
            f"gradients are defined here for float32 and float64."
        )
    if is_foreign(array):
        return of_known_shape(array)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    return array if array.ndim else array[()]


def is_foreign(data: Any) -> bool:
    """Whether `data` is an array of another library that speaks NumPy's protocols: dask, cupy."""
    kind = data.__class__
    if kind is np.ndarray or kind in NUMBERS or issubclass(kind, (np.ndarray, np.generic)):
        return False
    return hasattr(kind, "__array_function__") and not hasattr(kind, "__record__")


def of_known_shape(data: Array) -> Array:
    """`data`, an array of another library, which may not yet know how long it is.

    Raises
    ------
    DataTypeError
        If it does not: rules and sweeps compare shapes.
    """
    if any(map(math.isnan, data.shape)):
        raise DataTypeError(
            f"An array of shape {data.shape} does not know how long it is: compute that first, with "
            ".compute_chunk_sizes(); np.where(condition, x, 0) chooses without a change of shape."
        )
    return data


def private(data: Array) -> Array:
    """`data` as an array of the caller's own; of another library, which overwrites nothing, as it is."""
    return data if is_foreign(data) else np.array(data)[()]


def computed_abroad(function: Any, name: str, operands: Any, params: Any) -> Array:
    """The result of a function of arrays of another library, which must be one of that library too.

    Raises
    ------
    UnsupportedFunctionError
        If the library has no such function, and would turn its arrays into NumPy's without asking.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)  # so dask announces that it is about to convert
        try:
            data = function(*operands, **params)
        except FutureWarning:
            raise turned_into_numpy(name, operands) from None
    if isinstance(data, (np.ndarray, np.generic)):
        raise turned_into_numpy(name, operands)
    return of_known_shape(data) if is_foreign(data) else data


def turned_into_numpy(name: str, operands: Any) -> UnsupportedFunctionError:
    """The error for a function that would compute, or load, all of a lazy array at once."""
    numbers = (getattr(x, "_data", x) if hasattr(x, "__record__") else x for x in operands)
    library = next((type(x).__module__.partition(".")[0] for x in numbers if is_foreign(x)), "its library")
    return UnsupportedFunctionError(
        f"{name} of an array of {library} would turn it into a NumPy array, all of it in memory. Elementwise "
        "functions, sums, means, maxima, products, np.where, np.concatenate and transposes stay with "
        f"{library}; or compute it first, with .compute() or the like."
    )


def frozen(operand: Any) -> Array:
    """A plain operand as a graph holds it: small arrays are copied, all else is held as it is."""
    if isinstance(operand, np.ndarray):
        if operand.size <= COPIED_UP_TO or isinstance(operand, (np.ma.MaskedArray, np.matrix)):
            return _copied(operand)
        return operand if operand.__class__ is np.ndarray else np.asarray(operand)
    return _copied(operand) if isinstance(operand, (list, tuple)) else operand


def _copied(data: Any) -> Array:
    """A new array of the numbers in `data`."""
    if isinstance(data, (np.ma.MaskedArray, np.matrix)):
        raise DataTypeError(MATRIX if isinstance(data, np.matrix) else MASKED)
    try:
        return np.array(data)
    except (ConversionError, ValueError) as error:
        if isinstance(error, ConversionError) or isinstance(error.__cause__, ConversionError):
            raise DataTypeError(
                f"{shortened(data)} holds Values: put them side by side with np.stack or np.concatenate, "
                f"which keep their history."
            ) from None
        raise DataTypeError(
            f"{shortened(data)}: the rows of a nested list must have equal lengths."
        ) from None


def fingerprint(array: Array) -> bytes:
    """A few of the numbers of a large array, spread over all of it."""
    sample: bytes = array.flat[:: max(1, array.size // SAMPLES)].tobytes()
    return sample


def is_watched(operand: Any) -> bool:
    """Whether a recorded operand is an array that its owner may still overwrite."""
    return isinstance(operand, np.ndarray) and operand.size > COPIED_UP_TO


def result_data(data: Any, operation: str) -> Array:
    """What a function returned, as data of a Value: 0-d arrays become NumPy scalars.

    Raises
    ------
    DataTypeError
        If the result is not an array of real numbers.
    """
    if data.__class__ is np.float64 or (
        data.__class__ is np.ndarray and data.dtype is DOUBLES and data.shape
    ):
        return data
    if isinstance(data, (np.ma.MaskedArray, np.matrix)):
        raise DataTypeError(f"{operation}: {MATRIX if isinstance(data, np.matrix) else MASKED}")
    if isinstance(data, (bool, int, float, np.ndarray)):
        data = np.asarray(data)
    dtype = getattr(data, "dtype", None)
    if dtype is None or dtype.kind not in "fbiu":
        what = type(data).__name__ if dtype is None else kind_of_data(dtype)
        raise DataTypeError(f"{operation} gave {what}: only real numbers can be recorded and differentiated.")
    if dtype.itemsize > 8:
        raise DataTypeError(
            f"{operation} gave {dtype} numbers: gradients are defined here for float32 and float64. Convert "
            "the operand of that type first, with .astype(np.float64)."
        )
    return data[()] if isinstance(data, np.ndarray) and data.ndim == 0 else data


def identical(x: Array, y: Array) -> bool:
    """Whether two arrays are the same to the last bit: -0 is not 0, and a NaN is itself."""
    if is_foreign(x) or is_foreign(y):
        return bool(np.array_equal(x, y, equal_nan=True))
    return bool(x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes())


def kind_of_data(dtype: np.dtype[Any]) -> str:
    """A dtype in words."""
    words = {
        "c": "complex numbers",
        "U": "text",
        "S": "bytes",
        "O": "Python objects",
        "M": "dates",
        "m": "durations",
    }
    return words.get(dtype.kind, str(dtype))


def shortened(data: Any) -> str:
    """The repr of some data, cut to fit into a message."""
    try:
        text = " ".join(repr(data).split())
    except ValueError:  # Python does not write out integers of thousands of digits
        return f"{type(data).__name__} data too long to print"
    return text if len(text) <= 40 else f"{text[:37]}..."
