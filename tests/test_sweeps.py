"""The two walks: which nodes, in which order, and what they hand on."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import Value
from tinygrad_edu.errors import RuleError
from tinygrad_edu.fitting import BLOCK
from tinygrad_edu.forward import pushforward
from tinygrad_edu.operands import COPIED_UP_TO
from tinygrad_edu.primitives import elementwise
from tinygrad_edu.sweeps import history, influenced, pullback

ONE = np.float64(1)


def diamond():
    """x -> a, b -> c, with a constant beside it."""
    x, k = Value(2.0, name="x"), Value(5.0, name="k")
    a = x * 3
    b = x * x
    c = a * b + k
    return SimpleNamespace(x=x, k=k, a=a, b=b, c=c)


@st.composite
def programs(draw):
    """Values, each computed from two earlier ones; and the same as a function of the first two."""
    steps = draw(
        st.lists(st.tuples(st.sampled_from("+*-"), st.integers(0, 99), st.integers(0, 99)), max_size=12)
    )

    def run(x, y):
        values = [x, y]
        for symbol, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            values.append({"+": a + b, "*": 0.5 * a * b, "-": a - 2 * b}[symbol])
        return values

    return run


# ---- which nodes -------------------------------------------------------------------------------


def test_a_history_has_operands_before_results_and_each_once():
    d = diamond()
    nodes = history(d.c)
    assert [node.name for node in nodes if node.name] == ["x", "k", "a", "b", "c"]
    assert len(nodes) == len(set(nodes)) == 6
    assert all(
        arg in nodes[:i] for i, node in enumerate(nodes) for arg in node.args if isinstance(arg, Value)
    )


@given(programs(), st.integers(0, 13))
def test_a_history_has_no_node_older_than_asked_for(run, start):
    values = run(Value(1.0), Value(2.0))
    since = values[start % len(values)].serial
    *recent, last = history(values[-1], since)
    assert last is values[-1]
    assert all(node.serial >= since for node in recent)
    operands = {arg for node in (*recent, last) for arg in node.args if isinstance(arg, Value)}
    assert {node for node in operands if node.serial >= since} == set(recent)


def test_influenced():
    d = diamond()
    assert {node.name for node in influenced(history(d.c), [d.a])} - {None} == {"a", "c"}
    assert influenced(history(d.c), [Value(1.0)]).isdisjoint(history(d.c))


# ---- reverse mode ------------------------------------------------------------------------------


def test_every_gradient_is_returned_unless_some_are_wanted():
    d = diamond()
    everything = pullback(history(d.c), ONE)
    assert {node.name: float(g) for node, g in everything.items() if node.name} == {
        "x": 36,
        "k": 1,
        "a": 4,
        "b": 6,
        "c": 1,
    }
    assert pullback(history(d.c), ONE, [d.a, d.x]) == {d.a: 4, d.x: 36}
    assert pullback(history(d.c), ONE, [d.c, d.k]) == {d.c: 1, d.k: 1}
    assert pullback(history(d.c), ONE, []) == pullback(history(d.c), ONE, [Value(1.0)]) == {}


def test_gradients_handed_on_in_place_of_others():
    d = diamond()
    found = pullback(history(d.c), ONE, instead={d.a: 100 * ONE})
    assert (found[d.a], found[d.b], found[d.x]) == (4, 6, 100 * 3 + 6 * 4)


def test_a_seed_of_0_reaches_everything_with_0():
    d = diamond()
    assert set(pullback(history(d.c), 0 * ONE).values()) == {0}


def test_a_shared_operand_counts_each_use():
    x = Value([1.0, 2.0])
    np.sum(np.stack([x, x, x]) * np.concatenate([x, x])[:2]).backward()
    assert x.grad.tolist() == [6, 12]


@given(programs(), st.floats(-2, 2), st.floats(-2, 2))
def test_reverse_mode_agrees_with_forward_mode_and_complex_steps(run, a, b):
    x, y = Value(a), Value(b)
    out = run(x, y)[-1]
    nodes = history(out)
    gradients = pullback(nodes, ONE, [x, y])
    step = 1e-20
    for source, point in ((x, (a + step * 1j, b)), (y, (a, b + step * 1j))):
        expected = pytest.approx(run(*point)[-1].imag / step, rel=1e-12, abs=1e-12)
        assert gradients.get(source, 0) == expected
        assert pushforward(nodes, {source: ONE}).get(out, 0) == expected


def test_gradients_of_single_numbers_are_numbers_and_no_arrays():
    """NumPy computes with its numbers many times faster than with arrays that have no axes."""
    x = Value(3.0)
    sheltered = np.where(x > 0, x * 2, 0)  # the rule of np.where gives an array without axes
    gradients = pullback(history(sheltered + x), ONE)
    assert {type(g) for g in gradients.values()} == {np.float64}


def test_a_staircase_that_is_not_wanted_is_not_returned():
    """The gradient ends at np.floor, which hands nothing on; it is an intermediate like any other."""
    x = Value(2.5)
    assert list(pullback(history(np.floor(x) * x), ONE, [x])) == [x]


LENGTHS = [COPIED_UP_TO + 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3, 100_003, 777_777]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_summed_in_blocks_has_the_bits_of_one_sum(length, dtype):
    x = np.random.default_rng(length).normal(size=length).astype(dtype)
    w = Value(dtype(1.5))
    out = np.sum((w * x) ** 2)
    found = pullback(history(out), dtype(1))
    recorded = pullback(history(out), Value(dtype(1)), [w], recorded=True)[w]
    assert found[w] == np.add.reduce(2 * (dtype(1.5) * x) * x) == recorded.data
    assert found[w].dtype == dtype


def test_vectors_in_blocks_may_be_read_backwards_and_repeated():
    x = np.arange(3.0 * BLOCK)[::-1]
    w = Value(2.0)
    g = np.broadcast_to(np.float64(3), x.shape)
    assert pullback(history(w * x), g)[w] == 3 * np.sum(x)


@pytest.mark.parametrize("length", [10, 2 * BLOCK])
def test_a_rule_of_a_wrong_shape_is_told_of_short_and_of_long_vectors(length):
    def scaled(w, x):
        return w * x

    scaled = elementwise(scaled, lambda g, out, w, x: np.stack([g * x, g * x]), None)
    node = scaled(Value(2.0), np.ones(length))
    with pytest.raises(RuleError, match=rf"argument 1 gave a gradient of shape \(2, {length}\)"):
        pullback(history(node), np.ones(length))


# ---- forward mode ------------------------------------------------------------------------------


def test_tangents_of_every_node_that_depends_on_those_given():
    d = diamond()
    moved = pushforward(history(d.c), {d.x: ONE})
    assert {node.name: float(t) for node, t in moved.items() if node.name} == {
        "x": 1,
        "a": 3,
        "b": 4,
        "c": 36,
    }


def test_a_tangent_given_for_a_result_is_not_replaced():
    d = diamond()
    assert pushforward(history(d.c), {d.x: ONE, d.a: 0 * ONE})[d.c] == 6 * 4


def test_a_small_operand_moves_a_large_result():
    x = Value(np.ones((2, 1)))
    out = x + np.zeros((3, 2, 4))
    tangent = pushforward(history(out), {x: np.array([[1.0], [2.0]])})[out]
    assert tangent.shape == (3, 2, 4)
    assert tangent[0].tolist() == [[1] * 4, [2] * 4]


def test_what_is_not_wanted_is_dropped_as_soon_as_it_is_used():
    """A sweep over a long chain holds a few gradients at a time, not one for each node."""
    x = h = Value(np.ones(1000))
    for _ in range(500):
        h = h * 1.0
    nodes = history(np.sum(h))
    tracemalloc.start()
    pullback(nodes, ONE, [x])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * x.data.nbytes + 200 * len(nodes)
