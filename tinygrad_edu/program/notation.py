"""How operations are written, one line each, and how names are; what is not listed is ``name(arguments)``.

An operation stands bare where its precedence is at least the one asked for, and in parentheses elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple

from tinygrad_edu.primitives import Primitive
from tinygrad_edu.recomputing import checkpointed
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, reductions, shaping
from tinygrad_edu.rules.einsum import einsum
from tinygrad_edu.rules.products import matmul
from tinygrad_edu.rules.statistics import root
from tinygrad_edu.rules.transcendental import sigmoid, sqrt
from tinygrad_edu.rules.weighing import over, xlog1py, xlogy

LOGIC, COMPARISON, SUM, TOTAL, PRODUCT, SIGN, FACTOR, POWER, ATOM = range(9)
"""Precedences, loosest first: TOTAL is that of Σ, FACTOR that of ``2x`` and ``h(1 − h)``."""

MINUS = "−"
ELIDED = "…"

Form = Literal[
    "call", "infix", "product", "power", "prefix", "postfix", "around", "index", "total", "same",
    "einsum", "part", "among", "own", "weighed",
]  # fmt: skip


@dataclass(frozen=True)
class Notation:
    """How one operation is written.

    Attributes
    ----------
    form : str
        Where the symbol goes; `forms.FORMS` has a function for each.
    symbol : str
        The sign, or the name of the function.
    precedence : int
        How tightly the whole holds together.
    operand : int
        How tightly an operand must hold together to stand bare; of an infix operation the first one.
    absorbs : str
        Operators of the same precedence that may stand bare as second operand: ``a + (b − c) = a + b − c``.
    settings : mapping
        The settings that the notation implies; with any other ones the operation is written as a call.
    """

    form: Form
    symbol: str = ""
    precedence: int = ATOM
    operand: int = ATOM
    absorbs: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def _infix(symbol: str, precedence: int, absorbs: str = "", form: Form = "infix") -> Notation:
    return Notation(form, symbol, precedence, precedence, absorbs)


_compared = partial(Notation, "infix", precedence=COMPARISON, operand=SUM)

SAME = Notation("same")
TRANSPOSED = Notation("postfix", "ᵀ", POWER)

# fmt: off
NOTATION: dict[Primitive, Notation] = {
    do.add:             _infix("+", SUM, absorbs="+−"),
    do.subtract:        _infix(MINUS, SUM),
    do.multiply:        _infix("×", PRODUCT, absorbs="×/", form="product"),
    do.divide:          _infix("/", PRODUCT),
    over:               _infix("/", PRODUCT),
    do.remainder:       _infix("%", PRODUCT),
    do.floor_divide:    _infix("//", PRODUCT),
    matmul:             _infix("@", PRODUCT),
    do.negative:        Notation("prefix", MINUS, SIGN, SIGN),
    do.positive:        Notation("prefix", "+", SIGN, SIGN),
    do.power:           Notation("power", "^", POWER),
    do.square:          Notation("postfix", "²", POWER),
    do.absolute:        Notation("around", "||", operand=LOGIC),
    do.floor:           Notation("around", "⌊⌋", operand=LOGIC),
    do.equal:           _compared("=="),
    do.not_equal:       _compared("≠"),
    do.less:            _compared("<"),
    do.less_equal:      _compared("≤"),
    do.greater:         _compared(">"),
    do.greater_equal:   _compared("≥"),
    do.bitwise_and:     Notation("infix", "&", LOGIC, SUM),
    do.bitwise_or:      Notation("infix", "|", LOGIC, SUM),
    do.bitwise_xor:     Notation("infix", "xor", LOGIC, SUM),
    do.invert:          Notation("prefix", "~", SIGN, SIGN),
    sqrt:               Notation("prefix", "√", POWER),
    root:               Notation("prefix", "√", POWER),
    sigmoid:            Notation("call", "σ"),
    xlogy:              Notation("weighed", "log", PRODUCT, PRODUCT),
    xlog1py:            Notation("weighed", "log1p", PRODUCT, PRODUCT),
    reductions.sum_:    Notation("prefix", "Σ ", TOTAL, PRODUCT),
    shaping.sum_to:     Notation("total", "Σ", TOTAL),
    shaping.transpose:  TRANSPOSED,
    shaping.swapaxes:   Notation("postfix", "ᵀ", POWER, settings={"axis1": -1, "axis2": -2}),
    shaping.getitem:    Notation("index"),
    shaping.add_at:     Notation("index", " at ", COMPARISON, SUM),
    einsum:             Notation("einsum"),
    parts.part:         Notation("part"),
    parts.among:        Notation("among"),
    checkpointed:       Notation("own"),
}
# fmt: on

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
"""Letters by name; without the capitals that look like Latin ones, and without Σ, the sign of a sum."""

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAME = re.compile(r"([^\W\d_]+)(?:_?(\d+)|_([^\W_]+))?(?:\^(\w+))?(?:#(\d+))?")


class NameParts(NamedTuple):
    """A name taken apart: a letter or word, what stands below it, and what above."""

    word: str
    below: str = ""
    above: str = ""

    @property
    def letter(self) -> str:
        """The word, or the Greek letter that it is the name of."""
        return GREEK.get(self.word, self.word)


def name_parts(name: str) -> NameParts:
    """The parts of a name: an index after ``_`` or in digits, an exponent after ``^``, an occurrence above.

    >>> [tuple(name_parts(name)) for name in ("W1", "x_max", "theta^2", "h#2", "learning_rate")]
    [('W', '1', ''), ('x', 'max', ''), ('theta', '', '2'), ('h', '', '(2)'), ('learning_rate', '', '')]
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return NameParts(name)
    word, number, text, raised, occurrence = match.groups(default="")
    if text and len(GREEK.get(word, word)) > 1:
        return NameParts(name)
    return NameParts(word, number or text, raised or (f"({occurrence})" if occurrence else ""))


def pretty_name(name: str) -> str:
    """A name as mathematics writes it: Greek letters, and a number at its end as an index.

    >>> [pretty_name(name) for name in ("W1", "theta_0", "a1", "lambda_", "h#2", "learning_rate", "W^2")]
    ['W₁', 'θ₀', 'a₁', 'λ', 'h#2', 'learning_rate', 'W²']
    """
    name, _, occurrence = name.partition("#")
    parts = name_parts(name.rstrip("_") if name.rstrip("_") in GREEK else name)
    known = not parts.below or parts.below.isdigit()
    shown = parts.letter + parts.below.translate(_LOWERED) if known else name.partition("^")[0]
    raised = parts.above.translate(_RAISED) if parts.above.isdigit() else f"^{parts.above}"
    return shown + (raised if parts.above else "") + (f"#{occurrence}" if occurrence else "")
