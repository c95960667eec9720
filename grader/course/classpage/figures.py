"""Figures of a class: how many, how the points are spread, what is understood, and what another push brings."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.content import rubric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.classpage.classwork import Classwork
    from grader.course.nouns import Mark, Standing

BINS = 20
"""Into so many equal parts the points are divided; full marks are a part of their own."""
PASSING_PERCENT = 60
"""From here on a push counts as passing in the figures; no grade depends on it."""
MOST_ATTEMPTS = 10
"""Whoever pushed more often is counted up to here: further on there are too few students to say anything."""
FATES = ("passed", "partial", "failed", "blocked", "undecided")
"""What became of a criterion; undecided is one at which the grader itself failed."""


class Overview(Struct, frozen=True):
    """How many students there are, what became of them, and the points of those who have a grade."""

    students: int
    graded: int
    withheld: int
    missing: int
    late: int
    flagged: int
    max_score: int
    mean: float | None
    median: float | None


class Bin(Struct, frozen=True):
    """How many students have from ``low`` to ``high`` points."""

    low: int
    high: int
    students: int

    @property
    def label(self) -> str:
        """The points in words."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


class Rate(Struct, frozen=True):
    """What became of a criterion, or of all criteria of a concept, in how many cases."""

    key: str
    concept: str
    title: str
    counts: dict[str, int]

    @property
    def of(self) -> int:
        """How many cases there are."""
        return sum(self.counts.values())

    @property
    def percent(self) -> int:
        """How many of a hundred passed, rounded down: 100 are all."""
        return 100 * self.counts["passed"] // max(1, self.of)

    def share(self, fate: str) -> float:
        """Return the share of a fate, in hundredths."""
        return 100 * self.counts[fate] / max(1, self.of)


class Attempt(Struct, frozen=True):
    """The n-th push: how many made one, the quartiles of their points, and for how many it was the first to pass."""

    number: int
    students: int
    low: float
    median: float
    high: float
    passing: int


def overview(work: Classwork) -> Overview:
    """Count the class."""
    status = Counter(standing.status for standing in work.standings)
    scores = _scores(work)
    return Overview(
        students=len(work.standings),
        graded=status["graded"],
        withheld=status["withheld"],
        missing=status["missing"],
        late=sum(is_late(standing) for standing in work.standings),
        flagged=sum(bool(standing.flags) for standing in work.standings),
        max_score=_max_score(work),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
    )


def is_late(standing: Standing) -> bool:
    """Tell whether a push came after the time of grace."""
    return standing.lateness is not None and (standing.lateness.percent > 0 or not standing.lateness.accepted)


def distribution(work: Classwork) -> list[Bin]:
    """Return how many students have how many points."""
    most, scores = _max_score(work), _scores(work)
    edges = sorted({most * number // BINS for number in range(BINS + 1)})
    ends = [*(edge - 1 for edge in edges[1:]), max([most, *scores])]
    return [
        Bin(low, high, sum(low <= score <= high for score in scores)) for low, high in zip(edges, ends, strict=True)
    ]


def criteria(work: Classwork) -> list[Rate]:
    """Return what became of each criterion, in the rubric's order; those that only older grades know come last."""
    fates = Counter((mark.key, _fate(mark)) for standing in work.standings for mark in standing.marks)
    known = {c.key: c for report in work.reports.values() for c in report.criteria}
    about = {c.key: c for c in rubric().criteria}
    return [
        Rate(key, c.concept, c.title, {fate: fates[key, fate] for fate in FATES}) for key, c in (known | about).items()
    ]


def concepts(rates: Sequence[Rate]) -> list[Rate]:
    """Return the same for each concept: the criteria of it together."""
    titles = {concept.key: concept.title for concept in rubric().concepts}
    found: dict[str, Counter[str]] = {}
    for rate in rates:
        found.setdefault(rate.concept, Counter()).update(rate.counts)
    return [Rate(key, key, titles.get(key, key), dict(counts)) for key, counts in found.items()]


def attempts(work: Classwork) -> list[Attempt]:
    """Return what the pushes brought, the first ones first; empty where nobody pushed twice."""
    scores = [[p.score for p in made if p.status == "graded"] for made in work.pushes.values()]
    most = _max_score(work)
    reached = Counter(_first_passing(row, most) for row in scores)
    longest = min(MOST_ATTEMPTS, max(map(len, scores), default=0))
    nth = [[row[place] for row in scores if len(row) > place] for place in range(longest)]
    return [
        Attempt(number, len(row), *_quartiles(row), passing=reached[number])
        for number, row in enumerate(nth, 1)
        if longest > 1
    ]


def _first_passing(scores: Sequence[int], most: int) -> int | None:
    return next((number for number, score in enumerate(scores, 1) if 100 * score >= PASSING_PERCENT * most), None)


def _quartiles(scores: Sequence[int]) -> tuple[float, float, float]:
    if len(scores) == 1:
        return (scores[0],) * 3
    low, median, high = statistics.quantiles(scores, n=4, method="inclusive")
    return low, median, high


def _scores(work: Classwork) -> list[int]:
    return [standing.score for standing in work.standings if standing.score is not None]


def _max_score(work: Classwork) -> int:
    return max((standing.max_score for standing in work.standings if standing.max_score), default=0) or (
        rubric().max_score
    )


def _fate(mark: Mark) -> str:
    """Return what became of a criterion; where a person decided, that counts."""
    if mark.override is None and mark.outcome != "failed":
        return "undecided" if mark.outcome == "broken" else mark.outcome
    if mark.points >= mark.max_points:
        return "passed"
    return "partial" if mark.points else "failed"
