"""Courses of nbgrader's for tests: a class whose grades are pushed, and what stands in nbgrader's gradebook then.

nbgrader takes seconds to load. It is loaded where it is used: the other processes of a run of tests do without.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from course_samples import DUE, handed, keep

from grader.course.gradebook import Gradebook
from grader.course.nouns import LatePolicy, Student
from grader.notebook.bridge import NOTEBOOK, Course, cell_name

CONFIG = """c = get_config()
c.CourseDirectory.course_id = "db101"
"""
HALF_PENALTY = LatePolicy(DUE, percent_per_day=50)


def fill(book: Gradebook) -> None:
    """Let Ann be right, Bo wrong and a day late, Cy's grade be withheld, and Dee hand in nothing."""
    names = {"ann": "Ann Diaz", "bo": "Chen, Bo", "cy": "Cy", "dee": "Dee Ek"}
    book.enroll([Student(key, name=name, email=f"{key}@uni.edu") for key, name in names.items()])
    book.set_late_policy(HALF_PENALTY)
    keep(book, handed("ann", "sha256:ann", pushed_at=DUE))
    keep(book, handed("bo", "sha256:bo", pushed_at=DUE + timedelta(hours=1)), "flush.ids", "rollback.nothing_kept")
    keep(book, handed("cy", "sha256:cy", pushed_at=DUE), broken=("reload.stale",))


def push(book: Gradebook, course: Course) -> Any:  # noqa: ANN401  # Pushed
    """Push a class."""
    from grader.notebook import pushing  # noqa: PLC0415  # it loads nbgrader

    return pushing.push(book, course)


def pull(book: Gradebook, course: Course, *, dry: bool = False) -> Any:  # noqa: ANN401  # the changes
    """Pull what people decided."""
    from grader.notebook import pulling  # noqa: PLC0415  # it loads nbgrader

    return pulling.pull(book, course, dry=dry)


# --- what stands in nbgrader's gradebook ------------------------------------------------------------------------------


def file_of(course: Course) -> Path:
    """Return the file of a course's gradebook."""
    return Path(course.layout.root) / "gradebook.db"


def dump(course: Course) -> list[str]:
    """Return everything that stands in nbgrader's gradebook."""
    with closing(sqlite3.connect(file_of(course))) as connection:
        return sorted(connection.iterdump())


def theirs(course: Course) -> Any:  # noqa: ANN401  # nbgrader has no types
    """Open nbgrader's gradebook as nbgrader does: a context manager."""
    from nbgrader.api import Gradebook as Theirs  # noqa: PLC0415  # it takes seconds

    return Theirs(course.url, course.course_id)


def grade_there(course: Course, student: str, criterion: str) -> Mapping[str, object]:
    """Return the grade of a criterion as nbgrader has it, with both comments."""
    place = (cell_name(criterion), NOTEBOOK, course.assignment, student)
    with theirs(course) as gradebook:
        comment = gradebook.find_comment(*place)
        said = {"auto_comment": comment.auto_comment, "manual_comment": comment.manual_comment}
        return {**gradebook.find_grade(*place).to_dict(), **said}


def decide_there(
    course: Course, where: str, points: float | None, extra: float | None = None, comment: str | None = None
) -> None:
    """Do what the formgrader does where a person types a score and a comment; ``where`` is ``ann flush.ids``."""
    student, criterion = where.split()
    place = (cell_name(criterion), NOTEBOOK, course.assignment, student)
    with theirs(course) as gradebook:
        grade = gradebook.find_grade(*place)
        grade.manual_score, grade.extra_credit = points, extra
        grade.needs_manual_grade = points is None and grade.auto_score is None
        gradebook.find_comment(*place).manual_comment = comment
        gradebook.db.commit()


def scores_there(course: Course) -> dict[str, float]:
    """Return what counts in nbgrader for each submission: its score less the late penalty."""
    with theirs(course) as gradebook:
        submissions = gradebook.assignment_submissions(course.assignment)
        return {s.student.id: s.score - (s.late_submission_penalty or 0) for s in submissions}
