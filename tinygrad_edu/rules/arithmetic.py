"""Arithmetic and comparison: what Python's operators do, as rules."""

from typing import Any

import numpy as np

from tinygrad_edu.primitives import elementwise, flat

Array = Any
NUMBERS: Any = (int, float, np.generic)


def _power_slope(x: Array, y: Array) -> Array:
    """``y x ** (y - 1)``, and 0 where both are 0, since x ** 0 is the constant 1."""
    if isinstance(y, NUMBERS):
        return y * x ** (y - 1) if y else 0 * x
    return y * np.where((x == 0) & (y == 0), 1, x) ** (y - 1)


def _log_of_base(x: Array) -> Array:
    """``log x``, and 0 at x = 0, where x ** y is flat in y for every y > 0."""
    return np.log(np.where(x == 0, 1, x))


ANY, POSITIVE = (-float("inf"), float("inf")), (0.0, float("inf"))
STEPS = "0 everywhere: the function is a staircase"
JUMPS = "the slope beside the jump"
CORNER = "0 at x = 0"

# fmt: off
add          = elementwise(np.add,         lambda g, out, x, y: g,                      lambda g, out, x, y: g)
subtract     = elementwise(np.subtract,    lambda g, out, x, y: g,                      lambda g, out, x, y: -g)
multiply     = elementwise(np.multiply,    lambda g, out, x, y: g * y,                  lambda g, out, x, y: g * x)
divide       = elementwise(np.divide,      lambda g, out, x, y: g / y,                  lambda g, out, x, y: -g * out / y,
                           domain=(ANY, POSITIVE))
power        = elementwise(np.power,       lambda g, out, x, y: g * _power_slope(x, y), lambda g, out, x, y: g * (out * _log_of_base(x)),
                           domain=(POSITIVE, ANY))
float_power  = elementwise(np.float_power, lambda g, out, x, y: g * _power_slope(x, y), lambda g, out, x, y: g * (out * _log_of_base(x)),
                           domain=(POSITIVE, ANY))
remainder    = elementwise(np.remainder,   lambda g, out, x, y: g,                      lambda g, out, x, y: -g * (x // y),
                           domain=(ANY, POSITIVE), kinks=JUMPS)
fmod         = elementwise(np.fmod,        lambda g, out, x, y: g,                      lambda g, out, x, y: -g * np.rint((x - out) / y),
                           domain=(ANY, POSITIVE), kinks=JUMPS)
ldexp        = elementwise(np.ldexp,       lambda g, out, x, n: np.ldexp(g, n),         None)
copysign     = elementwise(np.copysign,    lambda g, out, x, y: g * (np.sign(x) * np.copysign(1, y)), None, kinks=CORNER)
heaviside    = elementwise(np.heaviside,   None, lambda g, out, x, y: np.where(x == 0, g, 0), kinks=STEPS)
negative     = elementwise(np.negative,    lambda g, out, x: -g)
positive     = elementwise(np.positive,    lambda g, out, x: g)
conjugate    = elementwise(np.conjugate,   lambda g, out, x: g)
real         = elementwise(np.real,        lambda g, out, x: g)
reciprocal   = elementwise(np.reciprocal,  lambda g, out, x: -g * out * out,   domain=(POSITIVE,))
square       = elementwise(np.square,      lambda g, out, x: g * (2.0 * x))
absolute     = elementwise(np.absolute,    lambda g, out, x: g * np.sign(x),   kinks=CORNER)
fabs         = elementwise(np.fabs,        lambda g, out, x: g * np.sign(x),   kinks=CORNER)

sign         = flat(np.sign,         1, kinks=STEPS)
floor        = flat(np.floor,        1, kinks=STEPS)
floor_divide = flat(np.floor_divide, 2, kinks=STEPS)
ceil, trunc, rint, fix, round_, around = (
    flat(function, kinks=STEPS) for function in (np.ceil, np.trunc, np.rint, np.fix, np.round, np.around)
)

equal, not_equal, less, less_equal, greater, greater_equal = (
    flat(function, 2) for function in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
)
bitwise_and, bitwise_or, bitwise_xor, invert = (
    flat(function, function.nin) for function in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert)
)
TESTS = tuple(
    flat(function, function.nin)
    for function in (
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
        *(np.isfinite, np.isnan, np.isinf, np.signbit),
    )
)
COMPARISONS = tuple(flat(function, 2) for function in (np.isclose, np.allclose, np.array_equal))
OF_ONE = tuple(flat(function) for function in (np.isposinf, np.isneginf, np.imag))
# fmt: on
