"""tg.compile: signatures, what is caught and frozen, what cannot be followed, repeat, whose results are."""

import gc
import random
import threading
import time
import tracemalloc
import warnings

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, MutationError, TracingError
from tinygrad_edu.lessons import LESSONS

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(4, 2)), RNG.integers(0, 2, (4, 1)).astype(float)
PARAMS = {"W1": RNG.normal(size=(2, 3)), "b1": RNG.normal(size=3), "W2": RNG.normal(size=(3, 1))}
COUNTER = iter(range(10**9))


def network(p):
    a1 = tg.sigmoid(X @ p["W1"] + p["b1"])
    return np.mean((tg.sigmoid(a1 @ p["W2"]) - Y) ** 2) / 2


def same(ours, theirs):
    assert type(ours) is type(theirs)
    if isinstance(theirs, (dict, list, tuple)):
        assert len(ours) == len(theirs)
        keys = theirs if isinstance(theirs, dict) else range(len(theirs))
        for key in keys:
            same(ours[key], theirs[key])
    else:
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (network, (PARAMS,)),
        (tg.grad(network), (PARAMS,)),
        (tg.value_and_grad(network), (PARAMS,)),
        (tg.hessian(lambda x: np.sum(x**3) * x[0]), (np.array([1.0, 2.0]),)),
        (tg.jacobian(lambda x: np.exp(x) * x), (np.array([1.0, 2.0]),)),
        (lambda x, v: tg.hvp(lambda x: np.sum(x**4), x, v), (np.ones(3), np.arange(3.0))),
        (lambda x: (x.T, [x[0], {"sum": x.sum()}], None, 3), (np.arange(6.0).reshape(2, 3),)),
        (lambda x, n: x * n, (np.ones(2), np.array([3, 4]))),
        (lambda x: (x, x, x[1:], np.ones(2)), (np.arange(3.0),)),
    ],
)
def test_a_compiled_function_gives_the_same_bits(f, args):
    same(tg.compile(f)(*args), f(*args))


LINE = np.linspace(0, 1, 63), RNG.normal(size=63)


def line_loss(a, b):
    return np.mean((a * LINE[0] + b - LINE[1]) ** 2) / 2


def sums_that_need_each_other(x):
    h = x * x
    first, second = np.sum(h), np.sum(h * x)
    scaled = h / first
    return np.sum(scaled), np.sum(scaled * x) + second, np.sum(h, axis=None), first


def sums_in_turns(x, y):
    """Of two lengths, one after the other."""
    return np.sum(x * x), np.sum(y * 2), np.sum(x * 3), np.sum(y * y), np.sum(x + x)


@pytest.mark.parametrize(
    ("f", "args", "calls"),
    [
        (tg.value_and_grad(line_loss, (0, 1)), (0.5, 0.25), 1),
        (tg.hessian(lambda p: line_loss(p[0], p[1])), (np.array([0.5, 0.25]),), None),
        (sums_that_need_each_other, (RNG.normal(size=9),), 2),
        (tg.grad(lambda x: sum(sums_that_need_each_other(x))), (RNG.normal(size=(9, 1)),), None),
        (lambda x: (np.sum(x * 2), np.sum(x * 3), np.sum(x[:3] * 2)), (RNG.normal(size=9),), 2),
        (sums_in_turns, (RNG.normal(size=9), RNG.normal(size=4)), 2),
        (lambda x: (np.sum(x * 2), np.sum(x * 3)), (RNG.normal(size=5000),), 2),
        (lambda x: (np.sum(x * 2), np.sum(x * 3)), (RNG.normal(size=50).astype(np.float32),), 2),
    ],
)
def test_sums_of_short_vectors_are_taken_together(f, args, calls):
    compiled = tg.compile(f)
    same(compiled(*args), tg.compile(f)(*args))
    same(compiled(*args), f(*args))
    assert calls is None or compiled.source.count("add.reduce(") == calls


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda a, b: (np.reshape(a, ()) / b, a[()] / b, a**0.5, -a / b, a // b), (1.5, 0.0)),
        (lambda a, x: (x[0] * a, a - x[1], x * a, a / x), (0.1, np.array([0.3, 0.7], np.float32))),
        (lambda a, b, x: (a * x, x + b, (a > x) * b, np.maximum(x, a)), (0.1, np.array([0.3]), np.ones(3))),
        (lambda add, multiply: (add + multiply, add * np.ones(3) * multiply), (1.0, 2.0)),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide|invalid)")
def test_single_numbers_may_be_those_of_python(f, args):
    compiled = tg.compile(f)
    expected = tg.trace(f, *args)(*args)
    same(compiled(*args), expected)
    same(compiled(*(np.float64(arg) if isinstance(arg, float) else arg for arg in args)), expected)


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_compiled_gives_the_same_bits(name):
    lesson = LESSONS[name]
    eager = tg.value_and_grad(lesson.objective)
    compiled = tg.compile(eager)
    for seed in (0, 1):
        params = lesson.initial(np.random.default_rng(seed))
        same(compiled(params), eager(params))
    value, gradients = tg.compile(eager, fast=True)(params)
    expected, slopes = eager(params)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    for key, slope in slopes.items():
        np.testing.assert_allclose(gradients[key], slope, rtol=1e-11, atol=1e-13)


def test_a_function_is_traced_twice_for_each_signature_and_then_never_called():
    calls = []

    def f(x, scale=1.0):
        calls.append(np.shape(x))
        return x * scale

    compiled = tg.compile(f)
    for _ in range(3):
        compiled(np.ones(2))
    compiled(np.ones(3))
    compiled(np.ones(2))
    assert compiled(np.ones(2), scale=5.0)[0] == 5
    compiled(2.0)
    compiled(np.float32(2.0))
    assert len(calls) == 2 * 5


def test_structures_and_everything_that_is_no_number_belong_to_the_signature():
    compiled = tg.compile(lambda p, power, flag: p["x"] ** 2 if power == "two" and flag else p["x"] * 1)
    assert compiled({"x": 3.0}, "two", True) == 9
    assert compiled({"x": 3.0}, "one", True) == 3
    assert compiled({"x": 4.0}, "two", True) == 16
    assert compiled({"x": 4.0}, "two", False) == 4


def test_numbers_of_every_kind_are_inputs_of_one_program():
    compiled = tg.compile(lambda x: x * 2).prepare(1.0)
    numbers = [2.5, 3, np.float64(1.5), np.array(4.5), np.int64(7)]
    assert [float(compiled(number)) for number in numbers] == [5, 6, 3, 9, 14]
    assert compiled(np.float32(1)).dtype == np.float32


def test_values_from_outside_are_read_in_every_call_and_plain_arrays_are_frozen():
    w, scale = Value([1.0, 2.0], name="w"), np.array([1.0, 1.0])
    compiled = tg.compile(lambda x: np.sum(w * x * scale))
    assert compiled(np.ones(2)) == 3
    w.data[0] = 10
    scale[:] = 7
    assert compiled(np.ones(2)) == 12
    w.data = np.array([3.0, 4.0])
    assert compiled(np.ones(2)) == 7
    assert "constant  scale" in str(compiled.program)
    assert "input     w" in str(compiled.program)


def test_a_value_from_outside_in_another_shape_is_traced_anew():
    w = Value([1.0, 2.0])
    compiled = tg.compile(lambda x: np.sum(w * x))
    assert compiled(2.0) == 6
    w.data = np.ones(5)
    assert compiled(2.0) == 10


def test_called_with_values_it_records():
    compiled = tg.compile(lambda x: x**3)
    assert tg.grad(compiled)(2.0) == 12
    assert tg.compile(tg.grad(compiled))(2.0) == 12


def test_results_are_never_overwritten_and_inputs_never_written():
    compiled = tg.compile(lambda x: (np.exp(x) * 2, x, x.T, np.sum(x, axis=0)))
    x = np.arange(6.0).reshape(2, 3)
    first = compiled(x)
    kept = [part.copy() for part in first]
    compiled(x + 1)
    for part, copy in zip(first, kept, strict=True):
        np.testing.assert_array_equal(part, copy)
        assert not np.shares_memory(part, x)
        part[...] = -1
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(compiled(x)[0], kept[0])


def test_nothing_is_allocated_but_what_is_returned():
    big = np.ones(100_000)
    compiled = tg.compile(lambda x: np.sum(tg.sigmoid(x * big - 1) ** 2 * big)).prepare(big)
    compiled(big)
    gc.collect()
    tracemalloc.start()
    compiled(big)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < big.nbytes / 10


def test_memory_is_used_again():
    def deep(x):
        for _ in range(20):
            x = np.sin(x) + x
        return np.sum(x)

    compiled = tg.compile(deep).prepare(np.ones(1000))
    assert "m3" not in compiled.source
    assert compiled(np.ones(1000)) == deep(np.ones(1000))


def test_threads_do_not_disturb_each_other():
    compiled = tg.compile(lambda x: np.sum(np.exp(np.sin(x) * 2) + x))
    xs = [RNG.normal(size=20_000) for _ in range(4)]
    expected = [compiled(x) for x in xs]
    wrong = []

    def run(i):
        wrong.extend(i for _ in range(50) if compiled(xs[i]) != expected[i])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def decides(x):
    h = x * 2
    return h if h > 3 else x


def counts(x):
    return x * next(COUNTER)


def changes_its_way(x):
    return np.exp(x) if next(COUNTER) % 2 else np.sin(x)


def descends(x):
    loss = np.sum(x * x)
    loss.backward()
    return x.grad


def reads_data(x):
    h = np.exp(x)
    return h.data * 2


@pytest.mark.parametrize(
    ("f", "argument", "said"),
    [
        (decides, 2.0, r"decides, line \d+ of test_compile.py: .*`if`.*np.where"),
        (lambda x: float(x) * x, 2.0, r"float\(x\) makes a plain number"),
        (lambda x: int(np.argmax(x)), np.ones(2), r"int\("),
        (lambda x: x.item() * x, 2.0, r"x.item\(\) gives a plain number"),
        (reads_data, 2.0, r"h.data gives a plain array"),
        (lambda x: [1.0, 2.0][np.argmax(x)] * x, np.ones(2), "index of a plain list"),
        (descends, np.ones(2), r"loss.backward\(\).*tg.value_and_grad"),
        (lambda x: np.sum(x[x > 0]), np.ones(2), "shape depends on numbers.*np.where"),
        (lambda x: x * random.random(), 2.0, r"enters line \d+ of test_compile.py \(multiply\).*random"),
        (lambda x: x * np.random.default_rng().normal(size=3), 2.0, r"enters line \d+ .*random"),
        (lambda x: x + time.perf_counter(), 2.0, r"enters line \d+ .*clocks"),
        (counts, 2.0, r"counts: a number that enters line \d+ .*counters"),
        (lambda x: (x, next(COUNTER)), 2.0, "enters its result"),
        (changes_its_way, 2.0, r"did not do the same, first line \d+"),
    ],
)
def test_what_cannot_be_followed_is_an_error_that_says_where(f, argument, said):
    with pytest.raises(TracingError, match=said):
        tg.compile(f)(argument)


def test_writing_into_a_value_is_an_error_that_names_np_where():
    def overwrites(x):
        x[0] = 1.0
        return x

    with pytest.raises(MutationError, match=r"np\.where"):
        tg.compile(overwrites)(np.ones(2))


def test_looking_at_what_depends_on_no_input_is_allowed():
    def f(x, names=("a", "b")):
        scale = Value(3.0)
        names = (*names, f"{scale} {np.sum(x):.1f} {x!r}")[:2]
        return x * (2 if scale > 1 else 1) * len(names) * x.shape[0]

    assert list(tg.compile(f)(np.ones(2))) == [8, 8]


def test_more_signatures_than_the_limit_warn_and_drop_the_oldest():
    compiled = tg.compile(lambda x: x + 1, limit=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled(np.ones(1))
        compiled(np.ones(2))
        compiled(np.ones(1))
    with pytest.warns(RuntimeWarning, match="more than 2 signatures"):
        compiled(np.ones(3))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tg.compile(network, target="fortran"), "'numpy'"),
        (lambda: tg.compile(network, limit=0), "at least one"),
        (lambda: tg.compile(network).source, "was not called yet"),
        (lambda: tg.compile(network).repeat(0, PARAMS), "1 or more"),
        (lambda: tg.compile(network).repeat(3, PARAMS), "it must give as much as it takes"),
        (lambda: tg.compile(lambda x: x).repeat(3, Value(1.0)), "plain numbers"),
    ],
)
def test_misuse_is_explained(call, said):
    with pytest.raises(ArgumentError, match=said):
        call()


def test_repeat_feeds_results_back_and_collects_the_column():
    loss = tg.value_and_grad(network)

    def step(p):
        value, slopes = loss(p)
        return {key: p[key] - 0.5 * slopes[key] for key in p}, value

    params, column = PARAMS, []
    for _ in range(30):
        params, value = step(params)
        column.append(value)
    found, losses = tg.compile(step).repeat(30, PARAMS)
    same(found, params)
    np.testing.assert_array_equal(losses, column)


def test_repeat_with_several_parts_of_state_and_without_a_column():
    def step(x, v):
        return x + 0.1 * v, v - 0.1 * x

    x, v = np.ones(3), np.zeros(3)
    for _ in range(10):
        x, v = step(x, v)
    same(tg.compile(step).repeat(10, np.ones(3), np.zeros(3)), (x, v))
    same(tg.compile(lambda x: x * 2).repeat(10, 1.0), np.float64(1024))


def test_a_training_step_with_values_from_outside():
    w = Value(2.0, name="w")
    found, losses = tg.compile(lambda x: (x - 0.5 * (x - w), (x - w) ** 2)).repeat(2, 0.0)
    assert (float(found), list(losses)) == (1.5, [4.0, 1.0])


def test_the_source_has_names_shapes_and_parts():
    compiled = tg.compile(tg.value_and_grad(network)).prepare(PARAMS)
    for said in ("def network(memory, W1, b1, W2):", "# forward", "# backward", "a1 = ", "# 4×3", "out="):
        assert said in compiled.source
    assert "frozen" in compiled.source


def test_single_elements_of_arrays_are_python_numbers():
    def model(W, b):
        h = [tg.relu(sum(W[i, j] * (j + 1.0) for j in range(4)) + b[i]) for i in range(3)]
        return sum(h) / (h[0] + 1)

    W, b = RNG.normal(size=(3, 4)), RNG.normal(size=3)
    compiled = tg.compile(tg.value_and_grad(model, (0, 1))).prepare(np.ones((3, 4)), b)
    same(compiled(W, b), tg.value_and_grad(model, (0, 1))(W, b))
    assert ".tolist()" in compiled.source
    assert "add_at" not in compiled.source
    with np.errstate(all="ignore"):
        value, _ = compiled(np.zeros((3, 4)), np.array([-1.0, 0.0, 0.0]))
    assert value == 0


def test_division_of_single_elements_by_zero_gives_inf():
    compiled = tg.compile(lambda x: x[0] / x[1] + x[2] + x[3])
    with np.errstate(all="ignore"):
        assert compiled(np.array([1.0, 0.0, 1.0, 1.0])) == np.inf


def sines(n):
    def f(x, w):
        for _ in range(n):
            x = np.sin(x * w)
        return np.sum(x)

    return f


def products(n):
    """Of frozen matrices, all of one shape; a gradient has their transposes."""
    tables = [RNG.normal(size=(2, 3)) for _ in range(n // 4)]
    return lambda x, w: sum(np.sum(np.sin(table @ x)) for table in tables) * w


@pytest.mark.parametrize(
    "made_of",
    [sines, lambda n: tg.grad(sines(n // 2), 1), lambda n: tg.grad(products(n))],
    ids=["sines", "gradients", "gradients of products"],
)
def test_programs_of_many_operations_take_time_in_proportion(made_of):
    seconds = []
    for n in (1000, 8000):
        f = made_of(n)
        gc.collect()
        start = time.process_time()
        compiled = tg.compile(f).prepare(np.ones(3), 1.5)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 20 * seconds[0]
    np.testing.assert_array_equal(compiled(np.ones(3), 1.5), f(np.ones(3), 1.5))


def test_an_overflow_that_does_no_harm_is_kept_quiet_as_in_the_recorded_call():
    x = np.array([-1000.0, 0.0, 1000.0])
    both = tg.value_and_grad(lambda x: np.sum(tg.sigmoid(x)))
    assert tg.compile(tg.sigmoid)(x).tolist() == tg.sigmoid(x).tolist() == [0, 0.5, 1]
    same(tg.compile(both)(x), both(x))


TABLE = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x + x.T, (np.arange(9.0).reshape(3, 3),)),
        (lambda x: np.sum((x * 2).T @ (x * 2), axis=0), (TABLE,)),
        (lambda x: np.sum(np.where(x > 3, x * 2, x + 1) * 1.5, axis=0), (TABLE,)),
        (lambda x: np.sum(np.where((x + 1) > 3, 0, x + 1) * 1.5, axis=1), (TABLE,)),
        (lambda x: (x + 1).reshape(4, 3)[1:] * 2, (TABLE,)),
        (lambda x: np.sort(x[::-1] * -1, axis=0)[0], (TABLE,)),
        (lambda x: np.concatenate([x, x * 2]).sum(axis=1, keepdims=True) / 2, (TABLE,)),
        (lambda memory, np_, m1: memory + np_ * m1, (TABLE, TABLE, TABLE)),
        (lambda x: x.sum() ** 3 + x.sum() ** -1 + abs(x.sum()), (TABLE,)),
        (lambda x: x[0, 0] / x[0, 1] + x[0, 2] ** 0.5 - np.exp(x[0, 3]), (TABLE,)),
        (lambda x: (np.float32(2) * x + 1).mean(axis=1), (TABLE.astype(np.float32),)),
        (lambda x: np.sum(np.eye(3)) + 0 * x.sum(), (TABLE,)),
        (lambda x: x[np.argmax(x * 2, axis=1) % 3], (TABLE,)),
        (lambda x: (x > 3) & (x < 8), (TABLE,)),
        (lambda x: np.zeros((0, 3)) @ x, (TABLE,)),
        (lambda x: x * 2 + np.asfortranarray(TABLE), (np.asfortranarray(TABLE),)),
        (lambda x: x - x.mean(axis=0), (TABLE,)),
        (lambda x: tg.cross_entropy(x, np.array([0, 1, 2])), (TABLE,)),
    ],
)
def test_memory_that_is_used_again_disturbs_nobody(f, args):
    compiled = tg.compile(f)
    for _ in range(2):
        found, expected = compiled(*args), f(*args)
        assert np.asarray(found).dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(found, expected)


def test_a_gradient_that_is_a_constant_is_a_number_of_numpys():
    first, second = tg.compile(tg.grad(lambda x, y: 3 * x + y**2, argnums=(0, 1)))(1.0, 2.0)
    assert (first, second) == (3, 4)
    assert type(first) is type(second) is np.float64
