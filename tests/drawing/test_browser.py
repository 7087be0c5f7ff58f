"""What a browser makes of the SVG, with its own fonts and the reader's theme."""

import pytest
from drawing.pictures import difficult, network, square

from tinygrad_edu.drawing import Drawing
from tinygrad_edu.drawing.palette import COLOURS

OUTSIDE = """() => {
  const outside = [];
  for (const node of document.querySelectorAll("g.node")) {
    const boxes = [...node.querySelectorAll("polygon")].map(shape => shape.getBoundingClientRect());
    const card = boxes.reduce((a, b) => a.width * a.height > b.width * b.height ? a : b);
    for (const text of node.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < card.left || box.right > card.right || box.top < card.top || box.bottom > card.bottom)
        outside.push(text.textContent);
    }
  }
  return outside;
}"""

pytestmark = pytest.mark.browser


@pytest.fixture
def show(new_tab):
    def open_page(svg, theme="light"):
        page, _, _ = new_tab(theme=theme)
        page.set_content(f"<body>{svg}</body>")
        return page

    return open_page


@pytest.mark.parametrize("make", [network, lambda: network(627, 200), difficult, square])
@pytest.mark.parametrize("direction", ["down", "right"])
def test_every_text_lies_inside_its_card(show, make, direction):
    page = show(Drawing(make(), direction=direction).svg)
    assert page.locator("g.node text").count() > 0
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize(("theme", "place"), [("light", 0), ("dark", 1)])
def test_the_picture_follows_the_reader_and_nothing_else_on_the_page_does(show, theme, place):
    other = '<svg><rect id="other" fill="#ffffff" width="1" height="1"/></svg>'
    page = show(Drawing(network()).svg + other, theme)
    fill = "element => getComputedStyle(element).fill"
    page_colour = COLOURS["page"][place]
    red, green, blue = (int(page_colour[i : i + 2], 16) for i in (1, 3, 5))
    assert page.locator("g.graph > polygon").first.evaluate(fill) == f"rgb({red}, {green}, {blue})"
    assert page.locator("#other").evaluate(fill) == "rgb(255, 255, 255)"


def test_it_is_one_image_with_a_name(show):
    page = show(Drawing(square()).svg)
    assert page.get_by_role("img", name="b = a × a").count() == 1
