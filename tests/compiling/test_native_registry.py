"""Every primitive in C: all calls of a type in one source, built once; values and specials against NumPy.

A fixed list of calls, with values drawn anew; HYPOTHESIS_PROFILE=full takes ten times as many.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rules.samples import ours, points

import tinygrad_edu as tg
from tinygrad_edu import trees
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.following import COUNTING
from tinygrad_edu.compiling.native import NativeProgram
from tinygrad_edu.errors import UnsupportedFunctionError

ULPS = 4
KINDS = {primitive.name: primitive.kind for primitive in ours()}
CALLS = 20 if settings().max_examples > 100 else 2
DRAWS = 3
LEFT = {
    *(
        "add_windows",
        "argmax",
        "argmin",
        "argpartition",
        "argsort",
        "argwhere",
        "convolve",
        "cumprod",
        "cumsum",
    ),
    *(
        "digitize",
        "flatnonzero",
        "nanargmax",
        "nanargmin",
        "others",
        "partition",
        "recurrence",
        "searchsorted",
    ),
    *(
        "sort",
        "take_along_axis",
        "root",
        "sinc_derivative",
        "allclose",
        "array_equal",
        "array_equiv",
        "isclose",
    ),
    *("iscomplex", "isin", "isreal", "cholesky", "cofactors", "det", "eigh", "eigvalsh", "inv", "lstsq"),
    *("matrix_rank", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "median", "percentile", "quantile"),
    "dot",  # of stacks
}
"""What is left to NumPy: a program with one of them runs as NumPy, with a warning."""


def drawn(primitive, count):
    """A fixed list of calls."""
    found = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(points(primitive))
    def collect(point):
        found.append(point)

    collect()
    return found


def calls_of(primitive, dtype):
    """Each call as a program and its arguments; and its gradients."""
    found = []
    for point in drawn(primitive, CALLS):
        args = [x.astype(dtype)[()] for x in point.args]
        found.append((tg.trace(point.f, *args), args))
        if primitive.differentiable:
            slopes = slopes_of(point.f, point.cotangent.astype(dtype), len(args))
            found.append((tg.trace(slopes, *args), args))
    return found


def slopes_of(f, weights, count):
    return tg.value_and_grad(lambda *xs: np.sum(weights * f(*xs)), tuple(range(count)))


def check(ours, theirs, operations, name):
    """Within a few units in the last place: of each number, or where numbers were added of the largest."""
    if operations == 1 and KINDS[name] in ("elementwise", "flat"):
        assert ulps_between(ours, theirs) <= ULPS, name
    else:
        theirs = np.asarray(theirs)
        size = np.max(np.abs(theirs), initial=0, where=np.isfinite(theirs)) + 1
        atol = ULPS * operations * np.finfo(theirs.dtype).eps * size if theirs.dtype.kind == "f" else 0
        assert (np.shape(ours), np.asarray(ours).dtype) == (theirs.shape, theirs.dtype), name
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol, err_msg=name)


def is_in_c(program):
    """Whether a program can be written in C; the error names the operation that cannot."""
    try:
        Lowered(program)
    except UnsupportedFunctionError as error:
        left = str(error)
    else:
        return True
    assert any(
        left.startswith(f'target="native" has no C for {each.primitive.name}') for each in program.operations
    )
    return False


def ulps_between(ours, theirs):
    """How far apart numbers are, in units in the last place; equal infinities and NaN are not."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    if theirs.dtype.kind != "f":
        return 0 if np.array_equal(ours, theirs) else np.inf
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(ours.astype(np.longdouble) - theirs) / np.spacing(np.abs(theirs))
    return float(np.max(np.where(same, 0, apart), initial=0))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_each_primitive_gives_in_c_what_it_gives_in_numpy(native, dtype):
    calls = []
    for primitive in ours():
        for program, args in calls_of(primitive, dtype):
            if is_in_c(program):
                calls.append((primitive.name, program, args))

    def all_of_them(*args):
        remaining = iter(args)
        return [program(*(next(remaining) for _ in given)) for _, program, given in calls]

    assert {name for name, _, _ in calls} == {primitive.name for primitive in ours()} - LEFT
    flat = [x for _, _, args in calls for x in args]
    built, rng = NativeProgram(tg.trace(all_of_them, *flat)), np.random.default_rng(0)
    for _ in range(DRAWS):
        results, given = iter(built.run(flat)), iter(flat)
        for name, program, args in calls:
            for expected in trees.leaves(program(*(next(given) for _ in args))):
                check(next(results), expected, len(program), name)
        flat = [(x * rng.uniform(0.9, 1.1, np.shape(x))).astype(dtype)[()] for x in flat]


@pytest.mark.parametrize(
    "primitive", [p for p in ours() if p.name in LEFT and p.function not in COUNTING], ids=lambda p: p.name
)
def test_what_is_left_to_numpy_gives_the_same_with_a_warning(native, primitive):
    function, args, *_ = drawn(primitive, 1)[0]
    compiled = tg.compile(function, target="native")
    with pytest.warns(RuntimeWarning, match='target="native" has no C for .*, .* runs as NumPy') as warned:
        found = compiled(*args)
    assert any(f" for {name}, " in str(warned[0].message) for name in LEFT)
    for ours_, theirs in zip(trees.leaves(found), trees.leaves(function(*args)), strict=True):
        check(ours_, theirs, 2, primitive.name)


SPECIAL = np.array(
    [0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 5e-324, -1e-320, 1e300, -1e300, 709.8, -745.2, 40.0]
)
FUNCTIONS = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.logaddexp(x, 0 * x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_right_to_the_last_digits(native, name):
    """Against numbers of higher precision, where the machine has them."""
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [
            rng.uniform(-708, 709, 5000),
            rng.uniform(-1, 1, 5000),
            rng.normal(size=5000) * 1e-5,
            rng.normal(size=5000),
        ]
    )
    f = getattr(tg, name, None) or getattr(np, name)
    if name.startswith("log"):
        x = np.abs(x)
    with np.errstate(all="ignore"):
        exact = FUNCTIONS[name](x.astype(np.longdouble)).astype(float)
        built = NativeProgram(tg.trace(f, x))
        assert ulps_between(built.run([x])[0], exact) <= ULPS
        padded = np.concatenate([SPECIAL, x[len(SPECIAL) :]])
        assert ulps_between(built.run([padded])[0][: len(SPECIAL)], f(SPECIAL)) <= ULPS
