import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_edu.drawing.numerals import brief, numerals, rms, short, special_marks, summary

LARGEST_ROUNDED = 1.79e308
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)


@pytest.mark.parametrize(
    ("array", "lines"),
    [
        ([[0.25, -0.001], [0, 1]], (" 0.25000 -0.00100", "       0  1.00000")),
        ([[0, 1], [1, 0]], ("0 1", "1 0")),
        ([True, False], (" True False",)),
        ([1.5, 1e-6, 3], (" 1.50000 1.00e-06  3.00000",)),
        ([1e-8, 2e-9], ("1.00e-08 2.00e-09",)),
        ([4696.03, 1227.78], ("4696.0 1227.8",)),
        ([np.nan, 1, -np.inf], (" nan    1 -inf",)),
        (-0.0, ("0",)),
        (0.145123, ("0.1451",)),
        (123456789, ("1.23e+08",)),
        (np.zeros((0, 3)), ("empty",)),
        (np.arange(5), ("[ 0 1 2  ", "  3 4   ]")),
    ],
)
def test_numbers_are_written_in_one_format(array, lines):
    assert numerals(array).lines == lines


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3), elements=FLOATS)
)
def test_small_arrays_are_shown_in_full_and_to_three_digits(array):
    texts = " ".join(numerals(array).lines).replace("[", "").replace("]", "").split()
    assert len(texts) == array.size
    for text, number in zip(texts, array.ravel(), strict=True):
        if np.isfinite(number):
            if abs(number) > LARGEST_ROUNDED:
                continue  # to three digits it is more than the largest float
            assert float(text) == pytest.approx(number, rel=5e-3, abs=0)
            assert (float(text) == 0) == (number == 0)
        else:
            assert text == str(number)


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=30), elements=FLOATS))
def test_text_is_ascii_and_lines_are_equally_long_when_numbers_are_shown(array):
    shown = numerals(array)
    assert all(line.isascii() for line in shown.lines)
    if not shown.cells:
        assert len({len(line) for line in shown.lines}) == 1


def test_a_large_array_is_a_heat_map_of_its_own_elements():
    array = np.arange(627 * 200.0).reshape(627, 200)
    shown = numerals(array)
    assert shown.lines == ("one row in 79", "one column in 13", "62699.5 +- 36199.9", "0 .. 125399")
    assert (len(shown.cells), len(shown.cells[0])) == (8, 16)
    assert shown.cells[1][2] == array[79, 26] / array.max()


def test_a_heat_map_marks_what_is_not_finite():
    array = np.ones((8, 4))
    array[0, 0], array[7, 3] = np.nan, -np.inf
    shown = numerals(array)
    assert shown.cells[0][0] is None
    assert shown.cells[7][3] is None
    assert shown.cells[3] == (1, 1, 1, 1)
    assert shown.marks == ("1 NaN", "1 inf")


def test_a_column_stays_a_column_and_a_vector_a_row():
    assert len(numerals(np.arange(8.0).reshape(8, 1)).cells) == 8
    assert len(numerals(np.arange(16.0)).cells) == 1


@given(hnp.arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e300, 1e300)))
def test_rms_neither_overflows_nor_underflows(array):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = rms(array)
    assert (
        np.max(np.abs(array)) / np.sqrt(array.size) * (1 - 1e-9)
        <= found
        <= np.max(np.abs(array)) * (1 + 1e-9)
    )
    assert (found == 0) == (not array.any())


def test_rms_of_what_is_not_finite_is_not_finite():
    assert np.isnan(rms([1, np.nan]))
    assert np.isinf(rms([1, -np.inf]))
    assert rms([]) == 0


def test_marks():
    assert special_marks(np.zeros(3)) == ("exactly 0",)
    assert special_marks(np.array([False])) == ()
    assert special_marks(np.float64("nan")) == ("NaN",)
    assert special_marks(np.array([np.nan, np.nan, np.inf])) == ("2 NaN", "1 inf")
    assert special_marks([1e-300, 0]) == ()


def test_short_texts():
    assert short(1e-9) == "1.00e-09"
    assert short(1e300) == "1.00e+300"
    assert brief(np.array([[2.5]])) == "2.500"
    assert brief([3.0, 4.0]) == "rms 3.536"
    assert brief(np.True_) == "True"
    assert summary([np.nan]) == ("nothing finite",)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool))
def test_a_single_number_has_three_digits_unless_it_is_an_exact_integer(number):
    digits = re.sub(r"e.*|\D", "", short(number)).lstrip("0")
    assert len(digits) >= 3 or float(short(number)) == number


def test_a_vector_leaves_no_number_alone():
    assert len(numerals([1.5, 2.5, 3.5, 4.5]).lines) == 1
    assert [len(line.strip("[] ").split()) for line in numerals(np.arange(7) + 0.5).lines] == [4, 3]
