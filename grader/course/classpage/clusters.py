"""Clusters: who made the same mistake, found by what was seen and not by the words in which each was told of it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.outputs import guidance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.values import Criterion, GradeReport

# What follows from what: two criteria that one mistake costs, wherever in the code each of them was noticed.
_FOLLOWS = {
    "rollback.nothing_kept": "commit.one_transaction",
    "scope.closed_after_failure": "scope.closed_after_success",
    "script.second_run": "script.first_run",
    "flush.nothing_stored": "flush.ids",
}
# Observations of a script that never did what is to be observed are no mistake of their own.
_OBSERVED, _OBSERVABLE = "observations.agree", "script.first_run"
# What differs from student to student and says nothing of the mistake, in the order in which it is taken away.
_VARIES = (
    (re.compile(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}"), "…"),  # names, ids, values
    (re.compile(r"\b(\w+(?:Error|Exception|Warning|Exit|Interrupt)): .*"), r"\1"),  # the message of an exception
    (re.compile(r"\b(?:Syntax|Indentation|Tab)Error\b"), "SyntaxError"),
    (re.compile(r"(?<=toml cannot be read): .*"), ""),  # at which character
    (re.compile(r"(?<=answers agree; )([^:]*): .*"), r"\1"),  # which of the observations
    (re.compile(r"when (?:the id of )?the (?:database refused the )?(?:first|second|third)\b[^,]*"), "when it failed"),
    (re.compile(r"(?<=the caller: ).*"), "…"),  # what a call that kept its failure to itself returned
    (re.compile(r"(?<=accepted NULL) as .*"), ""),  # in which of the columns
    (re.compile(r"(?:(?<=has no column )|(?<=primary key is )).*|; it wrote to .*"), ""),
    (re.compile(r"\w+(?=\(\) was called after the \w+ change)"), "…"),  # what was called instead
    (re.compile(r"-?\d+(?:\.\d+)?(?:, (?:then )?-?\d+(?:\.\d+)?)*"), "#"),
    (re.compile(r"\b(product|commit|id|session|row|call)s\b"), r"\1"),
)


class Mistake(Struct, frozen=True):
    """What one student did wrong in one respect: the criterion that shows it, and those that follow from it."""

    student: str
    criterion: Criterion
    costs: tuple[str, ...]
    points: int


class Cluster(Struct, frozen=True):
    """The same mistake, made by several students; ``sample`` is the one that shows it alone, or best."""

    sample: Mistake
    students: tuple[str, ...]
    costs: tuple[str, ...]
    points: int
    """How many points it costs the whole class."""


def clusters(reports: Mapping[str, GradeReport]) -> list[Cluster]:
    """Return the mistakes in these reports (by student), that of most students first."""
    alike: dict[tuple[object, ...], list[Mistake]] = defaultdict(list)
    others = {student: sum(c.outcome != "passed" for c in report.criteria) for student, report in reports.items()}
    for student, report in reports.items():
        for mistake in mistakes(student, report):
            alike[mistake.costs, phrase(mistake.criterion.seen)].append(mistake)
    found = [_cluster(made, others) for made in alike.values()]
    return sorted(found, key=lambda c: (-len(c.students), -c.points, c.sample.criterion.key, c.sample.criterion.seen))


def mistakes(student: str, report: GradeReport) -> Iterator[Mistake]:
    """Yield what a student did wrong; what follows from a mistake, or waits for its repair, is none of its own."""
    lost = {loss.criterion.key: loss for loss in guidance.losses(report) if loss.criterion.outcome == "failed"}
    if any(c.key == _OBSERVABLE and c.outcome != "passed" for c in report.criteria):
        lost.pop(_OBSERVED, None)
    follows = {key: leader for key, leader in _FOLLOWS.items() if leader in lost}
    follows |= {led.key: key for key, loss in lost.items() for led in loss.leads_to}
    for key, loss in lost.items():
        if key not in follows:
            costs = (key, *sorted(other for other in lost if follows.get(other) == key))
            yield Mistake(student, loss.criterion, costs, sum(lost[each].points for each in costs))


def phrase(seen: str) -> str:
    """Return what was seen without what differs from student to student: names, ids, numbers, prices, messages."""
    for pattern, instead in _VARIES:
        seen = pattern.sub(instead, seen)
    return seen


def _cluster(made: Iterable[Mistake], others: Mapping[str, int]) -> Cluster:
    """Return a cluster; whoever has a line to show and made few other mistakes is its sample."""
    listed = sorted(made, key=lambda m: (m.criterion.where is None, others[m.student], m.student))
    return Cluster(
        sample=listed[0],
        students=tuple(sorted(mistake.student for mistake in listed)),
        costs=listed[0].costs,
        points=sum(mistake.points for mistake in listed),
    )
