"""What signatures of functions and rules tell: names of arguments and settings. Knows no primitive."""

import inspect
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


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
