"""The roster: the tables of four platforms are understood, and what is unclear is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.nouns import Student
from grader.course.roster import RosterUnusable, read_roster

GITHUB_CLASSROOM = 'identifier,github_username,github_id,name,group_name\n"Diaz, Ann (A)",ann-d,17,,Lab 1\n4711,,,,\n'
CLASSROOM_GRADES = (
    "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,student_repository_name,"
    "student_repository_url,submission_timestamp,points_awarded,points_available\n"
    "orm,,,ann-d,4711,orm-ann-d,https://github.com/org/orm-ann-d,,87,100\n"
)
CLASSROOM_50 = (
    "username,first_name,last_name,email,section,github_id,role\nann-d,Ann,Diaz,ann@uni.edu,Lab 1,17,student\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Final Project (42),Current Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,100.00,(read only)\n"
    '"Diaz, Ann",1001,u-77,adiaz,Lab 1,,\n'
    '"Student, Test",1002,,xyz,Lab 1,,\n'
)
CANVAS_FIRST_LAST = "LastName,FirstName,ID,SIS Login ID,Section\nPoints Possible,,,,\nDiaz,Ann,1001,adiaz,Lab 1\n"
MOODLE = '\ufeffFirst name,Surname,ID number,Email address,Groups\nAnn,Diaz,4711,ann@uni.edu,"Lab 1, Monday"\n'
MOODLE_WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 9,Ann Diaz,ann@uni.edu,No submission,,100.00,-\n"
)
NBGRADER = "id,first_name,last_name,email\nann-d,Ann,Diaz,ann@uni.edu\n"

UNDERSTOOD = {
    "GitHub Classroom": (
        GITHUB_CLASSROOM,
        Student("ann-d", "", "ann-d", number="Diaz, Ann (A)", sections=("Lab 1",)),
    ),
    "gh classroom": (CLASSROOM_GRADES, Student("ann-d", "", "ann-d", number="4711", repository="orm-ann-d")),
    "Classroom 50": (CLASSROOM_50, Student("ann-d", "Ann Diaz", "ann-d", "ann@uni.edu", sections=("Lab 1",))),
    "Canvas": (CANVAS, Student("adiaz", "Diaz, Ann", account="adiaz", number="u-77", sections=("Lab 1",))),
    "Canvas, names apart": (
        CANVAS_FIRST_LAST,
        Student("adiaz", "Ann Diaz", account="adiaz", number="1001", sections=("Lab 1",)),
    ),
    "Moodle": (MOODLE, Student("4711", "Ann Diaz", "", "ann@uni.edu", number="4711", sections=("Lab 1", "Monday"))),
    "Moodle's worksheet": (
        MOODLE_WORKSHEET,
        Student("ann@uni.edu", "Ann Diaz", "", "ann@uni.edu", number="Participant 9"),
    ),
    "nbgrader": (NBGRADER, Student("ann-d", "Ann Diaz", "", "ann@uni.edu", number="ann-d")),
}


def roster(folder: Path, content: str) -> tuple[Student, ...]:
    """Return the students of a roster with this content."""
    file = folder / "roster.csv"
    file.write_text(content, encoding="utf-8")
    return read_roster(file)


@pytest.mark.parametrize("platform", UNDERSTOOD)
def test_export_of_a_platform_is_understood(tmp_path: Path, platform: str) -> None:
    """The columns of each platform's export give what they say, and its own rows are no students."""
    content, student = UNDERSTOOD[platform]
    assert roster(tmp_path, content)[0] == student


def test_student_without_a_login_has_another_key(tmp_path: Path) -> None:
    """Who has not joined GitHub yet is named by the next fact that is there."""
    assert [student.key for student in roster(tmp_path, GITHUB_CLASSROOM)] == ["ann-d", "4711"]


def test_rows_of_canvas_are_no_students(tmp_path: Path) -> None:
    """The rows for points and for posting, and the test student, are left out."""
    assert len(roster(tmp_path, CANVAS)) == 1


def test_semicolons_and_any_script_are_read(tmp_path: Path) -> None:
    """A table of a spreadsheet in another language, with names of another script, is as good."""
    (student,) = roster(tmp_path, 'GitHub-Username;Name\n李四;"李, 四; ""Si"""\n')
    assert (student.login, student.name) == ("李四", '李, 四; "Si"')


def test_order_of_the_roster_is_kept(tmp_path: Path) -> None:
    """Students come in the order in which they stand there."""
    assert [student.key for student in roster(tmp_path, "login\nzoe\nann\nmia\n")] == ["zoe", "ann", "mia"]


def test_what_our_own_tables_made_neutral_is_read_as_it_was(tmp_path: Path) -> None:
    """The apostrophe that keeps a spreadsheet from running something is no part of a name."""
    assert roster(tmp_path, "login,name\nann,'=Ann\n")[0].name == "=Ann"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("colour,shape\nred,round\n", r"line 1: no column names the students. Found: colour, shape. Understood"),
        ("login,name\nann,Ann\nzoe,Zoe\nAnn,Anna\n", r"line 4: 'Ann' stands in line 2 already"),
        ("login,name\nann,Ann\n,Zoe\n", r"line 3: nothing names this student"),
        ("login,repository\nann,a\n,b\n", r"line 3: nothing names this student"),
        ("login,name\nann\u200b,Ann\n", r"line 2: .* cannot be seen"),
        ("login,name\n" + "a" * 201 + ",Ann\n", r"line 2: .* longer than 200"),
        ("login,name\n", r"has a header and no students"),
    ],
)
def test_unclear_roster_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    """An error names the line, what was found, and what is understood."""
    with pytest.raises(RosterUnusable, match=said):
        roster(tmp_path, content)
