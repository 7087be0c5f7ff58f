"""Programs: what is traced, how it is listed, that it runs on other inputs, and when two are equal."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.program import Program

x = np.arange(3.0)
y = np.array([1.0, 0.0, 2.0])


def line(theta, x, y):
    f = theta["slope"] * x + theta["offset"]
    return np.mean((f - y) ** 2) / 2


THETA = {"slope": 2.0, "offset": 0.5}


def test_a_function_is_listed_for_people():
    assert str(tg.trace(line, THETA, x, y)).splitlines() == [
        "program of line",
        "input     slope   scalar  float64",
        "input     offset  scalar  float64",
        "input     x       3       float64",
        "input     y       3       float64",
        "1         v1      3       float64  slope * x",
        "2         f       3       float64  v1 + offset",
        "3         v3      3       float64  f - y",
        "4         v4      3       float64  v3**2",
        "5         v5      scalar  float64  np.mean(v4)",
        "6         v6      scalar  float64  v5 / 2",
        "output    v6",
    ]


def test_a_record_is_listed_by_its_scopes_and_constants():
    w = tg.Value(np.ones((3, 2)), name="w")
    with tg.scope("layer"):
        h = tg.sigmoid(x @ w, beta=2.0)
    with tg.scope("loss"):
        Q = np.sum(h * np.array([1.0, 2.0]))
    assert str(tg.trace(Q)).splitlines() == [
        "program of Q",
        "input     w   3×2     float64",
        "constant  x   3       float64",
        "constant  c1  2       float64  [1, 2]",
        "layer:",
        "1         v1  2       float64  x @ w",
        "2         h   2       float64  tg.sigmoid(v1, beta=2.0)",
        "loss:",
        "3         v3  2       float64  h * c1",
        "4         Q   scalar  float64  np.sum(v3)",
        "output    Q",
    ]


def test_a_program_runs_on_other_inputs():
    program = tg.trace(line, THETA, x, y)
    other = {"slope": -1.0, "offset": 3.0}
    assert program(other, y, x) == line(other, y, x)
    assert program(slope=-1.0, offset=3.0, x=y, y=x) == line(other, y, x)


def test_a_program_on_values_is_recorded():
    program = tg.trace(line, THETA, x, y)
    gradient = tg.grad(lambda theta: program(theta, x, y))(THETA)
    expected = tg.grad(line)(THETA, x, y)
    assert gradient == pytest.approx(expected, rel=1e-14)


def test_recorded_gradients_are_a_program_of_the_parameters():
    theta0, theta1 = tg.Value(0.5, name="theta0"), tg.Value(2.0, name="theta1")
    Q = np.mean((theta1 * x + theta0 - y) ** 2) / 2
    program = tg.trace(tg.gradient(Q, {"theta0": theta0, "theta1": theta1}))
    assert [entry.name for entry in program.inputs] == ["theta0", "theta1"]
    assert {entry.name for entry in program.constants} >= {"x", "y"}
    expected = tg.grad(lambda p: np.mean((p["theta1"] * x + p["theta0"] - y) ** 2) / 2)
    point = {"theta0": -1.0, "theta1": 4.0}
    assert program(-1.0, 4.0) == pytest.approx(expected(point), rel=1e-14)


def test_a_transform_is_traced_like_any_function():
    program = tg.trace(tg.grad(lambda p, x: np.sum(np.tanh(p * x))), 0.5, x)
    assert program(0.25, y) == pytest.approx(tg.grad(lambda p: np.sum(np.tanh(p * y)))(0.25), rel=1e-14)


def test_structures_in_and_out():
    program = tg.trace(lambda a, b: {"sum": a[0] + b, "pair": (a[1] * b, 3.0)}, [1.0, 2.0], x)
    result = program([10.0, 20.0], y)
    assert list(result) == ["sum", "pair"]
    assert result["sum"].tolist() == [11.0, 10.0, 12.0]
    assert (result["pair"][0].tolist(), result["pair"][1]) == ([20.0, 0.0, 40.0], 3.0)


def test_arrays_of_integers_and_settings():
    def chosen(a, rows, power, flag=False):
        return a[rows] ** power if flag else a

    program = tg.trace(chosen, x, np.array([0, 2]), "2" and 2.0, flag=True)
    assert program(np.array([3.0, 4.0, 5.0]), np.array([2, 1]), 3.0).tolist() == [125.0, 64.0]


def test_what_the_result_does_not_need_is_dead_code():
    def f(a, b):
        unused = np.exp(a) * b
        assert unused.shape == ()
        return a + 1

    program = tg.trace(f, 1.0, 2.0)
    assert [operation.primitive.name for operation in program.operations] == ["add"]
    assert [entry.name for entry in program.inputs] == ["a", "b"]
    assert program(5.0, 0.0) == 6.0


def test_programs_are_equal_if_they_do_the_same():
    one = tg.trace(line, THETA, x, y)

    def other(theta, u, v):
        guess = theta["slope"] * u + theta["offset"]
        return np.mean((guess - v) ** 2) / 2

    assert one == tg.trace(other, THETA, x, y)
    assert hash(one) == hash(tg.trace(other, THETA, x, y))
    assert one != tg.trace(line, THETA, x[:2], y[:2])
    assert one != tg.trace(lambda *args: line(*args) * 2, THETA, x, y)
    assert tg.trace(lambda a: a + 1, x) != tg.trace(lambda a: a + 1.0, x)
    assert one != "program"
    assert repr(one) == "<Program line: 6 assignments>"


def test_constants_do_not_change_with_the_arrays_they_came_from():
    weights = np.ones(5000)
    program = tg.trace(lambda a: np.sum(a * weights), 2.0)
    weights[:] = 0
    assert program(2.0) == 10000.0


def test_the_same_array_is_one_constant_in_both_directions():
    w = tg.Value(2.0, name="w")
    Q = np.sum((w * x - y) ** 2)
    program = tg.trace([Q, tg.gradient(Q, w)])
    assert [entry.name for entry in program.constants if entry.name] == ["x", "y"]


def test_a_deep_program():
    def deep(a):
        for _ in range(5000):
            a = a + 1
        return a

    program = tg.trace(deep, 0.0)
    assert len(program) == 5000
    assert program(1.0) == 5001.0
    assert str(program).count("\n") == 5002
    assert program == tg.trace(deep, 0.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: tg.trace(line, THETA, x, y)(THETA, x),
            ArgumentError,
            "line takes 3 arguments, not 2: slope, offset, x, y.",
        ),
        (
            lambda: tg.trace(line, THETA, x, y)(slope=1.0),
            ArgumentError,
            "line takes slope, offset, x, y, not slope.",
        ),
        (
            lambda: tg.trace(line, THETA, x, y)({"slope": 1.0}, x, y),
            ArgumentError,
            "line: argument 1 has no ['offset'].",
        ),
        (
            lambda: tg.trace(line, THETA, x, y)(THETA, x[:2], y),
            ShapeError,
            "line: x has shape (2,), and had (3,) when this was traced. Trace it again for other shapes.",
        ),
        (
            lambda: tg.trace(lambda a: 3.0, 1.0),
            ArgumentError,
            "trace: <lambda> gave nothing that was computed from its arguments.",
        ),
        (
            lambda: tg.trace(tg.Value(1.0), 2.0),
            ArgumentError,
            "trace(values): a record has no arguments; give the function instead.",
        ),
        (
            lambda: tg.trace({"a": 1.0}),
            ArgumentError,
            "trace(values) takes Values that were recorded, not float.",
        ),
        (
            lambda: tg.trace([]),
            ArgumentError,
            "trace(values) takes Values that were recorded, and there are none.",
        ),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_only_programs_that_are_traced_have_a_class():
    assert isinstance(tg.trace(line, THETA, x, y), Program)
