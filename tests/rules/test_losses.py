"""Losses: known values, gradients by hand, extremes, what is made of many losses, and what is refused."""

import functools

import numpy as np
import pytest
from scipy import special

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, BoundsError, DataTypeError, ShapeError

rng = np.random.default_rng(3)
p, t = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
q, y = special.expit(rng.normal(size=(4, 3))), rng.integers(0, 2, (4, 3)).astype(float)
signs = 2 * y - 1
z, labels = rng.normal(size=(4, 3)), np.array([2, 0, 1, 2])
rows, others = (
    special.softmax(rng.normal(size=(4, 3)), axis=1),
    special.softmax(rng.normal(size=(4, 3)), axis=1),
)
one_hot = np.eye(3)[labels]
both_precisions = pytest.mark.parametrize("dtype", [np.float64, np.float32])

# (loss, its arguments, the losses one by one, the gradient of their sum with respect to the first argument)
KNOWN = {
    "mean_squared_error": (tg.mean_squared_error, (p, t), (p - t) ** 2, 2 * (p - t)),
    "mean_absolute_error": (tg.mean_absolute_error, (p, t), abs(p - t), np.sign(p - t)),
    "huber": (tg.huber, (p, t), special.huber(1, p - t), np.clip(p - t, -1, 1)),
    "wide huber": (
        functools.partial(tg.huber, delta=2.5),
        (p, t),
        special.huber(2.5, p - t),
        np.clip(p - t, -2.5, 2.5),
    ),
    "hinge": (tg.hinge, (p, signs), np.maximum(0, 1 - p * signs), -signs * (p * signs < 1)),
    "binary_cross_entropy": (
        tg.binary_cross_entropy,
        (q, t),
        -special.xlogy(t, q) - special.xlog1py(1 - t, -q),
        (q - t) / (q * (1 - q)),
    ),
    "binary_cross_entropy_with_logits": (
        tg.binary_cross_entropy_with_logits,
        (z, y),
        -np.log(special.expit(signs * z)),
        special.expit(z) - y,
    ),
    "cross_entropy of labels": (
        tg.cross_entropy,
        (z, labels),
        special.logsumexp(z, axis=1) - z[range(4), labels],
        special.softmax(z, axis=1) - one_hot,
    ),
    "cross_entropy of probabilities": (
        tg.cross_entropy,
        (z, rows),
        -np.sum(rows * special.log_softmax(z, axis=1), axis=1),
        special.softmax(z, axis=1) - rows,
    ),
    "kl_divergence": (
        tg.kl_divergence,
        (rows, others),
        np.sum(special.rel_entr(rows, others), axis=1),
        np.log(rows / others) + 1,
    ),
}
every_loss = pytest.mark.parametrize(("loss", "args", "losses", "gradient"), KNOWN.values(), ids=KNOWN)


@every_loss
def test_values_and_gradients(loss, args, losses, gradient):
    np.testing.assert_allclose(loss(*args, reduction="none"), losses, rtol=1e-14, atol=1e-15)
    assert loss(*args) == pytest.approx(losses.mean(), rel=1e-14)
    assert loss(*args, reduction="sum") == pytest.approx(losses.sum(), rel=1e-14)
    slope = tg.grad(loss)(*args)
    np.testing.assert_allclose(slope, gradient / losses.size, rtol=1e-13, atol=1e-15)
    _, pull = tg.vjp(lambda x: loss(x, *args[1:], reduction="none"), args[0])
    np.testing.assert_allclose(pull(np.ones(losses.shape))[0], gradient, rtol=1e-13, atol=1e-15)


@every_loss
def test_second_derivatives(loss, args, losses, gradient):
    v, step = np.cos(np.arange(args[0].size)).reshape(args[0].shape), 1e-5
    slope = lambda x: tg.grad(loss)(x, *args[1:])
    expected = (slope(args[0] + step * v) - slope(args[0] - step * v)) / (2 * step)
    curvature = tg.hvp(lambda x: loss(x, *args[1:]), args[0], v)
    np.testing.assert_allclose(curvature, expected, rtol=1e-7, atol=1e-8)


@every_loss
def test_float32_stays_float32(loss, args, losses, gradient):
    small = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in args]
    value, slope = tg.value_and_grad(loss)(*small)
    assert (value.dtype, slope.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(slope, gradient / losses.size, rtol=2e-5, atol=1e-6)


@every_loss
def test_a_loss_belongs_to_its_line_and_to_the_name_of_its_result(loss, args, losses, gradient):
    cost = loss(Value(args[0]), *args[1:])
    assert cost.name == "cost"


@every_loss
def test_the_reduction_is_one_of_three_words(loss, args, losses, gradient):
    with pytest.raises(ArgumentError) as raised:
        loss(*args, reduction="average")
    assert str(raised.value) == "reduction='average': it is one of 'mean', 'sum', 'none'."


# ---- zeros and infinities ----------------------------------------------------------------------


def test_the_slope_of_an_exact_hit_is_0_and_of_a_margin_of_1_too():
    assert tg.grad(tg.mean_absolute_error)(2.0, 2.0) == 0
    assert tg.grad(tg.hinge)(np.array([1.0]), np.array([1.0])) == 0
    assert tg.grad(tg.huber)(3.0, 2.0) == 1  # where the parabola becomes a line
    assert tg.grad(tg.grad(tg.huber))(2.0, 2.0) == 1


def test_a_term_of_weight_0_is_0_also_where_its_logarithm_is_infinite():
    sure = np.array([0.0, 1.0])
    assert tg.binary_cross_entropy(sure, sure) == 0
    assert tg.grad(tg.binary_cross_entropy)(sure, sure).tolist() == [0.5, -0.5]
    assert tg.kl_divergence(sure, np.array([0.0, 0.5])) == np.log(2)
    assert tg.grad(tg.kl_divergence, 1)(sure, np.array([0.0, 0.5])).tolist() == [0, -2]
    with np.errstate(divide="ignore"):
        assert tg.kl_divergence(np.log(sure), np.log(np.array([0.0, 0.5])), logs=True) == np.log(2)
        assert tg.binary_cross_entropy(0.0, 1.0) == np.inf


def test_targets_have_gradients_too_where_they_are_0():
    slope = tg.grad(tg.binary_cross_entropy, 1)(np.array([0.25]), np.array([0.0]))
    assert slope == pytest.approx(np.log(3))


def test_divergence_of_logarithms():
    from_logs = tg.kl_divergence(np.log(rows), np.log(others), logs=True)
    assert from_logs == pytest.approx(tg.kl_divergence(rows, others), rel=1e-14)
    slope = tg.grad(lambda u: tg.kl_divergence(rows, tg.softmax(u), axis=1))(z)
    same = tg.grad(lambda u: tg.kl_divergence(np.log(rows), tg.log_softmax(u), logs=True))(z)
    np.testing.assert_allclose(same, (special.softmax(z, axis=1) - rows) / 4, rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(slope, same, rtol=1e-12, atol=1e-16)


@both_precisions
def test_cross_entropy_far_out_and_with_classes_ruled_out(dtype):
    scores = np.array([[1000, -1000, 0], [0, -np.inf, 0], [-np.inf, 1000, -np.inf]], dtype)
    right = np.array([1, 0, 1])
    losses = tg.cross_entropy(scores, right, reduction="none")
    np.testing.assert_allclose(losses, [2000, np.log(2), 0], rtol=1e-6)
    expected = np.array([[1, -1, 0], [-0.5, 0, 0.5], [0, 0, 0]])
    total = lambda scores, targets: tg.cross_entropy(scores, targets, reduction="sum")
    for targets in (right, np.eye(3, dtype=dtype)[right], np.eye(3, dtype=bool)[right]):
        slope = tg.grad(total)(scores, targets)
        np.testing.assert_allclose(slope, expected, atol=1e-6)
        assert slope.dtype == dtype


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_the_classes_may_lie_along_any_axis(axis):
    scores = rng.normal(size=(2, 3, 4))
    classes = rng.integers(0, scores.shape[axis], np.delete(scores.shape, axis % 3))
    logs = special.log_softmax(scores, axis=axis)
    expected = -np.take_along_axis(logs, np.expand_dims(classes, axis), axis).squeeze(axis)
    assert tg.cross_entropy(scores, classes, axis=axis) == pytest.approx(expected.mean(), rel=1e-14)
    hot = np.exp(logs) == 0
    np.put_along_axis(hot, np.expand_dims(classes, axis), True, axis)
    losses = tg.cross_entropy(scores, hot, axis=axis, reduction="none")
    np.testing.assert_allclose(losses, expected, rtol=1e-14)


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        *(tg.mean_squared_error, tg.mean_absolute_error, tg.huber, tg.hinge, tg.kl_divergence),
        *(tg.binary_cross_entropy, tg.binary_cross_entropy_with_logits),
    ],
    ids=lambda loss: loss.__name__,
)
def test_a_column_against_a_row_is_no_pair(loss):
    column, row = Value(np.ones((5, 1))), np.ones(5)
    with pytest.raises(ShapeError) as raised:
        loss(column, row)
    assert str(raised.value) == (
        f"{loss.__name__}: column has shape (5, 1) and row has shape (5,). Each prediction has one target: "
        "reshape row to (5, 1)."
    )
    with pytest.raises(ShapeError) as raised:
        loss(np.ones((2, 2)), row)
    assert str(raised.value) == (
        f"{loss.__name__}: the first argument has shape (2, 2) and row has shape (5,). Each prediction has "
        "one target: the shapes must be equal."
    )
    assert np.shape(loss(column, 1.0, reduction="none")) in ((5, 1), (5,))


def test_hinge_wants_signs():
    zero_or_one = np.array([0, 1])
    with pytest.raises(ArgumentError) as raised:
        tg.hinge(Value([0.5, 0.5]), zero_or_one)
    assert str(raised.value) == (
        "hinge: a target is -1 or 1, and zero_or_one holds other numbers. From 0 and 1 make "
        "2 * zero_or_one - 1."
    )


def test_huber_wants_a_width():
    with pytest.raises(ArgumentError) as raised:
        tg.huber(p, t, delta=0)
    assert str(raised.value) == "huber(..., delta=0): the width of the parabola must be positive."


def test_cross_entropy_wants_a_class_for_each_row():
    scores = Value(z)
    with pytest.raises(ShapeError) as raised:
        tg.cross_entropy(scores, labels[:, None])
    assert str(raised.value) == (
        "cross_entropy: scores has shape (4, 3), with 3 classes along axis -1, and the second argument has "
        "shape (4, 1). Numbers of classes have shape (4,), probabilities have shape (4, 3)."
    )
    y = labels + 1
    with pytest.raises(BoundsError) as raised:
        tg.cross_entropy(scores, y)
    assert str(raised.value) == (
        "cross_entropy: y holds the class 3, and scores has 3 classes along axis -1, which count from 0 to 2."
    )
    with pytest.raises(BoundsError, match="holds the class -1"):
        tg.cross_entropy(scores, y - 2)
    y = labels.astype(float)
    with pytest.raises(DataTypeError) as raised:
        tg.cross_entropy(scores, y)
    assert str(raised.value) == (
        "cross_entropy: y holds float64 numbers, and the numbers of classes are integers: give a plain array "
        "of them, as y.astype(int) makes it."
    )


def test_labels_may_be_a_list_or_recorded():
    assert tg.cross_entropy(z, [2, 0, 1, 2]) == tg.cross_entropy(z, labels)
    found = np.argmax(Value(one_hot), axis=1)
    assert tg.cross_entropy(Value(z), found).item() == tg.cross_entropy(z, labels)
    with pytest.raises(BoundsError, match="found holds the class 2"):
        tg.cross_entropy(Value(z[:, :2]), found)
    assert tg.cross_entropy(np.zeros(3), 1) == np.log(3)
