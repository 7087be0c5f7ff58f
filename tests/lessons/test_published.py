"""The published network: what its update is the gradient of, what it is not, and that it trains better so."""

import numpy as np
import pytest

from tinygrad_edu import compare
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.lessons.batman import BATMAN
from tinygrad_edu.lessons.published import PUBLISHED_NETWORK, by_hand
from tinygrad_edu.lessons.xor import squared_error
from tinygrad_edu.training import gradient_descent
from tinygrad_edu.transforms import grad

MISSING = "The derivative of `a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`."
OTHER_LOSS = "This is the gradient of the binary cross-entropy, but the loss is half the squared error."


def relative_difference(one, other):
    difference = np.sqrt(sum(np.sum((one[name] - other[name]) ** 2) for name in other))
    return difference / np.sqrt(sum(np.sum(other[name] ** 2) for name in other))


@pytest.mark.parametrize("seed", range(4))
def test_the_update_is_the_gradient_of_the_cross_entropy_and_not_of_the_squared_error(seed):
    params = LESSONS["xor"].initial(np.random.default_rng(seed))
    update = PUBLISHED_NETWORK.gradients_by_hand(params)
    assert relative_difference(update, grad(LESSONS["xor-cross-entropy"].objective)(params)) < 1e-14
    assert relative_difference(update, grad(PUBLISHED_NETWORK.objective)(params)) > 1


@pytest.mark.parametrize("seed", range(4))
def test_compare_says_so(seed):
    params = PUBLISHED_NETWORK.initial(np.random.default_rng(seed))
    comparison = compare(PUBLISHED_NETWORK.loss, by_hand, PUBLISHED_NETWORK.inputs(params))
    (finding,) = comparison.findings
    assert (finding.kind, finding.node, finding.message) == ("missing-derivative", "z2", MISSING)
    assert finding.correction == "dz2 = da2 * a2 * (1 - a2)"
    assert OTHER_LOSS in [other.message for other in finding.alternatives]
    assert comparison["W1"].verdict == "inherited"


def test_compare_says_so_on_the_logo():
    params = BATMAN.initial(np.random.default_rng(0))
    comparison = compare(squared_error, by_hand, BATMAN.inputs(params))
    (finding,) = comparison.findings
    assert finding.message == MISSING
    assert OTHER_LOSS in [other.message for other in finding.alternatives]


def test_it_learns_from_large_weights_what_the_true_gradient_does_not():
    def has_learned(step):
        answers = PUBLISHED_NETWORK.predict(step.params)["a2"]
        return bool(np.all((answers > 0.5) == (PUBLISHED_NETWORK.data["y"] > 0.5)))

    published = squared = 0
    for seed in range(6):
        params = PUBLISHED_NETWORK.initial(np.random.default_rng(seed))
        *_, last = PUBLISHED_NETWORK.train(params)
        published += has_learned(last)
        *_, last = gradient_descent(PUBLISHED_NETWORK.objective, params, rate=1.0, steps=1000)
        squared += has_learned(last)
    assert published >= 5
    assert squared <= 2
