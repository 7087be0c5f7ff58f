"""Reductions and orders where a careless rule fails: factors of 0, ties, NaN, equal numbers, empty arrays."""

import itertools
import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, MutationError, ShapeError, UnsupportedFunctionError
from tinygrad_edu.messages import name_of
from tinygrad_edu.rules.joining import WRITING

both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])
FACTORS = [
    [2.0, 3.0, 4.0],
    [0.0, 3.0, 4.0],
    [2.0, 0.0, 4.0, 5.0],
    [0.0, 3.0, 0.0, 2.0],
    [0.0, 0.0, 0.0],
    [0.0],
    [],
]


def product_without(x, left_out):
    return np.prod([factor for i, factor in enumerate(x) if i not in left_out])


# ---- products ----------------------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize("x", FACTORS)
@pytest.mark.parametrize("product", [np.prod, lambda x: np.cumprod(x)[-1] if x.size else np.prod(x)])
def test_derivatives_of_a_product_with_factors_of_0(product, x, dtype):
    """The derivative by one factor is the product of the others, by two the product of the rest."""
    x, n = np.array(x, dtype), range(len(x))
    assert tg.grad(product)(x).tolist() == [product_without(x, {i}) for i in n]
    rest = [[product_without(x, {i, j}) if i != j else 0 for j in n] for i in n]
    assert tg.hessian(product)(x).tolist() == rest
    forward = tg.jvp(tg.grad(product), (x,), (np.ones_like(x),))[1]
    assert forward.tolist() == [sum(row) for row in rest]


def test_the_third_derivative_of_a_product_with_two_factors_of_0():
    x = np.array([0.0, 2.0, 0.0, 5.0])
    third = tg.jacobian(tg.hessian(np.prod))(x)
    for i, j, k in itertools.permutations(range(4), 3):
        assert third[i, j, k] == product_without(x, {i, j, k})


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (1, -1), ()])
def test_a_product_over_axes_with_factors_of_0(axis):
    x = (np.arange(24.0).reshape(2, 3, 4) % 5) - 1
    numeric = np.empty_like(x)
    for place in np.ndindex(x.shape):  # a product is linear in each factor
        raised = x.copy()
        raised[place] += 1
        numeric[place] = np.sum(np.prod(raised, axis=axis) - np.prod(x, axis=axis))
    assert tg.grad(lambda x: np.sum(np.prod(x, axis=axis)))(x).tolist() == numeric.tolist()


def test_a_long_cumulative_product_needs_no_division():
    x = np.ones(1000)
    x[[10, 500]] = 0, 1e-300
    slopes = tg.grad(lambda x: np.sum(np.cumprod(x)))(x)
    assert (slopes[9], slopes[10], slopes[11]) == (1, 490, 0)


# ---- ties --------------------------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize(
    ("f", "slopes"),
    [
        (np.max, [0, 0.5, 0, 0.5]),
        (np.min, [0.5, 0, 0.5, 0]),
        (np.ptp, [-0.5, 0.5, -0.5, 0.5]),
        (lambda x: np.sort(x)[-1], [0, 0, 0, 1]),
        (lambda x: np.sort(x)[0], [1, 0, 0, 0]),
        (lambda x: np.partition(x, 2)[2], [0, 1, 0, 0]),
        (np.median, [0, 0.5, 0.5, 0]),
        (lambda x: np.sum(np.unique(x)), [1, 1, 0, 0]),
    ],
)
def test_slopes_where_numbers_are_equal(f, slopes, dtype):
    assert tg.grad(f)(np.array([1, 3, 1, 3], dtype)).tolist() == slopes


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_what_the_winners_get_adds_up(axis):
    x = np.array([[1.0, 2.0, 2.0], [2.0, 2.0, 0.0]])
    for choose in (np.max, np.min, np.median):
        out, pull = tg.vjp(lambda x, choose=choose: choose(x, axis=axis), x)
        g = np.arange(1.0, out.size + 1).reshape(out.shape)
        np.testing.assert_array_equal(np.sum(pull(g)[0], axis=axis), g)


def test_ties_in_the_second_order():
    x = np.array([1.0, 3.0, 1.0, 3.0])
    share = np.outer([0, 0.5, 0, 0.5], [0, 0.5, 0, 0.5])
    assert tg.hessian(lambda x: np.max(x) ** 2)(x).tolist() == (2 * share).tolist()
    place = np.outer([0, 0, 0, 1], [0, 0, 0, 1])
    assert tg.hessian(lambda x: np.sort(x)[-1] ** 2)(x).tolist() == (2 * place).tolist()


# ---- roots of 0 and NaN ------------------------------------------------------------------------


@both_precisions
@pytest.mark.parametrize("function", [np.std, np.nanstd])
def test_the_deviation_of_equal_numbers_has_slope_0(function, dtype):
    x = np.full((2, 3), 2, dtype)
    x[1] = 1, 2, 4
    slopes = tg.grad(lambda x: np.sum(function(x, axis=1)))(x)
    expected = (x[1] - np.mean(x[1])) / (3 * np.std(x[1]))
    assert slopes[0].tolist() == [0, 0, 0]
    np.testing.assert_allclose(slopes[1], expected, rtol=4 * np.finfo(dtype).eps)
    assert tg.hessian(function)(x[0]).tolist() == np.zeros((3, 3)).tolist()


def test_nan_are_left_out():
    x = np.array([[1.0, np.nan, 3.0], [2.0, 4.0, np.nan]])
    for function, slopes in {
        np.nansum: [[1, 0, 1], [1, 1, 0]],
        np.nanmean: [[0.5, 0, 0.5], [0.5, 0.5, 0]],
        np.nanmax: [[0, 0, 1], [0, 1, 0]],
        np.nanmin: [[1, 0, 0], [1, 0, 0]],
        np.nanprod: [[3, 0, 1], [4, 2, 0]],
        np.nanvar: [[-1, 0, 1], [-1, 1, 0]],
        np.nanstd: [[-0.5, 0, 0.5], [-0.5, 0.5, 0]],
    }.items():
        assert tg.grad(lambda x, f=function: np.sum(f(x, axis=1)))(x).tolist() == slopes


def test_nan_where_numpy_has_it():
    v = Value([[1.0, np.nan, 3.0], [2.0, 4.0, 1.0]])
    for function in (np.median, np.max, np.min, np.prod, lambda x, axis: np.quantile(x, 0.3, axis)):
        np.testing.assert_array_equal(function(v, axis=1).data, function(v.data, axis=1))
    gaps = Value([[np.nan, np.nan], [1.0, np.nan]])
    for function in (np.nanmax, np.nanmin):
        np.testing.assert_array_equal(function(gaps, axis=1).data, [np.nan, 1])


# ---- searches ----------------------------------------------------------------------------------


def test_searches_give_values_of_integers():
    x = Value([[0.0, 2.0], [1.0, 0.0]])
    rows, columns = np.nonzero(x)
    assert (rows.data.tolist(), columns.data.tolist()) == ([0, 1], [1, 0])
    assert np.sum(x[rows, columns]).item() == 3
    assert np.argwhere(x).data.tolist() == [[0, 1], [1, 0]]
    assert np.searchsorted([0.0, 1.0], x[0]).data.tolist() == [0, 2]
    assert np.digitize(x[0], [0.5, 1.0]).data.tolist() == [0, 2]
    assert np.bincount(np.argmax(x, axis=1), minlength=3).data.tolist() == [1, 1, 0]
    assert np.allclose(x, x.data)
    assert not np.array_equal(x, x + 1)
    assert [flag.item() for flag in np.isclose(x[0], [0.0, 1.0])] == [True, False]


def test_descriptions_are_plain():
    x = Value(np.ones(2, np.float32))
    assert np.result_type(x, np.float64) == np.float64
    assert (np.iscomplexobj(x), np.isrealobj(x)) == (False, True)
    assert np.array_str(x) == "[1. 1.]"


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="NumPy 2.1 has it")
def test_the_layers_of_an_array():
    x = Value([[1.0, 2.0], [3.0, 4.0]])
    first, second = np.unstack(x, axis=-1)
    np.sum(first * second**2).backward()
    assert x.grad.tolist() == [[4, 4], [16, 24]]


# ---- errors ------------------------------------------------------------------------------------

V = Value([3.0, 1.0, 2.0, 5.0], name="v")


@pytest.mark.parametrize("function", WRITING)
def test_a_function_that_writes(function):
    args = {np.add.at: (np.zeros(1), [0], V), np.copyto: (V, V), np.put_along_axis: (V, [0], V, 0)}.get(
        function, (V, [0], V)
    )
    with pytest.raises(MutationError, match=re.escape(f"np.{name_of(function)} would overwrite numbers")):
        function(*args)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: np.split(V, 3),
            ArgumentError,
            (
                "split: axis 0 of an array of shape (4,) cannot be divided into 3 equal parts; "
                "np.array_split makes parts of nearly equal length."
            ),
        ),
        (
            lambda: np.vsplit(V, 2),
            ArgumentError,
            "vsplit needs an array of 2 or more axes, not of shape (4,).",
        ),
        (
            lambda: np.matrix_transpose(V),
            ArgumentError,
            "matrix_transpose needs an array of 2 or more axes, not of shape (4,).",
        ),
        (
            lambda: np.diag(np.reshape(V, (1, 2, 2))),
            ArgumentError,
            "diag needs one or two axes, and has an array of shape (1, 2, 2).",
        ),
        (
            lambda: np.diff(V, -1),
            ArgumentError,
            "diff(..., n=-1) of an array of shape (4,): it needs an axis, and n >= 0.",
        ),
        (
            lambda: np.gradient(V, 1.0, 2.0),
            ArgumentError,
            (
                "gradient: 2 spacings for 1 axes and edge_order=1: give no spacing, one number, or one for "
                "each axis, and an edge_order of 1 or 2."
            ),
        ),
        (
            lambda: np.gradient(V[:2], edge_order=2),
            ArgumentError,
            (
                "gradient: axis 0 of an array of shape (2,) with edge_order=2 needs at least 3 samples, and "
                "one place for each of them."
            ),
        ),
        (
            lambda: np.average(V, weights=[1, 2]),
            ArgumentError,
            (
                "average: weights of shape (2,) for an array of shape (4,): give one for each element, or "
                "one for each place along axis=None, with the axes in increasing order."
            ),
        ),
        (
            lambda: np.average(V, weights=[1, -1, 0, 0]),
            ZeroDivisionError,
            "average: the weights sum up to zero, so that there is no mean.",
        ),
        (
            lambda: np.quantile(V, 1.5),
            ShapeError,
            "quantile(v): v has shape (4,). Quantiles must be in the range [0, 1].",
        ),
        (
            lambda: np.meshgrid(V, V, indexing="yx"),
            ArgumentError,
            "meshgrid(..., indexing='yx'): it is 'xy' or 'ij'.",
        ),
        (
            lambda: np.block([[V], V]),
            ArgumentError,
            "block: the lists of blocks must be nested equally deep everywhere.",
        ),
        (
            lambda: np.unique(V, return_counts=True),
            UnsupportedFunctionError,
            "unique(..., return_counts=...) has no rule on Values: leave it out.",
        ),
        (
            lambda: np.max(V[:0]),
            ShapeError,
            (
                "max(operand 1): operand 1 has shape (0,). Zero-size array to reduction operation maximum "
                "which has no identity."
            ),
        ),
    ],
)
def test_the_words_of_errors(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message


def test_parts_of_a_list_are_not_named_after_settings():
    left, right, axis = Value(np.ones((2, 3))), np.ones((3, 4)), 1
    parts = [left, right]
    with pytest.raises(ShapeError) as raised:
        np.concatenate(parts, axis)
    assert str(raised.value).startswith(
        "concatenate([left, right]): left has shape (2, 3) and right has shape (3, 4). "
    )


def test_parts_of_an_expression_are_named_by_the_caller():
    wide, narrow = Value(np.ones((2, 3)), name="wide"), np.ones((2, 4))
    with pytest.raises(ShapeError) as raised:
        np.vstack([wide, narrow])
    assert str(raised.value).startswith(
        "concatenate([wide, narrow]): wide has shape (2, 3) and narrow has shape (2, 4). "
    )


def test_where_with_a_condition_alone_searches():
    x = Value([[0.5, -1.0], [2.0, 3.0]])
    rows, columns = np.where(x > 0)
    assert (rows.data.tolist(), columns.data.tolist()) == ([0, 1, 1], [0, 0, 1])
    np.sum(x[rows, columns] ** 2).backward()
    assert x.grad.tolist() == [[1, 0], [4, 6]]


def test_indices_that_are_a_value_stay_in_the_record():
    def nearest(x):
        return np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0])

    x = Value(0.5, name="x")
    slope = tg.gradient(nearest(x), x)
    assert [float(slope.data), float(tg.grad(nearest)(1.5)), float(tg.grad(nearest)(2.5))] == [1, 3, 0]


def test_python_divides_and_rounds_values():
    x = Value(7.25)
    quotient, remainder = divmod(x, 2)
    assert (quotient.data, remainder.data, round(x, 1).data, round(x).data) == (3, 1.25, 7.2, 7)
    assert float(tg.grad(lambda x: divmod(x, 2)[1])(7.25)) == 1
    assert float(tg.grad(lambda x: round(x, 1))(7.25)) == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.cross([1.0, 2.0, 3.0], x),
        lambda x: np.cross(x, [1.0, 2.0, 4.0]),
        lambda x: np.vecdot([1.0, 2.0, 3.0], x),
        lambda x: np.linalg.lstsq([[1.0, 2.0], [3.0, 5.0], [1.0, 1.0]], x)[0],
        lambda x: np.insert([1.0, 2.0], 1, x[0]),
        lambda x: np.append([1.0, 2.0], x),
        lambda x: np.kron([1.0, 2.0], x),
        lambda x: np.trapezoid([1.0, 2.0, 4.0], x),
    ],
)
def test_an_operand_may_be_a_list(f):
    x = np.array([0.5, -1.0, 2.0])
    assert f(Value(x)).data.tobytes() == f(x).tobytes()
    (gradient,) = tg.vjp(f, x)[1](np.ones(np.shape(f(x))))
    step = 1e-6 * np.eye(3)
    slopes = [(np.sum(f(x + h)) - np.sum(f(x - h))) / 2e-6 for h in step]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "method",
    [
        *(
            "inverted_cdf",
            "averaged_inverted_cdf",
            "closest_observation",
            "interpolated_inverted_cdf",
            "hazen",
        ),
        *(
            "weibull",
            "linear",
            "median_unbiased",
            "normal_unbiased",
            "lower",
            "higher",
            "midpoint",
            "nearest",
        ),
    ],
)
def test_a_quantile_of_any_method_is_made_of_the_numbers_that_get_its_gradient(method, dtype):
    for n in range(2, 40):
        x = np.random.default_rng(n).permutation(n).astype(dtype)
        for share in (0.1, 1 / 3, 0.7, 0.9):
            value, gradient = tg.value_and_grad(lambda v, q=share: np.quantile(v, q, method=method))(x)
            assert np.sum(gradient * x) == pytest.approx(value, rel=1e-5, abs=1e-5)
