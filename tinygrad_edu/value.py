"""Value: a scalar or an array whose operations are recorded, through operators and NumPy's protocols."""

import sys
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.context import watching
from tinygrad_edu.errors import ArgumentError, BoundsError, ConversionError, MutationError, ShapeError
from tinygrad_edu.fitting import seed_for
from tinygrad_edu.messages import overwriting
from tinygrad_edu.methods import Methods, applied
from tinygrad_edu.names import Outside, is_internal, part_name
from tinygrad_edu.operands import is_foreign, owned
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.recording import record
from tinygrad_edu.sweeps import gradients_in_order, history

Array = Any
T = TypeVar("T")

_getframe = sys._getframe
_ndarray = np.ndarray


class Value(Methods):
    """A scalar or an array whose operations are recorded, so that they can be differentiated.

    Parameters
    ----------
    data : number, list, or array
        float32 and float64 are kept, integers and bools become float64. Arrays are copied.
    name : str, optional
        The name in pictures, comparisons and messages; without it, the variable the Value was first stored
        in.

    Attributes
    ----------
    data : array or NumPy scalar
        The numbers. Of a result it is a read-only view; of a leaf it may be written (``w.data -= 0.1 *
        w.grad``).
    grad : array, NumPy scalar or None
        The gradient that the last ``backward()`` gave this Value, in the shape and dtype of the data;
        ``None`` if no sweep reached it.
    name : str or None
        See above; can be set at any time.

    Raises
    ------
    DataTypeError
        If the data are complex numbers, text, objects, or hold a Value.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> x = tg.Value([1.0, 2.0, 3.0])
    >>> loss = np.sum(x ** 2)
    >>> loss.backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        raise ArgumentError(
            f"class {cls.__name__}(Value): a graph has Values of one class only. Keep Values as attributes "
            "instead."
        )

    def __init__(self, data: Any, name: str | None = None) -> None:
        self._become_leaf(owned(data))
        self.name = name
        frame = _getframe(1)
        self.code, self.offset = frame.f_code, frame.f_lasti

    def backward(self, seed: Any = None) -> None:
        """Set ``.grad`` on every Value that this one was computed from, and on itself.

        Calling it twice gives the same numbers: gradients are set, not added up.

        Parameters
        ----------
        seed : array, optional
            The gradient of this Value, in its shape. A single number needs none: it is 1.

        Raises
        ------
        NonScalarError
            If this is not a single number and there is no seed.
        ShapeError
            If the seed has another shape.
        MutationError
            If a large plain array was overwritten since it was recorded.
        """
        self._looked_at("backward")
        nodes = history(self)
        start = seed_for(self, seed.data if isinstance(seed, Value) else seed)
        for node, gradient in zip(nodes, gradients_in_order(nodes, start), strict=True):
            node._grad = (gradient,) if gradient.__class__ is _ndarray else gradient

    def item(self, *index: Any) -> float | int | bool:
        """The single number that this Value holds, or the one at an index, as a Python number."""
        self._looked_at("item")
        data = np.asarray(self._data) if is_foreign(self._data) else self._data
        number: float | int | bool
        try:
            number = data.item(*index)
        except IndexError as error:
            raise BoundsError(f"{self._description()} has shape {self.shape}: {error}.") from None
        except ValueError:
            raise ShapeError(
                f"{self._description()} has shape {self.shape}: item() gives a single number. Say which, "
                "item(0) or item(0, 1), or look at all of them in .data."
            ) from None
        return number

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        if settings.get("out") is not None:
            raise overwriting(ufunc)
        if method != "__call__":
            return applied(getattr(ufunc, method), inputs, settings, _getframe(1))
        primitive = REGISTRY.get(ufunc)
        if primitive is None:
            return applied(ufunc, inputs, settings, _getframe(1))
        if settings:
            inputs, settings = primitive.normalised(inputs, settings)
        return record(primitive, inputs, settings, _getframe(1))

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], settings: dict[str, Any]
    ) -> Any:
        return applied(function, args, settings, _getframe(1))

    __record__ = staticmethod(record)

    def __relocate__(self, frame: FrameType, nth: int | None = None, field: str | None = None) -> None:
        if self.code is not None and is_internal(self.code):  # else it is the caller's own, handed through
            self.code, self.offset = frame.f_code, Outside(frame.f_lasti)
            if nth is not None:
                self._name = part_name(self.code, self.offset, nth, field)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        self._looked_at("array")
        if self.is_float:
            raise self._refused("become a plain array")
        return np.array(self.data, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        self._looked_at("float")
        return float(self._plain_number("become a Python float"))

    def __int__(self) -> int:
        self._looked_at("int")
        return int(self._plain_number("become a Python int"))

    def __index__(self) -> int:
        self._looked_at("index")
        return self._plain_number("be used as an index").__index__()

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"The truth of {self._description()} of shape {self.shape} is ambiguous: use np.any, np.all, "
                f"or np.where(condition, x, y) to choose element by element."
            )
        self._looked_at("bool")
        return bool(self._data)

    def _plain_number(self, wish: str) -> Any:
        if self.is_float:
            raise self._refused(wish)
        return self._data if self.ndim == 0 else self._data.item()

    def _refused(self, wish: str) -> ConversionError:
        name = self._description()
        return ConversionError(
            f"{name} cannot {wish}: its history would be lost. To look at the numbers write .item() or "
            ".data; to compute with them use NumPy's functions (np.exp, not math.exp); to put Values side "
            "by side use np.stack or np.concatenate instead of np.array or a[i] = value."
        )

    def _description(self) -> str:
        return self.name or "this Value"

    def __repr__(self) -> str:
        with watching(None):  # a printed number decides nothing
            try:
                grad = "None" if self.grad is None else _listing(self.grad)
            except MutationError:
                grad = "of another shape"
        name = f", name={self.name!r}" if self.name else ""
        return f"Value({_listing(self._data)}, grad={grad}{name})"

    def __format__(self, spec: str) -> str:
        with watching(None):
            return format(self.item() if self.size == 1 else self._data, spec) if spec else str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        grad = None if self.grad is None else np.array(self.grad)[()]
        return _restored, (np.array(self._data)[()], grad, self.name)


def named(value: T, name: str) -> T:
    """`value` itself, known by `name` in pictures, comparisons and messages; plain arrays pass unchanged.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.named(tg.Value(2.0) * 3, "f")
    Value(6.0, grad=None, name='f')
    """
    if isinstance(value, Value):
        value.name = name
    return value


def _restored(data: Array, grad: Array | None, name: str | None) -> Value:
    """A Value from a pickle: numbers, gradient and name, without a history."""
    value = Value.leaf(data, name)
    value.grad = grad
    return value


def _listing(data: Array) -> str:
    """Numbers as in a repr, on one line where they fit."""
    if not getattr(data, "shape", ()):
        return repr(data.item()) if isinstance(data, np.generic) else repr(data)
    if not isinstance(data, np.ndarray):
        return repr(data)
    return np.array2string(data, separator=", ", threshold=20, precision=4, prefix="Value(")
