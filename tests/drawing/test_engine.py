import stat
import subprocess
import sys
from pathlib import Path

import pytest
from drawing.pictures import network

from tinygrad_edu.drawing import engine as room
from tinygrad_edu.drawing.dot import dot_text
from tinygrad_edu.drawing.engine import Engine, find_engine, layout
from tinygrad_edu.errors import DrawingError, MissingPackageError


@pytest.fixture
def program(tmp_path):
    """A program in place of `dot`, written for one test."""

    def write(body):
        path = tmp_path / "dot-like"
        path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def test_the_wheel_is_found_without_an_activated_environment(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(room.VARIABLE, raising=False)
    found = find_engine()
    assert found.name == "graphviz-pure"
    assert Path(found.command[0]).is_file()


def test_order_of_the_search(monkeypatch, program):
    path = program("")
    monkeypatch.setenv(room.VARIABLE, path)
    assert find_engine().command == (path,)
    assert find_engine("graphviz-pure").name == "graphviz-pure"
    monkeypatch.delenv(room.VARIABLE)
    lookups = {name: (lambda name=name: Engine(name, ())) for name in ("pygraphviz", "dot")}
    monkeypatch.setattr(room, "_KNOWN", {"graphviz-pure": lambda: None, **lookups})
    assert find_engine().name == "pygraphviz"


def test_no_engine(monkeypatch):
    monkeypatch.delenv(room.VARIABLE, raising=False)
    monkeypatch.setattr(room, "_KNOWN", {"dot": lambda: None})
    with pytest.raises(MissingPackageError) as caught:
        layout("digraph {}", "svg")
    assert str(caught.value) == (
        "A picture needs a layout engine and none is installed. One of three will do: pip install "
        "graphviz-pure; pip install pygraphviz, which writes PDF, too; or Graphviz itself, with its program "
        "dot on the PATH. The .dot text works without one."
    )


@pytest.mark.parametrize("origin", ["engine=", "TINYGRAD_EDU_ENGINE="])
def test_an_engine_that_does_not_exist(monkeypatch, origin):
    monkeypatch.setenv(room.VARIABLE, "neato-9")
    with pytest.raises(DrawingError) as caught:
        find_engine("neato-9" if origin == "engine=" else None)
    assert str(caught.value) == (
        f"{origin}'neato-9': there is no such layout engine here. Give one of 'graphviz-pure', 'pygraphviz', "
        "'dot' that is installed, or the path of a program called like dot."
    )


def test_pdf_needs_another_engine():
    with pytest.raises(DrawingError) as caught:
        layout("digraph {}", "pdf", "graphviz-pure")
    assert str(caught.value) == (
        "graphviz-pure cannot write PDF. To get one, pip install pygraphviz and choose the engine "
        "pygraphviz, or install Graphviz and choose dot. SVG and PNG work as it is."
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('<svg/>'); sys.stderr.write('Error: lost node\\n')", "Error: lost node"),
        ("sys.exit(3)", "it ended with status 3 and said nothing"),
        ("print('<svg/>'); sys.exit('memory fault')", "memory fault"),
        ("", "it ended with status 0 and said nothing"),
    ],
)
def test_a_picture_that_failed_is_not_returned(program, body, reason):
    with pytest.raises(DrawingError) as caught:
        layout("digraph {}", "svg", program(body))
    assert str(caught.value) == f"dot-like could not draw the graph: {reason}"


def test_bad_markup_is_an_error_although_the_engine_draws_something():
    with pytest.raises(DrawingError, match=r"graphviz-pure could not draw the graph: .*mismatched tag"):
        layout("digraph { a [label=<<B>x>] }", "svg")


def test_a_warning_about_fonts_is_no_error(program):
    assert layout("digraph {}", "svg", program("print('<svg/>'); sys.stderr.write('no value for width')"))


def test_an_engine_that_hangs_is_stopped(program, monkeypatch):
    monkeypatch.setattr(room, "TIMEOUT", 0.2)
    with pytest.raises(DrawingError) as caught:
        layout("digraph {}", "svg", program("time.sleep(60)"))
    assert str(caught.value) == (
        "dot-like needed more than 0.2 seconds for this picture and was stopped. "
        "Draw a part of the graph: an intermediate Value instead of the loss."
    )


def test_a_program_that_cannot_start(monkeypatch):
    def refuse(*args, **settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(DrawingError, match="graphviz-pure could not be started: Permission denied"):
        layout("digraph {}", "svg", "graphviz-pure")


@pytest.mark.parametrize("direction", ["down", "right"])
def test_layout_is_deterministic(direction):
    dot = dot_text(network(), direction=direction)
    assert layout(dot, "svg") == layout(dot, "svg")
