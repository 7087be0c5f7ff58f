"""The shorter ways give what NumPy gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.rules.transcendental import FEW, sigmoid
from tinygrad_edu.shortcuts import OPERATORS, matrix_product

LENGTHS = st.integers(0, 40) | st.sampled_from([64, 129, 200])


def arranged(x, how):
    """The same numbers, laid out in memory in another way."""
    if how == "padded":
        room = np.zeros([2 * n + 1 for n in x.shape], x.dtype)
        view = room[tuple(slice(0, 2 * n, 2) for n in x.shape)]
        view[...] = x
        return view
    return {"rows": np.ascontiguousarray, "columns": np.asfortranarray, "backwards": np.flip}[how](x)


@given(
    st.tuples(LENGTHS, LENGTHS, LENGTHS),
    st.sampled_from(["both", "left", "right"]),
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_]),
    *[st.sampled_from(["rows", "columns", "padded", "backwards"])] * 2,
    st.integers(0, 99),
)
def test_products_have_the_bits_of_matmul(sizes, matrices, dtype, left, right, seed):
    m, n, p = sizes
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(m, n) if matrices != "right" else n).round(1).astype(dtype)
    y = rng.normal(size=(n, p) if matrices != "left" else n).round(1).astype(dtype)
    x, y = arranged(x, left), arranged(y, right)
    found, right_one = matrix_product(x, y), x @ y
    assert type(found) is type(right_one)
    assert found.dtype == right_one.dtype
    assert found.shape == right_one.shape
    assert found.tobytes() == right_one.tobytes()


def test_a_single_number_has_no_product():
    with pytest.raises(ValueError, match="matmul"):
        matrix_product(np.float64(2), np.ones(3))


@pytest.mark.parametrize("function", [np.mean, np.sum, np.square], ids=lambda f: f.__name__)
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (1000, 3)])
def test_reductions_and_squares_have_the_bits_of_numpy(function, shape):
    x = np.random.default_rng(0).normal(size=shape)
    assert OPERATORS[function](x).tobytes() == function(x).tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_few_and_many_sigmoids_have_the_same_bits(dtype):
    x = np.linspace(-800, 800, 2 * FEW).astype(dtype)
    apart = [sigmoid(part) for part in np.split(x, 4)]
    assert sigmoid(x).tobytes() == np.concatenate(apart).tobytes()
    assert sigmoid(x).dtype == dtype
