"""Facts about tables: what is aligned, what is escaped, what survives JSON, and when there is colour."""

import builtins
import json
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.cells import columns_of, plain
from tinygrad_edu.errors import ArgumentError, MissingPackageError
from tinygrad_edu.tables import Cell, Table

VERDICTS = Table(
    "Gradients",
    ("name", "verdict", "error"),
    [("w", Cell("correct", "good"), np.float32(0.25)), ("b1", Cell("own", "bad"), 1.5e-9), ("Θ", "-", None)],
    note="1 of 2 is wrong.",
)
words = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=30)


def pretend_terminal(monkeypatch, columns=60, **environment):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def without_rich(monkeypatch):
    real = builtins.__import__

    def import_all_but_rich(name, *args, **kwargs):
        if name.split(".")[0] == "rich":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_all_but_rich)


def test_plain_text_word_by_word():
    assert VERDICTS.text().splitlines() == [
        "Gradients",
        "name  verdict    error",
        "----  -------  -------",
        "w     correct     0.25",
        "b1    own      1.5e-09",
        "Θ     -              -",
        "1 of 2 is wrong.",
    ]


def test_printing_never_colours(monkeypatch):
    pretend_terminal(monkeypatch)
    assert "\x1b" not in str(VERDICTS)


def test_a_table_without_rows_shows_its_headings():
    assert Table("", ("name", "error"), []).text() == "name  error\n----  -----"


def test_wide_letters_and_combining_marks_stay_aligned():
    lines = Table("", ("name", "next"), [("中文", "|"), ("e\u0301", "|"), ("ab", "|")]).text().splitlines()
    assert {columns_of(line[: line.index("|")]) for line in lines[2:]} == {6}


def test_a_name_cannot_steer_the_terminal():
    text = Table("", ("name",), [("\x1b[31mred\r\nnew line\x07",)]).text()
    assert text.splitlines()[2:] == ["[31mred new line"]


def test_rich_markup_in_a_cell_is_text():
    assert "[bold]w[/bold]" in Table("", ("name",), [("[bold]w[/bold]",)]).text(colour=True)


@given(st.lists(st.tuples(words, words), max_size=4), st.integers(18, 60))
def test_text_fits_the_width_and_loses_no_letter(rows, width):
    text = Table("", ("first", "second"), rows).text(width=width)
    assert max(map(len, text.splitlines())) <= width
    for row in rows:
        for cell in row:
            for letter in cell.replace(" ", ""):
                assert letter in text


def test_colour_is_for_terminals(monkeypatch):
    assert "\x1b" not in VERDICTS.text()
    pretend_terminal(monkeypatch)
    assert "\x1b[1;31mown" in VERDICTS.text()
    assert "\x1b" not in VERDICTS.text(colour=False)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(monkeypatch, environment):
    pretend_terminal(monkeypatch, **environment)
    assert "\x1b" not in VERDICTS.text()


def test_an_empty_no_color_means_nothing(monkeypatch):
    pretend_terminal(monkeypatch, NO_COLOR="")
    assert "\x1b" in VERDICTS.text()


def test_colour_that_was_asked_for_is_given_anywhere(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32mcorrect" in VERDICTS.text(colour=True)


@pytest.mark.parametrize("colour", [True, False])
def test_text_fits_the_terminal(monkeypatch, colour):
    pretend_terminal(monkeypatch, columns=40)
    text = Table("", ("name", "advice"), [("w", "multiply by the derivative " * 5)]).text(colour=colour)
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in text.splitlines()) <= 40


def test_without_rich_a_terminal_gets_plain_text(monkeypatch):
    expected = VERDICTS.text()
    pretend_terminal(monkeypatch)
    without_rich(monkeypatch)
    assert VERDICTS.text() == expected


def test_without_rich_asking_for_colour_says_what_to_install(monkeypatch):
    without_rich(monkeypatch)
    with pytest.raises(MissingPackageError) as error:
        VERDICTS.text(colour=True)
    told = "a coloured table needs rich, which is not installed: pip install 'tinygrad-edu[cli]'."
    assert str(error.value) == told


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1] != "style":
            self.texts.append((self.open[-1], data))


def test_html_is_a_captioned_table_with_headings_in_both_directions():
    page = Tags(VERDICTS.html())
    assert not page.open
    assert page.texts == [
        ("caption", "Gradients"),
        *[("th", "name"), ("th", "verdict"), ("th", "error")],
        *[("th", "w"), ("td", "correct"), ("td", "0.25")],
        *[("th", "b1"), ("td", "own"), ("td", "1.5e-09")],
        *[("th", "Θ"), ("td", "-"), ("td", "-")],
        ("p", "1 of 2 is wrong."),
    ]
    scopes = [attributes.get("scope") for tag, attributes in page.seen if tag == "th"]
    assert scopes == ["col"] * 3 + ["row"] * 3
    assert ("td", {"class": "bad"}) in page.seen
    assert page.seen.count(("td", {"class": "number"})) == 3


def test_html_escapes_everything_that_was_given():
    evil = '<script>alert("1")</script>&'
    page = Table(evil, (evil,), [(evil,)], note=evil).html()
    assert "<script" not in page
    assert {text for _, text in Tags(page).texts} == {evil}


def test_the_style_touches_nothing_else_on_the_page():
    style = re.search("<style>(.*)</style>", VERDICTS.html(), re.DOTALL)[1]
    selectors = [selector for rule in re.findall(r"([^{}]+)\{", style) for selector in rule.split(",")]
    assert selectors
    assert all(selector.strip().startswith(".tg-table") for selector in selectors)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("style", ["good", "bad", "warn"])
def test_coloured_cells_are_readable_on_any_page(style):
    back, front = re.search(rf"\.{style} {{ background: (#\w+); color: (#\w+)", VERDICTS.html()).groups()
    assert (luminance(back) + 0.05) / (luminance(front) + 0.05) >= 7


def test_a_dict_is_what_json_knows():
    rows = [(np.float64("nan"), -np.inf, np.int8(3)), (np.True_, None, np.array([[1.0, np.inf]]))]
    table = Table("t", ("a", "b", "c"), rows)
    assert json.loads(json.dumps(table.to_dict(), allow_nan=False)) == {
        "title": "t",
        "columns": ["a", "b", "c"],
        "rows": [["nan", "-inf", 3], [True, None, [[1.0, "inf"]]]],
        "note": "",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [((1, "a"), [1, "a"]), ({1: np.float32(0.5)}, {"1": 0.5}), (1j, "1j"), (np.str_("w"), "w"), ({3}, "{3}")],
)
def test_plain_values(value, expected):
    result = plain(value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1994865.5292266835, "1.99487e+06"),
        (np.float32(0.1), "0.1"),
        (6370, "6370"),
        (True, "True"),
        (float("nan"), "nan"),
        (np.arange(4.0).reshape(2, 2), "[[0., 1.], [2., 3.]]"),
        (np.zeros(1000), "[0., 0., ..., 0., 0.]"),
        (np.array(0.5), "0.5"),
    ],
)
def test_how_values_read(value, text):
    assert Cell(value).text == text


def test_rows_and_headings_must_fit():
    with pytest.raises(ArgumentError) as error:
        Table("Verdicts", ("name", "error"), [("w", 1), ("b",)])
    assert str(error.value) == "Table 'Verdicts': row 1 has 1 cells, there are 2 columns (name, error)."
    with pytest.raises(ArgumentError, match=r"^Table 'Verdicts' has no columns\.\n"):
        Table("Verdicts", (), [])


def test_an_unknown_style_is_an_error():
    with pytest.raises(ArgumentError) as error:
        Cell(1, "purple")
    assert str(error.value) == "style='purple': a cell is good, bad, warn, muted, or has no style."
