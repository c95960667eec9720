"""The commands ``grader nbgrader``: what they tell, and how what is missing is told with its repair."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbgrader_course import decide_there, file_of

from grader.course.gradebook import Gradebook
from grader.course.opening import GradebookUnusable
from grader.notebook.bridge import Course, CourseUnusable, open_course
from grader.notebook.command import nbgrader

pytest_plugins = ("nbgrader_fixtures",)
pytestmark = pytest.mark.xdist_group("nbgrader")


@pytest.fixture
def folder(course: Course, book: Gradebook, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a course, in which the commands are given; the grades lie beside it."""
    book.close()
    place = file_of(course).parent
    monkeypatch.chdir(place)
    return place


def call(*arguments: str) -> Result:
    """Give a command; what it raises is raised."""
    return CliRunner().invoke(nbgrader, arguments, catch_exceptions=False)


def test_push_tells_who_is_there_and_who_is_not(folder: Path) -> None:
    """A push counts the grades, and names those withheld and those who handed in nothing."""
    assert folder.is_dir()
    assert call("push", "../grades").output.splitlines() == [
        "sessions-repository: the grades of 2 students are in nbgrader's gradebook.",
        "withheld, and marked for manual grading: cy",
        "without a submission: dee",
    ]


def test_push_names_what_there_is_to_pull(folder: Path, course: Course) -> None:
    """A manual score that is not known here is named, with the command that brings it."""
    assert folder.is_dir()
    call("push", "../grades")
    decide_there(course, "bo flush.ids", 3)
    assert call("push", "../grades").output.splitlines()[-2:] == [
        "manual scores there that are not here, and stay: bo flush.ids",
        "Next: grader nbgrader pull ../grades",
    ]


def test_pull_tells_each_decision(folder: Path, course: Course) -> None:
    """A pull tells whose points on what changed from what to what, and why; what cannot come stands apart."""
    assert folder.is_dir()
    call("push", "../grades")
    decide_there(course, "bo flush.ids", 3, comment="half\x1b[31m right")
    decide_there(course, "ann flush.ids", 2.5)
    assert call("pull", "../grades", "--who", "Ms. Lee").output.splitlines() == [
        "not brought over: ann  flush.ids  4 -> 2.5  decided in nbgrader, without a comment: points are whole here",
        r"bo  flush.ids  0 -> 3  half\x1b[31m right",
        "1 decisions came over from nbgrader.",
    ]


def test_another_folder_can_be_named(course: Course, book: Gradebook, tmp_path: Path) -> None:
    """The course need not be the current folder, and the assignment may have another name."""
    book.close()
    done = call("push", str(tmp_path / "grades"), "--course", str(file_of(course).parent), "--assignment", "ps7")
    assert done.output.startswith("ps7: the grades of 2 students")
    assert (file_of(course).parent / "source" / "ps7").is_dir()


def test_a_folder_that_is_no_course_is_named(tmp_path: Path) -> None:
    """Without nbgrader's settings it is no course, and the error says how to get one."""
    with pytest.raises(CourseUnusable, match="grader nbgrader new FOLDER"):
        open_course(tmp_path)


def test_a_name_that_nbgrader_refuses_is_refused(course: Course) -> None:
    """An assignment's name with a plus or a slash is refused before anything is written."""
    for name in ("a+b", "../x", ""):
        with pytest.raises(CourseUnusable, match="no assignment called"):
            open_course(file_of(course).parent, name)


def test_grades_that_are_not_there_are_named(folder: Path) -> None:
    """A folder without a gradebook is no class, and none is made there."""
    with pytest.raises(GradebookUnusable, match="grader grade-class"):
        call("push", "nowhere")
    assert not (folder / "nowhere").exists()


def test_the_table_of_the_class_follows_a_pull(folder: Path, course: Course) -> None:
    """What came from nbgrader stands in ``grades.csv`` as well, which is uploaded elsewhere."""
    call("push", "../grades")
    decide_there(course, "ann flush.ids", 1)
    call("pull", "../grades")
    (ann,) = [line for line in (folder / "../grades/grades.csv").read_text().splitlines() if line.startswith('"ann"')]
    assert '"graded",97,100' in ann


def test_without_nbgrader_the_extra_is_named(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nbgrader is not installed, the error is the command that installs it."""
    monkeypatch.setitem(sys.modules, "nbgrader.apps.baseapp", None)
    with pytest.raises(CourseUnusable, match=r"pip install 'session-grader\[nbgrader\]'"):
        open_course(file_of(course).parent)


def test_a_broken_gradebook_is_named(folder: Path) -> None:
    """A file that is no database is told in a sentence, not in a traceback."""
    (folder / "gradebook.db").write_bytes(b"This is no database, and long enough to be read as one." * 20)
    with pytest.raises(CourseUnusable, match="not a database"):
        call("push", "../grades")


def test_a_gradebook_that_somebody_holds_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program writes all the time, the command gives up with a sentence that says so."""
    monkeypatch.setattr("grader.notebook.bridge.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(folder / "gradebook.db")) as holding:
        holding.execute("BEGIN IMMEDIATE")
        with pytest.raises(CourseUnusable, match="locked"):
            call("push", "../grades")


@pytest.mark.slow
def test_the_command_line_ends_with_the_sentence(tmp_path: Path) -> None:
    """Given in the wrong folder, the command ends with status 2 and one sentence, and loads no nbgrader for it."""
    (tmp_path / "gradebook.db").touch()
    command = [sys.executable, "-X", "importtime", "-m", "grader", "nbgrader", "push", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert done.returncode == 2
    assert len(said) == 1
    assert said[0].startswith("grader: ")
    assert "nbgrader.api" not in done.stderr
