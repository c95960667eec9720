"""Tables in CSV: no cell begins a formula in any spreadsheet, and every text comes back as it went out."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.cells import MOST_BYTES, TableUnreadable, neutral, plain, read, written

# Letters that matter beside any others: what begins formulas, what ends cells, what is skipped, what neutralises.
TEXTS = st.text(st.one_of(st.sampled_from("=+-@＝＋－＠'\",;\t\r\n| A1"), st.characters(codec="utf-8")))  # noqa: RUF001  # the wide forms are the point
FORMULA = re.compile(r"[ \u00a0\u3000\"]*[=+\-@\t\r＝＋－＠]")  # noqa: RUF001  # the same
DANGEROUS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
    '"=1',
    "x;=1+1",
    "x,=1",
    "x\n=1",
)  # the same


@given(TEXTS)
def test_neutral_text_is_turned_back(text: str) -> None:
    """What was made neutral can be read as it was."""
    assert plain(neutral(text)) == text


@given(TEXTS.filter(lambda text: text != "-"))
def test_no_part_of_a_neutral_text_begins_a_formula(text: str) -> None:
    """However a spreadsheet cuts a cell in parts, none of them begins as a formula does."""
    parts = re.split(r"[;,\n|]", neutral(text))
    assert [part for part in parts if FORMULA.match(part)] == []


@pytest.mark.parametrize("text", DANGEROUS)
def test_known_ways_into_a_formula_are_closed(text: str) -> None:
    """The beginnings that are known to run something get an apostrophe."""
    assert neutral(text) != text
    assert plain(neutral(text)) == text


@pytest.mark.parametrize("text", ["Ann-Marie O'Hara", "李小龍", "alice@example.org", "-", "a = b", "1+1", ""])
def test_common_texts_stay_as_they_are(text: str) -> None:
    """What begins no formula is not touched, a lone dash included."""
    assert neutral(text) == text


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=4))
def test_table_comes_back_as_it_was_written(rows: list[list[str]]) -> None:
    """Commas, quotes, new lines and any script survive the way out and back in."""
    text = written(("a", "b"), rows).removeprefix("\ufeff")
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[plain(cell) for cell in row] for row in found] == [["a", "b"], *rows]


def test_numbers_are_numbers() -> None:
    """A spreadsheet may compute with points: they are not quoted, where texts are."""
    assert written(("name", "points"), [("Zoë", 7)]) == '\ufeff"name","points"\r\n"Zoë",7\r\n'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_table_of_any_program_is_read(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Commas, semicolons and tabs separate, with a mark in front or none; a cell may hold any of them, and lines."""
    file = tmp_path / "table.csv"
    rows = [["name", "note, or; two\tmore"], ["Zoë 李", 'says "hi",;\t\nand goes']]
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    sheet = read(file)
    assert [list(sheet.header), *(list(row.cells) for row in sheet.rows)] == rows


def test_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    """After a cell of several lines and blank ones, a row's line is the one that an editor shows."""
    file = tmp_path / "table.csv"
    file.write_text('a,b\n"two\nlines",x\n\n,\ny,z\n')
    assert [row.line for row in read(file).rows] == [2, 6]


def test_short_row_is_filled_up(tmp_path: Path) -> None:
    """A row that ends early has empty cells at its end."""
    (tmp_path / "t.csv").write_text("a,b,c\n1\n")
    assert read(tmp_path / "t.csv").rows[0].cells == ("1", "", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2,3\n", "line 2: there are 3 cells under 2 columns"),
        (b'a,b\n"1,2\n', "line 2: unexpected end of data"),
        (b"name\nZo\xeb\n", "not UTF-8"),
        (b"a" * (MOST_BYTES + 1), "larger than"),
    ],
)
def test_table_that_cannot_be_used_is_refused_with_the_repair(tmp_path: Path, content: bytes, said: str) -> None:
    """An error names the file, the line and what is wrong."""
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    with pytest.raises(TableUnreadable, match=said) as refused:
        read(file)
    assert str(file) in str(refused.value)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is an error about that path."""
    with pytest.raises(TableUnreadable, match="Check the path"):
        read(tmp_path / "nowhere.csv")
