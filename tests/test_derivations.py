"""A derivation in a file of one's own, as the command compares it: what it finds, and how it complains."""

import json
import re
from pathlib import Path

import pytest

from tinygrad_edu.derivations import derivation_in
from tinygrad_edu.errors import DataError

EXAMPLE = Path(__file__).parents[1] / "examples" / "07_find_the_mistake.py"
HEAD = """import numpy as np

x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])

def loss(w, b, x, y):
    f = w * x + b
    return np.mean((f - y) ** 2) / 2

"""
RIGHT = """def by_hand(x, y, f):
    return {"f": (f - y) / len(y), "w": np.mean((f - y) * x), "b": np.mean(f - y)}

"""
WRONG = RIGHT.replace("(f - y) / len(y)", "y - f")
PARAMETERS = "w, b = 0.5, 0.1\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def complaint(run, file):
    """What the command says of a file that it cannot use, without its own name and the folder."""

    def fails(text):
        path = file(text)
        status, out, err = run("compare", path)
        assert (status, out, err.count("\n")) == (2, "", 1)
        return err.removeprefix("tinygrad-edu: ").rstrip("\n").replace(str(path), "mine.py")

    return fails


def test_a_file_with_a_right_derivation(run, file):
    path = file(HEAD + RIGHT + PARAMETERS)
    status, out, err = run("compare", path)
    assert (status, err) == (0, "")
    assert out.startswith(f"{path}: manual against automatic gradients\n")
    assert out.endswith("\nAll 3 manual gradients agree with the automatic ones. Compared at 3 points.\n")


def test_the_example_that_is_wrong_on_purpose(run):
    status, out, err = run("compare", EXAMPLE)
    assert (status, err) == (1, "")
    assert "The mistakes are at z1 and b1; W1 is wrong only because of that. Compared at 3 points.\n" in out
    assert (
        "1. At z1: The derivative of sigmoid is used in place of that of `a1 = np.tanh(z1)`, which is "
        "`1 - a1 * a1`.\n   Right would be  dz1 = da1 * (1 - a1 * a1)\n"
    ) in out
    assert "2. At b1: The gradient of b1 is a sum of 4 terms, not their mean.\n" in out


def test_one_json_object(run, file):
    path = file(HEAD + WRONG + PARAMETERS + "print('noise')\n")
    status, out, err = run("compare", path, "--json", "--seed", "3")
    told = json.loads(out)
    assert (status, err) == (1, "noise\n")
    assert list(told) == ["file", "seed", "ok", "summary", "probes", "rows"]
    assert (told["file"], told["seed"], told["ok"]) == (str(path), 3, False)
    assert next(row for row in told["rows"] if row["name"] == "f")["findings"][0]["node"] == "f"


def test_the_picture(run, file, tmp_path):
    path, picture = file(HEAD + WRONG + PARAMETERS), tmp_path / "mistakes.svg"
    status, out, _ = run("compare", path, "-o", picture)
    assert status == 1
    assert out.endswith(f"\nThe picture: {picture}\n")
    assert "WRONG here" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "inputs",
    [
        "inputs = {'w': 0.5, 'b': 0.1, 'x': x, 'y': y}\n",
        "def inputs():\n    return {'w': 0.5, 'b': 0.1, 'x': x, 'y': y}\n",
        (
            "def inputs(rng):\n    x = rng.normal(size=rng.integers(3, 9))\n"
            "    return {'w': 0.5, 'b': 0.1, 'x': x, 'y': x}\n"
        ),
        PARAMETERS,
    ],
    ids=["a dict", "a function", "a function of random numbers", "variables"],
)
def test_inputs_are_given_in_several_ways(run, file, inputs):
    assert run("compare", file(HEAD + RIGHT + inputs))[0] == 0
    assert run("compare", file(HEAD + WRONG + inputs))[0] == 1


def test_the_seed_is_that_of_the_inputs(file):
    path = file(HEAD + RIGHT + "def inputs(rng):\n    return {'w': rng.normal(), 'b': 0.1, 'x': x, 'y': y}\n")
    assert derivation_in(path, 1).inputs["w"] == derivation_in(path, 1).inputs["w"]
    assert derivation_in(path, 1).inputs["w"] != derivation_in(path, 2).inputs["w"]


def test_a_file_may_import_its_neighbour_and_is_not_the_main_program(run, file):
    file(HEAD, "neighbour.py")
    path = file("from neighbour import *\n" + RIGHT + PARAMETERS + "if __name__ == '__main__':\n    1 / 0\n")
    assert run("compare", path)[0] == 0


def test_a_file_that_is_not_there(run):
    status, out, err = run("compare", "nowhere/mine.py")
    assert (status, out, err) == (2, "", "tinygrad-edu: there is no file nowhere/mine.py.\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mine.py defines no function loss: there is no function in it."),
        (
            HEAD.replace("loss", "los") + RIGHT + PARAMETERS,
            "mine.py defines no function loss; is los meant? Call it loss.",
        ),
        (
            HEAD + RIGHT.replace("by_hand", "gradients") + PARAMETERS,
            "mine.py defines no function by_hand: there are loss, gradients.",
        ),
        (
            HEAD + RIGHT,
            (
                "mine.py: loss asks for w, b: write inputs = {...}, a dict from names to arrays, or define "
                "variables of that name."
            ),
        ),
        (
            HEAD + RIGHT + "w = 1.0",
            (
                "mine.py: loss asks for b: write inputs = {...}, a dict from names to arrays, or define "
                "a variable of that name."
            ),
        ),
        (
            HEAD + RIGHT + PARAMETERS + "inputs = [1, 2]",
            "mine.py: inputs is a list, not a dict from names to arrays.",
        ),
        ("x = 1\ny = 1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by zero"),
        ("x = (1\n", "mine.py, line 1: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit(3)\n", "mine.py, line 2: SystemExit: 3"),
        (
            HEAD + RIGHT.replace("len(y)", "len(yy)") + PARAMETERS,
            "mine.py, line 10: NameError: name 'yy' is not defined",
        ),
        (
            HEAD.replace("w * x", "w * x[:, :2]") + RIGHT + PARAMETERS,
            (
                "mine.py, line 6: Indexing x: x has shape (3,). Too many indices for array: array is "
                "1-dimensional, but 2 were indexed."
            ),
        ),
        (
            HEAD + RIGHT.replace("by_hand(x, y, f)", "by_hand(x, y, g)") + PARAMETERS,
            (
                "mine.py: The manual function asks for 'g'. Known are: b, f, w, x, y. "
                "What a function returned is named by tg.named(..., 'g')."
            ),
        ),
        (
            HEAD + RIGHT.replace("return {", "{") + PARAMETERS,
            "mine.py: The manual function returned NoneType; it must return names -> gradients.",
        ),
        (
            HEAD + "def by_hand(x):\n    return {}\n" + PARAMETERS,
            "mine.py: by_hand returned no gradient, so there is nothing to compare.",
        ),
        (
            HEAD + RIGHT + "def inputs(rng):\n    return {'w': rng.gauss()}\n",
            (
                "mine.py, line 13: AttributeError: 'numpy.random._generator.Generator' object has no "
                "attribute 'gauss'"
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(complaint, text, message):
    assert complaint(text) == message


def test_a_folder_is_no_file(run, tmp_path):
    (tmp_path / "mine.py").mkdir()
    status, _, err = run("compare", tmp_path / "mine.py")
    assert status == 2
    assert re.fullmatch(r"tinygrad-edu: .*mine\.py cannot be read: Is a directory\.\n", err)


@pytest.mark.parametrize(
    "option", [("--steps", "3"), ("--rate", "2"), ("--data", "a.csv"), ("--no-scale",)], ids=lambda o: o[0]
)
def test_options_of_lessons_are_refused(run, file, option):
    status, _, err = run("compare", file(HEAD + RIGHT + PARAMETERS), *option)
    told = f"{option[0]} is for lessons: a file has its inputs in itself."
    assert (status, err) == (2, f"tinygrad-edu: {told}\n")


def test_the_help_shows_a_file(run, file):
    _, out, _ = run("compare", "--help")
    program = re.search(r"like this one:\n\n(.*?)\n\nloss is called", out, re.DOTALL)[1]
    assert run("compare", file(re.sub("^  ", "", program, flags=re.MULTILINE)))[0] == 0


def test_a_derivation_read_without_the_command(file):
    with pytest.raises(DataError, match="defines no function by_hand"):
        derivation_in(file(HEAD))
