"""Grades a class: every submission once, in many processes, and nothing finished is lost, whatever ends the run.

A submission is done when its grade stands in the gradebook, and that is written last: after the reports. Who runs the
same command again therefore goes on where the last run ended, however that was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from grader.course import pools
from grader.course.work import Task, secret_digest
from grader.observe.submission import SubmissionUnreadable, take_in
from grader.outputs import files
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
    before: list[str] = field(default_factory=list)
    """Graded by an earlier run, or handed in by somebody else as well."""
    unreadable: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

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
        self._pending: dict[str, list[Handed]] = {}
        self.tally = Tally()

    def grade(
        self, pushes: Iterable[tuple[Handed, Path]], pool: AbstractContextManager[Pool], isolation: str | None
    ) -> Tally:
        """Grade every push whose files this edition has not graded yet; ``told`` learns of each as it ends.

        A process or a sandbox that dies costs another try. Raises OutputUnwritable where a report cannot be written.
        """
        with pool as workers:
            for task, worked in pools.graded(workers, self._tasks(pushes, isolation)):
                for handed in self._pending.pop(task.submission.digest):
                    self._keep(handed, worked)
        return self.tally

    def _tasks(self, pushes: Iterable[tuple[Handed, Path]], isolation: str | None) -> Iterator[Task]:
        """Yield what is to be graded, read at the last moment; the same files handed in twice are graded once."""
        done, secret = self._book.done(self._edition), secret_digest()
        for handed, submission in self._taken_in(pushes):
            if (handed.student, handed.commit, handed.digest) in done or self._book.take_over(handed, self._edition):
                self._note(self.tally.before, handed)
            elif handed.digest in self._pending:
                self._pending[handed.digest].append(handed)
            else:
                self._pending[handed.digest] = [handed]
                yield Task(submission, isolation, secret)

    def _taken_in(self, pushes: Iterable[tuple[Handed, Path]]) -> Iterator[tuple[Handed, Submission]]:
        for handed, folder in pushes:
            try:
                submission = take_in(folder)
            except SubmissionUnreadable as error:
                self.tally.unreadable[handed.student] = str(error)
                self._told(self.tally)
                continue
            yield msgspec.structs.replace(handed, digest=submission.digest), submission

    def _keep(self, handed: Handed, worked: Worked) -> None:
        """Write the reports, then the grade; a submission that could not be graded is told, and tried next time."""
        if not worked.report:
            self.tally.failed[handed.student] = worked.problem
            self._told(self.tally)
            return
        evidence = msgspec.json.decode(worked.evidence, type=Evidence)
        report = msgspec.json.decode(worked.report, type=GradeReport)
        files.write(self._out / handed.student, worked.files)
        self._book.record(handed, self._edition, evidence, report)
        self._note(self.tally.graded, handed)

    def _note(self, where: list[str], handed: Handed) -> None:
        where.append(handed.student)
        self._told(self.tally)
