"""The SVG after layout: readable without sight, in any font, in either theme, beside other figures."""

import hashlib
import re
import xml.etree.ElementTree as ET
from typing import Literal

from tinygrad_edu.drawing.metrics import Face, is_measured, text_width
from tinygrad_edu.drawing.palette import COLOURS
from tinygrad_edu.errors import DrawingError

SvgTheme = Literal["light", "dark", "auto"]

NAMESPACE = "http://www.w3.org/2000/svg"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_XLINK_TITLE = "{http://www.w3.org/1999/xlink}title"

_CELLS = {
    colour
    for role, pair in COLOURS.items()
    if role.startswith(("value ", "gradient ", "cell "))
    for colour in pair
}
_FONTS = {
    "Helvetica": "Helvetica,Arial,'Liberation Sans',Arimo,'Nimbus Sans','DejaVu Sans',sans-serif",
    "Courier": "'Courier New','Liberation Mono',Cousine,'DejaVu Sans Mono',Menlo,Consolas,Courier,monospace",
}


def finish(svg: bytes, title: str, description: str, theme: SvgTheme = "light") -> str:
    """The finished figure, from a light (for the theme "dark": a dark) picture out of the layout engine.

    Every identifier gets a prefix made of the figure's content, so that two figures can be in one page. With
    the theme ``"auto"`` the picture follows the reader's system setting, and is light where there is none.

    Parameters
    ----------
    svg : bytes
        What the layout engine wrote.
    title, description : str
        What a screen reader says.
    theme : {"light", "dark", "auto"}
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - from our own layout engine
    except ET.ParseError as error:
        raise DrawingError(f"The layout engine wrote an SVG that is not well-formed: {error}") from error
    prefix = "f" + hashlib.sha256(svg + title.encode() + theme.encode()).hexdigest()[:8]
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    _unwrap_links(root)
    for element in list(root.iter("g")):
        _join_cells(element)
    taken: set[str] = set()
    for element in root.iter():
        _finish_element(element, prefix, taken)
    _describe(root, prefix, title, description, theme)
    return ET.tostring(root, encoding="unicode") + "\n"


def size_of(svg: bytes) -> tuple[float, float]:
    """Width and height of the engine's picture, in points."""
    found = re.search(rb'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise DrawingError("The layout engine wrote an SVG without a size.")
    return float(found[1]), float(found[2])


def _unwrap_links(parent: ET.Element) -> None:
    """Graphviz tells a tooltip by a link to nowhere; an SVG title does it without one."""
    for child in list(parent):
        _unwrap_links(child)
        if child.tag != "a":
            continue
        told = child.get(_XLINK_TITLE, "").strip()
        if told:
            title = ET.Element("title")
            title.text = told
            parent.insert(0, title)
        place = list(parent).index(child)
        parent.remove(child)
        parent[place:place] = list(child)


def _join_cells(parent: ET.Element) -> None:
    """The cells of a heat map that have one colour become one path, in a sixth of the text."""
    outlines: dict[str, list[str]] = {}
    for child in list(parent):
        fill = child.get("fill", "")
        if child.tag == "polygon" and fill in _CELLS and child.get("stroke") in ("none", "transparent"):
            points = [tuple(map(float, pair.split(","))) for pair in child.get("points", "").split()]
            (left, top), (right, bottom) = (tuple(map(f, *points)) for f in (min, max))
            outline = f"M{left:g},{top:g}h{right - left:g}v{bottom - top:g}h{left - right:g}z"
            outlines.setdefault(fill, []).append(outline)
            parent.remove(child)
    for fill, found in outlines.items():
        parent.append(ET.Element("path", {"class": "cells", "fill": fill, "d": "".join(found)}))


def _finish_element(element: ET.Element, prefix: str, taken: set[str]) -> None:
    if name := element.attrib.pop("id", "").removeprefix("a_"):
        if name not in taken:  # a link has the name of what it is in
            element.set("id", f"{prefix}-{name}")
        taken.add(name)
    for paint in ("fill", "stroke"):
        if element.get(paint) == "transparent":  # Graphviz before version 3
            element.set(paint, "none")
    if element.tag == "text" and element.text and element.text.strip():
        _fix_width(element, element.text)


def _fix_width(element: ET.Element, text: str) -> None:
    """State the width that the layout assumed: some systems draw Helvetica 15 % wider."""
    element.set(_SPACE, "preserve")
    face: Face = "bold" if element.get("font-weight") == "bold" else "regular"
    if element.get("font-family", "").startswith("Cour"):
        face = "mono"
    if is_measured(text, face):
        width = text_width(text, float(element.get("font-size", "14")), face)
        element.set("textLength", f"{width:.2f}")
        element.set("lengthAdjust", "spacingAndGlyphs")


def _describe(root: ET.Element, prefix: str, title: str, description: str, theme: SvgTheme) -> None:
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    root.attrib.update(
        {
            "xmlns": NAMESPACE,
            "id": prefix,
            "role": "img",
            "aria-labelledby": f"{prefix}-title {prefix}-desc",
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "style": "max-width:100%;height:auto",
        }
    )
    texts = {"title": title, "desc": description, "style": _style(prefix, theme)}
    for place, (tag, text) in enumerate(texts.items()):
        element = ET.Element(tag, {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(place, element)


def _style(prefix: str, theme: SvgTheme) -> str:
    """Fonts, crisp edges between cells, and the colours of the dark theme, all for this figure alone."""
    rules = [
        f'#{prefix} text[font-family^="{name}"]{{font-family:{stack}}}' for name, stack in _FONTS.items()
    ]
    rules.append(f'#{prefix} polygon[stroke="none"],#{prefix} .cells{{shape-rendering:crispEdges}}')
    if theme == "auto":
        dark = "".join(
            f'#{prefix} [{paint}="{light}"]{{{paint}:{dark}}}'
            for light, dark in COLOURS.values()
            for paint in ("fill", "stroke")
        )
        rules.append(f"@media (prefers-color-scheme:dark){{{dark}}}")
    return "".join(rules)
