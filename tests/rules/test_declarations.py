"""Primitives that a user declares, of each kind: one rule is enough for both modes and every order."""

import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, RuleError, UnsupportedFunctionError
from tinygrad_edu.primitives import EVERYWHERE, REGISTRY

M = np.array([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.0], [0.3, 0.1, 4.0]])
x0, v0 = np.array([1.5, -0.5, 2.0]), np.array([0.3, 1.0, -2.0])


def cubed(x, scale=1.0):
    return scale * x**3


def smoothed(x):
    return (x + x[::-1]) / 2


def paired(x, y):
    return np.outer(x, y)


def solved(A, b):
    return np.linalg.solve(A, b)


def norm(x):
    return np.sqrt(np.sum(x * x))


cube = tg.primitive(cubed, lambda g, out, x, scale=1.0: g * (3 * scale * x**2))
smooth = tg.primitive(smoothed, lambda g, out, x: smooth(g), kind="linear")
pair = tg.primitive(
    paired,
    lambda g, out, x, y: np.sum(g * y, axis=1),
    lambda g, out, x, y: np.sum(g * np.expand_dims(x, 1), axis=0),
    kind="multilinear",
)
solve = tg.primitive(
    solved,
    lambda g, out, A, b: -np.expand_dims(solve(A.T, g), 1) * out,
    lambda g, out, A, b: solve(A.T, g),
    kind="general",
)
length = tg.primitive(norm, lambda g, out, x: g * x / out, kind="general")


@pytest.mark.parametrize(
    ("declared", "plain", "args"),
    [
        (cube, cubed, (x0,)),
        (lambda x: cube(x, scale=2.0), lambda x: cubed(x, scale=2.0), (x0,)),
        (lambda x: cube(x, 2.0), lambda x: cubed(x, 2.0), (x0,)),
        (lambda x: cube(x=x), cubed, (x0,)),
        (smooth, smoothed, (x0,)),
        (pair, paired, (x0, v0)),
        (solve, solved, (M, x0)),
        (length, norm, (x0,)),
    ],
)
def test_one_rule_gives_every_derivative(declared, plain, args):
    everything = range(len(args))
    step = 1e-20
    directions = [np.cos(np.arange(x.size)).reshape(x.shape) for x in args]
    expected = plain(*(x + 1j * step * v for x, v in zip(args, directions, strict=True))).imag / step
    out, tangent = tg.jvp(declared, args, directions)
    np.testing.assert_array_equal(out, plain(*args))
    np.testing.assert_allclose(tangent, expected, rtol=1e-13, atol=1e-14)

    weights = np.sin(1 + np.arange(out.size)).reshape(out.shape)[()]

    def loss(*xs):
        return np.sum(weights * declared(*xs) ** 2)

    def slope(*xs):
        return tg.jvp(loss, xs, directions)[1]

    def towards(gradients):
        return sum(np.sum(g * v) for g, v in zip(gradients, directions, strict=True))

    gradient = tg.grad(loss, everything)
    assert towards(gradient(*args)) == pytest.approx(np.sum(2 * weights * out * tangent), rel=1e-13)
    curvature = tg.jvp(slope, args, directions)[1]
    assert towards(tg.grad(slope, everything)(*args)) == pytest.approx(curvature, rel=1e-12)
    assert towards(tg.jvp(gradient, args, directions)[1]) == pytest.approx(curvature, rel=1e-12)
    ahead, behind = (
        slope(*(x + t * v for x, v in zip(args, directions, strict=True))) for t in (1e-5, -1e-5)
    )
    assert curvature == pytest.approx((ahead - behind) / 2e-5, rel=1e-8)


def test_a_general_rule_is_transposed_where_nothing_is_recorded():
    with tg.no_grad():
        assert tg.jvp(length, (np.array([3.0, 4.0]),), (np.array([1.0, 0.0]),))[1] == pytest.approx(0.6)


def test_a_primitive_is_the_function_on_plain_arrays():
    assert cube(2.0) == 8
    assert (cube.__name__, cube.name, repr(cube)) == ("cubed", "cubed", "<elementwise primitive cubed>")
    assert (cube.differentiable, cube.domain) == (True, (EVERYWHERE,))


@pytest.mark.parametrize("primitive", [tg.sigmoid, tg.relu, REGISTRY[np.tanh]])
def test_a_primitive_is_pickled_by_its_function(primitive):
    assert pickle.loads(pickle.dumps(primitive)) is primitive


def test_an_argument_without_a_rule_lets_no_gradient_pass():
    chosen = tg.primitive(
        lambda x, keep: np.where(keep, x, 0), lambda g, out, x, keep: np.where(keep, g, 0), None
    )
    x, keep = Value([1.0, 2.0]), Value([1.0, 0.0])
    np.sum(chosen(x, keep)).backward()
    assert (x.grad.tolist(), keep.grad) == ([1, 0], None)
    assert tg.jvp(lambda keep: chosen(np.ones(2), keep), (np.ones(2),), (np.ones(2),))[1].tolist() == [0, 0]


def test_more_arrays_than_rules():
    raised = tg.primitive(
        lambda x, *powers: x ** sum(powers), lambda g, out, x, *powers: g * sum(powers) * out / x
    )
    for x in (2.0, np.array([2.0])):
        assert tg.grad(lambda x: np.sum(raised(x, 3)))(x) == 12
        assert tg.grad(lambda x: np.sum(raised(x, 2, 2)))(x) == 32


def test_settings_that_a_rule_collects():
    scaled = tg.primitive(
        lambda x, by=1.0, shift=0.0: by * x + shift, lambda g, out, x, **settings: g * settings["by"]
    )
    assert tg.grad(lambda x: scaled(x, by=3.0, shift=1.0))(2.0) == 3


@pytest.mark.parametrize("kind", ["elementwise", "linear", "general"])
def test_a_rule_that_gives_another_shape_is_an_error(kind):
    def doubled(x):
        return 2 * x

    declared = tg.primitive(doubled, lambda g, out, x: np.stack([g, g]), kind=kind)
    with pytest.raises(RuleError) as raised:
        tg.grad(lambda x: np.sum(declared(x)))(np.ones(3))
    assert str(raised.value) == (
        "The rule of doubled for argument 1 gave a gradient of shape (2, 3) for an argument of shape (3,). A "
        "rule must give the shape of its argument."
    )


@pytest.mark.parametrize("x", [1.0, np.ones(3)])
@pytest.mark.parametrize("nothing", [None, 2])
def test_a_rule_that_gives_no_array_is_an_error(nothing, x):
    def doubled(x):
        return 2 * x

    declared = tg.primitive(doubled, lambda g, out, x: nothing)
    with pytest.raises(RuleError) as raised:
        tg.grad(lambda x: np.sum(declared(x)))(x)
    assert str(raised.value) == (
        f"The rule of doubled for argument 1 gave {nothing}, which is no array: a rule gives g times the "
        "derivative. For an argument without a gradient, None stands in place of the rule."
    )


def test_a_kind_that_does_not_exist():
    with pytest.raises(ArgumentError) as raised:
        tg.primitive(cubed, lambda g, out, x: g, kind="nonlinear")
    assert (
        str(raised.value)
        == "kind='nonlinear': a primitive is one of elementwise, linear, multilinear, general, flat."
    )


def test_a_primitive_without_rules():
    with pytest.raises(ArgumentError) as raised:
        tg.primitive(cubed)
    assert str(raised.value) == "cubed: a primitive needs a rule (or None) for each array."


def test_a_setting_that_no_rule_understands():
    shifted = tg.primitive(lambda x, by=0.0: x + by, lambda g, out, x: g)
    with pytest.raises(UnsupportedFunctionError) as raised:
        shifted(Value(1.0), by=2.0)
    assert str(raised.value) == "<lambda>(..., by=...) has no rule on Values: leave it out."


def test_what_is_declared_is_a_function():
    with pytest.raises(
        ArgumentError, match=r"primitive\(3, ...\): the first argument is the function itself."
    ):
        tg.primitive(3, lambda g, out, x: g)


def test_lists_are_arrays_to_a_primitive_as_they_are_to_numpy():
    assert tg.sigmoid([0.0, 0.0]).tolist() == [0.5, 0.5]
