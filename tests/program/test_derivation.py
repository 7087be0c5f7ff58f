"""The chain rule written out: every step's rule, formula, shape and numbers; and rules in general."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, NonScalarError
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.program import rule_formula
from tinygrad_edu.rules import arithmetic, matmul, reductions, relu, shaping, sigmoid
from tinygrad_edu.rules.selection import where


def regression():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 7.0])
    theta0, theta1 = tg.Value(1.0), tg.Value(2.0)
    f = theta1 * x + theta0
    Q = np.sum((f - y) ** 2) / (2 * len(y))
    return Q, theta1


def test_the_regression_step_by_step():
    lines = [re.split(r" {2,}", line.strip()) for line in str(tg.derivation(*regression())).splitlines()]
    repeated = "[0.166667…, 0.166667…, 0.166667…]"
    assert lines == [
        ["∂Q/∂θ₁: the chain rule from Q back to θ₁"],
        ["forward"],
        ["u₁ = θ₁ x", "3", "[2, 4, 6]"],
        ["f = u₁ + θ₀", "3", "[3, 5, 7]"],
        ["u₂ = f − y", "3", "[1, 2, 0]"],
        ["u₃ = u₂²", "3", "[1, 4, 0]"],
        ["u₄ = Σ u₃", "scalar", "5"],
        ["Q = u₄ / 6", "scalar", "0.833333…"],
        ["backward"],
        ["∂Q/∂u₄ = 1/6", "scalar", "0.166667…", "through Q by divide"],
        ["∂Q/∂u₃ = ∂Q/∂u₄ = 1/6", "3", repeated, "through u₄ by sum"],
        ["∂Q/∂u₂ = 2 ∂Q/∂u₃ ⊙ u₂ = 1/3 (f − y)", "3", "[0.333333…, 0.666667…, 0]", "through u₃ by square"],
        ["∂Q/∂f = ∂Q/∂u₂ = 1/3 (f − y)", "3", "[0.333333…, 0.666667…, 0]", "through u₂ by subtract"],
        ["∂Q/∂u₁ = ∂Q/∂f = 1/3 (f − y)", "3", "[0.333333…, 0.666667…, 0]", "through f by add"],
        ["∂Q/∂θ₁ = Σ (∂Q/∂u₁) x = 1/3 Σ (f − y) x", "scalar", "1.66667…", "through u₁ by multiply"],
    ]


def test_the_numbers_are_those_of_the_sweep():
    Q, theta1 = regression()
    Q.backward()
    derivation = tg.derivation(Q, theta1)
    assert derivation.steps[0].gradient == theta1.grad
    assert derivation.steps[-1].gradient == 1.0
    assert repr(derivation) == "<Derivation of ∂Q/∂θ₁: 6 steps>"


def test_a_fan_out_is_a_sum_of_paths():
    a, b = tg.Value(2.0), tg.Value(3.0)
    h = a * b
    y = np.sin(h) + h * b
    step = next(step for step in tg.derivation(y, a).steps if step.name == "h")
    assert [(path.through, path.rule) for path in step.paths] == [("u1", "sin"), ("u2", "multiply")]
    lines = tg.derivation(y, a).backward("text")
    assert lines == [
        "∂y/∂u₂ = 1",
        "∂y/∂u₁ = 1",
        "∂y/∂h = ∂y/∂u₁ cos(h) + ∂y/∂u₂ b = b + cos(h)",
        "∂y/∂a = ∂y/∂h b = (b + cos(h)) b",
    ]


def test_an_operand_that_is_used_twice_has_two_paths():
    a = tg.Value(3.0)
    y = a * a
    derivation = tg.derivation(y, a)
    assert len(derivation.steps[0].paths) == 2
    assert derivation.backward("text") == ["∂y/∂a = a + a = 2a"]


def test_latex_is_lined_up():
    assert tg.derivation(*regression()).latex.splitlines() == [
        r"\begin{align*}",
        r"u_1 &= \theta_1 x \\",
        r"f &= u_1 + \theta_0 \\",
        r"u_2 &= f - y \\",
        r"u_3 &= u_2^{2} \\",
        r"u_4 &= \sum u_3 \\",
        r"Q &= \frac{u_4}{6} \\",
        r"\frac{\partial Q}{\partial u_4} &= \frac{1}{6} \\",
        r"\frac{\partial Q}{\partial u_3} &= \frac{\partial Q}{\partial u_4} = \frac{1}{6} \\",
        (
            r"\frac{\partial Q}{\partial u_2} &= 2 \frac{\partial Q}{\partial u_3} \odot u_2"
            r" = \frac{1}{3} (f - y) \\"
        ),
        r"\frac{\partial Q}{\partial f} &= \frac{\partial Q}{\partial u_2} = \frac{1}{3} (f - y) \\",
        r"\frac{\partial Q}{\partial u_1} &= \frac{\partial Q}{\partial f} = \frac{1}{3} (f - y) \\",
        (
            r"\frac{\partial Q}{\partial \theta_1} &= \sum \frac{\partial Q}{\partial u_1} x"
            r" = \frac{1}{3} \sum (f - y) x"
        ),
        r"\end{align*}",
    ]


def test_notebooks_show_two_tables():
    derivation = tg.derivation(*regression())
    tree = ET.fromstring(derivation._repr_html_())
    forward, backward = tree.findall("table")
    assert [len(table.findall("tbody/tr")) for table in (forward, backward)] == [6, 6]
    assert all(row.find("td/math") is not None for row in tree.iter("tr") if row.find("td") is not None)
    assert [cell.text for cell in backward.findall("tbody/tr")[-1]][1:] == [
        "through u₁ by multiply",
        "scalar",
        "1.66667…",
    ]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_every_lesson_can_be_derived(lesson):
    params = lesson.initial(np.random.default_rng(0))
    values = {name: tg.Value(data, name=name) for name, data in params.items()}
    Q = lesson.objective(values)
    Q.backward()
    for value in values.values():
        derivation = tg.derivation(Q, value)
        np.testing.assert_allclose(derivation.steps[0].gradient, value.grad, rtol=1e-12)
        assert len(derivation.backward("text")) == len(derivation.steps) - 1
        ET.fromstring(derivation.html)


def test_intermediate_results_and_no_grad():
    a = tg.Value(3.0)
    h = a * 2
    y = h + 1
    with tg.no_grad():
        assert tg.derivation(y, h).backward("text") == ["∂y/∂h = 1"]
    assert y.grad is None


def test_mistakes_are_told():
    a, b = tg.Value(1.0), tg.Value(2.0)
    y = a * 2
    for other in (b, y):
        with pytest.raises(ArgumentError, match="was not computed from"):
            tg.derivation(y, other)
    with pytest.raises(ArgumentError, match="takes Values that were recorded, not float"):
        tg.derivation(y, 2.0)
    v = tg.Value([1.0, 2.0])
    with pytest.raises(NonScalarError):
        tg.derivation(v * 2, v)


RULES = [
    (arithmetic.add, 0, {}, "g"),
    (arithmetic.subtract, 1, {}, "−g"),
    (arithmetic.multiply, 0, {}, "g y"),
    (arithmetic.divide, 1, {}, "−g out / y"),
    (arithmetic.power, 0, {}, "g y x^(y − 1)"),
    (arithmetic.remainder, 1, {}, "−g (x // y)"),
    (arithmetic.square, 0, {}, "2g x"),
    (sigmoid, 0, {}, "g out (1 − out)"),
    (relu, 0, {}, "[out > 0] g"),
    (where, 0, {}, None),
    (where, 2, {}, "where(x, 0, g)"),
    (matmul, 0, {}, "g yᵀ"),
    (matmul, 1, {}, "xᵀ g"),
    (matmul, 1, {"args": [np.ones((3, 2)), np.ones(2)]}, "xᵀ g"),
    (REGISTRY[np.linalg.inv], 0, {}, "−outᵀ g outᵀ"),
    (REGISTRY[np.linalg.solve], 1, {}, "solve(xᵀ, g)"),
    (REGISTRY[np.linalg.det], 0, {}, "g cofactors(x)"),
    (tg.softmax, 0, {}, "out ⊙ (g − Σ_k (g ⊙ out))"),
    (reductions.sum_, 0, {}, "g"),
    (reductions.mean, 0, {}, "g / 4"),
    (shaping.transpose, 0, {}, "gᵀ"),
    (shaping.getitem, 0, {"args": [np.ones(3)], "settings": {"index": (0,)}}, "g at [0]"),
    (shaping.concatenate, 1, {}, "g[2:4]"),
]


@pytest.mark.parametrize(("primitive", "position", "settings", "expected"), RULES)
def test_rules_in_general(primitive, position, settings, expected):
    assert rule_formula(primitive, position, **settings) == expected


def test_rules_in_latex_and_python():
    assert rule_formula(sigmoid, syntax="latex") == r"g \, \mathrm{out} \, (1 - \mathrm{out})"
    assert rule_formula(sigmoid, syntax="numpy") == "g * out * (1 - out)"


def test_every_elementwise_rule_can_be_written():
    for primitive in REGISTRY.values():
        if primitive.function.__module__ != "numpy" or primitive.kind != "elementwise":
            continue
        example = [0.5, 2] if primitive.function is np.ldexp else None
        for position, rule in enumerate(primitive.rules):
            assert (rule_formula(primitive, position, args=example) is None) == (rule is None)


def test_an_example_is_asked_for():
    with pytest.raises(ArgumentError, match=r"rule_formula\(getitem\): give an example that it takes"):
        rule_formula(shaping.getitem)
