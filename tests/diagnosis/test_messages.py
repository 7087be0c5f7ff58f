"""What a finding says, word by word, in the names of the person who made the mistake."""

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import GradientError

RNG = np.random.default_rng(3)
INPUTS = {
    "W1": RNG.normal(size=(2, 3)),
    "b1": RNG.normal(size=3),
    "W2": RNG.normal(size=(3, 1)),
    "b2": RNG.normal(size=1),
    "x": RNG.normal(size=(7, 2)),
    "y": RNG.uniform(size=(7, 1)),
}


def loss(W1, b1, W2, b2, x, y):
    z1 = x @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    a2 = tg.sigmoid(z2)
    return np.sum((a2 - y) ** 2) / (2 * len(x))


def lines(wrong):
    """The derivation; `wrong` maps a name to another function for its line."""
    right = {
        "a2": lambda s, g: (s["a2"] - s["y"]) / len(s["x"]),
        "z2": lambda s, g: g["a2"] * s["a2"] * (1 - s["a2"]),
        "W2": lambda s, g: s["a1"].T @ g["z2"],
        "b2": lambda s, g: np.sum(g["z2"], axis=0),
        "a1": lambda s, g: g["z2"] @ s["W2"].T,
        "z1": lambda s, g: g["a1"] * (1 - s["a1"] ** 2),
        "W1": lambda s, g: s["x"].T @ g["z1"],
        "b1": lambda s, g: np.sum(g["z1"], axis=0),
    }

    def by_hand(W2, x, y, a1, a2, z1):
        s = {"W2": W2, "x": x, "y": y, "a1": a1, "a2": a2, "z1": z1}
        g = {}
        for name, line in {**right, **wrong}.items():
            g[name] = line(s, g)
        return g

    return by_hand


def findings(wrong, given=None):
    hand = lines(wrong)

    def by_hand(W2, x, y, a1, a2, z1):
        found = hand(W2, x, y, a1, a2, z1)
        return {name: found[name] for name in given or found}

    return tg.compare(loss, by_hand, INPUTS)


@pytest.mark.parametrize(
    ("name", "wrong", "kind", "message", "correction"),
    [
        (
            "z2",
            lambda s, g: g["a2"],
            "missing-derivative",
            "The derivative of `a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`.",
            "dz2 = da2 * a2 * (1 - a2)",
        ),
        (
            "z1",
            lambda s, g: g["a1"] * s["a1"] * (1 - s["a1"]),
            "wrong-activation",
            (
                "The derivative of sigmoid is used in place of that of `a1 = np.tanh(z1)`, which is "
                "`1 - a1 * a1`."
            ),
            "dz1 = da1 * (1 - a1 * a1)",
        ),
        (
            "z1",
            lambda s, g: g["a1"] * (1 - s["z1"] ** 2),
            "wrong-point",
            "The derivative of `a1 = np.tanh(z1)` is taken at `z1`: it is `1 - a1 * a1`.",
            "dz1 = da1 * (1 - a1 * a1)",
        ),
        (
            "b1",
            lambda s, g: g["z1"],
            "missing-sum",
            "The gradient of b1 must be summed over the axes of its broadcast.",
            "db1 = np.sum(dz1, axis=0)",
        ),
        (
            "b1",
            lambda s, g: np.mean(g["z1"], axis=0),
            "mean-for-sum",
            "The gradient of b1 is a sum of 7 terms, not their mean.",
            "db1 = np.sum(dz1, axis=0)",
        ),
        (
            "W2",
            lambda s, g: s["z1"].T @ g["z2"],
            "operand",
            "`z1` is used where `a1` belongs (in what follows from `a1 @ W2`).",
            "dW2 = a1.T @ dz2",
        ),
        (
            "W1",
            lambda s, g: -s["x"].T @ g["z1"],
            "sign",
            (
                "The gradient of W1 has the wrong sign (or the direction of the update is given, which is "
                "minus the gradient)."
            ),
            "dW1 = x.T @ dz1",
        ),
        (
            "a2",
            lambda s, g: s["a2"] - s["y"],
            "constant-factor",
            "The gradient of a2 is len(x) times what it must be: divide by len(x).",
            "da2 = (a2 - y) / 7",
        ),
    ],
)
def test_the_sentence_and_the_right_line(name, wrong, kind, message, correction):
    (finding,) = findings({name: wrong}).findings
    assert (finding.kind, finding.node, finding.place) == (kind, name, name)
    assert finding.message == message
    assert finding.correction == correction
    assert finding.residual < 1e-12
    assert finding.before > 1e-3
    assert finding.probes == 3
    assert finding.rows == (name,)


def test_parameters_alone_lead_to_a_value_that_was_not_given():
    found = findings({"z2": lambda s, g: g["a2"]}, given=("W1", "b1", "W2", "b2"))
    (finding,) = found.findings
    assert (finding.kind, finding.node) == ("missing-derivative", "z2")
    assert set(finding.rows) == {"W1", "b1", "W2", "b2"}
    assert {found[name].verdict for name in finding.rows} == {"inherited"}
    assert {found[name].note for name in finding.rows} == {"because of z2"}
    assert found.summary() == (
        "The mistake is at z2, whose gradient was not given; b2, W2, b1 and W1 are wrong only because of "
        "that."
    )
    assert not found.ok


def test_a_published_network_that_drops_the_slope_of_its_output_is_seen_from_both_sides():
    (finding,) = findings({"z2": lambda s, g: g["a2"]}, given=("W1", "b1", "W2", "b2")).findings
    others = {other.kind: other.message for other in finding.alternatives}
    assert others["wrong-loss"] == (
        "This is the gradient of the binary cross-entropy, but the loss is half the squared error."
    )


def test_two_mistakes_at_different_values_are_told_apart():
    found = findings({"z2": lambda s, g: g["a2"], "W1": lambda s, g: -s["x"].T @ g["z1"]})
    assert [(f.kind, f.node) for f in found.findings] == [("missing-derivative", "z2"), ("sign", "W1")]


def test_two_mistakes_at_different_values_are_told_apart_from_the_parameters_alone():
    wrong = {"z2": lambda s, g: g["a2"], "W1": lambda s, g: -s["x"].T @ g["z1"]}
    found = findings(wrong, given=("W1", "b1", "W2", "b2"))
    assert [(f.kind, f.node) for f in found.findings] == [("missing-derivative", "z2"), ("sign", "W1")]


def test_two_mistakes_in_one_line_are_two_findings():
    found = findings({"z2": lambda s, g: -g["a2"]})
    assert [(f.kind, f.node, f.message) for f in found.findings] == [
        (
            "missing-derivative",
            "z2",
            "The derivative of `a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`.",
        ),
        ("sign", "z2", "Besides, the sign is wrong."),
    ]


def test_what_nothing_explains_is_unexplained():
    (finding,) = findings({"W1": lambda s, g: np.abs(s["x"].T @ g["z1"]) ** 1.5}).findings
    assert finding.kind == "unexplained"
    assert finding.message == "No known mistake explains the gradient of W1: 6 of its 6 elements are wrong."
    assert finding.correction == "dW1 = x.T @ dz1"


def test_a_mistake_in_one_element_is_unexplained():
    def line(s, g):
        right = s["x"].T @ g["z1"]
        right[0, 0] *= 1 + 1e-6
        return right

    (finding,) = findings({"W1": line}).findings
    assert (finding.kind, finding.node) == ("unexplained", "W1")


def test_gradients_that_are_not_numbers_are_unexplained():
    (finding,) = findings({"W1": lambda s, g: np.full((2, 3), np.nan)}).findings
    assert finding.kind == "unexplained"


def test_all_readings_of_a_factor_are_told_the_plain_number_first():
    x, y = np.array([1.0, 2.0]), np.array([0.5, 3.0])
    w = tg.Value([0.3, 0.8], name="w")
    Q = np.mean((w * x - y) ** 2) / 2
    (finding,) = tg.compare(Q, {"w": (w.data * x - y) * x}).findings
    assert (finding.kind, finding.node) == ("constant-factor", "w")
    assert finding.message == "The gradient of w is twice what it must be: divide by 2."
    others = [other.message for other in finding.alternatives if other.node == "w"]
    assert "The gradient of w is len(w) times what it must be: divide by len(w)." in others


def test_findings_are_in_the_table_the_error_the_notebook_and_json():
    found = findings({"z2": lambda s, g: g["a2"]})
    (finding,) = found.findings
    line = f"At z2: {finding.message}\n   Right would be  {finding.correction}\n"
    assert line in str(found)
    assert "The derivative of <code>a2 = sigmoid(z2)</code> is missing" in found._repr_html_()
    with pytest.raises(GradientError) as raised:
        found.raise_if_wrong()
    assert line in str(raised.value)
    held = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    (told,) = next(row["findings"] for row in held["rows"] if row["name"] == "z2")
    assert (told["kind"], told["node"], told["message"]) == ("missing-derivative", "z2", finding.message)
    assert told["alternatives"][0]["kind"] == finding.alternatives[0].kind
