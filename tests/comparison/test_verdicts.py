"""Mistakes planted at known Values of a small network: each is found, and found there."""

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(5, 3)), RNG.uniform(size=(5, 2))
START = {
    "W1": RNG.normal(size=(3, 4)),
    "b1": RNG.normal(size=4),
    "W2": RNG.normal(size=(4, 2)),
    "b2": RNG.normal(size=2),
}
ORDER = ("a2", "z2", "W2", "b2", "a1", "z1", "W1", "b1")
PARAMETERS = frozenset(START)


def network():
    values = {name: tg.Value(x, name=name) for name, x in START.items()}
    z1 = tg.named(X @ values["W1"] + values["b1"], "z1")
    a1 = tg.named(np.tanh(z1), "a1")
    z2 = tg.named(a1 @ values["W2"] + values["b2"], "z2")
    a2 = tg.named(tg.sigmoid(z2), "a2")
    return np.mean((a2 - Y) ** 2) / 2, {"z1": z1.data, "a1": a1.data, "z2": z2.data, "a2": a2.data}


def by_hand(f, spoilt):
    """The derivation line by line; `spoilt` maps names to what is done to that line, and the rest follows."""
    lines = {
        "a2": lambda g: (f["a2"] - Y) / Y.size,
        "z2": lambda g: g["a2"] * f["a2"] * (1 - f["a2"]),
        "W2": lambda g: f["a1"].T @ g["z2"],
        "b2": lambda g: np.sum(g["z2"], axis=0),
        "a1": lambda g: g["z2"] @ START["W2"].T,
        "z1": lambda g: g["a1"] * (1 - f["a1"] ** 2),
        "W1": lambda g: X.T @ g["z1"],
        "b1": lambda g: np.sum(g["z1"], axis=0),
    }
    g = {}
    for name in ORDER:
        line = spoilt.get(name, lambda right, g: right)
        g[name] = line(lines[name](g), g)
    return g


def verdicts(spoilt, given=ORDER):
    loss, forward = network()
    manual = by_hand(forward, spoilt)
    rows = tg.compare(loss, {name: manual[name] for name in given}).rows
    return {row.name: row.verdict for row in rows if row.name in ORDER}


def factor(right, g):
    return 2 * right


def sign(right, g):
    return -right


def without_slope(right, g):
    return g["a2"]


BEHIND = {
    "a2": {"z2", "W2", "b2", "a1", "z1", "W1", "b1"},
    "z2": {"W2", "b2", "a1", "z1", "W1", "b1"},
    "a1": {"z1", "W1", "b1"},
    "z1": {"W1", "b1"},
    "W1": set(),
    "b2": set(),
}


def test_without_a_mistake_everything_is_correct():
    assert set(verdicts({}).values()) == {"correct"}


@pytest.mark.parametrize("at", BEHIND)
@pytest.mark.parametrize("mistake", [factor, sign])
def test_the_line_of_the_mistake_is_own_and_what_follows_from_it_inherited(at, mistake):
    expected = {name: "inherited" if name in BEHIND[at] else "correct" for name in ORDER} | {at: "own"}
    assert verdicts({at: mistake}) == expected


def test_a_missing_derivative_of_the_sigmoid_is_found_where_it_is_missing():
    found = verdicts({"z2": without_slope})
    assert found["a2"] == "correct"
    assert found["z2"] == "own"
    assert {found[name] for name in BEHIND["z2"]} == {"inherited"}


def test_two_mistakes_at_different_values_are_two_own_errors():
    found = verdicts({"z2": without_slope, "b1": factor})
    assert {name for name, verdict in found.items() if verdict == "own"} == {"z2", "b1"}


def test_a_mistake_behind_another_one_is_own_even_in_a_single_small_element():
    def one_element(right, g):
        right[0, 0] *= 1.001
        return right

    assert verdicts({"a2": factor, "W1": one_element})["W1"] == "own"


def test_a_mistake_at_a_value_between_those_that_are_given_is_inherited_from_there():
    found = verdicts({"z2": without_slope}, given=("a2", "a1", "W1", "b1"))
    assert found["a2"] == "correct"
    assert found["a1"] == "inherited"
    assert found["W1"] == found["b1"] == "inherited"
    assert found["z2"] == "not-compared"


def test_with_parameters_only_those_that_one_mistake_explains_are_inherited():
    found = verdicts({"z1": sign}, given=PARAMETERS)
    assert {name: found[name] for name in PARAMETERS} == {
        "W1": "inherited",
        "b1": "inherited",
        "W2": "correct",
        "b2": "correct",
    }
    assert {found[name] for name in ORDER if name not in PARAMETERS} == {"not-compared"}


def test_two_mistakes_that_undo_each_other_are_both_found():
    found = verdicts({"a2": factor, "z2": lambda right, g: right / 2})
    assert found["a2"] == "own"
    assert {found[name] for name in ORDER if name != "a2"} == {"correct"}


def test_a_gradient_of_another_shape_is_own_if_a_mistake_explains_it_and_else_not_comparable():
    loss, forward = network()
    for wrong, verdict, kind in (
        (by_hand(forward, {})["z1"], "own", "missing-sum"),
        (np.arange(20.0).reshape(5, 4), "not-comparable", "unexplained"),
    ):
        row = tg.compare(loss, {"b1": wrong})["b1"]
        assert row.verdict == verdict
        assert row.note == "has shape (5, 4), must have (4,)"
        assert [finding.kind for finding in row.findings] == [kind]


def test_a_single_number_and_an_array_of_one_are_of_different_shape():
    w = tg.Value(1.0)
    assert tg.compare(w * 2, {"w": [2.0]})["w"].verdict == "not-comparable"
    w = tg.Value([1.0])
    assert tg.compare(np.sum(w * 2), {"w": 2.0})["w"].verdict == "not-comparable"


def test_a_lost_path_is_own():
    x = tg.Value([0.3, -1.2])
    h = np.exp(x)
    loss = np.sum(h * np.sin(h))
    right = np.sin(h.data) + h.data * np.cos(h.data)
    lost = np.sin(h.data)
    assert tg.compare(loss, {"h": right, "x": right * h.data}).ok
    found = tg.compare(loss, {"h": lost, "x": lost * h.data})
    assert (found["h"].verdict, found["x"].verdict) == ("own", "inherited")


@pytest.mark.parametrize("nothing", [None, np.zeros(4)], ids=["None", "zeros"])
def test_a_missing_gradient_is_called_missing(nothing):
    loss, _ = network()
    found = tg.compare(loss, {"b1": nothing})
    (finding,) = found.findings
    assert found["b1"].verdict == "own"
    assert found["b1"].findings == (finding,)
    assert (finding.kind, finding.node) == ("missing-gradient", "b1")
    assert finding.message == "The gradient of b1 is missing, and it is not 0."


@pytest.mark.parametrize("nothing", [None, 0.0], ids=["None", "zero"])
def test_a_gradient_that_is_0_is_not_missing(nothing):
    w = tg.Value(3.0)
    found = tg.compare(w * 0, {"w": nothing})
    assert found.ok
    assert not found.findings


def test_what_was_compared_with_zero_has_an_infinite_relative_error():
    w = tg.Value(3.0)
    row = tg.compare(w * 0, {"w": 1e-3})["w"]
    assert (row.verdict, row.max_relative_error, row.max_absolute_error) == ("own", np.inf, 1e-3)


def test_the_worst_element_is_told():
    w = tg.Value(np.ones((2, 3)))
    row = tg.compare(np.sum(w**2), {"w": [[2, 2, 2], [2, 3, 2.5]]})["w"]
    assert (row.worst_index, row.max_absolute_error, row.max_relative_error) == ((1, 1), 1.0, 0.5)
    assert row.note == "worst at [1, 1]"


def test_an_empty_array_has_a_gradient_without_elements():
    w = tg.Value(np.zeros((0, 3)))
    assert tg.compare(np.sum(w), {"w": np.zeros((0, 3))})["w"].verdict == "correct"


@pytest.mark.parametrize(
    ("start", "manual", "verdict"),
    [
        *((0.0, np.inf, "correct"), (0.0, 5.0, "own"), (0.0, -np.inf, "own"), (0.0, np.nan, "own")),
        *((-1.0, np.nan, "correct"), (-1.0, 5.0, "own"), (4.0, np.nan, "own"), (4.0, np.inf, "own")),
    ],
)
def test_infinite_and_undefined_gradients_agree_only_with_themselves(start, manual, verdict):
    w = tg.Value(start)
    with np.errstate(all="ignore"):
        assert tg.compare(np.sqrt(w), {"w": manual})["w"].verdict == verdict


def test_one_infinite_element_does_not_hide_a_mistake_in_another():
    w = tg.Value([0.0, 4.0])
    with np.errstate(all="ignore"):
        loss = np.sum(np.sqrt(w))
        assert tg.compare(loss, {"w": [np.inf, 0.25]}).ok
        assert tg.compare(loss, {"w": [np.inf, 0.5]})["w"].verdict == "own"
