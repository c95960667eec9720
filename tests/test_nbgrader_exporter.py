"""The export of criteria: one row each, for any spreadsheet, exact."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from course_samples import handed, keep
from nbgrader_course import decide_there, push, theirs

from grader.course.cells import plain
from grader.course.gradebook import Gradebook
from grader.course.nouns import Student
from grader.notebook.bridge import Course

pytest_plugins = ("nbgrader_fixtures",)
pytestmark = pytest.mark.xdist_group("nbgrader")


def exported(course: Course, file: Path, **chosen: list[str]) -> list[dict[str, str]]:
    """Export as ``nbgrader export`` does, and return the rows."""
    from grader.notebook.exporter import CriteriaExporter  # noqa: PLC0415  # it loads nbgrader

    with theirs(course) as gradebook:
        CriteriaExporter(to=str(file), **chosen).export(gradebook)
    with file.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def test_there_is_a_row_for_each_criterion(book: Gradebook, course: Course, tmp_path: Path) -> None:
    """Each submission has a row for every criterion, in the rubric's order, under the name that it has here."""
    push(book, course)
    rows = exported(course, tmp_path / "criteria.csv")
    marks = [mark.key for mark in book.standing("ann").marks]
    assert [(row["student_id"], row["criterion"]) for row in rows] == [
        (s, m) for s in ("ann", "bo", "cy") for m in marks
    ]
    assert sum(float(row["score"]) for row in rows if row["student_id"] == "bo") == book.standing("bo").earned


def test_numbers_are_exact(book: Gradebook, course: Course, tmp_path: Path) -> None:
    """A sum of floats comes out as it was meant, whole points without a point, and no score as nothing."""
    push(book, course)
    decide_there(course, "bo flush.ids", 0.1, 0.2)
    rows = {(row["student_id"], row["criterion"]): row for row in exported(course, tmp_path / "criteria.csv")}
    assert rows["bo", "flush.ids"]["score"] == "0.3"
    assert rows["ann", "flush.ids"]["score"] == "4"
    assert (rows["cy", "reload.stale"]["auto_score"], rows["cy", "reload.stale"]["needs_manual_grade"]) == ("", "1")


@pytest.mark.parametrize("name", ['Diaz, "Jr"', "=1+1", '=HYPERLINK("http://x")', "a;=cmd|' /C calc'!A0"])
def test_no_name_shifts_a_column_or_runs(book: Gradebook, course: Course, tmp_path: Path, name: str) -> None:
    """A comma or a quote in a name stays in its cell, and no cell begins a formula."""
    book.enroll([Student("eve", name=name)])
    keep(book, handed("eve", "sha256:eve"))
    push(book, course)
    decide_there(course, "eve flush.ids", 1, comment=name)
    rows = exported(course, tmp_path / "criteria.csv", student=["eve"])
    assert {len(row) for row in rows} == {15}
    assert {row["student_id"] for row in rows} == {"eve"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_a_comment_is_text_again(book: Gradebook, course: Course, tmp_path: Path) -> None:
    """What the grader told is kept as HTML, and is plain text in the table; a person's comment comes first."""
    push(book, course)
    decide_there(course, "bo flush.ids", 1, comment="see me")
    rows = {
        (row["student_id"], row["criterion"]): row["comment"] for row in exported(course, tmp_path / "criteria.csv")
    }
    assert rows["bo", "flush.ids"] == "see me"
    assert plain(rows["bo", "rollback.nothing_kept"]).startswith("Failed.\n\nExpected: ")
    assert not [comment for comment in rows.values() if "&lt;" in comment or "&amp;" in comment]


def test_an_assignment_can_be_chosen(book: Gradebook, course: Course, tmp_path: Path) -> None:
    """As for every exporter, assignments and students can be named."""
    push(book, course)
    assert exported(course, tmp_path / "none.csv", assignment=["another"]) == []
    assert {row["student_id"] for row in exported(course, tmp_path / "bo.csv", student=["bo"])} == {"bo"}
