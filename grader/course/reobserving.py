"""Observes again what other calls would be made for today, and writes the reports of grades that have changed.

The gradebook keeps every source that counts: no folder of a student's is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from grader.course import keeping, pools
from grader.course.places import reports_of
from grader.course.work import Task, secret_digest
from grader.observe.reading import findings
from grader.observe.submission import HANDED_OUT
from grader.outputs import files
from grader.values import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Edition, Push
    from grader.course.pools import Pool
    from grader.course.regrading import Regrade
    from grader.course.work import Worked
    from grader.values import Evidence


def observe(
    book: Gradebook, pushes: Sequence[Push], edition: Edition, pool: Pool, isolation: str | None
) -> Iterator[tuple[list[Push], Worked]]:
    """Yield the pushes that share the same files with what came of grading these anew, as they end."""
    sharing: dict[str, list[Push]] = {}
    for push in pushes:
        sharing.setdefault(push.handed.digest, []).append(push)
    tasks = (_task(same[0], book.evidence(same[0]), edition, isolation) for same in sharing.values())
    for task, worked in pools.graded(pool, lambda: next(tasks, None)):
        yield sharing[task.handed.digest], worked


def write_reports(book: Gradebook, result: Regrade, pool: Pool, out: Path) -> Iterator[tuple[Push, str]]:
    """Write the reports that say anything else than before; yield each push with what went wrong, mostly nothing.

    Raises OutputUnwritable.
    """
    anew = {push.grade: seen for push, _, seen in result.observed}
    tasks = (_of_stored(book, push, result.edition, anew.get(push.grade)) for push in result.reworded)
    pushes = {push.handed: push for push in result.reworded}
    for task, worked in pools.graded(pool, lambda: next(tasks, None)):
        if worked.files:
            files.write(reports_of(out, task.handed.student), worked.files)
        yield pushes[task.handed], worked.problem


def _of_stored(book: Gradebook, push: Push, edition: Edition, packed: bytes | None) -> Task:
    """Return the task of judging evidence that is stored, or about to be."""
    seen = keeping.of_packed(packed, push.handed.student) if packed else book.evidence(push)
    return replace(_task(push, seen, edition, None), evidence=msgspec.json.encode(seen))


def _task(push: Push, seen: Evidence, edition: Edition, isolation: str | None) -> Task:
    return Task(
        handed=push.handed,
        submission=_submission(seen),
        isolation=isolation,
        edition=edition,
        secret=secret_digest(),
    )


def _submission(seen: Evidence) -> Submission:
    """Return the submission from which evidence was taken, its sources read as they are read today."""
    return Submission(
        name=seen.submission,
        digest=seen.digest,
        sources=seen.files,
        observations=seen.observations,
        observations_problem=seen.observations_problem,
        findings=findings(source for source in seen.files if source.name != HANDED_OUT),
    )
