"""The page as text: what it says, what it must not contain, and where it is written."""

import json
import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.drawing import Drawing
from tinygrad_edu.errors import ArgumentError, DrawingError


def square(name="a"):
    a = tg.Value(3.0, name=name)
    b = a * a
    return a, b


def data(html):
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_explaining_leaves_gradients_alone():
    a, b = square()
    html = tg.explain(b).html
    assert a.grad is b.grad is None
    assert [step["title"] for step in data(html)["steps"]] == [
        "The whole graph: 1 step forward, 1 backward",
        "Forward: b = a × a",
        "Backward: b passes its gradient to a",
    ]


def test_both_ways_of_a_fan_out_are_told():
    html = tg.explain(square()[1]).html
    assert html.count("sum of its 2 ways") == 2
    assert 'id="path-a-b-0"' in html
    assert 'id="path-a-b-1"' in html


def test_a_drawing_tells_only_the_gradients_that_are_there():
    _, b = square()
    html = tg.draw(b).html
    assert "backward() had not been called" in html
    assert len(data(html)["steps"]) == 2
    b.backward()
    assert len(data(tg.draw(b).html)["steps"]) == 3


def test_everything_without_a_name_gets_one():
    x, u1 = tg.Value([1.0, 2.0]), tg.Value(1.0)
    titles = [step["title"] for step in data(tg.explain(np.sum((x * u1 + 1) ** 2)).html)["steps"]]
    assert titles[1:5] == [
        "Forward: u₂ = x × u₁",
        "Forward: u₃ = u₂ + 1",
        "Forward: u₄ = u₃²",
        "Forward: L = Σ u₄",
    ]


def test_names_cannot_break_the_page():
    html = tg.explain(square("</script><b>&")[1]).html
    assert "</script><b>" not in html
    assert html.count("</script>") == 2


def test_the_page_asks_for_nothing():
    html = tg.explain(square()[1]).html
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|http-equiv', "", html)


def test_pages_are_saved(tmp_path):
    _, b = square()
    path = tg.explain(b).save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert tg.draw(b).save(tmp_path / "other.HTML").exists()
    with pytest.raises(DrawingError, match=r"the page is written to a file that ends in \.html"):
        tg.explain(b).save(tmp_path / "page.svg")


def test_a_picture_of_anything_has_a_page():
    drawing = tg.draw(square()[1])
    assert "▲ × a, where ▲ is what arrives" in Drawing(tg.draw(_with_gradients()).picture).html
    assert drawing.html is drawing.html


def _with_gradients():
    _, b = square()
    b.backward()
    return b


def test_what_is_no_value():
    with pytest.raises(ArgumentError) as caught:
        tg.explain(3.0)
    assert str(caught.value) == "explain() needs a Value, not float: explain(loss), for example."


def test_looking_at_it_never_fails(monkeypatch):
    explorer = tg.explain(square()[1], engine="no such engine")
    assert "DrawingError" in explorer._repr_html_()
    assert 'sandbox="allow-scripts"' in tg.explain(square()[1])._repr_html_()


def test_a_value_that_is_no_single_number_shows_the_gradients_of_backward():
    x = tg.Value([1.0, 2.0])
    y = x * 3
    assert len(data(tg.explain(y).html)["steps"]) == 2
    y.backward(seed=np.array([1.0, 10.0]))
    html = tg.explain(y).html
    assert len(data(html)["steps"]) == 3
    assert ">30<" in html


def test_large_arrays_are_heat_maps_with_a_summary():
    x = tg.Value(np.linspace(-1, 1, 200).reshape(20, 10))
    html = tg.explain(np.sum(x * x)).html
    assert 'class="chips" role="img" aria-label="value of x, heat map: one row in 3; ' in html


def test_a_single_parameter_has_a_page():
    assert "<svg" in tg.explain(tg.Value(3.0, name="w")).html
