"""Activations that are written out are differentiated as one step, as people do."""

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(5)
INPUTS = {"w": RNG.normal(size=3), "x": RNG.normal(size=(7, 3)), "y": RNG.uniform(size=7)}


def loss(w, x, y):
    z = x @ w
    a = 1 / (1 + np.exp(-z))
    return np.mean((a - y) ** 2)


@pytest.mark.parametrize(
    ("slope", "kind"),
    [
        (lambda z, a: 1, "missing-derivative"),
        (lambda z, a: (a * (1 - a)) ** 2, "repeated-derivative"),
        (lambda z, a: z * (1 - z), "wrong-point"),
        (lambda z, a: 1 - a**2, "wrong-activation"),
        (lambda z, a: 1 - np.tanh(z) ** 2, "wrong-activation"),
    ],
)
@pytest.mark.parametrize("given", [("a", "z", "w"), ("w",)], ids=["intermediates", "parameters"])
def test_a_mistake_in_the_derivative_of_a_sigmoid_that_is_written_out(slope, kind, given):
    def by_hand(x, y, z, a):
        da = 2 * (a - y) / len(y)
        dz = da * slope(z, a)
        found = {"a": da, "z": dz, "w": x.T @ dz}
        return {name: found[name] for name in given}

    (finding,) = tg.compare(loss, by_hand, INPUTS).findings
    assert (finding.kind, finding.node) == (kind, "z")


def test_a_right_derivative_of_it_is_right():
    def by_hand(x, y, a):
        return {"w": x.T @ (2 * (a - y) / len(y) * a * (1 - a))}

    assert tg.compare(loss, by_hand, INPUTS).ok


@pytest.mark.parametrize("bend", [tg.sigmoid, lambda z: 1 / (1 + np.exp(-z))], ids=["sigmoid", "written out"])
def test_the_other_side_of_a_missing_slope_is_seen_where_the_sigmoid_is_saturated(bend):
    x, y = RNG.normal(size=(7, 3)), np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0])

    def squared(w):
        z = x @ w
        a = tg.named(bend(z), "a")
        return np.mean((a - y) ** 2) / 2

    w = tg.Value([30.0, -40.0, 50.0], name="w")
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-(x @ w.data)))
        found = tg.compare(squared(w), {"w": x.T @ (p - y) / 7})
    assert 1.0 in p
    (finding,) = found.findings
    assert (finding.kind, finding.node) == ("missing-derivative", "z")
    assert "This is the gradient of the binary cross-entropy, but the loss is half the squared error." in {
        other.message for other in finding.alternatives
    }
