"""Exercises: what is planted shows, the file is one that the command accepts, the answer mends it."""

import json
import re

import numpy as np
import pytest

from tinygrad_edu.derivations import functions_of
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.exercises import TEXTS, exercise
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.planting import HINTS, plants

HEAD = "import numpy as np\nimport tinygrad_edu as tg\n"
NETWORK = {"a1", "a2", "z2", "y", "N", "da2"}


def compared(source, tmp_path):
    return functions_of(source, tmp_path / "exercise.py").compared()


@pytest.mark.parametrize(
    ("line", "known", "expected"),
    [
        (
            "da2 = (a2 - y) / N",
            {"a2", "y", "N"},
            {("constant-factor", "da2 = a2 - y"), ("sign", "da2 = (y - a2) / N")},
        ),
        (
            "dz2 = da2 * a2 * (1 - a2)",
            NETWORK,
            {
                ("missing-derivative", "dz2 = da2"),
                ("wrong-activation", "dz2 = da2 * (1 - a2 * a2)"),
                ("wrong-point", "dz2 = da2 * z2 * (1 - z2)"),
            },
        ),
        (
            "dW2 = a1.T @ dz2",
            {"a1", "dz2", "da2"},
            {("transposed", "dW2 = dz2.T @ a1"), ("operand", "dW2 = a1.T @ da2")},
        ),
        ("db2 = dz2.sum(axis=0)", {"dz2"}, {("mean-for-sum", "db2 = dz2.mean(axis=0)")}),
        (
            "dtheta1 = np.sum(df * x)",
            {"df", "x", "dtheta0"},
            {("mean-for-sum", "dtheta1 = np.mean(df * x)"), ("operand", "dtheta1 = np.sum(dtheta0 * x)")},
        ),
    ],
)
def test_what_can_go_wrong_in_a_line(line, known, expected):
    found = list(plants(line, known))
    assert {(plant.kind, plant.wrong) for plant in found} == expected
    assert {plant.name for plant in found} == {line.split(" = ")[0].removeprefix("d")}
    assert {plant.right for plant in found} == {line}
    assert {plant.kind for plant in found} <= HINTS.keys()


@pytest.mark.parametrize("lesson", TEXTS)
def test_without_mistakes_the_text_is_the_derivation_of_the_lesson(lesson, tmp_path):
    made = exercise(lesson)
    source = made.source()
    for plant in made.planted:
        source = source.replace(plant.wrong, plant.right)
    comparison = compared(source, tmp_path)
    comparison.raise_if_wrong()
    assert {row.name for row in comparison.rows if row.verdict != "not-compared"} == {
        formula.name for formula in LESSONS[lesson].gradients
    }


@pytest.mark.parametrize("lesson", TEXTS)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_planted_is_found_and_named(lesson, seed, tmp_path):
    made = exercise(lesson, seed)
    (plant,) = made.planted
    assert plant.wrong != plant.right
    assert f"\n    {plant.wrong}\n" in made.source()
    comparison = compared(made.source(), tmp_path)
    assert [row.name for row in comparison.rows if row.verdict in {"own", "not-comparable"}] == [plant.name]
    assert "unexplained" not in {finding.kind for finding in comparison.findings}


def test_several_mistakes_are_in_lines_of_their_own(tmp_path):
    made = exercise("xor", seed=5, mistakes=2)
    one, other = made.planted
    assert one.right != other.right
    wrong = {
        row.name for row in compared(made.source(), tmp_path).rows if row.verdict in {"own", "not-comparable"}
    }
    assert wrong == {one.name, other.name}


def test_a_seed_always_plants_the_same(tmp_path):
    assert exercise("neuron", 3) == exercise("neuron", 3)
    assert exercise("xor", -3, mistakes=3) == exercise("xor", -3, mistakes=3)
    assert [len(exercise("neuron", seed, mistakes=4).planted) for seed in range(3)] == [4, 4, 4]


@pytest.mark.parametrize(("lesson", "count"), [("neuron", 8), ("linear-regression", 4), ("xor", 18)])
def test_seeds_in_a_row_do_not_repeat_each_other(lesson, count):
    made = [exercise(lesson, seed).planted for seed in range(count + 1)]
    assert len(set(made)) == count
    assert made[count] == made[0]
    kinds = [plant.kind for (plant,) in made]
    assert len(set(kinds[: len(set(kinds))])) == len(set(kinds))


def test_several_mistakes_hardly_repeat_themselves():
    assert len({exercise("xor", seed, mistakes=2).planted for seed in range(12)}) > 10


def test_hints_do_not_name_the_line():
    made = exercise("xor", 2, mistakes=2)
    hints = made.source().partition("# Hints, in no order:\n")[2]
    assert hints.count("\n# - ") + hints.startswith("# - ") == 2
    for plant in made.planted:
        assert HINTS[plant.kind] in hints
        assert not re.search(rf"\bd?{plant.name}\b", hints)
        assert plant.kind not in made.source()


def test_an_answer_names_the_lines():
    made = exercise("linear-regression", seed=1)
    (plant,) = made.planted
    assert made.answer() == (
        f"linear-regression, seed 1: 1 mistake.\n  wrong: {plant.wrong}\n  right: {plant.right}\n"
        f"         ({plant.kind})"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("batman",), f"there is no exercise for 'batman': there are {', '.join(TEXTS)}."),
        (("neuron", 0, 5), "the derivation of neuron has 4 lines: plant 1 to 4 mistakes."),
        (("neuron", 0, 0), "the derivation of neuron has 4 lines: plant 1 to 4 mistakes."),
    ],
)
def test_what_cannot_be_planted_is_told(arguments, message):
    with pytest.raises(ArgumentError) as caught:
        exercise(*arguments)
    assert str(caught.value) == message


def test_the_command_writes_a_file_that_compare_accepts_and_mended_it_agrees(run, tmp_path):
    path = tmp_path / "mine.py"
    status, out, err = run("exercise", "xor", "--seed", "4", "-o", path)
    assert (status, err) == (0, "")
    assert out == f"{path}: find the mistakes; then tinygrad-edu compare {path}\n"
    assert "\n    tinygrad-edu compare mine.py\n" in path.read_text(encoding="utf-8")
    assert run("compare", path)[0] == 1
    told = json.loads(run("exercise", "xor", "--seed", "4", "--answer", "--json")[1])
    assert list(told) == ["lesson", "seed", "mistakes", "answer"]
    text = path.read_text(encoding="utf-8")
    for plant in told["answer"]:
        text = text.replace(plant["wrong"], plant["right"])
    path.write_text(text, encoding="utf-8")
    assert run("compare", path)[0] == 0


def test_the_command_prints_the_file_or_the_answer(run):
    made = exercise("neuron", 7)
    assert run("exercise", "neuron", "--seed", "7") == (0, made.source(), "")
    assert run("exercise", "neuron", "--seed", "7", "--answer") == (0, made.answer() + "\n", "")
    assert json.loads(run("exercise", "neuron", "--seed", "7", "--json")[1])["source"] == made.source()


def test_the_command_tells_what_it_cannot_do(run):
    assert run("exercise", "batman")[::2] == (
        2,
        f"tinygrad-edu: there is no exercise for 'batman': there are {', '.join(TEXTS)}.\n",
    )


@pytest.mark.parametrize("lesson", TEXTS)
def test_the_loss_is_that_of_the_lesson(lesson, tmp_path):
    derivation = functions_of(exercise(lesson).source(), tmp_path / "exercise.py")
    inputs = dict(derivation.inputs)
    if lesson == "neuron":  # of which the lesson has an activation twice as steep
        inputs |= {"w": inputs["w"] / 2, "b": inputs["b"] / 2}
    assert derivation.loss(**derivation.inputs) == pytest.approx(LESSONS[lesson].loss(**inputs))
    assert all(isinstance(x, float) or x.dtype == np.float64 for x in derivation.inputs.values())
