"""Everything that stands behind one verdict: the checks, the runs that they looked at, decisions, and its history."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from grader.course.gradebook import NotInGradebook
from grader.course.nouns import Mark, Override, Past, Standing
from grader.judge import checks
from grader.judge.checking import CRITERION, NEEDS
from grader.judge.expect import Unseen, Verdict
from grader.judge.record import Record, has_followed
from grader.values import Criterion, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.course.gradebook import Gradebook

_PREFIX = "check_"
_ABOUT_THE_MODEL = "model."  # the reference's model says nothing about the student's: these see their own runs only


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

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of the runs on which the verdict rests, in the order in which they were made."""
        used = {name for check in self.checks for name in check.runs}
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
    """Run the checks of a criterion on evidence, and yield what each looked at and found."""
    views = (False, True) if has_followed(evidence) and not criterion.startswith(_ABOUT_THE_MODEL) else (False,)
    for name, function in _checks_of(criterion):
        for followed in views:
            yield _look(name, function, Record(evidence, followed=followed))


def _look(name: str, function: Callable[[Record], None], record: Record) -> Looked:
    found: Literal["passed", "failed", "unseen", "broken"] = "passed"
    expects, seen = " ".join((function.__doc__ or "").split()), ""
    try:
        function(record)
    except Verdict as verdict:
        found = "unseen" if isinstance(verdict, Unseen) else "failed"
        expects, seen = verdict.expected or expects, verdict.seen
    except Exception as error:  # noqa: BLE001  # a fault of the check's own, which is what one asks about
        found, seen = "broken", repr(error)
    return Looked(
        name=name,
        expects=expects,
        needs=getattr(function, NEEDS),
        view="followed" if record.followed else "own",
        runs=tuple(dict.fromkeys(run.name for run in record.looked_at)),
        found=found,
        seen=seen,
    )


def _checks_of(criterion: str) -> Iterator[tuple[str, Callable[[Record], None]]]:
    """Yield the checks of a criterion with their names, in the order in which they stand."""
    for module in pkgutil.iter_modules(checks.__path__):
        if module.name.startswith(_PREFIX):
            content = vars(importlib.import_module(f"{checks.__name__}.{module.name}"))
            for name, function in content.items():
                if name.startswith(_PREFIX) and getattr(function, CRITERION, None) == criterion:
                    yield f"{module.name}.{name}", function
