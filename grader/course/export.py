"""What leaves a gradebook: tables for spreadsheets and learning platforms, and JSON Lines for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from grader.content import CRITERIA
from grader.course import cells
from grader.course.nouns import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from grader.course.cells import Cell

_CONCEPT_OF = {key: concept for concept, keys in CRITERIA.items() for key in keys}
_OF_CLASSROOM = (
    "assignment_name", "assignment_url", "starter_code_url", "github_username", "roster_identifier",
    "student_repository_name", "student_repository_url", "submission_timestamp", "points_awarded", "points_available",
)  # fmt: skip
_GITHUB = "https://github.com/"


def grades(standings: Iterable[Standing]) -> str:
    """Return ``grades.csv``: one row a student, with the sums of the concepts, and how the score came about."""
    return _table(_GRADES | {f"concept.{concept}": _sum_of(concept) for concept in CRITERIA}, standings)


def criteria(standings: Iterable[Standing]) -> str:
    """Return a table with one row for each criterion of each student who was graded."""
    header = ("student", "name", "criterion", "concept", "outcome", "points", "given", "max_points",
              "override_reason", "override_who", "override_at")  # fmt: skip
    return cells.written(header, (row for standing in standings for row in _criteria_of(standing)))


def classroom(standings: Iterable[Standing], assignment: str = "", url: str = "", starter: str = "") -> str:
    """Return the table that ``gh classroom assignment-grades`` wrote, for what has been made to read it.

    ``assignment`` is the assignment's name, ``url`` its address, and ``starter`` that of the template.
    """
    return cells.written(_OF_CLASSROOM, ((assignment, url, starter, *_of_classroom(s)) for s in standings))


def json_lines(standings: Iterable[Standing]) -> str:
    """Return JSON Lines: a :class:`~grader.course.nouns.Standing` on each, the points that count beside each mark."""
    return "".join(msgspec.json.encode(_plain(standing)).decode() + "\n" for standing in standings)


def _table(columns: dict[str, Callable[[Standing], Cell]], standings: Iterable[Standing]) -> str:
    return cells.written(tuple(columns), ([cell(standing) for cell in columns.values()] for standing in standings))


def _sum_of(concept: str) -> Callable[[Standing], Cell]:
    def points(standing: Standing) -> Cell:
        marks = [mark for mark in standing.marks if _CONCEPT_OF.get(mark.key) == concept]
        return sum(mark.points for mark in marks) if marks else ""

    return points


def _or_blank(number: int | None) -> Cell:
    return "" if number is None else number


def _pushed_at(standing: Standing) -> str:
    pushed = standing.handed.pushed_at if standing.handed else None
    return pushed.isoformat().replace("+00:00", "Z") if pushed else ""


_GRADES: dict[str, Callable[[Standing], Any]] = {
    "student": lambda s: s.student.key,
    "name": lambda s: s.student.name,
    "login": lambda s: s.student.login,
    "email": lambda s: s.student.email,
    "number": lambda s: s.student.number,
    "sections": lambda s: ", ".join(s.student.sections),
    "status": lambda s: s.status,
    "score": lambda s: _or_blank(s.score),
    "max_score": lambda s: s.max_score or "",
    "earned": lambda s: _or_blank(s.earned),
    "late_percent": lambda s: s.lateness.percent if s.lateness else "",
    "lateness": lambda s: s.lateness.reason if s.lateness else "",
    "overrides": lambda s: "; ".join(f"{o.criterion or 'total'}: {o.reason}" for o in s.overrides),
    "flags": lambda s: ", ".join(s.flags),
    "pushes": lambda s: s.pushes,
    "pushed_at": _pushed_at,
    "commit": lambda s: s.handed.commit if s.handed else "",
    "digest": lambda s: s.handed.digest if s.handed else "",
}


def _criteria_of(standing: Standing) -> Iterator[tuple[Cell, ...]]:
    for mark in standing.marks:
        made = mark.override
        concept = _CONCEPT_OF.get(mark.key, "")
        decided = (made.reason, made.who, made.at.isoformat()) if made else ("", "", "")
        points = (mark.points, mark.given, mark.max_points)
        yield (standing.student.key, standing.student.name, mark.key, concept, mark.outcome, *points, *decided)


def _of_classroom(standing: Standing) -> tuple[Cell, ...]:
    student = standing.student
    repository = student.repository.removeprefix(_GITHUB)
    return (
        student.login or student.key,
        student.number or student.key,
        repository.rpartition("/")[2],
        f"{_GITHUB}{repository}" if "/" in repository else "",
        _pushed_at(standing),
        _or_blank(standing.score),
        standing.max_score or "",
    )


def _plain(standing: Standing) -> dict[str, Any]:
    """Return a standing as JSON has it, with what is computed from it."""
    value: dict[str, Any] = msgspec.to_builtins(standing)
    for mark, computed in zip(value["marks"], standing.marks, strict=True):
        mark["points"] = computed.points
    return value
