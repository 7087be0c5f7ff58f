"""Several mistakes at once, where only the gradients of parameters are given: each is told once."""

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(5)
INPUTS = {
    "W1": RNG.normal(size=(4, 5)),
    "b1": RNG.normal(size=5),
    "W2": RNG.normal(size=(5, 3)),
    "b2": RNG.normal(size=3),
    "X": RNG.normal(size=(7, 4)),
    "Y": np.eye(3)[RNG.integers(0, 3, 7)],
}
LINES = {
    "z2": "(p - Y) / len(X)",
    "W2": "a1.T @ dz2",
    "b2": "dz2.sum(axis=0)",
    "a1": "dz2 @ W2.T",
    "z1": "da1 * (1 - a1**2)",
    "W1": "X.T @ dz1",
    "b1": "dz1.sum(axis=0)",
}


TOGETHER = (
    "together with what is said before, this explains all 75 numbers in the gradients of b1 and W1, "
    "at 3 points."
)


def loss(W1, b1, W2, b2, X, Y):
    z1 = X @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    e = np.exp(z2 - np.max(z2, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.sum(Y * np.log(p)) / len(X)


def compared(**wrong):
    def by_hand(X, Y, W2, z1, a1, p):
        space = {"X": X, "Y": Y, "W2": W2, "z1": z1, "a1": a1, "p": p}
        for name, line in {**LINES, **wrong}.items():
            space[f"d{name}"] = eval(line, space)
        return {name: space[f"d{name}"] for name in ("W1", "b1", "W2", "b2")}

    return tg.compare(loss, by_hand, INPUTS)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"z2": "p - Y", "z1": "da1", "b1": "dz1.mean(axis=0)"},
            [("z2", "constant-factor"), ("z1", "missing-derivative"), ("b1", "mean-for-sum")],
        ),
        (
            {"z2": "p - Y", "z1": "da1", "b2": "-dz2.sum(axis=0)"},
            [("z2", "constant-factor"), ("z1", "missing-derivative"), ("b2", "sign")],
        ),
        (
            {"z2": "(Y - p) / len(X)", "z1": "da1 * (1 - z1**2)", "W1": "X.T @ dz1 / len(X)"},
            [("z2", "sign"), ("z1", "wrong-point"), ("W1", "mean-for-sum")],
        ),
        (
            {"z2": "(p - Y) / Y.size", "b2": "dz2", "W2": "z1.T @ dz2"},
            [("z2", "constant-factor"), ("b2", "missing-sum"), ("W2", "operand")],
        ),
        (
            {"z2": "(Y - p) / len(X)", "b2": "dz2.mean(axis=0)", "b1": "dz1.mean(axis=0)"},
            [("z2", "sign"), ("b2", "mean-for-sum"), ("b1", "mean-for-sum")],
        ),
        (
            {"z2": "p - Y", "a1": "2 * dz2 @ W2.T", "z1": "da1"},
            [("z2", "constant-factor"), ("z1", "missing-derivative"), ("z1", "constant-factor")],
        ),
    ],
)
def test_three_mistakes_are_three_findings(wrong, told):
    assert [(finding.node, finding.kind) for finding in compared(**wrong).findings] == told


@pytest.mark.parametrize("line", ["p - Y", "(Y - p) / len(X)", "2 * (p - Y) / len(X)"])
def test_the_right_line_of_a_softmax_and_its_loss_is_a_teachers(line):
    (finding,) = compared(z2=line).findings
    assert (finding.node, finding.correction) == ("z2", "dz2 = (p - Y) / len(X)")


def test_what_explains_only_together_says_so():
    found = compared(z2="p - Y", a1="2 * dz2 @ W2.T", z1="da1")
    lines = found.told().splitlines()
    explains = [line.split("; ")[-1] for line in lines if "Off by" in line]
    assert explains == [
        "this explains all 54 numbers in the gradients of b2 and W2, at 3 points.",
        "   Off by up to 24.9 times the largest element of the right gradient.",
        TOGETHER,
    ]
    assert [line.strip() for line in lines if "Right would be" in line] == [
        "Right would be  dz2 = (p - Y) / len(X)",
        "Right would be  dz1 = da1 * (1 - a1 * a1)",
    ]


def test_a_line_that_may_be_right_in_itself_is_written_out():
    """Where all that follows from dz2 is wrong, to write dW2 = a1.T @ dz2 again teaches nothing."""
    found = compared(z2="p - Y", W2="z1.T @ dz2", b1="dz1.mean(axis=0)")
    assert found["b2"].findings[0].correction == "db2 = np.sum((p - Y) / len(X), axis=0)"
    (sign,) = compared(W2="-a1.T @ dz2").findings
    assert sign.correction == "dW2 = a1.T @ dz2"  # db2 is right, and so was dz2


def test_places_that_were_not_given_are_told_in_the_summary():
    assert compared(z2="p - Y", z1="da1", b2="-dz2.sum(axis=0)").summary() == (
        "The mistakes are at z2 (whose gradient was not given), z1 (whose gradient was not given) and b2, or "
        "on the way from b2 to the loss; W2, b1 and W1 are wrong only because of that."
    )


def test_the_same_at_another_place_is_told_in_a_few_words():
    assert "The same numbers can also mean: The same at p or at e.\n" in compared(z2="p - Y").told()


def test_a_wrong_sign_is_no_step_of_an_update():
    found = compared(W2="-a1.T @ dz2", b2="-dz2.sum(axis=0)", W1="2 * dz1.sum() * X.T @ dz1")
    assert [(f.node, f.kind) for f in found.findings] == [
        ("b2", "sign"),
        ("W2", "sign"),
        ("W1", "unexplained"),
    ]


LINE = {"w": RNG.normal(size=4), "b": RNG.normal(), "X": RNG.normal(size=(11, 4)), "y": RNG.uniform(size=11)}


def test_what_a_meeting_mistake_explains_is_not_told_a_second_time():
    def ridge(w, b, X, y):
        r = X @ w + b - y
        return np.mean(r**2) + 0.05 * np.sum(w**2)

    found = tg.compare(ridge, lambda X, r: {"w": X.T @ (2 * r), "b": np.sum(2 * r)}, LINE).findings
    assert [(f.node, f.kind) for f in found] == [("r", "constant-factor"), ("w", "regularisation")]


def test_the_factor_beside_a_mistake_is_seen_in_a_later_row_where_the_first_is_one_number():
    def logistic(w, b, X, y):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def by_hand(X, y, p):
        dz = (p - y) / (p * (1 - p))
        return {"w": X.T @ dz, "b": np.sum(dz)}

    found = tg.compare(logistic, by_hand, LINE).findings
    assert [(f.node, f.kind) for f in found] == [("z", "missing-derivative"), ("z", "constant-factor")]


def test_rounding_that_a_mistake_makes_larger_is_no_second_mistake():
    """A bias before a normalisation has no gradient; what rounding leaves of it grows with what comes in."""

    def loss(W, b, g, X, Y):
        h = X @ W + b
        d = h - np.mean(h, axis=0)
        n = d / np.sqrt(np.mean(d**2, axis=0))
        o = g * n
        return np.sum((o - Y) ** 2)

    def by_hand(g, X, Y, h, n, o):
        dn = 2 * (o - Y)  # without g
        s = h.std(axis=0)
        dh = (dn - dn.mean(axis=0) - n * (dn * n).mean(axis=0)) / s
        return {"W": X.T @ dh, "b": np.sum(dh, axis=0), "g": np.sum(2 * (o - Y) * n, axis=0)}

    X, Y = RNG.normal(size=(11, 4)), RNG.normal(size=(11, 3))
    inputs = {
        "W": RNG.normal(size=(4, 3)),
        "b": np.zeros(3),
        "g": 1e-7 * RNG.uniform(1, 2, 3),
        "X": X,
        "Y": Y,
    }
    found = tg.compare(loss, by_hand, inputs)
    assert [(f.node, f.kind) for f in found.findings] == [("n", "missing-derivative")]
    assert found["b"].verdict in ("inherited", "rounding")
