"""One submission's way through the grader, as a process of many does it: the same here and on another machine."""

from __future__ import annotations

import atexit
import hashlib
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from grader import flow
from grader.course.editions import current_edition
from grader.course.faults import WrongUse
from grader.course.nouns import Edition, Handed
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.starting import IsolationMissing
from grader.observe.sandbox.students import SandboxFailed
from grader.outputs import reports
from grader.values import Evidence, Submission

if TYPE_CHECKING:
    from grader.observe.observer import Observer

ATTEMPTS = 3
"""How often a submission is observed whose sandbox dies from outside, before its grade is withheld."""

WALLS_FELL = (SandboxFailed, DatabaseLost, IsolationMissing)
"""What is raised where somebody kills a sandbox: the last one while it is still being tried."""


class Task(Struct, frozen=True):
    """A push to be graded, with the whole submission: whoever grades it needs no folder.

    ``edition`` and ``secret``, a digest, are the class's. Where ``evidence`` (JSON) is there, no student code runs: it
    is judged, in the name of this submission.
    """

    handed: Handed
    submission: Submission
    isolation: str | None
    edition: Edition
    secret: str
    evidence: bytes = b""


class Worked(Struct, frozen=True):
    """What came of it: evidence as JSON, and the files of the report by name; ``problem`` where the grader failed."""

    evidence: bytes = b""
    report: bytes = b""
    files: dict[str, bytes] = {}
    problem: str = ""


class WorkerDiffers(WrongUse):
    """A process that grades for a class would grade otherwise than the class does; the message names the repair."""


def secret_digest() -> str:
    """Return what two processes compare to know that they draw the same inputs."""
    return _digest(flow.secret())


def work(task: Task) -> Worked:
    """Grade a submission; a failure of the grader's is told and not raised. Raises :class:`WorkerDiffers`."""
    check_likeness(task)
    with _ONE_AT_A_TIME:
        try:
            graded = flow.judged(_evidence(task))
        except WALLS_FELL as failed:
            return Worked(problem=str(failed))
        return Worked(
            evidence=msgspec.json.encode(graded.evidence),
            report=msgspec.json.encode(graded.report),
            files=reports.contents(graded.report, graded.evidence, graded.document),
            problem="\n".join(graded.faults),
        )


def check_likeness(task: Task) -> None:
    """Raise :class:`WorkerDiffers` where this process has another secret or grader than the class."""
    if secret_digest() != task.secret:
        raise WorkerDiffers(
            f"a worker has another secret than the class; set {flow.SECRET_VARIABLE} to the course's secret "
            "where the workers are started"
        )
    here = _edition(flow.secret())
    if here != task.edition:
        raise WorkerDiffers(
            f"a worker has another edition of the grader ({here.version}) than the class ({task.edition.version}); "
            "install the very same one where the workers run"
        )


@cache
def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def _edition(_secret: str) -> Edition:
    """Return the edition of this process: with the secret that it has, it stays the same."""
    return current_edition()


def _evidence(task: Task) -> Evidence:
    """Return the stored evidence, or observe; walls that somebody has torn down from outside are put up again."""
    if task.evidence:
        stored = msgspec.json.decode(task.evidence, type=Evidence)
        return msgspec.structs.replace(stored, submission=task.submission.name)
    for _ in range(ATTEMPTS - 1):
        with suppress(*WALLS_FELL):
            return _observer(task.isolation).observe(task.submission)
        _give_up(task.isolation)
    return _observer(task.isolation).observe(task.submission)


# A process keeps its walls from one submission to the next: putting them up costs as much as a grading.
_observers: dict[str | None, Observer] = {}
# Where a cluster gives a process several threads, they take turns: pytest, which judges, has one process in mind.
_ONE_AT_A_TIME = Lock()


def _observer(isolation: str | None) -> Observer:
    if isolation not in _observers:
        _observers[isolation] = flow.observer(isolation).__enter__()
        atexit.register(_give_up, isolation)
    return _observers[isolation]


def _give_up(isolation: str | None) -> None:
    observer = _observers.pop(isolation, None)
    if observer is not None:
        observer.__exit__(None, None, None)
