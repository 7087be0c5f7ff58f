"""What a compiled function gives back: numbers as NumPy's, arrays that are the caller's, means of nothing."""

import numpy as np
import pytest

import tinygrad_edu as tg

FROZEN = np.array(3.0, np.float32)
NUMBERS = {
    "chosen": lambda x: np.where(x > 1, x, FROZEN),
    "chosen by a number": lambda x: np.where(x, x, 2 * x),
    "copied": np.copy,
    "turned": np.transpose,
    "frozen": lambda x: FROZEN + 0 * np.roll(0 * x, 1),
    "as it came": lambda x: FROZEN,
    "computed beforehand": lambda x: np.roll(np.std(x, keepdims=True), 1),
}


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("f", NUMBERS.values(), ids=NUMBERS.keys())
def test_single_numbers_are_those_of_numpy(f, fast):
    for x in (np.float32(2), 2.0):
        found = tg.compile(f, fast=fast)(x)
        assert isinstance(found, np.floating)
        assert found == f(x)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("combine", [np.multiply, np.add, np.maximum, np.hypot, np.power])
def test_a_float64_of_numpy_decides_the_type(combine, fast):
    def f(x):
        return combine(x, np.float64(0.1)), combine(np.sum(x), np.float64(0.1))

    for x in (np.float32(2), np.array([1, 2], np.float32)):
        for ours, theirs in zip(tg.compile(f, fast=fast)(x), f(x), strict=True):
            assert ours.dtype == theirs.dtype == np.float64
            np.testing.assert_allclose(ours, theirs, rtol=1e-15)


@pytest.mark.parametrize("fast", [False, True])
def test_means_over_some_axes_of_nothing_are_nothing(fast):
    def f(x):
        return np.sum(np.mean(x, axis=1)) + 1.0

    empty = np.ones((2, 3, 0))
    assert tg.compile(f, fast=fast)(empty) == 1.0
    assert tg.compile(tg.grad(f), fast=fast)(empty).shape == (2, 3, 0)


def test_comments_name_the_first_and_the_last_of_many():
    def f(x):
        return [np.sum(np.sin(x * k)) for k in range(2, 40)]

    source = tg.compile(f).prepare(np.ones(5)).source
    assert "# of v2, v4, ..., v76\n" in source
    assert "= memory  # 38×5, 5, ..., 5\n" in source
    assert max(len(line) for line in source.splitlines() if "=" in line and "memory" not in line) <= 110


def test_a_step_with_one_part_may_give_it_in_a_tuple():
    halve = tg.compile(lambda x: (x / 2,))
    assert halve.repeat(3, 8.0) == (1.0,)
