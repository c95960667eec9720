"""Grades a class: every submission once, in many processes, and nothing finished is lost, whatever ends the run.

A submission is done when its grade stands in the gradebook, and that is written last: after the reports. Who runs the
same command again therefore goes on where the last run ended, however that was.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from grader.course import pools
from grader.course.places import reports_of
from grader.course.work import Task, secret_digest
from grader.observe.submission import SubmissionUnreadable, take_in
from grader.outputs import files
from grader.outputs.files import OutputUnwritable
from grader.values import Evidence, GradeReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Edition, Handed
    from grader.course.pools import Pool
    from grader.course.work import Worked
    from grader.values import Submission


@dataclass
class Tally:
    """How a run went: the keys of students, by what became of their submissions, with the reason where it failed."""

    graded: list[str] = field(default_factory=list)
    """Withheld grades included."""
    before: list[str] = field(default_factory=list)
    """Graded by an earlier run."""
    unreadable: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)

    @property
    def ungraded(self) -> dict[str, str]:
        """Who got no grade from this run, with why."""
        return self.unreadable | self.failed

    @property
    def seen(self) -> int:
        """How many submissions have been dealt with."""
        return len(self.graded) + len(self.before) + len(self.unreadable) + len(self.failed)


class ClassGrading:
    """One run over the submissions of a class."""

    def __init__(self, book: Gradebook, out: Path, edition: Edition, told: Callable[[Tally], None]) -> None:
        self._book = book
        self._out = out
        self._edition = edition
        self._told = told
        self._isolation: str | None = None
        # By digest: what waits for the evidence of the very same files, which is being taken.
        self._waiting: dict[str, list[Task]] = {}
        self._ready: deque[Task] = deque()
        self.tally = Tally()

    def grade(
        self, pushes: Iterable[tuple[Handed, Path]], pool: AbstractContextManager[Pool], isolation: str | None
    ) -> Tally:
        """Grade every push whose files this edition has not graded yet; ``told`` learns of each as it ends.

        A process or a sandbox that dies costs another try. Raises OutputUnwritable where a report cannot be written.
        """
        self._isolation = isolation
        fresh = self._tasks(pushes)
        with pool as workers:
            for task, worked in pools.graded(workers, lambda: self._next(fresh)):
                self._keep(task, worked)
                for other in self._waiting.pop(task.handed.digest, []):
                    self._go_on(other, worked)
        return self.tally

    def _next(self, fresh: Iterator[Task]) -> Task | None:
        return self._ready.popleft() if self._ready else next(fresh, None)

    def _tasks(self, pushes: Iterable[tuple[Handed, Path]]) -> Iterator[Task]:
        """Yield what is to be graded, read at the last moment: what another run has finished meanwhile is done.

        Files that were watched before are only judged; those that are being watched wait for that.
        """
        secret = secret_digest()
        for handed, submission in self._taken_in(pushes):
            if self._is_done(handed):
                self.tally.before.append(handed.student)
                self._told(self.tally)
                continue
            stored = self._book.evidence_of(handed, self._edition)
            evidence = msgspec.json.encode(stored) if stored else b""
            task = Task(handed, submission, self._isolation, self._edition, secret, evidence)
            if not stored and handed.digest in self._waiting:
                self._waiting[handed.digest].append(task)
                continue
            if not stored:
                self._waiting[handed.digest] = []
            yield task

    def _taken_in(self, pushes: Iterable[tuple[Handed, Path]]) -> Iterator[tuple[Handed, Submission]]:
        for handed, folder in pushes:
            try:
                submission = replace(take_in(folder), name=handed.student)
            except SubmissionUnreadable as error:
                self.unreadable(handed.student, str(error))
                continue
            yield replace(handed, digest=submission.digest), submission

    def unreadable(self, student: str, reason: str) -> None:
        """Note that what a student handed in cannot be taken in."""
        self.tally.unreadable[student] = reason
        self._told(self.tally)

    def _is_done(self, handed: Handed) -> bool:
        """Tell whether the grade stands in the gradebook, and its report in the folder."""
        done = self._book.done(self._edition, handed.student)
        pushed = (handed.student, handed.commit, handed.digest)
        return pushed in done and _reported(reports_of(self._out, handed.student)) == handed.digest

    def _keep(self, task: Task, worked: Worked) -> None:
        """Write the reports, then the grade; a submission that could not be graded is told, and tried next time."""
        problem = worked.problem if not worked.report else self._written(task.handed, worked)
        if problem:
            self.tally.failed[task.handed.student] = problem
        else:
            self._record(task.handed, worked)
        self._told(self.tally)

    def _written(self, handed: Handed, worked: Worked) -> str:
        """Write the reports and return why that cannot be, where it is about this student alone."""
        try:
            files.write(reports_of(self._out, handed.student), worked.files)
        except OutputUnwritable as error:
            if isinstance(error.__cause__, OSError):  # a full disk, say: the others would fare no better
                raise
            return str(error)
        return ""

    def _record(self, handed: Handed, worked: Worked) -> None:
        evidence = msgspec.json.decode(worked.evidence, type=Evidence)
        report = msgspec.json.decode(worked.report, type=GradeReport)
        self._book.record(handed, self._edition, evidence, report)
        self.tally.graded.append(handed.student)
        if report.status == "withheld":
            self.tally.withheld[handed.student] = worked.problem

    def _go_on(self, other: Task, worked: Worked) -> None:
        """Let the same files of somebody else be judged, now that they were watched; or tell why they were not."""
        if worked.report:
            self._ready.append(replace(other, evidence=worked.evidence))
        else:
            self._keep(other, worked)


class _Grade(msgspec.Struct):
    digest: str = ""


class _Report(msgspec.Struct):
    grade: _Grade


def _reported(folder: Path) -> str:
    """Return the digest that the report in a folder is about; empty where there is none."""
    try:
        return msgspec.json.decode((folder / "report.json").read_bytes(), type=_Report).grade.digest
    except (OSError, msgspec.DecodeError):  # not there, or not ours: it is written anew
        return ""
