"""What Values and plain arrays are called."""

import sys

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.program import labels_of, title
from tinygrad_edu.sweeps import history


def labels(out, frame=None):
    return labels_of(history(out), frame)


def names_of(out, frame=None):
    nodes = history(out)
    found = labels_of(nodes, frame)
    return [found.name_of(node) for node in nodes]


def test_given_names_stored_names_and_none():
    w = tg.Value(1.0, name="weight")
    x = tg.Value(2.0)
    y = w * x + 1
    assert names_of(y) == ["weight", "x", None, "y"]


def test_a_name_that_stands_for_several_values_is_numbered_in_the_order_of_computation():
    h = tg.Value(1.0)
    for _ in range(2):
        h = h * 2
    assert names_of(h) == ["h", "h#2", "h#3"]


def test_names_that_are_written_alike_are_numbered_too():
    a1 = tg.Value(1.0)
    a_1 = tg.Value(2.0)
    c = a_1 - a1
    assert names_of(c) == ["a1", "a_1#2", "c"]
    assert title(c, labels(c)) == "c = a₁#2 − a₁"


def test_plain_arrays_are_called_like_the_variables_they_were_loaded_from():
    def model(w):
        X, y = np.ones((4, 2)), np.ones(4)
        return np.mean((X @ w - y) ** 2)

    loss = model(tg.Value([1.0, 2.0]))
    found = labels(loss)
    product = next(node for node in history(loss) if node.primitive and node.primitive.name == "matmul")
    assert found.name_of(product.args[0]) == "X"
    assert [title(node, found) for node in history(loss)][1:3] == ["X @ w", "X @ w − y"]


def test_a_plain_array_and_its_successor_of_the_same_name():
    w = tg.Value(np.ones(2))
    x = np.ones((3, 2))
    x = x @ w
    nodes = history(x)
    assert title(nodes[-1], labels_of(nodes)) == "x#2 = x @ w"


def test_different_arrays_of_a_loop():
    w = tg.Value(np.ones(2))
    total = 0.0
    for row in np.arange(4.0).reshape(2, 2):
        total = total + row @ w
    nodes = history(total)
    found = labels_of(nodes)
    assert [title(node, found) for node in nodes] == [
        "w",
        "row @ w",
        "total = 0 + row @ w",
        "row#2 @ w",
        "total#2 = total + row#2 @ w",
    ]


def test_leaves_in_a_list_are_called_like_the_variable_they_were_loaded_from():
    ws = [tg.Value(0.5), tg.Value(0.25)]
    s = 0.0
    for w, x in zip(ws, (1.5, 2.5), strict=True):
        s = s + w * x
    nodes = history(s)
    found = labels_of(nodes)
    assert [title(node, found) for node in nodes] == [
        "w",
        "w#2",
        "w × 1.5",
        "s = 0 + w × 1.5",
        "w#2 × 2.5",
        "s#2 = s + w#2 × 2.5",
    ]


def test_what_has_no_name_of_its_own_is_called_like_a_variable_of_the_asking_frame():
    def model():
        return tg.Value([1.0, 2.0]) * 2

    loss = model()
    assert names_of(loss) == [None, None]
    assert names_of(loss, sys._getframe()) == [None, "loss"]


def test_an_array_written_in_place_has_no_name_but_its_numbers():
    v = tg.Value([1.0, 2.0])
    s = v + np.array([3.0, 4.0])
    assert title(s, labels(s)) == "s = v + [3, 4]"


def test_numbers_have_no_name():
    rate = 0.5
    v = tg.Value(1.0)
    s = v * rate
    assert title(s, labels(s, sys._getframe())) == "s = v × 0.5"


def test_indices_are_named_where_it_is_certain_what_was_loaded():
    x, rows = tg.Value(np.ones((3, 3))), np.array([0, 2])
    key = (0, rows)
    a = x[rows]
    b = x[:, rows]
    c = x[key]
    assert title(a, labels(a)) == "a = x[rows]"
    assert title(b, labels(b)) == "b = x[:, [0, 2]]"
    assert title(b, labels(b, sys._getframe())) == "b = x[:, rows]"
    assert title(c, labels(c)) == "c = x[0, [0, 2]]"


def test_variables_of_rules_are_not_shown():
    z, y = tg.Value([1.0, 2.0]), np.array([0.0, 1.0])
    loss = tg.binary_cross_entropy_with_logits(z, y)
    nodes = history(loss)
    assert title(nodes[3], labels_of(nodes)) == "[0, 1] × softplus(−z)"
    assert title(nodes[3], labels_of(nodes, sys._getframe())) == "y × softplus(−z)"
    slope = tg.gradient(np.sum(z**3), z)
    assert "term" not in names_of(slope)
    assert "g" not in names_of(slope)


def test_a_stand_in_is_called_like_what_it_stands_for():
    h = tg.Value(1.0)
    found = labels(h)
    stand_in, other = h.leaf(h.data), h.leaf(h.data)
    more = found.with_stand_ins({stand_in: h}, {other: "▲"})
    assert [more.name_of(node) for node in (h, stand_in, other)] == ["h", "h", "▲"]
    assert [more.original(node) for node in (stand_in, other)] == [h, other]
    assert found.name_of(other) is None


def test_asking_twice_gives_the_same_names():
    h = tg.Value(np.ones(2))
    for x in np.ones((3, 2)):
        h = tg.sigmoid(h * x)
    assert names_of(h) == names_of(h) == ["h", None, "h#2", None, "h#3", None, "h#4"]


def logistic(z):
    return 1 / (1 + np.exp(-z))


class Layer:
    def __init__(self, W):
        self.W = W

    def __call__(self, x):
        return logistic(x @ self.W)


def named_results(f, *args):
    nodes = history(f(*map(tg.Value, args)))
    labels = labels_of(nodes)
    return [labels.name_of(node) for node in nodes if node.args and labels.name_of(node)]


def test_what_a_function_returned_is_called_like_the_variable_of_the_caller():
    square = lambda x: x * x

    def loss(x, W):
        a = logistic(x @ W)
        h = Layer(W)(a)
        error = square(h - 1)
        return np.sum(error * h + a)

    assert named_results(loss, np.ones(2), np.eye(2)) == ["a", "h", "error"]


def test_results_in_a_loop_are_numbered():
    def loss(x):
        for _ in range(3):
            x = 2 * x
            h = logistic(x)
            x = h + x
        return x

    assert [name for name in named_results(loss, 1.0) if name.startswith("h")] == ["h", "h#2", "h#3"]


def test_what_a_function_returned_is_not_called_like_a_parameter_or_a_variable_of_a_loop():
    def total(results):
        return sum(each * each for each in results)

    def loss(x):
        return total([logistic(x), logistic(2 * x)]) + logistic(x) * logistic(3 * x)

    assert named_results(loss, 1.0) == []
