"""Manual gradients in the containers of other libraries: what is taken, what is refused and how."""

import numpy as np
import pytest

from tinygrad_edu import Value, compare
from tinygrad_edu.errors import DataTypeError

X, Y = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]]), np.array([1.0, 2.0, 3.0])


class Tensor:
    """Numbers of another library: the array interface, and a device."""

    requires_grad = False

    def __init__(self, numbers, device=(1, 0)):
        self.numbers, self.at = np.asarray(numbers), device
        self.device = "cuda:0" if device[0] == 2 else "cpu"

    def __dlpack_device__(self):
        return self.at

    def __dlpack__(self, **settings):
        return self.numbers.__dlpack__(**settings)

    def __array__(self, dtype=None, copy=None):
        if self.at[0] == 2:
            raise TypeError("cannot convert a tensor on cuda:0 to NumPy.")
        return np.array(self.numbers, dtype=dtype)


class Learning(Tensor):
    requires_grad = True


class OnlyDLPack:
    def __init__(self, numbers):
        self.numbers = np.asarray(numbers)

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, **settings):
        return self.numbers.__dlpack__(**settings)


class Half(Tensor):
    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")


def recorded():
    w = Value([0.5, -1.0], name="w")
    return w, np.mean((X @ w - Y) ** 2) / 2


def gradient():
    return X.T @ (X @ np.array([0.5, -1.0]) - Y) / 3


def loss(w, x, y):
    return np.mean((x @ w - y) ** 2) / 2


@pytest.mark.parametrize(
    "kind", [np.asarray, list, tuple, Tensor, OnlyDLPack], ids=lambda kind: kind.__name__
)
def test_gradients_come_in_any_container(kind):
    _, Q = recorded()
    assert compare(Q, {"w": kind(gradient())}).raise_if_wrong()["w"].verdict in {"correct", "rounding"}
    assert compare(Q, {"w": kind(2 * gradient())})["w"].verdict == "own"


@pytest.mark.parametrize("kind", [Tensor, OnlyDLPack], ids=lambda kind: kind.__name__)
def test_inputs_come_in_any_container(kind):
    inputs = {"w": kind([0.5, -1.0]), "x": kind(X), "y": kind(Y)}
    comparison = compare(loss, lambda w, x, y: {"w": kind(x.T @ (x @ w - y) / len(y))}, inputs)
    assert comparison.raise_if_wrong().probes == 3


def test_probes_come_in_any_container():
    def probes(rng):
        n = int(rng.integers(3, 9))
        return {
            "w": Tensor(rng.normal(size=2)),
            "x": Tensor(rng.normal(size=(n, 2))),
            "y": Tensor(np.ones(n)),
        }

    by_hand = lambda w, x, y: {"w": Tensor(x.T @ (x @ w - y) / len(y))}
    assert compare(loss, by_hand, probes(np.random.default_rng(1)), probes).raise_if_wrong().probes == 3


def test_whole_numbers_in_a_tensor_stay_indices():
    inputs = {"w": np.array([0.5, -1.0, 2.0]), "at": Tensor([0, 2])}
    by_hand = lambda w, at: {"w": np.bincount(at, 2 * w[at], minlength=3)}
    compare(lambda w, at: np.sum(w[at] ** 2), by_hand, inputs).raise_if_wrong()


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (
            Learning([1.0, 2.0]),
            (
                "compare: the manual gradient of 'w' is a Learning of test_foreign that requires grad, so "
                "it is part of another graph. Hand over its numbers: write .detach() behind it."
            ),
        ),
        (
            Tensor([1.0, 2.0], device=(2, 0)),
            (
                "compare: the manual gradient of 'w' is a Tensor of test_foreign on the device cuda:0. Bring "
                "it to the processor first: write .cpu() behind it, or use your library's function for that."
            ),
        ),
        (
            Half([1.0, 2.0]),
            (
                "compare: the manual gradient of 'w' is a Half of test_foreign that does not become a NumPy "
                "array: Got unsupported ScalarType BFloat16."
            ),
        ),
        (
            np.array([1j, 2]),
            "compare: the manual gradient of 'w' is complex128 data, not real numbers.",
        ),
    ],
)
def test_what_cannot_be_taken_is_told(monkeypatch, tensor, message):
    if isinstance(tensor, Tensor):
        monkeypatch.setattr(type(tensor), "__module__", "test_foreign")
    _, Q = recorded()
    with pytest.raises(DataTypeError) as caught:
        compare(Q, {"w": tensor})
    assert str(caught.value) == message


def test_an_input_on_another_device_is_told():
    with pytest.raises(DataTypeError, match=r"the input 'x' is a Tensor of .* on the device cuda:0"):
        compare(loss, lambda w: {"w": w}, {"w": np.ones(2), "x": Tensor(X, device=(2, 0)), "y": Y})
