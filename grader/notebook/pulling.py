"""``grader nbgrader pull``: brings what people decided in nbgrader into our gradebook, as overrides with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from grader.content import CRITERIA
from grader.course.gradebook import NotInGradebook
from grader.course.standings import TOTAL
from grader.notebook.bridge import (
    CourseUnusable,
    cell_name,
    decision,
    last_agreed,
    met_again,
    note_agreed,
    settled,
    student_id,
    transaction,
)
from grader.notebook.bridge_rows import Rows
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Mark, Standing
    from grader.notebook.bridge import Agreed, Course

NO_COMMENT = "decided in nbgrader, without a comment"
TAKEN_BACK = "taken back in nbgrader"
LONGEST_REASON = 2000
_KEYS = {cell_name(key): key for key in (TOTAL, *(key for keys in CRITERIA.values() for key in keys))}


class There(Struct, frozen=True):
    """What a person decided in nbgrader on a criterion (None: nothing), and their comment."""

    points: float | None
    comment: str


class Change(Struct, frozen=True):
    """A decision that was made in nbgrader, or taken back there (``points`` is None), and what counted here before.

    ``problem`` says why it cannot be brought here; it is empty where it can.
    """

    student: str
    criterion: str
    before: int | None
    points: float | None
    reason: str
    problem: str = ""


def pull(book: Gradebook, course: Course, *, dry: bool = False) -> tuple[Change, ...]:
    """Bring every decision here that was made or taken back in nbgrader since both met; ``dry`` only tells of them.

    Doing it twice changes nothing the second time. Raises CourseUnusable.
    """
    met, found = last_agreed(book, course), _decisions(course)
    agreed: Agreed = dict(met)
    told: list[Change] = []
    for standing in book.standings():
        key = standing.student.key
        if (there := found.get(student_id(key))) is not None:
            changes = [change if dry else _made(book, change) for change in _changes(standing, met.get(key, {}), there)]
            points = {criterion: said.points for criterion, said in there.items()}
            agreed[key] = met_again(met.get(key, {}), _here(standing, changes), points)
            told += changes
    if not dry:
        note_agreed(book, course, agreed)
    return tuple(told)


def _decisions(course: Course) -> dict[str, dict[str, There]]:
    """Return what people decided there, by student and criterion, for every submission that is there."""
    with transaction(course) as session:
        found = {
            student: {_KEYS.get(name, name): There(decision(grade), comment) for name, (grade, comment) in said.items()}
            for student, said in Rows(session, course).submissions()
        }
        if not found:
            raise CourseUnusable(
                f"nbgrader's gradebook has no submission of {course.assignment}. Begin with: grader nbgrader push DIR"
            )
    return found


def _changes(standing: Standing, met: Mapping[str, int], there: Mapping[str, There]) -> Iterator[Change]:
    marks = {mark.key: mark for mark in standing.marks}
    for criterion, said in there.items():
        reason = visible(said.comment.strip(), LONGEST_REASON)
        change = Change(standing.student.key, criterion, None, said.points, reason or NO_COMMENT)
        mark = marks.get(criterion)
        if mark is not None:
            yield from _change(mark, met.get(criterion), replace(change, before=mark.points), reason)
        elif said.points is not None:
            yield replace(change, problem=_homeless(criterion))


def _change(mark: Mark, met: int | None, change: Change, reason: str) -> Iterator[Change]:
    """Yield what has to change here: the points, or only the reason where it was told later."""
    here = mark.override.points if mark.override else None
    is_theirs = settled(met, here, change.points) == change.points
    if not is_theirs:
        return
    if change.points is None:
        if here is not None:
            yield replace(change, reason=TAKEN_BACK)
    elif change.points != here or (reason and mark.override and mark.override.reason != reason):
        yield change if change.points.is_integer() else replace(change, problem="points are whole here")


def _homeless(criterion: str) -> str:
    if criterion == TOTAL:
        return "the total is decided here: grader override"
    return "the grade here is older than this criterion: grader regrade"


def _made(book: Gradebook, change: Change) -> Change:
    """Make a decision here, or say why that cannot be."""
    if change.problem:
        return change
    points = None if change.points is None else int(change.points)
    try:
        book.override(change.student, change.criterion, points, change.reason)
    except (NotInGradebook, ValueError) as error:
        return replace(change, problem=str(error))
    return change


def _here(standing: Standing, changes: list[Change]) -> dict[str, int | None]:
    """Return what is decided here, the changes included."""
    here = {mark.key: mark.override.points if mark.override else None for mark in standing.marks}
    made = [change for change in changes if not change.problem]
    return here | {change.criterion: None if change.points is None else int(change.points) for change in made}
