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
flat           sign, argmax, comparisons     nothing moves: the derivative is 0 wherever there is one
=============  ============================  ==========================================================
"""

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.lending import guarded, is_own, lent
from tinygrad_edu.shortcuts import OPERATORS
from tinygrad_edu.signatures import Signature, called_like, name_of

Array = Any
Rule = Callable[..., Array]
Function = Callable[..., Any]

KINDS = ("elementwise", "linear", "multilinear", "general", "flat")
_getframe = sys._getframe
EVERYWHERE = (-float("inf"), float("inf"))

REGISTRY: dict[Function, "Primitive"] = {}
EXPRESSIONS: dict[Function, Function] = {}
"""NumPy's functions that are expressions in primitives, and need no rule: what they mean on Values."""
PLAIN = frozenset({np.ndarray, np.float64, np.float32, float, int, bool, str, tuple, type(None)})
"""Classes that surely do not record, so that a call on them need not ask."""


class Primitive:
    """A function of arrays with one rule per array argument; callable on arrays and on Values.

    Parameters
    ----------
    function : callable
        Computes the result from plain arrays (positional) and settings (keyword).
    rules : callable or None
        ``rule(g, out, *args, **settings)`` for each array argument; ``None`` lets no gradient pass. A
        variadic primitive has a single ``rule(i, g, out, *args, **settings)``.
    kind : {"elementwise", "linear", "multilinear", "general", "flat"}
        How the rules move a tangent forward; see the table above.
    variadic : bool
        Whether the function takes a list of arrays, as ``np.concatenate`` does.
    domain : sequence of (low, high)
        For each argument, the open interval inside which the rules hold.
    kinks : str
        The convention where the derivative jumps, for people and documentation.
    stacked : bool
        Whether stacks of vectors and matrices are broadcast against each other, as ``np.matmul`` does; what a
        rule gives is then summed over the axes before the last two.
    """

    def __init__(
        self,
        function: Function,
        *rules: Rule | None,
        kind: str = "elementwise",
        variadic: bool = False,
        domain: tuple[tuple[float, float], ...] = (),
        kinks: str = "",
        stacked: bool = False,
    ) -> None:
        if not callable(function):
            raise ArgumentError(f"primitive({function!r}, ...): the first argument is the function itself.")
        if kind not in KINDS:
            raise ArgumentError(f"kind={kind!r}: a primitive is one of {', '.join(KINDS)}.")
        name = name_of(function)
        if not rules:
            raise ArgumentError(f"{name}: a primitive needs a rule (or None) for each array.")
        functools.update_wrapper(self, function)
        self.function = function
        self.name = name
        self.kind = kind
        self.rules = rules = tuple(
            guarded(rule, i, name, len(rules), variadic) for i, rule in enumerate(rules)
        )
        self.rule_at = _Shared(rules[0]) if variadic else rules
        self.variadic = variadic
        self.compute: Function = self._of_list if variadic else OPERATORS.get(function, function)
        if is_own(function):
            self.compute = lent(self.compute, name)
        self.domain = domain or (EVERYWHERE,) * len(rules)
        self.kinks = kinks
        self.stacked = stacked
        self.routes = () if variadic or None in rules else tuple(range(len(rules)))
        self.signature = Signature(function, rules, variadic)
        self.normalised = self.signature.normalised
        self.in_place = -1 if variadic else len(rules)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """The result; recorded, if any argument is a Value."""
        given = args[0] if self.variadic and args else args
        for value in (*given, *settings.values()) if settings else given:
            if value.__class__ in PLAIN:
                continue
            record = getattr(value.__class__, "__record__", None)
            if record is not None:
                if settings or len(args) != self.in_place:
                    args, settings = self.normalised(args, settings)
                return record(self, args, settings, _getframe(1))
        try:
            return self.function(*args, **settings)
        except TypeError:
            if self.variadic or list not in map(type, args):
                raise
            arrays = (np.array(arg) if isinstance(arg, list) else arg for arg in args)
            return self.function(*arrays, **settings)

    def __repr__(self) -> str:
        return f"<{self.kind} primitive {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _registered, (self.function,)

    def _of_list(self, *operands: Array, **settings: Any) -> Array:
        return self.function(operands, **settings)

    def rules_for(self, count: int) -> tuple[Rule | None, ...]:
        """One rule for each of `count` array arguments."""
        given = count if self.variadic else len(self.rules)
        return tuple(self.rule_at[i] for i in range(given)) + (None,) * (count - given)

    @property
    def differentiable(self) -> bool:
        """Whether a gradient passes through any argument."""
        return any(rule is not None for rule in self.rules)

    @property
    def has_kinks(self) -> bool:
        """Whether there are places where the slope jumps."""
        return self.differentiable and bool(self.kinks)


class _Shared:
    """The rules of a primitive of any number of arrays, by position: one text, told the position."""

    def __init__(self, rule: Rule | None) -> None:
        self.rule = rule

    def __getitem__(self, position: int) -> Rule | None:
        return self.rule and functools.partial(self.rule, position)


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
    kind : {"elementwise", "linear", "multilinear", "general", "flat"}
        Moves tangents forward; no forward rule is written.
    **facts
        ``variadic``, ``domain``, ``kinks`` and ``stacked``, see `Primitive`.

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


def flat(function: Function, arguments: int = 1, **facts: Any) -> Primitive:
    """Declare a function through which no gradient passes: a staircase, a comparison, a choice of index."""
    return primitive(function, *(None,) * arguments, kind="flat", **facts)


def expression(function: Function) -> Function:
    """Mark a function written in terms of primitives: its result is named after the caller's variable."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        return located(function(*args, **settings), sys._getframe(1))

    return call


def located(result: Any, frame: FrameType) -> Any:
    """What an expression gave, a Value or several, as results of the line that `frame` is at."""
    several = isinstance(result, (tuple, list))
    fields = getattr(result, "_fields", ())
    for nth, part in enumerate(result if several else (result,)):
        relocate = getattr(type(part), "__relocate__", None)
        if relocate is not None:
            relocate(part, frame, nth if several else None, fields[nth] if fields else None)
    return result


def expresses(numpy_function: Function) -> Callable[[Function], Function]:
    """Declare what a NumPy function means on Values: the decorated expression in primitives."""

    def declare(written: Function) -> Function:
        EXPRESSIONS[numpy_function] = called_like(numpy_function, written)
        return written

    return declare


def _registered(function: Function) -> Primitive:
    return REGISTRY[function]
