"""What is called on Values gives what NumPy gives on their arrays, in dtype, shape and bits, for any operand.

Every primitive and every expression of the registry is called with each kind of operand (float64, float32,
whole numbers, truth values, Python's own numbers) at each place, plain or a Value.
"""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.samples import is_of_numpy, numbers, ours, samples_of
from rules.test_expressions import CASES, point

from tinygrad_edu import Value
from tinygrad_edu.node import DISCRETE
from tinygrad_edu.primitives import EVERYWHERE

ROUNDED = {
    "power": "x ** y of two numbers is computed by their operator, whose last digit is not np.power's",
    "logaddexp.reduce": "NumPy adds one number after the other; logsumexp loses fewer digits",
    "linspace": "where one of several rows has no length, NumPy divides before it multiplies",
    "lstsq": "NumPy's residuals and singular values are by-products of another algorithm",
}
"""What differs from NumPy in the last digits, and why."""

OTHERWISE = {
    "square": "of a single truth value, x ** 2 is int8 and np.square(x) int64",
    "power": "x ** 2 of truth values is int8 and np.power(x, 2) int64",
    "gradient": "NumPy has no minus of truth values as places of samples; here they are the numbers 0 and 1",
    "logaddexp.reduce": "of truth values NumPy's is of half precision, which is too little",
}
"""What differs in dtype for truth values, and why."""

ARRAYS = ("float64", "float32", "int64", "bool")
PYTHON = {"float": 0.7, "int": 2, "negative int": -2, "truth": True}
SHAPES = ((), (3,), (2, 3), (2, 1, 3), (0,))


def converted(x, kind):
    """The numbers x as another kind of operand."""
    if kind in PYTHON:
        return PYTHON[kind]
    x = np.floor(3 * x) if kind == "int64" else x > 0.5 if kind == "bool" else x
    return np.asarray(x).astype(kind)[()]


def as_value(x):
    """x as a Value of its own dtype; whole numbers and truth values come from searches and comparisons."""
    return Value(x) if x.dtype.kind == "f" else Value.leaf(x, state=DISCRETE)


def plain(result):
    if isinstance(result, tuple | list):
        return tuple(map(plain, result))
    return result.data if isinstance(result, Value) else result


def equal(x, y, rounded=False):
    """Whether dtype, shape and bits are the same; a NaN is a NaN. If rounded, last digits may differ."""
    if isinstance(y, tuple | list):
        return len(x) == len(y) and all(map(equal, x, y, [rounded] * len(y)))
    x, y = np.array(x), np.array(y)
    if (x.dtype, x.shape) != (y.dtype, y.shape):
        return False
    if rounded:
        return np.allclose(x, y, rtol=8 * np.finfo(y.dtype).eps, equal_nan=True)
    for part in (x, y):
        if part.dtype.kind == "f":
            part[np.isnan(part)] = np.nan
    return x.tobytes() == y.tobytes()


def outcome(function, args):
    """What a call gives, or the error that it raises."""
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    except Exception as error:  # noqa: BLE001 (whatever NumPy raises)
        return error


def assert_as_numpy(name, function, numbers, kinds):
    """The call with every choice of operands that are Values gives NumPy's own result, or an error too."""
    args = [converted(x, kind) for x, kind in zip(numbers, kinds, strict=True)]
    expected = outcome(function, args)
    recordable = [kind in ARRAYS for kind in kinds]
    whole_only = "bool" in kinds and name in OTHERWISE
    if whole_only or not any(recordable):
        return
    for chosen in itertools.product((False, True), repeat=len(args)):
        if not any(chosen) or not all(np.array(recordable)[np.array(chosen)]):
            continue
        given_args = [as_value(x) if pick else x for x, pick in zip(args, chosen, strict=True)]
        found = plain(outcome(function, given_args))
        told = f"{name} of {kinds}, {[np.shape(x) for x in args]}, recorded: {chosen}"
        if isinstance(expected, Exception) or isinstance(found, Exception):
            assert isinstance(expected, Exception) == isinstance(found, Exception), (told, expected, found)
        else:
            assert equal(found, expected) or (name in ROUNDED and equal(found, expected, rounded=True)), told


OPERATORS = [
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
    *(operator.pow, operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
    *(operator.and_, operator.or_, operator.xor, divmod),
    *(operator.neg, operator.pos, operator.abs, operator.invert),
]
PAIRS = [((), ()), ((), (3,)), ((2, 3), ()), ((3,), (2, 3)), ((2, 1, 3), (4, 1)), ((0,), (1,))]


@pytest.mark.parametrize("function", OPERATORS, ids=lambda function: function.__name__)
def test_operators(function):
    rng = np.random.default_rng(0)
    count = 1 if function in OPERATORS[-4:] else 2
    for shapes in PAIRS if count == 2 else zip(SHAPES, strict=True):
        drawn = [np.asarray(rng.uniform(0, 2, shape)) for shape in shapes]
        for kinds in itertools.product((*ARRAYS, *PYTHON), repeat=count):
            assert_as_numpy(function.__name__, function, drawn, kinds)


@pytest.mark.parametrize(
    "primitive",
    [p for p in ours() if p.kind in ("elementwise", "flat") and isinstance(p.function, np.ufunc)],
    ids=lambda primitive: primitive.name,
)
def test_ufuncs(primitive):
    rng = np.random.default_rng(0)
    count = len(primitive.rules)
    for shapes in PAIRS if count == 2 else zip(SHAPES, strict=True):
        drawn = [np.asarray(rng.uniform(0, 2, shape)) for shape in shapes]
        for kinds in itertools.product((*ARRAYS, *PYTHON), repeat=count):
            assert_as_numpy(primitive.name, primitive.function, drawn, kinds)


@pytest.mark.parametrize(
    "primitive",
    [p for p in ours() if not isinstance(p.function, np.ufunc)],
    ids=lambda primitive: primitive.name,
)
@settings(max_examples=10)
@given(data=st.data())
def test_other_primitives(primitive, data):
    call = data.draw(samples_of(primitive))
    domains = [domain for domain, rule in zip(primitive.domain, primitive.rules, strict=True) if rule]
    domains += [EVERYWHERE] * (len(call.shapes) - len(domains))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    drawn = [numbers(rng, s, d, i) for i, (s, d) in enumerate(zip(call.shapes, domains, strict=True))]
    kinds = data.draw(st.tuples(*(st.sampled_from(ARRAYS) for _ in drawn)))
    if is_of_numpy(primitive) or "bool" not in kinds:  # our own functions are of numbers
        assert_as_numpy(primitive.name, call.function, drawn, kinds)


@pytest.mark.parametrize(
    ("name", "f", "shapes"), CASES, ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)]
)
def test_expressions(name, f, shapes):
    drawn = point(shapes)[0]
    for kinds in itertools.product(ARRAYS, repeat=len(shapes)):
        assert_as_numpy(name, f, drawn, kinds)


def reduced(function, **settings):
    return lambda x: function(x, **settings)


LARGER = [
    *((function, shapes) for function, several in {
        np.dot: [[(30,), (30,)], [(7, 30), (30, 9)], [(5, 7, 30), (30, 9)], [(5, 7, 30), (30,)],
                 [(30,), (4, 30, 9)], [(3, 7, 30), (4, 30, 9)]],
        np.inner: [[(7, 30), (9, 30)], [(3, 7, 30), (9, 30)], [(3, 7, 30), (30,)], [(30,), (3, 9, 30)]],
        np.matmul: [[(5, 7, 30), (30, 9)], [(5, 7, 30), (5, 30, 9)], [(5, 7, 30), (30,)],
                    [(30,), (5, 30, 7)]],
        np.vdot: [[(7, 30), (7, 30)]],
        np.outer: [[(7, 30), (9,)]],
        np.tensordot: [[(7, 30, 9), (30, 9, 4)]],
        np.kron: [[(7, 3), (5, 4)]],
        np.convolve: [[(30,), (7,)]],
        np.correlate: [[(30,), (7,)], [(7,), (30,)]],
        np.linalg.solve: [[(9, 9), (9,)], [(3, 9, 9), (9, 2)]],
        np.linalg.trace: [[(3, 9, 9)]],
        np.linalg.norm: [[(9, 7)], [(30,)], [(3, 9, 7)]],
        np.cov: [[(5, 30)]],
        np.interp: [[(30,), (5,), (5,)]],
        np.polyval: [[(5,), (30,)]],
    }.items() for shapes in several),
    *((reduced(np.linalg.norm, ord=order), [(9, 7)])
      for order in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
    *((reduced(np.linalg.norm, ord=order, axis=1), [(9, 30)]) for order in (None, 0, 1, 2, 3, 0.5, np.inf)),
    *((reduced(function, axis=axis), [(30, 40)]) for axis in (0, -1, None) for function in (
        np.sum, np.mean, np.prod, np.var, np.std, np.median, np.ptp, np.cumsum, np.cumprod, np.average,
        np.nansum, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanprod,
    )),
    (lambda x, w: np.average(x, axis=(0, 2), weights=w), [(30, 4, 5), (30, 5)]),
    (lambda x: np.quantile(x, [0.1, 0.55], axis=0), [(30, 4)]),
    (lambda x: np.percentile(x, 33, method="weibull"), [(30, 4)]),
    (lambda x, y: np.select([x > y, x < 0.3], [x, y], 7), [(9,), (9,)]),
    (lambda x: np.clip(x, None, 1), [(9,)]),
    (lambda x: np.clip(x, None, None), [(9,)]),
    (lambda x, y: x.T @ y.T, [(30, 7), (9, 30)]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shapes"), LARGER)
def test_larger_arrays(function, shapes):
    rng = np.random.default_rng(1)
    drawn = [rng.uniform(0.1, 1, shape) for shape in shapes]
    if function is np.interp:
        drawn[1].sort()
    for kinds in itertools.product(ARRAYS, repeat=len(shapes)):
        assert_as_numpy("", function, drawn, kinds)
