"""Divides a class among the jobs of a workflow: what each of them observes, and what is recorded afterwards.

The jobs that run student code are handed the files and the seed of each submission, under its digest: no name, no
secret, no token.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from grader import flow, limits
from grader.course.places import reports_of
from grader.github import seam
from grader.github.pushes import Pushed
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.students import SandboxFailed
from grader.observe.submission import SubmissionUnreadable
from grader.outputs import files
from grader.outputs.document import evidence_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from grader.observe.observer import Observer

DUE = "due.json"
NAME = "submission"
"""The name of every submission where student code runs: whose it is, is nothing that a job there needs to know."""
TRIES = 3
"""How many sandboxes may die over one submission, before its grade is withheld."""


class Due(Struct, frozen=True):
    """A push that is to be graded, and the digest of the files that count in it."""

    push: Pushed
    digest: str

    @property
    def file(self) -> str:
        """The name of the file that holds the submission, and of that with its evidence."""
        return f"{self.digest.removeprefix('sha256:')}.json"


class Work(Struct, frozen=True):
    """What is to be done for a class: pushes, each submission once, and whose folders are unreadable, with why."""

    due: tuple[Due, ...]
    submissions: dict[str, seam.TakenIn]
    unreadable: dict[str, str]


def gather(pushes: Iterable[Pushed], folder: Path, done: frozenset[tuple[str, str, str]]) -> Work:
    """Read the fetched folder of each push, and return what is not ``done``."""
    due: list[Due] = []
    submissions: dict[str, seam.TakenIn] = {}
    unreadable: dict[str, str] = {}
    for push in pushes:
        place = reports_of(folder, push.student)
        if not place.is_dir():  # graded before, or told where it was fetched
            continue
        try:
            taken = seam.take_in(place, NAME)
        except SubmissionUnreadable as error:
            unreadable[push.student] = str(error)
            continue
        found = Due(push, taken.submission.digest)
        if (push.student, push.commit, found.digest) not in done:
            due.append(found)
            submissions[found.file] = taken
    return Work(tuple(due), submissions, unreadable)


def write(work: Work, out: Path) -> list[str]:
    """Write what is due, and a folder for each job; return their names: few where there is little, never too many."""
    files.write(out, {DUE: msgspec.json.encode(work.due)})
    names = sorted(work.submissions)
    jobs = min(-(-len(names) // limits.SHARD_SUBMISSIONS), limits.SHARDS)
    for number in range(jobs):
        shard = {name: seam.as_json(work.submissions[name]) for name in names[number::jobs]}
        files.write(out / str(number), shard)
    return [str(number) for number in range(jobs)]


def read_due(out: Path) -> tuple[Due, ...]:
    """Return what is due; raises StepRefused."""
    try:
        return msgspec.json.decode((out / DUE).read_bytes(), type=tuple[Due, ...])
    except (OSError, msgspec.DecodeError) as error:
        repair = f"make it: grader github shards --out {out}"
        raise seam.StepRefused(f"{out / DUE} cannot be read: {error}; {repair}") from error


def observe(shard: Path, out: Path, isolation: str | None, told: Callable[[str], None]) -> list[str]:
    """Observe each submission of a shard that has no evidence in ``out`` yet; return those that no sandbox survived."""
    waiting = [path for path in sorted(shard.glob("*.json")) if not (out / path.name).exists()]
    tries = dict.fromkeys(waiting, 0)
    while alive := [path for path in waiting if tries[path] < TRIES and not (out / path.name).exists()]:
        with ExitStack() as stack:
            observer = stack.enter_context(flow.observer(isolation))
            for path in alive:
                tries[path] += 1
                if not _observed(observer, path, out, told):
                    break
    return [path.name for path in waiting if not (out / path.name).exists()]


def _observed(observer: Observer, path: Path, out: Path, told: Callable[[str], None]) -> bool:
    taken = seam.read_taken_in(path)
    try:
        evidence = observer.observe(taken.submission, seed=taken.seed)
    except (SandboxFailed, DatabaseLost) as failed:
        told(f"{path.name}: {failed}")
        return False
    files.write(out, {path.name: evidence_json(evidence)})
    told(f"{path.name}: observed")
    return True


def submission_of(due: Due, out: Path) -> seam.TakenIn:
    """Return the submission that a push is about, from whichever job's folder it lies in; raises StepRefused."""
    for place in _shards(out):
        if (place / due.file).exists():
            return seam.read_taken_in(place / due.file)
    raise seam.StepRefused(f"{due.file} is in no folder of {out}; make them: grader github shards --out {out}")


def _shards(out: Path) -> Iterator[Path]:
    return (place for place in sorted(out.iterdir()) if place.is_dir())
