"""Functions and rules that users wrote cannot spoil what is recorded."""

import functools
import inspect
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, DataTypeError, MutationError, RuleError

X = np.array([1.0, 2.0, 3.0])


def test_a_function_that_overwrites_its_argument_is_told():
    def shifted(x):
        x -= np.max(x)
        return np.exp(x)

    shifted = tg.primitive(shifted, lambda g, out, x: g * out)
    x = tg.Value(X)
    with pytest.raises(MutationError, match=r"^shifted overwrites an array that it was given, and that oth"):
        shifted(x)
    assert np.array_equal(x.data, X)


def test_a_rule_that_overwrites_the_gradient_is_told():
    def in_place(g, out, x):
        g *= 2
        return g

    def twice(x):
        return 2 * x

    twice = tg.primitive(twice, in_place)
    with pytest.raises(MutationError, match=r"^The rule of twice for argument 1 overwrites an array"):
        tg.grad(lambda x: np.sum(twice(x) + x))(X)


def test_an_array_that_a_function_gives_twice_is_copied():
    room, gradients = np.zeros(3), np.zeros(3)

    def power(x):
        return np.exp(x, out=room)

    power = tg.primitive(power, lambda g, out, x: np.multiply(g, out, out=gradients))
    slope = tg.grad(lambda x: np.sum(power(0.1 * power(x)) + power(x)))(X)
    assert slope == pytest.approx(0.1 * np.exp(X) * np.exp(0.1 * np.exp(X)) + np.exp(X), rel=1e-14)


def test_the_argument_itself_may_be_the_result():
    def same(x):
        return x

    same = tg.primitive(same, lambda g, out, x: g)
    x = tg.Value(X)
    np.sum(same(x) * x).backward()
    assert np.array_equal(x.grad, 2 * X)
    x.data[0] = 7
    x.grad[0] = 7


def test_lists_of_arrays_are_lent_too():
    def total(arrays):
        arrays[0][...] = 0
        return sum(arrays)

    total = tg.primitive(total, lambda i, g, out, *arrays: g, variadic=True)
    with pytest.raises(MutationError, match=r"^total overwrites"):
        total([tg.Value(X), X])


def test_settings_are_lent_too():
    def weighed(x, w=None):
        w *= 2
        return x * w

    weighed = tg.primitive(weighed, lambda g, out, x, w=None: g * w)
    with pytest.raises(MutationError, match=r"^weighed overwrites an array that it was given"):
        weighed(tg.Value(X), w=np.ones(3))


def test_matrices_and_masks_are_refused():
    def masked(x):
        return np.ma.masked_less(x, 2)

    def matrix(x):
        return x.view(np.matrix)

    def doubled(x):
        return 2 * x

    matrix = tg.primitive(matrix, lambda g, out, x: g, kind="linear")
    doubled = tg.primitive(doubled, lambda g, out, x: g.view(np.matrix))
    with pytest.raises(DataTypeError, match=r"^masked gave a masked array, whose mask would be lost"):
        tg.primitive(masked, lambda g, out, x: g)(tg.Value(X))
    with pytest.raises(DataTypeError, match=r"^matrix gave a np\.matrix, whose \* is the @ of an array"):
        matrix(tg.Value(np.ones((2, 2))))
    with pytest.raises(DataTypeError, match=r"^The rule of doubled for argument 1 gave a np\.matrix"):
        tg.grad(lambda x: np.sum(doubled(x)))(np.ones((2, 2)))


def test_a_rule_of_complex_numbers_is_refused():
    def turned(x):
        return x

    turned = tg.primitive(turned, lambda g, out, x: g * 1j)
    with pytest.raises(RuleError, match=r"^The rule of turned for argument 1 gave complex numbers: a g"):
        tg.grad(lambda x: np.sum(turned(x)))(X)


@pytest.mark.parametrize(
    ("rules", "variadic", "message"),
    [
        (
            [lambda g, out: g],
            False,
            r"The rule of f for argument 1 takes \(g, out\): it is called as rule\(g, o",
        ),
        ([None, lambda g, x: g], False, r"argument 2 takes \(g, x\): it is called as rule\(g, out, x1, x2\)"),
        ([3], False, "argument 1 is 3: a rule is a function, called as"),
        (
            [lambda g, out: g],
            True,
            r"The rule of f takes \(g, out\): it is called as rule\(i, g, out, x1, ...\)",
        ),
    ],
)
def test_a_rule_that_cannot_be_called_is_told_when_it_is_declared(rules, variadic, message):
    def f(*arrays):
        return arrays[0]

    with pytest.raises(ArgumentError, match=message):
        tg.primitive(f, *rules, variadic=variadic)


def test_what_is_called_like_a_function_has_the_name_of_its_class():
    class Scale:
        def __call__(self, x):
            return 2 * x

    for function in (Scale(), functools.partial(np.multiply, 2)):
        scale = tg.primitive(function, lambda g, out, x: 2 * g)
        assert scale.name == type(function).__name__
        assert tg.grad(scale)(1.0) == 2


def test_functions_and_rules_of_this_package_are_called_as_they_are():
    for name in ("sigmoid", "relu", "softmax"):
        entry = getattr(tg, name)
        assert all(inspect.unwrap(f) is f for f in entry.rules)
        assert Path(entry.rules[0].__code__.co_filename).parent.name == "rules"
        assert Path(inspect.unwrap(entry.compute).__code__.co_filename).parent.name == "rules"


def test_a_vector_is_cut_in_blocks_for_ufuncs_only():
    def share(w, x):
        return w * x / np.max(x)

    share = tg.primitive(share, lambda g, out, w, x: g * (x / np.max(x)), None)
    x, w = np.arange(1.0, 100_001.0), tg.Value(2.0)
    np.sum(share(w, x)).backward()
    assert w.grad == pytest.approx(np.sum(x / 100_000), rel=1e-12)
