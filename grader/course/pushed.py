"""The list of pushes: which commit of each student's counts, and when the server received it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course import cells
from grader.course.cells import TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("student", "commit", "pushed_at")


class Push(Struct, frozen=True):
    """A row of the list."""

    commit: str
    pushed_at: datetime


def read_pushes(path: Path) -> dict[str, tuple[Push, ...]]:
    """Return the pushes by student, each student's in order of time; TableUnreadable names line and repair.

    Keys are folded: logins differ in case only by mistake.
    """
    sheet = cells.read(path)
    if missing := [name for name in COLUMNS if name not in sheet.header]:
        raise TableUnreadable(f"{path}: the column {missing[0]!r} is missing. Needed: {', '.join(COLUMNS)}.")
    found: dict[str, list[Push]] = {}
    for student, push in _rows(sheet):
        found.setdefault(student, []).append(push)
    return {student: tuple(sorted(pushes, key=lambda push: push.pushed_at)) for student, pushes in found.items()}


def _rows(sheet: cells.Sheet) -> Iterator[tuple[str, Push]]:
    places = [sheet.header.index(name) for name in COLUMNS]
    for row in sheet.rows:
        student, commit, said = (cells.plain(row.cells[place]).strip() for place in places)
        yield student.casefold(), Push(commit.lower(), _time(sheet, row.line, said))


def _time(sheet: cells.Sheet, line: int, said: str) -> datetime:
    with suppress(ValueError):
        time = datetime.fromisoformat(said)
        if time.tzinfo is not None:
            return time
    raise TableUnreadable(
        f"{sheet.source}, line {line}: {said!r} is no time with its zone. Write it as 2026-12-01T23:59:00+01:00."
    )
