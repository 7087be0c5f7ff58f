"""A graph computed again with other numbers: what it gives, and that it leaves the graph alone."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.comparison import Replay
from tinygrad_edu.sweeps import history, pullback


def network(scale=1.0):
    W = tg.Value(scale * np.array([[0.5, -1.0], [2.0, 0.25]]), name="W")
    h = np.tanh(np.array([[1.0, 2.0]]) @ W)
    return W, h, np.sum(h**2)


def test_factors_of_1_give_the_gradients_of_the_graph():
    _, _, loss = network()
    nodes = history(loss)
    replay = Replay(nodes, np.float64(1))
    replay.run()
    found, right = replay.gradients(), pullback(nodes, np.float64(1))
    assert found.keys() == right.keys()
    for node, g in right.items():
        np.testing.assert_array_equal(found[node], g)


def test_a_factor_of_a_leaf_gives_the_gradients_there_and_the_next_run_starts_afresh():
    W, _, loss = network()
    V, _, moved = network(scale=3.0)
    replay = Replay(history(loss), np.float64(1))
    factors = [np.float64(3) if x is W._data else np.float64(1) for x in replay.numbers]
    for again in (factors, np.ones(len(factors)), factors):
        replay.run(again)
    np.testing.assert_allclose(replay.gradients()[W], tg.gradient(moved, V).data, rtol=1e-14)


def test_the_factor_of_a_result_multiplies_its_gradient():
    x = tg.Value(2.0)
    y = x * 3.0
    replay = Replay(history(y), np.float64(1))
    factors = [1.0] * replay.given + [5.0]
    replay.run(factors)
    assert replay.gradients() == {x: 15.0, y: 5.0}


def test_a_gradient_may_be_handed_on_in_place_of_the_one_that_arrived():
    W, h, loss = network()
    nodes = history(loss)
    replay = Replay(nodes, np.float64(1))
    replay.run()
    other = {h: np.ones(h.shape)}
    right = pullback(nodes, np.float64(1), instead=other)
    np.testing.assert_array_equal(replay.gradients(other)[W], right[W])


def test_the_graph_is_left_alone():
    W, _, loss = network()
    before = [(node._data.copy(), node.operands) for node in history(loss)]
    replay = Replay(history(loss), np.float64(1))
    replay.run(np.full(len(replay.numbers), 1.5))
    replay.gradients()
    for node, (data, operands) in zip(history(loss), before, strict=True):
        np.testing.assert_array_equal(node._data, data)
        assert node.operands is operands
    assert W.grad is None


def test_a_checkpointed_function_is_compared_like_any_other():
    w = tg.Value([0.5, 1.0], name="w")
    loss = np.sum(tg.checkpoint(lambda x: np.tanh(x * x))(w))
    right = (1 - np.tanh(w.data**2) ** 2) * 2 * w.data
    assert tg.compare(loss, {"w": right})["w"].verdict == "correct"
    assert tg.compare(loss, {"w": right / 2})["w"].verdict == "own"


@pytest.mark.parametrize("kinks", ["", "0 at 0"])
def test_a_function_of_ones_own_may_give_plain_numbers(kinks):
    positive = tg.primitive(
        lambda x: max(float(x), 0.0) ** 3, lambda g, out, x: g * 3 * np.maximum(x, 0) ** 2, kinks=kinks
    )
    w = tg.Value(0.5, name="w")
    assert tg.compare(positive(w) * 2.0, {"w": 1.5})["w"].verdict == "correct"
    assert tg.compare(positive(w) * 2.0, {"w": 1.6})["w"].verdict == "own"
