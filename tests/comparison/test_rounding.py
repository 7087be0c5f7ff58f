"""What is rounding is measured: correct gradients in any order of arithmetic pass, small mistakes do not."""

import numpy as np
import pytest
from comparison.reformulations import ARITHMETICS, MODELS, PLAIN, network, reformulated, spread

import tinygrad_edu as tg


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_no_correct_gradient_is_called_wrong(model):
    for arithmetic in ARITHMETICS.values():
        for seed in range(2):
            loss, manual = reformulated(model, arithmetic, seed)
            tg.compare(loss, manual).raise_if_wrong()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_loop_over_many_numbers_is_right(dtype):
    x = 3 + np.random.default_rng(0).normal(size=100_000).astype(dtype)
    w = tg.Value(dtype(0.5))
    total = dtype(0)
    for term in (dtype(0.5) * x - 1) * x:
        total = total + term
    loss = np.mean((w * x - 1) ** 2) / 2
    assert tg.compare(loss, {"w": total / dtype(len(x))})["w"].verdict == "correct"
    assert tg.compare(loss, {"w": total / dtype(len(x) - 1000)})["w"].verdict == "own"


def test_zero_by_cancellation_is_rounding():
    x = tg.Value(np.random.default_rng(0).normal(size=49))
    loss = np.sum(x - np.mean(x))
    assert tg.compare(loss, {"x": np.full(49, 3e-16)})["x"].verdict == "rounding"
    assert tg.compare(loss, {"x": np.full(49, 1e-9)})["x"].verdict == "own"


@pytest.mark.parametrize("mistake", [1 + 1e-6, 1 + 1e-9, 2, -1], ids=["1e-6", "1e-9", "factor", "sign"])
@pytest.mark.parametrize(
    "model", [name for name in MODELS if name not in ("line, trained", "normalisation, all cancels")]
)
def test_a_small_relative_mistake_is_not_rounding(model, mistake):
    loss, manual = reformulated(MODELS[model], PLAIN, seed=1)
    for name, gradient in manual.items():
        found = tg.compare(loss, {**manual, name: mistake * gradient})
        assert {row.name for row in found.rows if row.verdict == "own"} == {name}


def test_a_factor_of_2_on_a_tiny_gradient_is_a_mistake():
    x = tg.Value(1e-3)
    loss = 1e-4 * x**2
    assert tg.compare(loss, {"x": 2e-7})["x"].verdict == "correct"
    assert tg.compare(loss, {"x": 4e-7})["x"].verdict == "own"


def test_a_single_wrong_element_of_a_large_array_is_found():
    loss, manual = reformulated(lambda rng: spread(rng, 100_000), PLAIN, seed=0)
    assert tg.compare(loss, manual)["v"].verdict == "correct"
    manual["v"][77_777] *= 1 + 1e-6
    row = tg.compare(loss, manual)["v"]
    assert (row.verdict, row.worst_index) == ("own", (77_777,))


def test_a_gradient_in_single_precision_does_not_excuse_one_in_double_precision():
    w, v = tg.Value(2.0), tg.Value(3.0)
    found = tg.compare(w * v, {"w": np.float32(3), "v": 2 * (1 + 1e-6)})
    assert (found["w"].verdict, found["v"].verdict) == ("correct", "own")


def test_what_follows_from_a_gradient_in_single_precision_is_right():
    w = tg.Value([0.1, 0.2, 0.3])
    h = np.exp(w)
    loss = np.sum(h**2)
    single = (2 * h.data).astype(np.float32)
    found = tg.compare(loss, {"h": single, "w": single.astype(np.float64) * h.data})
    assert [found[name].verdict for name in ("h", "w")] == ["correct", "correct"]


def test_a_small_mistake_is_not_inherited_from_gradients_that_are_right_up_to_rounding():
    x = tg.Value([1.0, 2.0, 3.0])
    small = np.array([1.0, 1.0, 1e-10])
    h = x * small
    upstream = 2 * h.data * (1 + 4e-16)
    found = tg.compare(np.sum(h**2), {"h": upstream, "x": upstream * small * [1, 1, 2]})
    assert (found["h"].verdict, found["x"].verdict) == ("correct", "own")


def test_data_written_between_two_uses_are_judged_as_they_were_recorded():
    w, x = tg.Value(2.0), np.array([3.0])
    a = w * x
    w.data, x[0] = 5.0, 11.0
    loss = np.sum(a * (w * x))
    right = 3.0 * (5 * 11) + 11.0 * (2 * 3)
    assert tg.compare(loss, {"w": right})["w"].verdict == "correct"
    assert tg.compare(loss, {"w": right * 1.01})["w"].verdict == "own"


def test_a_graph_in_single_precision_is_judged_in_single_precision():
    _, _, inputs = network(np.random.default_rng(3))
    W, X = (inputs[name].astype(np.float32) for name in ("W1", "X"))
    loss = np.mean(np.tanh(X @ tg.Value(W, name="W")) ** 2)
    a = np.tanh(X.astype(np.float64) @ W)
    right = X.T @ (2 * a * (1 - a**2) / a.size)
    assert tg.compare(loss, {"W": right})["W"].verdict == "correct"
    assert tg.compare(loss, {"W": right * 1.001})["W"].verdict == "own"


@pytest.mark.parametrize("z", [[20.0, 1.0], [18.0, -30.0, 5.0], [12.0, -11.0, 5.0]])
def test_a_formula_by_hand_may_cancel_where_the_rules_do_not(z):
    """p - t loses the digits that the chain rule, through p (1 - p), keeps where the sigmoid is saturated."""
    v, t = tg.Value(z, name="z"), (np.array(z) > 0).astype(float)
    p = 1 / (1 + np.exp(-v))
    loss = -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p))
    assert tg.compare(loss, {"z": 1 / (1 + np.exp(-np.array(z))) - t}).ok


@pytest.mark.parametrize("off", [1e-12, 1e-9, 1e-6])
def test_a_slight_deviation_is_no_mistake_of_the_catalogue(off):
    a = tg.Value([1.0, 2.0, 3.0], name="a")
    (finding,) = tg.compare(np.sum(a**2), {"a": 2 * a.data * (1 + off)}).findings
    assert (finding.kind, finding.node) == ("unexplained", "a")
    assert finding.message == (
        f"The gradient of a deviates by up to {off:.1e} of its size: more than rounding, and less than a "
        "mistake in a derivation makes; was it typed in, or found by differences?"
    )


@pytest.mark.parametrize(
    "loss",
    [
        lambda z, t: np.mean(t * np.log(1 + np.exp(-z)) + (1 - t) * np.log(1 + np.exp(z))),
        lambda z, t: np.mean(np.log1p(np.exp(-z)) + (1 - t) * z),
        lambda z, t: -np.mean(t * np.log(1 / (1 + np.exp(-z))) + (1 - t) * np.log(1 / (1 + np.exp(z)))),
        lambda z, t: -np.mean(t * np.log(tg.sigmoid(z)) + (1 - t) * np.log(tg.sigmoid(-z))),
    ],
)
@pytest.mark.parametrize("size", [10.0, 25.0, 30.0, 34.0, 40.0])
def test_p_minus_t_is_right_where_the_sigmoid_is_saturated(loss, size):
    for z in (np.array([size]), np.array([-size])):
        for t in (np.array([0.0]), np.array([1.0])):
            p = 1 / (1 + np.exp(-z))
            assert tg.compare(loss(tg.Value(z, name="z"), t), {"z": p - t}).ok
            if size <= 30:
                assert not tg.compare(loss(tg.Value(z, name="z"), t), {"z": 2 * (p - t)}).ok


@pytest.mark.parametrize("times", [1, -1, 3, 0])
def test_where_a_wrong_sign_would_pass_nothing_is_said_to_agree(times):
    z, w = tg.Value([40.0], name="z"), tg.Value(2.0, name="w")
    loss = np.mean(np.log1p(np.exp(z)) - z) + w**2
    p = 1 / (1 + np.exp(-z.data))
    found = tg.compare(loss, {"z": times * (p - 1), "w": 4.0})
    assert found.ok
    assert (found["z"].verdict, found["z"].tested, found["w"].tested) == ("rounding", False, True)
    assert found["z"].note == "a wrong sign or factor would pass too: compare at other inputs"
    assert found.summary() == (
        "The other manual gradient agrees with the automatic one. Nothing could be tested at z: the right "
        "gradient is 0 there up to rounding, so a wrong sign or factor would pass too. Compare at other "
        "inputs."
    )
    assert "not tested: rounding only" in found.text()
    alone = tg.compare(loss, {"z": times * (p - 1)}).summary()
    assert alone.startswith("Nothing could be tested at z: the right gradient is 0 there up to rounding")
    wrong = tg.compare(loss, {"z": times * (p - 1), "w": -4.0}).summary()
    assert wrong.startswith("The mistake is at w. Nothing could be tested at z:")


def test_one_point_at_which_something_can_be_tested_is_enough():
    def loss(w, x):
        return np.sum(tg.relu(w * x))

    def probes(rng):
        return {"w": abs(rng.normal()), "x": np.ones(3)}

    def by_hand(w, x):
        return {"w": np.sum(x * (w * x > 0))}

    dead = {"w": -1.0, "x": np.ones(3)}
    row = tg.compare(loss, by_hand, dead, probes=probes)["w"]
    assert (row.verdict, row.tested) == ("correct", True)
    assert not tg.compare(loss, by_hand, dead)["w"].tested


def test_where_the_automatic_gradient_is_not_finite_no_line_is_said_to_be_wrong():
    z, t = tg.Value([40.0, 1.0], name="z"), np.array([1.0, 0.0])
    with np.errstate(all="ignore"):
        p = tg.sigmoid(z)
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        found = tg.compare(loss, {"z": (p.data - t) / 2})
        wrong = tg.compare(loss, {"z": (p.data - t) * [1, -1]})
    assert not found.ok
    assert found["z"].note == "the automatic gradient is not finite: compare at other inputs"
    assert found.summary() == (
        "Nothing could be tested at z: the automatic gradient is infinite or not a number there. Compare at "
        "other inputs."
    )
    assert "not tested: not finite" in found.text()
    assert "Right would be" not in found.told()
    assert (wrong["z"].verdict, wrong["z"].tested) == ("own", True)  # in its other element


def test_a_gradient_without_elements_is_right():
    x = tg.Value(np.zeros((0, 2)), name="x")
    assert tg.compare(np.sum(x), {"x": np.ones((0, 2))})["x"].verdict == "correct"


def test_a_small_exponential_alone_hides_nothing():
    z = np.array([-30.0])
    assert not tg.compare(np.sum(np.exp(tg.Value(z, name="z"))), {"z": np.exp(z) * 1.0001}).ok


@pytest.mark.parametrize("size", [5.0, 8.0, 10.0, 20.0])
def test_what_follows_from_p_minus_t_is_right_too_where_the_sigmoid_is_saturated(size):
    rng = np.random.default_rng(1)
    t = rng.integers(0, 2, 6)
    X = rng.uniform(0.5, 1, (6, 2)) * (2 * t[:, None] - 1)
    w, b = tg.Value([size, size], name="w"), tg.Value(0.1, name="b")
    z = tg.named(X @ w + b, "z")
    p = 1 / (1 + np.exp(-z))
    loss = (
        -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        if size < 20
        else np.mean(np.log1p(np.exp(z)) - t * z)
    )
    dz = (p.data - t) / 6
    assert tg.compare(loss, {"z": dz, "w": X.T @ dz, "b": dz.sum()}).ok
    assert tg.compare(loss, {"w": X.T @ dz, "b": dz.sum()}).ok
    assert not tg.compare(loss, {"w": 2 * X.T @ dz, "b": dz.sum()}).ok
