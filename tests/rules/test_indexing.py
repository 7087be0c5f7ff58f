"""Every kind of index that NumPy knows: gradients go back to where the numbers came from, and add up."""

import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value

X = np.arange(12.0).reshape(3, 4)
MASK = X % 3 == 1

INDICES = {
    "int": 1,
    "negative int": -1,
    "NumPy int": np.int64(2),
    "slice": slice(1, None),
    "step": slice(None, None, 2),
    "negative step": slice(None, None, -1),
    "empty slice": slice(2, 1),
    "ints": (1, 2),
    "slices": (slice(None), slice(3, 0, -2)),
    "newaxis": (None, slice(None), None, 2),
    "ellipsis": (..., 1),
    "everything": ...,
    "nothing": (),
    "mask": MASK,
    "mask of rows": np.array([True, False, True]),
    "list of bools": [False, True, True],
    "mask and int": (np.array([True, False, True]), 1),
    "True": True,
    "False": False,
    "array": np.array([2, 0]),
    "repeated": np.array([1, 1, -2]),
    "repeated list": [0, 0, 2],
    "repeated tuple in a tuple": ((0, 0, 2),),
    "range": range(2),
    "empty list": [],
    "array of two axes": np.array([[0, 1], [1, 1]]),
    "array of no axes": np.array(1),
    "pairs": ([0, 0, 2], [1, 1, 3]),
    "pairs that broadcast": (np.array([[0], [2]]), np.array([1, 1, 3])),
    "array after slice": (slice(None), [3, 3]),
    "arrays around a slice": ([0, 0], None, [1, 1]),
    "array and newaxis": (np.array([1, 1]), None),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_gradient_of_an_index(index, dtype):
    x = Value(X.astype(dtype))
    part = x[index]
    plain = X.astype(dtype)[index]
    assert (part.shape, part.data.tolist()) == (plain.shape, plain.tolist())
    weights = np.cos(np.arange(plain.size, dtype=dtype)).reshape(plain.shape)
    part.backward(seed=weights)
    expected = np.zeros_like(X, dtype)
    np.add.at(expected, index, weights)
    np.testing.assert_array_equal(x.grad, expected, strict=True)


@pytest.mark.parametrize(
    "index",
    [
        lambda x: x > 5,
        lambda x: (x > 5) & ~np.isnan(x),
        lambda x: np.argmax(x[0]),
        lambda x: np.argmax(x, axis=1),
        lambda x: ([0, 0, 2], np.argmax(x, axis=0)),
        lambda x: (slice(np.argmax(x[0]), None), ..., np.argmin(x[0])),
    ],
    ids=["mask", "masks", "int", "ints", "ints beside a list", "ints inside a slice"],
)
def test_a_value_of_ints_or_bools_is_an_index(index):
    plain = np.array([[1.0, 9.0, 2.0], [8.0, 3.0, 4.0], [5.0, 6.0, 7.0]])
    x = Value(plain)
    part = x[index(x)]
    assert part.data.tolist() == plain[index(plain)].tolist()
    part.backward(seed=np.ones(part.shape))
    expected = np.zeros((3, 3))
    np.add.at(expected, index(plain), 1)
    assert x.grad.tolist() == expected.tolist()


def test_a_plain_array_is_indexed_by_a_value():
    labels = np.array([10.0, 20.0, 30.0])
    scores = Value([0.1, 0.7, 0.2])
    assert labels[np.argmax(scores)] == 20
    assert labels[scores > 0.15].tolist() == [20, 30]
    assert ["a", "b", "c"][np.argmax(scores)] == "b"


def test_indices_of_indices_add_up():
    x = np.array([1.0, 2.0, 3.0])
    twice = lambda x: np.sum(x[[0, 0, 1]][[0, 1, 1]] ** 2)
    assert tg.grad(twice)(x).tolist() == [6, 0, 0]
    assert tg.hessian(twice)(x).tolist() == [[6, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (5, "X has shape (3, 4). Index 5 is out of bounds for axis 0 with size 3"),
        ((0, 0, 0), "X has shape (3, 4). Too many indices for array: array is 2-dimensional, but 3 were"),
    ],
)
def test_an_index_outside_is_an_error_with_the_name(index, message):
    with pytest.raises(IndexError, match=re.escape(message)):
        Value(X, name="X")[index]
