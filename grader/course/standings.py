"""Where students stand: pushes, decisions and the policy for late work, put together. No database, only values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from grader.course import late
from grader.course.nouns import Mark, Override, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from grader.course.nouns import LatePolicy, Push, Student
    from grader.values import GradeReport

TOTAL = ""
"""The criterion of a decision on all points together."""


class Decisions(Struct, frozen=True):
    """What people decided for one student: the newest override of each criterion, and a later date."""

    overrides: dict[str, Override]
    extension: datetime | None = None

    def of(self, criterion: str) -> Override | None:
        """Return the override that is in force, None where there is none or it was taken back."""
        override = self.overrides.get(criterion)
        return override if override is not None and override.points is not None else None


NO_DECISIONS = Decisions({})


def counting_push(pushes: Sequence[Push], policy: LatePolicy | None, decisions: Decisions) -> Push:
    """Return the push that counts, of one or more in the order of their arrival.

    It is the last one that was accepted: who pushes once more after the last date loses nothing by that. Where none was
    accepted, it is the last one, and gives nothing.
    """
    accepted = [p for p in pushes if late.lateness(policy, p.handed.pushed_at, decisions.extension).accepted]
    return (accepted or pushes)[-1]


def standing(  # noqa: PLR0913  # what a standing is made of
    student: Student,
    push: Push | None,
    marks: Sequence[Mark],
    *,
    policy: LatePolicy | None,
    decisions: Decisions,
    pushes: int,
) -> Standing:
    """Return where a student stands with the push that counts and what the grader gave for it."""
    total = decisions.of(TOTAL)
    if push is None:
        missing = Standing(student, "missing", total=total, score=total.points if total else None)
        return replace(missing, status="graded") if total else missing
    standing = Standing(
        student=student,
        status="withheld",
        handed=push.handed,
        marks=tuple(replace(mark, override=decisions.of(mark.key)) for mark in marks),
        max_score=push.max_score,
        lateness=late.lateness(policy, push.handed.pushed_at, decisions.extension),
        total=total,
        flags=push.flags,
        pushes=pushes,
    )
    return _summed(standing)


def judged_anew(standing: Standing, report: GradeReport) -> Standing:
    """Return where a student would stand with another report on the same push: what people decided stays on top."""
    decided = {mark.key: mark.override for mark in standing.marks}
    marks = (Mark(c.key, c.outcome, c.points, c.max_points, decided.get(c.key)) for c in report.criteria)
    flags = tuple(flag.key for flag in report.flags)
    return _summed(replace(standing, marks=tuple(marks), max_score=report.max_score, flags=flags))


def _summed(standing: Standing) -> Standing:
    """Return a standing with its sums; what broke here is the grader's fault, and withheld until a person decides."""
    if not standing.total and any(mark.outcome == "broken" and mark.override is None for mark in standing.marks):
        return replace(standing, status="withheld", earned=None, score=None)
    earned = sum(mark.points for mark in standing.marks)
    late_too = late.after(earned, standing.lateness) if standing.lateness else earned
    score = standing.total.points if standing.total else late_too
    return replace(standing, status="graded", earned=earned, score=score)
