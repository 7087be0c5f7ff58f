"""The pieces of the page: markup, formulas, figures, and what is said about the world outside the data."""

import base64
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from tinygrad_edu.cells import Cell
from tinygrad_edu.errors import DataError, MissingPackageError
from tinygrad_edu.lessons import LESSONS, Formula, regression
from tinygrad_edu.lessons.data import Table
from tinygrad_edu.report import (
    beyond,
    formula_svg,
    lesson_figure,
    page,
    prepared_folder,
    summary,
    table,
    write,
)
from tinygrad_edu.report.markup import region, verdict
from tinygrad_edu.report.sections import number_of

FORMULAS = {f.latex: f for lesson in LESSONS.values() for f in (*lesson.definitions, *lesson.gradients)}


def test_what_is_wide_scrolls_in_a_region_that_can_be_focused_and_has_a_name():
    assert region("<b>x</b>", label='a "b"', kind="graph") == (
        '<div class="scrolls graph" role="region" aria-label="a &quot;b&quot;" tabindex="0"><b>x</b></div>'
    )


def test_a_table_has_headings_on_both_sides_and_numbers_on_the_right():
    rows = [("x", "1", "4×5"), ("y", "-2.5e-07", "scalar")]
    root = ET.fromstring(table(("a", "b", "c"), rows, label="letters"))
    assert [head.get("scope") for head in root.iter("th")] == ["col", "col", "col", "row", "row"]
    assert [head.get("class") for head in root.find(".//thead/tr")] == [None, "number", None]
    assert [cell.get("class") for cell in root.iter("td")] == ["number", None, "number", None]


def test_a_table_may_be_empty():
    assert ET.fromstring(table(("a", "b"), [], label="nothing")).find(".//tbody/tr") is None


def test_a_verdict_is_a_word_and_not_only_a_colour():
    assert verdict(Cell("a < b", "bad")) == '<span class="verdict bad">a &lt; b</span>'


@pytest.mark.parametrize("latex", FORMULAS)
def test_each_formula_is_drawn_and_can_be_read_aloud(latex):
    pytest.importorskip("matplotlib")
    formula = FORMULAS[latex]
    svg = ET.fromstring(formula_svg(formula))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == formula.text
    _, y, width, height = map(float, svg.get("viewBox").split())
    assert y < 0 < y + height, "the baseline is inside"
    assert width > height / 3
    assert re.fullmatch(r"[MLQCZ\d. -]+", svg.find("path").get("d"))


def test_a_formula_takes_the_colour_and_the_size_of_the_text():
    pytest.importorskip("matplotlib")
    svg = formula_svg(Formula("s", "s = w x", "s = w x"))
    assert "fill=" not in svg
    assert re.search(r"width:[\d.]+em;height:[\d.]+em;vertical-align:-[\d.]+em", svg)


def test_a_figure_has_a_light_and_a_dark_image_inside_the_page(run_of):
    pytest.importorskip("matplotlib")
    picture = lesson_figure(run_of("neuron"))
    assert picture.startswith('<picture><source media="(prefers-color-scheme: dark)" srcset="data:')
    assert 'alt="The artificial neuron. What it answers around the four points' in picture
    dark, light = re.findall(r'(?:srcset|src)="data:image/svg\+xml;base64,([^"]+)"', picture)
    assert dark != light
    for image in (dark, light):
        assert ET.fromstring(base64.b64decode(image)).tag.endswith("svg")


def test_a_figure_is_the_same_each_time(run_of):
    pytest.importorskip("matplotlib")
    assert lesson_figure(run_of("linear-regression")) == lesson_figure(run_of("linear-regression"))


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_says_what_happens_outside_its_data(name, run_of):
    told = beyond(LESSONS[name], run_of(name).steps[-1].params)
    assert len(told.text) > 100
    assert all(len(row) == len(told.columns) for row in told.rows)


def test_the_logo_outside_the_box_is_measured(run_of):
    told = beyond(LESSONS["batman"], run_of("batman").steps[-1].params)
    assert re.search(r"It has \d+ of the 627 points right", told.text)
    assert re.search(r"intersection over union of 0\.\d{3} ", told.text)
    assert re.search(r"it takes \d+\.\d% of the area around the training box", told.text)


@pytest.mark.parametrize(
    ("gradient", "text"), [(1 / 3, "0.3333333333"), ([3.0, 4.0], "rms 3.535533906"), ([], "rms 0")]
)
def test_a_gradient_in_one_number(gradient, text):
    assert number_of(gradient) == text


def test_a_page_says_so_when_a_gradient_is_wrong(run_of):
    right = run_of("neuron")
    broken = replace(right.at_start.rows[1], verdict="own")
    wrong = replace(right, at_start=replace(right.at_start, rows=(broken,)))
    assert summary([right]) == "All 4 gradients derived by hand agree with the automatic ones."
    assert summary([right, wrong]) == (
        "Not all of the 5 gradients derived by hand agree: see The artificial neuron."
    )


def test_a_page_needs_nothing_from_elsewhere(page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text
    assert "<script" not in text
    addresses = re.findall(r'(?:src|srcset|href|xlink:href)="([^"]{0,40})', text)
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not re.search(r"url\((?!#)", text)


def test_identifiers_are_unique(page_file):
    found = re.findall(r'\sid="([^"]+)"', page_file.read_text(encoding="utf-8"))
    assert len(found) == len(set(found))


def test_a_folder_is_made_with_those_above_it(tmp_path):
    assert prepared_folder(tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError) as caught:
        prepared_folder(tmp_path / "file" / "report")
    assert str(caught.value) == f"the folder {tmp_path}/file/report cannot be written to: Not a directory."


def test_a_page_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(DataError) as caught:
        write("", tmp_path)
    assert str(caught.value) == f"{tmp_path}/index.html cannot be written: Is a directory."


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch, run_of):
    monkeypatch.setitem(sys.modules, "matplotlib.textpath", None)
    formula_svg.cache_clear()
    with pytest.raises(MissingPackageError, match=r"pip install 'tinygrad-edu\[plots\]'"):
        page([run_of("neuron")], seed=0)


def fitted_line(x, y):
    lesson = regression(Table(np.asarray(x), np.asarray(y)))
    *_, last = lesson.train(lesson.initial(np.random.default_rng(0)))
    return beyond(lesson, last.params)


def test_small_numbers_keep_their_digits_outside_the_data():
    said = fitted_line([1.0, 2.0, 3.0, 4.0], [0.001, 0.0021, 0.0029, 0.0042])
    assert [row[2] for row in said.rows] == ["-0.00213", "0.00723", "0.03219"]
    assert "best line" not in said.text


def test_a_descent_that_has_not_arrived_says_so_and_where_the_best_line_is():
    years = np.arange(1990.0, 2021.0)
    said = fitted_line(years, 354 + 2 * (years - 1990))
    assert "Nor is it the best line yet" in said.text
    assert "theta0 = -3,626 and theta1 = 4,040" in said.text


def test_rows_with_one_x_determine_no_line():
    said = fitted_line([5.0, 5.0], [1.0, 2.0])
    assert said.text == "All rows have x = 1. They determine a point: every line through it is as good."
    assert not said.rows
