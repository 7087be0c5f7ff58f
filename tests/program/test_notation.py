"""How names, numbers, settings and indices are written, and that every notation can be used."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.program.forms import FORMS
from tinygrad_edu.program.literals import data_text, index_text, number_text, setting_text
from tinygrad_edu.program.notation import NOTATION, pretty_name
from tinygrad_edu.rules.shaping import HOLE


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("w", "w"),
        ("W1", "W₁"),
        ("a_1", "a₁"),
        ("x12", "x₁₂"),
        ("theta", "θ"),
        ("theta_0", "θ₀"),
        ("Theta1", "Θ₁"),
        ("lambda_", "λ"),
        ("Sigma", "Sigma"),
        ("h#2", "h#2"),
        ("w1#3", "w₁#3"),
        ("alpha#2", "α#2"),
        ("x_", "x_"),
        ("W_hidden", "W_hidden"),
        ("conv2d", "conv2d"),
        ("x_1_2", "x_1_2"),
        ("_w1", "_w1"),
        ("layer 1", "layer 1"),
        ("θ1", "θ₁"),
    ],
)
def test_pretty_names(name, expected):
    assert pretty_name(name) == expected
    assert pretty_name(expected) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2, "2"),
        (-2, "−2"),
        (2.0, "2"),
        (0.5, "0.5"),
        (-0.5, "−0.5"),
        (1e-3, "0.001"),
        (1e-7, "1e-7"),
        (-1e20, "−1e20"),
        (1234567, "1234567"),
        (1234567.0, "1.23457e6…"),
        (1 / 3, "0.333333…"),
        (float("inf"), "∞"),
        (-float("inf"), "−∞"),
        (float("nan"), "nan"),
        (True, "True"),
        (np.float32(0.5), "0.5"),
        (np.int64(-3), "−3"),
    ],
)
def test_numbers(number, expected):
    assert number_text(number) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (3.0, "3"),
        (np.float64(3), "3"),
        (np.array(3.0), "3"),
        ([1, 2.5], "[1, 2.5]"),
        (np.zeros(0), "[]"),
        (np.zeros(5), "array(5)"),
        (np.zeros((2, 3)), "array(2×3)"),
    ],
)
def test_numbers_without_a_name(data, expected):
    assert data_text(data) == expected


@pytest.mark.parametrize(
    ("name", "setting", "expected"),
    [
        ("axis", None, "axis=None"),
        ("axis", (0, -1), "axis=(0, −1)"),
        ("shape", (3,), "shape=(3,)"),
        ("beta", 2.0, "β=2"),
        ("order", "F", "order=F"),
        ("dtype", np.dtype("float32"), "dtype=float32"),
        ("key", np.sin, "key=sin"),
        ("mask", np.zeros((2, 2)), "mask=array(2×2)"),
        ("thing", object(), "thing=object"),
    ],
)
def test_settings(name, setting, expected):
    assert setting_text(name, setting) == expected


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((0,), "[0]"),
        ((-1,), "[−1]"),
        ((slice(1, None),), "[1:]"),
        ((slice(None, None, 2), None), "[::2, None]"),
        ((slice(None), HOLE), "[:, rows]"),
        ((Ellipsis, slice(0, 3)), "[..., 0:3]"),
    ],
)
def test_indices(index, expected):
    assert index_text(index, ["rows"]) == expected


def test_every_notation_is_of_a_registered_primitive_and_has_a_form():
    assert set(NOTATION) <= set(REGISTRY.values())
    assert {notation.form for notation in NOTATION.values()} <= set(FORMS)


def test_words_stand_apart_from_what_they_are_multiplied_with():
    rate, g, x = (tg.Value(2.0, name=name) for name in ("rate", "g", "x_max"))
    assert tg.formula(g * rate * x, syntax="latex") == r"g \, \mathrm{rate} \, x_{\mathrm{max}}"
    assert tg.formula(x * g, syntax="latex") == r"x_{\mathrm{max}} g"
    space = '<mo>&#x2062;</mo><mspace width="0.17em"/>'
    assert tg.formula(g * rate, syntax="mathml") == f"<mrow><mi>g</mi>{space}<mi>rate</mi></mrow>"
    assert space in tg.formula(g * np.exp(x), syntax="mathml")
