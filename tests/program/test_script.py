"""Formulas as JavaScript; that they compute the right numbers is tested in a browser, with the explorer."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.program import Script, labels_of, simplest
from tinygrad_edu.sweeps import history


def script(value):
    return Script().text(simplest(value, labels_of(history(value))))


def test_formulas():
    a, b = tg.Value(2.0, name="a"), tg.Value(3.0, name='b "1"')
    assert script(a * b + 1) == 'v["a"] * v["b \\"1\\""] + 1'
    assert script(np.exp(-a) / (a - b)).startswith('Math.exp(-(v["a"])) / (v["a"] - ')
    assert script(a**2) == 'Math.pow(v["a"], 2)'
    assert script(a**b) == 'Math.pow(v["a"], v["b \\"1\\""])'
    assert script(np.arcsin(a / 4)) == 'Math.asin(v["a"] / 4)'
    assert script(np.where(a > 1, a, 0.5)) == '(v["a"] > 1 ? v["a"] : 0.5)'


def test_a_gradient_has_its_own_place():
    assert Script().named("∂L/∂h#2").text == 'g["h#2"]'


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (tg.erf, "JavaScript has no erf"),
        (lambda a: np.sum(tg.Value([1.0, 2.0], name="x") ** a), "single numbers only"),
    ],
)
def test_what_javascript_cannot_say(make, message):
    with pytest.raises(ArgumentError, match=message):
        script(make(tg.Value(0.5, name="a")))
