"""Formulas as people write them: the slide's, a textbook's, in four syntaxes; Python that computes them."""

import functools
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.lessons import LESSONS

rng = np.random.default_rng(0)


def regression(*, letter=True, line=True):
    """The talk's objective: Q, its parameters, and everything by name."""
    x, y = np.linspace(0, 1, 63), np.linspace(3, 5, 63) ** 2
    theta0, theta1 = tg.Value(0.5), tg.Value(2.0)
    N = tg.Value(63) if letter else 63
    if line:
        f = theta1 * x + theta0
        Q = np.sum((f - y) ** 2) / (2 * N)
    else:
        f = None
        Q = np.sum((theta1 * x + theta0 - y) ** 2) / (2 * N)
    return Q, theta0, theta1, {"x": x, "y": y, "N": 63, "f": f, "theta0": 0.5, "theta1": 2.0}


SLIDE = {
    "text": ("1/(2N) Σ (f − y)²", "1/N Σ (f − y)", "1/N Σ (f − y) x"),
    "latex": (
        r"\frac{1}{2 N} \sum (f - y)^{2}",
        r"\frac{1}{N} \sum (f - y)",
        r"\frac{1}{N} \sum (f - y) x",
    ),
    "numpy": ("np.sum((f - y)**2) / (2 * N)", "np.sum(f - y) / N", "np.sum((f - y) * x) / N"),
}


@pytest.mark.parametrize("syntax", SLIDE)
def test_the_objective_and_its_gradients_stand_as_on_the_slide(syntax):
    Q, theta0, theta1, _ = regression()
    found = tuple(tg.formula(Q, wrt, syntax=syntax) for wrt in (None, theta0, theta1))
    assert found == SLIDE[syntax]


def test_the_slide_in_mathml():
    Q, theta0, _, _ = regression()
    group = "<mrow><mo>(</mo><mrow><mi>f</mi><mo>−</mo><mi>y</mi></mrow><mo>)</mo></mrow>"
    assert tg.formula(Q, theta0, syntax="mathml") == (
        f"<mrow><mfrac><mn>1</mn><mi>N</mi></mfrac><mo>&#x2062;</mo><mrow><mo>∑</mo>{group}</mrow></mrow>"
    )


def test_a_count_is_its_number():
    Q, theta0, theta1, _ = regression(letter=False)
    assert tg.formula(Q) == "1/126 Σ (f − y)²"
    assert tg.formula(Q, theta0) == "1/63 Σ (f − y)"
    assert tg.formula(Q, theta1, syntax="latex") == r"\frac{1}{63} \sum (f - y) x"


def test_a_mean_is_written_out():
    f, y = tg.Value([1.0, 2.0, 3.0]), np.ones(3)
    Q = np.mean((f - y) ** 2) / 2
    assert tg.formula(Q, f) == "1/3 (f − y)"
    assert tg.formula(np.mean(f)) == "1/3 Σ f"


def test_what_has_no_name_is_expanded():
    Q, theta0, theta1, _ = regression(line=False)
    assert tg.formula(Q, theta0) == "1/N Σ (θ₁ x + θ₀ − y)"
    assert tg.formula(Q, theta1) == "1/N Σ (θ₁ x + θ₀ − y) x"
    assert tg.formula(Q, theta1, syntax="latex") == r"\frac{1}{N} \sum (\theta_1 x + \theta_0 - y) x"


@pytest.mark.parametrize("line", [True, False])
def test_numpy_computes_the_gradient(line):
    Q, theta0, theta1, names = regression(line=line)
    Q.backward()
    names["f"] = names["f"].data if line else None
    for wrt in (theta0, theta1):
        computed = eval(tg.formula(Q, wrt, syntax="numpy"), {"np": np, **names})
        assert computed == pytest.approx(wrt.grad, rel=1e-12)


def network(samples=4, hidden=3, activation=tg.sigmoid):
    """A network of two layers: the loss, its parameters and deltas by name, and everything else by name."""
    X, y = rng.normal(size=(samples, 2)), rng.normal(size=(samples, 1))
    W1, b1 = tg.Value(rng.normal(size=(2, hidden))), tg.Value(rng.normal(size=hidden))
    W2, b2 = tg.Value(rng.normal(size=(hidden, 1))), tg.Value(rng.normal(size=1))
    z1 = X @ W1 + b1
    a1 = activation(z1)
    z2 = a1 @ W2 + b2
    a2 = tg.sigmoid(z2)
    Q = np.sum((a2 - y) ** 2) / (2 * len(y))
    wrt = {"delta2": z2, "W2": W2, "b2": b2, "delta1": z1, "W1": W1, "b1": b1}
    names = {value.name: value.data for value in (z1, a1, z2, a2, W1, b1, W2, b2)}
    return Q, wrt, {**names, "X": X, "y": y}


TEXTBOOK = {
    "text": {
        "delta2": "1/4 (a₂ − y) ⊙ a₂ ⊙ (1 − a₂)",
        "W2": "a₁ᵀ δ₂",
        "b2": "Σ_j δ₂",
        "delta1": "δ₂ W₂ᵀ ⊙ a₁ ⊙ (1 − a₁)",
        "W1": "Xᵀ δ₁",
        "b1": "Σ_j δ₁",
    },
    "latex": {
        "delta2": r"\frac{1}{4} (a_2 - y) \odot a_2 \odot (1 - a_2)",
        "W2": r"a_1^\top \delta_2",
        "b2": r"\sum_{j} \delta_2",
        "delta1": r"\delta_2 W_2^\top \odot a_1 \odot (1 - a_1)",
        "W1": r"X^\top \delta_1",
        "b1": r"\sum_{j} \delta_1",
    },
    "numpy": {
        "delta2": "(a2 - y) * a2 * (1 - a2) / 4",
        "W2": "a1.T @ delta2",
        "b2": "np.sum(delta2, axis=0)",
        "delta1": "delta2 @ W2.T * a1 * (1 - a1)",
        "W1": "X.T @ delta1",
        "b1": "np.sum(delta1, axis=0)",
    },
}


@pytest.mark.parametrize("syntax", TEXTBOOK)
def test_backpropagation_stands_as_in_a_textbook(syntax):
    Q, wrt, _ = network()
    assert tg.formula(Q, wrt, syntax=syntax) == TEXTBOOK[syntax]


def test_backpropagation_in_mathml():
    Q, wrt, _ = network()
    assert tg.formula(Q, wrt, syntax="mathml")["W2"] == (
        "<mrow><msup><msub><mi>a</mi><mn>1</mn></msub><mo>⊤</mo></msup><mo>&#x2062;</mo>"
        "<msub><mi>δ</mi><mn>2</mn></msub></mrow>"
    )


def test_backpropagation_in_python_gives_the_gradients():
    Q, wrt, names = network()
    Q.backward()
    for name, line in tg.formula(Q, wrt, syntax="numpy").items():
        gradient = eval(line, {"np": np, "tg": tg, **names})
        np.testing.assert_allclose(gradient, wrt[name].grad, rtol=1e-12)
        if name not in names:
            names[name] = gradient


def test_without_deltas_a_gradient_is_one_formula():
    Q, wrt, names = network()
    assert tg.formula(Q, wrt["W1"]) == "1/4 Xᵀ (((a₂ − y) ⊙ a₂ ⊙ (1 − a₂)) W₂ᵀ ⊙ a₁ ⊙ (1 − a₁))"
    Q.backward()
    gradient = eval(tg.formula(Q, wrt["W1"], syntax="numpy"), {"np": np, **names})
    np.testing.assert_allclose(gradient, wrt["W1"].grad, rtol=1e-12)


def test_gradients_in_a_list_go_by_their_quotient():
    Q, wrt, _ = network()
    assert tg.formula(Q, [wrt["delta2"], wrt["W2"]])[1] == "a₁ᵀ ∂Q/∂z₂"
    latex = tg.formula(Q, [wrt["delta2"], wrt["W2"]], syntax="latex")
    assert latex[1] == r"a_1^\top \frac{\partial Q}{\partial z_2}"


def test_a_recorded_gradient_that_has_a_name_keeps_it():
    z, w = tg.Value(rng.normal(size=(4, 2))), tg.Value(rng.normal(size=(2, 1)))
    h = np.tanh(z @ w)
    Q = np.sum(h**2) / 2
    found = tg.gradient(Q, {"h": h, "w": w})
    found["h"].name = "delta"
    assert tg.formula(found["w"]) == "zᵀ (δ ⊙ (1 − h²))"


def test_rectifiers_hold_a_condition():
    Q, wrt, _ = network(activation=tg.relu)
    assert tg.formula(Q, wrt)["delta1"] == "[a₁ > 0] ⊙ δ₂ W₂ᵀ"
    assert tg.formula(Q, wrt, syntax="numpy")["delta1"] == "np.where(a1 > 0, delta2 @ W2.T, 0)"


def test_the_slope_of_the_logarithms_cancels_that_of_the_sigmoid():
    z, y = tg.Value(rng.normal(size=(4, 1))), tg.Value(np.ones((4, 1)))
    Q = tg.binary_cross_entropy_with_logits(z, y)
    assert tg.formula(Q) == "1/4 Σ (y ⊙ softplus(−z) + (1 − y) ⊙ softplus(z))"
    assert tg.formula(Q, z) == "1/4 (σ(z) − y)"


a, b, n = (tg.Value(number, name=name) for number, name in ((2.0, "a"), (3.0, "b"), (4.0, "n")))
x, w = (tg.Value(rng.uniform(1, 2, 3), name=name) for name in "xw")
M, R = tg.Value(rng.uniform(1, 2, (2, 3)), name="M"), tg.Value(rng.uniform(1, 2, (3, 2)), name="R")

FORMULAS = [
    (lambda: a * b + a, "a b + a", r"a b + a", "a * b + a"),
    (lambda: 2 * a / b, "2a / b", r"\frac{2 a}{b}", "2 * a / b"),
    (lambda: a / (2 * b * n), "a / (2b n)", r"\frac{a}{2 b n}", "a / (2 * b * n)"),
    (lambda: a / 2, "a / 2", r"\frac{a}{2}", "a / 2"),
    (lambda: 1 / a, "1/a", r"\frac{1}{a}", "1 / a"),
    (lambda: -(a + b) ** 2, "−(a + b)²", r"-(a + b)^{2}", "-(a + b)**2"),
    (lambda: a**-2, "1/a²", r"\frac{1}{a^{2}}", "1 / a**2"),
    (lambda: a**b, "a^b", r"a^{b}", "a**b"),
    (lambda: a ** (b + 1), "a^(b + 1)", r"a^{b + 1}", "a**(b + 1)"),
    (lambda: np.sqrt(a + b), "√(a + b)", r"\sqrt{a + b}", "np.sqrt(a + b)"),
    (lambda: abs(a - b), "|a − b|", r"\left|a - b\right|", "np.absolute(a - b)"),
    (lambda: np.exp(-a) / b, "exp(−a) / b", r"\frac{\exp(-a)}{b}", "np.exp(-a) / b"),
    (lambda: tg.sigmoid(a, beta=2.0), "σ(a, β=2)", r"\sigma(a, \text{β=2})", "tg.sigmoid(a, beta=2.0)"),
    (lambda: tg.softplus(a), "softplus(a)", r"\operatorname{softplus}(a)", "tg.softplus(a)"),
    (lambda: x * w, "x ⊙ w", r"x \odot w", "x * w"),
    (lambda: x / w, "x / w", r"\frac{x}{w}", "x / w"),
    (lambda: a * x / w, "a x / w", r"a \frac{x}{w}", "a * (x / w)"),
    (lambda: x @ w, "xᵀ w", r"x^\top w", "x @ w"),
    (lambda: M @ x, "M x", "M x", "M @ x"),
    (lambda: M @ R + a, "M R + a", "M R + a", "M @ R + a"),
    (lambda: (M @ R).T, "Rᵀ Mᵀ", r"R^\top M^\top", "R.T @ M.T"),
    (lambda: (M + a).T @ M, "(M + a)ᵀ M", r"(M + a)^\top M", "(M + a).T @ M"),
    (lambda: (M * M) @ R, "M² R", "M^{2} R", "M**2 @ R"),
    (lambda: M.T * R, "Mᵀ ⊙ R", r"M^\top \odot R", "M.T * R"),
    (lambda: np.sum(x * w), "Σ x w", r"\sum x w", "np.sum(x * w)"),
    (
        lambda: np.sum(x * (M.T @ x[:2])),
        "Σ x (Mᵀ x[:2])",
        r"\sum x (M^\top x\text{[:2]})",
        "np.sum(x * (M.T @ x[:2]))",
    ),
    (lambda: np.sum(M, axis=0), "Σ_j M", r"\sum_{j} M", "np.sum(M, axis=0)"),
    (lambda: np.sum(M, axis=1), "Σ_k M", r"\sum_{k} M", "np.sum(M, axis=1)"),
    (lambda: np.sum(x) * np.sum(w), "(Σ x) Σ w", r"\left(\sum x\right) \sum w", "np.sum(x) * np.sum(w)"),
    (lambda: np.sum(x) + a, "Σ x + a", r"\sum x + a", "np.sum(x) + a"),
    (lambda: np.sum(x) ** 2, "(Σ x)²", r"\left(\sum x\right)^{2}", "np.sum(x)**2"),
    (lambda: x[:, None] * w[None], "x wᵀ", r"x w^\top", "np.reshape(x, (3, 1)) * np.reshape(w, (1, 3))"),
    (lambda: np.where(x > 1, w, 0), "[x > 1] ⊙ w", r"[x > 1] \odot w", "np.where(x > 1, w, 0)"),
    (
        lambda: np.where(x > 1, w, x),
        "where(x > 1, w, x)",
        r"\operatorname{where}(x > 1, w, x)",
        "np.where(x > 1, w, x)",
    ),
    (lambda: np.maximum(a, 0), "maximum(a, 0)", r"\operatorname{maximum}(a, 0)", "np.maximum(a, 0)"),
    (
        lambda: np.concatenate([x, w]),
        "concatenate([x, w])",
        r"\operatorname{concatenate}([x, w])",
        "np.concatenate([x, w])",
    ),
    (
        lambda: x * np.array([1.0, 2.0, 4.0]),
        "x ⊙ [1, 2, 4]",
        r"x \odot \text{[1, 2, 4]}",
        "x * np.array([1.0, 2.0, 4.0])",
    ),
    (lambda: 0.3 * a, "3a / 10", r"\frac{3 a}{10}", "3 * a / 10"),
    (lambda: np.pi * a, "3.14159… a", r"3.14159\ldots a", "3.141592653589793 * a"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "text", "latex", "numpy"), FORMULAS, ids=[each[1] for each in FORMULAS])
def test_notation(build, text, latex, numpy):
    value = build()
    assert tg.formula(value) == text
    assert tg.formula(value, syntax="latex") == latex
    assert tg.formula(value, syntax="numpy") == numpy
    ET.fromstring(f"<math>{tg.formula(value, syntax='mathml')}</math>")
    names = {each.name: each.data for each in (a, b, n, x, w, M, R)}
    np.testing.assert_allclose(eval(numpy, {"np": np, "tg": tg, **names}), value.data, rtol=1e-12)


GRADIENTS = [
    (lambda: tg.named(np.tanh(a * b), "y"), "(1 − y²) b"),
    (lambda: tg.named(np.exp(a * b), "y"), "y b"),
    (lambda: tg.named(np.sqrt(a), "y"), "1/(2y)"),
    (lambda: a**b, "b a^(b − 1)"),
    (lambda: a**3, "3a²"),
    (lambda: np.log(a) / 2, "1/(2a)"),
    (lambda: b + 1, "0"),
    (lambda: abs(a) * b, "b sign(a)"),
    (lambda: tg.relu(a) * b, "[a > 0] b"),
    (lambda: a * b + a * n, "n + b"),
    (lambda: a * a * a, "3a²"),
]


@pytest.mark.parametrize(("build", "expected"), GRADIENTS, ids=[expected for _, expected in GRADIENTS])
def test_gradients_of_scalars(build, expected):
    assert tg.formula(build(), a) == expected


def test_a_fan_out_is_a_sum():
    h = a * b
    y = h * n + np.sin(h)
    assert tg.formula(y, h) == "cos(h) + n"
    assert tg.formula(y, a) == "(cos(h) + n) b"


def test_names_with_signs_above_and_below():
    value = tg.Value(1.0, name="W_max") * tg.Value(1.0, name="theta^2") + tg.Value(1.0, name="learning_rate")
    assert tg.formula(value) == "W_max θ² + learning_rate"
    assert tg.formula(value, syntax="latex") == r"W_{\mathrm{max}} \theta^{2} + \mathrm{learning\_rate}"
    assert tg.formula(value, syntax="numpy") == "W_max * theta_2 + learning_rate"
    h = tg.Value(1.0)
    h = h * 2
    h = h * 3
    assert tg.formula(h + 1) == "h#3 + 1"
    assert tg.formula(h + 1, syntax="latex") == "h^{(3)} + 1"
    assert tg.formula(h + 1, syntax="numpy") == "h_3 + 1"


def test_the_graph_is_not_touched():
    Q, theta0, theta1, _ = regression()
    Q.backward()
    before = theta0.grad
    tg.formula(Q, theta1)
    with tg.no_grad():
        assert tg.formula(Q, theta0) == "1/N Σ (f − y)"
    assert theta0.grad == before
    assert (Q.name, theta0.name) == ("Q", "theta0")


def test_what_indexing_hands_back_is_python_too():
    rows = np.array([0, 2, 0])
    for Q in (np.sum(x[rows] ** 2), np.sum(x[1:] * 3), np.sum(M[:, 0]) ** 2, np.sum(x[:, None] * w)):
        Q.backward()
        wrt = x if x.grad is not None and np.any(x.grad) else M
        names = {"np": np, "tg": tg, "x": x.data, "M": M.data, "w": w.data, "rows": rows}
        gradient = eval(tg.formula(Q, wrt, syntax="numpy"), names)
        np.testing.assert_allclose(gradient, tg.gradient(Q, wrt).data, rtol=1e-12)
    assert tg.formula(np.sum(x[1:] ** 2), x) == "2(x[1:] at [1:])"


def test_statistics_are_written_out():
    assert tg.formula(np.var(x)) == "1/3 Σ (x − 1/3 Σ x)²"
    assert tg.formula(np.std(x)) == "√(1/3 Σ (x − 1/3 Σ x)²)"
    line = tg.formula(np.std(x), syntax="numpy")
    assert eval(line, {"np": np, "x": x.data}) == pytest.approx(np.std(x.data), rel=1e-12)


def test_linear_algebra_stands_as_in_a_book():
    S, v = tg.Value(np.array([[3.0, 1.0], [1.0, 2.0]])), tg.Value([1.0, 2.0])
    assert tg.formula(v @ np.linalg.inv(S) @ v, S) == "−inv(S)ᵀ v vᵀ inv(S)ᵀ"
    assert tg.formula(np.linalg.slogdet(S)[1], S) == "inv(S)ᵀ"
    assert tg.formula(v @ np.linalg.solve(S, v), S) == "−solve(Sᵀ, v) solve(S, v)ᵀ"
    assert tg.formula(np.sum(np.linalg.eigh(S)[0] ** 2), S) == "2 (eigh(S)[1] ⊙ eigh(S)[0]) eigh(S)[1]ᵀ"
    assert tg.formula(np.sum(np.einsum("ij,j->i", S, v)), v) == (
        'einsum("i,ij->j", broadcast_to(1, shape=(2,)), S)'
    )
    assert tg.formula(np.sum(tg.softmax(S) ** 2), S) == "2 softmax(S) ⊙ (softmax(S) − Σ_k softmax(S)²)"
    for Q in (v @ np.linalg.inv(S) @ v, np.linalg.slogdet(S)[1], np.sum(np.linalg.eigh(S)[0] ** 2)):
        gradient = eval(tg.formula(Q, S, syntax="numpy"), {"np": np, "S": S.data, "v": v.data})
        np.testing.assert_allclose(gradient, tg.gradient(Q, S).data, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_formulas_of_lessons_compute_their_gradients(lesson):
    params = lesson.initial(np.random.default_rng(3))
    values = {name: tg.Value(data, name=name) for name, data in lesson.inputs(params).items()}
    Q = lesson.loss(**values)
    Q.backward()
    nodes = {**{name: node.data for name, node in values.items()}, **lesson.predict(params)}
    for name in params:
        line = tg.formula(Q, values[name], syntax="numpy")
        gradient = eval(line, {"np": np, "tg": tg, **nodes})
        scale = np.max(np.abs(values[name].grad))
        np.testing.assert_allclose(gradient, values[name].grad, rtol=1e-11, atol=1e-12 * scale)


def test_what_nobody_can_read_is_refused():
    deep = functools.reduce(lambda h, _: np.sin(h), range(200), [a + 1][0])
    with pytest.raises(ArgumentError) as caught:
        tg.formula(deep)
    assert str(caught.value) == (
        "This formula would have 203 parts, up to 202 of them inside one another: give names to steps on the "
        "way (a variable, or tg.named), and ask for the formula of each."
    )
    wide = functools.reduce(lambda h, _: np.sin(h) + np.cos(h), range(20), [a + 1][0])
    with pytest.raises(ArgumentError, match="would have more than 2000 parts"):
        tg.formula(wide)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: tg.formula(a + b, syntax="word"),
            "syntax='word': a formula is written as one of text, latex, mathml, numpy.",
        ),
        (lambda: tg.formula(3.0), "formula(x) takes Values that were recorded, not float."),
        (lambda: tg.formula(a * b, 3.0), "formula(x, wrt) takes Values that were recorded, not float."),
        (
            lambda: tg.formula([np.eye(9)][0] * tg.Value(1.0), syntax="numpy"),
            (
                "An array of shape (9, 9) has no name, and 81 numbers are too many to write out: store it in "
                "a variable, or make it a Value with a name."
            ),
        ),
    ],
)
def test_mistakes_are_told(call, message):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "loss_of",
    [
        lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        lambda p, y: np.mean(-(1 - y) * np.log(1 - p) - y * np.log(p)),
        tg.binary_cross_entropy,
    ],
)
def test_cross_entropy_behind_a_sigmoid_is_p_minus_y(loss_of):
    """Also where 1 − y is computed by NumPy, before a Value comes in, in the caller's code or in the loss."""
    X = np.arange(12.0).reshape(6, 2) / 10
    y = np.array([1.0, 0, 0, 1, 1, 0])
    w = tg.Value([0.5, -0.25])
    p = tg.sigmoid(X @ w)
    loss = loss_of(p, y)
    assert tg.formula(loss, w) == "1/6 Xᵀ (p − y)"
    assert "array" not in tg.formula(loss)
    code = tg.formula(loss, syntax="numpy")
    assert eval(code, {"np": np, "tg": tg, "p": p.data, "y": y}) == pytest.approx(loss.data, rel=1e-15)
    with_logits = tg.binary_cross_entropy_with_logits(X @ w, y)
    assert tg.formula(with_logits, w) == "1/6 Xᵀ (σ(X w) − y)"
    assert "array" not in str(tg.derivation(with_logits, w))


def test_an_array_is_what_it_seems_only_to_the_last_bit():
    y, w = np.array([0.1, 0.3, 0.7]), tg.Value([1.0, 2.0, 3.0])
    assert tg.formula(w * y + np.sin(w) * (1 - y)) == "w ⊙ y + sin(w) ⊙ (1 − y)"
    assert tg.formula(w * y + np.sin(w) * -y) == "w ⊙ y − sin(w) ⊙ y"
    assert "y" not in tg.formula(w * y + np.sin(w) * np.nextafter(1 - y, 2)).replace("⊙ y", "")
