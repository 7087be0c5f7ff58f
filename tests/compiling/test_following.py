"""What would be frozen unseen: refusals that are caught, results of another form; threads and copies."""

import copy
import gc
import pickle
import threading
import tracemalloc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, TracingError

COUNTER = iter(range(10**9))
X = np.array([1.0, 2.0, 3.0])


def catches(x):
    try:
        return x * 2 if x > 0 else x
    except Exception:  # noqa: BLE001 (as users write it)
        return x * 5


def fills(x):
    filled = np.zeros(3)
    filled[0] = x[0]
    return filled


@pytest.mark.parametrize(
    ("f", "argument", "said"),
    [
        (catches, 1.0, r"catches, line \d+ of test_following.py: Python's `if`"),
        (fills, X, r"fills, line \d+ of test_following.py: float"),
        (np.zeros, 3.0, "shape is used as an index"),
        (lambda x: np.stack([[x], [x]]), 3.0, r"line \d+ of test_following.py: x becomes a plain array"),
        (
            lambda x: np.sin(x[np.nonzero(x > 1)]),
            X,
            r"line \d+ of test_following.py: .* so that its shape depends on numbers",
        ),
        (lambda x: np.sin(x[np.flatnonzero(x > 1)]), X, "so that its shape depends on numbers"),
        (lambda x: x.tolist(), X, r"x.tolist\(\) gives plain numbers"),
        (lambda x: {f"key {next(COUNTER)}": x}, 1.0, "gave other keys"),
        (lambda x: [x] * (1 + next(COUNTER) % 2), 1.0, "another number of results"),
        (lambda x: (x * 2, x + 1)[:: 1 if next(COUNTER) % 2 else -1], 1.0, "in another order"),
    ],
)
def test_what_would_be_frozen_is_an_error(f, argument, said):
    with pytest.raises(TracingError, match=said):
        tg.compile(f)(argument)


def test_inputs_given_back_in_another_order_are_an_error():
    with pytest.raises(TracingError, match="in another order"):
        tg.compile(lambda x, y: (x, y) if next(COUNTER) % 2 else (y, x))(1.0, 2.0)


def test_errors_of_the_function_pass_through_and_leave_nothing_behind():
    def fails(x):
        if next(COUNTER) % 2:
            raise KeyError("mine")
        return x

    compiled = tg.compile(fails)
    next(COUNTER)
    with pytest.raises(KeyError, match="mine"):
        [compiled(X) for _ in range(2)]
    assert not compiled._runs


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_bools_of_numpy_are_fixed_like_those_of_python(native, target):
    compiled = tg.compile(lambda x, flag: np.where(flag, x, 2 * x), target)
    flags = [False, True, np.False_, np.True_]
    assert [float(compiled(3.0, flag)) for flag in flags] == [6, 3, 6, 3]


@pytest.mark.parametrize(
    ("column", "dtype", "expected"),
    [
        (lambda x: x[0] > 0.3, bool, [True, True, False]),
        (lambda x: x[0] * np.float32(2), np.float32, [2, 1, 0.5]),
        (lambda x: np.count_nonzero(x > 0.3), np.int64, [3, 3, 0]),
    ],
)
@pytest.mark.parametrize("target", ["numpy", "native"])
def test_a_column_has_the_type_of_its_numbers(native, target, column, dtype, expected):
    ones = np.ones(3, np.float32)
    _, found = tg.compile(lambda x: (x * np.float32(0.5), column(x)), target).repeat(np.int64(3), ones)
    assert found.dtype == dtype
    assert found.tolist() == expected


@pytest.mark.parametrize("constant", [1 + 2j, "text"])
def test_what_has_no_type_in_c_runs_as_numpy(native, constant):
    compiled = tg.compile(lambda x: (x, constant), target="native")
    with pytest.warns(RuntimeWarning, match='target="native" has no numbers of type'):
        _, found = compiled(X)
    assert found == constant


def test_a_function_may_call_itself_compiled_while_it_is_traced():
    def f(x, deep=True):
        return x * compiled(X, deep=False)[0] if deep else x * 2

    compiled, found = tg.compile(f), []
    thread = threading.Thread(target=lambda: found.append(compiled(X)), daemon=True)
    thread.start()
    thread.join(60)
    assert [list(each) for each in found] == [[2, 4, 6]]


def test_threads_that_need_new_programs_at_once_all_get_the_right_one():
    compiled = tg.compile(lambda x: np.sum(np.exp(np.sin(x))) * x.shape[0], limit=3)
    wrong = []

    def run(seed):
        rng = np.random.default_rng(seed)
        for length in rng.integers(1, 4, 30):
            x = rng.normal(size=length)
            if compiled(x) != np.sum(np.exp(np.sin(x))) * length:
                wrong.append(length)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(compiled._runs) == 3


def test_the_record_of_the_first_call_is_gone_when_the_second_is_made():
    big, steps = np.ones(100_000), 20

    def f(x):
        for _ in range(steps):
            x = np.sin(x)
        return np.sum(x)

    compiled = tg.compile(f)
    gc.collect()
    tracemalloc.start()
    compiled.prepare(big)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * steps * big.nbytes


def doubled(x):
    return x * 2


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_copies_and_pickles_make_their_programs_anew(native, target):
    compiled = tg.compile(doubled, target, limit=7)
    compiled(X)
    for other in (copy.copy(compiled), copy.deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):
        with pytest.raises(ArgumentError, match="was not called yet"):
            other.program  # noqa: B018 (a property)
        assert other(X).tolist() == [2, 4, 6]
        assert (other._limit, other.__name__) == (7, "doubled")


def twice_derived(x):
    """Derivatives of compiled functions, compiled, of every order."""
    cube = tg.compile(lambda z: np.sum(z**3))
    slope = tg.compile(tg.grad(cube))
    return tg.grad(lambda y: np.sum(slope(y)))(x)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_compiled_functions_inside_of_compiled_functions(native, target):
    assert tg.compile(twice_derived, target)(X).tolist() == [6, 12, 18]
    assert tg.compile(tg.compile(doubled), target)(X).tolist() == [2, 4, 6]
    hessian = tg.compile(tg.hessian(tg.compile(lambda z: np.sum(z**3))), target)
    np.testing.assert_allclose(hessian(X), np.diag(6 * X))
