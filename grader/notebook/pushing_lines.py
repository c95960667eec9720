"""What stands in nbgrader of a student's work, as values: a line a criterion, and the notebook that shows them.

A student's words are everywhere in it. They become code cells, plain output and comments in which neither HTML nor
Markdown works: nbgrader shows Markdown cells and comments as live HTML, in the page where grades are given.
"""

from __future__ import annotations

import json
import textwrap
from html import escape
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from grader.content import rubric
from grader.course.standings import TOTAL
from grader.notebook.bridge import TOTAL_CELL, cell_name
from grader.outputs.text import markdown, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Mark, Standing
    from grader.values import Criterion, GradeReport, Source

LONGEST_LINE = 500
PAGE_WIDTH = 100
"""So many characters of a line are seen in nbgrader's pages without scrolling."""
_WITHHELD = "Withheld: the grader failed here. A person decides, or: grader regrade"
_NOTHING = "Nothing was handed in."
_NOT_ASKED = "This grade is older than the criterion. Judge it again: grader regrade"
_TOTAL_TITLE = "What a person's decision on all points together gives or takes."


class Line(Struct, frozen=True):
    """A criterion of a student's: ``given`` by the grader (None: a person has to), ``decided`` by a person."""

    criterion: str
    title: str
    max_points: int
    given: int | None
    decided: int | None
    told: tuple[str, ...]

    @property
    def comment(self) -> str:
        """What is told of it, as a comment: Markdown, in which nobody's HTML works."""
        return "\n\n".join(escape(markdown(text), quote=False) for text in self.told)

    @property
    def output(self) -> str:
        """What is told of it, as plain text in lines that fit on a page."""
        given = "not decided" if self.given is None else f"{self.given} of {self.max_points} points"
        return "\n".join(_wrapped(f"{given}. {self.told[0]}", *self.told[1:])) + "\n"


class Work(Struct, frozen=True):
    """Where a student stands, and what stands behind it: nothing where nothing was handed in."""

    standing: Standing
    lines: tuple[Line, ...]
    files: tuple[Source, ...] = ()

    @property
    def is_anything(self) -> bool:
        """Whether there is something to show: work, or a decision without it."""
        return self.standing.handed is not None or self.standing.total is not None


def works(book: Gradebook) -> tuple[Work, ...]:
    """Return the work of everybody in a gradebook, all with the same criteria: those of the rubric first."""
    pushes = {push.handed: push for push in book.pushes()}
    standings = book.standings()
    most = _most_points(standings)
    found = []
    for standing in standings:
        push = pushes.get(standing.handed) if standing.handed else None
        lines = _lines(standing, book.report(push) if push else None, most)
        found.append(Work(standing, tuple(lines), _files(book.evidence(push).files) if push else ()))
    return tuple(found)


def _most_points(standings: Sequence[Standing]) -> dict[str, int]:
    most = {criterion.key: criterion.points for criterion in rubric().criteria}
    for standing in standings:
        most |= {mark.key: mark.max_points for mark in standing.marks if mark.key not in most}
    if any(standing.total for standing in standings):
        most[TOTAL] = 0
    return most


def _lines(standing: Standing, report: GradeReport | None, most: Mapping[str, int]) -> Iterator[Line]:
    marks = {mark.key: mark for mark in standing.marks}
    judged = {criterion.key: criterion for criterion in report.criteria} if report else {}
    for key, points in most.items():
        if key == TOTAL:
            yield Line(key, _TOTAL_TITLE, 0, 0, None, _of_total(standing))
        elif key in marks:
            yield _line(marks[key], judged[key])
        elif standing.handed is None:
            yield Line(key, key, points, 0, None, (_NOTHING,))
        else:
            yield Line(key, key, points, None, None, (_NOT_ASKED,))


def _line(mark: Mark, judged: Criterion) -> Line:
    withheld = mark.outcome == "broken"
    return Line(
        mark.key,
        judged.title,
        mark.max_points,
        None if withheld else mark.given,
        mark.override.points if mark.override else None,
        (_WITHHELD,) if withheld else tuple(_told(judged)),
    )


def _told(criterion: Criterion) -> Iterator[str]:
    """Say how it came out and, where points were lost, what was expected and seen, where, and what may help."""
    yield f"{criterion.outcome.capitalize()}."
    if criterion.outcome == "passed":
        return
    yield f"Expected: {criterion.expected or criterion.title}"
    yield f"Seen: {criterion.seen}"
    if criterion.cause:
        yield f"It could not be judged because of {criterion.cause}."
    if criterion.where:
        yield f"Where: line {criterion.where.line} of {criterion.where.file}"
    if criterion.hint:
        yield f"Hint: {criterion.hint}"


def _of_total(standing: Standing) -> tuple[str, ...]:
    decided = f"{standing.total.points} points in all, as a person decided." if standing.total else "Nobody did."
    return (decided,)


def _files(sources: Iterable[Source]) -> tuple[Source, ...]:
    return tuple(source for source in sources if source.text is not None)


# --- the notebook -----------------------------------------------------------------------------------------------------


def notebook(work: Work) -> str:
    """Return the notebook that shows a student's work: their files, then a cell a criterion."""
    cells = [_cell("about", _about(work.standing))]
    cells += [_cell(f"file-{number}", _source(file)) for number, file in enumerate(work.files, 1)]
    cells += [_criterion_cell(line) for line in work.lines]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _cell(name: str, source: str, output: str = "", **nbgrader: object) -> dict[str, Any]:
    outputs = [{"name": "stdout", "output_type": "stream", "text": output}] if output else []
    about = {"nbgrader": {"schema_version": 3, "locked": False, "task": False, **nbgrader}} if nbgrader else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": about,
        "outputs": outputs,
        "source": source,
    }


def _criterion_cell(line: Line) -> dict[str, Any]:
    """Return the cell of a criterion: the kind that has a box for a score and one for a comment."""
    name = cell_name(line.criterion)
    points = float(line.max_points)
    source = "\n".join(f"# {text}" for text in _wrapped(line.criterion or TOTAL_CELL, line.title))
    return _cell(name, source, line.output, grade=True, grade_id=name, points=points, solution=True)


def _about(standing: Standing) -> str:
    handed = standing.handed
    facts = [f"Work of {standing.student.key}"]
    if handed:
        facts += [f"commit {handed.commit or 'not known'}, {handed.digest}"]
        facts += [
            f"pushed {handed.pushed_at:%Y-%m-%d %H:%M} UTC" if handed.pushed_at else "when it was pushed is not known"
        ]
    if standing.lateness:
        facts.append(standing.lateness.reason)
    facts.append("Shown to be read. Its grade was made by the grader, and nothing is to be run here.")
    return "\n".join(f"# {text}" for text in _wrapped(*facts))


def _source(file: Source) -> str:
    """Return a student's file for reading: each line as it is, with what cannot be seen made visible."""
    lines = (visible(line.expandtabs(4), LONGEST_LINE) for line in (file.text or "").splitlines())
    return "\n".join([f"# --- {visible(file.name)} ---", *lines])


def _wrapped(*texts: str) -> Iterator[str]:
    for text in texts:
        yield from textwrap.wrap(visible(text), PAGE_WIDTH) or [""]
