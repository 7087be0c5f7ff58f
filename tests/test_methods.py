"""The methods of ndarray on a Value: NumPy's numbers, the caller's names, errors that say what to write."""

import copy
import re

import numpy as np
import pytest

from tinygrad_edu import Value
from tinygrad_edu.errors import ConversionError, MutationError, UnsupportedFunctionError
from tinygrad_edu.methods import MUTATING, RECORDED
from tinygrad_edu.primitives import EXPRESSIONS, REGISTRY
from tinygrad_edu.program import labels_of
from tinygrad_edu.program.text import expression
from tinygrad_edu.sweeps import history

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]])

CALLS = {
    "all": lambda x: (x > -5).all(),
    "any": lambda x: (x > 3).any(axis=0),
    "argmax": lambda x: x.argmax(1),
    "argmin": lambda x: x.argmin(axis=0),
    "argpartition": lambda x: x.argpartition(1, axis=1),
    "argsort": lambda x: x.argsort(0),
    "clip": lambda x: x.clip(-1.5, 3.5),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "copy": lambda x: x.copy(),
    "cumprod": lambda x: x.cumprod(1),
    "cumsum": lambda x: x.cumsum(),
    "diagonal": lambda x: x.diagonal(1),
    "dot": lambda x: x.dot(np.ones(3)),
    "max": lambda x: x.max(axis=(0, 1), keepdims=True),
    "min": lambda x: x.min(-1),
    "nonzero": lambda x: (x > 1).nonzero()[1],
    "prod": lambda x: x.prod(0),
    "repeat": lambda x: x.repeat([1, 0, 2], axis=1),
    "round": lambda x: x.round(),
    "searchsorted": lambda x: x.cumsum().searchsorted(2.5),
    "std": lambda x: x.std(axis=1, ddof=1),
    "take": lambda x: x.take([0, 0, -1], axis=1),
    "trace": lambda x: x.trace(),
    "var": lambda x: x.var(0),
    "compress": lambda x: x.compress([True, False, True], axis=1),
}


def is_known(name):
    function = getattr(np, name)
    return function in REGISTRY or function in EXPRESSIONS


def test_every_method_has_a_sample_call():
    assert CALLS.keys() == {*RECORDED, "compress"}


@pytest.mark.parametrize("name", [name for name in CALLS if is_known(name)])
def test_a_method_is_numpys(name):
    v = Value(X)
    out, plain = CALLS[name](v), CALLS[name](X)
    assert type(out) is Value
    assert (out.dtype, out.shape, out.data.tobytes()) == (plain.dtype, plain.shape, plain.tobytes())


def test_a_result_has_the_name_of_the_variable():
    v = Value(X)
    largest = v.max(1)
    deviation = v.std(axis=0)
    taken = v.take([0, 1])
    kept = v.compress([True])
    total = v.sum()
    assert [result.name for result in (largest, deviation, taken, kept, total, v)] == [
        *("largest", "deviation", "taken", "kept", "total", "v")
    ]


def test_an_expression_that_changes_nothing_keeps_the_name():
    v = Value(X)
    same = np.atleast_2d(v)
    column = np.column_stack([v, v])
    assert same is v
    assert (v.name, column.name) == ("v", "column")


def test_a_copy_has_a_history_and_a_deep_copy_has_none():
    v = Value(X)
    np.sum(v.copy() ** 2).backward()
    assert v.grad.tolist() == (2 * X).tolist()
    for copied in (copy.copy(v), copy.deepcopy(v)):
        assert copied.is_leaf
        assert copied.data.tolist() == X.tolist()


def test_what_is_plain():
    v = Value(X)
    assert v.tolist() == X.tolist()
    assert (v.nbytes, v.itemsize) == (48, 8)
    assert v.real is v


@pytest.mark.parametrize("name", MUTATING)
def test_a_method_that_writes_says_what_to_write_instead(name):
    v = Value(X)
    with pytest.raises(MutationError, match=re.escape(f"v.{name}(...) would overwrite a recorded number: ")):
        getattr(v, name)()


def test_the_words_of_a_method_that_writes():
    weights = Value(X)
    with pytest.raises(MutationError) as raised:
        weights.sort()
    assert str(raised.value) == (
        "weights.sort(...) would overwrite a recorded number: write weights = np.sort(weights) instead."
    )


@pytest.mark.parametrize("name", ["tofile", "ptp_", "strides", "view", "__array_interface__", "_hidden"])
def test_an_attribute_that_a_value_does_not_have(name):
    with pytest.raises(AttributeError) as raised:
        getattr(Value(X), name)
    assert str(raised.value) == (
        f"A Value has no {name}, which an array has: use .data.{name} to look at the numbers, or NumPy's "
        f"functions to compute with them."
        if hasattr(np.ndarray, name) and name[0] != "_"
        else f"'Value' object has no attribute {name!r}"
    )


def test_the_arguments_of_an_expression_are_not_taken_for_operands():
    x, keep = Value([1.0, 2.0, 3.0]), np.array([True, False, True])
    kept = np.compress(keep, x)
    assert expression(kept, labels_of(history(kept))) == "x[[True, False, True]]"


PLAIN = (
    " takes a plain number, not a Value: no gradient passes through a setting. Give its number, "
    "value.item(), or write the formula with operators."
)
NO_RULE = " has no rule on Values"
CONVERT = f"{NO_RULE}: convert the data before it becomes a Value instead."
MODES = (
    f"{NO_RULE}; the modes constant, edge, reflect, symmetric, wrap have one, without further settings than "
    "constant_values."
)
OVERWRITTEN = f"{NO_RULE}: a recorded number is never overwritten; use the result instead."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda v: v.max(out=np.ones(3)), f"max(..., out=...){OVERWRITTEN}"),
        (
            lambda v: np.max(v, 0, None, False, 1.0),
            f"max(..., initial=...){NO_RULE}: combine the initial value with the result instead.",
        ),
        (lambda v: v.var(dtype=np.float32), f"var(..., dtype=...){CONVERT}"),
        (
            lambda v: np.std(v, where=X > 0),
            f"std(..., where=...){NO_RULE}: choose with np.where(condition, x, y) instead.",
        ),
        (lambda v: v.cumsum(0, np.float32), f"cumsum(..., dtype=...){CONVERT}"),
        (lambda v: v.var(over=1), "var: got an unexpected keyword argument 'over'."),
        (lambda v: np.quantile(v, v[0, 0]), f"quantile(..., q=...){PLAIN}"),
        (lambda v: np.roll(v, (1, v[0, 0])), f"roll(..., shift=...){PLAIN}"),
        (
            lambda v: np.quantile(v, 0.5, method="inverted_cdf", weights=[1, 2]),
            f"quantile(..., weights=...){NO_RULE}: leave it out.",
        ),
        (lambda v: np.pad(v, 1, mode="mean"), f"pad(..., mode='mean'){MODES}"),
        (lambda v: np.pad(v, 1, "reflect", reflect_type="odd"), f"pad(..., mode='reflect'){MODES}"),
    ],
)
def test_settings_without_a_rule(call, message):
    with pytest.raises(UnsupportedFunctionError) as raised:
        call(Value(X))
    assert str(raised.value) == message


def test_integers_in_values_are_settings():
    v = Value(X)
    one = np.argmax(v[1])  # a Value that holds the integer 1
    for recorded, settings in (
        (np.sum(v, axis=one), "{'axis': 1}"),
        (v.sum(one), "{'axis': 1}"),
        (v.mean((0, one), keepdims=True), "{'axis': (0, 1), 'keepdims': True}"),
        (v.squeeze(()), "{'axis': ()}"),
        (v.swapaxes(0, one), "{'axis1': 0, 'axis2': 1}"),
        (v.transpose(one, 0), "{'axes': (1, 0)}"),
        (v.reshape(one, -1), "{'shape': (1, -1)}"),
        (v.reshape((6, one)), "{'shape': (6, 1)}"),
        (np.roll(v, (one, 0), axis=(0, one)), "{'shift': (1, 0), 'axis': (0, 1)}"),
    ):
        assert repr(dict(recorded.params)) == settings
    assert np.repeat(v, np.argsort(v[0]), axis=1).params["repeats"].tolist() == [1, 2, 0]
    assert [type(end) for end in (v[one:].params["index"][0].start, v[:one:one].params["index"][0].step)] == [
        int,
        int,
    ]
    assert v[one:, ::-one].data.tolist() == X[1:, ::-1].tolist()


def test_a_setting_that_is_an_array_belongs_to_the_graph():
    times = np.array([1, 0, 2])
    v = Value(X)
    out = np.repeat(v, times, axis=1)
    times[:] = 1
    np.sum(out).backward()
    assert v.grad.tolist() == [[1, 0, 2], [1, 0, 2]]


@pytest.mark.parametrize("function", [np.sum, np.mean, np.max, np.prod, np.std, np.cumsum, np.sort])
@pytest.mark.parametrize("data", [1.0, [1.0, 2.0]])
def test_a_list_of_values_where_numpy_takes_an_array(function, data):
    v, w = Value(data), Value(data)
    with pytest.raises(ConversionError, match=r"to put Values side by side use np\.stack or np\.concatenate"):
        function([v, w])
