"""Every primitive in C: all calls of a type in one source, built once; values and specials against NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rules.samples import ours, points

import tinygrad_edu as tg
from tinygrad_edu import trees
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.native import NativeProgram
from tinygrad_edu.errors import UnsupportedFunctionError

ULPS = 4
SURELY = {
    *(
        "matmul",
        "einsum",
        "sum",
        "mean",
        "max",
        "min",
        "any",
        "all",
        "count_nonzero",
        "sum_to",
        "spread",
        "norm",
    ),
    *("softmax", "log_softmax", "logsumexp", "getitem", "add_at", "part", "among", "concatenate", "stack"),
    *(
        "reshape",
        "transpose",
        "swapaxes",
        "broadcast_to",
        "flip",
        "roll",
        "pad",
        "repeat",
        "tile",
        "diagonal",
    ),
}
"""What must be in C, beside all that works number by number."""
LEFT = {"sinc_derivative", "root"}
"""What works number by number and is left to NumPy."""


def calls_of(primitive, dtype, count=2):
    """A fixed list of calls, each as a program and its arguments."""
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
        args = [x.astype(dtype)[()] for x in point.args]
        found.append((tg.trace(point.f, *args), args))
        if primitive.differentiable:
            weights = point.cotangent.astype(dtype)
            positions = tuple(range(len(args)))
            slopes = tg.value_and_grad(lambda *xs: np.sum(weights * point.f(*xs)), positions)
            found.append((tg.trace(slopes, *args), args))

    collect()
    return found


def check(ours, theirs, operations, name):
    """Within a few units in the last place: of each number, or after several operations of the largest."""
    if operations == 1:
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

    flat = [x for _, _, args in calls for x in args]
    results = NativeProgram(tg.trace(all_of_them, *flat)).run(flat)
    number_by_number = {primitive.name for primitive in ours() if primitive.kind == "elementwise"}
    assert {name for name, _, _ in calls} >= SURELY | number_by_number - LEFT
    remaining = iter(results)
    for name, program, args in calls:
        for expected in trees.leaves(program(*args)):
            check(next(remaining), expected, len(program), name)


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
