"""Checks of gradients against differences, in both modes and of higher orders, and where a mistake lies."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checking.checks import MODES, Check
from tinygrad_edu.checking.probes import Arguments, Probe
from tinygrad_edu.checking.report import GradientReport, GradientRow, order_words
from tinygrad_edu.errors import ArgumentError, GradientError, LostGradientWarning
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.sweeps import history
from tinygrad_edu.value import Value

ELSEWHERE = (
    "No rule is wrong by itself: look for numbers that leave the graph on the way (.data, .item(), "
    "tg.stop_gradient, tg.no_grad)."
)
HIGHER = (
    "The order below is right: somewhere a rule computes with plain numbers (.data, .item(), float, math) "
    "where it should compute with its arguments, so that its own derivative is lost."
)


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = MODES,
    seed: int = 0,
) -> GradientReport:
    """Check the gradients of `f` against differences, in both modes, up to the given order.

    Parameters
    ----------
    f : callable
        A function of arrays, written with NumPy; gives an array or a nested structure of arrays.
    *args : arrays or nested structures of arrays
        The point. Every floating point array is checked, in float64; anything else is passed unchanged.
        Lists of numbers are arrays. Whole numbers are checked if there are no floating point ones.
    order : int
        2 also checks the gradient of the gradient.
    modes : sequence of str
        "reverse", "forward", or both, which are then checked against each other too.
    seed : int
        Of the random directions.

    Returns
    -------
    GradientReport
        Readable; one row for each order, argument and mode.

    Raises
    ------
    GradientError
        If anything is wrong: with the argument, the element, the ratio, and what to look at. Its attribute
        ``report`` is the report.
    ArgumentError
        If there is nothing to check: no numbers, results that are not finite or not
        repeatable.

    Notes
    -----
    Slopes along random directions and of single elements are compared with differences over a sweep of step
    sizes (and with a complex step, where `f` runs on complex numbers). A slope that rounding hides, a kink
    and the end of a domain are no mistakes: the report says so. At a kink any slope between those of both
    sides is right.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> def loss(w, b):
    ...     return np.mean(tg.sigmoid(w * np.array([1.0, 2.0]) + b))
    >>> tg.check_gradients(loss, np.array([0.5, -1.0]), 0.25)
    <GradientReport ok=True: The gradients and second derivatives of loss are right.>
    """
    __tracebackhide__ = True
    if not modes or not set(modes) <= set(MODES):
        raise ArgumentError(f"modes={modes!r}: the modes are {' and '.join(map(repr, MODES))}.")
    if order < 1:
        raise ArgumentError(f"order={order}: the first order is the gradient.")
    arguments = Arguments(f, args)
    name = getattr(f, "__name__", type(f).__name__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LostGradientWarning)  # it is among what is reported
        rows, message = _checked(arguments, name, order, modes, seed)
        if not message:
            return GradientReport(name, tuple(rows))
        reached = rows[-1].order
        culprit = _culprit(arguments, reached, modes, seed)
    advice = " ".join(filter(None, (culprit, HIGHER if reached > 1 else "" if culprit else ELSEWHERE)))
    report = GradientReport(name, tuple(rows), f"{message} {advice}")
    raise GradientError(f"{report.message}\n\n{report.table().text(colour=False)}", report)


def _checked(
    arguments: Arguments, name: str, order: int, modes: Sequence[str], seed: int
) -> tuple[list[GradientRow], str]:
    """The rows up to the first order at which something is wrong, and what it is, in words."""
    rng = np.random.default_rng(seed)
    probe = Probe(arguments.function, arguments.arrays, rng)
    rows: list[GradientRow] = []
    for level in range(1, order + 1):
        if not probe.finite and level == 1:
            raise ArgumentError(
                f"check_gradients: {name} is not finite at this point, so it has no gradient there. "
                "tg.find_nonfinite tells which operation is the first to give nan or inf."
            )
        if not probe.finite:
            return [*rows, *(GradientRow(level, x, "both", "edge", 0, 0.0) for x in arguments.names)], ""
        messages = []
        for i, argument in enumerate(arguments.names):
            found, message = Check(probe, i, argument, level, modes, rng).outcome()
            rows += found
            messages += [f"The {order_words(level)} of {name} {message}"] if message else []
        if messages:
            return rows, messages[0]
        if level < order:
            probe = Probe(probe.derivative, probe.arrays, rng)
    return rows, ""


def _culprit(arguments: Arguments, order: int, modes: Sequence[str], seed: int) -> str:
    """A sentence on the rule that is wrong by itself, found by checking each on its operands; or none."""
    results = [x for x in arguments.function(*map(Value, arguments.arrays)) if isinstance(x, Node)]
    seen: set[Primitive] = set()
    for node in sorted({node for x in results for node in history(x)}, key=lambda node: node.serial):
        if node.primitive is not None and node.primitive not in seen and node.is_float:
            seen.add(node.primitive)
            message = _alone(node, order, modes, seed)
            if message:
                return message
    return ""


def _alone(node: Node, order: int, modes: Sequence[str], seed: int) -> str:
    """What is wrong with the rules of one operation, checked on the numbers that it was recorded with."""
    primitive = node.primitive
    assert primitive is not None
    rules = primitive.rules_for(len(node.args))
    for position, rule in enumerate(rules):
        if rule is None or not isinstance(node.args[position], Node):
            continue

        def alone(x: Any, position: int = position) -> Any:
            operands = [*node.operands[:position], x, *node.operands[position + 1 :]]
            return (
                primitive(operands, **node.params)
                if primitive.variadic
                else primitive(*operands, **node.params)
            )

        try:
            rows, message = _checked(
                Arguments(alone, (node.operands[position],)), primitive.name, order, modes, seed
            )
        except ArgumentError:  # its result is not finite, or no floating point number
            continue
        if message:
            line = f" (line {node.line})" if node.line else ""
            if all(row.mode != "reverse" or row.verdict != "wrong" for row in rows):
                return (
                    f"Look at the kind of {primitive.name}{line}: its rule is right in reverse mode, but the "
                    f"function is not {primitive.kind}, so that forward mode goes wrong."
                )
            return (
                f"Look at the rule of {primitive.name}{line} for its argument {position + 1}: it is wrong by "
                "itself."
            )
    return ""
