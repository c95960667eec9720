"""The roster: who is in the class, from the tables that GitHub Classroom, Classroom 50, Canvas and Moodle export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course import cells
from grader.course.faults import WrongUse
from grader.course.nouns import Student
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Under which names, compared without case, blanks and dashes, each fact stands; the first that is there and filled
# counts. GitHub Classroom: identifier, github_username, github_id, name, group_name; its grades: roster_identifier,
# student_repository_name. Classroom 50: username, first_name, last_name, email, section. Canvas: Student (or LastName
# and FirstName), ID, SIS User ID, SIS Login ID, Section. Moodle: First name, Last name (Surname before 4), ID number,
# Email address, Groups; its grading worksheet: Identifier, Full name. nbgrader: id, first_name, last_name, email.
COLUMNS = {
    "login": ("github_username", "github login", "github", "username", "login"),
    "name": ("name", "full name", "student"),
    "first": ("first_name", "firstname"),
    "last": ("last_name", "lastname", "surname"),
    "email": ("email", "email address", "e-mail"),
    "number": ("sis user id", "id number", "idnumber", "student number", "number", "roster_identifier"),
    "account": ("sis login id",),
    "id": ("key", "id"),
    "identifier": ("identifier",),
    "sections": ("section", "sections", "group_name", "groups", "group"),
    "repository": ("student_repository_name", "repository", "repo", "student_repository_url"),
}
# In this order the first fact that is filled names a student: what stays the same on every platform comes first.
KEYS = ("login", "account", "number", "id", "email", "identifier")
LONGEST_KEY = 200
"""A login, a number or an address is far shorter."""
_CANVAS_POINTS = "points possible"
_CANVAS_TEST_STUDENT = "Student, Test"


class RosterUnusable(WrongUse):
    """A roster names nobody, or not clearly; the message names the file, the line and the repair."""


class _Named(Struct, frozen=True):
    """A row of the roster by facts."""

    line: int
    facts: dict[str, str]

    def __getitem__(self, fact: str) -> str:
        return self.facts.get(fact, "")

    @property
    def key(self) -> str:
        return next(filter(None, map(self.__getitem__, KEYS)), "")


def read_roster(path: Path) -> tuple[Student, ...]:
    """Return the students of a roster in its order; TableUnreadable or RosterUnusable names what has to be repaired."""
    sheet = cells.read(path)
    places = _places(sheet)
    rows = [_named(row, places) for row in sheet.rows]
    people = [row for row in rows if not (places["account"] and _is_of_canvas(row))]
    if not people:
        raise RosterUnusable(f"{path} has a header and no students. Export it again, with the students.")
    _refuse_unclear(path, people)
    return tuple(map(_student, people))


def _places(sheet: cells.Sheet) -> dict[str, list[int]]:
    """Return in which columns each fact stands, the name that says most of it first."""
    folded = [_folded(name) for name in sheet.header]
    places = {
        fact: [folded.index(name) for name in map(_folded, names) if name in folded] for fact, names in COLUMNS.items()
    }
    if not any(places[fact] for fact in KEYS):
        known = ", ".join(name for fact in KEYS for name in COLUMNS[fact])
        raise RosterUnusable(
            f"{sheet.source}, line 1: no column names the students. Found: {', '.join(sheet.header)}. "
            f"Understood (one of them is needed): {known}."
        )
    return places


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _named(row: cells.Row, places: dict[str, list[int]]) -> _Named:
    facts = {fact: [cells.plain(row.cells[column]).strip() for column in columns] for fact, columns in places.items()}
    return _Named(row.line, {fact: next(filter(None, filled), "") for fact, filled in facts.items()})


def _is_of_canvas(row: _Named) -> bool:
    """Tell whether a row is one of the two that Canvas puts above the students, or its test student."""
    name = row["name"] or row["last"]
    return name.casefold() == _CANVAS_POINTS or not (name or row.key) or name == _CANVAS_TEST_STUDENT


def _refuse_unclear(path: Path, people: list[_Named]) -> None:
    seen: dict[str, int] = {}
    for row in people:
        key = row.key.casefold()  # GitHub logins and addresses differ in case only by mistake
        if not key:
            raise RosterUnusable(
                f"{path}, line {row.line}: nothing names this student. Fill one of: {', '.join(KEYS)}."
            )
        if len(row.key) > LONGEST_KEY or row.key != visible(row.key):
            raise RosterUnusable(
                f"{path}, line {row.line}: {visible(row.key, 60)!r} is longer than {LONGEST_KEY} characters, "
                "or has some that cannot be seen. Repair it."
            )
        if key in seen:
            raise RosterUnusable(
                f"{path}, line {row.line}: {row.key!r} stands in line {seen[key]} already. Remove one of the two."
            )
        seen[key] = row.line


def _student(row: _Named) -> Student:
    return Student(
        key=row.key,
        name=row["name"] or " ".join(filter(None, (row["first"], row["last"]))),
        login=row["login"],
        email=row["email"],
        account=row["account"],
        number=row["number"] or row["identifier"] or row["id"],
        sections=tuple(_sections(row["sections"])),
        repository=row["repository"],
    )


def _sections(text: str) -> Iterator[str]:
    """Yield the names of groups; those who are in several have them in one cell, behind commas or semicolons."""
    yield from filter(None, (part.strip() for part in text.replace(";", ",").split(",")))
