"""What an instructor should look at, student by student, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course.classpage.figures import is_late

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grader.course.classpage.classwork import Classwork
    from grader.course.nouns import Standing


class Concern(Struct, frozen=True):
    """Students whom the same concerns: what it is, what to do, and for each of them the particulars."""

    title: str
    todo: str
    students: dict[str, str]


def attention(work: Classwork, failed: Mapping[str, str]) -> list[Concern]:
    """Return what there is to look at, the most urgent first; what concerns nobody is left out."""
    concerns = [Concern(*_FAILED, dict(failed))]
    for title, todo, tell in _CONCERNS:
        told = {standing.student.key: tell(standing, work) for standing in work.standings}
        concerns.append(Concern(title, todo, {key: text for key, text in told.items() if text}))
    return [concern for concern in concerns if concern.students]


def _withheld(standing: Standing, _: Classwork) -> str:
    broken = (mark.key for mark in standing.marks if mark.outcome == "broken" and mark.override is None)
    return ", ".join(broken) if standing.status == "withheld" else ""


def _flagged(standing: Standing, work: Classwork) -> str:
    report = work.reports.get(standing.student.key)
    return "; ".join(flag.message for flag in report.flags) if report else ""


def _missing(standing: Standing, _: Classwork) -> str:
    return "nothing was found" if standing.status == "missing" else ""


def _late(standing: Standing, _: Classwork) -> str:
    return standing.lateness.reason if standing.lateness and is_late(standing) else ""


def _outdated(standing: Standing, _: Classwork) -> str:
    return "; ".join(f"{override.criterion or 'total'}: {override.reason}" for override in standing.outdated)


_FAILED = (
    "Could not be read or graded",
    "Repair what the reason names, and run `grader grade-class` again: it does only what is missing.",
)
_CONCERNS: tuple[tuple[str, str, Callable[[Standing, Classwork], str]], ...] = (
    (
        "Withheld",
        "The grader itself failed. After an update, `grader regrade DIR --write` judges again.",
        _withheld,
    ),
    (
        "Flagged",
        "No points were taken: a person decides. Look at the code, and at `grader timeline FOLDER`, before you ask.",
        _flagged,
    ),
    ("Not handed in", "Ask them, or compare the roster's logins and repositories with the folders.", _missing),
    ("Late", "What the policy says has come off. `grader extend DIR STUDENT DATE` gives somebody more time.", _late),
    (
        "Decided for another push",
        "A person decided on points, and the student has pushed since. See whether the decision still holds.",
        _outdated,
    ),
)
