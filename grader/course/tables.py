"""The gradebook's tables. What was decided or judged is never changed: the newest row of its kind counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, ForeignKey, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from grader.course.nouns import Status
from grader.values import OutcomeName

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Dialect

    from grader.course.nouns import Edition

VERSION = "0001"
"""The newest of the versions in ``migrations/versions``."""

# Names of our own for every constraint, the same on every database: a migration can only change what it can name.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A point in time: given with its zone, stored and given back in UTC, on databases without zones as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # as SQLAlchemy calls it
        """Turn a time into UTC; ValueError where nobody knows when it is."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # as SQLAlchemy calls it
        """Give a time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: Moment, str: String(500)}  # noqa: RUF012  # SQLAlchemy's own way of saying it


class StudentRow(Base):
    """A member of the class; ``enrolled`` is false for who is on the roster no more."""

    __tablename__ = "students"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    about: Mapped[str] = mapped_column(Text)
    enrolled: Mapped[bool]


class SubmissionRow(Base):
    """A push of a student's."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("student_id", "commit_hash", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    commit_hash: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    pushed_at: Mapped[datetime | None]
    folder: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    student: Mapped[StudentRow] = relationship()


class EvidenceRow(Base):
    """What was seen of a digest under a plan; whoever handed in the same files shares it."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("digest", "plan", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    plan: Mapped[str]
    version: Mapped[str]
    encoding: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    taken_at: Mapped[datetime]

    @classmethod
    def taken_by(cls, digest: str, edition: Edition) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that evidence is of these files, and what this edition would take today."""
        return cls.digest == digest, cls.plan == edition.plan, cls.version == edition.version


class GradeRow(Base):
    """What evidence was worth for a submission in one edition of the grader."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("submission_id", "evidence_id", "version", "checks", "rubric"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    version: Mapped[str]
    checks: Mapped[str]
    rubric: Mapped[str]
    status: Mapped[Status] = mapped_column(String(500))
    score: Mapped[int]
    max_score: Mapped[int]
    flags: Mapped[str] = mapped_column(Text)
    report: Mapped[str] = mapped_column(Text, deferred=True)
    graded_at: Mapped[datetime]
    submission: Mapped[SubmissionRow] = relationship()
    evidence: Mapped[EvidenceRow] = relationship()
    criteria: Mapped[list[CriterionRow]] = relationship(order_by="CriterionRow.place")

    @classmethod
    def judged_by(cls, edition: Edition) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a grade was given by the judge of this edition."""
        return cls.version == edition.version, cls.checks == edition.checks, cls.rubric == edition.rubric


class CriterionRow(Base):
    """One line of a grade; ``place`` keeps the rubric's order."""

    __tablename__ = "criteria"

    grade_id: Mapped[int] = mapped_column(ForeignKey("grades.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[OutcomeName] = mapped_column(String(500))
    points: Mapped[int]
    max_points: Mapped[int]
    seen: Mapped[str] = mapped_column(Text)


class OverrideRow(Base):
    """A person's decision; an empty ``criterion`` is about the total, and points of NULL take a decision back."""

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    criterion: Mapped[str]
    points: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    digest: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]
    student: Mapped[StudentRow] = relationship()


class LatePolicyRow(Base):
    """The policy for late work from ``at`` on; durations are in seconds."""

    __tablename__ = "late_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[datetime]
    grace: Mapped[int]
    percent_per_day: Mapped[int]
    cut_off: Mapped[int | None]
    who: Mapped[str]
    at: Mapped[datetime]


class ExtensionRow(Base):
    """A later date for one student; NULL takes it back."""

    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("students.id"), index=True)
    due: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    who: Mapped[str]
    at: Mapped[datetime]
    student: Mapped[StudentRow] = relationship()


class AuditRow(Base):
    """Who did what and when; the database itself refuses to change or remove a line."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    action: Mapped[str]
    student: Mapped[str]
    details: Mapped[str] = mapped_column(Text)
