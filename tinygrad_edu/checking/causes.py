"""Why an operation gives nan or inf: the cases that mathematics and rounding know, and their usual cures."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tinygrad_edu.primitives import Primitive

Numbers = Sequence[float]

LOGARITHMS = frozenset({"log", "log2", "log10"})
EXPONENTIALS = frozenset({"exp", "exp2", "expm1", "sinh", "cosh"})
POWERS = frozenset({"power", "float_power"})
QUOTIENTS = frozenset({"divide", "reciprocal", "remainder", "fmod"})
SUMS = frozenset({"add", "subtract"})
PRODUCTS = frozenset({"multiply", "matmul", "dot", "einsum", "inner", "outer", "tensordot"})
REDUCTIONS = frozenset({"sum", "mean", "prod", "cumsum", "cumprod"})

POSITIVE = (
    "Keep the argument positive: np.log(x + 1e-12), for where np.maximum or np.clip cuts off, the gradient "
    "is 0 and x stays where it is. For the logarithm of a probability there are losses on logits: "
    "tg.binary_cross_entropy_with_logits, tg.cross_entropy."
)
LOGSUMEXP = (
    "Let no large number into an exponential: tg.sigmoid, tg.softplus, tg.softmax and tg.logsumexp do so by "
    "themselves; elsewhere subtract the maximum first."
)
WHERE = (
    "Put np.where on the argument, not on the result only: np.log(np.where(x > 0, x, 1)) in place of x, "
    "inside the np.where that chooses."
)
AWAY = (
    "Keep the argument away from there: add a small number, or np.clip, although the gradient is 0 where "
    "that cuts off."
)
DIVISOR = "Keep the divisor away from 0: add a small number, or divide by np.where(y == 0, 1, y)."
INFINITE = "Avoid the infinite operand: np.clip it, or look where it comes from."
SMALLER = (
    "Use smaller numbers: a smaller step or start, data divided by their standard deviation, or logarithms."
)
ROOT = "Put a small number under the root, np.sqrt(x + 1e-12), or np.where on its argument."


class Cause(NamedTuple):
    """Operations, a test of their operands at one place, what it means there, and the usual cure."""

    names: frozenset[str]
    applies: Callable[..., bool]
    reason: str
    cure: str


CAUSES = (
    Cause(LOGARITHMS, lambda x: x == 0, "the logarithm of 0 is −inf", POSITIVE),
    Cause(LOGARITHMS, lambda x: x < 0, "a negative number, {0}, has no logarithm", POSITIVE),
    Cause(frozenset({"log1p"}), lambda x: x <= -1, "log1p needs x > −1, and here x = {0}", AWAY),
    Cause(EXPONENTIALS, math.isfinite, "{name}({0}) is larger than the largest number", LOGSUMEXP),
    Cause(frozenset({"sqrt"}), lambda x: x < 0, "a negative number, {0}, has no square root", ROOT),
    Cause(QUOTIENTS, lambda x, y=1.0: x == 0 == y, "0 / 0 is not defined", DIVISOR),
    Cause(frozenset({"reciprocal"}), lambda x: x == 0, "1 / 0 is a division by 0", DIVISOR),
    Cause(QUOTIENTS, lambda x, y=1.0: y == 0, "{0} / 0 is a division by 0", DIVISOR),
    Cause(QUOTIENTS, lambda x, y=1.0: math.isinf(x) and math.isinf(y), "inf / inf is not defined", INFINITE),
    Cause(
        frozenset({"multiply"}),
        lambda x, y: 0 in (x, y) and not (math.isfinite(x) and math.isfinite(y)),
        "0 · inf is not defined",
        INFINITE,
    ),
    Cause(SUMS, lambda x, y: math.isinf(x) and math.isinf(y), "inf − inf is not defined", INFINITE),
    Cause(POWERS, lambda x, y: x == 0 and y < 0, "0 to the power {1} is a division by 0", AWAY),
    Cause(POWERS, lambda x, y: x < 0 and y != round(y), "a negative number, {0}, has no power {1}", AWAY),
)


def reason_forward(
    primitive: Primitive, numbers: Numbers | None, result: float, finite: bool
) -> tuple[str, str]:
    """Why an operation gave `result` at one place, and what to do.

    Parameters
    ----------
    primitive : Primitive
        The operation.
    numbers : sequence of float or None
        Its operands at that place; None where a result comes from many numbers.
    result : float
        nan or inf.
    finite : bool
        Whether all operands are finite everywhere.
    """
    name = primitive.name
    if numbers is not None:
        texts = [f"{number:.6g}" for number in numbers]
        for cause in CAUSES:
            if name in cause.names and cause.applies(*numbers):
                return cause.reason.format(*texts, name=name), cause.cure
        for number, (low, high) in zip(numbers, primitive.domain, strict=False):
            if math.isfinite(number) and not low < number < high:
                return f"{number:.6g} is not in the domain of {name}, from {low:g} to {high:g}", AWAY
    if finite and math.isinf(result):
        what = "the sum" if name in REDUCTIONS | PRODUCTS - {"multiply"} else "the result"
        return f"{what} is larger than the largest number", SMALLER
    if finite and name == "mean":
        return "the mean of no numbers is not defined", "Give at least one number."
    if not finite:
        return "an operand is infinite, and inf − inf, 0 · inf and inf / inf are not defined", INFINITE
    return f"{name} is not defined for these operands", AWAY


def reason_backward(
    primitive: Primitive,
    numbers: Numbers | None,
    g: float | None,
    position: int,
    chosen: bool,
    out: float | None,
) -> tuple[str, str]:
    """Why the rule of an operation gave nan or inf from a finite gradient, and what to do.

    Parameters
    ----------
    primitive : Primitive
        The operation.
    numbers : sequence of float or None
        Its operands at that place.
    g : float or None
        The gradient that arrived there.
    position : int
        The argument whose gradient it is.
    chosen : bool
        Whether an np.where stands between the operation and the result.
    out : float or None
        What the operation gave there.
    """
    name = primitive.name
    x = None if numbers is None else numbers[position]
    at = "" if x is None else f" at {x:.6g}"
    if out is not None and not math.isfinite(out) and numbers is not None:
        forward, cure = reason_forward(primitive, numbers, out, all(map(math.isfinite, numbers)))
        if g == 0 and chosen:
            return f"{forward}; np.where did not choose it, and its gradient is 0 · inf = nan", WHERE
        return f"{forward}, and so is its slope{at}", cure
    if g == 0:
        behind = "np.where did not choose it, but " if chosen else ""
        return f"{behind}the slope of {name}{at} is infinite, and 0 · inf is nan", WHERE if chosen else AWAY
    if x is not None and name in {"sqrt", "cbrt", "norm"} | POWERS and x == 0:
        return f"the slope of {name} at 0 is infinite", ROOT
    if name in QUOTIENTS and numbers is not None and numbers[-1] == 0:
        return "the slope of a quotient is infinite where the divisor is 0", DIVISOR
    if g is not None and abs(g) > 1e100:
        return (
            f"the gradient that arrives, {g:.3g}, times the slope is larger than the largest number",
            SMALLER,
        )
    return f"the slope of {name}{at} is not finite", AWAY
