"""checkpoint: the same gradients in every reading, from less memory."""

import gc
import re
import tracemalloc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import MutationError

rng = np.random.default_rng(0)
W0, x0, v0 = rng.normal(size=(3, 3)) / 2, rng.normal(size=3), rng.normal(size=3)


def steps(W, h):
    for _ in range(3):
        h = np.tanh(W @ h)
    return h


def pieces(W, state, scale=1.0):
    h = steps(W, state["h"])
    return {"h": scale * h, "seen": [state["seen"] + np.sum(h**2), h > 0]}


def loss_with(wrap):
    piece = wrap(pieces)

    def loss(W, h):
        seen = np.sum(h)
        for _ in range(3):
            state = piece(W, {"h": h, "seen": seen}, scale=1.5)
            h, (seen, _) = state["h"], state["seen"]
        return np.sum(h**3) + seen

    return loss


def outside_with(wrap):
    def loss(W, h):
        inner = np.exp(W)  # an intermediate that the function uses from outside, beside what it came from
        piece = wrap(lambda h: np.tanh(inner @ h) * W[0] + h)
        return np.sum(piece(piece(h)) ** 2)

    return loss


def ours(f):
    return tg.checkpoint(f)


def theirs(f):
    return f


BOTH = pytest.mark.parametrize("make", [loss_with, outside_with])


@BOTH
def test_gradients_are_the_same_in_every_reading(make):
    kept, recomputed = make(theirs), make(ours)
    for argument in (0, 1):
        both = (tg.value_and_grad(f, argument)(W0, x0) for f in (kept, recomputed))
        for one, other in zip(*both, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-13)
    np.testing.assert_allclose(tg.hessian(kept)(W0, x0), tg.hessian(recomputed)(W0, x0), rtol=1e-12)
    tangents = rng.normal(size=(3, 3)), v0
    for one, other in zip(
        tg.jvp(kept, (W0, x0), tangents), tg.jvp(recomputed, (W0, x0), tangents), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    along = [tg.hvp(lambda h, f=f: f(W0, h), x0, v0) for f in (kept, recomputed)]
    np.testing.assert_allclose(*along, rtol=1e-12)


@BOTH
def test_differences_agree(make):
    assert tg.check_gradients(make(ours), W0, x0).ok


def test_values_from_outside_get_their_gradients():
    W, h = Value(W0), Value(x0)
    first = tg.checkpoint(lambda h: steps(W, h))
    np.sum(first(first(h)) ** 2).backward()
    found = W.grad, h.grad
    np.sum(steps(W, steps(W, h)) ** 2).backward()
    np.testing.assert_allclose(found[0], W.grad, rtol=1e-14)
    np.testing.assert_allclose(found[1], h.grad, rtol=1e-14)


def test_one_sweep_computes_again_once():
    calls = []

    def counted(W, h):
        calls.append(1)
        return steps(W, h)

    W, h = Value(W0), Value(x0)
    out = tg.checkpoint(counted)(W, h)
    assert len(calls) == 1
    np.sum(out).backward()
    assert len(calls) == 2
    tg.gradient(np.sum(out), [W, h])
    assert len(calls) == 3


def test_what_is_returned():
    W = Value(W0)
    out = tg.checkpoint(
        lambda W: {"same": W, "mask": W > 0, "number": 3, "none": None, "half": W.astype("f4")}
    )(W)
    assert out["same"].data.tolist() == W0.tolist()
    assert (out["mask"].dtype, out["mask"].is_leaf, out["number"], out["none"]) == (bool, True, 3, None)
    assert out["half"].dtype == np.float32
    np.sum(out["same"] * 2 + out["half"]).backward()
    assert W.grad.tolist() == np.full((3, 3), 3.0).tolist()
    outside = tg.checkpoint(lambda: W)()
    np.sum(outside).backward()
    assert W.grad.tolist() == np.ones((3, 3)).tolist()


def test_plain_arrays_and_no_grad_pass_through():
    f = tg.checkpoint(steps)
    np.testing.assert_array_equal(f(W0, x0), steps(W0, x0))
    with tg.no_grad():
        assert f(Value(W0), x0).is_leaf
    assert f.__name__ == "steps"


def test_a_sweep_needs_no_recording_around_it():
    W = Value(W0)
    out = np.sum(tg.checkpoint(steps)(W, x0))
    with tg.no_grad():
        out.backward()
    assert W.grad.shape == (3, 3)


@pytest.mark.parametrize("change", ["random", "parameter"])
def test_a_function_that_computes_something_else(change):
    w = Value(1.0)
    draw = np.random.default_rng(0)

    def noisy(x):
        return x * w * (draw.normal() if change == "random" else 1.0)

    x = Value(2.0)
    out = tg.checkpoint(noisy)(x)
    if change == "parameter":
        w.data = 3.0
    with pytest.raises(MutationError) as raised:
        out.backward()
    assert str(raised.value) == (
        "noisy gave other numbers when it was computed again for its gradient. A checkpointed function may "
        "not draw random numbers, and what it uses from outside may not change in between: pass it as an "
        "argument."
    )


def test_arguments_may_change_between_recording_and_sweep():
    x = Value(2.0)
    out = tg.checkpoint(lambda x: x**3)(x)
    x.data = 5.0
    out.backward()
    assert x.grad == 12


def peak_of(f):
    gc.collect()
    tracemalloc.start()
    f()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def chain(h, n):
    for _ in range(n):
        h = np.tanh(h)
    return h


def test_a_chain_keeps_one_piece():
    x = rng.normal(size=10_000)
    piece = tg.checkpoint(lambda h: chain(h, 20))

    def pieces_of(h):
        for _ in range(20):
            h = piece(h)
        return np.sum(h)

    kept = peak_of(lambda: tg.grad(lambda h: np.sum(chain(h, 400)))(x))
    recomputed = peak_of(lambda: tg.grad(pieces_of)(x))
    assert kept > 400 * x.nbytes
    assert recomputed < 60 * x.nbytes


def test_a_sweep_drops_gradients_that_were_handed_on():
    x = rng.normal(size=10_000)
    forward = peak_of(lambda: chain(Value(x), 100))
    both = peak_of(lambda: tg.grad(lambda h: np.sum(chain(h, 100)))(x))
    assert both - forward < 10 * x.nbytes


def test_nothing_is_left_behind():
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(thing, Value) for thing in gc.get_objects())
        tg.hessian(loss_with(ours))(W0, x0)
        tg.jvp(loss_with(ours), (W0, x0), (W0, x0))
        assert sum(isinstance(thing, Value) for thing in gc.get_objects()) == before
    finally:
        gc.enable()


def test_a_call_is_titled_as_its_author_writes_it():
    w = Value(np.full(3, 0.5))

    @tg.checkpoint
    def layer(x, w):
        return np.tanh(x * w), np.sum(w)

    h, total = layer(np.arange(3.0), w)
    k = tg.checkpoint(steps)(np.eye(3), h)
    loss = np.sum(k) * total
    titles = [card.title for card in tg.draw(loss).picture.cards]
    assert titles[:5] == ["w", "layer(w)", "h = layer(w)[0]", "total = layer(w)[1]", "k = steps(h)"]
    assert tg.formula(k) == "steps(h)"
    assert tg.formula(k, syntax="latex") == r"\operatorname{steps}(h)"
    assert "1  v1  4  float64  layer(w)" in re.sub(" +", "  ", str(tg.trace(loss)))


def test_a_compiled_function_computes_nothing_again():
    compiled = tg.compile(tg.value_and_grad(loss_with(tg.checkpoint), (0, 1)))
    value, gradients = compiled(W0, x0)
    expected, right = tg.value_and_grad(loss_with(lambda f: f), (0, 1))(W0, x0)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    for found, truth in zip(gradients, right, strict=True):
        np.testing.assert_allclose(found, truth, rtol=1e-12)
    assert "checkpoint" not in compiled.source


def times(x, c):
    return np.tanh(x) * c["factor"]


def test_plain_arguments_are_those_of_the_call():
    x, c = Value([0.0, 0.0]), {"factor": np.array([2.0, 3.0])}
    loss = np.sum(tg.checkpoint(times)(x, c))
    c["factor"][0] = 100
    c["factor"] = np.zeros(2)
    loss.backward()
    assert np.array_equal(x.grad, [2, 3])


def test_a_large_plain_argument_may_not_be_overwritten():
    x, c = Value(0.0), {"factor": np.ones(10_000)}
    loss = np.sum(tg.checkpoint(times)(x, c))
    c["factor"][...] = 2
    with pytest.raises(
        MutationError, match=r"^An array of shape \(10000,\) was overwritten after times, which is"
    ):
        loss.backward()


def test_a_mask_has_no_gradient():
    x = Value([1.0, -2.0])
    mask, twice = tg.checkpoint(lambda x: (x > 0, 2 * x))(x)
    np.sum(mask * twice).backward()
    assert np.array_equal(x.grad, [2, 0])
    assert mask.grad is None
