"""Where a slope jumps: both sides are a matter of convention, and anything else is a mistake."""

import numpy as np
import pytest

import tinygrad_edu as tg


def tied_relu():
    w = tg.Value([0.5, 2.0])
    return np.sum(tg.relu(w * 2 - 1)), w  # the first element is exactly at 0


def tied_maximum():
    w = tg.Value([0.5, 2.0])
    return np.sum(np.maximum(0.5, w) * 2), w


def tied_absolute():
    w = tg.Value([0.5, 2.0])
    return np.sum(np.abs(w * 2 - 1)), w


@pytest.mark.parametrize(
    ("model", "agrees", "convention", "mistake"),
    [
        (tied_relu, [0, 2], [2, 2], [3, 2]),
        (tied_maximum, [1, 2], [0, 2], [-1, 2]),
        (tied_maximum, [1, 2], [2, 2], [1, 4]),
        (tied_absolute, [0, 2], [-2, 2], [2, -2]),
    ],
)
def test_at_an_exact_tie_only_the_slopes_between_the_two_sides_are_forgiven(
    model, agrees, convention, mistake
):
    loss, w = model()
    assert tg.compare(loss, {w: agrees})["w"].verdict == "correct"
    assert tg.compare(loss, {w: convention})["w"].verdict == "kink"
    assert tg.compare(loss, {w: mistake})["w"].verdict == "own"


def test_the_two_sides_are_those_of_the_value_whatever_stands_beside_it():
    w = tg.Value(0.0)
    loss = np.maximum(0, w) + np.maximum(w, 0) + np.abs(w)
    assert [tg.compare(loss, {"w": slope})["w"].verdict for slope in (1, 3, -1, 3.1)] == [
        "correct",
        "kink",
        "kink",
        "own",
    ]


def test_a_gradient_left_out_is_missing_also_at_a_kink():
    loss, w = tied_maximum()
    assert [finding.kind for finding in tg.compare(loss, {w: None}).findings] == ["missing-gradient"]


def test_what_follows_from_another_convention_differs_at_the_kink_only():
    w = tg.Value([0.5, 2.0])
    z = w * 2 - 1
    loss = np.sum(tg.relu(z))
    found = tg.compare(loss, {"z": [1, 1], "w": [2, 2]})
    assert [found[name].verdict for name in ("z", "w")] == ["kink", "kink"]
    assert found.ok
    assert found.summary() == (
        "All 2 manual gradients agree with the automatic ones, but for a choice at a kink at z and w."
    )


@pytest.mark.parametrize("function", [np.floor, np.sign, lambda x: x > 1, lambda x: x // 1])
def test_a_staircase_on_its_edge_does_not_excuse_a_mistake(function):
    w = tg.Value([0.5, 2.0])
    z = w * 2
    loss = np.sum(np.where(function(z - 1 + 1), 3.0, 5.0) * z)
    wrong = tg.gradient(loss, w).data * 1.001
    assert tg.compare(loss, {"w": wrong})["w"].verdict == "own"


def test_away_from_a_kink_its_convention_is_no_excuse():
    w = tg.Value([-0.5, 2.0])
    loss = np.sum(tg.relu(w))
    assert tg.compare(loss, {"w": [1, 1]})["w"].verdict == "own"
