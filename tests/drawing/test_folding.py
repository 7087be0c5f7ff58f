"""What is shown as one card: nothing is lost, nothing runs in circles, large graphs are drawn in time."""

import time
from itertools import pairwise

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.drawing import draw
from tinygrad_edu.drawing.folding import blocks_of
from tinygrad_edu.drawing.sketch import picture_of
from tinygrad_edu.errors import ArgumentError, DrawingError
from tinygrad_edu.sweeps import history


def network(layers=12, activation=np.tanh):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 4)), rng.normal(size=(20, 4))
    h = x
    for number in range(1, layers + 1):
        W, b = tg.Value(rng.normal(size=(4, 4)), name=f"W{number}"), tg.Value(np.zeros(4), name=f"b{number}")
        with tg.scope(f"layer {number}"):
            h = activation(h @ W + b)
    with tg.scope("objective"):
        e = h - y
        loss = np.mean(e**2)
    return loss


def recurrence(rounds):
    w, h = tg.Value(0.9, name="w"), tg.Value(0.5, name="start")
    for _ in range(rounds):
        a = w * h
        h = np.tanh(a) + 0.1
    loss = h * h
    return loss


def neurons(layers=(8, 24, 24, 1)):
    xs = [tg.Value(0.1 * i) for i in range(layers[0])]
    for number, (count, units) in enumerate(pairwise(layers), start=1):
        with tg.scope(f"layer {number}"):
            outputs = []
            for unit in range(units):
                with tg.scope(f"neuron {unit}"):
                    s = tg.Value(0.0)
                    for x in xs[:count]:
                        s = s + tg.Value(0.1) * x
                    outputs.append(np.tanh(s))
            xs = outputs
    loss = xs[0] * xs[0]
    return loss


def wide():
    values = [tg.Value(float(i)) for i in range(150)]
    total = values[0]
    for value in values[1:]:
        total = total * 0.5 + value
    for value in reversed(values):
        total = np.sin(total) + value
    return total


GRAPHS = {
    "network": network,
    "recurrence": lambda: recurrence(1000),
    "neurons": neurons,
    "wide": wide,
    "long": lambda: recurrence(1666),
}


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_every_operation_is_in_one_block_or_has_a_card(make):
    loss = make()
    nodes = history(loss)
    blocks = blocks_of(nodes)
    inside = [thing for block in blocks for thing in block.things]
    assert len({id(thing) for thing in inside}) == len(inside)
    assert id(loss) not in {id(thing) for thing in inside}
    picture = picture_of(loss)  # an edge against the order of computation would be an error
    own = [card for card in picture.cards if card.role != "block" and not card.title.endswith(" Values")]
    values = [thing for thing in inside if isinstance(thing, tg.Value)]
    assert len(values) + sum(card.role in ("operation", "parameter", "loss") for card in own) == len(nodes)
    assert len(picture.cards) <= 50


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)
def test_every_card_has_its_arrows(make):
    picture = picture_of(make())
    assert {edge.source for edge in picture.edges} == {card.key for card in picture.cards[:-1]}
    ways = [(edge.source, edge.target) for edge in picture.edges if "block" in
            {picture.card[edge.source].role, picture.card[edge.target].role}]  # fmt: skip
    assert len(set(ways)) == len(ways)


def test_layers_become_cards_with_their_result_and_their_parameters():
    loss = network()
    loss.backward()
    picture = picture_of(loss)
    titles = [card.title for card in picture.cards]
    assert titles[:-1] == [f"layer {n}" for n in range(1, 13)] + ["objective"]
    first = picture.cards[0]
    assert (first.role, first.note, first.shape) == ("block", "3 operations, 20 parameters", "20×4")
    nodes = {node.name: node for node in history(loss)}
    both = np.concatenate([np.ravel(nodes[name].grad) for name in ("W1", "b1")])
    assert first.extra[1] == f"parameters rms {np.sqrt(np.mean(both**2)):.5f}"
    assert picture.notes == ("38 of 39 operations are collapsed into 13 cards",)
    assert picture.notes[0] in draw(loss).dot


def test_rounds_of_a_loop_are_counted():
    picture = picture_of(recurrence(1000))
    titles = [card.title for card in picture.cards if card.role == "block"]
    assert titles[0] == "rounds 1–42 of 1,000"
    assert titles[-1] == "rounds 967–1,000 of 1,000"
    assert picture.card["w"].note == "parameter, used by 24 cards"
    assert sum(edge.source == "w" for edge in picture.edges) == 1


def test_inner_scopes_are_collapsed_first():
    x = tg.Value(0.5)
    h = x
    for outer in range(3):
        with tg.scope(f"block {outer}"):
            for inner in range(3):
                with tg.scope(f"part {inner}"):
                    for _ in range(6):
                        h = np.sin(h)
    loss = h * h
    picture = picture_of(loss)
    assert [card.title for card in picture.cards[:-1]] == [f"part {n}" for n in (0, 1, 2)] * 3
    assert [group.title for group in picture.groups] == [f"block {n}" for n in range(3)]
    assert len({card.group for card in picture.cards[:-1]}) == 3


def test_scopes_are_collapsed_by_title():
    loss = network(2)
    assert "layer 1" not in [card.title for card in picture_of(loss).cards]
    one = [card.title for card in picture_of(loss, collapse="layer 1").cards]
    assert one[0] == "layer 1"
    assert "W₂" in one
    both = [card.title for card in picture_of(loss, collapse=["layer 1", "layer 2"]).cards]
    assert both[:2] == ["layer 1", "layer 2"]
    every = [card.title for card in picture_of(loss, collapse=True).cards]
    assert every[:-1] == ["layer 1", "layer 2", "objective"]
    assert len(draw(network(), collapse=False).picture.cards) == 65
    with pytest.raises(ArgumentError) as caught:
        draw(loss, collapse="layer 9")
    assert str(caught.value) == (
        "collapse='layer 9': there is no such scope. The scopes are 'layer 1', 'layer 2', 'objective'."
    )


def test_a_large_graph_is_drawn_whole_only_if_it_can_be():
    with pytest.raises(DrawingError, match="This graph has 3,003 operations and leaves"):
        draw(recurrence(1000), collapse=False)


@pytest.mark.parametrize(("rounds", "seconds"), [(333, 2), (1666, 5)], ids=["1,000", "5,000"])
def test_large_graphs_are_drawn_in_time(rounds, seconds):
    loss = recurrence(rounds)
    loss.backward()
    start = time.perf_counter()
    assert draw(loss).svg
    assert time.perf_counter() - start < seconds


def test_dead_and_saturated_units_are_marked():
    W = tg.Value([[1.0, -1.0, 1.0], [0.5, -2.0, 9.0]], name="W")
    h = tg.relu(np.array([[1.0, 1.0], [2.0, 0.5]]) @ W)
    s = tg.sigmoid(h)
    t = np.tanh(np.sum(s) * 3)
    cards = {card.key: card for card in picture_of(t).cards}
    assert cards["h"].marks == ("1 of 3 dead",)
    assert cards["s"].marks == ("2 of 6 saturated",)
    assert cards["t"].marks == ("saturated",)
    assert "1 of 3 dead" in draw(t).dot
    healthy = tg.sigmoid(tg.Value([0.0, 1.0]))
    assert picture_of(healthy).cards[-1].marks == ()


def test_a_maximum_with_zero_is_a_rectifier_and_any_other_is_not():
    x = tg.Value([[-1.0], [-2.0]])
    assert picture_of(np.maximum(x, 0)).cards[-1].marks == ("dead",)
    assert picture_of(np.maximum(x, -3.0)).cards[-1].marks == ()


def test_units_inside_a_collapsed_layer_are_marked_on_its_card():
    loss = network(12, lambda z: tg.relu(z - 100))
    assert picture_of(loss).cards[0].marks == ("4 of 4 dead",)


def test_the_scale_of_gradients_stands_where_there_are_any_and_heat_is_wanted():
    loss = network(2)
    assert "RMS gradient" not in draw(loss).dot
    loss.backward()
    assert "RMS gradient" in draw(loss).dot
    plain = draw(loss, heat=False).dot
    assert "RMS gradient" not in plain
    assert "#bc3f0c" in plain
