"""Exports: every platform gets its columns, nobody's score lands on somebody else, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from course_samples import DUE, handed, keep, points

from grader.course import export, filling
from grader.course.cells import TableUnreadable, plain
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import LatePolicy, Student

HOSTILE = '=HYPERLINK("http://x?"&A1), O\'Hara;\n@李'
CLASS = (
    Student("ann-d", "Ann Diaz", "ann-d", "ann@uni.edu", "adiaz", "u-77", ("Lab 1",), "org/orm-ann-d"),
    Student("eve", HOSTILE, "eve", "eve@uni.edu", "eve1", "u-78", (), "https://github.com/org/orm-eve"),
    Student("mia", "Mia Wong", "mia", "mia@uni.edu", "mwong", "u-79"),
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (41),Final Project (42),Current Score\n"
    ",,,,,,Manual Posting,\n"
    "    Points Possible,,,,,10,100.00,(read only)\n"
    '"Diaz, Ann",1001,u-77,adiaz,Lab 1,7,,7\n'
    "\"=cmd|' /C calc'!A0\",1002,,eve1,Lab 1,3,55,3\n"
    '"Wong, Mia",1003,u-79,mwong,Lab 1,9,12,9\n'
    '"Nobody, Known",1004,u-99,none,Lab 1,,,\n'
    '"Student, Test",1005,,xyz,Lab 1,,,\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade),"
    "Feedback comments\n"
    'Participant 9,Ann Diaz,ann@uni.edu,"Submitted, late",,100.00,Yes,-,\n'
    "Participant 10,Mia Wong,MIA@uni.edu,No submission,40.00,100.00,Yes,-,<p>see me</p>\n"
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return the gradebook of a class of three: one late, one in time, one who handed in nothing."""
    with open_gradebook(tmp_path / "grades", "ms.lee") as opened:
        opened.enroll(CLASS)
        opened.set_late_policy(LatePolicy(DUE, percent_per_day=10))
        keep(opened, handed("ann-d", commit="c1", pushed_at=DUE - timedelta(days=1)), "flush.ids")
        keep(opened, handed("eve", "sha256:e", pushed_at=DUE + timedelta(hours=2)))
        yield opened


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a table of ours as a program reads them."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return [{key: plain(cell) for key, cell in row.items()} for row in table]


def test_grades_have_one_row_a_student(book: Gradebook) -> None:
    """The table of grades tells for each student what counts, how it came about, and the sums of the concepts."""
    ann, eve, mia = rows(export.grades(book.standings()))
    assert (ann["score"], ann["concept.flush"], ann["pushed_at"]) == ("96", "4", "2026-11-30T22:59:00Z")
    assert (eve["score"], eve["earned"], eve["late_percent"]) == ("90", "100", "10")
    assert (mia["status"], mia["score"], mia["concept.flush"]) == ("missing", "", "")


def test_names_survive_the_round_trip(book: Gradebook) -> None:
    """Commas, quotes, new lines, formulas and any script come back as they were."""
    assert rows(export.grades(book.standings()))[1]["name"] == HOSTILE


def test_no_cell_of_any_export_begins_a_formula(book: Gradebook, tmp_path: Path) -> None:
    """Whatever a name says, no cell of any table begins with what a spreadsheet runs."""
    (tmp_path / "canvas.csv").write_text(CANVAS)
    (tmp_path / "moodle.csv").write_text(MOODLE)
    tables = (
        export.grades(book.standings()),
        export.criteria(book.standings()),
        export.classroom(book.standings(), "=1+1", "+1", "@x"),
        filling.canvas(tmp_path / "canvas.csv", book.standings(), "Final Project").text,
        filling.moodle(tmp_path / "moodle.csv", book.standings()).text,
    )
    for table in tables:
        cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-"] == []


def test_criteria_have_one_row_each(book: Gradebook) -> None:
    """The table of criteria names outcome and points of each, with what a person decided."""
    book.override("ann-d", "flush.ids", 2, "half, right")
    found = {(row["student"], row["criterion"]): row for row in rows(export.criteria(book.standings()))}
    row = found["ann-d", "flush.ids"]
    assert len(found) == 38
    assert (row["outcome"], row["given"], row["points"], row["max_points"]) == ("failed", "0", "2", "4")
    assert (row["override_reason"], row["override_who"], row["concept"]) == ("half, right", "ms.lee", "flush")


def test_classroom_has_the_columns_of_gh_classroom(book: Gradebook) -> None:
    """What read the table of gh classroom assignment-grades finds its ten columns, in their order."""
    text = export.classroom(book.standings(), "ORM", "https://a", "https://s")
    ann = rows(text)[0]
    assert list(ann.values()) == [
        "ORM", "https://a", "https://s", "ann-d", "u-77", "orm-ann-d", "https://github.com/org/orm-ann-d",
        "2026-11-30T22:59:00Z", "96", "100",
    ]  # fmt: skip
    assert rows(text)[1]["student_repository_url"] == "https://github.com/org/orm-eve"


def test_json_lines_hold_a_standing_each(book: Gradebook) -> None:
    """Each line is one JSON value of one student, names of several lines included."""
    ann, eve, mia = map(json.loads, export.json_lines(book.standings()).splitlines())
    assert (ann["score"], eve["student"]["name"], mia["status"]) == (96, HOSTILE, "missing")
    assert sum(mark["points"] for mark in ann["marks"]) == 96


def test_withheld_grade_leaves_as_a_blank(book: Gradebook) -> None:
    """Where the grader itself failed there is no number in any table."""
    keep(book, handed("mia", "sha256:m", pushed_at=DUE), broken=("flush.ids",))
    assert rows(export.grades(book.standings()))[2]["score"] == ""
    assert rows(export.classroom(book.standings()))[2]["points_awarded"] == ""


def test_canvas_gets_the_column_of_the_assignment(book: Gradebook, tmp_path: Path) -> None:
    """Scores stand in the rows of their students; whoever has none here keeps what is there."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS)
    filled = filling.canvas(file, book.standings(), "Final Project")
    assert {row["ID"]: row["Final Project (42)"] for row in rows(filled.text)} == {
        "": "100.00", "1001": "96", "1002": "90", "1003": "12", "1004": "", "1005": "",
    }  # fmt: skip
    assert set(filled.filled) == {"ann-d", "eve"}
    assert filled.without == ("Wong, Mia", "Nobody, Known")


def test_canvas_sees_nothing_of_other_assignments(book: Gradebook, tmp_path: Path) -> None:
    """An export that has grown old cannot set back what was changed in Canvas since."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS)
    header = rows(filling.canvas(file, book.standings(), "Final Project (42)").text)[0]
    assert list(header) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Final Project (42)"]


def test_excused_student_stays_excused(book: Gradebook, tmp_path: Path) -> None:
    """What Canvas says of who is excused is not overwritten."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS.replace("Lab 1,7,,7", "Lab 1,7,EX,7"))
    found = rows(filling.canvas(file, book.standings(), "Final Project").text)
    assert next(row for row in found if row["ID"] == "1001")["Final Project (42)"] == "EX"


@pytest.mark.parametrize(
    ("change", "assignment", "said"),
    [
        (("100.00", "10"), "Final Project", "gives 10 points there. Set it to 100"),
        (("", ""), "Project", r"no column is called 'Project'.*Quiz \(41\), Final Project \(42\)"),
        (("Quiz (41)", "Final Project (9)"), "Final Project", "several columns are called"),
        (("ID,SIS User ID", "Id,SIS"), "Final Project", "the column 'ID' is missing"),
    ],
)
def test_table_that_does_not_fit_is_refused(
    book: Gradebook, tmp_path: Path, change: tuple[str, str], assignment: str, said: str
) -> None:
    """Other points, an unknown assignment or another table are errors that say what is there."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS.replace(*change) if change[0] else CANVAS)
    with pytest.raises(TableUnreadable, match=said):
        filling.canvas(file, book.standings(), assignment)


def test_student_who_fits_two_rows_gets_no_score(book: Gradebook, tmp_path: Path) -> None:
    """Where it is not clear whose row it is, no score is written, and the rows are named."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS.replace("none", "ann@uni.edu"))
    filled = filling.canvas(file, book.standings(), "Final Project")
    assert "ann-d" not in filled.filled
    assert {"Diaz, Ann", "Nobody, Known"} <= set(filled.without)


def test_name_that_two_share_finds_nobody(book: Gradebook, tmp_path: Path) -> None:
    """A row that only has a name, which two students have, stays as it was."""
    book.enroll([*CLASS, Student("ann-2", "Ann Diaz")])
    keep(book, handed("ann-2", "sha256:2", pushed_at=DUE))
    file = tmp_path / "moodle.csv"
    file.write_text(MOODLE.replace("ann@uni.edu", ""))
    assert filling.moodle(file, book.standings()).filled == ()


def test_moodle_gets_the_grades_of_its_worksheet(book: Gradebook, tmp_path: Path) -> None:
    """Grades stand beside the addresses, and the rest of the worksheet is as it was."""
    file = tmp_path / "moodle.csv"
    file.write_text(MOODLE)
    filled = filling.moodle(file, book.standings())
    before, after = rows(MOODLE), rows(filled.text)
    assert [row["Grade"] for row in after] == ["96", "40.00"]
    assert [{**row, "Grade": ""} for row in after] == [{**row, "Grade": ""} for row in before]
    assert (filled.filled, filled.without) == (("ann-d",), ("Participant 10",))


def test_worksheet_in_another_language_is_refused_with_the_repair(book: Gradebook, tmp_path: Path) -> None:
    """A table without Moodle's English columns is an error that says how to get it."""
    file = tmp_path / "moodle.csv"
    file.write_text("Kennung,Bewertung\nTeilnehmer 9,\n")
    with pytest.raises(TableUnreadable, match="in English"):
        filling.moodle(file, book.standings())


def test_points_of_the_flush_criterion_are_as_these_tests_say() -> None:
    """The numbers above come from the rubric."""
    assert points("flush.ids") == 4
