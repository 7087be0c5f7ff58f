"""The explorer in a real browser, without a network: steps, terms, other numbers, themes, widths."""

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.drawing.numerals import short

pytestmark = pytest.mark.browser

sync_api = pytest.importorskip("playwright.sync_api")

DESK, PHONE = (1280, 900), (390, 844)

each_theme = pytest.mark.parametrize("theme", ["light", "dark"])
each_size = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def neuron(w=0.5, b=0.1, x=2.0):
    w, b, x = tg.Value(w, name="w"), tg.Value(b, name="b"), tg.Value(x, name="x")
    s = w * x + b
    f = tg.sigmoid(s)
    e = f - 1
    L = e * e / 2 + 0.1 * w**2
    return L, {"w": w, "b": b, "x": x, "s": s, "f": f, "e": e, "L": L}


def network():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    W1, b1, W2 = (tg.Value(rng.uniform(-1, 1, shape)) for shape in [(3, 5), 5, (5, 1)])
    with tg.scope("hidden"):
        h = tg.relu(X @ W1 + b1)
    with tg.scope("output"):
        p = h @ W2
    L = np.mean((p - y) ** 2)
    return L


@pytest.fixture
def opened(new_tab, tmp_path):
    """Opens a page; afterwards nothing else may have been asked for, and nothing complained about."""
    seen = []

    def open_page(html, size=DESK, theme="light", step=0):
        tab, *noticed = new_tab(size, theme)
        seen.append(noticed)
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        tab.goto(f"{path.as_uri()}#{step}")
        return tab

    yield open_page
    requests, messages = ([each for lists in seen for each in lists[i]] for i in (0, 1))
    assert messages == []
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []


def heading(tab):
    return tab.locator(".step.current h2").inner_text()


def steps(tab):
    return json.loads(tab.locator("#data").inner_text())["steps"]


def test_buttons_step_forward_and_backward(opened):
    L, _ = neuron()
    tab = opened(tg.explain(L).html)
    assert heading(tab) == "The whole graph: 9 steps forward, 9 backward"
    tab.locator("#next").click()
    assert heading(tab).startswith("u₁ = ")
    tab.locator("#last").click()
    assert "passes its gradient to w" in heading(tab)
    assert tab.locator("#count").inner_text() == "step 18 of 18"
    assert tab.locator("#next").is_disabled()
    tab.locator("#previous").click()
    tab.locator("#first").click()
    assert tab.locator("#previous").is_disabled()


def test_keys_step_and_play(opened):
    L, _ = neuron()
    tab = opened(tg.explain(L).html)
    for key, expected in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 18), ("Home", 0)]:
        tab.keyboard.press(key)
        assert tab.locator("#slider").input_value() == str(expected)
    tab.keyboard.press(" ")
    assert tab.locator("#play").get_attribute("aria-pressed") == "true"
    sync_api.expect(tab.locator("#slider")).to_have_value("1")
    tab.keyboard.press(" ")
    assert tab.locator("#play").get_attribute("aria-pressed") == "false"


def test_a_screen_reader_is_told_each_step(opened):
    L, _ = neuron()
    tab = opened(tg.explain(L).html)
    tab.keyboard.press("ArrowRight")
    told = tab.locator("#live").inner_text()
    assert told == tab.get_by_role("slider").get_attribute("aria-valuetext") == steps(tab)[1]["title"]
    assert tab.locator("#live").get_attribute("aria-live") == "polite"


def test_what_is_to_come_is_faint_and_the_gradient_comes_last(opened):
    L, _ = neuron()
    tab = opened(tg.explain(L).html, step=9)
    prefix = json.loads(tab.locator("#data").inner_text())["prefix"]
    faint = "name => document.getElementById(name).classList.contains('later')"
    assert not tab.evaluate(faint, f"{prefix}-node-L")
    assert tab.evaluate(faint, f"{prefix}-gradient-w")
    tab.keyboard.press("End")
    assert not tab.evaluate(faint, f"{prefix}-gradient-w")


def test_an_arrow_tells_its_term_by_pointer_and_by_keyboard(opened):
    L, values = neuron()
    L.backward()
    tab = opened(tg.explain(L).html)
    arrow = tab.locator("g.edge.backward[id$='-back-s-f-0']")
    arrow.locator(".wide").hover(force=True)
    assert tab.locator("#tip").is_visible()
    assert tab.locator("#tip math").count() > 0
    assert short(values["s"].grad) in tab.locator("#tip").inner_text()
    tab.mouse.move(0, 0)
    assert not tab.locator("#tip").is_visible()
    arrow.focus()
    assert tab.locator("#tip").is_visible()
    tab.keyboard.press("Escape")
    assert not tab.locator("#tip").is_visible()


def test_the_numbers_are_those_of_the_library(opened):
    L, values = neuron()
    tab = opened(tg.explain(L).html)
    L.backward()
    for name, value in values.items():
        for half, number in (("value", value.data), ("gradient", value.grad)):
            shown = set(tab.locator(f"[data-{half}='{name}']").all_text_contents())
            assert shown == {short(number)}, (name, half)


def test_another_number_is_computed_with_forward_and_backward(opened):
    L, _ = neuron()
    tab = opened(tg.explain(L).html)
    tab.get_by_label("w", exact=True).fill("-1.25")
    tab.get_by_label("x", exact=True).fill("0.75")
    again, values = neuron(w=-1.25, x=0.75)
    again.backward()
    computed = tab.evaluate("() => compute({w: -1.25, b: 0.1, x: 0.75})")
    for name, value in values.items():
        assert computed["v"][name] == pytest.approx(float(value.data), rel=1e-12)
        assert computed["g"][name] == pytest.approx(float(value.grad), rel=1e-12)
        for half, number in (("value", value.data), ("gradient", value.grad)):
            texts = [*tab.locator(f"[data-{half}='{name}']").all_text_contents()]
            texts.append(tab.locator(f"[id$='-{half}-{name}'] text").first.text_content())
            assert [float(text) for text in texts] == pytest.approx([float(number)] * len(texts), rel=5e-3)
    tab.locator("#reset").click()
    assert tab.get_by_label("w", exact=True).input_value() == "0.5"
    sync_api.expect(tab.locator("[data-value='w']").first).to_have_text("0.5000")


def test_a_collapsed_graph_is_told_card_by_card_and_has_no_fields(opened):
    w = tg.Value(0.9, name="w")
    h = w
    for _ in range(100):
        h = np.tanh(h * w)
    tab = opened(tg.explain(h).html)
    cards = json.loads(tab.locator("#data").inner_text())["steps"]
    assert cards[1]["title"] == "Forward: rounds 1–5 of 99"
    assert tab.locator("form").count() == 0
    tab.keyboard.press("End")
    assert heading(tab) == "rounds 1–5 of 99 passes its gradient to w"


@each_theme
@each_size
def test_nothing_sticks_out(opened, size, theme):
    for value in (neuron()[0], network()):
        tab = opened(tg.explain(value).html, size, theme, step=3)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert tab.evaluate("document.documentElement.scrollHeight") <= size[1]
        box = tab.locator(".controls").bounding_box()
        assert box["y"] + box["height"] <= size[1]


@pytest.mark.parametrize(("theme", "colour"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(11, 17, 32)")])
def test_the_page_follows_the_reader_or_what_was_asked_for(opened, theme, colour):
    background = "getComputedStyle(document.body).backgroundColor"
    L, _ = neuron()
    other = "light" if theme == "dark" else "dark"
    assert opened(tg.explain(L).html, theme=theme).evaluate(background) == colour
    assert opened(tg.explain(L, theme=theme).html, theme=other).evaluate(background) == colour


@each_theme
def test_it_can_be_read_by_everybody(opened, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    for step in (0, 2, 9):
        tab = opened(tg.explain(network()).html, theme=theme, step=step)
        found = axe.Axe().run(tab).response["violations"]
        told = [
            f"{v['id']}: {v['nodes'][0]['html'][:200]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert told == []


def test_on_paper_all_steps_are_there(opened):
    tab = opened(tg.explain(neuron()[0]).html)
    tab.emulate_media(media="print")
    assert all(section.is_visible() for section in tab.locator(".step").all())
    assert not tab.locator(".controls").is_visible()


def test_in_a_notebook_the_page_works_in_its_frame(opened):
    L, _ = neuron()
    tab = opened(f"<!DOCTYPE html><title>notebook</title>{tg.explain(L)._repr_html_()}")
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count").inner_text() == "step 1 of 18"


def test_a_comparison_shows_its_verdicts_step_by_step(opened):
    L, values = neuron()
    L.backward()
    right = values["s"].grad
    compared = tg.compare(L, {"s": values["f"].grad, "f": values["f"].grad})
    tab = opened(tg.draw(compared).html)
    assert "1 - f" in tab.locator(".step.current .note").inner_text()
    number = next(
        n for n, step in enumerate(steps(tab)) if step["title"] == "Backward: f passes its gradient to s"
    )
    tab.evaluate("number => go(number)", number)
    told = tab.locator(".step.current").inner_text()
    assert "missing" in told
    assert short(right) in told


FUNCTIONS = {
    "elementary": lambda a, b: np.exp(-a) * np.log(b) + np.sqrt(b) / np.tanh(a) - np.abs(a - b) ** 3,
    "trigonometry": lambda a, b: np.sin(a * b) + np.cos(b) * np.arctan2(a, b) + np.cosh(a) - np.sinh(b),
    "powers": lambda a, b: b**a + (a * a) ** 1.5 - 2.0**a + (-a) ** 2,
    "choices": lambda a, b: (
        np.where(a > b, a, a * b) + np.maximum(a, b) * np.minimum(a, 1.0) + tg.relu(a - b)
    ),
    "sigmoids": lambda a, b: tg.sigmoid(a, beta=3.0) * tg.softplus(b) + np.log1p(np.expm1(a)),
    "one number as an array": lambda a, b: np.sum(a) * np.mean(b) + np.reshape(a, ()),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_what_a_page_computes_is_what_the_library_computes(opened, function):
    def recorded(first, second):
        a, b = tg.Value(first, name="a"), tg.Value(second, name="b")
        result = tg.named(function(a, b), "result")
        result.backward()
        return result, a, b

    tab = opened(tg.explain(recorded(1.25, 0.5)[0]).html)
    for first, second in [(1.25, 0.5), (0.75, 0.625)]:
        result, a, b = recorded(first, second)
        computed = tab.evaluate("([a, b]) => compute({a, b})", [first, second])
        assert computed["v"]["result"] == pytest.approx(float(result.data), rel=1e-12)
        assert computed["g"]["a"] == pytest.approx(float(a.grad), rel=1e-12)
        assert computed["g"]["b"] == pytest.approx(float(b.grad), rel=1e-12)


def test_a_page_has_no_fields_where_it_cannot_compute(opened):
    tab = opened(tg.explain(tg.gelu(tg.Value(0.5)) * 2).html)
    assert tab.evaluate("compute") is None
    assert tab.locator("form").count() == 0
    assert opened(tg.explain(network()).html).locator("form").count() == 0
