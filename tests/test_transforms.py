"""Functions of functions against closed forms: nesting, structures, both modes, all their compositions."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_edu as tg
from tinygrad_edu import Value, runs, transforms
from tinygrad_edu.errors import ArgumentError, LostGradientWarning
from tinygrad_edu.sweeps import history

A = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [4.0, 1.0, -2.0]])
b = np.array([1.0, -2.0, 0.5])
x0 = np.array([0.3, -0.7, 1.1])


def quadratic(x):
    """Gradient (A + A') x + b, Hessian A + A'."""
    return x @ A @ x + b @ x


def bumpy(x):
    """A scalar function whose derivatives of every order matter."""
    return np.sum(np.sin(x) * np.exp(x[::-1])) * x[0] / (2 + np.tanh(x @ b))


def is_plain(x):
    return isinstance(x, (np.ndarray, np.generic)) and not isinstance(x, Value)


# ---- grad and value_and_grad -------------------------------------------------------------------


def test_the_gradient_of_a_quadratic_form():
    np.testing.assert_allclose(tg.grad(quadratic)(x0), (A + A.T) @ x0 + b, rtol=1e-15)
    value, gradient = tg.value_and_grad(quadratic)(x0)
    assert value == quadratic(x0)
    assert type(value) is np.float64
    assert is_plain(gradient)


@pytest.mark.parametrize("x", [3, 3.0, np.float32(3), np.array(3.0), np.array([3, 4]), [3, 4]])
def test_a_gradient_has_the_shape_and_the_type_of_its_argument(x):
    gradient = tg.grad(lambda x: np.sum(x * x) if not isinstance(x, list) else x[0] * x[1])(x)
    if isinstance(x, list):
        assert gradient == [4, 3]
        return
    assert gradient.shape == np.shape(x)
    assert gradient.dtype == (np.float32 if isinstance(x, np.float32) else np.float64)
    assert gradient.tolist() == (2 * np.array(x)).tolist()


def test_gradients_are_private():
    x = np.ones(2)
    _, pull = tg.vjp(lambda x, y: x + y, x, x)
    g = np.array([1.0, 2.0])
    first, second = pull(g)
    first[0] = g[1] = x[0] = 50
    assert second.tolist() == [1, 2]
    value, gradient = tg.value_and_grad(lambda x: x)(np.array([3.0]))
    value[0] = 50
    assert gradient.tolist() == [1]


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [(0, 6), (1, 2), (-1, 2), ((0, 1), (6, 2)), ([1, 0], (2, 6)), ((1,), (2,)), ((), ())],
)
def test_argnums(argnums, expected):
    seen = []

    def f(x, y, *, scale=1):
        seen.append((isinstance(x, Value), isinstance(y, Value)))
        return scale * x * y

    assert tg.grad(f, argnums)(1.0, 3.0, scale=2) == expected
    chosen = {i % 2 for i in np.atleast_1d(argnums).astype(int)}
    assert seen == [(0 in chosen, 1 in chosen)]


def test_functions_of_python():
    assert tg.grad(max, (0, 1))(1.0, 2.0) == (0, 1)
    assert [g.item() for g in tg.grad(sum)([1.0, 2.0])] == [1, 1]


def test_aux_comes_back_plain():
    f = lambda x: (x * x, {"double": 2 * x, "note": "text", "none": None})
    gradient, aux = tg.grad(f, has_aux=True)(3.0)
    assert (gradient, aux) == (6, {"double": 6, "note": "text", "none": None})
    assert is_plain(aux["double"])
    (value, aux), gradient = tg.value_and_grad(f, has_aux=True)(3.0)
    assert (value, aux["double"], gradient) == (9, 6, 6)


def test_an_argument_that_is_ignored_has_gradient_0():
    f = lambda x, y, z: x * x
    arguments = (1.0, np.ones((2, 3), np.float32), {"a": np.ones(2)})
    gradients = tg.grad(f, (0, 1, 2))(*arguments)
    assert gradients[1].tolist() == np.zeros((2, 3)).tolist()
    assert gradients[1].dtype == np.float32
    assert gradients[2]["a"].tolist() == [0, 0]
    assert tg.grad(lambda x: 5.0)(2.0) == 0
    assert tg.grad(lambda x: x > 1 and 5.0)(2.0) == 0
    _, pull = tg.vjp(lambda x: 5.0, np.ones(2))
    assert pull(1.0)[0].tolist() == [0, 0]
    assert tg.jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5, 0)
    assert tg.jacobian(lambda x: np.ones(2))(np.ones(3)).tolist() == np.zeros((2, 3)).tolist()
    assert tg.hessian(lambda x: np.sum(2 * x))(np.ones(2)).tolist() == [[0, 0], [0, 0]]


def test_derivatives_are_taken_where_nothing_is_recorded():
    with tg.no_grad():
        assert tg.grad(lambda x: x**3)(2.0) == 12
        assert tg.hvp(lambda x: x**3, 2.0, 1.0) == 12
        assert tg.jvp(lambda x: x**3, (2.0,), (1.0,))[1] == 12
        assert tg.jacobian(lambda x: x**3)(2.0) == 12
    assert tg.grad(lambda x: no_grad_square(x) * x)(3.0) == 9


@tg.no_grad()
def no_grad_square(x):
    return x * x


def test_the_function_keeps_its_name_and_docstring():
    for transform in (tg.grad, tg.value_and_grad, tg.jacobian, tg.hessian):
        assert transform(quadratic).__name__ == "quadratic"
        assert transform(quadratic).__doc__ == quadratic.__doc__


def test_arguments_are_named_after_the_parameters():
    seen = []

    def f(weights, layers):
        seen.extend(v.name for v in (weights, layers[0], layers[1]["W"], layers[1]["b"][0]))
        return weights

    tg.grad(f, (0, 1))(1.0, [2.0, {"W": 3.0, "b": [4.0]}])
    assert seen == ["weights", "layers[0]", "W", "b[0]"]


# ---- nesting -----------------------------------------------------------------------------------


def test_a_gradient_inside_a_gradient():
    assert tg.grad(lambda x: x * tg.grad(lambda y: x * y)(1.0))(3.0) == 6


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x * tg.grad(lambda y: x + y)(1.0), 1.0, 1),
        (lambda x: x * tg.jvp(lambda y: x + y, (1.0,), (1.0,))[1], 1.0, 1),
        (lambda x: tg.grad(lambda y: x * y * y)(x), 3.0, 12),
        (lambda x: tg.grad(lambda y: tg.grad(lambda z: x * y * z * z)(y))(x), 3.0, 24),
        (lambda x: x * tg.grad(lambda y: tg.stop_gradient(x) * y)(1.0), 3.0, 3),
        (lambda x: tg.grad(lambda y: y * y)(3.0) * x, 2.0, 6),
        (lambda x: tg.jvp(lambda y: y**3, (x,), (1.0,))[1], 2.0, 12),
        (lambda x: tg.jvp(lambda y: y**3, (2.0,), (x,))[1], 5.0, 12),
        (lambda x: tg.vjp(lambda y: y**3, 2.0)[1](x)[0], 5.0, 12),
        (lambda x: tg.hvp(lambda y: y**4, x, 1.0), 2.0, 48),
        (tg.jacobian(lambda y: y**3), 2.0, 12),
        (lambda x: np.sum(tg.jacobian(lambda y: np.stack([x * y, y**2]))(x)), 2.0, 3),
        (lambda x: np.sum(tg.hessian(lambda y: x * np.sum(y**3))(np.array([1.0, 2.0]))), 2.0, 18),
    ],
)
def test_perturbations_are_not_confused(f, x, expected):
    assert tg.grad(f)(x) == expected
    assert tg.jvp(f, (x,), (1.0,))[1] == expected


def test_nested_derivatives_of_every_order():
    f, derivatives = (lambda x: np.exp(2 * x)), []
    for _ in range(5):
        f = tg.grad(f)
        derivatives.append(f(0.5))
    np.testing.assert_allclose(derivatives, np.exp(1) * 2.0 ** np.arange(1, 6), rtol=1e-14)


def test_a_captured_value_makes_results_recorded():
    w = Value(3.0)
    gradient = tg.grad(lambda x: w * x**2)(2.0)
    assert isinstance(gradient, Value)
    assert tg.gradient(gradient, w).item() == 4
    value, slope = tg.value_and_grad(lambda x: w * x)(2.0)
    (value * slope).backward()
    assert w.grad == 2 * 2 * 3
    assert isinstance(tg.jvp(lambda x: w * x, (2.0,), (1.0,))[1], Value)
    mask = w > 2
    assert is_plain(tg.grad(lambda x: x * mask)(2.0))
    assert is_plain(tg.grad(lambda x: x * Value(2.0))(2.0))


def test_an_argument_that_is_a_value_makes_results_recorded_and_is_left_alone():
    w = Value(3.0)
    slope = tg.grad(lambda x: x**3)(w)
    assert tg.gradient(slope, w).item() == 18
    assert tg.grad(lambda x, y: x * y)(w, 2.0).item() == 2
    assert w.grad is None


def test_a_data_dependent_branch_inside_a_nested_gradient():
    def f(x):
        return x**2 if x > 1 else x

    assert [tg.grad(tg.grad(f))(x) for x in (0.5, 2.0)] == [0, 2]


@pytest.mark.parametrize("inner", [tg.grad, lambda f: lambda x: tg.jvp(f, (x,), (1.0,))[1]])
def test_gradients_inside_a_loop_cost_their_own_length_only(inner, monkeypatch):
    visited = []

    def counted(*args):
        nodes = history(*args)
        visited.append(len(nodes))
        return nodes

    for module in (runs, transforms):
        monkeypatch.setattr(module, "history", counted)

    def cost(n):
        visited.clear()
        total = Value(0.5)
        for _ in range(n):
            total = total + inner(lambda y: np.sin(y) * y)(total)
        return sum(visited)

    assert 0 < cost(40) == 2 * cost(20)


# ---- structures --------------------------------------------------------------------------------


class Layer(NamedTuple):
    W: Any
    b: Any


def test_gradients_have_the_structure_of_their_argument():
    parameters = {"layers": [Layer(np.ones((2, 2)), 1.0), (2.0, None)], "scale": np.float32(3)}

    def loss(p):
        (first, (factor, nothing)), scale = p["layers"], p["scale"]
        assert nothing is None
        return np.sum(first.W) * first.b * factor * scale

    gradient = tg.grad(loss)(parameters)
    first, second = gradient["layers"]
    assert isinstance(first, Layer)
    assert (first.W.tolist(), first.b, second) == ([[6, 6], [6, 6]], 24, (12, None))
    assert gradient["scale"] == 8
    assert gradient["scale"].dtype == np.float32


def test_directions_are_matched_by_key_not_by_order():
    f = lambda p: {"u": 2 * p["a"], "v": 3 * p["b"]}
    point, direction = {"a": 1.0, "b": 1.0}, {"b": 1.0, "a": 10.0}
    assert tg.jvp(f, (point,), (direction,)) == ({"u": 2, "v": 3}, {"u": 20, "v": 3})
    _, pull = tg.vjp(f, point)
    assert pull({"v": 1.0, "u": 10.0}) == ({"a": 20, "b": 3},)


def test_derivatives_of_structures():
    f = lambda p: {"sum": p["x"] + p["y"], "product": [p["x"] * p["y"]]}
    p = {"x": np.array([1.0, 2.0]), "y": 3.0}
    jacobian = tg.jacobian(f)(p)
    assert jacobian["sum"]["x"].tolist() == [[1, 0], [0, 1]]
    assert jacobian["sum"]["y"].tolist() == [1, 1]
    assert jacobian["product"][0]["x"].tolist() == [[3, 0], [0, 3]]
    assert jacobian["product"][0]["y"].tolist() == [1, 2]
    hessian = tg.hessian(lambda p: np.sum(p["x"] ** 2 * p["y"]))(p)
    assert hessian["x"]["x"].tolist() == [[6, 0], [0, 6]]
    assert hessian["x"]["y"].tolist() == hessian["y"]["x"].tolist() == [2, 4]
    assert hessian["y"]["y"] == 0


def test_a_hessian_of_several_arguments():
    (xx, xy), (yx, yy) = tg.hessian(lambda x, y: x**2 * y**3, (0, 1))(2.0, 3.0)
    assert (xx, xy, yx, yy) == (54, 108, 108, 72)


# ---- vjp, jvp, jacobian, hessian, hvp ----------------------------------------------------------


def test_pull_can_be_called_again_and_takes_structures():
    out, pull = tg.vjp(lambda x, y: (x * y, [x + y]), 2.0, 3.0)
    assert out == (6, [5])
    assert pull((1.0, [0.0])) == (3, 2)
    assert pull((0.0, [1.0])) == pull([0, (1,)]) == (1, 1)


@pytest.mark.parametrize("rows", [2, 5])
def test_a_jacobian_by_either_mode(rows):
    M = np.arange(3.0 * rows).reshape(rows, 3)
    jacobian = tg.jacobian(lambda x: np.sin(M @ x))(x0)
    np.testing.assert_allclose(jacobian, np.cos(M @ x0)[:, None] * M, rtol=1e-14)


@pytest.mark.parametrize(
    ("inside", "outside"), list(product([(), (2,), (2, 3), (0,)], [(), (4,), (1, 2), (0, 3)]))
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_shape_of_a_jacobian(inside, outside, dtype):
    f = lambda x: np.sum(x) * np.ones(outside, dtype)
    jacobian = tg.jacobian(f)(np.ones(inside, dtype))
    assert (jacobian.shape, jacobian.dtype) == (outside + inside, dtype)
    assert (jacobian == 1).all()


def test_the_hessian_of_a_quadratic_form():
    np.testing.assert_allclose(tg.hessian(quadratic)(x0), A + A.T, rtol=1e-15)
    np.testing.assert_allclose(tg.hvp(quadratic, x0, b), (A + A.T) @ b, rtol=1e-15)


def test_the_hessian_of_rosenbrock():
    f = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    x, y = -1.2, 1.0
    expected = [[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]]
    np.testing.assert_allclose(tg.hessian(f)(np.array([x, y])), expected, rtol=1e-14)


@given(
    hnp.arrays(np.float64, 3, elements=st.floats(-1.5, 1.5)),
    hnp.arrays(np.float64, 3, elements=st.floats(-1, 1)),
)
def test_all_compositions_of_the_modes_agree(x, v):
    forward_over_reverse = tg.hvp(bumpy, x, v)
    reverse_over_forward = tg.grad(lambda x: tg.jvp(bumpy, (x,), (v,))[1])(x)
    reverse_over_reverse = tg.grad(lambda x: np.sum(tg.grad(bumpy)(x) * v))(x)
    along = lambda x, w: tg.jvp(lambda x: tg.jvp(bumpy, (x,), (v,))[1], (x,), (w,))[1]
    forward_over_forward = [along(x, w) for w in np.eye(3)]
    by_hessian = tg.hessian(bumpy)(x) @ v
    for other in (reverse_over_forward, reverse_over_reverse, forward_over_forward, by_hessian):
        np.testing.assert_allclose(other, forward_over_reverse, rtol=1e-12, atol=1e-12)


# ---- gradient of recorded Values ---------------------------------------------------------------


def test_gradients_of_recorded_values():
    x, unused = Value([1.0, 2.0]), Value(1.0)
    h = x * x
    loss = np.sum(h**2)
    found = tg.gradient(loss, {"x": x, "h": h, "others": [unused, loss]})
    assert found["x"].data.tolist() == [4, 32]
    assert found["h"].data.tolist() == [2, 8]
    assert (found["others"][0].item(), found["others"][1].item()) == (0, 1)
    assert (x.grad, h.grad, loss.grad) == (None, None, None)
    assert tg.gradient(np.sum(found["x"]), x).data.tolist() == [12, 48]
    assert tg.gradient(np.sum(found["h"]), x).data.tolist() == [4, 8]


def test_a_gradient_by_an_intermediate_result_holds_nothing_else_fixed():
    x = Value(2.0)
    h = x * x
    both = h * x
    assert tg.gradient(both, h).item() == 2
    assert tg.gradient(both, [h, x])[1].item() == 12


def test_a_result_of_whole_numbers_pulls_nothing_back():
    out, pull = tg.vjp(lambda x: (x * x, np.argmax(x)), np.array([1.0, 3.0]))
    assert out[1] == 1
    assert pull((np.ones(2), 0))[0].tolist() == [2, 6]


# ---- numbers that leave the record ---------------------------------------------------------------


def test_a_warning_where_all_of_an_argument_left_the_record():
    def of_items(x):
        return x.item() ** 2

    def of_an_intermediate(p):
        h = p["w"] * 2
        return np.sum(h.data) * p["b"]

    def of_a_list(x):
        return sum(x.tolist())

    cases = [
        (of_items, 3.0, "x", "x left the record here, by .item()", 1),
        (of_an_intermediate, {"w": np.ones(2), "b": 1.0}, "w", "h left the record here, by .data", 2),
        (of_a_list, np.ones(2), "x", "x left the record here, by .tolist()", 1),
    ]
    for f, argument, name, said, line in cases:
        for transform in (tg.grad, tg.jacobian, lambda f: lambda *args: tg.vjp(f, *args)):
            with pytest.warns(LostGradientWarning, match=f"The gradient of {name} is 0: nothing") as caught:
                transform(f)(argument)
            (warning,) = caught
            assert said in str(warning.message)
            assert warning.filename == __file__
            assert warning.lineno == f.__code__.co_firstlineno + line


def test_a_loop_that_looks_hides_no_other_place():
    def f(x, y):
        for i in range(100):
            (x * i).item()
        return x * y.item()

    with pytest.warns(LostGradientWarning, match="gradient of y is 0"):
        assert tg.grad(f, argnums=(0, 1))(2.0, 3.0) == (3.0, 0.0)


def test_who_looks_at_the_inner_loss_loses_nothing_of_the_outer_one():
    def loss(p):
        value = np.sum(p["w"] ** 2) + p["b"]
        value.item()
        return value

    penalty = tg.grad(lambda p: np.sum(tg.grad(loss)(p)["w"] ** 2))({"w": np.ones(2), "b": 1.0})
    assert penalty["w"].tolist() == [8, 8]
    assert penalty["b"] == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 3.0,
        lambda x: np.sum(x * x.data),
        lambda x: np.sum(tg.stop_gradient(x).data),
        lambda x: np.sum(tg.stop_gradient(x) * x.data),
        lambda x: 1.0 if x[0] > 0 else 2.0,
        lambda x: float(len(f"{x}, {x[0]:.2f}")),
        lambda x: 1.0 * np.argmax(x).item(),
        lambda x: tg.grad(lambda y: np.sum(y**2) * x[0].item())(x)[0],
    ],
)
def test_no_warning_where_a_constant_is_meant(f):
    tg.grad(f)(np.ones(2))  # warnings are errors


def test_an_argument_that_is_not_differentiated_may_be_looked_at():
    assert tg.grad(lambda w, x: w * x.item())(2.0, tg.Value(3.0)).item() == 3.0


def test_a_value_in_place_of_a_function_is_told():
    loss = Value(2.0) ** 2
    for transform in (tg.grad, tg.jacobian, tg.hessian, tg.value_and_grad):
        with pytest.raises(
            ArgumentError, match=r"^A Value is no function: .* loss\.backward\(\) and tg\.gradi"
        ):
            transform(loss)(1.0)


def test_a_function_without_a_result_has_no_jacobian():
    with pytest.raises(ArgumentError, match=r"^The function returned None, .*: is `return` missing\?"):
        tg.jacobian(lambda x: None)(1.0)


@pytest.mark.parametrize(("args", "tangents"), [(1.0, (1.0,)), ((1.0,), 1.0), (np.ones(2), np.ones(2))])
def test_a_direction_comes_as_a_tuple(args, tangents):
    with pytest.raises(ArgumentError, match=r"args and tangents are tuples, jvp\(f, \(x,\), \(t,\)\)"):
        tg.jvp(np.exp, args, tangents)
