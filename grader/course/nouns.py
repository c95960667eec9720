"""The nouns of a class: frozen values, as they stand in the gradebook and leave it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from grader.values import OutcomeName

Status = Literal["graded", "withheld"]


class Student(Struct, frozen=True, omit_defaults=True):
    """A member of the class. ``key`` names the student here: the GitHub login where there is one.

    ``number`` is the registrar's (``SIS User ID``, ``ID number``), ``account`` the login at the learning platform;
    ``repository`` is the one that holds the work.
    """

    key: str
    name: str = ""
    login: str = ""
    email: str = ""
    account: str = ""
    number: str = ""
    sections: tuple[str, ...] = ()
    repository: str = ""


class Handed(Struct, frozen=True, omit_defaults=True):
    """One push of a student's: the digest of the files that count, and when the server received it."""

    student: str
    digest: str
    commit: str = ""
    pushed_at: datetime | None = None
    folder: str = ""


class Edition(Struct, frozen=True):
    """What a grade depends on beside the submission: a version, and digests of checks, rubric and plan.

    ``plan`` covers the calls that are made and the secret from which their inputs are drawn.
    """

    version: str
    checks: str
    rubric: str
    plan: str


class Override(Struct, frozen=True):
    """What a person decided: the points of a criterion, or of everything where ``criterion`` is empty.

    ``points`` is None where an earlier decision was taken back. ``digest`` is the submission it was made for.
    """

    student: str
    criterion: str
    points: int | None
    reason: str
    who: str
    at: datetime
    digest: str = ""


class LatePolicy(Struct, frozen=True):
    """When the work is due, and what comes off after that.

    ``grace`` is forgiven whole. After it every started day since ``due`` takes ``percent_per_day`` of the points that
    were earned; what is pushed later than ``cut_off`` after ``due`` counts nothing (None: there is no such limit).
    """

    due: datetime
    grace: timedelta = timedelta()
    percent_per_day: int = 0
    cut_off: timedelta | None = None


class Lateness(Struct, frozen=True):
    """How late a push is, what percentage of its points that takes, and why, in a sentence."""

    late_by: timedelta
    percent: int
    reason: str
    accepted: bool = True


class Mark(Struct, frozen=True):
    """One criterion as it counts: what the grader gave, and what a person made of it."""

    key: str
    outcome: OutcomeName
    given: int
    max_points: int
    override: Override | None = None

    @property
    def points(self) -> int:
        """The points that count."""
        overridden = self.override.points if self.override else None
        return self.given if overridden is None else overridden


class Push(Struct, frozen=True):
    """A push that was graded, and what its newest grade says.

    ``grade`` and ``evidence`` number that grade, and what it rests on, in the gradebook.
    """

    handed: Handed
    edition: Edition
    grade: int
    evidence: int
    status: Status
    score: int
    max_score: int
    flags: tuple[str, ...] = ()


class Past(Struct, frozen=True):
    """A grade that a push was given at some time, and by which edition of the grader."""

    handed: Handed
    edition: Edition
    grade: int
    status: Status
    score: int
    max_score: int
    graded_at: datetime


class Standing(Struct, frozen=True):
    """Where a student stands: of all pushes the one that counts, with overrides and lateness taken into account.

    ``earned`` is the sum before lateness; ``score`` is what counts, None where the grade is withheld or missing.
    ``total`` is a person's decision on all points together, and stands above lateness as well.
    """

    student: Student
    status: Literal["graded", "withheld", "missing"]
    handed: Handed | None = None
    marks: tuple[Mark, ...] = ()
    earned: int | None = None
    max_score: int = 0
    lateness: Lateness | None = None
    total: Override | None = None
    score: int | None = None
    flags: tuple[str, ...] = ()
    pushes: int = 0

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The decisions that are in force, that on the total first."""
        return tuple(filter(None, (self.total, *(mark.override for mark in self.marks))))

    @property
    def outdated(self) -> tuple[Override, ...]:
        """Those of them that were made for another push than the one that counts: worth another look."""
        counts = self.handed.digest if self.handed else ""
        return tuple(override for override in self.overrides if override.digest != counts)
