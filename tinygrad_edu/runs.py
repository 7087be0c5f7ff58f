"""One call of a function on fresh Values, ready to be differentiated: the common part of transforms."""

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.context import COMPILING, WATCH, recording, watching
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.looks import Look, noticing, warn_of_lost
from tinygrad_edu.node import Node
from tinygrad_edu.operands import owned, private
from tinygrad_edu.rules.arithmetic import positive
from tinygrad_edu.sweeps import history, pullback
from tinygrad_edu.value import Value

Array = Any
Argnums = int | Sequence[int]


class Run:
    """One call of a function on fresh Values, and what it takes to sweep over it."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any], argnums: Argnums
    ) -> None:
        if not callable(f):
            raise ArgumentError(
                f"A {type(f).__name__} is no function: transforms take the function itself. Of a Value that "
                "was computed before, loss.backward() and tg.gradient(loss, wrt) give gradients."
            )
        try:
            single = hasattr(argnums, "__index__")
            positions = [operator.index(i) for i in ((argnums,) if single else argnums)]  # type: ignore[arg-type, union-attr]
        except TypeError:
            raise ArgumentError(
                f"argnums={argnums!r}: say which argument by its number, 0 for the first."
            ) from None
        if not all(-len(args) <= i < len(args) for i in positions):
            raise ArgumentError(
                f"argnums={argnums}: the function was called with {len(args)} positional arguments."
            )
        positions = [i % len(args) for i in positions]
        if len(set(positions)) < len(positions):
            raise ArgumentError(f"argnums={argnums} names an argument twice.")
        labels = parameter_names(f, len(args))
        self.nested = False
        self.inputs: list[Value] = []
        fresh = list(args)
        for i in positions:
            leaves = [self._input(leaf, path_name(labels[i], path)) for path, leaf in trees.paths(args[i])]
            fresh[i] = trees.rebuild(args[i], list(leaves))
        if positions and not self.inputs:
            raise ArgumentError(f"argnums={argnums}: these arguments hold no numbers to differentiate.")
        self.start = self.inputs[0].serial if self.inputs else 0
        self._asked = args[positions[0]] if single else tuple(args[i] for i in positions)
        looks: list[Look] = []
        compiler = WATCH.get() if COMPILING.get() else None  # a look further in is no loss further out
        with recording(), watching(noticing(looks, compiler)):
            self.out = f(*fresh, **settings)
        if looks:
            warn_of_lost(looks, self.inputs, trees.leaves(self.out), self.start)
        if not self.nested:
            self.nested = any(_reaches_outside(leaf, self.start) for leaf in trees.leaves(self.out))

    def _input(self, leaf: Any, name: str | None) -> Value:
        if isinstance(leaf, Value):
            self.nested = True
            fresh = Value.leaf(leaf.recorded_data(), leaf.name or name)
            fresh.become_result(positive, (leaf,), (fresh._data,))
        else:
            fresh = Value.leaf(owned(leaf), name)
        self.inputs.append(fresh)
        return fresh

    def split_aux(self) -> tuple[Any, Any]:
        """The two parts that a function with has_aux returns."""
        if not isinstance(self.out, tuple) or len(self.out) != 2:
            raise ArgumentError("has_aux=True: the function must return a pair (loss, aux).")
        loss, aux = self.out
        return loss, self.plain(aux)

    def pull(self, out: Any, seed: Array, recorded: bool | None = None) -> list[Array]:
        """The gradient for each input, 0 where `out` does not depend on it."""
        if not isinstance(out, Node):
            return [self.finished(None, x) for x in self.inputs]
        recorded = self.nested if recorded is None else recorded
        found = pullback(history(out, self.start), seed, self.inputs, recorded)
        return [self.finished(found.get(x), x) for x in self.inputs]

    def finished(self, result: Array, like: Node) -> Array:
        """A result as the caller gets it: zeros for None, Values when nested, else private arrays."""
        if result is None:
            result = np.zeros_like(like._data)[()]
        if self.nested:
            return as_value(result, like)
        return result if isinstance(result, Node) else private(result)

    def plain(self, tree: Any) -> Any:
        """Results without their Values, unless nested."""
        if self.nested:
            return tree
        return trees.transform(lambda leaf: private(leaf._data) if isinstance(leaf, Node) else leaf, tree)

    def as_asked(self, leaves: list[Array]) -> Any:
        """One array per input, in the structure of the arguments that argnums names."""
        return trees.rebuild(self._asked, leaves)


def as_value(result: Array, like: Node) -> Value:
    """A gradient as a Value: itself, or a new one; zeros like `like` for None."""
    if isinstance(result, Value):
        return result
    return Value.leaf(np.zeros_like(like._data)[()] if result is None else private(result))


def _reaches_outside(out: Any, start: int) -> bool:
    """Whether a result depends on a Value that is older than the inputs."""
    if not isinstance(out, Node):
        return False
    return any(
        isinstance(arg, Node) and arg.serial < start and arg.is_float
        for node in history(out, start)
        for arg in (*node.args, node)
    )


def parameter_names(f: Callable[..., Any], count: int) -> list[str | None]:
    """The names of the positional parameters of `f`, where they can be known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [None] * count
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (names + [None] * count)[:count]


def path_name(name: str | None, path: tuple[Any, ...]) -> str | None:
    """The name of a leaf: the last text key on the way to it, else the parameter, and the indices behind."""
    texts = [part for part in path if isinstance(part, str)]
    if texts:
        name, path = texts[-1], path[len(path) - path[::-1].index(texts[-1]) :]
    return f"{name}{''.join(f'[{part}]' for part in path)}" if name else None
