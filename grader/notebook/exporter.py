"""A table of criteria: ``nbgrader export --exporter=grader.notebook.exporter.CriteriaExporter``."""

from __future__ import annotations

import csv
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader import api
from nbgrader.plugins import ExportPlugin
from sqlalchemy import select

from grader.content import CRITERIA
from grader.course.cells import neutral
from grader.notebook.bridge import cell_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

COLUMNS = (
    "assignment", "notebook", "student_id", "last_name", "first_name", "email", "timestamp", "criterion", "score",
    "max_score", "auto_score", "manual_score", "extra_credit", "needs_manual_grade", "comment",
)  # fmt: skip
DEFAULT_FILE = "criteria.csv"
_CRITERIA = {cell_name(key): key for keys in CRITERIA.values() for key in keys}
_PLACES = {name: place for place, name in enumerate(_CRITERIA)}


class CriteriaExporter(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Writes one row for each criterion of each submission, quoted such that no spreadsheet runs anything in it.

    ``--to FILE`` names the table (criteria.csv); ``--assignment`` and ``--student`` choose, as for every exporter.
    """

    def export(self, gradebook: api.Gradebook) -> None:
        """Write the table."""
        file = Path(self.to or DEFAULT_FILE)
        self.log.info("Exporting criteria to %s", file)
        with file.open("w", encoding="utf-8-sig", newline="") as out:  # the mark tells Excel the encoding
            writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(COLUMNS)
            writer.writerows(self._rows(gradebook))

    def _rows(self, gradebook: api.Gradebook) -> Iterator[list[Any]]:
        query = _query()
        for column, chosen in ((api.Assignment.name, self.assignment), (api.Student.id, self.student)):
            if chosen:
                query = query.where(column.in_(map(str, chosen)))
        comments = _comments(gradebook)
        found = gradebook.db.execute(query).all()
        for row in sorted(found, key=lambda row: (*row[:3], _PLACES.get(row.cell, len(_PLACES)), row.cell)):
            comment = comments.get((row.notebook_id, row.cell), "")
            numbers = (_score(row), row.max_score, row.auto_score, row.manual_score, row.extra_credit)
            texts = [*row[:6], row.timestamp, _CRITERIA.get(row.cell, row.cell)]
            yield [
                *(neutral(str(text)) if text else "" for text in texts),
                *map(_exact, numbers),
                int(row.needs_manual_grade),
                neutral(comment),
            ]


def _query() -> Select[Any]:
    grade = api.Grade
    return (
        select(
            api.Assignment.name,
            api.Notebook.name,
            api.Student.id,
            api.Student.last_name,
            api.Student.first_name,
            api.Student.email,
            api.SubmittedAssignment.timestamp,
            api.BaseCell.name.label("cell"),
            grade.notebook_id,
            grade.max_score.label("max_score"),
            grade.auto_score,
            grade.manual_score,
            grade.extra_credit,
            grade.needs_manual_grade,
        )
        .join(api.SubmittedNotebook, grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
        .join(api.SubmittedAssignment, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
        .join(api.Student, api.SubmittedAssignment.student_id == api.Student.id)
        .join(api.BaseCell, grade.cell_id == api.BaseCell.id)
    )


def _comments(gradebook: api.Gradebook) -> dict[tuple[str, str], str]:
    """Return the comments by submission and name of a cell; those of a grader's are stored as HTML, others as typed."""
    columns = (api.Comment.notebook_id, api.BaseCell.name, api.Comment.auto_comment, api.Comment.manual_comment)
    rows = gradebook.db.execute(select(*columns).join(api.BaseCell, api.Comment.cell_id == api.BaseCell.id))
    return {(notebook, cell): typed or unescape(auto or "") for notebook, cell, auto, typed in rows}


def _score(row: Any) -> Decimal:  # noqa: ANN401  # a row of the query above
    given = row.auto_score if row.manual_score is None else row.manual_score
    return Decimal(str(given or 0)) + Decimal(str(row.extra_credit or 0))


def _exact(number: float | Decimal | None) -> Decimal | int | str:
    """Return a number as it is meant: 3 and not 3.0, and 0.3 where a sum of floats would be a little more."""
    if number is None:
        return ""
    exact = Decimal(str(number))
    return int(exact) if exact == int(exact) else exact
