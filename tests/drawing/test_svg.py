import re
import xml.etree.ElementTree as ET

import pytest
from drawing.pictures import chain, difficult, network, square

from tinygrad_edu.drawing import Drawing
from tinygrad_edu.drawing.metrics import is_measured, text_width
from tinygrad_edu.drawing.palette import COLOURS
from tinygrad_edu.drawing.svg import finish, size_of
from tinygrad_edu.errors import DrawingError

NS = {"svg": "http://www.w3.org/2000/svg"}
MAKERS = {
    "network": network,
    "large": lambda: network(627, 200),
    "square": square,
    "difficult": difficult,
    "chain": lambda: chain(60),
}


@pytest.fixture(scope="module", params=[(name, way) for name in MAKERS for way in ("down", "right")], ids=str)
def figure(request):
    name, direction = request.param
    picture = MAKERS[name]()
    return picture, ET.fromstring(Drawing(picture, direction=direction).svg)


def box(polygon):
    points = [tuple(map(float, point.split(","))) for point in polygon.get("points").split()]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def frame(node):
    boxes = [box(polygon) for polygon in node.iterfind(".//svg:polygon", NS)]
    return max(boxes, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))


def text_box(text):
    size = float(text.get("font-size"))
    face = "bold" if text.get("font-weight") == "bold" else "regular"
    face = "mono" if text.get("font-family").startswith("Cour") else face
    x, y, width = float(text.get("x")), float(text.get("y")), text_width(text.text, size, face)
    return x, y - 0.75 * size, x + width, y + 0.22 * size


def test_every_text_lies_inside_its_card(figure):
    _, root = figure
    nodes = root.findall(".//svg:g[@class]", NS)
    texts = 0
    for node in (n for n in nodes if n.get("class").startswith("node")):
        left, top, right, bottom = frame(node)
        for text in node.iterfind(".//svg:text", NS):
            x0, y0, x1, y1 = text_box(text)
            assert left <= x0 <= x1 <= right, text.text
            assert top <= y0 <= y1 <= bottom, text.text
            texts += 1
    assert texts


def test_cards_do_not_overlap_and_nothing_is_cut(figure):
    picture, root = figure
    frames = [frame(n) for n in root.iterfind(".//svg:g", NS) if n.get("class", "").startswith("node")]
    assert len(frames) == len(picture.cards)
    page = box(root.find("svg:g/svg:polygon", NS))
    for number, (x0, y0, x1, y1) in enumerate(frames):
        assert page[0] <= x0 <= x1 <= page[2]
        assert page[1] <= y0 <= y1 <= page[3]
        for left, top, right, bottom in frames[:number]:
            assert x1 <= left or right <= x0 or y1 <= top or bottom <= y0


def test_identifiers_are_unique_and_carry_the_prefix(figure):
    picture, root = figure
    found = [element.get("id") for element in root.iter() if element.get("id")]
    prefix = root.get("id")
    assert len(found) == len(set(found))
    assert all(name.startswith(prefix) for name in found)
    for card in picture.cards:
        assert {f"{prefix}-{part}-{card.key}" for part in ("node", "value", "gradient")} <= set(found)
    for edge in picture.edges:
        assert f"{prefix}-edge-{edge.source}-{edge.target}-{edge.argument}" in found


@pytest.mark.parametrize(("direction", "axis"), [("down", 0), ("right", 1)])
def test_both_lanes_of_the_spine_are_straight(direction, axis):
    picture = network()
    root = ET.fromstring(Drawing(picture, direction=direction).svg)
    for kind in ("edge", "back"):
        places = []
        for edge in picture.spine:
            name = f"{root.get('id')}-{kind}-{edge.source}-{edge.target}-{edge.argument}"
            group = root.find(f".//svg:g[@id='{name}']", NS)
            if group is not None:
                path = re.findall(r"(-?[\d.]+),(-?[\d.]+)", group.find("svg:path", NS).get("d"))
                places += [float(point[axis]) for point in path]
        assert max(places) - min(places) < 1.5


def test_a_screen_reader_is_told_what_is_to_see():
    root = ET.fromstring(Drawing(network()).svg)
    assert root.get("role") == "img"
    assert root.find("svg:title", NS).text == "L = mean((σ(X @ w₁ + b₁) @ w₂ + b₂ − y)²) / 2"
    assert root.find("svg:desc", NS).text.startswith(
        "15 cards in 4 groups; values flow forward, gradients flow backward. X; w₁; z₁ = X @ w₁; "
    )
    ids = {element.get("id") for element in root.iter()}
    assert set(root.get("aria-labelledby").split()) <= ids


def test_no_link_no_script_no_request(figure):
    _, root = figure
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {"svg", "g", "title", "desc", "style", "path", "polygon", "polyline", "ellipse", "text"}
    assert "url(" not in ET.tostring(root, encoding="unicode")


def test_a_pointer_is_told_the_root_mean_square():
    root = ET.fromstring(Drawing(square()).svg)
    half = root.find(f".//svg:g[@id='{root.get('id')}-gradient-a']", NS)
    assert half.find("svg:title", NS).text == "gradient of a: RMS 6"


def test_text_keeps_the_width_that_the_layout_gave_it(figure):
    _, root = figure
    for text in root.iterfind(".//svg:text", NS):
        if text.text.strip():
            assert float(text.get("textLength")) > 0, text.text
    assert is_measured("w₁ = Xᵀ @ ▲")
    assert not is_measured("∇⊙")
    assert text_width("Hello", 1000) == 722 + 556 + 222 + 222 + 556
    assert text_width("Hello", 1000, "bold") == 722 + 556 + 278 + 278 + 611
    assert text_width("Hello", 1000, "mono") == 3000


def test_themes():
    light, dark, auto = (Drawing(network(), theme=theme).svg for theme in ("light", "dark", "auto"))
    assert COLOURS["page"][0] in light
    assert COLOURS["page"][1] not in light
    assert COLOURS["page"][1] in dark
    assert "prefers-color-scheme" in auto
    assert "prefers-color-scheme" not in light + dark
    rules = dict(re.findall(r'\[fill="(#\w+)"\]\{fill:(#\w+)\}', auto))
    assert rules == dict(COLOURS.values())
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', light))
    assert used <= set(rules)


def test_styles_hold_for_one_figure_only():
    svg = Drawing(network()).svg
    prefix = ET.fromstring(svg).get("id")
    rules = re.findall(r"[^{}]+(?=\{)", re.search(r"<style[^>]*>(.*?)</style>", svg)[1])
    assert all(rule.startswith((f"#{prefix} ", "@media")) for rule in rules)


def test_two_figures_differ_and_equal_ones_do_not():
    assert Drawing(network()).svg == Drawing(network()).svg
    assert ET.fromstring(Drawing(network()).svg).get("id") != ET.fromstring(Drawing(square()).svg).get("id")


def test_what_an_old_graphviz_writes():
    svg = b"""<svg viewBox="0 0 10 20" xmlns="http://www.w3.org/2000/svg"><polygon stroke="transparent"/><g>
    <text font-family="Courier" font-size="10">  1</text></g></svg>"""
    root = ET.fromstring(finish(svg, "t", "d"))
    assert root.find(".//svg:polygon", NS).get("stroke") == "none"
    assert root.find(".//svg:text", NS).get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
    assert root.find(".//svg:text", NS).get("textLength") == "18.00"


def test_what_is_no_svg():
    with pytest.raises(DrawingError, match="The layout engine wrote an SVG that is not well-formed"):
        finish(b"<svg>", "t", "d")
    with pytest.raises(DrawingError, match="The layout engine wrote an SVG without a size"):
        size_of(b"<svg/>")


def test_the_cells_of_a_heat_map_are_one_path_for_each_colour():
    root = ET.fromstring(Drawing(network(627, 200)).svg)
    cells = [e for e in root.iter("{http://www.w3.org/2000/svg}path") if e.get("class") == "cells"]
    assert len(cells) > 10
    for half in root.iter("{http://www.w3.org/2000/svg}g"):
        fills = [e.get("fill") for e in half if e.get("class") == "cells"]
        assert len(set(fills)) == len(fills)
