"""Long chains and dropped graphs: no recursion, no reference cycles, nothing kept alive."""

import gc
import sys
import weakref
from contextlib import suppress

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ShapeError


@pytest.fixture
def without_collector():
    """Reference counting only, from a clean start."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def live_values():
    return sum(isinstance(thing, Value) for thing in gc.get_objects())


def network(x, w1, w2):
    h = np.maximum(x @ w1, 0)
    p = tg.sigmoid(np.concatenate([h, h**2], axis=1) @ w2)
    return np.mean(np.where(p > 0.5, (p - 1) ** 2, p[:, ::-1] ** 2)) + np.sum(w1[[0, 0]])


ARGUMENTS = np.ones((4, 2)), np.full((2, 3), 0.5), np.full((6, 2), 0.1)


def test_a_million_operations_are_differentiated_and_freed_without_recursion(without_collector):
    n = 1_000_000
    before = live_values()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        x = h = Value(1.0)
        for _ in range(n // 2):
            h = h * 1.0 + 1e-6
        h.backward()
        assert (h.item(), x.grad) == (pytest.approx(1 + n // 2 * 1e-6), 1)
        middle = weakref.ref(h.args[0])
        del h
        assert middle() is None
    finally:
        sys.setrecursionlimit(limit)
    assert live_values() == before + 1


@pytest.mark.parametrize(
    "use",
    [
        lambda loss, values: loss.backward(),
        lambda loss, values: tg.gradient(tg.gradient(loss, values)[0].sum(), values),
        lambda loss, values: [value.data for value in values],
        lambda loss, values: repr(loss),
    ],
    ids=["backward", "gradient", "data", "repr"],
)
def test_a_dropped_graph_is_freed_by_reference_counting(use, without_collector):
    before = live_values()
    values = [Value(x) for x in ARGUMENTS]
    loss = network(*values)
    use(loss, values)
    del loss, values
    assert live_values() == before
    assert gc.collect() == 0


@pytest.mark.parametrize(
    "transform",
    [
        lambda: tg.grad(network, (0, 1, 2))(*ARGUMENTS),
        lambda: tg.vjp(network, *ARGUMENTS)[1](1.0),
        lambda: tg.jvp(network, ARGUMENTS, ARGUMENTS),
        lambda: tg.hvp(lambda w: network(ARGUMENTS[0], w, ARGUMENTS[2]), ARGUMENTS[1], ARGUMENTS[1]),
        lambda: tg.hessian(network, 1)(*ARGUMENTS),
    ],
    ids=["grad", "vjp", "jvp", "hvp", "hessian"],
)
def test_a_transform_leaves_nothing_behind(transform, without_collector):
    before = live_values()
    transform()
    assert live_values() == before
    assert gc.collect() == 0


def test_an_error_keeps_no_graph_alive(without_collector):
    before = live_values()
    with suppress(ShapeError):
        (Value(np.ones(3)) * 2) @ np.ones(2)
    assert live_values() == before


def test_results_without_a_history_keep_nothing_alive(without_collector):
    x = Value(np.ones(3))
    with tg.no_grad():
        h = np.exp(x * 2)
    loss = tg.stop_gradient(h)
    operand = weakref.ref(h)
    assert h.args == h.operands == ()
    del h, x
    assert operand() is not None
    del loss
    assert operand() is None
