"""Lessons run for a few steps, and the page about them, made once for all tests of this folder."""

import pytest

from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.report import adjusted, page, run, write

STEPS = 10


@pytest.fixture(scope="session")
def run_of():
    """Runs a lesson for a few steps, each lesson once."""
    known = {}

    def short(name):
        if name not in known:
            known[name] = run(adjusted(LESSONS[name], steps=STEPS), seed=0)
        return known[name]

    return short


@pytest.fixture(scope="session")
def page_file(run_of, tmp_path_factory):
    """The page about all lessons."""
    pytest.importorskip("matplotlib")
    text = page([run_of(name) for name in LESSONS], seed=0)
    return write(text, tmp_path_factory.mktemp("report"))
