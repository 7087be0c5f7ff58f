"""Two columns of numbers: the ways in which a CSV file may be written, and those in which it may be wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.errors import DataError
from tinygrad_edu.lessons.data import SLIDES, Table, costumes, generated_costumes, read_csv, scale_of
from tinygrad_edu.lessons.linear_regression import regression

COSTUMES = Path("../shared/data/costumes.csv")


@pytest.fixture
def written(tmp_path):
    """A file with the given text or bytes in it."""

    def write(content):
        path = tmp_path / "rows.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        "240,6370\n480,8697\n26,2200\n",
        "240,6370\n480,8697\n26,2200",
        "240;6370\n480;8697\n26;2200\n",
        "240\t6370\n480\t8697\n26\t2200\n",
        "240,6370\r\n480,8697\r\n26,2200\r\n",
        "\n240, 6370\n\n 480 ,8697\n26,2200\n\n",
        '"240","6370"\n"480","8697"\n"26","2200"\n',
        "2.4e2,6370.0\n480,8697\n26,+2200\n",
        b"\xef\xbb\xbf240,6370\n480,8697\n26,2200\n",
        "price,issues\n240,6370\n480,8697\n26,2200\n",
        b"\xef\xbb\xbfprice;issues\n240;6370\n480;8697\n26;2200\n",
        '"price, in dollars",issues\n240,6370\n480,8697\n26,2200\n',
        "price; dollars,issues\n240,6370\n480,8697\n26,2200\n",
    ],
    ids=[
        "commas",
        "no newline at the end",
        "semicolons",
        "tabs",
        "carriage returns",
        "blanks and empty lines",
        "quotes",
        "decimals and signs",
        "byte order mark",
        "header",
        "byte order mark and header",
        "header with the delimiter in quotes",
        "header with another delimiter in it",
    ],
)
def test_the_same_rows_are_read_however_they_are_written(written, content):
    table = read_csv(written(content))
    np.testing.assert_array_equal(table.x, [240, 480, 26])
    np.testing.assert_array_equal(table.y, [6370, 8697, 2200])


def test_a_header_names_the_columns(written):
    table = read_csv(written("price in €,issues\n1,2\n3,4\n"))
    assert (table.x_label, table.y_label) == ("price in €", "issues")
    assert (read_csv(written("1,2\n3,4\n")).x_label, table.y_label) == ("x", "issues")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "rows.csv is empty: two columns of numbers are expected, such as '240,6370'."),
        (" \n\n", "rows.csv is empty: two columns of numbers are expected, such as '240,6370'."),
        ("price,issues\n", "rows.csv has 0 rows of numbers: a line needs at least two."),
        ("240,6370\n", "rows.csv has 1 row of numbers: a line needs at least two."),
        (
            "240,6370\n480,many\n",
            "line 2: 'many' is not a number; digits, with a point for decimals, are expected.",
        ),
        (
            "x,y\n240,6370\n\n480,\n",
            "line 4: '' is not a number; digits, with a point for decimals, are expected.",
        ),
        (
            "x;y\n1,5;2\n3;4\n",
            "line 2: '1,5' is not a number; digits, with a point for decimals, are expected.",
        ),
        (
            "abc,6370\n480,8697\n",
            "line 1: 'abc' is not a number; digits, with a point for decimals, are expected.",
        ),
        ("240,nan\n480,8697\n", "line 1: 'nan' is not finite; leave the row out or correct it."),
        ("240,6370\n-inf,8697\n", "line 2: '-inf' is not finite; leave the row out or correct it."),
        ("240,6370\n1e999,8697\n", "line 2: '1e999' is not finite; leave the row out or correct it."),
        ("240\n480\n", "line 1: 1 column ('240'), where two are expected."),
        ("240,6370\n480,8697,1\n", "line 2: 3 columns ('480,8697,1'), where two are expected."),
        ("240,6370\n480\n", "line 2: 1 column ('480'), where two are expected."),
        (b"240,6370\n\xff\xfe,1\n", "rows.csv is no text in UTF-8 (byte 9 is 0xff)."),
        ('240,6370\n"480,8697\n', "line 2: unexpected end of data."),
    ],
)
def test_each_mistake_in_a_file_is_named(written, content, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_csv(written(content))


def test_a_cell_that_is_no_number_is_told_how_numbers_are_written(written):
    message = "'1,5' is not a number; digits, with a point for decimals, are expected."
    with pytest.raises(DataError, match=re.escape(message)):
        read_csv(written("1;2\n1,5;3\n"))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match=r"there is no file .*nothing\.csv\."):
        read_csv(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_csv(tmp_path)


def test_a_data_error_is_a_value_error():
    assert issubclass(DataError, ValueError)


def test_x_is_scaled_by_its_largest_magnitude():
    assert scale_of(np.array([3.0, -4.0])) == 4.0


def test_x_that_is_all_zero_cannot_be_scaled():
    message = "every x is 0, so x cannot be scaled by its largest value: leave x unscaled, or use other data."
    with pytest.raises(DataError, match=re.escape(message)):
        regression(Table(np.zeros(3), np.arange(3.0)))


def test_the_shipped_rows_are_the_three_on_the_slides_and_generated_ones():
    table, generated = costumes(), generated_costumes()
    assert SLIDES == ((240, 6370), (480, 8697), (26, 2200))
    np.testing.assert_array_equal(np.stack([table.x[:3], table.y[:3]], axis=1), SLIDES)
    np.testing.assert_array_equal(table.x[3:], generated.x)
    np.testing.assert_array_equal(table.y[3:], generated.y)
    assert table.origin == generated.origin == "generated rows"


def test_generated_rows_are_the_same_each_time():
    first, second = generated_costumes(), generated_costumes()
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.y, second.y)
    assert (first.x.min(), first.x.max(), first.y.min() >= 0) == (20, 2000, True)


def test_no_published_row_is_shipped_but_those_on_the_slides():
    if not COSTUMES.exists():
        pytest.skip("the published rows are not part of the project")
    published = read_csv(COSTUMES)
    table = costumes()
    common = set(zip(published.x, published.y, strict=True)) & set(zip(table.x, table.y, strict=True))
    assert common <= set(SLIDES)
