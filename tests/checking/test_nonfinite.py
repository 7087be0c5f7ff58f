"""find_nonfinite: the first nan or inf, forward and backward, with names, numbers, reason and cure."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def nonfinite(f, *arrays):
    values = [Value(array, name) for array, name in zip(arrays, "xyz", strict=False)]
    return tg.find_nonfinite(f(*values))


@pytest.mark.parametrize(
    ("f", "arrays", "said"),
    [
        (lambda x: np.mean(np.log(x)), [[1.0, 0.0]], "log(x) is -inf at [1]: the logarithm of 0 is −inf."),
        (lambda x: np.sum(np.log(x)), [-2.0], "log(x) is nan: a negative number, -2, has no logarithm."),
        (
            lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))),
            [[1.0, 1000.0]],
            "exp(x) is inf at [1]: exp(1000) is larger than the largest number.",
        ),
        (lambda x, y: np.sum(x / y), [[1.0, 0.0], [1.0, 0.0]], "x / y is nan at [1]: 0 / 0 is not defined."),
        (
            lambda x, y: np.sum(x / y),
            [3.0, [[1.0], [0.0]]],
            "x / y is inf at [1, 0]: 3 / 0 is a division by 0.",
        ),
        (lambda x: np.sum(np.sqrt(x)), [-1.0], "√x is nan: a negative number, -1, has no square root."),
        (lambda x: np.sum(x**-2.0), [[0.0]], "x⁻² is inf at [0]: 0 to the power -2 is a division by 0."),
        (lambda x: np.sum(x**1.5), [[-2.0]], "x^1.5 is nan at [0]: a negative number, -2, has no power 1.5."),
        (
            lambda x: np.sum(x @ x),
            [np.full((2, 2), 1e200)],
            "x @ x is inf at [0, 0]: the sum is larger than the largest number.",
        ),
        (lambda x: np.sum(x * np.inf), [[1.0, 0.0]], "x × ∞ is nan at [1]: 0 · inf is not defined."),
        (lambda x: np.sum(np.log1p(x)), [-1.0], "log1p(x) is -inf: log1p needs x > −1, and here x = -1."),
        (lambda x: np.mean(x[:0]), [[1.0]], "mean(x[:0]) is nan: the mean of no numbers is not defined."),
        (lambda x: np.sum(2 * x), [[1.0, np.nan]], "x holds nan at [1]: it was given so."),
    ],
)
def test_the_first_operation_forward(f, arrays, said):
    found = nonfinite(f, *arrays)
    assert (found.phase, found.summary()) == ("forward", said)
    assert repr(found) == f"<NonFinite forward: {said}>"
    assert found.cure.endswith((".", ")"))
    assert not np.isfinite(found.node.data[found.index])
    assert not np.isfinite(found.number)


@pytest.mark.parametrize(
    ("f", "arrays", "said", "cure"),
    [
        (
            lambda x: np.sum(np.where(x > 0, np.log(x), 0)),
            [[1.0, 0.0]],
            (
                "log(x) is nan at [1]: the logarithm of 0 is −inf; np.where did not choose it, and its "
                "gradient is 0 · inf = nan."
            ),
            "Put np.where on the argument, not on the result only",
        ),
        (
            lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)),
            [[0.0]],
            (
                "√x is nan at [0]: np.where did not choose it, but the slope of sqrt at 0 is infinite, and "
                "0 · inf is nan."
            ),
            "Put np.where on the argument",
        ),
        (
            lambda x: np.sum(np.sqrt(x)),
            [[1.0, 0.0]],
            "√x is inf at [1]: the slope of sqrt at 0 is infinite.",
            "Put a small number under the root",
        ),
        (
            lambda x: np.sum(1 / (1 + np.exp(x))),
            [[0.0, 1000.0]],
            "exp(x) is nan at [1]: exp(1000) is larger than the largest number, and so is its slope at 1000.",
            "tg.sigmoid",
        ),
    ],
)
def test_else_the_first_rule_backward(f, arrays, said, cure):
    found = nonfinite(f, *arrays)
    assert (found.phase, found.summary()) == ("backward", f"The gradient of x in {said}")
    assert cure in found.cure
    assert found.gradient is not None


def test_too_large_a_gradient():
    found = nonfinite(lambda x: np.sum(x * 1e200) * 1e200, [0.0])
    assert found.phase == "backward"
    assert "is larger than the largest number" in found.reason
    assert found.cure.startswith("Use smaller numbers")


def test_operands_have_the_names_of_the_user_and_the_line():
    weights, probabilities = np.array([1.0, 2.0]), Value([0.5, 0.0])
    logs = np.log(probabilities)
    loss = -np.sum(weights * logs)
    found = tg.find_nonfinite(loss)
    assert found.operation == "log(probabilities)"
    assert found.node is logs
    assert (found.source, found.line) == ("logs = np.log(probabilities)", found.node.line)
    assert [(x.name, x.shape, x.number) for x in found.operands] == [("probabilities", (2,), 0.0)]
    assert str(found).splitlines()[0] == "log(probabilities) is -inf at [1]: the logarithm of 0 is −inf."
    assert "logs = np.log(probabilities)" in str(found)
    assert "<table>" in found._repr_html_()
    given = Value([1.0, np.inf], name="data")
    assert tg.find_nonfinite(np.sum(given)).summary() == "data holds inf at [1]: it was given so."


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.sin(x)),
        lambda x: np.sum(np.exp(x + np.array([0.0, -np.inf]))),  # a mask
        lambda x: np.sum(x > 0),
        lambda x: np.sum(tg.sigmoid(1000 * x)),
    ],
)
def test_nothing_when_everything_that_matters_is_finite(f):
    assert nonfinite(f, [1.0, -2.0]) is None


def test_a_mask_that_leaves_nothing_is_found_where_it_gives_nan():
    mask = np.array([-np.inf, -np.inf])

    def softmax(x):
        scores = x + mask
        return np.sum(np.exp(scores - np.maximum(scores[0], scores[1])))

    found = nonfinite(softmax, [1.0, 2.0])
    assert found.operation == "scores − maximum(…, …)"
    assert found.reason == "inf − inf is not defined"


def test_only_a_value_has_a_history():
    with pytest.raises(ArgumentError) as raised:
        tg.find_nonfinite(np.nan)
    assert str(raised.value) == "find_nonfinite(loss): loss is float, not a Value."


Z, Y = np.array([[-1000.0, 0.0, 5.0]]), np.array([[1.0, 0.0, 0.0]])


def softmax_of(z):
    powers = np.exp(z)
    return powers / np.sum(powers, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("loss", "z", "cure"),
    [
        (
            lambda z: -np.sum(Y * np.log(softmax_of(z))),
            Z,
            "a loss on its arguments, the logits, is tg.cross_e",
        ),
        (lambda z: -np.sum(Y * np.log(softmax_of(z))), -Z, "The logarithm of a softmax is tg.log_softmax"),
        (lambda z: -np.log(np.sum(Y * tg.softmax(z))), Z, "The logarithm of a softmax is tg.log_softmax"),
        (lambda z: -np.log(tg.softmax(z)[0, 0]), Z, "The logarithm of a softmax is tg.log_softmax"),
        (lambda z: np.sum(softmax_of(z)), -Z, "This is a softmax: tg.softmax"),
        (lambda z: -np.log(1 / (1 + np.exp(-z)))[0, 0], Z, "is tg.binary_cross_entropy_with_logits."),
        (lambda z: -np.mean(np.log(1 - tg.sigmoid(-z))), Z, "is tg.binary_cross_entropy_with_logits."),
        (lambda z: np.sum(np.exp(z) / (np.exp(z) + 1)), -Z, "This is a sigmoid: tg.sigmoid"),
        (lambda z: np.log(np.sum(np.exp(z))), -Z, "is tg.logsumexp"),
        (lambda z: np.sum(np.log(1 + np.exp(z))), -Z, "is tg.softplus(z)"),
        (lambda z: np.sum(softmax_of(np.exp(z) @ np.eye(3))), -Z, "elsewhere subtract"),
        (lambda z: np.sum(np.exp(z)) + np.sum(np.log(tg.softmax(z / 1e9))), -Z, "elsewhere subtract"),
    ],
)
def test_what_has_a_stable_form_is_recognised(loss, z, cure):
    with np.errstate(all="ignore"):
        found = tg.find_nonfinite(loss(tg.Value(z)))
    assert cure in found.cure


def test_a_small_number_under_a_logarithm_lets_a_gradient_pass():
    with np.errstate(all="ignore"):
        assert "np.log(x + 1e-12)" in tg.find_nonfinite(np.sum(np.log(tg.Value(0.0)))).cure
    assert tg.grad(lambda x: np.log(x + 1e-12))(0.0) == 1e12
