"""What a comparison shows, and what it leaves alone."""

import json
from dataclasses import replace

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.comparison import Finding
from tinygrad_edu.errors import GradientError


def line(mistake=1.0, name=None):
    x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
    w = tg.Value(0.5, name=name)
    f = w * x
    loss = np.mean((f - y) ** 2) / 2
    delta = mistake * (f.data - y) / 3
    return loss, {"f": delta, w: np.sum(delta * x)}, w


def test_a_table_word_by_word():
    loss, manual, _ = line(mistake=2.0)
    found = tg.compare(loss, manual)
    lines = [
        "manual against automatic gradients",
        "name  shape   verdict           relative error  absolute error  note",
        "----  ------  ----------------  --------------  --------------  -------------",
        "loss  scalar  not compared",
        "f     3       WRONG here        1.0e+00         1.0e+00         worst at [2]",
        "w     scalar  wrong, inherited  1.0e+00         5.5e+00",
        "The mistake is at f; w is wrong only because of that. Compared at 1 point.",
    ]
    assert [" ".join(row.split()) for row in str(found.table()).splitlines() if not row.startswith("--")] == [
        " ".join(row.split()) for row in lines if not row.startswith("--")
    ]


def test_raise_if_wrong_shows_the_table_or_returns_the_comparison():
    loss, manual, _ = line(mistake=2.0)
    wrong = tg.compare(loss, manual)
    with pytest.raises(GradientError) as raised:
        wrong.raise_if_wrong()
    assert str(raised.value) == "\n\n".join((wrong.summary(), wrong.told(), wrong.table().text(colour=False)))
    assert isinstance(raised.value, AssertionError)
    loss, manual, _ = line()
    right = tg.compare(loss, manual)
    assert right.raise_if_wrong() is right


def test_summaries():
    loss, manual, w = line()
    assert (
        tg.compare(loss, {}).summary() == "Nothing was compared: give manual gradients for some of the names."
    )
    assert tg.compare(loss, manual).summary() == "All 2 manual gradients agree with the automatic ones."
    both = {"f": 2 * manual["f"], w: 17.0}
    assert tg.compare(loss, both).summary() == "The mistakes are at f and w."
    alone = tg.compare(loss, {w: 2 * manual[w]})
    assert alone.summary() == "The mistake is at w, or between it and the loss."
    assert not alone["w"].located


def test_a_row_is_found_by_its_name():
    loss, manual, _ = line()
    found = tg.compare(loss, manual)
    assert found["f"] is found.rows[1]
    with pytest.raises(KeyError, match="nothing"):
        found["nothing"]


def test_html_escapes_names():
    loss, manual, _ = line(name="<b>&")
    html = tg.compare(loss, manual)._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html


@pytest.mark.parametrize("mistake", [1.0, 0.0, np.nan, np.inf])
def test_everything_fits_into_json(mistake):
    loss, manual, _ = line()
    found = tg.compare(loss, {"f": mistake * manual["f"]})
    held = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert held["ok"] is found.ok is (mistake == 1)
    assert [row["name"] for row in held["rows"]] == ["loss", "f", "w"]


def test_findings_with_alternatives_fit_into_json():
    loss, manual, _ = line()
    found = tg.compare(loss, manual)
    finding = Finding("sign", "f", "a", alternatives=(Finding("constant-factor", "f", "b"),))
    told = replace(found, rows=(replace(found.rows[1], findings=(finding,)),)).to_dict()
    assert (
        json.loads(json.dumps(told))["rows"][0]["findings"][0]["alternatives"][0]["kind"] == "constant-factor"
    )


def test_comparing_leaves_gradients_and_data_alone_and_repeats_itself():
    loss, manual, w = line(mistake=2.0)
    loss.backward(seed=3.0)
    before = w.grad
    first, second = tg.compare(loss, manual), tg.compare(loss, manual)
    assert str(first) == str(second)
    assert (w.grad, w.data) == (before, 0.5)


def test_an_old_graph_is_judged_by_the_numbers_that_were_recorded():
    w = tg.Value([0.5, 2.0])
    loss = np.sum(w**2)
    loss.backward()
    manual = {"w": w.grad.copy()}
    w.data -= 0.1 * w.grad
    assert tg.compare(loss, manual)["w"].verdict == "correct"
    assert tg.compare(loss, {"w": 2 * w.data})["w"].verdict == "own"


def test_a_value_that_appears_at_a_later_point_only_has_a_row():
    points = iter([2.0, -2.0])

    def loss(w):
        return tg.named(np.exp(w), "e") + w if w > 0 else w * 1

    found = tg.compare(
        loss,
        lambda w: {"e": 7.0, "w": np.exp(w) + 1} if w > 0 else {"w": 1.0},
        {"w": -1.0},
        probes=lambda rng: {"w": next(points)},
    )
    assert {row.name: row.verdict for row in found.rows} == {"w": "correct", "e": "own"}
