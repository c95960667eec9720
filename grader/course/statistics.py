"""What a class has understood, and what not: rates, and clusters of the same mistake. Values in, values out."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.course.nouns import Standing
    from grader.values import Criterion, GradeReport

# What differs between two reports of the same mistake: names, values and numbers.
_PARTICULAR = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|[-+]?\d[\d.,]*")


class Rate(Struct, frozen=True):
    """How a class did in one criterion: how many passed, failed, were blocked or broken, and the points that it got."""

    key: str
    concept: str
    title: str
    outcomes: dict[str, int]
    points: int
    max_points: int

    @property
    def passed(self) -> float:
        """The share of those judged who passed, 0 where nobody was."""
        judged = sum(self.outcomes.values())
        return self.outcomes.get("passed", 0) / judged if judged else 0.0


class Cluster(Struct, frozen=True):
    """The same mistake, made by several: one explanation serves them all. ``sample`` is how one report tells it."""

    sample: Criterion
    student: str
    students: tuple[str, ...]
    points: int


class Overview(Struct, frozen=True):
    """The figures of a class; scores are those that count."""

    students: int
    graded: int
    withheld: int
    missing: int
    late: int
    flagged: int
    scores: tuple[int, ...]
    max_score: int

    @property
    def mean(self) -> float:
        """The mean score, 0 where nobody has one."""
        return statistics.fmean(self.scores) if self.scores else 0.0

    @property
    def median(self) -> float:
        """The median score, 0 where nobody has one."""
        return statistics.median(self.scores) if self.scores else 0.0


def overview(standings: Sequence[Standing]) -> Overview:
    """Return the figures of a class."""
    by_status = Counter(standing.status for standing in standings)
    return Overview(
        students=len(standings),
        graded=by_status["graded"],
        withheld=by_status["withheld"],
        missing=by_status["missing"],
        late=sum(
            standing.lateness is not None and standing.lateness.late_by.total_seconds() > 0 for standing in standings
        ),
        flagged=sum(bool(standing.flags) for standing in standings),
        scores=tuple(sorted(standing.score for standing in standings if standing.score is not None)),
        max_score=max((standing.max_score for standing in standings), default=0),
    )


def rates(reports: Iterable[GradeReport]) -> tuple[Rate, ...]:
    """Return how the class did in each criterion, in the order of the rubric."""
    found: dict[str, list[Criterion]] = defaultdict(list)
    for report in reports:
        for criterion in report.criteria:
            found[criterion.key].append(criterion)
    return tuple(_rate(criteria) for criteria in found.values())


def _rate(criteria: list[Criterion]) -> Rate:
    first = criteria[0]
    return Rate(
        key=first.key,
        concept=first.concept,
        title=first.title,
        outcomes=dict(Counter(criterion.outcome for criterion in criteria)),
        points=sum(criterion.points for criterion in criteria),
        max_points=sum(criterion.max_points for criterion in criteria),
    )


def clusters(reports: Iterable[tuple[str, GradeReport]]) -> tuple[Cluster, ...]:
    """Return the mistakes of a class (student's key, report), the one that costs most first.

    Two reports tell of the same mistake where the same criterion failed with the same words, names and numbers aside.
    """
    found: dict[tuple[str, str], list[tuple[str, Criterion]]] = defaultdict(list)
    for student, report in reports:
        for criterion in report.criteria:
            if criterion.outcome == "failed":
                found[criterion.key, _PARTICULAR.sub("…", criterion.seen)].append((student, criterion))
    made = [_cluster(alike) for alike in found.values()]
    return tuple(sorted(made, key=lambda cluster: (-cluster.points, -len(cluster.students), cluster.sample.key)))


def _cluster(alike: list[tuple[str, Criterion]]) -> Cluster:
    student, sample = alike[0]
    points = sum(criterion.max_points - criterion.points for _, criterion in alike)
    return Cluster(sample, student, tuple(student for student, _ in alike), points)
