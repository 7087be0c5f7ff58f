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
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


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


@pytest.fixture(scope="module")
def browser():
    """Chromium as it is installed here, without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, BROWSERS)))
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=FLAGS.split())
        yield running
        running.close()


@pytest.fixture
def new_tab(browser):
    """Opens tabs without a network; gives each with the requests it makes and the messages on its console."""
    contexts = []

    def open_tab(size=(1280, 900), theme="light"):
        context = browser.new_context(
            offline=True,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            reduced_motion="reduce",
        )
        contexts.append(context)
        tab = context.new_page()
        requests, messages = [], []
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda message: messages.append(message.text))
        tab.on("pageerror", lambda error: messages.append(str(error)))
        return tab, requests, messages

    yield open_tab
    for context in contexts:
        context.close()
