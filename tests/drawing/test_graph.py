import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.drawing import draw
from tinygrad_edu.drawing.sketch import picture_of
from tinygrad_edu.errors import ArgumentError, DrawingError


def network():
    X, y = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]), np.array([1.0, 0.0, 1.0])
    w, b = tg.Value([0.5, -1.0]), tg.Value(0.25)
    with tg.scope("layer"):
        h = tg.sigmoid(X @ w + b)
    with tg.scope("loss"):
        e = h - y
        loss = np.mean(e**2) / 2
    return loss, w


def cards(value):
    return {card.key: card for card in picture_of(value).cards}


def test_an_operation_and_its_result_are_one_card():
    loss, _ = network()
    found = [(card.title, card.role, card.shape) for card in picture_of(loss).cards]
    assert found == [
        ("X", "data", "3×2"),
        ("w", "parameter", "2"),
        ("X @ w", "operation", "3"),
        ("b", "parameter", ""),
        ("X @ w + b", "operation", "3"),
        ("h = σ(X @ w + b)", "operation", "3"),
        ("y", "data", "3"),
        ("e = h − y", "operation", "3"),
        ("e²", "operation", "3"),
        ("mean(e²)", "operation", ""),
        ("loss = mean(e²) / 2", "loss", ""),
    ]


def test_edges_carry_the_backward_rules():
    loss, _ = network()
    labels = {(e.source, e.target): (e.label, e.carries_gradient) for e in picture_of(loss).edges}
    assert labels["w", "matmul"] == ("Xᵀ @ ▲", True)
    assert labels["X", "matmul"] == (None, False)
    assert labels["add", "h"] == ("▲ × h(1 − h)", True)
    assert labels["h", "e"] == ("▲", True)


def test_drawing_runs_no_sweep():
    loss, w = network()
    assert {card.gradient is None for card in cards(loss).values()} == {True}
    draw(loss).dot  # noqa: B018
    assert w.grad is None
    loss.backward()
    before = w.grad.copy()
    assert np.array_equal(cards(loss)["w"].gradient, before)
    assert cards(loss)["loss"].gradient == 1
    assert np.array_equal(w.grad, before)


def test_a_parameter_shows_the_numbers_that_were_computed_with():
    loss, w = network()
    loss.backward()
    w.data -= 100 * w.grad
    assert np.array_equal(cards(loss)["w"].value, [0.5, -1.0])


def test_groups_are_scopes_and_leaves_are_with_their_users():
    loss, _ = network()
    picture = picture_of(loss)
    titles = {group.key: group.title for group in picture.groups}
    where = {card.title: titles.get(card.group) for card in picture.cards}
    assert [where[name] for name in ("X", "w", "b", "y")] == ["layer", "layer", "layer", "loss"]


def test_scopes_nest_and_a_shared_leaf_is_outside_of_both():
    w = tg.Value(2.0)
    with tg.scope("net"):
        with tg.scope("one"):
            a = w * 3
        with tg.scope("two"):
            b = w * a
    picture = picture_of(b)
    groups = {group.title: group for group in picture.groups}
    assert groups["one"].parent == groups["two"].parent == groups["net"].key
    assert picture.card["w"].group == groups["net"].key
    assert picture.card["a"].group == groups["one"].key


def test_numbers_have_no_card_and_arrays_have_one():
    x, c = tg.Value([1.0, 2.0]), np.array([3.0, 4.0])
    y = (x * 2 + c) * c + np.float64(1.0)
    assert [card.title for card in picture_of(y).cards if card.role == "data"] == ["c"]
    anonymous = x * np.array([3.0, 4.0])
    assert [card.title for card in picture_of(anonymous).cards if card.role == "constant"] == ["array"]


def test_an_operand_used_twice_has_two_edges():
    a = tg.Value(3.0)
    b = a * a
    found = [(e.source, e.target, e.argument, e.label) for e in picture_of(b).edges]
    assert found == [("a", "b", 0, "▲ × a"), ("a", "b", 1, "▲ × a")]


def test_no_gradient_passes_through_a_comparison():
    x = tg.Value([1.0, -2.0])
    mask = x > 0
    y = np.sum(np.where(mask, x, 0.0))
    y.backward()
    assert cards(y)["mask"].absence == "no gradient"
    assert not cards(y)["mask"].differentiable
    carries = {(e.source, e.target): e.carries_gradient for e in picture_of(y).edges}
    assert carries["x", "mask"] is carries["mask", "where"] is False
    assert carries["x", "where"] is True


def test_a_loop_has_numbered_names():
    x = tg.Value(1.0)
    for _ in range(3):
        x = np.tanh(x)
    assert list(cards(x)) == ["x", "x#2", "x#3", "x#4"]


def test_names_may_be_any_text():
    a = tg.Value(1.0, name='weight of "a" & <b>')
    b = tg.named(a * 2, "layer 1 / out")
    assert list(cards(b)) == ["weight_of__a_____b_", "layer_1___out"]
    assert 'weight of "a" & <b>' in str(draw(b))
    assert draw(b).svg


def test_a_leaf_alone():
    w = tg.Value([1.0, 2.0])
    assert str(draw(w)).splitlines()[-1] == "w  2      rms 1.581  not computed"


def test_names_are_also_searched_where_the_drawing_is_asked_for():
    def value():
        return tg.Value(1.0)

    w = [value()][0]
    assert [card.title for card in draw(w * 2).picture.cards] == ["w", "w × 2"]


def test_the_same_program_gives_the_same_text():
    first, second = network()[0], network()[0]
    assert draw(first).dot == draw(second).dot


def test_what_is_no_value():
    with pytest.raises(ArgumentError) as caught:
        draw(3.0)
    assert str(caught.value) == "draw() needs a Value, not float: draw(loss), for example."


def test_a_graph_too_large_is_refused_at_once():
    x = tg.Value(1.0)
    for _ in range(20_000):
        x = -x
    with pytest.raises(
        DrawingError, match="This graph has 20,001 operations and leaves; a picture of more than"
    ):
        draw(x, collapse=False)


def test_a_long_graph_is_compact_and_has_no_labels():
    x = tg.Value(1.0)
    for _ in range(60):
        x = np.sin(x)
    picture = draw(x).picture
    assert picture.is_compact
    assert {edge.label for edge in picture.edges} == {None}
