"""How a Value behaves: what it holds, what it shares, what it is called, and what records."""

import copy
import operator
import pickle
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import (
    ConversionError,
    DataTypeError,
    MutationError,
    ShapeError,
    UnsupportedFunctionError,
)
from tinygrad_edu.operands import COPIED_UP_TO
from tinygrad_edu.sweeps import history

LARGE = COPIED_UP_TO + 1


# ---- data --------------------------------------------------------------------------------------


def test_a_zero_that_changes_its_sign_is_seen():
    w = Value([0.0, 1.0])
    lent = w.data
    first = np.sum(np.copysign(3.0, w))
    lent[0] = -0.0
    second = np.sum(np.copysign(3.0, w))
    assert (first.item(), second.item()) == (6.0, 0.0)
    assert [np.signbit(loss.args[0].operands[1]).tolist() for loss in (first, second)] == [
        [False, False],
        [True, False],
    ]


@pytest.mark.parametrize(
    "drift", [lambda w, d: setattr(d, "shape", (2, 1)), lambda w, d: setattr(w, "data", 1.0)]
)
def test_a_gradient_in_a_former_shape_is_an_error(drift):
    w = Value([1.0, 2.0], name="w")
    lent = w.data
    loss = np.sum(w**2)
    drift(w, lent)
    loss.backward()
    with pytest.raises(MutationError, match=r"w had shape \(2,\) when it was recorded, and has"):
        w.grad  # noqa: B018 (looking is the mistake)
    assert "grad=of another shape" in repr(w)
    again = np.sum(w**2)
    again.backward()
    assert w.grad.shape == w.shape


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="here a long double is a double")
def test_longer_numbers_are_refused():
    for act in (lambda v: v * np.longdouble(2), lambda v: np.add(np.ones(2, np.longdouble), v)):
        with pytest.raises(DataTypeError, match="gradients are defined here for float32 and float64"):
            act(Value([1.0, 2.0]))
    for dtype in (np.float16, np.longdouble):
        with pytest.raises(DataTypeError):
            Value(np.ones(2, dtype))
        with pytest.raises(ConversionError, match="no gradient passes"):
            Value([1.0]).astype(dtype)


@pytest.mark.parametrize(
    "data", [2, 2.0, True, np.int32(2), np.uint8(2), np.float64(2), np.bool_(1), np.array(2)]
)
def test_a_number_becomes_a_float64(data):
    value = Value(data)
    assert type(value.data) is np.float64
    assert value.data == data
    assert (value.shape, value.ndim, value.size, value.dtype) == ((), 0, 1, np.float64)


@pytest.mark.parametrize(
    "data", [[1, 2], (1.0, 2.0), [True, False], np.array([1, 2]), range(2), np.array([1.0, 2.0])]
)
def test_lists_and_arrays_become_float64(data):
    value = Value(data)
    assert type(value.data) is np.ndarray
    assert (value.data.tolist(), value.dtype) == (list(map(float, data)), np.float64)


@pytest.mark.parametrize(
    "data", [np.float32(2), np.array(2, np.float32), np.ones((2, 3), np.float32), np.ones((0, 2))]
)
def test_floating_types_and_shapes_are_kept(data):
    value = Value(data)
    assert (value.dtype, value.shape, value.size) == (data.dtype, data.shape, data.size)


def test_other_arguments_of_metadata_keep_their_history():
    with pytest.raises(UnsupportedFunctionError):
        np.full_like(Value([1.0, 2.0]), Value(3.0))


def test_bytes_are_put_into_native_order():
    value = Value(np.array([1.0, 2.0], ">f4"))
    assert value.dtype == np.float32
    assert value.data.tolist() == [1, 2]


def test_metadata_are_plain():
    value = Value(np.ones((2, 3)))
    assert (np.shape(value), np.ndim(value), np.size(value), len(value)) == ((2, 3), 2, 6, 2)
    assert {type(n) for n in (*np.shape(value), np.ndim(value), np.size(value))} == {int}
    for like in (np.zeros_like(value), np.ones_like(value), np.full_like(value, 2), np.empty_like(value)):
        assert (type(like), like.shape, like.dtype) == (np.ndarray, (2, 3), np.float64)


@pytest.mark.parametrize(("data", "number"), [(2.5, 2.5), ([[2.5]], 2.5)])
def test_item_is_a_python_number(data, number):
    assert type(Value(data).item()) is float
    assert Value(data).item() == number
    assert type((Value(data) > 0).item()) is bool


# ---- who shares which array --------------------------------------------------------------------


def test_a_value_copies_its_array():
    a = np.array([1.0, 2.0])
    value = Value(a)
    a[0] = 9
    assert value.data.tolist() == [1, 2]


def test_the_data_of_a_leaf_may_be_written():
    w = Value([1.0, 2.0])
    w.data[0] = 9
    w.data += 1
    assert (w * 1).data.tolist() == [10, 3]
    w.data = [5, 6, 7]
    assert (w * 1).data.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    "result",
    [
        lambda x: x * 2,
        lambda x: x.T,
        lambda x: x[0],
        lambda x: x.reshape(-1),
        lambda x: np.broadcast_to(x, (2, 2, 2)),
        lambda x: x > 0,
        lambda x: np.argmax(x, axis=0),
    ],
)
def test_the_data_of_a_result_are_read_only(result):
    value = result(Value(np.ones((2, 2))))
    views = [value.data, value.data.T] if value.is_float else [value.data, np.asarray(value)]
    for view in views:
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 0


def test_the_data_of_a_result_are_not_replaced():
    h = Value(1.0) * 2
    with pytest.raises(MutationError) as raised:
        h.data = 3
    assert str(raised.value) == (
        "h is the result of multiply: its data follow from its operands. "
        "Set the data of a parameter instead, and compute again."
    )


def test_an_update_in_place_leaves_the_recorded_graph_alone():
    w = Value([1.0, 2.0])
    loss = np.sum(w**3)
    loss.backward()
    gradient = w.grad.tolist()
    for _ in range(2):
        w.data -= 0.1 * w.grad
        loss.backward()
        assert w.grad.tolist() == gradient == [3, 12]
    assert w.data.tolist() == pytest.approx([0.4, -0.4])
    np.sum(w**3).backward()
    assert w.grad == pytest.approx(3 * w.data**2)


def test_data_handed_out_before_recording_do_not_disturb_the_graph():
    w = Value([1.0, 2.0])
    d = w.data
    loss = np.sum(w * w)
    d[0] = 9
    assert w.data.tolist() == [9, 2]
    loss.backward()
    assert w.grad.tolist() == [2, 4]
    assert np.sum(w * w).item() == 85
    d[0] = 3
    assert np.sum(w * w).item() == 13


def test_a_recorded_gradient_is_taken_at_the_recorded_numbers():
    w = Value([1.0, 2.0])
    loss = np.sum(w**3)
    w.data -= 1
    slope = tg.gradient(loss, w)
    assert slope.data.tolist() == [3, 12]
    assert tg.gradient(np.sum(slope), w).data.tolist() == [6, 12]


@pytest.mark.parametrize("view", [lambda x: x.T, lambda x: x[::-1], lambda x: x.reshape(4), lambda x: +x])
@pytest.mark.parametrize("recording", [True, False])
def test_results_are_not_views_of_what_can_be_written(view, recording):
    w = Value([[1.0, 2.0], [3.0, 4.0]])
    if recording:
        part = view(w)
    else:
        with tg.no_grad():
            part = view(w)
        part.data[0] = 9
    before = part.data.tolist()
    w.data[...] = 7
    assert part.data.tolist() == before
    assert (view(w)).data.ravel().tolist() == [7] * 4


def test_a_result_without_a_history_may_be_written_and_disturbs_nothing():
    w = Value([1.0, 2.0])
    with tg.no_grad():
        frozen = w[:]
    loss = np.sum(w * frozen)
    frozen.data[0] = 100
    loss.backward()
    assert (w.grad.tolist(), w.data.tolist()) == ([1, 2], [1, 2])


@pytest.mark.parametrize("operand", [np.array([3.0, 4.0]), np.array(3.0), [3.0, 4.0]])
def test_small_plain_operands_are_copied(operand):
    v = Value([1.0, 2.0])
    out = v * operand
    expected = np.array(operand) * [1, 1]
    if isinstance(operand, list):
        operand[:] = [0, 0]
    else:
        operand[...] = 0
    np.sum(out).backward()
    assert v.grad.tolist() == expected.tolist()


@pytest.mark.parametrize("index", [np.array([True, False]), np.array([0, 0])])
def test_masks_and_indices_are_copied(index):
    v = Value([1.0, 2.0])
    total = np.sum(v[index])
    total.backward()
    gradient = v.grad.tolist()
    index[:] = index[::-1].copy() if index.dtype == bool else 1
    total.backward()
    assert v.grad.tolist() == gradient


@pytest.mark.parametrize("change", [lambda a: a.fill(0), lambda a: a.sort(), lambda a: a.__imul__(2)])
@pytest.mark.parametrize("transform", [lambda f: tg.grad(f)(2.0), lambda f: tg.jvp(f, (2.0,), (1.0,))])
def test_a_large_plain_operand_that_was_overwritten_is_an_error(transform, change):
    prices = np.linspace(1, 0, LARGE)

    def f(x):
        total = np.sum(x * prices)
        change(prices)
        return total

    with pytest.raises(MutationError) as raised:
        transform(f)
    assert str(raised.value) == (
        f"prices, an array of shape ({LARGE},), was overwritten after it was recorded by multiply: the "
        "gradient would be wrong. Compute again after changing it, or pass a copy."
    )


def test_a_large_plain_operand_may_be_put_back():
    prices, v = np.ones(LARGE), Value(2.0)
    loss = np.sum(v * prices)
    prices[0] = 5
    with pytest.raises(MutationError):
        loss.backward()
    assert v.grad is None
    prices[0] = 1
    loss.backward()
    assert v.grad == LARGE


def test_what_numpy_hands_out_cannot_disturb_the_graph():
    x = Value([1.0, -2.0])
    mask = x > 0
    total = np.sum(np.where(mask, x, 0))
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(mask)[...] = False
    np.array(mask)[...] = False
    total.backward()
    assert x.grad.tolist() == [1, 0]


def test_a_large_plain_operand_is_not_copied():
    a = np.ones(LARGE)
    assert (Value(2.0) * a).operands[1] is a


# ---- gradients ---------------------------------------------------------------------------------


def test_backward_sets_every_gradient_and_can_be_repeated():
    x, y, unused = Value([1.0, 2.0]), Value(3.0), Value(1.0)
    h = x * y
    loss = np.sum(h * h)
    for _ in range(3):
        loss.backward()
        assert (x.grad.tolist(), y.grad, h.grad.tolist(), loss.grad) == ([18, 36], 30, [6, 12], 1)
    assert unused.grad is None


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_the_gradient_of_a_large_sum_may_be_written(axis):
    x = Value(np.ones((300, 400)))
    np.sum(np.sum(x, axis=axis)).backward()
    x.grad[0, 0] = 5
    assert x.grad.sum() == x.size + 4


def test_a_gradient_that_no_sweep_reached_is_none_and_never_0():
    x, y = Value(1.0), Value(2.0)
    constant = tg.stop_gradient(y) * (y > 0)
    (x * constant).backward()
    assert (x.grad, y.grad, constant.grad) == (2, None, 1)
    (y * 1).backward()
    assert y.grad == 1
    (x * constant).backward()
    assert y.grad is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (1,), (3, 1), (0, 2)])
def test_gradients_have_the_shape_and_the_type_of_the_data(shape, dtype):
    x = Value(np.ones(shape, dtype))
    np.sum(np.ones((3, 1), np.float64) * np.exp(x) * 2).backward() if shape != (0, 2) else np.sum(
        x
    ).backward()
    assert (np.shape(x.grad), x.grad.dtype, type(x.grad)) == (shape, dtype, type(x.data))


def test_two_uses_add_up_and_two_losses_do_not():
    x = Value(3.0)
    h = x * x
    first, second = h + x, h * x
    first.backward()
    assert (x.grad, h.grad) == (7, 1)
    second.backward()
    assert (x.grad, h.grad) == (27, 3)
    (first + second).backward()
    assert (x.grad, h.grad) == (34, 4)


def test_gradients_are_arrays_of_their_own():
    b1, b2 = Value([1.0, 2.0]), Value([3.0, 4.0])
    out = b1 + b2
    seed = np.array([1.0, 1.0])
    out.backward(seed=seed)
    b1.grad[0] = 100
    seed[1] = 100
    assert (b2.grad.tolist(), out.grad.tolist()) == ([1, 1], [1, 1])
    out.backward(seed=[1.0, 1.0])
    assert b1.grad.tolist() == [1, 1]
    assert b1.grad is b1.grad


def test_gradients_can_be_set_and_cleared():
    x = Value(2.0)
    (x * x).backward()
    x.grad = None
    assert x.grad is None
    x.grad = np.float64(5)
    assert x.grad == 5


@pytest.mark.parametrize(
    "seed", [[1.0, 10.0], (1, 10), np.array([1, 10]), np.array([1, 10], np.float32), Value([1, 10])]
)
def test_a_seed_is_the_gradient_of_the_result(seed):
    x = Value([1.0, 2.0])
    out = x**2
    out.backward(seed=seed)
    assert (x.grad.tolist(), out.grad.tolist(), x.grad.dtype) == ([2, 40], [1, 10], np.float64)


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_single_number_needs_no_seed_whatever_its_axes(shape):
    x = Value(np.full(shape, 3.0))
    (x * x).backward()
    assert x.grad.tolist() == np.full(shape, 6.0).tolist()


def test_ints_and_bools_carry_no_gradient():
    x = Value([3.0, 1.0, 2.0])
    order, mask = np.argsort(x), x > 1.5
    (np.sum(x[order] * mask) + np.sum(order * 0.5)).backward()
    assert (order.grad, mask.grad) == (None, None)
    assert x.grad.tolist() == [1, 1, 0]


# ---- pickle, copies, hash ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]
)
def test_copies_keep_data_gradient_and_name_but_no_history(copied):
    w = Value(np.array([1.0, 2.0], np.float32))
    h = w * 2
    np.sum(h).backward()
    for value, name in ((w, "w"), (h, "h")):
        other = copied(value)
        assert (other.data.tolist(), other.grad.tolist(), other.name) == (
            value.data.tolist(),
            value.grad.tolist(),
            name,
        )
        assert (other.dtype, other.is_leaf) == (np.float32, True)
        other.data[0] = other.grad[0] = 50
        assert 50 not in (*value.data, *value.grad)


def test_parameters_are_copied_together():
    w = Value(1.0)
    first, second = copy.deepcopy([w, w])
    assert first is second
    assert first is not w


def test_hash_is_by_identity():
    a, b = Value(1.0), Value(1.0)
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[a] == "a"


# ---- Python's protocols ------------------------------------------------------------------------


def test_unpacked_items_have_the_names_they_went_to():
    def of_a_function(v):
        first, second = v
        (p, q), (r, *_) = v
        make = list
        rows = make(v)
        return first, second, p, q, r, *rows

    values = of_a_function(Value([[1.0, 2.0], [3.0, 4.0]]))
    assert [value.name for value in values] == ["first", "second", "p", "q", None, None, None]
    start = of_a_function.__code__.co_firstlineno
    assert [value.line - start for value in values] == [1, 1, 2, 2, 2, 4, 4]


def test_too_many_items_to_unpack():
    with pytest.raises(ValueError, match="too many values to unpack"):
        _a, _b = Value([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="too many values to unpack"):
        _a, _b = np.split(Value([1.0, 2.0, 3.0]), 3)
    with pytest.raises(ValueError, match="not enough values to unpack"):
        _a, _b, _c, _d = Value([1.0, 2.0, 3.0])


def test_iteration_and_unpacking_record():
    x = Value([[1.0, 2.0], [3.0, 4.0]])
    (a, b), second = x
    (a * b + np.sum(second)).backward()
    assert x.grad.tolist() == [[2, 1], [1, 1]]
    assert [row.shape for row in x] == [(2,), (2,)]
    assert [row.data.tolist() for row in reversed(x)] == [[3, 4], [1, 2]]
    assert 3.0 in x[1]


def test_truth_of_one_element():
    assert Value(1.0)
    assert not Value([[0.0]])
    assert (Value(2.0) > 1) is not True
    assert bool(Value(2.0) > 1) is True


def test_ints_convert_freely():
    n = np.argmax(Value([1.0, 2.0, 5.0]))
    assert list(range(n)) == [0, 1]
    assert (int(n), float(n), [10, 20, 30][n], np.arange(4)[: n + 1].tolist()) == (2, 2.0, 30, [0, 1, 2])
    assert np.asarray(Value([1.0, 2.0]) > 1.5).tolist() == [False, True]
    assert np.array(n, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (0.67, "Value(0.67, grad=None, name='v')"),
        (np.float32(0.1), "Value(0.10000000149011612, grad=None, name='v')"),
        ([1, 2.5], "Value([1. , 2.5], grad=None, name='v')"),
        (np.eye(2), "Value([[1., 0.],\n       [0., 1.]], grad=None, name='v')"),
    ],
)
def test_repr(data, text):
    v = Value(data)
    assert repr(v) == str(v) == f"{v}" == text


def test_repr_with_a_gradient():
    loss = Value(2.0) * 1
    loss.backward()
    assert repr(loss) == "Value(2.0, grad=1.0, name='loss')"
    assert repr(Value(2.0) * 3 > 1) == "Value(True, grad=None)"


def test_format():
    assert f"{Value(0.6789):.2f} {Value([[2.0]]):5.1f} {np.argmax(Value([1.0, 2.0])):03d}" == "0.68   2.0 001"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{Value([1.0, 2.0]):.2f}"


# ---- everything records ------------------------------------------------------------------------

BINARY = [
    *(
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.pow,
        operator.mod,
        operator.floordiv,
    ),
    *(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
]


@pytest.mark.parametrize("operation", BINARY)
@pytest.mark.parametrize(
    "other",
    [
        2,
        2.5,
        True,
        np.float64(2.5),
        np.float32(2.5),
        np.int64(2),
        np.array([2.0, 4.0]),
        np.array(2.0),
        [2.0, 4.0],
    ],
    ids=repr,
)
def test_operators_take_values_on_either_side(operation, other):
    a = np.array([1.5, 4.0])
    for data in (a, a[0]):
        plain = np.asarray(other) if isinstance(other, list) else other
        for result, expected in (
            (operation(Value(data), other), operation(data, plain)),
            (operation(other, Value(data)), operation(plain, data)),
        ):
            assert isinstance(result, Value)
            assert not result.is_leaf
            np.testing.assert_array_equal(result.data, expected, strict=True)


def test_a_plain_array_times_a_value():
    X, w = np.array([[1.0, 2.0], [3.0, 4.0]]), Value([5.0, 6.0])
    assert (X @ w).data.tolist() == [17, 39]
    assert (w @ X).data.tolist() == [23, 34]
    assert ([1, 2] @ w).item() == 17


@pytest.mark.parametrize("operation", [operator.neg, operator.pos, abs])
def test_unary_operators(operation):
    np.testing.assert_array_equal(
        operation(Value([-1.5, 2.0])).data, operation(np.array([-1.5, 2.0])), strict=True
    )


def test_functions_that_are_no_functions_of_numbers_let_no_gradient_pass():
    x = Value([[3.0, 1.0], [2.0, 5.0]])
    assert np.argmax(x, axis=1).data.tolist() == [0, 1]
    assert np.any(x > 4, axis=0, keepdims=True).data.tolist() == [[False, True]]
    assert np.argsort(x, axis=0, kind="stable").data.tolist() == [[1, 0], [0, 1]]
    assert np.count_nonzero(x > 2, axis=1).data.tolist() == [1, 1]
    assert tg.stop_gradient(x > 4).data.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize("operation", [operator.and_, operator.or_, operator.xor])
def test_masks_combine(operation):
    x, mask = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    for result in (
        operation(Value(x) > 1, mask),
        operation(mask, Value(x) > 1),
        operation(Value(x) > 1, Value(mask) > 0),
    ):
        assert result.data.tolist() == operation(x > 1, mask).tolist()
    assert (~(Value(x) > 1)).data.tolist() == [True, False, False]


@pytest.mark.parametrize(
    "operation",
    [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow, operator.imatmul],
)
def test_augmented_assignment_makes_a_new_value(operation):
    v = first = Value([2.0, 3.0])
    v = operation(v, np.array([4.0, 5.0]))
    assert v is not first
    assert first.data.tolist() == [2, 3]
    np.sum(v).backward()
    assert first.grad is not None


@pytest.mark.parametrize(
    "method",
    [
        lambda x: x.sum(axis=0),
        lambda x: x.sum(axis=(0, 1), keepdims=True),
        lambda x: x.mean(axis=-1),
        lambda x: x.reshape(3, 2),
        lambda x: x.reshape((3, -1)),
        lambda x: x.reshape(-1),
        lambda x: x.T,
        lambda x: x.mT,
        lambda x: x[None].mT,
        lambda x: x.transpose(),
        lambda x: x.transpose(1, 0),
        lambda x: x.transpose((1, 0)),
        lambda x: x.swapaxes(0, 1),
        lambda x: x[:1].squeeze(),
        lambda x: x[:1].squeeze(axis=0),
        lambda x: x.ravel(),
        lambda x: x.flatten(),
        lambda x: x.astype(np.float32),
    ],
)
def test_methods_of_arrays(method):
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    value = Value(x)
    result = method(value)
    np.testing.assert_array_equal(result.data, method(x), strict=True)
    np.sum(result).backward()
    assert value.grad.dtype == np.float64


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=3), elements=st.floats(-2, 2)))
def test_a_model_is_plain_numpy_code(x):
    def model(x):
        h = np.tanh(np.expand_dims(x, 0) * 2 - 1) + np.where(x > 0, np.sqrt(abs(x) + 1), np.maximum(x, -1))
        h = np.concatenate([h, np.stack([x, x], axis=0)], axis=0) / (1 + np.exp(-x))
        return np.mean(np.sum(h**2, axis=0)) + np.sum(np.transpose(h).ravel()[:1])

    np.testing.assert_array_equal(model(Value(x)).data, model(x))


def test_float32_is_not_widened_by_python_numbers():
    x = Value(np.ones(2, np.float32))
    loss = np.mean(np.where(x > 0.5, (2 * x - 1) ** 2 / 3, 0)) + 0.5
    loss.backward()
    assert loss.dtype == x.grad.dtype == np.float32


def test_comparisons_are_recorded_so_that_a_recorded_gradient_moves_with_them():
    bent = lambda x: np.where(x > 1, x**2, x)
    slope = tg.grad(bent)(Value([0.5, 2.0])[1])
    assert slope.item() == 4
    assert [str(node.primitive.name) for node in history(slope) if node.dtype == bool] == ["greater"]
    assert tg.grad(tg.grad(bent))(2.0) == 2


# ---- context -----------------------------------------------------------------------------------


def test_no_grad_and_stop_gradient():
    x = Value(3.0)
    with tg.no_grad():
        y = x * x
    z = tg.stop_gradient(x * x)
    assert (y.is_leaf, y.item(), z.item()) == (True, 9, 9)
    assert tg.gradient(x * y * z, x).item() == 81
    assert tg.stop_gradient(2.0) == 2


def test_named_passes_plain_arrays_unchanged():
    a = np.ones(2)
    assert tg.named(a, "a") is a
    assert tg.named(Value(1.0) * 2, "f").name == "f"


# ---- names -------------------------------------------------------------------------------------


def test_names():
    w = Value(1.0)
    given_name = Value(1.0, name="weights")
    h = w * 2
    again = h
    assert (w.name, given_name.name, h.name, again.name) == ("w", "weights", "h", "h")
    assert (w + 1).name is None
    h.name = "hidden"
    assert (again.name, h.data) == ("hidden", 2)


def test_names_of_locals_of_functions_that_returned():
    def layer(x):
        z = x * 2
        return np.tanh(z)

    a = layer(Value(1.0))
    assert (a.name, a.args[0].name) == (None, "z")


def test_names_of_attributes_and_functions():
    class Model:
        def __init__(self):
            self.w = Value(1.0)

    model = Model()
    s = tg.sigmoid(model.w)
    loss = tg.binary_cross_entropy_with_logits(s, 1.0)
    assert (model.w.name, s.name, loss.name) == ("w", "s", "loss")


def test_values_of_a_loop_share_their_name():
    h = Value(1.0)
    seen = []
    for _ in range(2):
        h = np.tanh(h)
        seen.append(h)
    assert [v.name for v in seen] == ["h", "h"]
    assert seen[0].line == seen[1].line == test_values_of_a_loop_share_their_name.__code__.co_firstlineno + 4


def test_gradients_are_not_named_after_variables_of_the_library():
    X, w, b = np.ones((3, 2)), Value([1.0, 2.0]), Value([0.5, 0.5])

    def loss(w, b):
        return np.mean(np.maximum(X * w + b, 0) ** 2)

    graph = [*tg.gradient(loss(w, b), [w, b]), *tg.grad(loss, (0, 1))(w, b), tg.jvp(loss, (w, b), (b, w))[1]]
    names = set()
    while graph:
        node = graph.pop()
        names.add(node.name)
        graph += [arg for arg in node.args if isinstance(arg, Value)]
    assert names <= {None, "w", "b"}


# ---- threads -----------------------------------------------------------------------------------


def test_threads_do_not_disturb_each_other():
    together = Barrier(8)
    found = {}

    def work(number):
        x = Value(float(number))
        for _ in range(50):
            together.wait()
            if number % 2:
                with tg.no_grad():
                    together.wait()
                    recorded = (x * x).is_leaf
            else:
                with tg.scope(f"thread {number}"):
                    together.wait()
                    y = x * x
                    y.backward()
                    recorded = (y.scope, x.grad)
            found.setdefault(number, set()).add(recorded)

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: {True} if n % 2 else {(f"thread {n}", 2 * n)} for n in range(8)}


def test_shared_parameters_are_read_by_many_threads():
    w = Value(np.arange(4.0))
    w.data[0] = 1
    results = []

    def work():
        results.append([tg.grad(lambda x: np.sum(w.data * x**2))(np.ones(4)).tolist() for _ in range(50)])

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == [[2, 2, 4, 6]] * 50 for result in results)


def test_a_gradient_that_is_set_has_the_shape_of_the_data():
    w = Value([1.0, 2.0], name="w")
    w.grad = [3, 4]
    assert w.grad.dtype == np.float64
    with pytest.raises(ShapeError) as raised:
        w.grad = 0
    assert str(raised.value) == (
        "The gradient of w has its shape (2,), not (). There is no need to set it to 0 before backward(), "
        "which does not add up; None says that there is none."
    )


def test_a_gradient_is_copied_only_where_somebody_else_has_it():
    x, y, w = Value(np.ones((3, 2)), "x"), Value(np.ones((3, 2)), "y"), Value(np.ones((2, 2)), "w")
    total = x + y
    turned = np.reshape(total, (2, 3))
    loss = np.sum(turned.T @ turned) + np.sum(x @ w)
    loss.backward()
    held = [node._grad[0] for node in (total, y, w)]
    gradients = [node.grad for node in (total, y, w)]
    assert [a is b for a, b in zip(held, gradients, strict=True)] == [False] * 3
    del held, gradients
    loss.backward()
    before = w._grad[0].ctypes.data
    assert w.grad.ctypes.data == before
    y.grad[:] = np.nan
    assert np.isfinite(total.grad).all()
    assert np.isfinite(x.grad).all()


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("rows", [5, 70])
def test_a_matrix_is_refused_because_its_product_is_another(rows):
    A = np.matrix(np.ones((rows, rows)))
    v = Value(np.ones((rows, 1)))
    for product in (lambda: A * v, lambda: v * A, lambda: np.multiply(v, A), lambda: Value(A)):
        with pytest.raises(DataTypeError, match=r"^The \* of a np\.matrix is the @ of an array"):
            product()
    assert np.array_equal((np.asarray(A) @ v).data, A * v.data)


@pytest.mark.parametrize("size", [3, LARGE])
def test_a_masked_operand_on_the_left_is_refused(size):
    masked = np.ma.masked_array(np.ones(size), mask=np.arange(size) % 2 == 0)
    value = Value(np.ones(size))
    for act in (
        *(
            operator.add,
            operator.mul,
            operator.truediv,
            operator.pow,
            operator.lt,
            operator.eq,
            operator.iadd,
        ),
        *(np.ma.add, np.ma.where, lambda x, y: np.ma.where(x > 0, y, x)),
    ):
        with pytest.raises(DataTypeError, match="A masked array would lose its mask here"):
            act(masked, value) if act is not np.ma.where else act(masked > 0, value, masked)


@pytest.mark.parametrize("size", [3, 20_000])
def test_masked_gradients_seeds_and_tangents_are_refused(size):
    masked = np.ma.masked_array(np.ones(size), mask=np.arange(size) % 2 == 0)
    value = Value(np.ones(size))
    for act in (
        lambda: (value * 2).backward(masked),
        lambda: setattr(value, "grad", masked),
        lambda: tg.jvp(np.sum, (np.ones(size),), (masked,)),
        lambda: tg.compare(np.sum(value), {value: masked}),
    ):
        with pytest.raises(DataTypeError, match="masked array"):
            act()


@pytest.mark.parametrize("size", [3, 20_000])
def test_a_masked_operand_is_refused_at_any_size(size):
    masked = np.ma.masked_array(np.ones(size), mask=np.arange(size) % 2 == 0)
    with pytest.raises(DataTypeError, match="A masked array would lose its mask here"):
        Value(np.ones(size)) * masked
