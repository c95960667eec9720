"""Judges stored evidence again, without running any student's code, and says what that changes before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.content import rubric
from grader.course import keeping, standings
from grader.course.nouns import Edition, Push
from grader.course.work import Worked
from grader.judge.examining import examine_all
from grader.judge.grade import grade
from grader.values import Criterion, Evidence, GradeReport

if TYPE_CHECKING:
    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Standing

Observe = Callable[[Sequence[Push]], Iterable[tuple[list[Push], Worked]]]
"""Observes the files of pushes again, and gives what came of it with those that share them."""


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

    ``judged`` are the new reports, unchanged ones included, by push, and ``observed`` those that rest on new evidence,
    which is beside them as the gradebook keeps it. ``observe_again`` are the pushes whose evidence was taken with
    another plan: judging it would answer today's questions with yesterday's calls. ``current`` counts those that this
    edition has graded already, ``reworded`` are the pushes that count and whose report says anything else than before,
    and ``faults`` are tracebacks of the grader's own failures.
    """

    edition: Edition
    judged: tuple[tuple[Push, GradeReport], ...]
    differences: tuple[Difference, ...]
    observe_again: tuple[Push, ...]
    current: int
    faults: tuple[str, ...] = ()
    observed: tuple[tuple[Push, GradeReport, bytes], ...] = ()
    reworded: tuple[Push, ...] = ()


def regrade(
    book: Gradebook,
    edition: Edition,
    *,
    progress: Callable[[Push], None] = lambda _: None,
    observe: Observe | None = None,
) -> Regrade:
    """Judge all evidence that another edition has judged; nothing is written. ``progress`` is told of each push.

    What would be observed otherwise today is left alone, or given to ``observe``.
    """
    pushes = book.pushes()
    old = [push for push in pushes if push.edition != edition]
    stale = [push for push in old if push.edition.plan != edition.plan]
    comparing = _Comparing(book, progress)
    for same, report, faults in _judged(book, (push for push in old if push.edition.plan == edition.plan)):
        comparing.faults += faults
        comparing.judged += comparing.compare(same, report)
    for same, worked in observe(stale) if observe else ():
        comparing.faults += [worked.problem] if worked.problem else []
        if worked.report:
            seen = keeping.packed(msgspec.json.decode(worked.evidence, type=Evidence))
            reports = comparing.compare(same, msgspec.json.decode(worked.report, type=GradeReport))
            comparing.observed += [(push, report, seen) for push, report in reports]
    return comparing.result(edition, stale, len(pushes) - len(old))


class _Comparing:
    """Gathers new reports, and in what they differ from the stored ones."""

    def __init__(self, book: Gradebook, progress: Callable[[Push], None]) -> None:
        self._book = book
        self._progress = progress
        self._counting = {standing.handed: standing for standing in book.standings() if standing.handed}
        self._differences: list[Difference] = []
        self._reworded: list[Push] = []
        self.judged: list[tuple[Push, GradeReport]] = []
        self.observed: list[tuple[Push, GradeReport, bytes]] = []
        self.faults: list[str] = []

    def compare(self, same: Sequence[Push], report: GradeReport) -> Iterator[tuple[Push, GradeReport]]:
        """Yield each push with its new report, in which its student is named."""
        for push in same:
            after, before = replace(report, submission=push.handed.student), self._book.report(push)
            standing = self._counting.get(push.handed)
            if standing is not None and before != after:
                self._reworded.append(push)
            if difference := _difference(push, before, after, standing):
                self._differences.append(difference)
            self._progress(push)
            yield push, after

    def result(self, edition: Edition, stale: Iterable[Push], current: int) -> Regrade:
        observed = {push.grade for push, _, _ in self.observed}
        return Regrade(
            edition=edition,
            judged=tuple(self.judged),
            differences=tuple(self._differences),
            observe_again=tuple(push for push in stale if push.grade not in observed),
            current=current,
            faults=tuple(self.faults),
            observed=tuple(self.observed),
            reworded=tuple(self._reworded),
        )


def write(book: Gradebook, result: Regrade) -> None:
    """Write the new grades beside the old ones, which stay as history; overrides stay in force on top."""
    book.add_grades(result.edition, result.judged)
    for push, report, seen in result.observed:
        book.record(push.handed, result.edition, keeping.of_packed(seen, push.handed.student), report)
    gained = [d.push.handed.student for d in result.differences if (d.after or 0) > (d.before or 0)]
    lost = [d.push.handed.student for d in result.differences if (d.after or 0) < (d.before or 0)]
    counts = {"judged": len(result.judged), "observed": len(result.observed)}
    book.note("regrade", **counts, gained=gained, lost=lost, checks=result.edition.checks)


def judge(evidence: Evidence) -> tuple[GradeReport, tuple[str, ...]]:
    """Judge a piece of evidence; return the report, and tracebacks where the grader itself failed."""
    results, faults = examine_all(evidence)
    return grade(evidence, results, rubric()), faults


def _judged(book: Gradebook, pushes: Iterable[Push]) -> Iterator[tuple[list[Push], GradeReport, tuple[str, ...]]]:
    """Yield the pushes that share a piece of evidence with their new report: it is judged once.

    One process does it all: handing evidence to another one costs what judging it does.
    """
    sharing: dict[int, list[Push]] = {}
    for push in pushes:
        sharing.setdefault(push.evidence, []).append(push)
    for same in sharing.values():
        yield same, *judge(book.evidence(same[0]))


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
