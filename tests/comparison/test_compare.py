"""How gradients are handed over: names, Values, functions, probes, and the message for every slip."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, DataTypeError, NonScalarError

X, Y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
INPUTS = {"w": 0.5, "b": 0.0, "x": X, "y": Y}


def loss(w, b, x, y):
    f = w * x + b
    return np.mean((f - y) ** 2) / 2


def by_hand(f, x, y):
    delta = (f - y) / len(y)
    return {"f": delta, "w": np.sum(delta * x), "b": np.sum(delta)}


def says(error, message, call):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message


# ---- names ---------------------------------------------------------------------------------------


def test_keys_are_variables_given_names_and_values():
    w = tg.Value(2.0)
    b = tg.Value(3.0, name="bias")
    h = tg.named(w * 5, "hidden")
    found = tg.compare(h * b, {"w": 15.0, "bias": 10.0, h: 3.0})
    assert {row.name: row.verdict for row in found.rows if row.verdict != "not-compared"} == {
        "hidden": "correct",
        "bias": "correct",
        "w": "correct",
    }


def test_a_value_without_a_name_can_be_a_key():
    values = [tg.Value(2.0), tg.Value(3.0)]
    found = tg.compare(values[0] * values[1], {values[0]: 3.0, values[1]: 7.0})
    assert sorted((row.name, row.verdict) for row in found.rows) == [
        ("unnamed", "correct"),
        ("unnamed#2", "own"),
    ]


def test_a_variable_of_a_loop_is_numbered():
    h = tg.Value(3.0)
    for _ in range(2):
        h = h**2
    found = tg.compare(h, {"h#3": 1.0, "h#2": 18.0, "h": 100.0})
    assert [(row.name, row.verdict) for row in found.rows] == [
        ("h#3", "correct"),
        ("h#2", "correct"),
        ("h", "own"),
    ]


def test_a_gradient_may_be_a_list_integers_or_a_value():
    w = tg.Value([1.0, 2.0])
    q = np.sum(w * w)
    for gradient in ([2, 4], np.array([2, 4]), tg.gradient(q, w)):
        assert tg.compare(q, {"w": gradient})["w"].verdict == "correct"


def test_unknown_names():
    weights = tg.Value(1.0)
    q = weights * 2
    says(
        ArgumentError,
        "compare: no Value is named 'wieghts'. Did you mean 'weights'?",
        lambda: tg.compare(q, {"wieghts": 2.0}),
    )
    says(
        ArgumentError,
        "compare: no Value is named 'zz'. Known are: q, weights. What a function returned is named by "
        "tg.named(..., 'zz').",
        lambda: tg.compare(q, {"zz": 2.0}),
    )
    says(
        ArgumentError, "compare: no Value is named 7. Known are: q, weights.", lambda: tg.compare(q, {7: 2.0})
    )


def test_a_name_and_a_gradient_given_twice():
    u, v = tg.Value(1.0, name="w"), tg.Value([1.0, 2.0], name="w")
    q = np.sum(u * v)
    says(
        ArgumentError,
        "compare: 2 Values are named 'w' (of shapes () and (2,)). Give them different names, or use the "
        "Values themselves as keys.",
        lambda: tg.compare(q, {"w": 3.0}),
    )
    assert tg.compare(q, {u: 3.0, v: [1.0, 1.0]}).ok
    says(
        ArgumentError,
        "compare: a gradient of 'v' is given twice.",
        lambda: tg.compare((v := tg.Value(1.0, name="v")) * 2, {"v": 2.0, v: 2.0}),
    )


def test_a_value_that_the_loss_does_not_depend_on():
    w, other = tg.Value(1.0), tg.Value(2.0, name="other")
    says(
        ArgumentError,
        "compare: the loss has no gradient with respect to Value(2.0, grad=None, name='other'), which is a "
        "key.",
        lambda: tg.compare(w * 2, {other: 0.0}),
    )


def test_gradients_that_are_not_real_numbers():
    w = tg.Value(1.0)
    for gradient, dtype in ((1j, "complex128"), ("2", "<U1"), ({}, "object")):
        says(
            DataTypeError,
            f"compare: the manual gradient of 'w' is {dtype} data, not real numbers.",
            lambda gradient=gradient: tg.compare(w * 2, {"w": gradient}),
        )


def test_a_loss_that_is_not_a_single_number():
    w = tg.Value([1.0, 2.0])
    h = w * 2
    says(
        NonScalarError,
        "h has shape (2,): a gradient is defined for a single number. Reduce it with np.sum or np.mean, or "
        "give the direction: backward(seed=...), vjp, or jacobian.",
        lambda: tg.compare(h, {"w": [2.0, 2.0]}),
    )


# ---- functions -----------------------------------------------------------------------------------


def test_functions_are_compared_at_the_inputs_and_at_two_points_nearby():
    found = tg.compare(loss, by_hand, INPUTS)
    assert (found.ok, found.probes) == (True, 3)
    assert [row.name for row in found.rows if row.verdict == "correct"] == ["f", "b", "w"]


@pytest.mark.parametrize("term", [lambda b: b, lambda b: b**2, lambda b: 1e-3 * np.sin(b)])
def test_a_mistake_that_a_parameter_of_0_hides_is_found_at_the_points_nearby(term):
    def wrong(f, b, x, y):
        right = by_hand(f, x, y)
        return {**right, "b": right["b"] + term(b)}

    f = 0.5 * X
    recorded = loss(*(tg.Value(INPUTS[name], name=name) for name in ("w", "b")), X, Y)
    assert tg.compare(recorded, wrong(f, 0.0, X, Y) | {"f": (f - Y) / 3}).ok
    assert {row.name for row in tg.compare(loss, wrong, INPUTS).rows if row.verdict == "own"} == {"b"}


def test_data_stay_as_they_are_and_the_callers_probes_decide_otherwise():
    seen = []

    def hand(x, f, y):
        seen.append(x.tolist())
        return by_hand(f, x, y)

    tg.compare(loss, hand, INPUTS)
    assert seen == [X.tolist()] * 3
    seen.clear()
    found = tg.compare(loss, hand, INPUTS, probes=lambda rng: {**INPUTS, "x": X[:2] * 2, "y": Y[:2]})
    assert (found.ok, found.probes, seen[1:]) == (True, 3, [[2.0, 4.0]] * 2)


def test_whole_numbers_stay_data():
    found = tg.compare(
        lambda w, labels, n: np.sum(w[labels]) / n,
        lambda w, labels, n: {"w": np.bincount(labels, minlength=len(w)) / n},
        {"w": [0.5, 1.0, 2.0], "labels": [0, 1, 1], "n": 3},
    )
    assert found.ok


def test_a_derivation_may_overwrite_what_it_is_given():
    def in_place(f, x, y):
        f -= y
        f /= len(y)
        x *= f
        return {"f": f, "w": np.sum(x), "b": np.sum(f)}

    assert tg.compare(loss, in_place, INPUTS).ok
    assert X.tolist() == [1.0, 2.0, 4.0]


def test_points_where_the_loss_is_not_defined_are_skipped():
    found = tg.compare(
        lambda w: np.sum(np.log(w)),
        lambda w: {"w": np.where(w > 0, 1 / w, 7.0)},
        {"w": np.array([0.1, 2.0])},
        probes=lambda rng: {"w": np.array([rng.choice([-1.0, 1.0]), 2.0])},
    )
    assert (found.ok, found.probes) == (True, 3)


def test_optional_parameters_of_the_derivation_are_filled_where_their_names_are_known():
    def hand(f, x, y, w=None, rate=0.1):
        assert (w, rate) != (None, 0.1)
        return by_hand(f, x, y)

    assert tg.compare(loss, hand, INPUTS).ok


def test_slips_with_functions():
    says(
        ArgumentError,
        "compare takes a recorded loss and a mapping of gradients, compare(loss, manual), or two functions "
        "and their inputs, compare(loss_fn, manual_fn, inputs).",
        lambda: tg.compare(loss, by_hand),
    )
    says(
        ArgumentError,
        "compare(loss_fn, manual_fn, inputs): with inputs, the first two arguments are functions.",
        lambda: tg.compare(loss, {"w": 1.0}, INPUTS),
    )
    says(
        ArgumentError,
        "The manual function asks for 'wieght'. Did you mean 'weight'?",
        lambda: tg.compare(lambda weight: weight * 2, lambda wieght: {"weight": 2.0}, {"weight": 1.0}),
    )
    says(
        ArgumentError,
        "The manual function returned float64; it must return names -> gradients.",
        lambda: tg.compare(loss, lambda x: x.sum(), INPUTS),
    )
    says(
        DataTypeError,
        "The loss function returned float, not a Value: did it convert its arguments to plain numbers, or "
        "are all inputs whole numbers (1 for 1.0)?",
        lambda: tg.compare(lambda w: w.item(), dict, {"w": 1.0}),
    )


def test_a_parameter_given_as_a_whole_number():
    says(
        ArgumentError,
        "compare: the input 'w' holds no floating point numbers, so it has no gradient. Write "
        "1.0 instead of 1, and give the arrays of a nested structure as inputs of their own.",
        lambda: tg.compare(loss, by_hand, {**INPUTS, "w": 1}),
    )


ALL = "The inputs are the arguments of the loss function, all of them and no others."


def test_inputs_that_are_not_the_arguments_of_the_loss():
    theirs = "the loss function takes w, b, x, y (the manual function f, x, y)"
    without = {name: x for name, x in INPUTS.items() if name != "b"}
    says(
        ArgumentError,
        f"compare: inputs has w, x, y, {theirs}: missing a required argument: 'b'. {ALL}",
        lambda: tg.compare(loss, by_hand, without),
    )
    says(
        ArgumentError,
        f"compare: inputs has w, b, x, y, z, {theirs}: got an unexpected keyword argument 'z'. {ALL}",
        lambda: tg.compare(loss, by_hand, {**INPUTS, "z": 1.0}),
    )


def test_a_mistake_inside_the_loss_is_not_taken_for_one_of_inputs():
    def broken(w, b, x, y):
        return loss(w, b, x)

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        tg.compare(broken, by_hand, INPUTS)
