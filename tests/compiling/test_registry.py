"""Every primitive, compiled: its value and all its gradients are those of the recorded call."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.samples import ours, points

import tinygrad_edu as tg
from tinygrad_edu.compiling.following import COUNTING

FULL = settings().max_examples > 100  # HYPOTHESIS_PROFILE=full
ULPS = 4
DEPTH = 6  # operations in a row that may each be off by so much in a rule


def close(ours, theirs):
    """Equal to the last bit, or within a few units in the last place of the largest number."""
    assert (np.shape(ours), np.asarray(ours).dtype) == (np.shape(theirs), np.asarray(theirs).dtype)
    theirs = np.asarray(theirs)
    if np.array_equal(ours, theirs, equal_nan=theirs.dtype.kind == "f"):
        return
    size = np.max(np.abs(theirs), initial=0.0, where=np.isfinite(theirs))
    atol = ULPS * DEPTH * np.finfo(theirs.dtype).eps * (1 + size)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "primitive", [p for p in ours() if p.function not in COUNTING], ids=lambda primitive: primitive.name
)
@settings(max_examples=60 if FULL else 6)
@given(data=st.data())
def test_compiled_it_gives_what_it_gives_eagerly(primitive, dtype, data):
    f, args, u, _ = data.draw(points(primitive))
    args = [x.astype(dtype)[()] for x in args]
    others = [(x * dtype(0.97))[()] for x in args]

    def loss(*xs):
        out = f(*xs)
        return np.sum(u.astype(dtype) * out) if np.asarray(u).dtype.kind == "f" else out

    run = tg.compile(f).prepare(*args)
    for numbers in (args, others):
        close(run(*numbers), f(*numbers))
    if primitive.differentiable:
        positions = tuple(range(len(args)))
        gradients = tg.compile(tg.value_and_grad(loss, positions)).prepare(*args)
        for numbers in (args, others):
            value, slopes = tg.value_and_grad(loss, positions)(*numbers)
            ours_, found = gradients(*numbers)
            close(ours_, value)
            for slope, expected in zip(found, slopes, strict=True):
                close(slope, expected)
