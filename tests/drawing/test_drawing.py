import builtins
import struct
import xml.etree.ElementTree as ET

import graphviz
import pytest
from drawing.pictures import chain, difficult, network, square

from tinygrad_edu.drawing import Drawing
from tinygrad_edu.errors import ArgumentError, DrawingError, MissingPackageError


def size_of_png(content):
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def test_save_as_svg_and_dot(tmp_path):
    drawing = Drawing(square())
    assert drawing.save(tmp_path / "a.svg").read_text(encoding="utf-8") == drawing.svg
    assert drawing.save(str(tmp_path / "a.dot")).read_text(encoding="utf-8") == drawing.dot
    assert drawing.save(tmp_path / "A.GV").read_text(encoding="utf-8") == drawing.dot


def test_a_png_has_two_pixels_per_point(tmp_path):
    drawing = Drawing(network())
    width, height = size_of_png(drawing.save(tmp_path / "a.png").read_bytes())
    root = ET.fromstring(drawing.svg)
    assert width == pytest.approx(2 * float(root.get("width")), abs=3)
    assert height == pytest.approx(2 * float(root.get("height")), abs=3)


def test_a_png_is_never_too_large_to_be_opened(tmp_path):
    sides = size_of_png(Drawing(chain(150), theme="dark").save(tmp_path / "a.png").read_bytes())
    assert 6000 < max(sides) <= 8000


def test_unknown_suffix(tmp_path):
    with pytest.raises(DrawingError) as caught:
        Drawing(square()).save(tmp_path / "a.jpeg")
    assert (
        str(caught.value) == "Cannot save 'a.jpeg': the name must end in .svg, .png, .pdf, .html, .dot, .gv."
    )


def test_missing_folder(tmp_path):
    with pytest.raises(DrawingError) as caught:
        Drawing(square()).save(tmp_path / "no" / "a.svg")
    assert str(caught.value) == f"Cannot save 'a.svg': there is no folder {str(tmp_path / 'no')!r}."


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(DrawingError) as caught:
        Drawing(square()).save(tmp_path / "a.svg")
    assert str(caught.value) == f"Cannot write {str(tmp_path / 'a.svg')!r}: Is a directory."


def test_a_failed_picture_leaves_no_file(tmp_path):
    with pytest.raises(DrawingError, match="graphviz-pure cannot write PDF"):
        Drawing(square(), engine="graphviz-pure").save(tmp_path / "a.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"theme": "blue"}, "theme='blue': must be one of 'auto', 'light', 'dark'."),
        ({"direction": "up"}, "direction='up': must be one of 'down', 'right'."),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ArgumentError) as caught:
        Drawing(square(), **settings)
    assert str(caught.value) == message


def test_graphviz_source():
    source = Drawing(square()).to_graphviz()
    assert isinstance(source, graphviz.Source)
    assert source.source == Drawing(square()).dot


def test_graphviz_is_missing(monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **settings):
        if name == "graphviz":
            raise ImportError
        return imported(name, *args, **settings)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPackageError) as caught:
        Drawing(square()).to_graphviz()
    assert str(caught.value) == (
        "to_graphviz() needs graphviz, which is not installed: pip install 'tinygrad-edu[all]'."
    )


def test_texts():
    assert repr(Drawing(square())) == "<Drawing of 'b = a × a': 2 cards>"
    assert repr(Drawing(network())).endswith(": 15 cards in 4 groups>")
    assert str(Drawing(square())).splitlines() == [
        "b = a × a",
        "           shape  value  gradient",
        "a                 3      6",
        "b = a × a         9      1",
    ]
    listing = str(Drawing(difficult()))
    assert "m = p > 0           3      rms 0.5774               no gradient" in listing
    assert "q = where(m, p, 0)  3      rms 1154.7               not computed" in listing
    assert "rms nan (1 NaN) (1 inf)" in listing
    assert "... 40 more" in str(Drawing(chain(100)))


def test_a_notebook_gets_a_light_picture_and_text():
    bundle = Drawing(network())._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert "prefers-color-scheme" not in bundle["image/svg+xml"]
    assert bundle["text/plain"] == str(Drawing(network()))


def test_looking_never_fails(monkeypatch):
    bundle = Drawing(square(), engine="nothing")._repr_mimebundle_()
    assert bundle["text/plain"].startswith(str(Drawing(square())))
    assert "engine='nothing': there is no such layout engine here." in bundle["text/plain"]
    assert set(bundle) == {"text/plain"}
    drawing = Drawing(square())
    monkeypatch.setattr(Drawing, "__str__", lambda self: 1 / 0)
    assert "ZeroDivisionError" in drawing._repr_mimebundle_()["text/plain"]
