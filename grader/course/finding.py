"""Finds what a class has handed in: which folder is whose, who has none, and which folders are nobody's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course import clones
from grader.course.faults import WrongUse
from grader.course.nouns import Handed
from grader.course.roster import LONGEST_KEY
from grader.observe.submission import MODEL, SCRIPT, SubmissionUnreadable
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from grader.course.nouns import Student
    from grader.course.pushed import Push


class FoldersUnclear(WrongUse):
    """It cannot be told which folder is whose; the message names the repair."""


class Roll(Struct, frozen=True):
    """Whose folder is which: folders by student, students without one, and names of folders that are nobody's."""

    folders: dict[str, Path]
    missing: tuple[str, ...] = ()
    nobodys: tuple[str, ...] = ()


def call(submissions: Path, roster: Sequence[Student] | None, out: Path) -> Roll:
    """Return the folders in ``submissions`` by student: by the roster, or else each under its own name.

    ``out`` is no submission. Raises :class:`FoldersUnclear`.
    """
    folders = _folders(submissions, out)
    if roster is None:
        keys = [path.name for path in folders if _is_key(path.name)]
        return Roll(
            {key: submissions / key for key in keys},
            nobodys=tuple(path.name for path in folders if not _is_key(path.name)),
        )
    found = _matched(roster, folders)
    taken = set(found.values())
    return Roll(
        found,
        missing=tuple(student.key for student in roster if student.key not in found),
        nobodys=tuple(path.name for path in folders if path not in taken),
    )


def handed(
    student: str, folder: Path, pushes: Mapping[str, tuple[Push, ...]] | None, made_at: Callable[..., datetime | None]
) -> Handed:
    """Return a submission as a push: of the list of pushes, or else by its commit and the time that its author gave.

    Raises SubmissionUnreadable where the list does not name what lies in the folder.
    """
    commit = clones.head(folder)
    if pushes is None:
        time = made_at(folder, commit) if commit else None
        return Handed(student, "", commit, time, folder.name)
    listed = pushes.get(student.casefold(), ())
    named = [push for push in listed if commit in {"", push.commit}]
    if not named:
        newest = f"git -C {folder} checkout {listed[-1].commit}" if listed else "make the list of pushes anew"
        raise SubmissionUnreadable(
            f"{folder} is at {commit or 'no commit'}, which is not in the list; repair: {newest}"
        )
    return Handed(student, "", named[-1].commit, named[-1].pushed_at, folder.name)


def _folders(submissions: Path, out: Path) -> list[Path]:
    """Return the folders of submissions by name; what begins with a dot is a tool's."""
    if not submissions.is_dir():
        raise FoldersUnclear(f"there is no folder {submissions}; check the path")
    if any((submissions / name).is_file() for name in (MODEL, SCRIPT)):
        raise FoldersUnclear(f"{submissions} is one submission, not a folder of them; try: grader grade {submissions}")
    try:
        found = sorted(path for path in submissions.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise FoldersUnclear(f"{submissions} cannot be read ({error.strerror}); check its permissions") from error
    folders = [path for path in found if path.resolve() != out.resolve()]
    if not folders:
        raise FoldersUnclear(f"{submissions} holds no folders; clone or unpack the submissions into it first")
    return folders


def _is_key(name: str) -> bool:
    """Tell whether a folder's name can name a student: as in a roster."""
    return len(name) <= LONGEST_KEY and name == visible(name)


def _matched(roster: Sequence[Student], folders: Sequence[Path]) -> dict[str, Path]:
    """Return the students' folders: those that are called as the roster says, then those that only end so."""
    by_name = {path.name.casefold(): path for path in folders}
    found = {
        student.key: by_name[name] for student in roster for name in reversed(list(_names(student))) if name in by_name
    }
    _refuse_shared(found)
    taken = set(found.values())
    others = [student for student in roster if student.key not in found]
    return found | _by_ending(others, [path for path in folders if path not in taken])


def _names(student: Student) -> Iterator[str]:
    """Yield what a student's folder may be called, the surest first."""
    repository = student.repository.rstrip("/").removesuffix(".git").rpartition("/")[2]
    names = (repository, student.login, student.key, student.account, student.number, student.email)
    yield from (name.casefold() for name in names if name)


def _by_ending(students: Iterable[Student], folders: Iterable[Path]) -> dict[str, Path]:
    """Return the folders whose names end in a dash and a login: so GitHub Classroom calls repositories.

    Where several logins fit, the longest is meant.
    """
    logins = {(student.login or student.key).casefold(): student.key for student in students}
    found: dict[str, Path] = {}
    for path in folders:
        parts = path.name.casefold().split("-")
        endings = ("-".join(parts[start:]) for start in range(1, len(parts)))
        key = next((logins[ending] for ending in endings if ending in logins), None)
        if key is not None and key in found:
            raise FoldersUnclear(
                f"{found[key].name} and {path.name} could both be {key}'s; "
                "name the right one in a column 'repository' of the roster"
            )
        if key is not None:
            found[key] = path
    return found


def _refuse_shared(found: Mapping[str, Path]) -> None:
    owners: dict[Path, str] = {}
    for key, path in found.items():
        if path in owners:
            raise FoldersUnclear(f"{path.name} is the folder of {owners[path]} and of {key}; repair the roster")
        owners[path] = key
