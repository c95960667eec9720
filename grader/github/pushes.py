"""What a class has pushed, by the server's clock: whoever commits writes the date of a commit, and can write any.

GitHub keeps a list of what happened to a repository, with the moment at which it happened there. The newest push to
the default branch up to a moment is what counts; a forced push changes nothing of what had been there before it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from grader.course import cells
from grader.course.nouns import Handed
from grader.github.refusal import GitHubRefused
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.course.nouns import Student
    from grader.github.api import GitHub

COLUMNS = ("student", "commit", "pushed_at", "repository", "clone_url", "as_of")
LISTED = 60
"""How many names of repositories a message lists."""
_NOTHING = "0" * 40
"""The commit of a branch that was removed."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CONFLICT = 409
"""What GitHub answers about a repository that is empty."""


class Pushed(Struct, frozen=True):
    """The push of a student's that counts. ``as_of`` is the moment up to which pushes were looked at."""

    student: str
    commit: str
    pushed_at: datetime
    repository: str
    clone_url: str
    as_of: datetime

    @property
    def handed(self) -> Handed:
        """The push as the gradebook knows it."""
        return Handed(self.student, "", self.commit, self.pushed_at)


class Found(Struct, frozen=True):
    """What was found: pushes, why others have none (by student), and repositories that are nobody's."""

    pushes: tuple[Pushed, ...]
    without: dict[str, str] = field(default_factory=dict)
    nobodys: tuple[str, ...] = ()


def find(  # noqa: PLR0913  # where to look, for whom, and until when
    github: GitHub,
    organisation: str,
    students: Sequence[Student],
    *,
    prefix: str = "",
    until: datetime | None = None,
    last: Mapping[str, Pushed] | None = None,
) -> Found:
    """Return the newest push of each student up to ``until``; ``last`` is what an earlier look has found, by student.

    Raises :class:`GitHubRefused` where GitHub does not answer: a list with holes would cost students their grade.
    """
    as_of = min(filter(None, (until, github.now())))
    listed = {found["full_name"].casefold(): found for found in github.pages(f"/orgs/{organisation}/repos")}
    pushes: list[Pushed] = []
    without: dict[str, str] = {}
    for student in students:
        wanted = _repository(student, organisation, prefix)
        repository = listed.pop(wanted.casefold(), None) or (student.repository and github.find(f"/repos/{wanted}"))
        pushed = repository and _newest(github, student, repository, as_of, (last or {}).get(student.key))
        if pushed:
            pushes.append(pushed)
        else:
            without[student.key] = "nothing was pushed yet" if repository else f"there is no repository {wanted}"
    nobodys = (found["full_name"] for found in listed.values() if found["name"].startswith(prefix))
    return Found(tuple(pushes), without, tuple(sorted(nobodys)) if prefix else ())


def _repository(student: Student, organisation: str, prefix: str) -> str:
    """Return owner and name of a student's repository: as the roster says, or else prefix and login."""
    said = student.repository.rstrip("/").removesuffix(".git")
    name = "/".join(said.rsplit("/", 2)[-2:]) if said else f"{prefix}{student.login or student.key}"
    return name if "/" in name else f"{organisation}/{name}"


def _newest(
    github: GitHub, student: Student, repository: dict[str, Any], as_of: datetime, last: Pushed | None
) -> Pushed | None:
    """Return the newest push up to a moment; GitHub is only asked where something may have changed since ``last``."""
    pushed_at = repository["pushed_at"]
    same = last is not None and last.repository == repository["full_name"] and last.as_of <= as_of
    if last is not None and same and pushed_at and _moment(pushed_at) <= last.as_of:
        return last
    for activity in _activities(github, repository):
        if _moment(activity["timestamp"]) <= as_of and activity["after"] != _NOTHING:
            return Pushed(
                student=student.key,
                commit=activity["after"],
                pushed_at=_moment(activity["timestamp"]),
                repository=repository["full_name"],
                clone_url=repository["clone_url"],
                as_of=as_of,
            )
    return None


def _activities(github: GitHub, repository: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what happened to the default branch, the newest first; nothing where nothing was ever pushed."""
    try:
        branch = f"refs/heads/{repository['default_branch']}"
        yield from github.pages(f"/repos/{repository['full_name']}/activity", ref=branch, direction="desc")
    except GitHubRefused as refused:
        if refused.status != _CONFLICT:
            raise


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- the list as a file -----------------------------------------------------------------------------------------------


def write(pushes: Iterable[Pushed]) -> str:
    """Return a list of pushes as CSV."""
    return cells.written(COLUMNS, ([_text(getattr(push, name)) for name in COLUMNS] for push in pushes))


def _text(value: str | datetime) -> str:
    return value if isinstance(value, str) else value.isoformat()


def read(path: Path) -> tuple[Pushed, ...]:
    """Return the pushes of a list; TableUnreadable says what is wrong with it."""
    sheet = cells.read(path)
    missing = [name for name in COLUMNS if name not in sheet.header]
    if missing:
        raise cells.TableUnreadable(
            f"{path}, line 1: there is no column {missing[0]}. Make it again: grader github pushes --out {path}"
        )
    return tuple(_pushed(path, row, [row.cells[sheet.header.index(name)] for name in COLUMNS]) for row in sheet.rows)


def _pushed(path: Path, row: cells.Row, texts: Sequence[str]) -> Pushed:
    student, commit, pushed_at, repository, clone_url, as_of = map(cells.plain, texts)
    try:
        if not _COMMIT.fullmatch(commit):
            raise ValueError(f"{commit!r} is no commit")  # noqa: TRY301  # told like every other wrong cell
        return Pushed(student, commit, _moment(pushed_at), repository, clone_url, _moment(as_of))
    except ValueError as error:
        raise cells.TableUnreadable(
            f"{path}, line {row.line}: {visible(str(error), 100)}. Make it again: grader github pushes --out {path}"
        ) from error


def told(found: Found) -> Iterator[str]:
    """Yield what a person should know of a look at a class: who has nothing, and what seems to be nobody's."""
    for student, why in found.without.items():
        yield f"{student}: {why}"
    if found.nobodys:
        names = ", ".join(found.nobodys[:LISTED])
        yield f"Nobody in the roster has these; whose they are can be said in its column repository: {names}"
