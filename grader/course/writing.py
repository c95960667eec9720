"""Writes rows of the gradebook inside a transaction that is open; what is there already is found, not made again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from grader.course import keeping
from grader.course.nouns import Student
from grader.course.tables import (
    Base,
    CriterionRow,
    EvidenceRow,
    GradeRow,
    LatePolicyRow,
    OverrideRow,
    StudentRow,
    SubmissionRow,
)
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from grader.course.nouns import Edition, Handed, LatePolicy, Override, Push
    from grader.values import Criterion, Evidence, GradeReport

_Row = TypeVar("_Row", bound=Base)


def enroll(session: Session, students: Iterable[Student]) -> None:
    """Write the members of the class; everybody else is a member no more."""
    session.execute(update(StudentRow).values(enrolled=False))
    for student in students:
        row = _found_or_made(session, _student(student.key), _student_row(student))
        row.about, row.enrolled = _about(student), True


def admit(session: Session, keys: Iterable[str]) -> None:
    """Make these members of the class, as far as they are not known."""
    for key in keys:
        _found_or_made(session, _student(key), _student_row(Student(key=key)))


def record(session: Session, handed: Handed, edition: Edition, evidence: Evidence, report: GradeReport) -> GradeRow:
    """Write a push, its evidence and its grade, as far as they are not there."""
    seen = EvidenceRow(
        digest=evidence.digest,
        plan=edition.plan,
        version=edition.version,
        encoding=keeping.ENCODING,
        content=keeping.packed(evidence),
        taken_at=_now(),
    )
    found = _found_or_made(session, _evidence(evidence.digest, edition), seen)
    return add_grade(session, _submission(session, handed), found.id, edition, report)


def add_grade_of(session: Session, push: Push, edition: Edition, report: GradeReport) -> None:
    """Write what an edition gives for a push that is here, on the evidence that it has."""
    submission = session.scalars(
        select(SubmissionRow)
        .join(GradeRow, GradeRow.submission_id == SubmissionRow.id)
        .where(GradeRow.id == push.grade)
    ).one()
    add_grade(session, submission, push.evidence, edition, report)


def add_grade(
    session: Session, submission: SubmissionRow, evidence_id: int, edition: Edition, report: GradeReport
) -> GradeRow:
    """Write what an edition gives for evidence, or return what it gave before."""
    row = GradeRow(
        submission_id=submission.id,
        evidence_id=evidence_id,
        version=edition.version,
        checks=edition.checks,
        rubric=edition.rubric,
        status=report.status,
        score=report.score,
        max_score=report.max_score,
        flags=json.dumps([flag.key for flag in report.flags]),
        report=keeping.report_text(report, submission.student.key),
        graded_at=_now(),
        criteria=[_criterion(place, criterion) for place, criterion in enumerate(report.criteria)],
    )
    query = select(GradeRow).where(
        GradeRow.submission_id == submission.id, GradeRow.evidence_id == evidence_id, *GradeRow.judged_by(edition)
    )
    return _found_or_made(session, query, row)


def override_row(student_id: int, made: Override) -> OverrideRow:
    """Return a decision as a row."""
    columns = {name: getattr(made, name) for name in ("criterion", "points", "reason", "digest", "who", "at")}
    return OverrideRow(student_id=student_id, **columns)


def policy_row(policy: LatePolicy, who: str, at: datetime) -> LatePolicyRow:
    """Return a policy as a row, its durations in seconds."""
    return LatePolicyRow(
        due=policy.due,
        grace=int(policy.grace.total_seconds()),
        percent_per_day=policy.percent_per_day,
        cut_off=None if policy.cut_off is None else int(policy.cut_off.total_seconds()),
        who=who,
        at=at,
    )


def _submission(session: Session, handed: Handed) -> SubmissionRow:
    student = Student(key=handed.student)
    student_id = _found_or_made(session, _student(handed.student), _student_row(student)).id
    query = select(SubmissionRow).where(
        SubmissionRow.student_id == student_id,
        SubmissionRow.commit_hash == handed.commit,
        SubmissionRow.digest == handed.digest,
    )
    made = SubmissionRow(
        student_id=student_id,
        commit_hash=handed.commit,
        digest=handed.digest,
        pushed_at=handed.pushed_at,
        folder=visible(handed.folder, 4096),
        noted_at=_now(),
    )
    row = _found_or_made(session, query, made)
    row.pushed_at = row.pushed_at or handed.pushed_at  # a time that became known later; one that is known stays
    return row


def _student(key: str) -> Select[StudentRow]:
    return select(StudentRow).where(StudentRow.key == key)


def _student_row(student: Student) -> StudentRow:
    return StudentRow(key=student.key, about=_about(student), enrolled=True)


def _about(student: Student) -> str:
    return json.dumps(msgspec.to_builtins(student))


def _evidence(digest: str, edition: Edition) -> Select[EvidenceRow]:
    return select(EvidenceRow).where(*EvidenceRow.taken_by(digest, edition))


def _criterion(place: int, criterion: Criterion) -> CriterionRow:
    return CriterionRow(
        place=place,
        key=criterion.key,
        outcome=criterion.outcome,
        points=criterion.points,
        max_points=criterion.max_points,
        seen=visible(criterion.seen),
    )


def _found_or_made(session: Session, query: Select[_Row], made: _Row) -> _Row:
    """Return the row that a query finds, or ``made`` once it is written: also where somebody else is quicker."""
    found = session.scalar(query)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return session.scalars(query).one()
    return made


def _now() -> datetime:
    return datetime.now(UTC)
