"""A whole class from its folders to its page: what ``grader grade-class`` does."""

from __future__ import annotations

import random
import signal
import statistics
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from grader.course import cluster, finding
from grader.course.clones import commit_times
from grader.course.editions import current_edition
from grader.course.faults import GradingInterrupted
from grader.course.gradebook import open_gradebook
from grader.course.grading import ClassGrading, Tally
from grader.course.opening import GradebookUnusable
from grader.course.places import GRADES, PAGE
from grader.course.processes import local
from grader.course.progress import telling
from grader.course.publishing import publish, write_table
from grader.course.pushed import read_pushes
from grader.course.roster import read_roster
from grader.observe.sandbox.starting import Sandboxes, candidates
from grader.observe.submission import SubmissionUnreadable
from grader.outputs import files
from grader.outputs.files import OutputUnwritable
from grader.outputs.text import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from grader.course.finding import Roll
    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Handed, Standing
    from grader.course.pools import Pool
    from grader.course.pushed import Push

KEPT = "Nothing that was finished is lost: the same command goes on from there."


class Wanted(Struct, frozen=True):
    """What the command was asked for; ``gradebook`` is a URL, and ``dask`` the address of a scheduler."""

    submissions: Path
    out: Path
    jobs: int
    roster: Path | None = None
    pushes: Path | None = None
    isolation: str | None = None
    gradebook: str | None = None
    dask: str | None = None
    page: bool = True


class Graded(Struct, frozen=True):
    """How it went, and where the class stands now; ``page`` is the page of the class, if wanted."""

    roll: Roll
    tally: Tally
    standings: tuple[Standing, ...]
    page: Path | None

    @property
    def withheld(self) -> tuple[str, ...]:
        """Whose grades are withheld, also those of earlier runs."""
        return tuple(standing.student.key for standing in self.standings if standing.status == "withheld")

    @property
    def missing(self) -> tuple[str, ...]:
        """Who has no grade as nothing was handed in, or nothing that can be read."""
        return tuple(standing.student.key for standing in self.standings if standing.status == "missing")

    @property
    def mean(self) -> float | None:
        """The mean of the scores that there are."""
        scores = [standing.score for standing in self.standings if standing.score is not None]
        return statistics.fmean(scores) if scores else None


def grade_class(wanted: Wanted) -> Graded:
    """Grade a class and write its reports, its table and its page.

    Raises GradingInterrupted; and where something is not usable, the error that names it and its repair.
    """
    isolation = _isolation(wanted)
    students = read_roster(wanted.roster) if wanted.roster else None
    pushes = read_pushes(wanted.pushes) if wanted.pushes else None
    roll = finding.call(wanted.submissions, students, wanted.out)
    files.prepare(wanted.out, (GRADES, PAGE))
    with open_gradebook(wanted.gradebook or wanted.out) as book:
        if students is not None:
            book.enroll(students)
        else:
            book.admit(roll.folders)
        tally = _graded(msgspec.structs.replace(wanted, isolation=isolation), roll, pushes, book)
        with _explained(tally, len(roll.folders)):
            return _told(wanted, roll, tally, book)


def _isolation(wanted: Wanted) -> str | None:
    """Return the level for the whole class: one that is tried now, and told. The machines of a cluster try their own.

    A process that chose for itself would take a killed sandbox for one that does not work here, and the next level.
    """
    levels = candidates(wanted.isolation)
    if wanted.dask:
        return wanted.isolation
    with Sandboxes(levels) as sandboxes:
        sandboxes.settle()
        for better in sandboxes.passed_over:
            sys.stderr.write(f"{log(f'grader: not isolated by {better}')}\n")
        return sandboxes.level.name


def _graded(wanted: Wanted, roll: Roll, pushes: Mapping[str, tuple[Push, ...]] | None, book: Gradebook) -> Tally:
    with telling(len(roll.folders)) as told, commit_times() as made_at:
        grading = ClassGrading(book, wanted.out, current_edition(), told)
        with _explained(grading.tally, len(roll.folders)):
            return grading.grade(_pushes(roll, pushes, made_at, grading), _pool(wanted), wanted.isolation)


def _pushes(
    roll: Roll,
    pushes: Mapping[str, tuple[Push, ...]] | None,
    made_at: Callable[[Path, str], datetime | None],
    grading: ClassGrading,
) -> Iterator[tuple[Handed, Path]]:
    """Yield what was handed in, in an order of this run's own: two runs at once then share the work."""
    folders = list(roll.folders.items())
    random.shuffle(folders)
    for student, folder in folders:
        try:
            yield finding.handed(student, folder, pushes, made_at), folder
        except SubmissionUnreadable as error:
            grading.unreadable(student, str(error))


def _pool(wanted: Wanted) -> AbstractContextManager[Pool]:
    return cluster.dask(wanted.dask) if wanted.dask else local(wanted.jobs)


@contextmanager
def _explained(tally: Tally, total: int) -> Iterator[None]:
    """Say what is finished where a run ends before it is through; SIGTERM ends it as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as error:
        raise GradingInterrupted(f"interrupted; {_finished(tally, total)}") from error
    except (OutputUnwritable, GradebookUnusable) as error:
        raise type(error)(f"{error}. {_finished(tally, total)}") from error
    finally:
        signal.signal(signal.SIGTERM, before)


def _finished(tally: Tally, total: int) -> str:
    return f"{len(tally.graded) + len(tally.before)} of {total} are graded. {KEPT}"


def _told(wanted: Wanted, roll: Roll, tally: Tally, book: Gradebook) -> Graded:
    """Write the table and the page, and note the run in the audit trail."""
    standings = book.standings()
    page = publish(book, wanted.out, tally.ungraded) if wanted.page else None
    if page is None:
        write_table(book, wanted.out)
    counts = {"graded": len(tally.graded), "before": len(tally.before)}
    book.note("grade-class", **counts, unreadable=tally.unreadable, failed=tally.failed, nobodys=roll.nobodys)
    return Graded(roll, tally, standings, page)
