"""The files that nbgrader shows for a student's work: the formgrader lists no submission without them.

What a student handed in lies in ``autograded`` only, in a notebook to be read. In ``submitted`` there is no notebook:
``nbgrader autograde``, or a click on its button, would run the student's code on this machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.notebook.bridge import NOTEBOOK, student_id
from grader.notebook.pushing_lines import notebook
from grader.outputs import files

if TYPE_CHECKING:
    from grader.notebook.bridge import Course
    from grader.notebook.pushing_lines import Work

_README = """# Grades of repositories

`grader nbgrader push` writes the grades of this assignment, and `grader nbgrader pull` brings back what people change.
There is nothing to release, to collect or to autograde here.
"""
_TIMESTAMP = "timestamp.txt"


def write_files(course: Course, work: Work) -> None:
    """Write what nbgrader shows of a student's work, where it is not there already; OutputUnwritable."""
    student = student_id(work.standing.student.key)
    handed = work.standing.handed
    _write(course.folder("autograded", student), f"{NOTEBOOK}.ipynb", notebook(work))
    submitted = course.folder("submitted", student)
    if handed and handed.pushed_at:
        _write(submitted, _TIMESTAMP, f"{handed.pushed_at:%Y-%m-%d %H:%M:%S.%f} UTC\n")
    else:
        files.prepare(submitted)
        (submitted / _TIMESTAMP).unlink(missing_ok=True)


def write_source(course: Course) -> None:
    """Write the folder by which nbgrader knows that there is such an assignment."""
    _write(course.folder("source", "."), "README.md", _README)


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    if not path.is_file() or path.is_symlink() or path.read_bytes() != text.encode():
        files.write(folder, {name: text})
