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
import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError, UnsupportedFunctionError

Array = Any
Rule = Callable[..., Array]
Function = Callable[..., Any]

KINDS = ("elementwise", "linear", "multilinear", "general")
EVERYWHERE = (-float("inf"), float("inf"))

REGISTRY: dict[Function, "Primitive"] = {}
EXPRESSIONS: dict[Function, Function] = {}
PLAIN = frozenset({np.ndarray, np.float64, np.float32, float, int})
"""Classes that surely do not record, so that a call on them need not ask."""
OPERATORS: dict[Function, Function] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: operator.pow, np.remainder: operator.mod, np.floor_divide: operator.floordiv, np.negative: operator.neg,
    np.positive: operator.pos, np.absolute: operator.abs, np.square: lambda x: x * x, np.equal: operator.eq,
    np.not_equal: operator.ne, np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt,
    np.greater_equal: operator.ge,
}  # fmt: skip
"""The same functions as operators of Python, which are many times as fast on scalars."""
UNSET = getattr(np, "_NoValue", None)


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
        self.known_settings = _settings_of(rules)
        self._parameters = _positional_parameters(function, len(rules), variadic)
        self._open_ended = _takes_any_number(rules)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        for arg in args[0] if self.variadic else args:
            if arg.__class__ not in PLAIN:
                record = getattr(arg.__class__, "__record__", None)
                if record is not None:
                    if settings or self.variadic or len(args) != len(self.rules):
                        args, settings = self.normalised(args, settings)
                    return record(self, args, settings, sys._getframe(1))
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
        """A call as (array arguments, settings by keyword): a list of arrays is spread, defaults are dropped."""
        arrays = len(self.rules)
        if self._open_ended or (
            len(args) == arrays and not self.variadic and settings.keys() <= self.known_settings
        ):
            return args, dict(settings)
        bound = dict(zip(self._parameters, args, strict=False))
        for name, value in settings.items():
            if name not in self._parameters:
                raise UnsupportedFunctionError(f"{self.name} has no argument {name!r}.")
            bound[name] = value
        operands = [bound.pop(name) for name in self._parameters[:arrays] if name in bound]
        known = self.known_settings
        chosen = {name: value for name, value in bound.items() if value is not UNSET}
        for name in [name for name in chosen if name not in known]:
            if chosen.pop(name) is not None:
                raise UnsupportedFunctionError(_unsupported_setting(self.name, name))
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
    """Mark a function written in terms of primitives, so that its result is named after the caller's variable."""

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


def _settings_of(rules: tuple[Rule | None, ...]) -> frozenset[str]:
    """The settings that a primitive knows: those that its rules take by keyword."""
    names: set[str] = set()
    for rule in rules:
        if rule is not None:
            for parameter in inspect.signature(rule).parameters.values():
                if parameter.default is not parameter.empty or parameter.kind is parameter.KEYWORD_ONLY:
                    names.add(parameter.name)
    return frozenset(names)


def _positional_parameters(function: Function, arrays: int, variadic: bool) -> tuple[str, ...]:
    """The names of the arguments of `function` in order, array arguments first."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # NumPy's compiled functions, before they told their signature
        compiled = {
            "where": ("condition", "x", "y"),
            "concatenate": ("arrays", "axis", "out", "dtype", "casting"),
        }
        return compiled.get(function.__name__, tuple(f"x{i + 1}" for i in range(1 if variadic else arrays)))


def _takes_any_number(rules: tuple[Rule | None, ...]) -> bool:
    """Whether further arrays without a gradient may follow, as the arrays of an index do."""
    signatures = [inspect.signature(rule) for rule in rules if rule is not None]
    kinds = {parameter.kind for signature in signatures for parameter in signature.parameters.values()}
    return inspect.Parameter.VAR_POSITIONAL in kinds


def _unsupported_setting(function: str, name: str) -> str:
    advice = {
        "out": "a recorded number is never overwritten; use the result instead",
        "where": "choose with np.where(condition, x, y) instead",
        "dtype": "convert the data before it becomes a Value instead",
        "casting": "convert the data before it becomes a Value instead",
        "initial": "add the initial value to the result instead",
    }
    return f"{function}(..., {name}=...) is not supported on Values: {advice.get(name, 'leave it out')}."
