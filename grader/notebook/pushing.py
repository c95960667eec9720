"""``grader nbgrader push``: writes the grades of a class into nbgrader's gradebook, for its formgrader and its exports.

Everything is written in one transaction. What a person typed there stays, and pushing again changes nothing.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course.late import EVERYTHING
from grader.course.standings import TOTAL
from grader.notebook.bridge import (
    cell_name,
    decision,
    last_agreed,
    met_again,
    note_agreed,
    score,
    settled,
    transaction,
)
from grader.notebook.bridge_rows import Row, Rows
from grader.notebook.pushing_files import write_files, write_source
from grader.notebook.pushing_lines import works

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import LatePolicy, Standing
    from grader.notebook.bridge import Agreed, Course
    from grader.notebook.pushing_lines import Line, Work


class Pushed(Struct, frozen=True):
    """What a push did: whose grades are there now, whose are withheld, who handed in nothing.

    ``to_pull`` are decisions in nbgrader that are not those here: the student, and the criterion.
    """

    graded: tuple[str, ...]
    withheld: tuple[str, ...]
    missing: tuple[str, ...]
    to_pull: tuple[tuple[str, str], ...]


def push(book: Gradebook, course: Course) -> Pushed:
    """Write where the class stands into nbgrader's gradebook, and what it shows into the course; CourseUnusable."""
    found, met = works(book), last_agreed(book, course)
    shown = [work for work in found if work.is_anything]
    agreed: Agreed = dict(met)
    to_pull: list[tuple[str, str]] = []
    with transaction(course) as session:
        rows = _rows(session, course, found, book.policy())
        write_source(course)
        for work in shown:
            key = work.standing.student.key
            there = _write(rows, work, met.get(key, {}))
            write_files(course, work)
            here = {line.criterion: line.decided for line in work.lines}
            agreed[key] = met_again(met.get(key, {}), here, there)
            to_pull += [(key, criterion) for criterion, points in there.items() if points != here[criterion]]
    note_agreed(book, course, agreed)
    status = {work.standing.student.key: work.standing.status for work in shown}
    return Pushed(
        graded=tuple(key for key, said in status.items() if said == "graded"),
        withheld=tuple(key for key, said in status.items() if said == "withheld"),
        missing=tuple(work.standing.student.key for work in found if not work.is_anything),
        to_pull=tuple(to_pull),
    )


def _rows(session: Session, course: Course, found: Sequence[Work], policy: LatePolicy | None) -> Rows:
    """Return the rows of an assignment, with all criteria and all students in them."""
    rows = Rows(session, course)
    if policy is not None:
        rows.assignment.duedate = _naive(policy.due)
    for line in found[0].lines if found else ():
        rows.add_criterion(cell_name(line.criterion), line.max_points)
    for work in found:
        rows.add_student(work.standing.student)
    return rows


def _write(rows: Rows, work: Work, met: Mapping[str, int]) -> dict[str, float | None]:
    """Write a student's grades; return what people decided on each criterion, as it stands there afterwards."""
    standing = work.standing
    handed_at = _naive(standing.handed.pushed_at) if standing.handed and standing.handed.pushed_at else None
    notebook = rows.add_submission(standing.student.key, handed_at, flagged=bool(standing.flags))
    grades = {line.criterion: rows.grade(notebook, cell_name(line.criterion)) for line in work.lines}
    for line in work.lines:
        rows.comment(notebook, cell_name(line.criterion)).auto_comment = line.comment
        _settle(grades[line.criterion], line, met.get(line.criterion), undecided=standing.total is None)
    total = grades.pop(TOTAL, None)
    earned = sum(score(grade) for grade in grades.values())
    if total is not None:
        total.auto_score = (standing.total.points or 0) - earned if standing.total else 0
    notebook.late_submission_penalty = _penalty(standing, earned)
    return {criterion: decision(grade) for criterion, grade in grades.items()}


def _settle(grade: Row, line: Line, met: float | None, *, undecided: bool) -> None:
    """Write what the grader gave, and a decision that was made here; one that was made there stays."""
    there = decision(grade)
    points = settled(met, line.decided, there)
    is_new = grade.auto_score is not None and grade.auto_score != line.given
    grade.auto_score = line.given
    is_ours = points == line.decided and (points != there or (points is not None and grade.manual_score is None))
    if is_ours:
        grade.manual_score, grade.extra_credit = points, None
    if grade.manual_score is None:
        grade.needs_manual_grade = line.given is None and undecided
    else:  # as nbgrader does where the work that a person scored was graded anew
        grade.needs_manual_grade = is_new or (not is_ours and bool(grade.needs_manual_grade))


def _penalty(standing: Standing, earned: float) -> float | None:
    """Return what lateness takes from the points that stand there; nothing where a person decided on them all."""
    if standing.total is not None or not standing.lateness or not standing.lateness.percent:
        return None
    return float(earned * standing.lateness.percent // EVERYTHING)


def _naive(moment: datetime) -> datetime:
    """Return a time as nbgrader keeps it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
