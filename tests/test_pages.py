"""The generated table of rules is up to date; every error class has its section, and leads to it."""

import inspect
import os
import pickle
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors

ROOT = Path(__file__).parents[1]
CLASSES = [
    entry for _, entry in inspect.getmembers(errors, inspect.isclass) if entry.__module__ == errors.__name__
]


def test_the_table_of_rules_is_what_the_registry_says():
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(ROOT / "docs" / "generate_rules.py"), "--print"]
    printed = subprocess.run(command, check=True, capture_output=True, env=environment).stdout
    written = (ROOT / "docs" / "rules.md").read_bytes()
    assert printed == written, "run python docs/generate_rules.py"


def test_every_error_class_has_a_section_with_an_example_and_a_cure():
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert sorted(sections) == sorted(entry.__name__ for entry in CLASSES if entry is not errors.Error)
    for name, section in sections.items():
        assert re.search(r"^>>> ", section, re.MULTILINE), name
        assert f"{name}: " in section or name == "GradientError"
        assert "**Cure.**" in section


@pytest.mark.parametrize(
    "entry", [c for c in CLASSES if issubclass(c, errors.Error)], ids=lambda entry: entry.__name__
)
def test_a_note_below_the_message_leads_to_the_page(entry):
    error = entry("It went wrong.")
    assert str(error) == "It went wrong."
    shown = traceback.format_exception_only(error)
    assert [line.strip() for line in shown] == [
        f"tinygrad_edu.errors.{entry.__name__}: It went wrong.",
        f"See docs/errors.md#{entry.__name__.lower()}",
    ]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.__notes__) == (str(error), error.__notes__)


def test_a_missing_package_keeps_its_name():
    assert errors.missing_package("rich", "cli", "a table").name == "rich"


def test_errors_are_reached_from_the_package():
    with pytest.raises(tg.errors.DataTypeError):
        tg.Value("text")
