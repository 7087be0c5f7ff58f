"""How tests run: how many examples, figures without a window, browser tests where there is a browser."""

import os
import shutil

import pytest
from hypothesis import settings

from tinygrad_edu.cli import main

os.environ.setdefault("MPLBACKEND", "Agg")

pytest_plugins = ["pytester"]

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("full", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    if any(shutil.which(browser) for browser in BROWSERS):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


@pytest.fixture
def run(capsys):
    """Runs the command in this process; gives its status and what it printed on both channels."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return command
