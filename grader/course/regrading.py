"""Judges stored evidence again, without running any student's code, and says what that changes before it is written."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from grader import flow
from grader.course import standings
from grader.course.nouns import Edition, Push
from grader.values import Criterion, Evidence, GradeReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Standing

CHUNK = 8
"""How much evidence a process is handed at a time: enough that handing it over costs nothing beside judging it."""


class Shift(Struct, frozen=True):
    """A criterion that would get other points or another outcome; None where it is new, or no longer there."""

    key: str
    before: Criterion | None
    after: Criterion | None


class Difference(Struct, frozen=True):
    """A push whose grade would change.

    ``before`` and ``after`` are the grader's own sums, None where withheld. ``counts_before`` and ``counts_after`` are
    the student's score with overrides and lateness, if this push ``counts``.
    """

    push: Push
    before: int | None
    after: int | None
    shifts: tuple[Shift, ...]
    counts: bool
    counts_before: int | None = None
    counts_after: int | None = None


class Regrade(Struct, frozen=True):
    """What judging again comes to.

    ``judged`` are the new reports, unchanged ones included, by push. ``observe_again`` are the pushes whose evidence
    was taken with another plan: judging it would answer today's questions with yesterday's calls. ``current`` counts
    those that this edition has graded already, and ``faults`` are tracebacks of the grader's own failures.
    """

    edition: Edition
    judged: tuple[tuple[Push, GradeReport], ...]
    differences: tuple[Difference, ...]
    observe_again: tuple[Push, ...]
    current: int
    faults: tuple[str, ...] = ()


def regrade(
    book: Gradebook, edition: Edition, jobs: int = 1, progress: Callable[[Push], None] = lambda _: None
) -> Regrade:
    """Judge all evidence that another edition has judged; nothing is written. ``progress`` is told of each push."""
    pushes = book.pushes()
    old = [push for push in pushes if push.edition != edition]
    stale = tuple(push for push in old if push.edition.plan != edition.plan)
    counting = {standing.handed: standing for standing in book.standings() if standing.handed}
    judged: list[tuple[Push, GradeReport]] = []
    differences: list[Difference] = []
    faults: list[str] = []
    for same, report, wrong in _judged(book, [p for p in old if p.edition.plan == edition.plan], jobs):
        faults += wrong
        for push in same:
            judged.append((push, replace(report, submission=push.handed.student)))
            if difference := _difference(push, book.report(push), report, counting.get(push.handed)):
                differences.append(difference)
            progress(push)
    return Regrade(edition, tuple(judged), tuple(differences), stale, len(pushes) - len(old), tuple(faults))


def write(book: Gradebook, result: Regrade) -> None:
    """Write the new grades beside the old ones, which stay as history; overrides stay in force on top."""
    book.add_grades(result.edition, result.judged)
    gained = [d.push.handed.student for d in result.differences if (d.after or 0) > (d.before or 0)]
    lost = [d.push.handed.student for d in result.differences if (d.after or 0) < (d.before or 0)]
    book.note("regrade", judged=len(result.judged), gained=gained, lost=lost, checks=result.edition.checks)


def judge(evidence: Evidence) -> tuple[GradeReport, tuple[str, ...]]:
    """Judge a piece of evidence; return the report, and tracebacks where the grader itself failed."""
    graded = flow.judged(evidence)
    return graded.report, graded.faults


def _judged(
    book: Gradebook, pushes: Sequence[Push], jobs: int
) -> Iterator[tuple[list[Push], GradeReport, tuple[str, ...]]]:
    """Yield the pushes that share a piece of evidence with their new report: it is judged once."""
    sharing: dict[int, list[Push]] = {}
    for push in pushes:
        sharing.setdefault(push.evidence, []).append(push)
    with _judging(jobs) as judge_all:
        found = judge_all(book.evidence(same[0]) for same in sharing.values())
        for same, (report, faults) in zip(sharing.values(), found, strict=True):
            yield same, report, faults


@contextmanager
def _judging(
    jobs: int,
) -> Iterator[Callable[[Iterable[Evidence]], Iterator[tuple[GradeReport, tuple[str, ...]]]]]:
    """Give something that judges one piece of evidence after another, here or in several processes."""
    if jobs <= 1:
        yield lambda all_of: map(judge, all_of)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield lambda all_of: _in_chunks(pool, jobs, all_of)


def _in_chunks(
    pool: ProcessPoolExecutor, jobs: int, all_of: Iterable[Evidence]
) -> Iterator[tuple[GradeReport, tuple[str, ...]]]:
    """Hand out a few chunks at a time: ``map`` alone would read all evidence of the class into memory at once."""
    waiting = iter(all_of)
    while several := [evidence for evidence, _ in zip(waiting, range(jobs * CHUNK), strict=False)]:
        yield from pool.map(judge, several)


def _difference(push: Push, before: GradeReport, after: GradeReport, standing: Standing | None) -> Difference | None:
    shifts = tuple(_shifts(before, after))
    if not shifts and before.status == after.status:
        return None
    anew = standings.judged_anew(standing, after) if standing else None
    return Difference(
        push,
        _score(before),
        _score(after),
        shifts,
        standing is not None,
        standing.score if standing else None,
        anew.score if anew else None,
    )


def _score(report: GradeReport) -> int | None:
    return report.score if report.status == "graded" else None


def _shifts(before: GradeReport, after: GradeReport) -> Iterator[Shift]:
    """Yield the criteria that differ; other words for the same verdict are no difference."""
    old, new = ({criterion.key: criterion for criterion in report.criteria} for report in (before, after))
    for key in {**old, **new}:
        shift = Shift(key, old.get(key), new.get(key))
        if _verdict(shift.before) != _verdict(shift.after):
            yield shift


def _verdict(criterion: Criterion | None) -> tuple[str, int] | None:
    return (criterion.outcome, criterion.points) if criterion else None
