"""The table of all students: what stands in each row, and by what a row is found."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from grader.course.classpage.figures import is_late

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.course.nouns import Standing, Student

REPORT = "report.html"
STATES = {
    "graded": "graded",
    "withheld": "withheld",
    "missing": "not handed in",
    "late": "late",
    "flagged": "flagged",
    "decided": "decided by a person",
}
"""By what the table can be narrowed down, beside sections and criteria."""


class Row(Struct, frozen=True):
    """A student in the table. ``tags`` are what filters look for; ``lost`` are names of criteria, by concept."""

    student: Student
    link: str
    score: int | None
    states: tuple[str, ...]
    lost: dict[str, tuple[str, ...]]
    pushes: int
    tags: str

    @property
    def losses(self) -> int:
        """How many criteria were lost."""
        return sum(map(len, self.lost.values()))


def rows(standings: Iterable[Standing], links: Mapping[str, str], keys: Sequence[str]) -> Iterator[Row]:
    """Yield a row for each student; ``keys`` are the criteria in the order in which the page numbers them."""
    listed = list(standings)
    numbers = {key: number for number, key in enumerate(keys)}
    places = {section: number for number, section in enumerate(sections(listed))}
    for standing in listed:
        lost = [mark.key for mark in standing.marks if mark.points < mark.max_points and mark.key in numbers]
        states = tuple(_states(standing))
        tags = [*states, *(f"c{numbers[key]}" for key in lost), *(f"s{places[s]}" for s in standing.student.sections)]
        yield Row(
            standing.student,
            links.get(standing.student.key, ""),
            standing.score,
            states,
            _by_concept(lost),
            standing.pushes,
            " ".join(tags),
        )


def sections(standings: Iterable[Standing]) -> list[str]:
    """Return the sections of the class, sorted."""
    return sorted({section for standing in standings for section in standing.student.sections})


def links(students: Iterable[str], folder: Path) -> dict[str, str]:
    """Return the address of each student's report, from the page beside it; only of those that are there."""
    return {key: f"{quote(key, safe='')}/{REPORT}" for key in students if (folder / key / REPORT).is_file()}


def _states(standing: Standing) -> Iterator[str]:
    yield standing.status
    if is_late(standing):
        yield "late"
    if standing.flags:
        yield "flagged"
    if standing.overrides:
        yield "decided"


def _by_concept(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in keys:
        concept, _, name = key.partition(".")
        found[concept] = (*found.get(concept, ()), name)
    return found
