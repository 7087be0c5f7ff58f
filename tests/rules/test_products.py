"""Products made of matmul and einsum: NumPy's numbers, and right derivatives of both orders."""

import re

import numpy as np
import pytest
from rules.calculus import assert_differentiated, random_arrays

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, RuleError, ShapeError


def with_settings(function, **settings):
    return lambda *args: function(*args, **settings)


@pytest.mark.parametrize(
    ("f", "shapes"),
    [
        (np.dot, [(3,), (3,)]),
        (np.dot, [(2, 3), (3,)]),
        (np.dot, [(3,), (3, 4)]),
        (np.dot, [(2, 3), (3, 2)]),
        (np.dot, [(2, 2, 3), (4, 3, 2)]),
        (np.dot, [(3,), (4, 3, 2)]),
        (np.dot, [(2, 4, 3), (3,)]),
        (np.dot, [(), (2, 3)]),
        (np.dot, [(0,), (0, 2)]),
        (np.inner, [(2, 3), (4, 3)]),
        (np.inner, [(2, 3), (4, 5, 3)]),
        (np.inner, [(2,), ()]),
        (np.vdot, [(2, 3), (3, 2)]),
        (np.outer, [(2, 3), (2,)]),
        (np.linalg.outer, [(3,), (2,)]),
        (np.tensordot, [(2, 3, 4), (3, 4, 5)]),
        (with_settings(np.tensordot, axes=1), [(2, 3), (3, 2)]),
        (with_settings(np.tensordot, axes=0), [(2,), (3,)]),
        (with_settings(np.tensordot, axes=([0, 1], [1, 0])), [(2, 3, 4), (3, 2, 5)]),
        (with_settings(np.linalg.tensordot, axes=(0, -1)), [(2, 3), (3, 2)]),
        (np.kron, [(2,), (3,)]),
        (np.kron, [(2, 3), (3, 2)]),
        (np.kron, [(2,), (2, 1, 3)]),
        (np.cross, [(3,), (3,)]),
        (np.cross, [(4, 3), (3,)]),
        (with_settings(np.cross, axisa=0, axisc=0), [(3, 4), (4, 3)]),
        (with_settings(np.cross, axis=0), [(3, 4), (3, 4)]),
        (with_settings(np.linalg.cross, axis=0), [(3, 4), (3, 4)]),
        (np.vecdot, [(4, 3), (3,)]),
        (with_settings(np.vecdot, axis=0), [(4, 3), (4, 3)]),
        (np.linalg.vecdot, [(4, 3), (4, 3)]),
        (np.linalg.matmul, [(2, 3), (3, 2)]),
        (lambda a, b: np.linalg.multi_dot([a, b]), [(2, 3), (3, 2)]),
        (lambda a, b: np.linalg.multi_dot([a, b, a]), [(2, 3), (3, 2)]),
        (lambda a, b, v: np.linalg.multi_dot([v, a, b, a, b, v]), [(2, 3), (3, 2), (2,)]),
    ],
)
def test_products(f, shapes):
    assert_differentiated(f, random_arrays(*shapes))


@pytest.mark.parametrize(("name", "shapes"), [("matvec", [(2, 4, 3), (3,)]), ("vecmat", [(3,), (2, 3, 4)])])
def test_products_of_newer_versions_of_numpy(name, shapes):
    if not hasattr(np, name):
        pytest.skip(f"np.{name} came with NumPy 2.2")
    assert_differentiated(getattr(np, name), random_arrays(*shapes))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("function", [np.convolve, np.correlate])
@pytest.mark.parametrize("lengths", [(5, 3), (3, 5), (4, 2), (2, 4), (4, 4), (1, 3)])
def test_convolution_in_every_mode(function, mode, lengths):
    assert_differentiated(lambda a, v: function(a, v, mode), random_arrays(*((n,) for n in lengths)))


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij, jk", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("ii->i", [(3, 3)]),
        ("ii", [(3, 3)]),
        ("iii", [(2, 2, 2)]),
        ("iij,jk->ik", [(3, 3, 2), (2, 2)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
        ("...ij,...jk", [(5, 2, 3), (1, 3, 4)]),
        ("i...->...", [(3, 2)]),
        ("i...,i...->i...", [(3, 2), (3,)]),
        ("ij->", [(2, 3)]),
        ("ij,kl->il", [(2, 3), (4, 5)]),
        ("ij,ij->j", [(3, 2), (1, 2)]),
        ("i,i->", [(3,), (1,)]),
        ("bij,bjk,bk->bi", [(2, 3, 4), (2, 4, 5), (2, 5)]),
        (",i->i", [(), (3,)]),
        ("ij,j", [(2, 0), (0,)]),
    ],
)
@pytest.mark.parametrize("optimize", [False, True])
def test_einsum(subscripts, shapes, optimize):
    assert_differentiated(
        lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), random_arrays(*shapes), exact=not optimize
    )


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]),
        lambda a, b: np.einsum(a, [0, 1], b, [1, 2]),
        lambda a, b: np.einsum(a, [..., 1], b, [1, 2]),
    ],
)
def test_einsum_with_lists_of_numbers(f):
    assert_differentiated(f, random_arrays((2, 3), (3, 4)))


def test_a_large_einsum_is_as_quick_backwards_as_a_product_of_matrices():
    a, b = random_arrays((60, 70), (70, 80))
    loss = np.einsum("ij,jk->ik", Value(a), Value(b))
    first, second = tg.gradient(np.sum(loss), list(loss.args))
    assert [node.params["optimize"] for node in (first, second)] == [True, True]
    small = np.einsum("ij,jk->ik", Value(np.ones((2, 2))), Value(np.ones((2, 2))))
    assert not tg.gradient(np.sum(small), list(small.args))[0].params["optimize"]


def test_multi_dot_takes_the_cheapest_order():
    row = Value(np.ones((1, 9)), name="row")
    matrix = np.ones((9, 9))
    product = np.linalg.multi_dot([row, matrix, matrix])
    assert product.args[0].shape == (1, 9)
    column = np.linalg.multi_dot([matrix, matrix, row.T])
    assert column.args[1].shape == (9, 1)


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (
            lambda x: np.einsum("ij,jk", x),
            ArgumentError,
            ["einsum('ij,jk') describes 2 operands, and 1 were given."],
        ),
        (
            lambda x: np.einsum("ijk->i", x),
            ShapeError,
            [
                "einsum('ijk->i'): 'ijk' describes an operand of shape (2, 3):",
                "give one letter for every axis, or '...' for those that have none.",
            ],
        ),
        (
            lambda x: np.tensordot(x, np.ones((2, 2)), axes=1),
            ShapeError,
            [
                "tensordot: axes [1] of shape (2, 3) have the lengths [3],",
                "and axes [0] of shape (2, 2) have the lengths [2];",
                "they are summed in pairs and must be equal.",
            ],
        ),
        (
            lambda x: np.cross(np.ones(4), x),
            ShapeError,
            [
                "cross takes vectors of length 3 (or 2):",
                "the vectors of shapes (4,) and (2, 3) have the lengths 4 and 3.",
            ],
        ),
    ],
)
def test_operands_that_do_not_fit(f, error, words):
    with pytest.raises(error, match=f"^{re.escape(' '.join(words))}\\n"):
        f(Value(np.ones((2, 3))))


def test_only_stacks_are_summed_from_what_a_multilinear_rule_gives():
    def paired(x, y):
        return np.sum(x * y)

    wrong = tg.primitive(
        paired,
        lambda g, out, x, y: np.stack([g * y, g * y]),
        lambda g, out, x, y: g * x,
        kind="multilinear",
    )
    with pytest.raises(
        RuleError, match=re.escape("gave a gradient of shape (2, 3) for an argument of shape")
    ):
        tg.grad(wrong)(np.ones(3), np.ones(3))
    matrix = tg.grad(lambda x: np.sum(np.matmul(x, np.ones((5, 3, 2)))))(np.ones((4, 3)))
    assert matrix.tolist() == np.full((4, 3), 10.0).tolist()
