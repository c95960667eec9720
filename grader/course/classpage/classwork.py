"""The work of a class, read from the gradebook: where each student stands, every push, and what was told of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course.nouns import Push, Standing
from grader.values import GradeReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.gradebook import Gradebook


class Classwork(Struct, frozen=True):
    """All that the page of a class shows: ``counting`` and ``reports`` hold, by student, the push that counts."""

    standings: tuple[Standing, ...]
    pushes: dict[str, tuple[Push, ...]]
    counting: dict[str, Push]
    reports: dict[str, GradeReport]


def read(book: Gradebook) -> Classwork:
    """Read a whole class."""
    standings, pushes = book.standings(), book.pushes()
    made: dict[str, list[Push]] = defaultdict(list)
    for push in pushes:
        made[push.handed.student].append(push)
    counts = counting(standings, pushes)
    return Classwork(
        standings,
        {student: tuple(all_of) for student, all_of in made.items()},
        counts,
        {student: book.report(push) for student, push in counts.items()},
    )


def counting(standings: Iterable[Standing], pushes: Iterable[Push]) -> dict[str, Push]:
    """Return the push that counts of each student who has made one."""
    handed = {standing.student.key: standing.handed for standing in standings}
    return {push.handed.student: push for push in pushes if handed.get(push.handed.student) == push.handed}
