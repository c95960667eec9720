"""Everything that stands behind one verdict: the checks, the runs that they looked at, decisions, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from grader.course.gradebook import NotInGradebook
from grader.course.nouns import Mark, Override, Past, Standing
from grader.judge import examining
from grader.judge.checking import CRITERION
from grader.judge.record import Record
from grader.values import Criterion, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.gradebook import Gradebook


class Looked(Struct, frozen=True):
    """One check on one view of the evidence: what it expects, which runs it looked at, and what it found.

    ``view`` is ``own``, or ``followed`` where the reference stood in for what failed before.
    """

    name: str
    expects: str
    needs: tuple[str, ...]
    view: Literal["own", "followed"]
    runs: tuple[str, ...]
    found: Literal["passed", "failed", "unseen", "broken"]
    seen: str = ""


class Explanation(Struct, frozen=True):
    """A verdict, and all that stands behind it; ``history`` are the earlier verdicts, oldest first."""

    standing: Standing
    criterion: Criterion
    mark: Mark
    checks: tuple[Looked, ...]
    evidence: Evidence
    overrides: tuple[Override, ...]
    history: tuple[tuple[Past, Mark], ...]

    def runs(self, *, all_of: bool = True) -> tuple[str, ...]:
        """Return the names of the runs on which the verdict rests, in the order in which they were made.

        Without ``all_of`` those that only checks have looked at which found nothing wrong are left out, if any did.
        """
        telling = [check for check in self.checks if check.found != "passed"]
        used = {name for check in (self.checks if all_of else telling or self.checks) for name in check.runs}
        return tuple(dict.fromkeys(run.name for run in self.evidence.runs if run.name in used))


def explain(book: Gradebook, student: str, criterion: str) -> Explanation:
    """Return what stands behind a student's verdict; NotInGradebook names what there is instead."""
    standing = book.standing(student)
    push = next((push for push in book.pushes(student) if push.handed == standing.handed), None)
    if push is None:
        raise NotInGradebook(f"nothing of {student}'s was graded yet")
    report = book.report(push)
    judged = {c.key: c for c in report.criteria}
    if criterion not in judged:
        raise NotInGradebook(f"there is no criterion {criterion!r}; there are: {', '.join(judged)}")
    evidence = book.evidence(push)
    return Explanation(
        standing=standing,
        criterion=judged[criterion],
        mark=next(mark for mark in standing.marks if mark.key == criterion),
        checks=tuple(look(evidence, criterion)),
        evidence=evidence,
        overrides=tuple(made for made in book.overrides(student) if made.criterion in {criterion, ""}),
        history=tuple(book.verdicts(student, criterion)),
    )


def look(evidence: Evidence, criterion: str) -> Iterator[Looked]:
    """Call the checks of a criterion on evidence, and yield what each looked at and found."""
    seen = examining.views(evidence)
    for module in examining.modules():
        for name, check in examining.checks_of(module):
            if getattr(check, CRITERION) == criterion:
                place = f"{module.__name__.rpartition('.')[2]}.{name}"
                yield from (_look(place, check, record) for record in examining.views_for(check, seen))


def _look(name: str, check: examining.Check, record: Record) -> Looked:
    result, fault = examining.examine(check, record)
    return Looked(
        name=name,
        expects=result.expected,
        needs=result.needs,
        view="followed" if record.followed else "own",
        runs=tuple(dict.fromkeys(run.name for run in record.looked_at)),
        found=result.outcome,
        seen=fault.strip().rpartition("\n")[2] or result.seen,
    )
