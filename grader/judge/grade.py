"""From results to a grade: causes, points and sums, nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.judge.advice import advice
from grader.judge.flags import flags
from grader.judge.record import drawn_inputs, wants_more
from grader.values import CheckResult, Concept, Criterion, GradeReport, GraderInfo, OutcomeName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.judge.rubric import Rubric, RubricCriterion
    from grader.values import Evidence

_GRAVEST_FIRST = ("broken", "failed", "unseen", "passed")
AS_EXPECTED = "as expected"
STOOD_IN = " (judged with the reference in place of the part that failed)"


def grade(evidence: Evidence, results: Sequence[CheckResult], rubric: Rubric) -> GradeReport:
    """Return the grade; a criterion that no check has judged counts as broken, never as a zero."""
    alone = any(wants_more(run) for run in evidence.runs)
    verdicts = {c.key: _verdict(c.key, results, alone=alone) for c in rubric.criteria}
    hidden = drawn_inputs(evidence)
    criteria = tuple(_criterion(c, verdicts, hidden) for c in rubric.criteria)
    withheld = any(criterion.outcome == "broken" for criterion in criteria)
    return GradeReport(
        submission=evidence.submission,
        digest=evidence.digest,
        status="withheld" if withheld else "graded",
        score=sum(criterion.points for criterion in criteria),
        max_score=rubric.max_score,
        concepts={concept.key: _sum(c for c in criteria if c.concept == concept.key) for concept in rubric.concepts},
        criteria=criteria,
        advice=advice(evidence, rubric),
        flags=flags(evidence),
        grader=GraderInfo(
            version=evidence.surroundings.grader,
            python=evidence.surroundings.python,
            sqlalchemy=evidence.surroundings.sqlalchemy,
            isolation=evidence.surroundings.isolation,
        ),
    )


def _verdict(key: str, results: Sequence[CheckResult], *, alone: bool) -> CheckResult:
    """Return what all checks of a criterion say together: the gravest, on the view that judges it best.

    A script that works with its own model ``alone`` is blocked by what is wrong with that, where it needs it.
    """
    own = _gravest([r for r in results if r.key == key and not r.followed])
    followed = [r for r in results if r.key == key and r.followed]
    if own is None:
        return CheckResult(key, "broken", seen="no check judges this criterion")
    if not followed or own.outcome in {"passed", "broken"}:
        return own
    other = _gravest(followed)
    if alone and other is not None and other.outcome != "passed":
        return replace(own, outcome="unseen")
    if other is None or other.outcome == "unseen" or (other.outcome == "failed" and other.share < own.share):
        return own
    return other  # it speaks of what is left when the part that failed is replaced: no worse, and clearer


def _gravest(results: Iterable[CheckResult]) -> CheckResult | None:
    return min(results, key=lambda result: _GRAVEST_FIRST.index(result.outcome), default=None)


def _criterion(about: RubricCriterion, verdicts: dict[str, CheckResult], hidden: set[str]) -> Criterion:
    verdict = verdicts[about.key]
    cause = _cause(verdict, verdicts)
    outcome: OutcomeName = "failed" if verdict.outcome == "unseen" else verdict.outcome
    if verdict.outcome == "unseen" and cause is not None:
        outcome = "blocked"
    passed = outcome == "passed"
    return Criterion(
        key=about.key,
        concept=about.concept,
        title=about.title,
        outcome=outcome,
        points=about.points if passed else int(about.points * verdict.share),
        max_points=about.points,
        expected=about.title if passed else verdict.expected,
        seen=(AS_EXPECTED + (STOOD_IN if verdict.followed else "")) if passed else _discreet(verdict.seen, hidden),
        hint="" if passed or outcome == "broken" else about.hint,
        cause=cause if outcome == "blocked" else None,
        where=None if passed else verdict.where,
    )


def _discreet(seen: str, hidden: set[str]) -> str:
    """Return what was seen with no more than one hidden input: a student's exception may name all that it was given."""
    words = "|".join(re.escape(each) for each in sorted(hidden, key=len, reverse=True))
    found = re.compile(rf"(?<![\w.])(?:{words})(?!\w)")
    kept = found.search(seen)
    return found.sub(lambda each: each.group() if kept and each.group() == kept.group() else "…", seen)


def _cause(verdict: CheckResult, verdicts: dict[str, CheckResult]) -> str | None:
    """Return the first needed criterion that was not met, and of several in a row the one that began it."""
    for key in verdict.needs:
        needed = verdicts.get(key)
        if needed is not None and needed.outcome != "passed":
            return (_cause(needed, verdicts) if needed.outcome == "unseen" else None) or key
    return None


def _sum(criteria: Iterable[Criterion]) -> Concept:
    listed = list(criteria)
    return Concept(sum(c.points for c in listed), sum(c.max_points for c in listed))
