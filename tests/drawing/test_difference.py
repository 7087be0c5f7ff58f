"""The picture of a comparison: which colour a gradient has, what is dashed, and which factor is named."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.comparison import Comparison
from tinygrad_edu.drawing import difference_of
from tinygrad_edu.errors import ArgumentError

X = np.array([[1.0, 2.0], [0.3, -1.0], [2.0, 0.5]])
INPUTS = {
    "W": np.array([[0.1, -0.1, 0.6], [0.1, -0.5, 0.4]]),
    "V": np.array([[1.3, 0.9, -0.7], [-1.3, -0.6, 0.1], [-2.3, -0.2, -1.2]]),
}


def loss(W, V):
    h = np.tanh(X @ W)
    s = h @ V
    r = s + h
    return np.mean(r**2) / 2


def by_hand(h, V, r):
    dr = r / r.size
    dh = dr @ V.T + dr
    return {"r": dr, "s": dr, "h": dh, "W": X.T @ (dh * (1 - h * h)), "V": h.T @ dr}


def lost_path(h, V, r):
    right = by_hand(h, V, r)
    dh = right["s"] @ V.T
    return {**right, "h": dh, "W": X.T @ (dh * (1 - h * h))}


def missing_derivative(h, V, r):
    right = by_hand(h, V, r)
    return {**right, "W": X.T @ right["h"]}


def missing_gradient(h, V, r):
    return {**by_hand(h, V, r), "V": None}


def wrong_sign(h, V, r):
    return {**by_hand(h, V, r), "V": -by_hand(h, V, r)["V"]}


def drawn(manual):
    return difference_of(tg.compare(loss, manual, INPUTS))


def marks(picture):
    return {card.key: (card.judged.mark, card.judged.words) for card in picture.cards if card.judged}


def faults(picture):
    return {(edge.source, edge.target): (edge.fault, edge.label) for edge in picture.edges if edge.fault}


def test_a_right_derivation_is_all_green():
    picture = drawn(by_hand)
    named = {"r", "s", "h", "W", "V"}
    found = marks(picture)
    assert {found[name] for name in named} == {("right", "correct")}
    assert {found[name] for name in found.keys() - named} == {("none", "not compared")}
    assert faults(picture) == {}
    assert picture.notes == ("All 5 manual gradients agree with the automatic ones.",)


def test_a_lost_path_is_named_on_its_edge_and_what_follows_is_inherited():
    picture = drawn(lost_path)
    found = marks(picture)
    assert found["h"] == ("own", "WRONG here")
    assert found["W"] == ("inherited", "wrong, inherited")
    assert found["r"] == found["V"] == ("right", "correct")
    assert faults(picture) == {("h", "r"): ("lost", "lost: ▲")}
    assert picture.notes == (
        "h: What comes back to h from `r = s + h` is missing: h is used there too, so it must be added (+=).",
    )


def test_a_missing_derivative_is_named_on_its_edge():
    assert faults(drawn(missing_derivative)) == {("matmul", "h"): ("wrong", "missing: ▲ × (1 − h × h)")}


def test_a_missing_gradient_has_no_way_to_it():
    assert faults(drawn(missing_gradient)) == {("V", "s"): ("lost", "lost: hᵀ @ ▲")}


def test_a_gradient_that_is_wrong_as_a_whole_has_the_right_formula_on_its_only_edge():
    assert faults(drawn(wrong_sign)) == {("V", "s"): ("wrong", "right: hᵀ @ ▲")}


def test_a_wrong_gradient_is_shown_with_the_right_one():
    card = next(card for card in drawn(wrong_sign).cards if card.key == "V")
    np.testing.assert_allclose(card.judged.manual, -card.gradient, rtol=1e-12)


def test_the_gradients_of_the_graph_are_left_alone():
    w = tg.Value(2.0, name="w")
    Q = w * w
    tg.draw(tg.compare(Q, {"w": 4.0})).dot  # noqa: B018 - makes the picture
    assert w.grad is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lost_path_is_dashed_and_the_legend_explains_the_colours(theme):
    drawing = tg.draw(tg.compare(loss, lost_path, INPUTS), theme=theme)
    lines = {
        found[1]: line
        for line in drawing.dot.splitlines()
        if (found := re.search(r'id="(back-[^"]*)"', line))
    }
    assert [name for name, line in lines.items() if 'style="dashed"' in line] == ["back-h-r-1"]
    words = " ".join(
        text.text or "" for text in ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text")
    )
    for told in (
        "correct",
        "WRONG here",
        "wrong, inherited",
        "not compared",
        "by hand:",
        "right:",
        "lost: ▲",
    ):
        assert told in words
    assert "a dashed arrow is a way that was lost: nothing was handed back along it" in words


def test_in_plain_text_and_for_a_screen_reader_the_verdicts_are_words():
    drawing = tg.draw(tg.compare(loss, wrong_sign, INPUTS))
    lines = {line.split()[0]: line for line in str(drawing).splitlines()[2:]}
    assert re.search(r"WRONG here: rms 0\.\d+, right rms 0\.\d+$", lines["V"])
    assert re.search(r"correct: rms 0\.\d+$", lines["W"])
    description = ET.fromstring(drawing.svg).find("{http://www.w3.org/2000/svg}desc").text
    assert "V: The gradient of V has the wrong sign" in description


def test_the_legend_explains_only_what_is_there():
    dot = tg.draw(tg.compare(loss, by_hand, INPUTS)).dot
    assert "inherited" not in dot
    assert "dashed" not in dot


def test_code_in_a_note_is_not_broken():
    dot = tg.draw(tg.compare(loss, lost_path, INPUTS)).dot
    assert "`r = s + h`" in dot


def test_in_a_large_graph_the_faults_keep_their_labels():
    w = tg.Value(0.5, name="w")
    x = w
    for _ in range(60):
        x = np.sin(x)
    h = x * 2
    Q = np.sum(h * h)
    dot = tg.draw(tg.compare(Q, {"h": h.data})).dot
    assert "right: ▲ × h" not in dot  # used twice: it is not known on which way the factor is missing
    assert "▲ × cos" not in dot


def test_a_comparison_without_a_graph_is_refused():
    with pytest.raises(ArgumentError) as caught:
        tg.draw(Comparison(()))
    assert str(caught.value) == (
        "draw() cannot show this comparison: it was not made by compare, and has no graph."
    )
