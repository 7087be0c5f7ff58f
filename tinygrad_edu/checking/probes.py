"""A function of arrays as functions of one number: along any direction, with the slopes that it claims."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.checking.differences import Slope, slope
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import history, pullback
from tinygrad_edu.transforms import jvp, vjp
from tinygrad_edu.value import Value

Array = Any
Flat = Callable[..., list[Any]]
"""A function of arrays that gives a list of arrays."""

ROUNDINGS = 4
"""How many roundings an element of a result is made of, on average."""


class Arguments:
    """The floating point arrays among the arguments of a function, by name, and the function of them."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        labels = _parameters_of(f, len(args))
        without = not any(map(_is_float, trees.leaves(list(args))))
        args = [_array_of(arg) if without or any(map(_is_float, trees.leaves(arg))) else arg for arg in args]
        everything = [
            (label + "".join(f"[{key!r}]" for key in path), leaf)
            for label, arg in zip(labels, args, strict=True)
            for path, leaf in trees.paths(arg)
        ]
        leaves = [leaf._data if isinstance(leaf, Node) else leaf for _, leaf in everything]
        chosen = [i for i, leaf in enumerate(leaves) if _is_float(leaf)]
        chosen = chosen or [i for i, leaf in enumerate(leaves) if _is_whole(leaf)]
        if not chosen:
            raise ArgumentError(
                "check_gradients: the arguments hold no numbers; bools and texts are passed to the function "
                "unchanged."
            )
        self.names = [everything[i][0] for i in chosen]
        self.arrays = [np.array(leaves[i], dtype=np.float64)[()] for i in chosen]
        self._f, self._args, self._leaves, self._chosen = f, tuple(args), leaves, chosen

    def function(self, *arrays: Any) -> list[Any]:
        """The floating point results, as a list."""
        leaves = list(self._leaves)
        for i, array in zip(self._chosen, arrays, strict=True):
            leaves[i] = array
        return [leaf for leaf in trees.leaves(self._f(*trees.rebuild(self._args, leaves))) if _is_float(leaf)]


class Probe:
    """A function at one point, its results weighed with random numbers so that they are one number.

    Attributes
    ----------
    function : callable
        From arrays to a list of arrays.
    arrays : list of arrays
        The point.
    gradients : list of arrays
        What reverse mode says.
    single : bool
        Whether the result is a single number, which needs no weight.
    finite : bool
        Whether the results are; there is nothing to measure otherwise.
    """

    def __init__(self, function: Flat, arrays: Sequence[Array], rng: np.random.Generator) -> None:
        self.function, self.arrays = function, list(arrays)
        with np.errstate(all="ignore"):
            results, again = (list(map(plain, function(*self.arrays))) for _ in range(2))
            if not results:
                raise ArgumentError(
                    "check_gradients: the function gives no floating point numbers, so there is nothing to "
                    "differentiate."
                )
            if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(results, again, strict=True)):
                raise ArgumentError(
                    "check_gradients: the function gives other numbers when it is called again with the same "
                    "arguments. If it draws random numbers, make the generator inside it, from a fixed seed."
                )
            self.finite = all(np.isfinite(x).all() for x in results)
            self.single = sum(np.size(x) for x in results) == 1
            self.weights = [
                np.ones(x.shape)
                if self.single
                else rng.uniform(0.5, 1.5, x.shape) * rng.choice((-1.0, 1.0), x.shape)
                for x in results
            ]
            self.gradients = [plain(g) for g in self._pulled(*self.arrays)]
            self.rounding = self._rounding()
        self._measured: dict[tuple[int, bytes], Slope] = {}
        self._claimed: dict[tuple[str, int, bytes], float] = {}

    def _pulled(self, *arrays: Any) -> list[Any]:
        """The gradients of the weighed result."""
        results, pull = vjp(self.function, *arrays)
        weights = [
            np.asarray(w, getattr(x, "dtype", float))[()] for w, x in zip(self.weights, results, strict=True)
        ]
        return list(pull(weights))

    @property
    def derivative(self) -> "Flat":
        """The function that gives the gradients: what is probed one order higher."""
        return self._pulled

    def _weighed(self, results: Sequence[Any]) -> Any:
        return sum(np.sum(w * x) for w, x in zip(self.weights, results, strict=True))

    def _rounding(self) -> float:
        """How far rounding may have moved the weighed result: one rounding of every number on the way."""
        out = self._weighed(self.function(*map(Value, self.arrays)))
        if not isinstance(out, Node):
            return 0.0
        nodes = history(out)
        found = pullback(nodes, np.ones((), out.dtype)[()])
        terms = (
            float(np.finfo(node.dtype).eps) * float(np.sum(abs(g * node._data)))
            for node, g in found.items()
            if node.is_float
        )
        return ROUNDINGS * sum(term for term in terms if np.isfinite(term))

    def at_kink(self) -> bool:
        """Whether any function on the way stands at a kink of its own."""
        values = [x for x in self.function(*map(Value, self.arrays)) if isinstance(x, Node)]
        return any(_stands_at_kink(node) for x in values for node in history(x))

    def near(self, rng: np.random.Generator) -> "Probe":
        """The same function a small step away in all arguments, where kinks and ties are gone."""
        moved = [x + 1e-3 * np.where(x == 0, 1, x) * rng.uniform(0.5, 1, np.shape(x)) for x in self.arrays]
        return Probe(self.function, moved, rng)

    def measured(self, i: int, direction: Array) -> Slope:
        """The slope along a direction in argument `i`, from values of the function alone."""
        key = (i, direction.tobytes())
        if key not in self._measured:
            moving = abs(self.arrays[i][direction != 0])
            scale = float(np.sqrt(np.mean(moving**2))) if moving.size else 1.0
            self._measured[key] = slope(lambda t: self._at(i, direction, t), scale or 1.0, self.rounding)
        return self._measured[key]

    def _at(self, i: int, direction: Array, t: Any) -> Any:
        moved = list(self.arrays)
        moved[i] = moved[i] + t * direction
        return plain(self._weighed([plain(x) for x in self.function(*moved)]))

    def claimed(self, mode: str, i: int, direction: Array) -> float:
        """The slope that a mode gives along a direction in argument `i`."""
        key = (mode, i, direction.tobytes())
        if key not in self._claimed:
            with np.errstate(all="ignore"):
                if mode == "reverse":
                    moving = direction != 0
                    moved = np.sum(self.gradients[i][moving] * direction[moving])
                else:
                    tangents = [np.zeros_like(x) for x in self.arrays]
                    tangents[i] = direction
                    _, results = jvp(self.function, self.arrays, tangents)
                    moved = self._weighed([plain(x) for x in results])
            self._claimed[key] = float(moved)
        return self._claimed[key]

    def tolerance(self, i: int, direction: Array) -> float:
        """How far the two modes may be apart: they add the same terms in another order."""
        scale = float(np.max(abs(self.arrays[i]), initial=0)) or 1.0
        moving = direction != 0
        terms = self.gradients[i][moving] * direction[moving]
        return 1e-9 * float(np.sum(abs(terms))) + 10 * self.rounding / min(scale, 1.0)


def _stands_at_kink(node: Node) -> bool:
    """Whether the slope of one operation jumps at the numbers it was recorded with."""
    primitive, operands = node.primitive, node.operands
    if primitive is None or not primitive.has_kinks or primitive.variadic:
        return False

    def moved(i: int, t: float) -> Any:
        return np.sum(primitive.function(*operands[:i], operands[i] + t, *operands[i + 1 :], **node.params))

    return any(
        slope(lambda t, i=i: moved(i, t)).shape in ("kink", "jump")  # type: ignore[misc]
        for i, operand in enumerate(operands)
        if _is_float(operand) and np.size(operand)
    )


def plain(x: Any) -> Any:
    """An array or a Value as an array."""
    return x._data if isinstance(x, Node) else np.asarray(x)[()]


def unit(like: Array, index: tuple[int, ...]) -> Array:
    """The direction of one element."""
    direction = np.zeros(np.shape(like))
    direction[index] = 1.0
    return direction


def _is_float(leaf: Any) -> bool:
    dtype = getattr(leaf, "dtype", None)
    return isinstance(leaf, float) if dtype is None else dtype.kind in "fc"


def _is_whole(leaf: Any) -> bool:
    kind = getattr(getattr(leaf, "dtype", None), "kind", "")
    return kind in ("i", "u") or (isinstance(leaf, int) and not isinstance(leaf, bool))


def _array_of(arg: Any) -> Any:
    """A list, or a list of lists, of nothing but Python's numbers as an array; anything else unchanged."""
    if not _is_list_of_numbers(arg):
        return arg
    try:
        return np.array(arg)
    except ValueError:  # the lists in it are of different lengths
        return arg


def _is_list_of_numbers(arg: Any) -> bool:
    if not isinstance(arg, list) or not arg:
        return False
    return all(_is_list_of_numbers(x) or isinstance(x, float) or _is_whole(x) for x in arg)


def _parameters_of(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the positional parameters of `f`, or a description."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    known = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*known, *(f"argument {i + 1}" for i in range(len(known), count))][:count]
