"""The command as a person meets it: what it prints, what it writes, how it fails, how it ends."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu import cli
from tinygrad_edu.cli import main
from tinygrad_edu.drawing import engine
from tinygrad_edu.lessons import LESSONS

COSTUMES = Path(__file__).parents[2] / "shared" / "data" / "costumes.csv"
DIVERGED = (
    "the training of linear-regression diverged: at step 106 its numbers are no longer finite; "
    "use a rate smaller than 25."
)
each_command = pytest.mark.parametrize("command", ["report", "train", "compare", "exercise", "draw"])


@pytest.fixture
def complaint(run):
    """The one line that the command prints when it cannot do what is asked, without its name in front."""

    def fails(*arguments):
        status, out, err = run(*arguments)
        assert status == 2
        assert out == ""
        assert err.startswith("tinygrad-edu: ")
        assert err.count("\n") == 1
        return err.removeprefix("tinygrad-edu: ").rstrip("\n")

    return fails


@pytest.fixture
def csv(tmp_path):
    """Writes a file of data and gives its path."""

    def write(text):
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_train_prints_parameters_objective_and_what_is_outside(run):
    status, out, err = run("train", "linear-regression", "--steps", "10")
    assert (status, err) == (0, "")
    assert out.startswith("Linear regression: 10 steps, objective from 3.226e+07 to ")
    assert re.search(r"^theta0 +\d", out, re.MULTILINE)
    assert "Outside the data: The rows end at x = 0.01 and x = 1." in out


def test_train_gives_one_json_object(run, csv):
    path = csv("price,issues\n1,10\n2,12\n4,16\n")
    status, out, err = run(
        "train", "linear-regression", "--data", path, "--rate", "0.25", "--steps", "1000", "--json"
    )
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["theta0", "theta1", "objective", "steps"]
    assert told["steps"] == 1000
    assert told["theta0"] == pytest.approx(8, rel=1e-6)
    assert told["theta1"] == pytest.approx(8, rel=1e-6)


def test_the_output_says_that_x_is_scaled(run, csv):
    path = csv("price,issues\n1,10\n2,12\n4,16\n")
    told = (
        "Here x is price divided by 4, its largest magnitude: "
        "in the units of the table the slope is theta1 / 4.\n"
    )
    for command in ("train", "compare"):
        assert told in run(command, "linear-regression", "--data", path)[1]
        assert "largest magnitude" not in run(command, "linear-regression", "--data", path, "--no-scale")[1]


def test_without_scale_the_slope_is_that_of_the_data(run, csv):
    path = csv("0 ,3\n1,5\n-1,1\n")
    _, out, _ = run("train", "linear-regression", "--data", path, "--no-scale", "--json")
    told = json.loads(out)
    assert (told["theta0"], told["theta1"]) == (pytest.approx(3), pytest.approx(2))


@pytest.mark.skipif(not COSTUMES.exists(), reason="the table of real costumes is not part of this project")
def test_the_real_costumes_give_the_reference(run):
    arguments = [
        "train",
        "linear-regression",
        "--data",
        COSTUMES,
        "--rate",
        "0.25",
        "--steps",
        "1000",
        "--json",
    ]
    told = json.loads(run(*arguments)[1])
    expected = [2853.3694288526249, 10418.030144573922, 1994865.5292266835, 1000]
    assert list(told) == ["theta0", "theta1", "objective", "steps"]
    np.testing.assert_allclose(list(told.values()), expected, rtol=1e-12)


def test_the_parameters_of_a_network_are_json_too(run):
    told = json.loads(run("train", "xor", "--steps", "2", "--seed", "3", "--json")[1])
    assert list(told) == ["W1", "W2", "b1", "b2", "objective", "steps"]
    assert np.shape(told["W1"]) == (2, 5)


def test_the_seed_decides_where_a_training_starts(run):
    seen = [run("train", "xor", "--steps", "0", "--seed", seed, "--json")[1] for seed in (1, 1, 2)]
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize("lesson", [name for name, lesson in LESSONS.items() if not lesson.mistake])
def test_compare_says_that_the_derivation_is_right(run, lesson):
    status, out, err = run("compare", lesson)
    assert (status, err) == (0, "")
    assert out.startswith(f"{LESSONS[lesson].title}: manual against automatic gradients\n")
    assert re.search(r"^All \d manual gradients agree with the automatic ones\.", out, re.MULTILINE)


def test_compare_gives_one_json_object(run):
    status, out, _ = run("compare", "neuron", "--steps", "5", "--json")
    told = json.loads(out)
    assert status == 0
    assert list(told) == ["lesson", "seed", "steps", "ok", "summary", "probes", "rows"]
    assert (told["lesson"], told["steps"], told["ok"]) == ("neuron", 5, True)
    assert {row["verdict"] for row in told["rows"]} <= {"correct", "rounding", "not-compared"}


def break_the_neuron(monkeypatch):
    right = LESSONS["neuron"]

    def by_hand(x, y, f):
        return {**right.by_hand(x, y, f), "b": np.float64(1.0)}

    monkeypatch.setitem(LESSONS, "neuron", replace(right, by_hand=by_hand))


def test_compare_ends_with_1_if_a_gradient_is_wrong(run, monkeypatch):
    break_the_neuron(monkeypatch)
    status, out, err = run("compare", "neuron")
    assert (status, err) == (1, "")
    assert "The mistake is at b." in out


def test_the_report_ends_with_1_if_a_gradient_is_wrong(run, monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    break_the_neuron(monkeypatch)
    status, out, err = run("report", "neuron", "--steps", "2", "-o", tmp_path)
    assert (status, err) == (1, "")
    assert "Not all of the 4 gradients derived by hand agree: see The artificial neuron." in out
    assert "not all agree" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_report_prints_tables_and_writes_a_page(run, tmp_path):
    pytest.importorskip("matplotlib")
    status, out, err = run(
        "report", "neuron", "linear-regression", "--steps", "3", "-o", tmp_path / "new" / "folder"
    )
    assert (status, err) == (0, "")
    assert out.startswith("The artificial neuron: 3 steps, objective from ")
    assert "\n\nLinear regression: 3 steps, objective from " in out
    assert "\nAll 7 gradients derived by hand agree with the automatic ones.\n" in out
    assert re.search(r"\nSeconds: training \d+\.\d, comparing \d+\.\d, drawing \d+\.\d\.\n", out)
    assert out.endswith(f"\nThe report: {tmp_path}/new/folder/index.html\n")
    assert (tmp_path / "new" / "folder" / "index.html").read_text(encoding="utf-8").count("<section ") == 2


def test_the_report_is_what_happens_without_a_command(run, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setitem(cli.COMMANDS, "report", lambda options: seen.append(options) or 0)
    assert run()[0] == run("-o", tmp_path)[0] == 0
    assert [str(options.output) for options in seen] == ["tinygrad-edu-report", str(tmp_path)]
    assert seen[0].lessons == []


def test_the_report_gives_one_json_object(run, tmp_path):
    pytest.importorskip("matplotlib")
    status, out, _ = run("report", "neuron", "--steps", "2", "-o", tmp_path, "--json")
    told = json.loads(out)
    assert status == 0
    assert list(told) == ["ok", "report", "seed", "seconds", "lessons"]
    assert told["report"] == str(tmp_path / "index.html")
    assert [lesson["lesson"] for lesson in told["lessons"]] == ["neuron"]


def test_the_report_on_data_of_ones_own(run, csv, tmp_path):
    pytest.importorskip("matplotlib")
    path = csv("shoe size,height\n40,170\n44,185\n38,166\n")
    status, _, _ = run("report", "linear-regression", "--data", path, "--steps", "5", "-o", tmp_path)
    assert status == 0


@pytest.mark.parametrize("suffix", [".svg", ".png", ".dot"])
def test_draw_writes_a_picture(run, tmp_path, suffix):
    path = tmp_path / f"neuron{suffix}"
    status, out, err = run("draw", "neuron", "-o", path, "--direction", "right", "--theme", "dark")
    assert (status, err) == (0, "")
    assert out == f"{path}: The artificial neuron, values forward and gradients back.\n"
    assert path.stat().st_size > 2000


def test_draw_gives_one_json_object(run, tmp_path):
    path = tmp_path / "xor.dot"
    told = json.loads(run("draw", "xor", "-o", path, "--json")[1])
    assert told == {"lesson": "xor", "file": str(path), "bytes": path.stat().st_size}


def test_help_names_every_lesson_and_gives_examples(run):
    status, out, _ = run("--help")
    assert status == 0
    assert all(f"  {name} " in out for name in LESSONS)
    assert "tinygrad-edu compare xor" in out


@each_command
def test_the_help_of_a_command_teaches_by_examples(run, command):
    status, out, _ = run(command, "--help")
    assert status == 0
    assert f"examples:\n  tinygrad-edu {command}" in out
    assert "--json" in out
    assert "--seed N" in out


def test_the_version(run):
    status, out, _ = run("--version")
    assert status == 0
    assert re.fullmatch(r"tinygrad-edu \S.*\n", out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "there is no command 'trian'; did you mean train?"),
        (["zzz"], "there is no command 'zzz': there are report, train, compare, exercise, draw."),
        (["train", "xro"], "there is no lesson 'xro'; did you mean xor?"),
        (
            ["draw", "own.py", "-o", "own.svg"],
            (
                "own.py is a file, and draw takes lessons: `compare own.py` checks the derivation in it, "
                "and draws it with -o."
            ),
        ),
        (["report", "xor", "batmen"], "there is no lesson 'batmen'; did you mean batman or batman-lbfgs?"),
        (
            ["compare", "?"],
            f"there is no lesson '?': there are {', '.join(LESSONS)}.",
        ),
        (["train"], "the following arguments are required: LESSON. Try tinygrad-edu train --help."),
        (["draw", "xor"], "the following arguments are required: -o/--output. Try tinygrad-edu draw --help."),
        (
            ["train", "xor", "--seed", "-1"],
            "argument --seed: '-1' is not a whole number from 0 up. Try tinygrad-edu train --help.",
        ),
        (
            ["train", "xor", "--steps", "1.5"],
            "argument --steps: '1.5' is not a whole number from 0 up. Try tinygrad-edu train --help.",
        ),
        *(
            (
                ["train", "xor", "--rate", rate],
                f"argument --rate: {rate!r} is not a positive number. Try tinygrad-edu train --help.",
            )
            for rate in ("0", "nan", "inf", "fast")
        ),
        (
            ["train", "xor", "--colour"],
            "unrecognized arguments: --colour. Try tinygrad-edu train --help.",
        ),
        (["--colour"], "unrecognized arguments: --colour. Try tinygrad-edu report --help."),
        (
            ["train", "xor", "--data", "costumes.csv"],
            "--data and --no-scale are for linear-regression: xor has data of its own.",
        ),
        (
            ["report", "xor", "--no-scale"],
            "--data and --no-scale are for linear-regression, which is not asked for.",
        ),
        (
            ["train", "batman-lbfgs", "--rate", "1"],
            "batman-lbfgs takes no rate: its training chooses its steps itself.",
        ),
        (
            ["train", "linear-regression", "--rate", "25"],
            DIVERGED,
        ),
        (
            ["train", "linear-regression", "--data", "nothing.csv"],
            "there is no file nothing.csv.",
        ),
        (
            ["draw", "xor", "-o", "xor.gif"],
            "Cannot save 'xor.gif': the name must end in .svg, .png, .pdf, .html, .dot, .gv.",
        ),
        (
            ["draw", "xor", "-o", "no-such-folder/xor.svg"],
            "Cannot save 'xor.svg': there is no folder 'no-such-folder'.",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(complaint, arguments, message):
    assert complaint(*arguments) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{} is empty: two columns of numbers are expected, such as '240,6370'."),
        ("1,2\n", "{} has 1 row of numbers: a line needs at least two."),
        ("price,issues\n1,2\n", "{} has 1 row of numbers: a line needs at least two."),
        (
            "1,2\n3,four\n",
            "{}, line 2: 'four' is not a number; digits, with a point for decimals, are expected.",
        ),
        ("1,2\n3,nan\n", "{}, line 2: 'nan' is not finite; leave the row out or correct it."),
        ("1,2\n3,inf\n", "{}, line 2: 'inf' is not finite; leave the row out or correct it."),
        ("1,2\n3\n", "{}, line 2: 1 column ('3'), where two are expected."),
        (b"1,2\n\xff\xfe,3\n", "{} is no text in UTF-8 (byte 4 is 0xff)."),
    ],
)
def test_data_that_cannot_be_used_is_told_in_one_line(complaint, csv, content, message):
    path = csv(content)
    assert complaint("train", "linear-regression", "--data", path) == message.format(path)


def test_a_folder_that_cannot_be_written_to_is_told_before_any_training(complaint, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("")
    assert complaint("report", "-o", tmp_path / "file") == (
        f"the folder {tmp_path}/file cannot be written to: File exists."
    )


def test_a_file_that_cannot_be_written_is_told(complaint, tmp_path):
    (tmp_path / "folder.dot").mkdir()
    message = complaint("draw", "neuron", "-o", tmp_path / "folder.dot")
    assert message == f"Cannot write '{tmp_path}/folder.dot': Is a directory."


@pytest.mark.parametrize("package", ["matplotlib", "scipy"])
def test_a_report_without_a_package_is_told_before_any_training(complaint, monkeypatch, tmp_path, package):
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(sys.modules, package, None)
    assert complaint("report", "-o", tmp_path / "report") == (
        f"the report needs {package}, which is not installed: pip install 'tinygrad-edu[plots,train]'."
    )
    assert not (tmp_path / "report").exists()


def test_the_best_training_without_scipy(complaint, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert complaint("train", "batman-lbfgs") == (
        "tg.minimize needs scipy, which is not installed: pip install 'tinygrad-edu[train]'."
    )


def test_an_unknown_layout_engine(complaint, tmp_path):
    message = complaint("draw", "neuron", "-o", tmp_path / "n.svg", "--engine", "no-such-engine")
    assert message.startswith("engine='no-such-engine': there is no such layout engine here.")


def test_no_layout_engine_at_all(complaint, monkeypatch, tmp_path):
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    monkeypatch.setattr(engine, "_KNOWN", {})
    assert complaint("draw", "neuron", "-o", tmp_path / "n.svg") == (
        "A picture needs a layout engine and none is installed. One of three will do: pip install "
        "graphviz-pure; pip install pygraphviz, which writes PDF, too; or Graphviz itself, with its program "
        "dot on the PATH. The .dot text works without one."
    )
    assert main(["draw", "neuron", "-o", str(tmp_path / "n.dot")]) == 0


def test_an_interrupt_is_told_in_one_line(run, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.COMMANDS, "train", interrupted)
    assert run("train", "xor") == (130, "", "tinygrad-edu: interrupted.\n")


def test_without_rich_everything_is_plain(run, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    status, out, err = run("train", "neuron", "--steps", "3")
    assert (status, err) == (0, "")
    assert "\x1b" not in out


def test_a_progress_bar_is_shown_where_somebody_watches(monkeypatch):
    pytest.importorskip("rich")
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["train", "neuron", "--steps", "30", "--json"]) == 0
    assert "The artificial neuron" in screen.getvalue()
    assert "/30" in screen.getvalue()


def test_a_screen_that_knows_few_letters(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["compare", "xor"]) == 0
    narrow.seek(0)
    assert "4?2" in narrow.read()


def process(*arguments, **options):
    command = [sys.executable, "-m", "tinygrad_edu", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_piped_output_has_no_escape_codes_and_no_carriage_returns(tmp_path):
    pytest.importorskip("matplotlib")
    done = process("report", "neuron", "--steps", "3", "-o", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout


def test_a_process_ends_with_the_status_of_the_command():
    done = process("train", "xro")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tinygrad-edu: there is no lesson 'xro'; did you mean xor?\n"


def test_a_reader_who_has_seen_enough_is_no_error():
    command = f"'{sys.executable}' -m tinygrad_edu compare batman | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0", "")


def test_numbers_whose_squares_are_too_large_are_told(run, tmp_path):
    path = tmp_path / "huge.csv"
    path.write_text("a,b\n1e308,2\n-1e308,4\n")
    status, out, err = run("train", "linear-regression", "--data", path, "--no-scale", "--rate", "1")
    assert (status, out) == (2, "")
    assert "the training of linear-regression diverged" in err
