"""Everything that the README, the docs and the examples say runs, and prints what they say."""

import contextlib
import doctest
import io
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = sorted(ROOT.glob("docs/*.md"))
EXAMPLES = sorted(ROOT.glob("examples/**/*.py"))
PACKAGES = {"06_minimize.py": "scipy", "09_dask.py": "distributed", "beyond_memory.md": "dask.array"}


def printed_by(run):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run()
    return out.getvalue()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_docs_print_what_they_say(path):
    if path.name in PACKAGES:
        pytest.importorskip(PACKAGES[path.name])
    results = doctest.testfile(str(path), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_run(path, tmp_path, monkeypatch):
    if path.name in PACKAGES:
        pytest.importorskip(PACKAGES[path.name])
    here, given = tmp_path / "here", tmp_path / "given"
    here.mkdir()
    given.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("sys.argv", [str(path), str(given)])
    printed = printed_by(lambda: runpy.run_path(str(path), run_name="__main__"))
    assert printed
    assert list(here.iterdir()) == []
    assert [str(file) for file in given.iterdir()] == re.findall(
        r"^the picture: (.*)$", printed, re.MULTILINE
    )


def test_readme_prints_the_numbers_in_its_comments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    stated = re.findall(r"^print\(.*\)  # (.*)$", first, re.MULTILINE)
    printed = printed_by(lambda: exec(compile(first, "README.md", "exec"), {}))
    assert printed.splitlines() == stated
    assert (tmp_path / "regression.svg").exists()


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\((?!http)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []
