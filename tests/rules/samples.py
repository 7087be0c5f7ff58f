"""Sample calls of every primitive: functions that run it once, and the shapes of the arrays they take."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import SearchStrategy
from numpy.lib.stride_tricks import sliding_window_view

from tinygrad_edu import Value
from tinygrad_edu.primitives import EVERYWHERE, REGISTRY, Primitive
from tinygrad_edu.rules import (
    add_at,
    add_windows,
    among,
    cast,
    cofactors,
    einsum,
    elu,
    leaky_relu,
    log_softmax,
    logsumexp,
    norm,
    others,
    pad,
    part,
    recurrence,
    sigmoid,
    sinc_derivative,
    softmax,
    solution,
    spread,
    sum_to,
)
from tinygrad_edu.rules.parts import SHAPES

Shape = tuple[int, ...]


class Call(NamedTuple):
    """A function that runs one primitive, and the shape of each array it is differentiated by."""

    function: Callable[..., Any]
    shapes: tuple[Shape, ...]


class Point(NamedTuple):
    """A call with its numbers: arguments inside the domain and off the kinks, and directions to look in."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    cotangent: Any
    directions: tuple[Any, ...]


def samples_of(primitive: Primitive) -> SearchStrategy[Call]:
    """How to call a primitive: by the table, or as its kind says."""
    if primitive.name in SAMPLES:
        return SAMPLES[primitive.name]
    if primitive.kind not in ("elementwise", "flat") or not (
        is_of_numpy(primitive) or primitive.signature.settings == frozenset()
    ):
        raise LookupError(f"Add sample calls of {primitive.name!r} to SAMPLES in tests/rules/samples.py.")
    together = hnp.mutually_broadcastable_shapes(
        num_shapes=len(primitive.rules), max_dims=3, min_side=0, max_side=3
    )
    return together.map(lambda drawn: Call(public(primitive), drawn.input_shapes))


def public(primitive: Primitive) -> Callable[..., Any]:
    """What a user calls: NumPy's function, or the primitive itself where NumPy has none."""
    return primitive.function if is_of_numpy(primitive) else primitive


def is_of_numpy(primitive: Primitive) -> bool:
    function = primitive.function
    return isinstance(function, np.ufunc) or function.__module__.startswith("numpy")


def ours() -> list[Primitive]:
    """The primitives of the package, without those that tests and examples declare."""
    return [
        p
        for p in REGISTRY.values()
        if is_of_numpy(p) or p.function.__module__.startswith("tinygrad_edu.rules")
    ]


@st.composite
def points(draw, primitive: Primitive) -> Point:
    call = draw(samples_of(primitive))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    domains = [domain for domain, rule in zip(primitive.domain, primitive.rules, strict=True) if rule]
    domains += [EVERYWHERE] * (len(call.shapes) - len(domains))
    args = tuple(
        numbers(rng, shape, domain, i)
        for i, (shape, domain) in enumerate(zip(call.shapes, domains, strict=True))
    )
    out_shape = np.shape(call.function(*args))
    return Point(
        call.function, args, direction(rng, out_shape), tuple(direction(rng, s) for s in call.shapes)
    )


def numbers(rng: np.random.Generator, shape: Shape, domain: tuple[float, float], position: int) -> Any:
    """Different numbers in the domain and within 3, 0.002 or more away from 0 and from other positions."""
    low, high = (int(50 * bound) for bound in (max(domain[0] + 0.5, -3), min(domain[1] - 0.5, 3)))
    return (rng.choice(np.arange(low, high), shape, replace=False) + 0.2 + 0.13 * position) / 50


def direction(rng: np.random.Generator, shape: Shape) -> Any:
    return np.asarray(rng.uniform(-1, 1, shape))[()]


# ---- shapes and settings -----------------------------------------------------------------------


def shapes(min_dims: int = 0, min_side: int = 0) -> SearchStrategy[Shape]:
    return hnp.array_shapes(min_dims=min_dims, max_dims=3, min_side=min_side, max_side=3)


def axes_of(shape: Shape) -> SearchStrategy[Any]:
    """None, one axis, or several, counted from either end."""
    dims = len(shape)
    one = st.integers(-dims, dims - 1) if dims else st.nothing()
    return st.none() | one | st.lists(one, unique_by=lambda axis: axis % dims).map(tuple)


@st.composite
def reductions(draw, function, min_side=0):
    shape = draw(shapes(min_side=min_side))
    axis, keepdims = draw(axes_of(shape)), draw(st.booleans())
    return Call(lambda x: function(x, axis=axis, keepdims=keepdims), (shape,))


@st.composite
def quantiles(draw, function, whole):
    """A share of the whole (several would be float64 whatever they are taken of), by some of the methods."""
    shape = draw(shapes(min_side=1))
    axis, keepdims = draw(axes_of(shape)), draw(st.booleans())
    method = draw(st.sampled_from(["linear", "lower", "nearest", "midpoint", "weibull", "median_unbiased"]))
    q = draw(st.sampled_from([0, 0.3, 1])) * whole
    return Call(lambda x: function(x, q, axis=axis, method=method, keepdims=keepdims), (shape,))


@st.composite
def spreads(draw):
    shape = draw(shapes())
    axis = draw(axes_of(shape))
    summed = np.sum(np.zeros(shape), axis=axis, keepdims=draw(st.booleans())).shape
    return Call(lambda x: spread(x, shape=shape, axis=axis), (summed,))


@st.composite
def broadcasts(draw):
    """A shape, and one that it can be stretched to."""
    shape = draw(shapes())
    start = draw(st.integers(0, len(shape)))
    return tuple(n if draw(st.booleans()) else 1 for n in shape[start:]), shape


@st.composite
def reshapes(draw):
    shape = draw(shapes())
    size = int(np.prod(shape))
    new = draw(
        st.sampled_from([shape[::-1], (1, *shape), (size,), size, (size, 1), (-1,) if size else (0, 2)])
    )
    return Call(lambda x: np.reshape(x, new), (shape,))


@st.composite
def transposes(draw):
    shape = draw(shapes())
    axes = draw(st.none() | st.permutations(range(len(shape))))
    turned = axes and [axis - len(shape) if draw(st.booleans()) else axis for axis in axes]
    return Call(lambda x: np.transpose(x, turned), (shape,))


@st.composite
def exchanges(draw):
    shape = draw(shapes(min_dims=1))
    axis = st.integers(-len(shape), len(shape) - 1)
    first, second = draw(axis), draw(axis)
    return Call(lambda x: np.swapaxes(x, first, second), (shape,))


@st.composite
def expansions(draw):
    shape = draw(shapes())
    axis = draw(st.integers(-len(shape) - 1, len(shape)) | st.just((0, -1)))
    return Call(lambda x: np.expand_dims(x, axis), (shape,))


@st.composite
def squeezes(draw):
    shape = draw(shapes(min_side=1))
    ones = [axis for axis, n in enumerate(shape) if n == 1]
    axis = draw(st.sampled_from([None, tuple(ones), *ones]))
    return Call(lambda x: np.squeeze(x, axis), (shape,))


@st.composite
def concatenations(draw):
    shape = list(draw(shapes(min_dims=1)))
    axis = draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        if axis is not None:
            shape[axis] = draw(st.integers(0, 3))
        parts.append(tuple(shape))
    return Call(lambda *xs: np.concatenate(xs, axis=axis), tuple(parts))


@st.composite
def stacks(draw):
    shape = draw(shapes())
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return Call(lambda *xs: np.stack(xs, axis=axis), (shape,) * draw(st.integers(1, 3)))


@st.composite
def choices(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3))
    mask, x, y = drawn.input_shapes
    condition = draw(hnp.arrays(bool, mask))
    return Call(lambda x, y: np.where(condition, x, y), (x, y))


@st.composite
def first_of_two(draw, function, **elements):
    """Functions of which only the first argument is differentiated; the second is a plain array."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    shape, other = drawn.input_shapes
    second = draw(hnp.arrays(elements.pop("dtype"), other, elements=st.sampled_from(elements["among"])))
    return Call(lambda x: function(x, second), (shape,))


def products() -> SearchStrategy[Call]:
    """Vectors, matrices and stacks of matrices in every combination."""
    together = hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3
    )
    return together.map(lambda drawn: Call(np.matmul, drawn.input_shapes))


@st.composite
def stacked_products(draw):
    """Stacks of vectors or matrices, of which each vector on the left is paired with each on the right."""
    left, right, n = draw(shapes()), draw(shapes(min_dims=2)), draw(st.integers(0, 3))
    call = Call(np.dot, ((*left, n), (*right[:-1], n, right[-1])))
    return draw(st.sampled_from([call, Call(np.dot, ((2, *right, n), (n,)))]))


@st.composite
def contractions(draw):
    """One to three operands with up to three letters each, repeated and stretched ones among them."""
    lengths = {letter: draw(st.integers(0, 3)) for letter in "ijk"}
    words = draw(st.lists(st.text("ijk", max_size=3), min_size=1, max_size=3))
    whole = {word: {c for c in word if word.count(c) > 1 or draw(st.booleans())} for word in words}
    shapes = [tuple(lengths[c] if c in whole[word] else 1 for c in word) for word in words]
    present = sorted({*"".join(words)})
    result = "".join(draw(st.permutations(present))[: draw(st.integers(0, len(present)))])
    subscripts = f"{','.join(words)}->{result}"
    return Call(lambda *xs: einsum(xs, subscripts=subscripts), tuple(shapes))


def convolutions() -> SearchStrategy[Call]:
    lengths = st.tuples(st.integers(1, 5)).map(tuple)
    return st.builds(
        lambda mode, a, v: Call(lambda x, y: np.convolve(x, y, mode=mode), (a, v)),
        st.sampled_from(["full", "same", "valid"]),
        lengths,
        lengths,
    )


@st.composite
def norms(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    dims = len(shape)
    axis = draw(st.integers(-dims, dims - 1))
    order = draw(st.sampled_from([None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf]))
    settings = draw(st.sampled_from([{"ord": order, "axis": axis}, {"axis": None}]))
    keepdims = draw(st.booleans())
    steep = order in (0.5, -1, np.inf, -np.inf)
    aside = steep * (4 + 0.003 * np.indices(shape).sum(axis=0))  # away from 0 and from ties
    return Call(lambda x: norm(x + aside.astype(x.dtype), keepdims=keepdims, **settings), (shape,))


@st.composite
def several_shapes(draw):
    return draw(st.integers(0, 2)), tuple(draw(shapes()) for _ in range(3))


def apart(x: Any) -> Any:
    """A matrix near x with singular values well apart, and no number near 0."""
    m, n = x.shape[-2:]
    return 0.1 * x + (0.5 + np.diag(2.0 + 2 * np.arange(max(m, n)))[:m, :n]).astype(x.dtype)


def symmetric(x: Any) -> Any:
    return apart((x + x.mT) / 2)


def matrices(
    function: Callable[..., Any], near: Callable[[Any], Any] = apart, square: bool = True
) -> SearchStrategy[Call]:
    """Calls with a matrix, or a stack of them, near some matrix that the function is smooth at."""
    sides = st.integers(1, 3)
    stack = hnp.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=2)
    return st.builds(
        lambda s, m, n: Call(lambda x: function(near(x)), ((*s, m, m if square else n),)), stack, sides, sides
    )


@st.composite
def systems(draw):
    n, columns = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    stacks = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=0, max_side=2))
    a, b = stacks.input_shapes
    right = draw(st.sampled_from([(n,), (*b, n, columns)]))
    return Call(lambda x, y: np.linalg.solve(apart(x), y), ((*a, n, n), right))


@st.composite
def fits(draw):
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    right = draw(st.sampled_from([(m,), (m, 2)]))
    return Call(lambda x, y: solution(apart(x), y), ((m, n), right))


@st.composite
def indices(draw):
    """A shape and an index of it, of each of NumPy's kinds."""
    shape = draw(shapes(min_dims=1, min_side=1))
    length = shape[0]
    some = hnp.arrays(
        int, hnp.array_shapes(min_dims=0, max_dims=2, max_side=4), elements=st.integers(-length, length - 1)
    )
    index = draw(
        hnp.basic_indices(shape, allow_newaxis=True)
        | hnp.integer_array_indices(shape)
        | hnp.arrays(bool, shape)
        | hnp.arrays(bool, shape[:1])
        | st.lists(st.integers(-length, length - 1), max_size=4)
        | st.tuples(some, st.sampled_from([..., None]))
        | st.tuples(st.just(None), some, st.just(...))
        | (st.tuples(some, st.just(slice(None, None, -1))) if len(shape) > 1 else st.just(-1))
    )
    return shape, index


def additions(drawn) -> Call:
    """The transpose of an index: `add_at` in the words in which an index was recorded."""
    shape, index = drawn
    part = Value(np.zeros(shape))[index]
    _, *arrays = part.args
    return Call(lambda x: add_at(x, *arrays, index=part.params["index"], shape=shape), (part.shape,))


@st.composite
def along_an_axis(draw, function, min_dims=1, none=False, **settings):
    """A function that takes one axis, drawn from either end, or None where it may be."""
    shape = draw(shapes(min_dims=0 if none else min_dims))
    axis = draw(one_axis(shape) | st.none() if none else one_axis(shape))
    return Call(lambda x: function(x, axis=axis, **settings), (shape,))


def one_axis(shape: Shape) -> SearchStrategy[int]:
    return st.integers(-len(shape), len(shape) - 1) if shape else st.nothing()


@st.composite
def partitions(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(one_axis(shape))
    kth = draw(st.integers(-shape[axis], shape[axis] - 1))
    return Call(lambda x: np.partition(x, kth, axis=axis), (shape,))


@st.composite
def flips(draw):
    shape = draw(shapes())
    axis = draw(axes_of(shape))
    return Call(lambda x: np.flip(x, axis), (shape,))


@st.composite
def rolls(draw):
    shape = draw(shapes(min_dims=1))
    axis = draw(one_axis(shape) | st.none())
    shift = draw(st.integers(-4, 4))
    several = axis is not None and draw(st.booleans())
    shifts, axes = ((shift, 1), (axis, 0)) if several else (shift, axis)
    return Call(lambda x: np.roll(x, shifts, axis=axes), (shape,))


@st.composite
def quarter_turns(draw):
    shape = draw(shapes(min_dims=2))
    k, axes = draw(st.integers(-5, 5)), draw(st.permutations(range(len(shape))))
    return Call(lambda x: np.rot90(x, k, axes=axes[:2]), (shape,))


@st.composite
def triangles(draw, function):
    shape, k = draw(shapes(min_dims=1)), draw(st.integers(-3, 3))
    return Call(lambda x: function(x, k), (shape,))


@st.composite
def diagonals(draw):
    shape, offset = draw(shapes(min_dims=2)), draw(st.integers(-2, 2))
    first, second, *_ = draw(st.permutations(range(len(shape))))
    return Call(lambda x: np.diagonal(x, offset, first, second - len(shape)), (shape,))


@st.composite
def pads(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    widths = tuple(draw(st.tuples(st.integers(0, 4), st.integers(0, 4))) for _ in shape)
    mode = draw(st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap"]))
    return Call(lambda x: pad(x, pad_width=widths, mode=mode), (shape,))


@st.composite
def windows(draw):
    """A shape, and windows of it along all axes, or along some, which may be listed twice."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(st.none() | st.lists(one_axis(shape), min_size=1, max_size=2, unique=True).map(tuple))
    room = list(shape)
    window = []
    for i in range(len(shape)) if axis is None else axis:
        window.append(draw(st.integers(0, room[i])))
        room[i] -= max(window[-1] - 1, 0)
    return shape, {"window_shape": tuple(window), "axis": axis}


def sums_of_windows(drawn) -> Call:
    shape, settings = drawn
    x = sliding_window_view(np.zeros(shape), **settings)
    return Call(lambda x: add_windows(x, shape=shape, **settings), (x.shape,))


@st.composite
def repeats(draw):
    shape = draw(shapes())
    axis = draw(one_axis(shape) | st.none())
    length = int(np.prod(shape)) if axis is None else shape[axis]
    times = draw(st.integers(0, 3) | hnp.arrays(int, length, elements=st.integers(0, 3)))
    return Call(lambda x: np.repeat(x, times, axis=axis), (shape,))


@st.composite
def resizes(draw):
    shape, new = draw(shapes(min_side=1)), draw(shapes())
    return Call(lambda x: np.resize(x, new), (shape,))


@st.composite
def picks(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(one_axis(shape))
    picked = list(shape)
    picked[axis] = draw(st.integers(0, 4))
    indices = draw(hnp.arrays(int, tuple(picked), elements=st.integers(-shape[axis], shape[axis] - 1)))
    return Call(lambda x: np.take_along_axis(x, indices, axis), (shape,))


def of_equal_shape(function: Callable[..., Any], count: int) -> SearchStrategy[Call]:
    return shapes(min_dims=1).map(lambda shape: Call(function, (shape,) * count))


def one_array(function: Callable[..., Any], **limits: int) -> SearchStrategy[Call]:
    return shapes(**limits).map(lambda shape: Call(function, (shape,)))


@st.composite
def with_setting(draw, function, **among):
    """A function of one array, with a setting that is one of those given."""
    chosen = {name: draw(st.sampled_from(some)) for name, some in among.items()}
    return Call(lambda x: function(x, **chosen), (draw(shapes()),))


@st.composite
def along_axes(draw, function):
    """A function that keeps the shape and mixes the numbers along some axes."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes_of(shape))
    return Call(lambda x: function(x, axis=axis), (shape,))


TOGETHER = {primitive.name: primitive for primitive in SHAPES}
"""Primitives with several results, as functions that give them all in one array."""


SAMPLES: dict[str, SearchStrategy[Call]] = {
    "sigmoid": with_setting(sigmoid, beta=[1, 1.0, 2.0, -0.5]),
    "leaky_relu": with_setting(leaky_relu, slope=[0.01, 0.2, -0.5]),
    "elu": with_setting(elu, alpha=[1.0, 0.3]),
    "softmax": along_axes(softmax),
    "log_softmax": along_axes(log_softmax),
    "logsumexp": reductions(logsumexp, min_side=1),
    "sinc_derivative": with_setting(sinc_derivative, order=[1, 2, 3, 4]),
    "copysign": first_of_two(np.copysign, dtype=np.float32, among=[-2.0, -0.0, 0.0, 3.0]),
    "ldexp": first_of_two(np.ldexp, dtype=np.int32, among=[-2, 0, 3]),
    "heaviside": first_of_two(lambda h, x: np.heaviside(x, h), dtype=np.float32, among=[-1.0, 0.0, 2.0]),
    "round": st.integers(-1, 2).flatmap(lambda decimals: one_array(lambda x: np.round(x, decimals))),
    "where": choices(),
    "matmul": products(),
    "dot": stacked_products(),
    "einsum": contractions(),
    "convolve": convolutions(),
    "inv": matrices(np.linalg.inv),
    "det": matrices(np.linalg.det),
    "cofactors": matrices(cofactors),
    "slogdet": matrices(TOGETHER["slogdet"]),
    "solve": systems(),
    "pinv": matrices(np.linalg.pinv, square=False),
    "lstsq": fits(),
    "cholesky": matrices(np.linalg.cholesky, symmetric),
    "eigh": matrices(TOGETHER["eigh"], symmetric),
    "eigvalsh": matrices(np.linalg.eigvalsh, symmetric),
    "svd": matrices(TOGETHER["svd"], square=False),
    "svdvals": matrices(np.linalg.svdvals, square=False),
    "qr": matrices(TOGETHER["qr"], square=False),
    "norm": norms(),
    "part": several_shapes().map(
        lambda drawn: Call(lambda x: part(x, *drawn), ((sum(map(math.prod, drawn[1])),),))
    ),
    "among": several_shapes().map(lambda drawn: Call(lambda x: among(x, *drawn), (drawn[1][drawn[0]],))),
    "sum": reductions(np.sum),
    "mean": reductions(np.mean, min_side=1),
    "spread": spreads(),
    "sum_to": broadcasts().map(lambda drawn: Call(lambda x: sum_to(x, shape=drawn[0]), (drawn[1],))),
    "broadcast_to": broadcasts().map(lambda drawn: Call(lambda x: np.broadcast_to(x, drawn[1]), (drawn[0],))),
    "cast": one_array(lambda x: cast(x, dtype=np.float64)),
    "reshape": reshapes(),
    "ravel": one_array(np.ravel),
    "expand_dims": expansions(),
    "squeeze": squeezes(),
    "transpose": transposes(),
    "swapaxes": exchanges(),
    "concatenate": concatenations(),
    "stack": stacks(),
    "getitem": indices().map(lambda drawn: Call(lambda x: x[drawn[1]], (drawn[0],))),
    "add_at": indices().map(additions),
    "max": reductions(np.max, min_side=1),
    "min": reductions(np.min, min_side=1),
    "prod": reductions(np.prod),
    "median": reductions(np.median, min_side=1),
    "quantile": quantiles(np.quantile, 1.0),
    "percentile": quantiles(np.percentile, 100.0),
    "others": shapes().flatmap(
        lambda shape: axes_of(shape).map(lambda axis: Call(lambda x: others(x, axis=axis), (shape,)))
    ),
    "cumsum": along_an_axis(np.cumsum, none=True),
    "cumprod": along_an_axis(np.cumprod, none=True),
    "recurrence": of_equal_shape(recurrence, 2),
    "sort": along_an_axis(np.sort)
    | along_an_axis(np.sort, kind="stable")
    | one_array(lambda x: np.sort(x, None)),
    "partition": partitions(),
    "flip": flips(),
    "roll": rolls(),
    "rot90": quarter_turns(),
    "tril": triangles(np.tril),
    "triu": triangles(np.triu),
    "diagonal": diagonals(),
    "diagflat": st.integers(-2, 2).flatmap(lambda k: one_array(lambda x: np.diagflat(x, k))),
    "pad": pads(),
    "sliding_window_view": windows().map(
        lambda drawn: Call(lambda x: sliding_window_view(x, **drawn[1]), (drawn[0],))
    ),
    "add_windows": windows().map(sums_of_windows),
    "repeat": repeats(),
    "tile": shapes().flatmap(lambda reps: one_array(lambda x: np.tile(x, reps))),
    "resize": resizes(),
    "take_along_axis": picks(),
    # functions through which no gradient passes
    **{
        name: one_array(getattr(np, name), min_side=1)
        for name in ("argmax", "argmin", "nanargmax", "nanargmin")
    },
    "argpartition": along_an_axis(np.argpartition, kth=0).filter(lambda call: 0 not in call.shapes[0]),
    "searchsorted": shapes(min_dims=1).map(
        lambda shape: Call(lambda a, v: np.searchsorted(np.sort(a), v), ((3,), shape))
    ),
    "digitize": one_array(lambda x: np.digitize(x, [-1.0, 0.0, 1.0])),
    **{
        name: of_equal_shape(getattr(np, name), 2)
        for name in ("allclose", "array_equal", "array_equiv", "isclose")
    },
    **{name: one_array(getattr(np, name), min_dims=1) for name in ("argwhere", "flatnonzero")},
    **{name: reductions(getattr(np, name)) for name in ("any", "all", "count_nonzero")},
    "matrix_rank": matrices(np.linalg.matrix_rank, square=False),
    "argsort": shapes(min_dims=1).map(lambda shape: Call(lambda x: np.argsort(x, axis=0), (shape,))),
    "bitwise_and": one_array(lambda x: np.bitwise_and(x > 0, x < 1)),
    "bitwise_or": one_array(lambda x: np.bitwise_or(x > 0, x < -1)),
    "bitwise_xor": one_array(lambda x: np.bitwise_xor(x > 0, x < 1)),
    "invert": one_array(lambda x: np.invert(x > 0)),
}
