"""Values whose data are dask arrays: the gradients of NumPy, and nothing computed before it is asked for."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import DataTypeError, UnsupportedFunctionError
from tinygrad_edu.primitives import EXPRESSIONS, REGISTRY

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

rng = np.random.default_rng(0)
X0, w0, W0 = rng.normal(size=(8, 3)), rng.normal(size=3), rng.normal(size=(3, 2))


@pytest.fixture(autouse=True)
def threaded():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


def case(name, f, *arrays, needs=()):
    known = all(function in REGISTRY or function in EXPRESSIONS for function in needs)
    marks = () if known else pytest.mark.skip(reason="there is no rule of it yet")
    return pytest.param(f, arrays, id=name, marks=marks)


CASES = [
    case("elementwise", lambda X: np.sum(np.exp(-(X**2)) / (2 + np.sin(X)) - np.tanh(X)), X0),
    case("broadcast", lambda X, w: np.sum((X * w + w) ** 2), X0, w0),
    case("sigmoids", lambda X: np.sum(tg.sigmoid(X) * tg.softplus(X) * tg.relu(X)), X0),
    case("sum", lambda X: np.sum(np.sum(X**2, axis=0) ** 2), X0),
    case("mean", lambda X: np.sum(np.mean(X**2, axis=1, keepdims=True) * X), X0),
    case("max", lambda X: np.sum(np.max(X, axis=1) ** 2), X0, needs=[np.max]),
    case("vector", lambda X, w: np.mean((X @ w - 1) ** 2), X0, w0),
    case("matrix", lambda X, W: np.sum((X @ W) ** 2), X0, W0),
    case("gram", lambda X: np.sum((X.T @ X) ** 2), X0),
    case("einsum", lambda X, W: np.sum(np.einsum("ij,jk->ik", X, W) ** 2), X0, W0, needs=[np.einsum]),
    case("where", lambda X: np.sum(np.where(X > 0, X**2, -X)), X0),
    case("maximum", lambda X: np.sum(np.maximum(X, 0.5 * X)), X0),
    case("concatenate", lambda X: np.sum(np.concatenate([X, 2 * X], axis=1) ** 3), X0),
    case("transpose", lambda X: np.sum(np.transpose(X) ** 3), X0),
    case("expand_dims", lambda X: np.sum((np.expand_dims(X, 1) - np.expand_dims(X, 2)) ** 2), X0),
    case("checkpoint", lambda X, w: np.sum(tg.checkpoint(lambda X: np.tanh(X @ w))(X) ** 2), X0, w0),
    case("slice", lambda X: np.sum(X[1:6] ** 2), X0),
    case("new axes", lambda X: np.sum((X[:, None] - X[None, :, ::-1]) ** 2 * X[..., None, :1]), X0),
    case("reshape", lambda X: np.sum(X.reshape(-1) ** 3), X0),
    case("loss", lambda X, w: tg.binary_cross_entropy_with_logits(X @ w, 1.0), X0, w0),
]


def lazy(array):
    return da.from_array(array, chunks=(4, *array.shape[1:]))


@pytest.mark.parametrize(("f", "arrays"), CASES)
def test_the_gradients_are_those_of_numpy(f, arrays):
    values = [Value(lazy(x)) for x in arrays]
    loss = f(*values)
    loss.backward()
    assert isinstance(loss.data, da.Array)
    assert all(isinstance(value.grad, da.Array) for value in values)
    assert loss.item() == pytest.approx(float(f(*arrays)), rel=1e-13)
    everything = tuple(range(len(arrays)))
    for value, expected in zip(values, tg.grad(f, everything)(*arrays), strict=True):
        assert (value.grad.shape, value.grad.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(value.grad.compute(), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("f", "arrays"), CASES)
def test_transforms_and_higher_orders(f, arrays):
    everything = tuple(range(len(arrays)))
    chunked = [lazy(x) for x in arrays]
    value, gradients = tg.value_and_grad(f, everything)(*chunked)
    assert all(isinstance(x, da.Array) for x in (value, *gradients))
    directions = [np.cos(x) for x in arrays]
    tangent = tg.jvp(f, chunked, [lazy(v) for v in directions])[1]
    assert float(tangent) == pytest.approx(float(tg.jvp(f, arrays, directions)[1]), rel=1e-11)
    curved = tg.hvp(lambda x: f(x, *chunked[1:]), chunked[0], lazy(directions[0]))
    expected = tg.hvp(lambda x: f(x, *arrays[1:]), arrays[0], directions[0])
    np.testing.assert_allclose(np.asarray(curved), expected, rtol=1e-10, atol=1e-12)


def test_nothing_is_computed_before_it_is_asked_for():
    loads = []

    def load(block):
        loads.append(block.shape)
        return np.ones(block.shape)

    X = da.zeros((1000, 3), chunks=(100, 3)).map_blocks(load, meta=np.zeros((0, 0)))
    w = Value(w0)
    loss = np.mean((X @ w - 1) ** 2)
    loss.backward()
    assert repr(loss).startswith("Value(dask.array<")
    assert loads == []
    value, gradient = dask.compute(loss.data, w.grad)
    assert sorted(loads) == [(100, 3)] * 10  # both from one pass over the data
    np.testing.assert_allclose(gradient, tg.grad(lambda w: np.mean((np.ones((1000, 3)) @ w - 1) ** 2))(w0))
    assert value == pytest.approx((w0.sum() - 1) ** 2)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (np.argsort, "argsort of an array of dask would turn it into a NumPy array"),
        (
            lambda X: np.sum(X[np.array([0, 2, 2])]).backward(),
            "The gradient of getitem of an array of dask would",
        ),
    ],
)
def test_what_would_become_numpy_is_refused(f, words):
    with pytest.raises(UnsupportedFunctionError) as raised:
        f(Value(lazy(X0)))
    assert str(raised.value).startswith(words)
    assert "np.concatenate and transposes stay with dask; or compute it first" in str(raised.value)


def test_data_are_real_numbers_of_a_shape_that_is_known():
    x = Value(da.arange(3, chunks=2))
    assert x.dtype == np.float64
    np.sum(x**2).backward()
    assert np.array_equal(x.grad.compute(), [0, 2, 4])
    with pytest.raises(DataTypeError, match="data must be real numbers, not complex numbers"):
        Value(da.ones(3) * 1j)
    X = lazy(X0)
    with pytest.raises(
        DataTypeError, match=r"^An array of shape \(nan, 3\) does not know how long it is: comp"
    ):
        Value(X[X[:, 0] > 0])
    with pytest.raises(
        DataTypeError, match=r"^An array of shape \(nan, 3\) does not know how long it is: comp"
    ):
        Value(X)[X[:, 0] > 0]
