"""The work of a made-up class for the tests of its page: as many students as wanted, hostile names among them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from nasty import TEXTS
from outputs_samples import criterion, report
from outputs_samples import evidence as evidence_of

from grader.content import find_content
from grader.course.classpage.classwork import Classwork
from grader.course.nouns import Edition, Handed, Lateness, Mark, Push, Standing, Student
from grader.values import Criterion, Evidence, Flag, GradeReport, Where

EDITION = Edition("1.0", "checks", "rubric", "plan")
RUBRIC = find_content().rubric()
NAMES = ("Ada Lovelace", "Zoë Łódź", "O'Hara, Kim", "שלום עולם", TEXTS["tags of HTML"], TEXTS["attribute"], "x" * 300)
SEEN = {
    "commit.one_transaction": "other connections saw 1, then {n} of the {n} products: {n} commits",
    "rollback.nothing_kept": "when the id of the second product was taken, 1 of the 3 products stayed in the database",
    "rollback.error_reaches_caller": "the exception did not reach the caller: add_products returned None",
    "model.money": "a price of {n}.99 came back as {n}",
    "observations.agree": "{n} of 7 answers agree; the runs showed something else: stale_price_was_old",
}
"""What is seen of a criterion that is lost; ``n`` differs from student to student."""
LOSSES = (
    (), ("commit.one_transaction", "rollback.nothing_kept"), ("model.money",), (), ("rollback.error_reaches_caller",),
    ("observations.agree", "model.money"),
)  # fmt: skip
MISSING_EVERY, LATE_EVERY, FLAGGED_EVERY, TWICE_EVERY = 11, 7, 13, 3


def graded(student: str, *lost: str, number: int = 4, **outcomes: str) -> GradeReport:
    """Return a report on a student who lost these criteria, or for whom they came out otherwise."""
    criteria = [_criterion(c.key, c.points, lost, number, outcomes) for c in RUBRIC.criteria]
    return report(*criteria, text=student)


def _criterion(key: str, points: int, lost: tuple[str, ...], number: int, outcomes: dict[str, str]) -> Criterion:
    outcome = outcomes.get(key.replace(".", "_"), "failed" if key in lost else "passed")
    seen = SEEN.get(key, "it is not").format(n=number) if outcome != "passed" else "as expected"
    line = Where("transaction_script.py", 9) if outcome == "failed" else None
    return criterion(key, outcome, points, seen=seen, where=line)  # type: ignore[arg-type]  # names of outcomes


def handed(student: str, number: int = 1) -> Handed:
    """Return a push of a student's."""
    return Handed(student, f"sha256:{student}{number}", f"commit{number}", datetime(2026, 12, number, tzinfo=UTC))


def push(made: Handed, of: GradeReport) -> Push:
    """Return a graded push."""
    flags = tuple(flag.key for flag in of.flags)
    return Push(made, EDITION, 1, 1, of.status, of.score, of.max_score, flags)


def standing(student: Student, made: Handed, of: GradeReport, pushes: int = 1, **more: object) -> Standing:
    """Return where a student stands with a push."""
    marks = tuple(Mark(c.key, c.outcome, c.points, c.max_points) for c in of.criteria)
    score = of.score if of.status == "graded" else None
    found = Standing(student, of.status, made, marks, score, of.max_score, score=score, pushes=pushes)
    return replace(found, **more)


def classwork(students: int) -> Classwork:
    """Return a class in which some are late, flagged or missing, and some have pushed twice."""
    parts = [_of_student(number) for number in range(students)]
    return Classwork(
        tuple(where for where, _, _ in parts),
        {where.student.key: made for where, made, _ in parts if made},
        {where.student.key: made[-1] for where, made, _ in parts if made},
        {where.student.key: told for where, _, told in parts if told},
    )


def _of_student(number: int) -> tuple[Standing, tuple[Push, ...], GradeReport | None]:
    sections = (("A", "B & C")[number % 2],)
    student = Student(f"student{number:04}", NAMES[number % len(NAMES)], sections=sections)
    if number % MISSING_EVERY == MISSING_EVERY - 1:
        return Standing(student, "missing"), (), None
    told = graded(student.key, *LOSSES[number % len(LOSSES)], number=number)
    late = Lateness(timedelta(hours=3), 10, "pushed 3 hours late: 10 % come off") if number % LATE_EVERY == 0 else None
    if number % FLAGGED_EVERY == 0:
        told = replace(told, flags=(Flag("flag.network", f"opens a socket {TEXTS['images']}"),))
    first = push(handed(student.key), graded(student.key, "commit.stored", "model.money", "script.first_run"))
    last = push(handed(student.key, 2), told)
    made = (first, last) if number % TWICE_EVERY == 0 else (last,)
    where = standing(student, made[-1].handed, told, len(made), lateness=late, flags=made[-1].flags)
    return where, made, told


def evidence(_: Push) -> Evidence:
    """Return evidence with code that a sample can show."""
    return evidence_of()


def several(*lost: tuple[str, ...]) -> dict[str, GradeReport]:
    """Return a report for each of these losses, by student; what differs between students differs."""
    numbers = itertools.count(3)
    return {f"s{n}": graded(f"s{n}", *keys, number=n) for n, keys in zip(numbers, lost, strict=False)}
