"""XOR: the two output deltas, and that both objectives are learned from almost every starting point."""

import numpy as np
import pytest

from tinygrad_edu.lessons.network import activations, logistic
from tinygrad_edu.lessons.xor import XOR, XOR_CROSS_ENTROPY, initial

both = pytest.mark.parametrize("lesson", [XOR, XOR_CROSS_ENTROPY], ids=lambda lesson: lesson.name)


def mean_squared_error(lesson, seed):
    *_, last = lesson.train(lesson.initial(np.random.default_rng(seed)))
    a2 = logistic(lesson.predict(last.params)["z2"])
    return np.mean((a2 - lesson.data["y"]) ** 2)


@both
def test_the_error_falls_below_a_thousandth_from_at_least_nine_of_ten_starting_points(lesson):
    default, *others = (mean_squared_error(lesson, seed) for seed in range(11))
    assert default < 1e-3
    assert sum(error < 1e-3 for error in others) >= 9


def test_the_deltas_differ_by_the_slope_of_the_outputs_sigmoid():
    params = initial(np.random.default_rng(0))
    a2 = activations(XOR.data["x"], **params)["a2"]
    squared, entropy = (lesson.gradients_by_hand(params)["z2"] for lesson in (XOR, XOR_CROSS_ENTROPY))
    np.testing.assert_allclose(squared, entropy * a2 * (1 - a2), rtol=1e-13)


@pytest.mark.parametrize("hidden", [2, 3, 5])
def test_the_hidden_layer_may_have_any_width(hidden):
    params = initial(np.random.default_rng(0), hidden=hidden)
    assert {name: p.shape for name, p in params.items()} == {
        "W1": (2, hidden),
        "b1": (hidden,),
        "W2": (hidden, 1),
        "b2": (1,),
    }
    steps = list(XOR_CROSS_ENTROPY.train(params, steps=200))
    assert steps[-1].objective < steps[0].objective


@both
def test_saturated_neurons_give_finite_objectives_and_gradients(lesson):
    params = {name: 1e4 * np.sign(p) for name, p in initial(np.random.default_rng(0)).items()}
    assert np.isfinite(lesson.objective(params))
    assert all(np.isfinite(g).all() for g in lesson.gradients_by_hand(params).values())


def test_the_logistic_of_the_derivations_is_accurate_and_never_overflows():
    z = np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0])
    np.testing.assert_allclose(logistic(z), [0, np.exp(-40.0), 0.5, 1, 1], rtol=1e-13)
