"""Fills a platform's own table with scores: an export of Canvas' gradebook, or a grading worksheet of Moodle's.

Both name their students by numbers that only they know, so their table is the template. Students are found in it by
what is sure (a number, a login, an address) before what is not (a name), and never by what several share. What has no
score here stays as it was.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course import cells
from grader.course.cells import TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from grader.course.cells import Cell, Row, Sheet
    from grader.course.nouns import Standing, Student

# Canvas takes a table with fewer columns; left out, the other assignments cannot be set back by an old export.
_CANVAS_NAMES = ("SIS User ID", "SIS Login ID", "ID", "Integration ID", "Student")
_CANVAS_KEPT = (*_CANVAS_NAMES, "LastName", "FirstName", "Root Account", "Section")
_CANVAS_POINTS = "Points Possible"
_NOBODY = frozenset({"", _CANVAS_POINTS, "Student, Test"})
"""What stands first in rows of Canvas' that are no student's."""
_EXCUSED = frozenset({"EX", "N/A"})
"""What Canvas writes where a student is excused from an assignment, or was never given it."""
_MOODLE_NAMES = ("ID number", "Username", "Email address", "Full name")
_MOODLE_NEEDED = ("Identifier", "Grade", "Last modified (grade)")
_MOODLE_MAXIMUM = "Maximum Grade"


class Filled(Struct, frozen=True):
    """A table with scores in it: the keys of those who got one, and the first cells of the rows that got none."""

    text: str
    filled: tuple[str, ...]
    without: tuple[str, ...]


def canvas(template: Path, standings: Iterable[Standing], assignment: str) -> Filled:
    """Fill the column of an assignment in a gradebook that Canvas exported (Grades, Export).

    ``assignment`` is its name in Canvas. Raises TableUnreadable if the table is another one, or the points differ.
    """
    sheet = cells.read(template)
    _need(sheet, ("ID", "Section"), "This is no export of Canvas' gradebook: in Canvas, Grades, Export")
    column = _column_of(sheet, assignment)
    kept = [place for place, name in enumerate(sheet.header) if name in _CANVAS_KEPT or place == column]
    possible = [row.cells[column] for row in sheet.rows if row.cells[0].strip() == _CANVAS_POINTS]
    return _filled(sheet, column, kept, _people(sheet, _CANVAS_NAMES, standings, possible))


def moodle(template: Path, standings: Iterable[Standing]) -> Filled:
    """Fill the grades of a worksheet that Moodle exported (the assignment, Download grading worksheet, in English).

    Raises TableUnreadable if the table is another one, or the points differ.
    """
    sheet = cells.read(template)
    _need(sheet, _MOODLE_NEEDED, "This is no grading worksheet of Moodle's in English: set your language there first")
    most = [row.cells[sheet.header.index(_MOODLE_MAXIMUM)] for row in sheet.rows if _MOODLE_MAXIMUM in sheet.header]
    column = sheet.header.index("Grade")
    return _filled(sheet, column, range(len(sheet.header)), _people(sheet, _MOODLE_NAMES, standings, most))


def _need(sheet: Sheet, columns: Sequence[str], otherwise: str) -> None:
    if missing := [name for name in columns if name not in sheet.header]:
        found = ", ".join(sheet.header)
        raise TableUnreadable(f"{sheet.source}: the column {missing[0]!r} is missing. Found: {found}. {otherwise}.")


def _column_of(sheet: Sheet, assignment: str) -> int:
    """Return the place of an assignment's column; Canvas writes its own number behind the name."""
    named = [name for name in sheet.header if re.fullmatch(rf"{re.escape(assignment)}( \(\d+\))?", name)]
    if len(named) != 1:
        choice = ", ".join(name for name in sheet.header if re.search(r" \(\d+\)$", name))
        problem = "several columns are" if named else "no column is"
        raise TableUnreadable(f"{sheet.source}: {problem} called {assignment!r}. The assignments there: {choice}.")
    return sheet.header.index(named[0])


def _people(
    sheet: Sheet, columns: Sequence[str], standings: Iterable[Standing], possible: Sequence[str]
) -> dict[int, Standing]:
    """Return whose row each line is; a student who would get two rows gets none. ``possible`` are the points there."""
    scored = [standing for standing in standings if standing.score is not None]
    _refuse_other_points(sheet, scored, possible)
    known: dict[str, list[Standing]] = defaultdict(list)
    for standing in scored:
        for fact in {_folded(fact) for fact in _facts(standing.student)} - {""}:
            known[fact].append(standing)
    places = [sheet.header.index(name) for name in columns if name in sheet.header]
    whose = {row.line: found for row in sheet.rows if (found := _whose(row, places, known)) is not None}
    rows = Counter(standing.student.key for standing in whose.values())
    return {line: standing for line, standing in whose.items() if rows[standing.student.key] == 1}


def _facts(student: Student) -> tuple[str, ...]:
    return student.number, student.account, student.login, student.email, student.key, student.name


def _folded(fact: str) -> str:
    """Return a fact for comparison; a name in the order of lists (``Last, First``) is turned round."""
    last, comma, first = fact.partition(",")
    return " ".join((f"{first} {last}" if comma else fact).casefold().split())


def _whose(row: Row, places: Sequence[int], known: dict[str, list[Standing]]) -> Standing | None:
    for place in places:
        found = known.get(_folded(cells.plain(row.cells[place])), [])
        if len(found) == 1:
            return found[0]
    return None


def _refuse_other_points(sheet: Sheet, standings: Sequence[Standing], possible: Sequence[str]) -> None:
    """Raise TableUnreadable where the platform counts to another number than we do; what is no number says nothing."""
    ours = {Decimal(standing.max_score) for standing in standings if standing.max_score}
    for text in possible:
        with suppress(InvalidOperation):
            theirs = Decimal(text.strip().replace(",", "."))
            if ours and theirs not in ours:
                raise TableUnreadable(
                    f"{sheet.source}: the assignment gives {theirs} points there. Set it to {max(ours)} there, as here."
                )


def _filled(sheet: Sheet, column: int, kept: Sequence[int], people: dict[int, Standing]) -> Filled:
    takes = {row.line: people[row.line] for row in sheet.rows if _takes_score(row, column, people)}
    rows: list[list[Cell]] = []
    for row in sheet.rows:
        values: list[Cell] = list(map(cells.plain, row.cells))
        if (standing := takes.get(row.line)) is not None:
            values[column] = standing.score or 0
        rows.append([values[place] for place in kept])
    text = cells.written([sheet.header[place] for place in kept], rows)
    without = tuple(row.cells[0].strip() for row in sheet.rows if row.line not in takes)
    return Filled(
        text, tuple(s.student.key for s in takes.values()), tuple(name for name in without if name not in _NOBODY)
    )


def _takes_score(row: Row, column: int, people: dict[int, Standing]) -> bool:
    return row.line in people and row.cells[column].strip() not in _EXCUSED
