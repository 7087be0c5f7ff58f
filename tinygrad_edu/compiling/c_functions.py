"""Primitives as C: one table from a primitive to the expression that computes one number of its result."""

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.primitives import Function
from tinygrad_edu.rules import activations, rectifiers, selection, shaping, transcendental, weighing

Settings = Mapping[str, Any]

TYPES = {
    "float64": "double", "float32": "float", "bool": "_Bool",
    "int64": "int64_t", "int32": "int32_t", "int16": "int16_t", "int8": "int8_t",
    "uint64": "uint64_t", "uint32": "uint32_t", "uint16": "uint16_t", "uint8": "uint8_t",
}  # fmt: skip
"""What C calls NumPy's types."""


def _sigmoid(settings: Settings, dtype: np.dtype[Any]) -> str:
    beta = settings.get("beta", 1.0)
    return "logistic({0})" if beta == 1 else f"logistic({beta!r} * {{0}})"


def _leaky_relu(settings: Settings, dtype: np.dtype[Any]) -> str:
    return f"{{0}} > 0 ? {{0}} : {settings.get('slope', 0.01)!r} * {{0}}"


def _elu(settings: Settings, dtype: np.dtype[Any]) -> str:
    return f"{{0}} > 0 ? {{0}} : {settings.get('alpha', 1.0)!r} * exponential_minus_1({{0}} > 0 ? 0 : {{0}})"


def _rounded(settings: Settings, dtype: np.dtype[Any]) -> str:
    decimals = settings.get("decimals", 0)
    if not decimals:
        return "rint({0})"
    first, second = "*/" if decimals > 0 else "/*"
    return f"rint({{0}} {first} 1e{abs(decimals)}) {second} 1e{abs(decimals)}"


def _sinc(settings: Settings, dtype: np.dtype[Any]) -> str:
    pi, almost_0 = (number(x, single=dtype.itemsize == 4) for x in (math.pi, 1e-20))
    return f"sine_ratio({pi} * ({{0}} == 0 ? {almost_0} : {{0}}))"


def _replaced(settings: Settings, dtype: np.dtype[Any]) -> str:
    largest = np.finfo(dtype).max if dtype.kind == "f" else 0
    nan, top, bottom = settings.get("nan", 0.0), settings.get("posinf"), settings.get("neginf")
    top, bottom = (largest if top is None else top), (-largest if bottom is None else bottom)
    return (
        f"{{0}} != {{0}} ? {number(nan)} : {{0}} == INFINITY ? {number(top)} : "
        f"{{0}} == -INFINITY ? {number(bottom)} : {{0}}"
    )


# fmt: off
EXPRESSIONS: dict[Function, str | Callable[[Settings, np.dtype[Any]], str]] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}", np.divide: "{0} / {1}",
    np.power: "pow({0}, {1})", np.float_power: "pow({0}, {1})",
    np.remainder: "floored_remainder({0}, {1})", np.fmod: "fmod({0}, {1})",
    np.floor_divide: "floored_quotient({0}, {1})",
    np.ldexp: "ldexp({0}, {1})", np.copysign: "copysign({0}, {1})", np.heaviside: "step_at({0}, {1})",
    np.negative: "-{0}", np.positive: "{0}", np.conjugate: "{0}", np.real: "{0}",
    np.reciprocal: "1 / {0}", np.square: "{0} * {0}", np.absolute: "fabs({0})", np.fabs: "fabs({0})",
    np.sign: "sign_of({0})", np.floor: "floor({0})", np.ceil: "ceil({0})", np.trunc: "trunc({0})",
    np.rint: "rint({0})", np.fix: "trunc({0})", np.round: _rounded, np.around: _rounded,
    np.equal: "{0} == {1}", np.not_equal: "{0} != {1}", np.less: "{0} < {1}", np.less_equal: "{0} <= {1}",
    np.greater: "{0} > {1}", np.greater_equal: "{0} >= {1}",
    np.bitwise_and: "{0} & {1}", np.bitwise_or: "{0} | {1}", np.bitwise_xor: "{0} ^ {1}",
    np.logical_and: "{0} && {1}", np.logical_or: "{0} || {1}", np.logical_xor: "!{0} != !{1}",
    np.logical_not: "!{0}", np.isnan: "{0} != {0}",
    np.isfinite: "{0} - {0} == 0", np.isinf: "{0} == INFINITY || {0} == -INFINITY",
    np.isposinf: "{0} == INFINITY", np.isneginf: "{0} == -INFINITY", np.signbit: "signbit({0}) != 0",
    np.imag: "0 * {0}",
    np.exp: "exponential({0})", np.expm1: "exponential_minus_1({0})", np.exp2: "exp2({0})",
    np.log: "logarithm({0})", np.log1p: "logarithm_of_1_plus({0})",
    np.log2: "log2({0})", np.log10: "log10({0})",
    np.logaddexp: "log_of_sum({0}, {1})", np.logaddexp2: "log2_of_sum({0}, {1})",
    np.sqrt: "sqrt({0})", np.cbrt: "cbrt({0})",
    np.sinh: "sinh({0})", np.cosh: "cosh({0})", np.tanh: "hyperbolic_tangent({0})",
    np.arcsinh: "asinh({0})", np.arccosh: "acosh({0})", np.arctanh: "atanh({0})",
    np.sin: "sin({0})", np.cos: "cos({0})", np.tan: "tan({0})",
    np.arcsin: "asin({0})", np.arccos: "acos({0})", np.arctan: "atan({0})",
    np.arctan2: "atan2({0}, {1})", np.hypot: "hypot({0}, {1})",
    np.deg2rad: "{0} * 0.017453292519943295", np.radians: "{0} * 0.017453292519943295",
    np.rad2deg: "{0} * 57.29577951308232", np.degrees: "{0} * 57.29577951308232",
    np.sinc: _sinc,
    np.where: "{0} ? {1} : {2}",
    np.maximum: "larger_of({0}, {1})", np.minimum: "smaller_of({0}, {1})",
    np.fmax: "larger_number({0}, {1})", np.fmin: "smaller_number({0}, {1})",
    np.nan_to_num: _replaced,
    selection.relu.function: "larger_of({0}, 0)",
    weighing.over.function: "({0} == 0 && {1} == 0 ? 0 : {0} / {1})",
    weighing.xlogy.function: "{0} * logarithm({0} == 0 && {1} == 0 ? 1 : {1})",
    weighing.xlog1py.function: "{0} * logarithm_of_1_plus({0} == 0 && {1} == -1 ? 0 : {1})",
    transcendental.erf.function: "erf({0})", transcendental.erfc.function: "erfc({0})",
    transcendental.sigmoid.function: _sigmoid,
    transcendental.softplus.function: "log_of_sum({0}, 0)",
    activations.softsign.function: "{0} / (1 + fabs({0}))",
    rectifiers.leaky_relu.function: _leaky_relu,
    rectifiers.elu.function: _elu,
    rectifiers.relu6.function: "smaller_of(larger_of({0}, 0), 6)",
    rectifiers.hard_sigmoid.function: "smaller_of(larger_of({0} / 6 + 0.5, 0), 1)",
    rectifiers.hard_tanh.function: "smaller_of(larger_of({0}, -1), 1)",
    shaping.cast.function: "{0}", shaping.stop_gradient.function: "{0}",
}
"""``{0}`` and ``{1}`` stand for the operands."""
# fmt: on
UNLIKE = {np.where: 0, np.ldexp: 1}
"""The operand that is not of the type in which the others are computed."""
BITS = {np.invert: {"b": "!{0}", "i": "~{0}", "u": "~{0}"}}
"""Expressions that depend on the kind of the numbers."""


def expression_of(function: Function, settings: Settings, dtype: np.dtype[Any]) -> str | None:
    """How one number of the result is computed; None where there is no such expression."""
    if function in BITS:
        return BITS[function].get(dtype.kind)
    found = EXPRESSIONS.get(function)
    return found(settings, dtype) if callable(found) else found


def number(value: Any, single: bool = False) -> str:
    """A number as C writes it."""
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    value = float(value)
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "(-INFINITY)"
    text = repr(value) + "f" * single
    return f"({text})" if text[0] == "-" else text


@cache
def has_type(dtype: np.dtype[Any]) -> bool:
    """Whether C has numbers of this type."""
    return dtype.name in TYPES


def preamble(body: str) -> str:
    """The functions of ``functions.h`` that the body needs, in the order of that file."""
    first, *rest = Path(__file__).with_name("functions.h").read_text(encoding="utf-8").split("\n\n")
    needed, called = set[int](), {*re.findall(r"\w+(?=\()", body)}
    some = False
    for position in reversed(range(len(rest))):
        made = re.search(r"^(?:INLINE|FUNCTION) \w+ (\w+)\(", rest[position], re.MULTILINE)
        if made is None or made[1] in called:
            some |= made is not None
            needed.add(position)
            called.update(re.findall(r"\w+(?=\()", rest[position]))
    if not some:
        return ""
    return "\n\n".join([first, *(rest[position].strip() for position in sorted(needed))])
