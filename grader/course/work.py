"""One submission's way through the grader, as a process of many does it: the same here and on another machine."""

from __future__ import annotations

import atexit
import hashlib
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from grader import flow
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.students import SandboxFailed
from grader.outputs import reports
from grader.values import Submission

if TYPE_CHECKING:
    from grader.observe.observer import Observer
    from grader.values import Evidence

ATTEMPTS = 3
"""How often a submission is observed whose sandbox dies from outside, before its grade is withheld."""


class Task(Struct, frozen=True):
    """A submission to be graded, whole: whoever grades it needs no folder. ``secret`` is the digest of the course's."""

    submission: Submission
    isolation: str | None
    secret: str


class Worked(Struct, frozen=True):
    """What came of it: evidence as JSON, and the files of the report by name; ``problem`` where the grader failed."""

    evidence: bytes = b""
    report: bytes = b""
    files: dict[str, bytes] = {}
    problem: str = ""


class SecretDiffers(RuntimeError):  # noqa: N818  # it names the fault
    """A process that grades for a class has another secret than the class; the message names the repair."""


def secret_digest() -> str:
    """Return what two processes compare to know that they draw the same inputs."""
    return hashlib.sha256(flow.secret().encode()).hexdigest()


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that hands out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def work(task: Task) -> Worked:
    """Grade a submission; a failure of the grader's is told and not raised. Raises :class:`SecretDiffers`."""
    if secret_digest() != task.secret:
        raise SecretDiffers(
            f"this machine has another secret than the class; set {flow.SECRET_VARIABLE} to the course's secret here"
        )
    try:
        graded = flow.judged(_evidence(task))
    except (SandboxFailed, DatabaseLost) as failed:
        return Worked(problem=str(failed))
    return Worked(
        evidence=msgspec.json.encode(graded.evidence),
        report=msgspec.json.encode(graded.report),
        files=reports.contents(graded.report, graded.evidence, graded.document),
        problem="\n".join(graded.faults),
    )


def _evidence(task: Task) -> Evidence:
    """Observe a submission; walls that somebody has torn down from outside are put up again."""
    for _ in range(ATTEMPTS - 1):
        with suppress(SandboxFailed, DatabaseLost):
            return _observer(task.isolation).observe(task.submission)
        _give_up(task.isolation)
    return _observer(task.isolation).observe(task.submission)


# A process keeps its walls from one submission to the next: putting them up costs as much as a grading.
_observers: dict[str | None, Observer] = {}


def _observer(isolation: str | None) -> Observer:
    if isolation not in _observers:
        _observers[isolation] = flow.observer(isolation).__enter__()
        atexit.register(_give_up, isolation)
    return _observers[isolation]


def _give_up(isolation: str | None) -> None:
    observer = _observers.pop(isolation, None)
    if observer is not None:
        observer.__exit__(None, None, None)
