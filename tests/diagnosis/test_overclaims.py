"""Slips that were once given a wrong name, and those whose name was to be found."""

import numpy as np
import pytest

import tinygrad_edu as tg

RNG = np.random.default_rng(7)
REGRESSION = {"w": RNG.normal(size=3), "b": 0.4, "X": RNG.normal(size=(7, 3)), "y": RNG.normal(size=7)}


def squared(w, b, X, y):
    f = X @ w + b
    return np.mean((f - y) ** 2)


def gradients(w, b, X, y):
    df = 2 * (X @ w + b - y) / len(y)
    return {"w": X.T @ df, "b": np.sum(df)}


def named(loss, by_hand, inputs):
    """Kind and node of each finding."""
    return [(f.kind, f.node) for f in tg.compare(loss, by_hand, inputs).findings]


@pytest.mark.parametrize("given", [("w", "b"), ("b",), ("w",)])
def test_a_forgotten_bias_is_no_penalty(given):
    def by_hand(w, b, X, y):
        return {name: g for name, g in gradients(w, 0.0, X, y).items() if name in given}

    (finding,) = tg.compare(squared, by_hand, REGRESSION).findings
    assert (finding.kind, finding.node) == ("operand", "f")
    assert finding.message == "`f = X @ w + b` is computed without b, as if b were 0."


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (lambda w: np.sum(w * np.sin(w)), np.sin),
        (lambda w: np.sum(w * np.sin(w)), lambda w: w * np.cos(w)),
        (lambda w: np.sum(w**2 * np.exp(w)), lambda w: 2 * w * np.exp(w)),
        (lambda w: np.sum(w * (w - 1)), lambda w: w),
        (lambda w: np.sum((w - np.mean(w)) ** 3), lambda w: 3 * (w - np.mean(w)) ** 2),
    ],
)
def test_a_lost_term_of_the_product_rule_is_no_penalty(loss, slope):
    (finding,) = tg.compare(loss, lambda w: {"w": slope(w)}, {"w": RNG.normal(size=5)}).findings
    kinds = {one.kind for one in (finding, *finding.alternatives)}
    assert "lost-path" in kinds
    assert "regularisation" not in kinds


def test_half_of_a_square_that_is_a_product_is_one_term_of_two():
    (finding,) = tg.compare(
        lambda v: np.sum(v * v) + np.sum(np.sin(v)), lambda v: {"v": v + np.cos(v)}, {"v": RNG.normal(size=5)}
    ).findings
    assert (finding.kind, finding.node) == ("lost-path", "v")
    assert (
        finding.message == "`v * v` uses v twice, and only one of the two terms of its derivative is there."
    )


@pytest.mark.parametrize("inputs", [{"a": 1.3, "b": 0.4}, {"a": RNG.normal(size=3), "b": RNG.normal(size=3)}])
def test_a_number_that_was_fitted_is_no_half_of_two_mistakes(inputs):
    def by_hand(a, b):
        return {"a": a + 1, "b": 2 * b}

    assert named(lambda a, b: np.sum(a**2 + b**2), by_hand, inputs) == [("unexplained", "a")]


def test_a_number_fitted_to_one_gradient_is_doubted_where_another_is_unexplained():
    def by_hand(w, b, X, y):
        df = 2 * (X @ w + b - y + b) / len(y)
        return {"w": X.T @ df, "b": np.sum(df)}

    assert {kind for kind, _ in named(squared, by_hand, REGRESSION)} == {"unexplained"}


@pytest.mark.parametrize(
    ("strength", "kind"), [(0.05, "regularisation"), (-0.05, "unexplained"), (0.0512347, "unexplained")]
)
def test_a_penalty_that_the_loss_lacks_has_a_strength_that_somebody_chooses(strength, kind):
    def by_hand(w, b, X, y):
        right = gradients(w, b, X, y)
        return {**right, "w": right["w"] + strength * w}

    assert named(squared, by_hand, REGRESSION) == [(kind, "w")]


@pytest.mark.parametrize("rate", [0.1, 0.037])
def test_the_step_of_an_update_is_told_as_such(rate):
    def by_hand(w, b, X, y):
        return {name: -rate * g for name, g in gradients(w, b, X, y).items()}

    (finding,) = tg.compare(squared, by_hand, REGRESSION).findings
    assert (finding.kind, finding.rows) == ("sign", ("b", "w"))
    assert finding.message == (
        f"This is the step by which gradient descent moves w and b, -{rate} times the gradient: give the "
        "gradient itself."
    )


def test_the_gradient_after_an_update_is_told_as_such():
    def by_hand(w, b, X, y):
        first = gradients(w, b, X, y)
        return gradients(w - 0.1 * first["w"], b - 0.1 * first["b"], X, y)

    (finding,) = tg.compare(squared, by_hand, REGRESSION).findings
    assert (finding.kind, finding.rows) == ("stale-parameters", ("b", "w"))
    assert finding.message == (
        "The gradient is taken after w and b were updated (with the learning rate 0.1): compute it before "
        "they move."
    )


def test_a_mean_subtracted_is_no_step_with_the_rate_1():
    def loss(w, b, x, y):
        f = x * w + b
        return np.mean((f - y) ** 2) / 2

    def by_hand(w, b, x, y):
        df = (x * w + b - y) / len(y)
        return {"w": np.sum(df * (x - np.mean(x))), "b": np.sum(df)}

    inputs = {"w": 0.3, "b": 0.4, "x": REGRESSION["X"][:, 0], "y": REGRESSION["y"]}
    assert named(loss, by_hand, inputs) == [("unexplained", "w")]


def test_two_mistakes_in_one_line_are_put_together_in_the_order_of_the_chain_rule():
    def loss(a, k, t, y):
        g = k * t
        d = np.exp(-g)
        return np.sum((a * d - y) ** 2)

    def by_hand(a, k, t, y):
        d = np.exp(-k * t)
        r = 2 * (a * d - y)
        return {"a": np.sum(r * d), "k": np.sum(-r * a * (d - 1) * t)}

    inputs = {"a": 1.5, "k": 0.3, "t": np.arange(1.0, 8.0), "y": REGRESSION["y"]}
    assert named(loss, by_hand, inputs) == [("unexplained", "k")]


def test_a_missing_factor_of_two_is_told_as_a_plain_number_first():
    inputs = {"w": REGRESSION["w"][:2], "X": REGRESSION["X"][:, :2], "y": REGRESSION["y"]}

    def loss(w, X, y):
        return np.mean((X @ w - y) ** 2)

    found = tg.compare(loss, lambda w, X, y: {"w": X.T @ (X @ w - y) / len(y)}, inputs)
    messages = [one.message for f in found.findings for one in (f, *f.alternatives)]
    assert messages[0] == "The gradient of w is half of what it must be: multiply by 2."
    assert any("multiply by X.shape[1]" in message for message in messages)


def test_a_factor_that_no_count_makes_is_told_with_its_size():
    (finding,) = tg.compare(
        squared, lambda w, b, X, y: {"w": 1.7 * gradients(w, b, X, y)["w"]}, REGRESSION
    ).findings
    assert finding.message == "No known mistake explains the gradient of w: it is 1.7 times what it must be."


def test_a_sum_for_a_mean_on_one_of_two_ways():
    def loss(v):
        m = np.mean(np.sin(v))
        return np.sum(v**3) + m

    (finding,) = tg.compare(loss, lambda v: {"v": 3 * v**2 + np.cos(v)}, {"v": RNG.normal(size=5)}).findings
    kinds = {one.kind for one in (finding, *finding.alternatives)}
    assert "mean-for-sum" in kinds
    assert "regularisation" not in kinds


def test_a_factor_missing_in_a_line_that_takes_several_steps_is_one_mistake():
    def loss(h, y):
        mu = np.mean(h, axis=1, keepdims=True)
        d = h - mu
        s = np.sqrt(np.mean(d * d, axis=1, keepdims=True))
        n = d / s
        return np.mean((n - y) ** 2)

    def by_hand(h, y, n):
        dn = 2 * (n - y) / y.size
        mean, along = np.mean(dn, axis=1, keepdims=True), np.mean(dn * n, axis=1, keepdims=True)
        return {"n": dn, "h": dn - mean - n * along}

    (finding,) = tg.compare(
        loss, by_hand, {"h": RNG.normal(size=(7, 5)), "y": RNG.normal(size=(7, 5))}
    ).findings
    assert (finding.kind, finding.node) == ("missing-derivative", "h")
    assert finding.message == "The factor `1 / s` that `n = d / s` brings is missing in the gradient of h."
