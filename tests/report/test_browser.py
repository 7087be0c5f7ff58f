"""The page in a real browser, without a network: what it asks for, what it shows, and who can read it."""

from itertools import pairwise

import pytest

from tinygrad_edu.lessons import LESSONS

pytestmark = pytest.mark.browser

DESK, PHONE = (1280, 900), (390, 844)

each_theme = pytest.mark.parametrize("theme", ["light", "dark"])
each_size = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def opened(new_tab, page_file):
    """Opens the page; gives it with lists of the requests it made and the messages on its console."""

    def open_page(size=DESK, theme="light"):
        tab, requests, messages = new_tab(size, theme)
        tab.goto(page_file.as_uri())
        return tab, requests, messages

    return open_page


@each_theme
@each_size
def test_nothing_is_requested_and_nothing_complains(opened, page_file, size, theme):
    _, requests, messages = opened(size, theme)
    assert [url for url in requests if not url.startswith("data:")] == [page_file.as_uri()]
    assert messages == []


@each_theme
@each_size
def test_the_page_does_not_scroll_sideways(opened, size, theme):
    tab, _, _ = opened(size, theme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_gradients_fit_beside_each_other_on_a_desk(opened):
    tab, _, _ = opened()
    found = tab.evaluate("""() => [...document.querySelectorAll(".derivation")].map(table =>
        [table.getAttribute("aria-label"), table.scrollWidth - table.clientWidth])""")
    assert len(found) == len(LESSONS)
    assert [each for each in found if each[1] > 0] == []


@each_theme
@each_size
def test_every_picture_is_there_and_inside_the_width_of_the_window(opened, size, theme):
    tab, _, _ = opened(size, theme)
    boxes = tab.evaluate(
        """[...document.querySelectorAll("img, svg")].map(e => {
            const box = e.getBoundingClientRect();
            const name = e.getAttribute("aria-label") || e.alt || e.id;
            const left = e.closest(".table") ? 0 : box.left;  // a table scrolls on its own
            return [name, left, left + box.width, box.width, box.height];
        })"""
    )
    assert len(boxes) > 60
    for name, left, right, width, height in boxes:
        assert width > 0, name
        assert height > 0, name
        assert left >= 0, name
        assert right <= size[0], name


@each_theme
def test_every_image_was_decoded(opened, theme):
    tab, _, _ = opened(theme=theme)
    assert tab.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


def test_images_follow_the_theme(opened):
    light, dark = (
        opened(theme=theme)[0].evaluate("[...document.images].map(i => i.currentSrc)")
        for theme in ("light", "dark")
    )
    assert len(light) == len(dark) > 14
    assert all(one != other for one, other in zip(light, dark, strict=True))


@each_theme
@each_size
def test_text_can_be_read_by_everybody(opened, size, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    tab, _, _ = opened(size, theme)
    found = axe.Axe().run(tab).response["violations"]
    told = [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in found]
    assert [text for v, text in zip(found, told, strict=True) if v["impact"] in ("serious", "critical")] == []


def test_headings_do_not_skip_a_level(opened):
    tab, _, _ = opened()
    levels = tab.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_lesson_can_be_reached_from_the_contents(opened):
    tab, _, _ = opened()
    targets = tab.evaluate("[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))")
    assert len(targets) == len(LESSONS)
    assert all(tab.locator(f"section{target} h2").count() == 1 for target in targets)


def test_every_pane_that_scrolls_can_be_focused_and_has_a_name(opened):
    tab, _, _ = opened(PHONE)
    panes = tab.evaluate(
        """[...document.querySelectorAll("*")]
            .filter(e => getComputedStyle(e).overflowX === "auto" && e.scrollWidth > e.clientWidth)
            .map(e => [e.tabIndex, e.getAttribute("role"), e.getAttribute("aria-label")])"""
    )
    assert len(panes) > 5
    assert {(index, role) for index, role, _ in panes} == {(0, "region")}
    assert len({label for _, _, label in panes}) == len(panes)


def test_a_graph_can_be_looked_at_in_its_actual_size(opened):
    tab, _, _ = opened(PHONE)
    pane = tab.get_by_role("region", name="XOR by squared error: graph of the backward pass")
    fitted = pane.locator("svg").bounding_box()["width"]
    tab.locator("#xor-size").check()
    assert pane.locator("svg").bounding_box()["width"] > 2 * fitted
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    pane.focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("e => e.scrollLeft > 0", arg=pane.element_handle())
