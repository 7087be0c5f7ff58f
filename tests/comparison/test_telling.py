"""Findings as a person reads them, word by word: in text, in a notebook, in JSON, in a failed test."""

import json
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.comparison import Comparison, Finding, Row
from tinygrad_edu.comparison.telling import IN_A_WORD, findings_as_html, text, told, wrapped
from tinygrad_edu.diagnosis import KINDS
from tinygrad_edu.errors import GradientError

SLOPE = Finding(
    "missing-derivative",
    "z2",
    "The derivative of `a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`.",
    "dz2 = da2 * a2 * (1 - a2)",
    1e-16,
    (
        Finding("wrong-loss", "z2", "This is the gradient of the cross-entropy."),
        Finding("wrong-loss", "a2", "This is the gradient of another loss."),
    ),
    before=6.566,
    elements=12,
    probes=3,
    rows=("z2",),
)
BIAS = Finding("sign", "b", "The gradient of b has the wrong sign.", before=0.125, elements=1, rows=("b",))
UNKNOWN = Finding("unexplained", "w", "No known mistake explains the gradient of w.", before=0.5, elements=3)
ROW = Row("z2", (4, 1), "own", 6.566, 0.2, (1, 0), findings=(SLOPE,))


def wrong_loss():
    x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
    w = tg.Value(0.5, name="w")
    return tg.compare(np.mean((w * x - y) ** 2) / 2, {"w": -np.mean((0.5 * x - y) * x)})


def test_findings_are_numbered_and_say_where_what_how_and_why():
    assert text([SLOPE, BIAS, UNKNOWN], colour=False).splitlines() == [
        "1. At z2: The derivative of `a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`.",
        "   Right would be  dz2 = da2 * a2 * (1 - a2)",
        (
            "   The same numbers can also mean: This is the gradient of the cross-entropy. "
            "Or: At a2: This is the gradient of another loss."
        ),
        (
            "   Off by up to 6.57 times the largest element of the right gradient; "
            "this explains all 12 numbers in the gradient of z2, at 3 points."
        ),
        "2. At b: The gradient of b has the wrong sign.",
        "   Off by up to 12 % of the largest element of the right gradient; this explains the gradient of b.",
        "3. At w: No known mistake explains the gradient of w.",
        "   Off by up to 50 % of the largest element of the right gradient.",
        "(In a correction, dx is the gradient of x.)",
    ]


@pytest.mark.parametrize("before", [0.0, float("inf"), float("nan")])
def test_a_deviation_that_has_no_size_is_not_told(before):
    (one,) = told([replace(SLOPE, before=before)])
    assert one.evidence == "This explains all 12 numbers in the gradient of z2, at 3 points."
    assert told([replace(UNKNOWN, before=before)])[0].evidence == ""


def test_nothing_found_is_told_in_no_words():
    assert text([]) == ""
    assert findings_as_html([]) == ""


def test_one_mistake_of_two_kinds_is_told_once():
    both = told([SLOPE, replace(SLOPE, kind="constant-factor")])
    assert [one.place for one in both] == ["z2"]


def test_a_mistake_in_an_operation_without_a_name_is_placed_by_its_formula():
    (one,) = told([replace(SLOPE, place="a1 @ W2 + b2")])
    assert one.place == "a1 @ W2 + b2"


def test_many_readings_are_told_in_a_word_each():
    many = [Finding("sign", "z2", f"Reading {i}.") for i in range(5)]
    many.append(Finding("wrong-loss", "a2", "Reading 5."))
    (one,) = told([replace(SLOPE, alternatives=tuple(many))])
    assert one.readings == ("Reading 0.", "Reading 1.", "Reading 2.")
    assert one.further == "a wrong sign; the gradient of another loss at a2"
    assert "Or: Reading 2. Less likely: a wrong sign; the" in text([replace(SLOPE, alternatives=tuple(many))])


def test_every_kind_has_a_few_words():
    assert sorted(IN_A_WORD) == sorted(KINDS)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (1.0, "up to 100 % of"),
        (0.034, "up to 3.4 % of"),
        (2.0, "up to 2 times"),
        (1e12, "more than 1000 times"),
    ],
)
def test_a_deviation_is_told_in_words(before, said):
    (one,) = told([replace(UNKNOWN, before=before)])
    assert one.evidence == f"Off by {said} the largest element of the right gradient."


def test_where_the_right_gradient_is_0_there_is_no_relative_error():
    w, x = tg.Value([1.0, 2.0], name="w"), np.array([3.0, 4.0])
    found = tg.compare(np.sum(w * (0 * x)), {"w": x})
    assert "right is 0" in str(found)
    assert "inf" not in str(found)
    assert found.findings[0].message == "The gradient of w must be 0, and 2 of its 2 elements are not."


def test_lines_fit_the_width_and_code_is_not_broken():
    lines = text([SLOPE], width=40, colour=False).splitlines()
    assert max(len(line) for line in lines if "Right would be" not in line) <= 40
    assert any("`a2 = sigmoid(z2)`" in line for line in lines)
    assert any("`a2 * (1 - a2)`" in line for line in lines)
    assert wrapped("It is `a * (1 - a2)` here.", 21) == ["It is `a * (1 - a2)`", "here."]


def test_colour_marks_the_place_and_the_right_line():
    pytest.importorskip("rich")
    coloured = text([SLOPE], colour=True)
    assert "\x1b[1;31mAt z2:\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == text([SLOPE], colour=False)
    assert "\x1b" not in text([SLOPE])


def test_a_notebook_shows_table_and_findings_and_escapes():
    shown = Comparison((replace(ROW, findings=(replace(SLOPE, message="`a < b` & c"),)),))._repr_html_()
    assert '<span class="at">z2</span> <code>a &lt; b</code> &amp; c' in shown
    assert "Right would be <code>dz2 = da2 * a2 * (1 - a2)</code>" in shown
    assert shown.index("<table>") < shown.index('<div class="tg-findings">')


def test_a_comparison_prints_its_table_and_then_its_findings():
    comparison = Comparison((ROW,))
    table, found = str(comparison).split("\n\n")
    assert table == str(comparison.table())
    assert found == comparison.told() == text([SLOPE])


def test_a_failed_assertion_shows_the_mistake_in_one_line():
    assert repr(Comparison((ROW,))) == (
        "<Comparison ok=False: z2: The derivative of `a2 = sigmoid(z2)` is missing: "
        "multiply by `a2 * (1 - a2)`.>"
    )
    assert repr(Comparison(())) == (
        "<Comparison ok=True: Nothing was compared: give manual gradients for some of the names.>"
    )


def test_raise_if_wrong_tells_the_mistake_before_the_table():
    comparison = Comparison((ROW,))
    with pytest.raises(GradientError) as caught:
        comparison.raise_if_wrong()
    assert str(caught.value) == "\n\n".join(
        [comparison.summary(), comparison.told(), str(comparison.table())]
    )
    assert isinstance(caught.value, AssertionError)


def test_pytest_shows_the_findings(pytester):
    pytester.makepyfile(
        """
        import numpy as np, tinygrad_edu as tg

        def compared():
            w = tg.Value(3.0, name="w")
            return tg.compare(w * w, {"w": -6.0})

        def test_ok():
            comparison = compared()
            assert comparison.ok

        def test_raise():
            compared().raise_if_wrong()
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*where False = <Comparison ok=False: w: The gradient of w has the wrong sign*"]
    )
    result.stdout.fnmatch_lines(
        ["E*GradientError: The mistake is at w.*", "E*1. At w: The gradient of w has*"]
    )


def test_a_pickle_keeps_what_was_found_and_not_the_graph():
    comparison = wrong_loss()
    restored = pickle.loads(pickle.dumps(comparison))
    assert restored == comparison
    assert str(restored) == str(comparison)
    assert restored.point is None


def test_json_has_the_summary_and_every_finding():
    told_all = json.loads(json.dumps(wrong_loss().to_dict()))
    assert list(told_all) == ["ok", "summary", "probes", "rows"]
    row = next(row for row in told_all["rows"] if row["name"] == "w")
    assert row["findings"][0]["kind"] == "sign"
    assert row["findings"][0]["node"] == "w"
    infinite = Comparison((replace(ROW, findings=(replace(SLOPE, residual=float("inf")),)),))
    assert json.loads(json.dumps(infinite.to_dict()))["rows"][0]["findings"][0]["residual"] == "inf"
