"""What a primitive is: a function, its kind, and one rule per argument. Knows no rule and no Value.

A rule is written once, as an ordinary NumPy expression ``rule(g, out, *args, **settings)`` that gives the
contribution of the result's gradient ``g`` to one argument's gradient. It is linear in ``g``.
Run on arrays it computes a gradient, run on Values it records one, and the kind of a primitive says how the
same text moves a tangent forward:

=============  ============================  ==========================================================
kind           examples                      forward mode
=============  ============================  ==========================================================
elementwise    exp, multiply, where          the same rule, with the tangent for ``g``
linear         sum, reshape, concatenate     the function itself, on the tangents
multilinear    matmul                        a sum: one argument after the other replaced by its tangent
general        prod, solve                   the transpose of the rule, taken by recording it
=============  ============================  ==========================================================
"""

import functools
import operator
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError, UnsupportedFunctionError
from tinygrad_edu.signatures import parameters_of, settings_of, takes_any_number

Array = Any
Rule = Callable[..., Array]
Function = Callable[..., Any]

KINDS = ("elementwise", "linear", "multilinear", "general")
EVERYWHERE = (-float("inf"), float("inf"))

REGISTRY: dict[Function, "Primitive"] = {}
PLAIN = frozenset({np.ndarray, np.float64, np.float32, float, int, bool, str, tuple, type(None)})
"""Classes that surely do not record, so that a call on them need not ask."""
OPERATORS: dict[Function, Function] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: operator.pow, np.remainder: operator.mod, np.floor_divide: operator.floordiv,
    np.negative: operator.neg,
    np.positive: operator.pos, np.absolute: operator.abs, np.square: lambda x: x**2, np.equal: operator.eq,
    np.not_equal: operator.ne, np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt,
    np.greater_equal: operator.ge, np.sum: lambda x, **settings: x.sum(**settings),
    np.mean: lambda x, **settings: x.mean(**settings), np.reshape: lambda x, shape: x.reshape(shape),
}  # fmt: skip
"""The same functions as operators and methods, which are many times as fast on scalars and small arrays."""
UNSET = getattr(np, "_NoValue", None)
ADVICE = {
    "out": "a recorded number is never overwritten; use the result instead",
    "where": "choose with np.where(condition, x, y) instead",
    "dtype": "convert the data before it becomes a Value instead",
    "casting": "convert the data before it becomes a Value instead",
    "initial": "add the initial value to the result instead",
    "order": "transpose first to read the numbers in another order",
}
"""What to do without the settings of NumPy that no rule understands."""


class Primitive:
    """A function of arrays with one rule per array argument; callable on arrays and on Values.

    Parameters
    ----------
    function : callable
        Computes the result from plain arrays (positional) and settings (keyword).
    rules : callable or None
        ``rule(g, out, *args, **settings)`` for each array argument; ``None`` lets no gradient pass. A
        variadic primitive has a single ``rule(i, g, out, *args, **settings)``.
    kind : {"elementwise", "linear", "multilinear", "general"}
        How the rules move a tangent forward; see the table above.
    variadic : bool
        Whether the function takes a list of arrays, as ``np.concatenate`` does.
    domain : sequence of (low, high)
        For each argument, the open interval inside which the rules hold.
    kinks : str
        The convention where the derivative jumps, for people and documentation.
    """

    def __init__(
        self,
        function: Function,
        *rules: Rule | None,
        kind: str = "elementwise",
        variadic: bool = False,
        domain: tuple[tuple[float, float], ...] = (),
        kinks: str = "",
    ) -> None:
        if kind not in KINDS:
            raise ArgumentError(f"kind={kind!r}: a primitive is one of {', '.join(KINDS)}.")
        if not rules:
            raise ArgumentError(
                f"{function.__name__}: a primitive needs one rule (or None) per array argument."
            )
        functools.update_wrapper(self, function)
        self.function = function
        self.name: str = function.__name__.lstrip("_")
        self.kind = kind
        self.rules = rules
        self.variadic = variadic
        self.compute: Function = self._of_list if variadic else OPERATORS.get(function, function)
        self.domain = domain or (EVERYWHERE,) * len(rules)
        self.kinks = kinks
        self._parameters = parameters_of(function, len(rules), variadic)
        self.known_settings = settings_of(rules, self._parameters)
        if not self.differentiable:
            self.known_settings -= ADVICE.keys()
        self._open_ended = not variadic and takes_any_number(rules)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """The result; recorded, if any argument is a Value."""
        for values in (args[0] if self.variadic and args else args), settings.values():
            for value in values:
                if value.__class__ not in PLAIN and hasattr(value.__class__, "__record__"):
                    operands, chosen = self.normalised(args, settings)
                    return value.__record__(self, operands, chosen, sys._getframe(1))
        return self.function(*args, **settings)

    def __repr__(self) -> str:
        return f"<{self.kind} primitive {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _registered, (self.function,)

    def _of_list(self, *operands: Array, **settings: Any) -> Array:
        return self.function(operands, **settings)

    def rules_for(self, count: int) -> tuple[Rule | None, ...]:
        """One rule for each of `count` array arguments."""
        if not self.variadic:
            return self.rules + (None,) * (count - len(self.rules))
        shared = self.rules[0]
        return (
            (None,) * count if shared is None else tuple(functools.partial(shared, i) for i in range(count))
        )

    @property
    def differentiable(self) -> bool:
        """Whether a gradient passes through any argument."""
        return any(rule is not None for rule in self.rules)

    def normalised(
        self, args: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A call as (arrays, settings by keyword): a list of arrays is spread, defaults are dropped."""
        in_place = len(args) == len(self.rules) and not self.variadic
        if in_place and not settings:
            return args, {}
        fits = in_place and settings.keys() <= self.known_settings
        args, settings = (args, dict(settings)) if fits or self._open_ended else self._bound(args, settings)
        for name, value in settings.items():
            if hasattr(type(value), "__record__"):
                raise UnsupportedFunctionError(
                    f"{self.name}(..., {name}=...) takes a plain number, not a Value: no gradient passes "
                    f"through a setting. Give its number, value.item(), or write the formula with operators."
                )
        return args, settings

    def _bound(
        self, args: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The same, by the names of the parameters."""
        if len(args) > len(self._parameters):
            most = len(self._parameters)
            raise ArgumentError(f"{self.name} takes at most {most} arguments, not {len(args)}.")
        bound = dict(zip(self._parameters, args, strict=False))
        for name, value in settings.items():
            if name not in self._parameters:
                known = ", ".join(self._parameters)
                raise UnsupportedFunctionError(f"{self.name} has no argument {name!r}; it has {known}.")
            bound[name] = value
        operands = [bound.pop(name) for name in self._parameters[: len(self.rules)] if name in bound]
        if len(operands) < len(self.rules):
            needed = ", ".join(self._parameters[: len(self.rules)])
            raise UnsupportedFunctionError(f"{self.name} has a rule only for all of its arguments: {needed}.")
        chosen = {name: value for name, value in bound.items() if value is not UNSET}
        for name in chosen.keys() - self.known_settings:
            if chosen.pop(name) is not None:
                advice = ADVICE.get(name, "leave it out")
                call = f"{self.name}(..., {name}=...)"
                raise UnsupportedFunctionError(f"{call} has no rule on Values: {advice}.")
        return (tuple(operands[0]) if self.variadic else tuple(operands)), chosen


def primitive(function: Function, *rules: Rule | None, kind: str = "elementwise", **facts: Any) -> Primitive:
    """Declare `function` differentiable: one rule per array argument, and the kind of the function.

    Parameters
    ----------
    function : callable
        ``function(*arrays, **settings)`` on plain arrays. A NumPy function is then found when it is called on
        Values; for a function of your own, call what this returns.
    *rules : callable or None
        For each array argument ``rule(g, out, *args, **settings)``: the contribution to that argument's
        gradient when ``g`` is the gradient of the result ``out``. Written with NumPy, so that it can be
        recorded itself.
    kind : {"elementwise", "linear", "multilinear", "general"}
        Moves tangents forward; no forward rule is written.
    **facts
        ``variadic``, ``domain`` and ``kinks``, see `Primitive`.

    Returns
    -------
    Primitive
        Callable on arrays and on Values.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> def cube(x):
    ...     return x * x * x
    >>> cube = tg.primitive(cube, lambda g, out, x: g * 3 * x * x)
    >>> float(tg.grad(cube)(2.0))
    12.0
    """
    entry = Primitive(function, *rules, kind=kind, **facts)
    REGISTRY[function] = entry
    return entry


elementwise = functools.partial(primitive, kind="elementwise")
linear = functools.partial(primitive, kind="linear")
multilinear = functools.partial(primitive, kind="multilinear")
general = functools.partial(primitive, kind="general")


def expression(function: Function) -> Function:
    """Mark a function written in terms of primitives: its result is named after the caller's variable."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        result = function(*args, **settings)
        relocate = getattr(type(result), "__relocate__", None)
        if relocate is not None:
            relocate(result, sys._getframe(1))
        return result

    return call


def _registered(function: Function) -> Primitive:
    return REGISTRY[function]
