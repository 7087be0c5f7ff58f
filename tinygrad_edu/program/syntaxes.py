"""How mathematics is spelled in text, LaTeX, MathML and NumPy: one line per sign. Knows no operation."""

import html
import re
from collections.abc import Mapping
from typing import Any, Literal

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.program.literals import number_text
from tinygrad_edu.program.notation import (
    ATOM,
    FACTOR,
    GREEK,
    MINUS,
    POWER,
    PRODUCT,
    SUM,
    TOTAL,
    NameParts,
    name_parts,
    pretty_name,
)

Syntax = Literal["text", "latex", "mathml", "numpy"]
SYNTAXES = ("text", "latex", "mathml", "numpy")

# fmt: off
TEMPLATES: Mapping[str, tuple[str, str, str, str]] = {
    #             text         LaTeX                          MathML                                             NumPy
    "group":     ("({0})",     r"({0})",                      "<mrow><mo>(</mo>{0}<mo>)</mo></mrow>",            "({0})"),
    "row":       ("{0}",       "{0}",                         "<mrow>{0}</mrow>",                                "{0}"),
    "infix":     ("{0} {1} {2}", "{0} {1} {2}",               "<mrow>{0}{1}{2}</mrow>",                          "{0} {1} {2}"),
    "negative":  (MINUS+"{0}", "-{0}",                        "<mrow><mo>−</mo>{0}</mrow>",                      "-{0}"),
    "beside":    ("{0} {1}",   "{0} {1}",                     "{0}<mo>&#x2062;</mo>{1}",                         "{0} * {1}"),
    "apart":     ("{0} {1}",   r"{0} \, {1}",                 '{0}<mo>&#x2062;</mo><mspace width="0.17em"/>{1}',   "{0} * {1}"),
    "touching":  ("{0}{1}",    "{0} {1}",                     "{0}<mo>&#x2062;</mo>{1}",                         "{0} * {1}"),
    "fraction":  ("{0}/{1}",   r"\frac{{{0}}}{{{1}}}",        "<mfrac>{0}{1}</mfrac>",                           "{0} / {1}"),
    "quotient":  ("{0} / {1}", r"\frac{{{0}}}{{{1}}}",        "<mfrac>{0}{1}</mfrac>",                           "{0} / {1}"),
    "power":     ("{0}^{1}",   "{0}^{{{1}}}",                 "<msup>{0}{1}</msup>",                             "{0}**{1}"),
    "transposed": ("{0}ᵀ",     r"{0}^\top",                   "<msup>{0}<mo>⊤</mo></msup>",                      "{0}.T"),
    "root":      ("√{0}",      r"\sqrt{{{0}}}",               "<msqrt>{0}</msqrt>",                              "np.sqrt({0})"),
    "||":        ("|{0}|",     r"\left|{0}\right|",           "<mrow><mo>|</mo>{0}<mo>|</mo></mrow>",            "np.abs({0})"),
    "⌊⌋":        ("⌊{0}⌋",     r"\lfloor {0} \rfloor",        "<mrow><mo>⌊</mo>{0}<mo>⌋</mo></mrow>",            "np.floor({0})"),
    "total":     ("Σ {0}",     r"\sum {0}",                   "<mrow><mo>∑</mo>{0}</mrow>",                      "np.sum({0})"),
    "total over": ("Σ_{1} {0}", r"\sum_{{{1}}} {0}",          "<mrow><munder><mo>∑</mo><mi>{1}</mi></munder>{0}</mrow>", "np.sum({0})"),
    "holds":     ("[{0}]",     r"[{0}]",                      "<mrow><mo>[</mo>{0}<mo>]</mo></mrow>",            "({0})"),
    "call":      ("{0}({1})",  r"{0}({1})",                   "<mrow>{0}<mo>&#x2061;</mo><mo>(</mo>{1}<mo>)</mo></mrow>", "{0}({1})"),
    "list":      ("[{0}]",     r"[{0}]",                      "<mrow><mo>[</mo>{0}<mo>]</mo></mrow>",            "[{0}]"),
    "comma":     ("{0}, {1}",  "{0}, {1}",                    "{0}<mo>,</mo>{1}",                                "{0}, {1}"),
    "slope":     ("∂{0}/∂{1}", r"\frac{{\partial {0}}}{{\partial {1}}}", "<mfrac><mrow><mo>∂</mo>{0}</mrow><mrow><mo>∂</mo>{1}</mrow></mfrac>", "d{0}_d{1}"),
    "equals":    ("{0} = {1}", "{0} = {1}",                   "<mrow>{0}<mo>=</mo>{1}</mrow>",                   "{0} = {1}"),
}
"""How the parts of a formula are put together; each form of notation is one line."""

SIGNS: Mapping[str, tuple[str, str]] = {
    # text: LaTeX,       NumPy;  MathML has the sign of the text
    MINUS: ("-",         "-"),
    "⊙":   (r"\odot",    "*"),
    "·":   (r"\cdot",    "*"),
    "≠":   (r"\ne",      "!="),
    "≤":   (r"\le",      "<="),
    "≥":   (r"\ge",      ">="),
    "==":  ("=",         "=="),
    "&":   (r"\land",    "&"),
    "|":   (r"\lor",     "|"),
    "xor": (r"\oplus",   "^"),
    "~":   (r"\lnot ",   "~"),
    "%":   (r"\bmod",    "%"),
    "×":   (r"\times",   "*"),
    "//":  (r"\mathbin{/\!/}", "//"),
    "∞":   (r"\infty",   "np.inf"),
}
"""Signs that are spelled in another way elsewhere."""
# fmt: on

PRECEDENCES: Mapping[str, tuple[int, int, int, int]] = {
    "fraction": (FACTOR, ATOM, ATOM, PRODUCT),
    "quotient": (PRODUCT, ATOM, ATOM, PRODUCT),
    "negative": (SUM, SUM, SUM, PRODUCT),
    "power": (POWER,) * 4,
    "transposed": (POWER, POWER, POWER, ATOM),
    "root": (POWER, ATOM, ATOM, ATOM),
    "total": (TOTAL, TOTAL, TOTAL, ATOM),
    "total over": (TOTAL, TOTAL, TOTAL, ATOM),
    "slope": (FACTOR, ATOM, ATOM, ATOM),
}
"""How tightly what is put together holds; where nothing is said it stands anywhere."""

_FUNCTIONS = frozenset(
    {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "det", "arg"}
)
_SUPERSCRIPTS = str.maketrans("0123456789-" + MINUS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
_LETTERS = {letter: word for word, letter in GREEK.items()}
_BEGINS_WITH_WORD = re.compile(r"\\mathrm\{|(<mrow>)*<mi>[^<]{2,}</mi>")
_ENDS_IN_WORD = re.compile(r"(\\mathrm\{[^{}]*\}|<mi>[^<]{2,}</mi>(</mrow>)*)$")
_SLOPE = re.compile(r"∂(.+)/∂(.+)")


class Spelling:
    """One syntax: how names, numbers and signs are written in it, and how parts are put together."""

    def __init__(self, syntax: str) -> None:
        if syntax not in SYNTAXES:
            raise ArgumentError(f"syntax={syntax!r}: a formula is written as one of {', '.join(SYNTAXES)}.")
        self.syntax = syntax
        self.column = SYNTAXES.index(syntax)

    def put(self, form: str, *parts: str) -> str:
        """Parts in the form of one of the templates."""
        if (
            form == "group"
            and self.syntax == "latex"
            and any(tall in parts[0] for tall in (r"\frac", r"\sum"))
        ):
            return rf"\left({parts[0]}\right)"
        if form == "power" and self.syntax == "text" and re.fullmatch(rf"[-{MINUS}]?\d+", parts[1]):
            return parts[0] + parts[1].translate(_SUPERSCRIPTS)
        if form == "beside" and (_ENDS_IN_WORD.search(parts[0]) or _BEGINS_WITH_WORD.match(parts[1])):
            form = "apart"
        return TEMPLATES[form][self.column].format(*parts)

    def precedence(self, form: str) -> int:
        """How tightly it then holds together."""
        return PRECEDENCES[form][self.column] if form in PRECEDENCES else ATOM

    def sign(self, sign: str) -> str:
        """An operator."""
        if self.syntax == "mathml":
            return f"<mo>{html.escape(sign)}</mo>"
        latex, numpy = SIGNS.get(sign, (sign, sign))
        return {"latex": latex, "numpy": numpy}.get(self.syntax, sign)

    def number(self, number: Any) -> str:
        """A number; in NumPy with all its digits."""
        if self.syntax == "numpy":
            number = number.item() if hasattr(number, "item") else number
            return repr(number).replace("inf", "np.inf").replace("nan", "np.nan")
        text = number_text(number)
        if self.syntax == "latex":
            text = text.replace(MINUS, "-").replace("∞", r"\infty").replace("…", r"\ldots")
            return re.sub(r"e(-?\d+)", r" \\cdot 10^{\1}", text)
        return f"<mn>{text}</mn>" if self.syntax == "mathml" else text

    def word(self, text: str) -> str:
        """Something that is neither a name nor a number."""
        if self.syntax == "mathml":
            return f"<mtext>{html.escape(text)}</mtext>"
        return rf"\text{{{_escaped(text)}}}" if self.syntax == "latex" else text

    def function(self, name: str) -> str:
        """The name of a function."""
        if self.syntax == "latex":
            known = {"σ": r"\sigma"}.get(name) or (f"\\{name}" if name in _FUNCTIONS else None)
            return known or rf"\operatorname{{{_escaped(name)}}}"
        return f"<mi>{html.escape(name)}</mi>" if self.syntax == "mathml" else name

    def name(self, name: str) -> str:
        """The name of a Value: ``W1`` has an index, ``theta`` is a Greek letter."""
        slope = _SLOPE.fullmatch(name)
        if slope:
            return self.put("slope", *map(self.name, slope.groups()))
        if self.syntax == "numpy":
            return identifier(name)
        if self.syntax == "text":
            return pretty_name(name)
        parts = name_parts(name)
        return _latex_name(parts) if self.syntax == "latex" else _mathml_name(parts)


def identifier(name: str) -> str:
    """A name as Python can have it: ``h#2`` is ``h_2``."""
    return re.sub(r"\W+", "_", name).strip("_") or "_"


def _escaped(text: str) -> str:
    return re.sub(r"([_#&%$])", r"\\\1", text)


def _latex_name(parts: NameParts) -> str:
    letter = parts.letter
    base = rf"\{_LETTERS[letter]}" if letter in _LETTERS else letter
    if len(letter) > 1:
        base = rf"\mathrm{{{_escaped(letter)}}}"
    lowered = parts.below if len(parts.below) <= 1 or parts.below.isdigit() else rf"\mathrm{{{parts.below}}}"
    lower = f"_{{{lowered}}}" if len(lowered) > 1 else f"_{lowered}" if lowered else ""
    return base + lower + (f"^{{{parts.above}}}" if parts.above else "")


def _mathml_name(parts: NameParts) -> str:
    base = f"<mi>{html.escape(parts.letter)}</mi>"
    lower, upper = (
        f"<mn>{text}</mn>" if text.isdigit() else f"<mi>{html.escape(text)}</mi>" if text else ""
        for text in (parts.below, parts.above)
    )
    if lower and upper:
        return f"<msubsup>{base}{lower}{upper}</msubsup>"
    if lower:
        return f"<msub>{base}{lower}</msub>"
    return f"<msup>{base}{upper}</msup>" if upper else base
