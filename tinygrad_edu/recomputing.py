"""checkpoint: a function whose intermediate results are computed again instead of being kept."""

import functools
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.context import COMPILING, CONTEXT, recording
from tinygrad_edu.errors import MutationError
from tinygrad_edu.node import DISCRETE, Node, next_serial
from tinygrad_edu.operands import COPIED_UP_TO, fingerprint, is_foreign, is_watched
from tinygrad_edu.primitives import general
from tinygrad_edu.recording import record
from tinygrad_edu.rules.arithmetic import positive
from tinygrad_edu.rules.parts import parts as several_parts
from tinygrad_edu.rules.shaping import cast
from tinygrad_edu.sweeps import history, pullback
from tinygrad_edu.value import Value

Array = Any


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, remembering of each call its arguments and results only; a sweep computes the rest again.

    Parameters
    ----------
    f : callable
        Takes and gives arrays, or nested dicts, lists and tuples of them. It is called again in every sweep
        and must then compute the same: without drawing random numbers, and without changing anything.

    Returns
    -------
    callable
        With the arguments and results of `f`. Gradients also flow to Values that `f` uses from outside.

    Raises
    ------
    MutationError
        In a sweep, if `f` computes something else than when it was first called.

    Notes
    -----
    A loop of n steps keeps the results of every step. Cut into pieces of about √n steps, each a call of a
    checkpointed function, it keeps those of one piece and what is handed from piece to piece, at the price
    of a second forward computation. A compiled function plans its own memory, and computes nothing again.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> w = tg.Value(0.5)
    >>> @tg.checkpoint
    ... def thirty_steps(h):
    ...     for _ in range(30):
    ...         h = np.tanh(w * h + 1)
    ...     return h
    >>> loss = thirty_steps(thirty_steps(0.0))
    >>> loss.backward()
    >>> round(float(w.grad), 6)
    0.197372
    """

    @functools.wraps(f)
    def checkpointed(*args: Any, **settings: Any) -> Any:
        is_recording, _ = CONTEXT.get()
        if not is_recording or COMPILING.get():
            return f(*args, **settings)
        return Call(f, (args, settings)).recorded(sys._getframe(1))

    return checkpointed


class Call:
    """One call of a function, which can be computed again."""

    def __init__(self, f: Callable[..., Any], given: Any) -> None:
        self._f = f
        self.name = getattr(f, "__name__", type(f).__name__)
        leaves = [leaf if isinstance(leaf, Value) else _kept(leaf) for leaf in trees.leaves(given)]
        self._given = trees.rebuild(given, leaves)  # in containers that nobody else can change
        self._watched = [(leaf, fingerprint(leaf)) for leaf in leaves if is_watched(leaf)]
        self._places = [i for i, leaf in enumerate(leaves) if _is_differentiable(leaf)]
        self._outside: list[Value] = []
        self._first: Array | None = None
        self._pulled: tuple[Any, dict[int, Array]] | None = None

    def recorded(self, frame: FrameType) -> Any:
        """The results, as one node of the graph: a single array, or several as parts of a packed one."""
        start = next_serial()
        given = trees.leaves(self._given)
        inputs = [given[i] for i in self._places]
        out, packed = self._computed(start, [Value.leaf(x.recorded_data()) for x in inputs])
        if packed is None:
            return out
        self._outside = _outside(history(packed, start), start)
        if not inputs and not self._outside:
            return out
        self._first = packed._data
        node = record(checkpointed, (*inputs, *self._outside), {"call": self}, frame)
        return trees.rebuild(out, _parts(node, trees.leaves(out)))

    def _computed(self, start: int, inputs: Sequence[Value]) -> tuple[Any, Value | None]:
        """The results of `f` on other Values in place of those it was given, and all of them in one array."""
        leaves = trees.leaves(self._given)
        for i, x in zip(self._places, inputs, strict=True):
            leaves[i] = x
        args, settings = trees.rebuild(self._given, leaves)
        with recording():
            out = self._f(*args, **settings)
            results = [x for x in trees.leaves(out) if _is_differentiable(x)]
            if len(results) == 1:
                return out, results[0] if results[0].serial >= start else +results[0]
            packed: Any = np.concatenate([np.ravel(x) for x in results]) if results else None
            return out, packed

    def numbers(self, operands: Sequence[Array]) -> Array:
        """The packed results as plain numbers; those of the first call are at hand."""
        first, self._first = self._first, None
        if first is None:
            inputs = [Value.leaf(x) for x in operands[: len(self._places)]]
            _, packed = self._computed(next_serial(), inputs)
            assert packed is not None
            first = packed._data
        return first

    def pulled(self, i: int, g: Array, out: Array, operands: Sequence[Array]) -> Array:
        """The gradient of operand `i`. Those of all others are kept until the sweep asks for them."""
        if isinstance(g, Value) and g.is_leaf:  # a rule on its way to be transposed: one operand at a time
            return self._pullback(g, out, operands, [i])[i]
        pulled = self._pulled
        if pulled is None or pulled[0] is not g or i not in pulled[1]:
            self._pulled = pulled = g, self._pullback(g, out, operands, range(len(operands)))
        gradient = pulled[1].pop(i)
        if not pulled[1]:
            self._pulled = None
        return gradient

    def _pullback(
        self, g: Array, out: Array, operands: Sequence[Array], wanted: Sequence[int]
    ) -> dict[int, Array]:
        """`f` recorded again, and swept."""
        for leaf, earlier in self._watched:
            if fingerprint(leaf) != earlier:
                raise MutationError(
                    f"An array of shape {leaf.shape} was overwritten after {self.name}, which is "
                    "checkpointed, had been called with it: the gradient would be wrong. Pass a copy."
                )
        start = next_serial()
        fresh = [_stand_in(x) for x in operands]
        _, packed = self._computed(start, fresh[: len(self._places)])
        assert packed is not None
        if not _same(packed._data, out._data if isinstance(out, Value) else out):
            raise MutationError(
                f"{self.name} gave other numbers when it was computed "
                "again for its gradient. A checkpointed function may not draw random numbers, and what it "
                "uses from outside may not change in between: pass it as an argument."
            )
        nodes = history(packed, start)
        places = dict(zip(self._outside, fresh[len(self._places) :], strict=True))
        for node in nodes:
            if any(isinstance(arg, Value) and arg in places for arg in node.args):
                node.args = tuple(
                    places.get(arg, arg) if isinstance(arg, Value) else arg for arg in node.args
                )
        sources = [fresh[i] for i in wanted]
        recorded = any(isinstance(x, Value) for x in (g, *operands))
        found = pullback(history(packed, start), g, sources, recorded)
        return {i: found.get(x, _zeros(x)) for i, x in zip(wanted, sources, strict=True)}


def _checkpointed(operands: Sequence[Array], call: Call) -> Array:
    """The packed results of one call of a checkpointed function."""
    return call.numbers(operands)


checkpointed = general(
    _checkpointed, lambda i, g, out, *args, call: call.pulled(i, g, out, args), variadic=True
)


def _kept(leaf: Any) -> Any:
    """A plain argument as it is now: small arrays are copied, large ones are watched."""
    small = leaf.__class__ is np.ndarray and leaf.size <= COPIED_UP_TO
    return leaf.copy("K") if small else leaf


def _is_differentiable(leaf: Any) -> bool:
    return isinstance(leaf, Value) and leaf.is_float


def _outside(nodes: Sequence[Node], start: int) -> list[Value]:
    """The Values that were there before the call, and that its results depend on."""
    found = (arg for node in nodes for arg in node.args if isinstance(arg, Value))
    return [arg for arg in dict.fromkeys(found) if arg.serial < start and arg.is_float]


def _parts(node: Value, leaves: Sequence[Any]) -> list[Any]:
    """The results taken out of the packed ones; what carries no gradient is a Value without a history."""
    shapes = tuple(leaf.shape for leaf in leaves if _is_differentiable(leaf))
    taken: list[Any] = [node] if len(shapes) == 1 else list(several_parts(node, shapes))
    parts: list[Any] = []
    for leaf in leaves:
        if not isinstance(leaf, Value):
            parts.append(leaf)
        elif not leaf.is_float:
            parts.append(Value.leaf(leaf._data, state=DISCRETE))
        else:
            found = taken.pop(0)
            parts.append(found if found.dtype == leaf.dtype else cast(found, dtype=leaf.dtype))
    return parts


def _stand_in(operand: Array) -> Value:
    """A Value of this call's own with the numbers of an operand; if that is a Value, linked to it."""
    if not isinstance(operand, Value):
        return Value.leaf(operand)
    stand_in = Value.leaf(operand._data)
    stand_in.become_result(positive, (operand,), (operand._data,))
    return stand_in


def _zeros(x: Value) -> Array:
    return np.zeros(x.shape, x.dtype)[()]


def _same(x: Array, y: Array) -> bool:
    """Whether two results are equal; of another library, which has not computed them yet, the shapes."""
    if is_foreign(x) or is_foreign(y):
        return bool(x.shape == y.shape)
    return bool(np.array_equal(x, y, equal_nan=True))
