"""How a function with rules may be called, read from signatures: arrays in order, settings by name."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError, UnsupportedFunctionError

Function = Callable[..., Any]

UNSET = getattr(np, "_NoValue", None)
ADVICE = {
    "out": "a recorded number is never overwritten; use the result instead",
    "where": "choose with np.where(condition, x, y) instead",
    "dtype": "convert the data before it becomes a Value instead",
    "casting": "convert the data before it becomes a Value instead",
    "initial": "combine the initial value with the result instead",
    "order": "transpose first to read the numbers in another order",
}
"""What to do without the settings of NumPy that no rule understands."""


class Signature:
    """The arguments of a function with rules.

    Attributes
    ----------
    name : str
        The function's name in messages.
    arrays : int
        How many arguments have a place for a rule; they come first.
    parameters : tuple of str
        The names of all arguments, in order.
    settings : frozenset of str
        The settings that the rules understand.
    variadic : bool
        Whether the first argument is a list of arrays.
    """

    def __init__(self, function: Function, rules: tuple[Function | None, ...], variadic: bool) -> None:
        self.name = name_of(function)
        self.arrays, self.variadic = len(rules), variadic
        self.parameters = parameters_of(function, len(rules), variadic)
        self.settings = settings_of(rules, self.parameters)
        if not any(rules):
            self.settings -= ADVICE.keys()
        self.open_ended = not variadic and takes_any_number(rules)

    def normalised(
        self, args: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A call as (arrays, settings by keyword): a list of arrays is spread, defaults are dropped."""
        in_place = len(args) == self.arrays and not self.variadic
        if in_place and not settings:
            return args, {}
        fits = in_place and settings.keys() <= self.settings
        args, settings = (args, dict(settings)) if fits or self.open_ended else self._bound(args, settings)
        return args, {name: plain_setting(value, self.name, name) for name, value in settings.items()}

    def _bound(
        self, args: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The same, by the names of the parameters."""
        if len(args) > len(self.parameters):
            most = len(self.parameters)
            raise ArgumentError(f"{self.name} takes at most {most} arguments, not {len(args)}.")
        bound = dict(zip(self.parameters, args, strict=False))
        for name, value in settings.items():
            if name not in self.parameters and name not in ADVICE:  # which older ufuncs do not list
                known = ", ".join(self.parameters)
                raise UnsupportedFunctionError(f"{self.name} has no argument {name!r}; it has {known}.")
            bound[name] = value
        operands = [bound.pop(name) for name in self.parameters[: self.arrays] if name in bound]
        if len(operands) < self.arrays:
            needed = ", ".join(self.parameters[: self.arrays])
            raise UnsupportedFunctionError(f"{self.name} has a rule only for all of its arguments: {needed}.")
        chosen = {name: value for name, value in bound.items() if value is not UNSET}
        for name in [name for name in chosen if name not in self.settings]:
            if chosen.pop(name) is not None:
                raise without_rule(self.name, name)
        return (tuple(operands[0]) if self.variadic else tuple(operands)), chosen


def name_of(function: Function) -> str:
    """The name of a function in messages; of an object that is called like one, that of its class."""
    name: str = getattr(function, "__name__", type(function).__name__)
    return name.lstrip("_")


def plain_setting(value: Any, function: str, name: str) -> Any:
    """A setting as a graph may hold it: integers in place of Values that hold them, and a copy of an array.

    Raises
    ------
    UnsupportedFunctionError
        For a Value with a gradient, which would be lost.
    """
    if isinstance(value, dict):
        return {key: plain_setting(part, function, key) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [plain_setting(part, function, name) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, np.ndarray):
        return value.copy("K")
    if not hasattr(type(value), "__record__"):
        return value
    if value.dtype.kind == "f":
        raise UnsupportedFunctionError(
            f"{function}(..., {name}=...) takes a plain number, not a Value: no gradient passes "
            f"through a setting. Give its number, value.item(), or write the formula with operators."
        )
    return np.asarray(value) if value.ndim else np.asarray(value).item()


def without_rule(function: str, name: str) -> UnsupportedFunctionError:
    """The error for a setting of NumPy's that is not understood here."""
    advice = ADVICE.get(name, "leave it out")
    return UnsupportedFunctionError(f"{function}(..., {name}=...) has no rule on Values: {advice}.")


def called_like(function: Function, written: Function) -> Function:
    """`written`, to be called exactly as NumPy's `function` is, with whose names it names its parameters.

    Its settings are the parameters after the star; what it does not take may have NumPy's default only. What
    is written with other names than NumPy's is left as it is.
    """
    own = inspect.signature(written)
    try:
        theirs = inspect.signature(function)
    except (TypeError, ValueError):  # NumPy's compiled functions, before they told their signature
        theirs = own
    if not own.parameters.keys() <= theirs.parameters.keys():
        return written
    name, defaults = function.__name__, {key: p.default for key, p in theirs.parameters.items()}
    collects = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in theirs.parameters.values())
    settings = {p.name for p in own.parameters.values() if p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD)}

    @functools.wraps(written)
    def call(*args: Any, **given: Any) -> Any:
        if len(args) == 1 and not given:
            return written(*args)
        bound = dict(zip(defaults, args, strict=False)) | given
        if collects or len(bound) < len(args) + len(given) or not bound.keys() <= defaults.keys():
            try:
                bound = theirs.bind(*args, **given).arguments
            except TypeError as error:
                raise UnsupportedFunctionError(f"{name}: {error}.") from None
        chosen = {}
        for key, value in bound.items():
            if value is UNSET or value is defaults[key]:
                continue
            if key not in own.parameters:
                raise without_rule(name, key)
            chosen[key] = plain_setting(value, name, key) if key in settings else value
        if not collects:
            return written(**chosen)
        ordered = inspect.BoundArguments(own, chosen)
        return written(*ordered.args, **ordered.kwargs)

    return call


def settings_of(rules: tuple[Function | None, ...], parameters: tuple[str, ...]) -> frozenset[str]:
    """The settings that rules understand: what they take beyond g, out and the arrays.

    A function with the given parameters that has no rule at all understands every one.
    """
    names: set[str] = set()
    for rule in filter(None, rules):
        for parameter in list(inspect.signature(rule).parameters.values())[2 + len(rules) :]:
            if parameter.kind is parameter.VAR_KEYWORD:
                names.update(parameters[len(rules) :])
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                names.add(parameter.name)
    return frozenset(names if any(rules) else parameters[len(rules) :])


def parameters_of(function: Function, arrays: int, variadic: bool) -> tuple[str, ...]:
    """The names of the arguments of `function` in order, array arguments first."""
    try:
        names = inspect.signature(function).parameters
        return tuple("shape" if name == "newshape" else name for name in names)  # np.reshape in NumPy 2.0
    except (TypeError, ValueError):  # NumPy's compiled functions, before they told their signature
        compiled = {
            "where": ("condition", "x", "y"),
            "concatenate": ("arrays", "axis", "out", "dtype", "casting"),
        }
        return compiled.get(function.__name__, tuple(f"x{i + 1}" for i in range(1 if variadic else arrays)))


def takes_any_number(rules: tuple[Function | None, ...]) -> bool:
    """Whether further arrays without a gradient may follow, as the arrays of an index do."""
    signatures = [inspect.signature(rule) for rule in rules if rule is not None]
    kinds = {parameter.kind for signature in signatures for parameter in signature.parameters.values()}
    return inspect.Parameter.VAR_POSITIONAL in kinds
