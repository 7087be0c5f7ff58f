import re

import pytest
from drawing.pictures import chain, difficult, network, square

from tinygrad_edu.drawing.dot import dot_text
from tinygrad_edu.drawing.markup import attributes, cut, font, table, td, tr
from tinygrad_edu.drawing.palette import COLOURS
from tinygrad_edu.errors import DrawingError


def identifiers(text):
    return re.findall(r'\bid="([^"]*)"', text)


def test_every_part_has_its_identifier():
    found = identifiers(dot_text(network()))
    assert {"node-h", "edge-a1-h-0", "back-a1-h-0", "edge-X-z1-0", "group-layer1"} <= set(found)
    assert "back-X-z1-0" not in found
    assert len(found) == len(set(found)) == 15 + 14 + 12 + 4


def test_an_operand_used_twice_has_two_edges():
    found = identifiers(dot_text(square()))
    assert [name for name in found if name.startswith(("edge", "back"))] == [
        *("edge-a-b-0", "back-a-b-0"),
        *("edge-a-b-1", "back-a-b-1"),
    ]


@pytest.mark.parametrize("make", [network, difficult, square, lambda: chain(60)])
@pytest.mark.parametrize("direction", ["down", "right"])
def test_the_same_picture_gives_the_same_text(make, direction):
    assert dot_text(make(), "dark", direction) == dot_text(make(), "dark", direction)


def test_markup_in_names_is_text():
    text = dot_text(difficult())
    assert "<B>w &lt;&amp;&gt; &quot;q&quot;</B>" in text
    assert "▲ where m &lt; 1 &amp; m &gt; 0" in text
    assert "<&>" not in text


def test_the_two_themes_differ_in_colours_only():
    light, dark = dot_text(network(), "light"), dot_text(network(), "dark")
    dark_of = dict(COLOURS.values())
    assert re.sub("#[0-9a-f]{6}", lambda found: dark_of[found[0]], light) == dark


def test_cards_of_the_spine_have_equal_halves():
    text = dot_text(network())
    widths = {
        re.search(r'WIDTH="(\d+)" PORT="into-value"', line)[1]
        for line in text.splitlines()
        if "group=" in line
    }
    assert len(widths) == 1


def test_beyond_forty_cards_there_are_no_labels_on_edges():
    assert "−▲" in dot_text(chain(40))
    assert "−▲" not in dot_text(chain(41))


def test_too_many_cards():
    with pytest.raises(DrawingError) as caught:
        chain(1501)
    assert str(caught.value) == (
        "This graph has 1,501 operations and leaves; a picture of more than 1,500 cannot be read. "
        "Draw a part of it: an intermediate Value, or the loss of fewer steps or layers."
    )


def test_markup():
    assert tr(td("x", port="p"), td(width=1, height=2)) == (
        '<TR><TD PORT="p">x</TD><TD WIDTH="1" HEIGHT="2" FIXEDSIZE="TRUE"></TD></TR>'
    )
    assert table(border=1) == '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"></TABLE>'
    assert (
        font("<", "#ff0000", 9, "mono") == '<FONT FACE="Courier" COLOR="#ff0000" POINT-SIZE="9">&lt;</FONT>'
    )
    assert attributes(id="a", label="<b>") == 'id="a", label=<<b>>'
    assert cut("one\ntwo  three", 9) == "one two …"
