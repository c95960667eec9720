"""The rows of one assignment in nbgrader's gradebook: found, or made where they are missing.

All are read at once, so that a class takes a few questions. A criterion that is new gets its rows in every submission:
nbgrader makes them only for what it knows when a submission is added, and fails later where one is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbgrader import api
from sqlalchemy import select

from grader.course.cells import neutral
from grader.notebook.bridge import NOTEBOOK, student_id
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from grader.course.nouns import Student
    from grader.notebook.bridge import Course

Row = Any
"""A row of a table of nbgrader's, which has no types."""
# A name is the student's own choice on many platforms; nbgrader puts it into its pages and its table as it is.
_NO_HTML = str.maketrans({"<": "(", ">": ")", "&": "+", '"': "'", ",": " "})


class Rows:
    """What an assignment's only notebook has in nbgrader's gradebook."""

    def __init__(self, session: Session, course: Course) -> None:
        self._session = session
        self.assignment = self._one(api.Assignment, {"name": course.assignment}, course_id=course.course_id)
        self._notebook = self._one(api.Notebook, {"name": NOTEBOOK, "assignment_id": self.assignment.id})
        ours = {"notebook_id": self._notebook.id}
        self._graded = self._all(api.GradeCell, "name", **ours)
        self._commented = self._all(api.SolutionCell, "name", **ours)
        self._students = self._all(api.Student, "id")
        self._submissions = self._all(api.SubmittedAssignment, "student_id", assignment_id=self.assignment.id)
        self._notebooks = self._all(api.SubmittedNotebook, "assignment_id", **ours)
        self._grades = self._of_notebooks(api.Grade)
        self._comments = self._of_notebooks(api.Comment)

    def add_criterion(self, name: str, max_points: int) -> None:
        """Make what can be scored, and what can be commented on: nbgrader has a cell for each, of the same name."""
        if name not in self._graded:
            cell = {"name": name, "notebook_id": self._notebook.id}
            self._graded[name] = self._made(api.GradeCell, cell_type="code", **cell)
            self._commented[name] = self._made(api.SolutionCell, **cell)
        self._graded[name].max_score = max_points

    def add_student(self, student: Student) -> None:
        """Make a student, or fill in a name and an address that are missing there; what stands there stays."""
        key = student_id(student.key)
        row = self._students.get(key) or self._made(api.Student, id=key)
        self._students[key] = row
        first, last = _names(student.name)
        if last and not (row.first_name or row.last_name):
            row.first_name, row.last_name = first, last
        row.email = row.email or _harmless(student.email) or None

    def add_submission(self, student: str, handed_at: datetime | None, *, flagged: bool) -> Row:
        """Return the notebook of a student's submission; one that is new is flagged where it has to be looked at."""
        key = student_id(student)
        facts = {"student_id": key, "assignment_id": self.assignment.id}
        submission = self._submissions.get(key) or self._made(api.SubmittedAssignment, **facts)
        self._submissions[key] = submission
        submission.timestamp = handed_at
        notebook = self._notebooks.get(submission.id)
        if notebook is None:
            facts = {"assignment_id": submission.id, "notebook_id": self._notebook.id}
            notebook = self._made(api.SubmittedNotebook, flagged=flagged, **facts)
            self._notebooks[submission.id] = notebook
        return notebook

    def grade(self, notebook: Row, name: str) -> Row:
        """Return the grade of a criterion in a submission."""
        return self._of_cell(api.Grade, self._grades, notebook, self._graded[name])

    def comment(self, notebook: Row, name: str) -> Row:
        """Return the comment on a criterion in a submission."""
        return self._of_cell(api.Comment, self._comments, notebook, self._commented[name])

    def submissions(self) -> Iterator[tuple[str, dict[str, tuple[Row, str]]]]:
        """Yield each submission that is there: the student, and by name each grade with a person's comment on it."""
        for student, submission in self._submissions.items():
            notebook = self._notebooks.get(submission.id)
            if notebook is not None:
                yield student, {name: self._said(notebook, name) for name in self._graded}

    def _said(self, notebook: Row, name: str) -> tuple[Row, str]:
        return self.grade(notebook, name), self.comment(notebook, name).manual_comment or ""

    def _of_cell(self, kind: Row, known: dict[tuple[str, str], Row], notebook: Row, cell: Row) -> Row:
        key = (notebook.id, cell.id)
        if key not in known:
            known[key] = self._made(kind, notebook_id=notebook.id, cell_id=cell.id)
        return known[key]

    def _all(self, kind: Row, key: str, **facts: object) -> dict[str, Row]:
        return {getattr(row, key): row for row in self._session.scalars(select(kind).filter_by(**facts))}

    def _of_notebooks(self, kind: Row) -> dict[tuple[str, str], Row]:
        ours = select(api.SubmittedNotebook.id).filter_by(notebook_id=self._notebook.id)
        rows = self._session.scalars(select(kind).where(kind.notebook_id.in_(ours)))
        return {(row.notebook_id, row.cell_id): row for row in rows}

    def _one(self, kind: Row, facts: dict[str, object], **more: object) -> Row:
        found = self._session.scalar(select(kind).filter_by(**facts))
        return self._made(kind, **facts, **more) if found is None else found

    def _made(self, kind: Row, **facts: object) -> Row:
        row = kind(**facts)
        row.id = facts.get("id") or api.new_uuid()  # other rows name it before it is written
        self._session.add(row)
        return row


def _names(name: str) -> tuple[str, str]:
    """Return first and last name, whichever way round they are written."""
    first, _, last = name.rpartition(" ") if "," not in name else name.partition(",")[::-1]
    return _harmless(first), _harmless(last)


def _harmless(text: str) -> str:
    return neutral(" ".join(visible(text).translate(_NO_HTML).split()))
