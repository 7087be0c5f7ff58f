"""Threads that differentiate at once do not disturb one another; a loop of inner gradients costs O(n)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value, runs, transforms

THREADS = 8
ROUNDS = 30


def network(w, x):
    h = np.tanh(x @ w)
    with tg.scope("output"):
        return np.mean(tg.sigmoid(h @ w.T) ** 2)


def test_eight_threads_differentiate_at_once():
    rng = np.random.default_rng(0)
    problems = [
        (rng.normal(size=(4, 3)), rng.normal(size=(5, 4)), rng.normal(size=(4, 3))) for _ in range(THREADS)
    ]
    expected = [(tg.grad(network)(w, x), tg.hvp(lambda w, x=x: network(w, x), w, v)) for w, x, v in problems]
    together = threading.Barrier(THREADS)

    def work(number):
        w, x, v = problems[number]
        quiet = number % 2 == 1  # every other thread does not record around its transforms
        together.wait()
        for _ in range(ROUNDS):
            leaf = Value(w)
            if quiet:
                with tg.no_grad():
                    assert network(leaf, x).is_leaf
                    first, second = tg.grad(network)(w, x), tg.hvp(lambda w: network(w, x), w, v)
                    assert network(leaf, x).is_leaf
            else:
                loss = network(leaf, x)
                assert loss.args[0].scope == "output"
                loss.backward()
                first, second = leaf.grad, tg.hvp(lambda w: network(w, x), w, v)
            np.testing.assert_array_equal(first, expected[number][0])
            np.testing.assert_array_equal(second, expected[number][1])
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(work, range(THREADS)))


def test_threads_sweep_one_graph_at_once():
    w = Value(np.random.default_rng(0).normal(size=(4, 3)))
    piece = tg.checkpoint(lambda h: np.tanh(h @ w.T @ w))
    loss = np.sum(piece(piece(w)) ** 2)
    expected = tg.gradient(loss, w).data
    together = threading.Barrier(THREADS)

    def work(_):
        together.wait()
        return [tg.gradient(loss, w).data for _ in range(ROUNDS)]

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(work, range(THREADS)):
            for gradient in found:
                np.testing.assert_array_equal(gradient, expected)


@pytest.mark.parametrize("wrap", [lambda f: f, tg.checkpoint], ids=["plain", "checkpoint"])
def test_a_loop_of_inner_gradients_visits_each_operation_a_fixed_number_of_times(wrap, monkeypatch):
    visited = []

    def counted(out, since=0):
        nodes = history(out, since)
        visited.append(len(nodes))
        return nodes

    history = runs.history
    for module in (runs, transforms):
        monkeypatch.setattr(module, "history", counted)

    def unrolled(n):
        visited.clear()

        def loss(w):
            x = w
            inner = wrap(lambda x: x - 0.1 * tg.grad(lambda y: np.sum(np.sin(y) * w))(x))
            for _ in range(n):
                x = inner(x)
            return np.sum(x)

        tg.grad(loss)(np.ones(3))
        return sum(visited)

    few, many = unrolled(10), unrolled(100)
    assert few > 20
    assert many < 11 * few
