"""The lessons' figures: painted where and in the colours asked for, and nothing else is touched."""

import subprocess
import sys

import numpy as np
import pytest

from tinygrad_edu.errors import ArgumentError, MissingPackageError
from tinygrad_edu.lessons import LESSONS, draw_objective
from tinygrad_edu.lessons.canvas import PALETTES

matplotlib = pytest.importorskip("matplotlib")
figure = pytest.importorskip("matplotlib.figure")
colors = pytest.importorskip("matplotlib.colors")

each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
each_theme = pytest.mark.parametrize("theme", PALETTES)


def short(lesson):
    return list(lesson.train(lesson.initial(np.random.default_rng(0)), steps=3))


@each_lesson
@each_theme
def test_a_figure_is_painted_in_the_colours_of_its_theme(lesson, theme, tmp_path):
    ax = lesson.figure(short(lesson), theme=theme)
    ax.figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000
    assert colors.to_hex(ax.figure.get_facecolor()) == PALETTES[theme].background


@each_lesson
def test_a_figure_is_painted_where_it_is_asked_to_be(lesson):
    left, right = figure.Figure().subplots(1, 2)
    assert lesson.figure(short(lesson), ax=right) is right
    assert not left.has_data()


@each_lesson
def test_one_step_is_enough_for_a_figure(lesson):
    lesson.figure(short(lesson)[:1]).figure.draw_without_rendering()


@each_theme
def test_the_objective_is_drawn_on_a_logarithmic_axis(theme):
    steps = short(LESSONS["linear-regression"])
    ax = draw_objective(steps, theme=theme)
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [(s.number, s.objective) for s in steps])


def test_the_global_style_and_the_list_of_figures_are_left_alone():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    before = dict(matplotlib.rcParams)
    LESSONS["neuron"].figure(short(LESSONS["neuron"]), theme="dark")
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == []


def test_a_figure_of_nothing_and_an_unknown_theme_are_refused():
    lesson = LESSONS["neuron"]
    with pytest.raises(ArgumentError, match="a figure of a training needs at least one step"):
        lesson.figure([])
    with pytest.raises(ArgumentError, match="theme 'blue' is unknown: there are 'light' and 'dark'"):
        lesson.figure(short(lesson), theme="blue")


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'tinygrad-edu\[plots\]'"):
        LESSONS["neuron"].figure(short(LESSONS["neuron"]))


def test_lessons_are_imported_without_matplotlib_and_without_scipy():
    code = "import sys, tinygrad_edu.lessons; print({'matplotlib', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
