"""Writes the table of a class anew, as it stands now, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course import export
from grader.course.places import GRADES
from grader.outputs import files

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.gradebook import Gradebook


def write_table(book: Gradebook, out: Path) -> None:
    """Write ``grades.csv`` into the folder of a class; raises OutputUnwritable."""
    files.write(out, {GRADES: export.grades(book.standings())})


def publish(book: Gradebook, out: Path) -> None:
    """Write ``grades.csv`` and ``class.html`` into the folder of a class; raises OutputUnwritable."""
    from grader.course.classpage import page  # noqa: PLC0415  # its charts take a second to load

    write_table(book, out)
    page.write(book, out)
