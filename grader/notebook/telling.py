"""What is told of a notebook's grade: under each grade cell its verdict, beside each answer what to look at."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TYPE_CHECKING

from grader.content import rubric
from grader.notebook.bridge import cell_name
from grader.outputs.guidance import cost, count
from grader.outputs.text import markdown, visible

if TYPE_CHECKING:
    from grader.notebook.grading import NotebookGrade
    from grader.values import Criterion, Where

WITHHELD = "No points yet: the grader itself failed, which is not your fault. This will be graded again."
WIDTH = 90
"""The longest line below a cell: the page of feedback shows no more of it."""
_TASKS = {"models": 1, "add_products": 2, "preview_ids": 3, "show_reloading": 4, "main": 5, "observations": 6}


def points(grade: NotebookGrade, cell: str) -> float | None:
    """Return the points of a grade cell; None where the grade is withheld."""
    found = _criterion(grade, cell)
    return float(found.points) if found and grade.report.status == "graded" else None


def verdict(grade: NotebookGrade, cell: str) -> str:
    """Return what stands under a grade cell: the verdict in a few lines of plain text."""
    found = _criterion(grade, cell)
    if found is None or grade.report.status != "graded":
        return f"{WITHHELD}\n"
    lines = [f"{found.outcome}: {found.points} of {count(found.max_points, 'point')}"]
    if found.outcome != "passed":
        lines += [f"{name}: {text}" for name, text in _told(found, grade).items()]
    wrapped = (part for line in lines for part in textwrap.wrap(visible(line), WIDTH, subsequent_indent="    "))
    return "".join(f"{line}\n" for line in wrapped)


def comment(grade: NotebookGrade, answer: str) -> str:
    """Return the comment on an answer as Markdown: what its task earned, and what to look at."""
    if grade.report.status != "graded":
        return WITHHELD
    found = [c for c in grade.report.criteria if _tasks().get(c.key) == _TASKS.get(answer)]
    earned, most = sum(c.points for c in found), sum(c.max_points for c in found)
    left_out = [
        f"This cell was left out: {cell.problem}." for cell in grade.cells if cell.problem and cell.name == answer
    ]
    head = [f"{earned} of {count(most, 'point')} for this task.", *map(markdown, left_out)]
    return "\n\n".join([*head, *(_loss(c, grade) for c in found if c.outcome != "passed")])


def _loss(criterion: Criterion, grade: NotebookGrade) -> str:
    told = [f"    - {name}: {markdown(text)}" for name, text in _told(criterion, grade).items()]
    return "\n".join([f"- {markdown(criterion.title)} ({cost(criterion)})", *told])


def _told(criterion: Criterion, grade: NotebookGrade) -> dict[str, str]:
    said = {
        "expected": criterion.expected,
        "seen": criterion.seen,
        "cause": criterion.cause or "",
        "where": _place(criterion.where, grade),
        "hint": criterion.hint,
    }
    return {name: text for name, text in said.items() if text}


def _place(where: Where | None, grade: NotebookGrade) -> str:
    """Say which line of which cell it is, and what stands there."""
    origin = grade.files.origin(where.file, where.line) if where else None
    if where is None or origin is None:
        return ""
    name, line = origin
    code = grade.files.files[where.file].split("\n")[where.line - 1].strip()
    return f"line {line} of {f'the cell {name}' if name else 'a cell of your own'}: {code}"


def _criterion(grade: NotebookGrade, cell: str) -> Criterion | None:
    return next((found for found in grade.report.criteria if cell_name(found.key) == cell), None)


@cache
def _tasks() -> dict[str, int]:
    return {criterion.key: criterion.task for criterion in rubric().criteria}
