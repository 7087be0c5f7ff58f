"""How a function with rules may be called, read from signatures: arrays in order, settings by name."""

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
    "initial": "add the initial value to the result instead",
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
        self.name: str = function.__name__.lstrip("_")
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
        for name in chosen.keys() - self.settings:
            if chosen.pop(name) is not None:
                advice = ADVICE.get(name, "leave it out")
                call = f"{self.name}(..., {name}=...)"
                raise UnsupportedFunctionError(f"{call} has no rule on Values: {advice}.")
        return (tuple(operands[0]) if self.variadic else tuple(operands)), chosen


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
