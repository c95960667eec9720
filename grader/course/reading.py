"""Reads the gradebook inside a transaction that is open, and turns rows into the nouns of a class."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import func, select

from grader.course import keeping
from grader.course.nouns import Edition, Handed, LatePolicy, Mark, Override, Past, Push, Student
from grader.course.standings import NO_DECISIONS, Decisions, counting_push, standing
from grader.course.tables import (
    CriterionRow,
    EvidenceRow,
    ExtensionRow,
    GradeRow,
    LatePolicyRow,
    OverrideRow,
    StudentRow,
    SubmissionRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from grader.course.nouns import Standing
    from grader.values import Evidence, GradeReport

_Query = TypeVar("_Query", bound="Select[*tuple[Any, ...]]")
AT_ONCE = 500
"""How many grades are named in one question: every database takes so many parameters."""

_GRADES = (
    select(StudentRow.key, SubmissionRow, GradeRow, EvidenceRow.plan)
    .join(SubmissionRow, GradeRow.submission)
    .join(StudentRow, SubmissionRow.student)
    .join(EvidenceRow, GradeRow.evidence)
)


def student_id(session: Session, key: str) -> int | None:
    """Return the number of a student, None where there is no such key."""
    return session.scalar(select(StudentRow.id).where(StudentRow.key == key))


def keys(session: Session) -> list[str]:
    """Return the keys of all students, sorted."""
    return sorted(session.scalars(select(StudentRow.key)))


def done(session: Session, edition: Edition, students: Sequence[str] = ()) -> frozenset[tuple[str, str, str]]:
    """Return what an edition has graded of these students, or of all: student, commit and digest of each push."""
    query = select(StudentRow.key, SubmissionRow.commit_hash, SubmissionRow.digest)
    query = query.join(SubmissionRow, SubmissionRow.student_id == StudentRow.id)
    query = query.join(GradeRow, GradeRow.submission_id == SubmissionRow.id)
    query = query.join(EvidenceRow, GradeRow.evidence_id == EvidenceRow.id)
    query = query.where(EvidenceRow.plan == edition.plan, *GradeRow.judged_by(edition))
    return frozenset((key, commit, digest) for key, commit, digest in session.execute(_of(query, students)))


def pushes(session: Session, students: Sequence[str] = ()) -> Iterator[Push]:
    """Yield the graded pushes of these students, or of all, each with its newest grade, in the order of arrival."""
    newest = select(func.max(GradeRow.id)).group_by(GradeRow.submission_id)
    query = _of(_GRADES.where(GradeRow.id.in_(newest)), students)
    arrival = func.coalesce(SubmissionRow.pushed_at, SubmissionRow.noted_at)
    for key, submission, grade, plan in session.execute(query.order_by(arrival, SubmissionRow.id)):
        yield Push(
            _handed(key, submission),
            _edition(grade, plan),
            grade.id,
            grade.evidence_id,
            grade.status,
            grade.score,
            grade.max_score,
            tuple(json.loads(grade.flags)),
        )


def standings(session: Session, students: Sequence[str] = ()) -> Iterator[Standing]:
    """Yield where these students stand, or all, sorted by key."""
    late_policy, decided = policy(session), decisions(session, students)
    arrived: dict[str, list[Push]] = defaultdict(list)
    for made in pushes(session, students):
        arrived[made.handed.student].append(made)
    counts = {key: counting_push(all_of, late_policy, decided[key]) for key, all_of in arrived.items()}
    given = marks(session, [push.grade for push in counts.values()])
    rows = session.scalars(_of(select(StudentRow), students))
    for row in sorted(rows, key=lambda row: row.key):
        push = counts.get(row.key)
        if row.enrolled or push or decided[row.key] is not NO_DECISIONS:
            yield standing(
                _student(row),
                push,
                given[push.grade] if push else [],
                policy=late_policy,
                decisions=decided[row.key],
                pushes=len(arrived[row.key]),
            )


def policy(session: Session) -> LatePolicy | None:
    """Return the policy for late work that is in force."""
    row = session.scalar(select(LatePolicyRow).order_by(LatePolicyRow.id.desc()).limit(1))
    if row is None:
        return None
    cut_off = None if row.cut_off is None else timedelta(seconds=row.cut_off)
    return LatePolicy(row.due, timedelta(seconds=row.grace), row.percent_per_day, cut_off)


def decisions(session: Session, students: Sequence[str] = ()) -> dict[str, Decisions]:
    """Return what was decided for these students, or for all, by key; the newest decision of a kind counts."""
    found: dict[str, Decisions] = defaultdict(lambda: NO_DECISIONS)
    for made in overrides(session, students):
        before = found[made.student]
        found[made.student] = Decisions({**before.overrides, made.criterion: made}, before.extension)
    query = _of(select(StudentRow.key, ExtensionRow.due).join(StudentRow, ExtensionRow.student), students)
    for key, due in session.execute(query.order_by(ExtensionRow.id)):
        found[key] = Decisions(found[key].overrides, due)
    return found


def overrides(session: Session, students: Sequence[str] = ()) -> Iterator[Override]:
    """Yield every decision on points, oldest first."""
    query = _of(select(StudentRow.key, OverrideRow).join(StudentRow, OverrideRow.student), students)
    for key, row in session.execute(query.order_by(OverrideRow.id)):
        yield Override(key, row.criterion, row.points, row.reason, row.who, row.at, row.digest)


def report(session: Session, grade: int) -> GradeReport:
    """Return the whole report of a grade."""
    return keeping.report_of(session.scalars(select(GradeRow.report).where(GradeRow.id == grade)).one())


def evidence(session: Session, push: Push) -> Evidence:
    """Return the evidence of a push's newest grade."""
    query = select(EvidenceRow).join(GradeRow, GradeRow.evidence_id == EvidenceRow.id).where(GradeRow.id == push.grade)
    return keeping.unpacked(session.scalars(query).one(), push.handed.student)


def evidence_of(session: Session, handed: Handed, edition: Edition) -> Evidence | None:
    """Return the evidence of the files that were handed in, where somebody else has handed in the very same ones."""
    query = select(EvidenceRow).where(*EvidenceRow.taken_by(handed.digest, edition))
    row = session.scalar(query)
    return keeping.unpacked(row, handed.student) if row is not None else None


def history(session: Session, student: str) -> Iterator[Past]:
    """Yield every grade that a student was given, oldest first."""
    for key, submission, grade, plan in session.execute(_of(_GRADES, [student]).order_by(GradeRow.id)):
        yield Past(
            _handed(key, submission),
            _edition(grade, plan),
            grade.id,
            grade.status,
            grade.score,
            grade.max_score,
            grade.graded_at,
        )


def verdicts(session: Session, student: str, criterion: str) -> Iterator[tuple[Past, Mark]]:
    """Yield what each of a student's grades says of a criterion, oldest first; those that lack it are left out."""
    grades = list(history(session, student))
    given = marks(session, [past.grade for past in grades])
    for past in grades:
        yield from ((past, mark) for mark in given[past.grade] if mark.key == criterion)


def marks(session: Session, grades: Sequence[int]) -> dict[int, list[Mark]]:
    """Return the criteria of these grades, in the rubric's order, as the grader gave them."""
    found: dict[int, list[Mark]] = defaultdict(list)
    for start in range(0, len(grades), AT_ONCE):
        columns = (CriterionRow.key, CriterionRow.outcome, CriterionRow.points, CriterionRow.max_points)
        query = select(CriterionRow.grade_id, *columns).where(
            CriterionRow.grade_id.in_(grades[start : start + AT_ONCE])
        )
        for grade, key, outcome, points, most in session.execute(query.order_by(CriterionRow.place)):
            found[grade].append(Mark(key, outcome, points, most))
    return found


def _of(query: _Query, students: Sequence[str]) -> _Query:
    """Narrow a question to some students, where any are named."""
    return query.where(StudentRow.key.in_(students)) if students else query


def _student(row: StudentRow) -> Student:
    return msgspec.convert(json.loads(row.about), Student)


def _handed(key: str, row: SubmissionRow) -> Handed:
    return Handed(key, row.digest, row.commit_hash, row.pushed_at, row.folder)


def _edition(row: GradeRow, plan: str) -> Edition:
    return Edition(row.version, row.checks, row.rubric, plan)
