"""The neuron: its slope, what it can learn and what it cannot."""

import numpy as np
import pytest

from tinygrad_edu.lessons.neuron import NEURON, slope
from tinygrad_edu.rules import sigmoid


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, 7.0])
def test_the_slope_of_the_activation_is_beta_f_one_minus_f(beta):
    s, h = np.linspace(-3, 3, 25), 1e-5
    f = sigmoid(s, beta=beta)
    numeric = (sigmoid(s + h, beta=beta) - sigmoid(s - h, beta=beta)) / (2 * h)
    np.testing.assert_allclose(slope(f, beta), numeric, rtol=1e-7, atol=1e-10)


def test_the_slope_is_steepest_where_the_neuron_is_undecided():
    assert slope(np.array([0.0, 0.5, 1.0]), 2.0).tolist() == [0.0, 0.5, 0.0]


def test_the_neuron_learns_and():
    *_, last = NEURON.train(NEURON.initial(np.random.default_rng(0)))
    f = NEURON.predict(last.params)["f"]
    np.testing.assert_array_equal(f > 0.5, NEURON.data["y"] == 1)
    assert np.mean((f - NEURON.data["y"]) ** 2) < 1e-3
