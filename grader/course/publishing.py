"""Writes the table of a class anew, as it stands now, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.course import export
from grader.course.places import GRADES
from grader.outputs import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.course.gradebook import Gradebook


def write_table(book: Gradebook, out: Path) -> None:
    """Write ``grades.csv`` into the folder of a class; raises OutputUnwritable."""
    files.write(out, {GRADES: export.grades(book.standings())})


def publish(book: Gradebook, out: Path, failed: Mapping[str, str] | None = None) -> Path:
    """Write ``grades.csv`` and ``class.html`` into the folder of a class, and return the page's path.

    ``failed`` are the students over whom the last run failed, with why. Raises OutputUnwritable.
    """
    from grader.course.classpage import page  # noqa: PLC0415  # its charts take a second to load

    write_table(book, out)
    return page.write(book, out, failed=failed)
