"""The gradebook: what was handed in, what was seen of it, what it is worth, and what people decided.

Each change is one short transaction, and doing it twice does nothing the second time: several programs may write into
one gradebook, and one that is killed leaves what it had finished.
"""

from __future__ import annotations

import difflib
import functools
import getpass
import json
import os
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.course import reading, writing
from grader.course.faults import WrongUse
from grader.course.nouns import Override
from grader.course.opening import WRITES, open_engine, unusable
from grader.course.standings import TOTAL
from grader.course.tables import AuditRow, ExtensionRow
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Engine

    from grader.course.nouns import Edition, Handed, LatePolicy, Mark, Past, Push, Standing, Student
    from grader.values import Evidence, GradeReport

ATTEMPTS = 8
"""How often a transaction is tried that others got in the way of; each time after a pause twice as long."""
FIRST_PAUSE_SECONDS = 0.05
AT_ONCE = 100
"""How many grades are written in one transaction: so short that others who write hardly wait."""
_Done = TypeVar("_Done")
# What SQLite says when it waited in vain, and what PostgreSQL and MySQL say when two transactions wait for each other.
_PASSING = ("database is locked", "database table is locked", "deadlock", "could not serialize")


class NotInGradebook(WrongUse):
    """A student, a criterion or a grade is not there; the message names what is."""


def open_gradebook(place: str | Path, who: str = "") -> Gradebook:
    """Open the gradebook in a folder, or at a URL of any database; it is made where there is none.

    ``who`` stands beside every decision; by default it is the login at this machine. Raises GradebookUnusable.
    """
    return Gradebook(open_engine(place), who or _login())


def find_gradebook(place: str | Path, who: str = "") -> Gradebook:
    """Open a gradebook as :func:`open_gradebook` does, and raise GradebookUnusable where there is none."""
    return Gradebook(open_engine(place, make=False), who or _login())


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # in a container nobody may have given this user a name
        return f"user {os.getuid()}"


class Gradebook:
    """A gradebook that is open; it closes at the end of its ``with`` block."""

    def __init__(self, engine: Engine, who: str) -> None:
        self._engine = engine
        self.who = visible(who, 200)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    # --- what is handed in and graded ---------------------------------------------------------------------------------

    def enroll(self, students: Iterable[Student]) -> None:
        """Make these the members of the class; who is not among them stays, but is no longer one."""
        listed = list(students)

        def work(session: Session) -> None:
            writing.enroll(session, listed)
            self._note(session, "roster", details={"students": len(listed)})

        self._write(work)

    def admit(self, keys: Iterable[str]) -> None:
        """Make these members of the class as well; whoever is known already stays what they are."""
        listed = list(keys)
        self._write(lambda session: writing.admit(session, listed))

    def record(self, handed: Handed, edition: Edition, evidence: Evidence, report: GradeReport) -> None:
        """Keep a push with its evidence and its grade; where this edition has graded it already, nothing changes."""
        self._write(lambda session: writing.record(session, handed, edition, evidence, report))

    def evidence_of(self, handed: Handed, edition: Edition) -> Evidence | None:
        """Return the evidence that the very same files have in this edition, as that of the student; None without."""
        return self._read(lambda session: reading.evidence_of(session, handed, edition))

    def add_grades(self, edition: Edition, judged: Sequence[tuple[Push, GradeReport]]) -> None:
        """Keep what an edition gives for evidence that is here already, beside the older grades."""

        def work(session: Session, some: Sequence[tuple[Push, GradeReport]]) -> None:
            for push, report in some:
                writing.add_grade_of(session, push, edition, report)

        for start in range(0, len(judged), AT_ONCE):
            self._write(functools.partial(work, some=judged[start : start + AT_ONCE]))

    def done(self, edition: Edition, *students: str) -> frozenset[tuple[str, str, str]]:
        """Return the pushes of these students, or of all, that this edition has graded: student, commit, digest."""
        return self._read(lambda session: reading.done(session, edition, students))

    # --- what people decide -------------------------------------------------------------------------------------------

    def override(self, student: str, criterion: str, points: int | None, reason: str) -> Override:
        """Decide on the points of a criterion, or of everything where ``criterion`` is empty; None takes it back."""
        if not reason.strip():
            raise ValueError('a decision needs a reason: --reason "…"')

        def work(session: Session) -> Override:
            number = self._student(session, student)
            standing = next(s for s in reading.standings(session, [student]))
            _check_points(standing, criterion, points)
            digest = standing.handed.digest if standing.handed else ""
            made = Override(student, criterion, points, reason, self.who, _now(), digest)
            session.add(writing.override_row(number, made))
            details = {"criterion": criterion or "total", "points": points, "reason": reason}
            self._note(session, "override" if points is not None else "override taken back", student, details)
            return made

        return self._write(work)

    def set_late_policy(self, policy: LatePolicy) -> None:
        """Make this the policy for late work; scores follow it from now on."""

        def work(session: Session) -> None:
            row = writing.policy_row(policy, self.who, _now())
            session.add(row)
            kept = ("grace", "percent_per_day", "cut_off")
            said = {"due": policy.due.isoformat(), **{name: getattr(row, name) for name in kept}}
            self._note(session, "late policy", details=said)

        self._write(work)

    def extend(self, student: str, due: datetime | None, reason: str) -> None:
        """Give a student a later date; None takes it back."""

        def work(session: Session) -> None:
            number = self._student(session, student)
            session.add(ExtensionRow(student_id=number, due=due, reason=reason, who=self.who, at=_now()))
            said = due.isoformat() if due else None
            self._note(session, "extension", student, {"due": said, "reason": reason})

        self._write(work)

    def note(self, action: str, **details: object) -> None:
        """Add a line to the audit trail."""
        self._write(lambda session: self._note(session, action, details=details))

    # --- what stands in it --------------------------------------------------------------------------------------------

    def standings(self, *students: str) -> tuple[Standing, ...]:
        """Return where the class stands, or these students, in the order of their keys."""
        return self._read(lambda session: tuple(reading.standings(session, students)))

    def standing(self, student: str) -> Standing:
        """Return where a student stands; NotInGradebook names those whose keys resemble it."""
        self._read(lambda session: self._student(session, student))
        return self.standings(student)[0]

    def pushes(self, student: str = "") -> tuple[Push, ...]:
        """Return every graded push of the class, or of a student, in the order of arrival."""
        return self._read(lambda session: tuple(reading.pushes(session, [student] if student else [])))

    def policy(self) -> LatePolicy | None:
        """Return the policy for late work that is in force."""
        return self._read(reading.policy)

    def report(self, push: Push) -> GradeReport:
        """Return the whole report behind a push's newest grade."""
        return self._read(lambda session: reading.report(session, push.grade))

    def evidence(self, push: Push) -> Evidence:
        """Return the evidence behind a push's newest grade."""
        return self._read(lambda session: reading.evidence(session, push))

    def history(self, student: str) -> tuple[Past, ...]:
        """Return every grade that a student's pushes were given, oldest first."""
        return self._read(lambda session: tuple(reading.history(session, student)))

    def verdicts(self, student: str, criterion: str) -> tuple[tuple[Past, Mark], ...]:
        """Return what each of a student's grades says of a criterion, oldest first."""
        return self._read(lambda session: tuple(reading.verdicts(session, student, criterion)))

    def overrides(self, student: str) -> tuple[Override, ...]:
        """Return every decision that was made for a student, oldest first, those taken back included."""
        return self._read(lambda session: tuple(reading.overrides(session, [student])))

    def audit(self) -> Iterator[tuple[datetime, str, str, str, dict[str, object]]]:
        """Yield the audit trail: when, who, what, for which student, and the particulars."""
        rows = self._read(lambda session: session.scalars(select(AuditRow).order_by(AuditRow.id)).all())
        yield from ((row.at, row.who, row.action, row.student, json.loads(row.details)) for row in rows)

    # --- transactions -------------------------------------------------------------------------------------------------

    def _read(self, work: Callable[[Session], _Done]) -> _Done:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            return work(session)

    def _write(self, work: Callable[[Session], _Done]) -> _Done:
        for attempt in range(ATTEMPTS - 1):
            try:
                return self._write_once(work)
            except DBAPIError as error:
                if not any(said in str(error.orig) for said in _PASSING):
                    raise unusable(self._engine.url, error) from error.orig
            time.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311  # only so that two do not meet again
        return self._write_once(work)

    def _write_once(self, work: Callable[[Session], _Done]) -> _Done:
        with Session(self._engine) as session, session.begin():
            session.connection(execution_options={WRITES: True})
            return work(session)

    def _student(self, session: Session, key: str) -> int:
        number = reading.student_id(session, key)
        if number is None:
            known = reading.keys(session)
            close = difflib.get_close_matches(key, known) or known[:5]
            raise NotInGradebook(
                f"nobody is called {visible(key, 100)!r} here; there are: {', '.join(close) or 'none'}"
            )
        return number

    def _note(
        self, session: Session, action: str, student: str = "", details: Mapping[str, object] | None = None
    ) -> None:
        said = json.dumps(details or {}, default=str)
        session.add(AuditRow(at=_now(), who=self.who, action=action, student=student, details=said))


def _check_points(standing: Standing, criterion: str, points: int | None) -> None:
    """Refuse a decision on what is not there, and points that are not to be had."""
    most = {mark.key: mark.max_points for mark in standing.marks}
    most[TOTAL] = standing.max_score
    if criterion not in most:
        known = ", ".join(filter(None, most)) or "nothing was graded yet"
        raise NotInGradebook(f"there is no criterion {visible(criterion, 100)!r} for {standing.student.key}: {known}")
    if points is None and not any(made.criterion == criterion for made in standing.overrides):
        raise NotInGradebook(f"nothing was decided on {criterion or 'the total'} of {standing.student.key}")
    if points is not None and (points < 0 or points > most[criterion] > 0):
        raise ValueError(f"{criterion or 'the total'} gives 0 to {most[criterion]} points, not {points}")


def _now() -> datetime:
    return datetime.now(UTC)
