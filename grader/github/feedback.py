"""What a student is told of a grade, as GitHub shows it beside the commit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from grader.outputs import markdown as report_md
from grader.outputs.guidance import code_line, cost, losses
from grader.outputs.text import markdown, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.nouns import Standing
    from grader.values import Evidence, GradeReport, Where

MOST_ANNOTATIONS = 50
"""What GitHub takes in one request."""
MOST_TITLE, MOST_DESCRIPTION, MOST_REASON = 250, 140, 150


class Annotation(Struct, frozen=True):
    """A remark on a line, under the names that GitHub's checks give its parts."""

    path: str
    start_line: int
    end_line: int
    annotation_level: str
    title: str
    message: str


class Feedback(Struct, frozen=True):
    """What is returned to a student. ``identity`` is the same where the very same was returned before."""

    identity: str
    title: str
    summary: str
    full: bool
    withheld: bool
    annotations: tuple[Annotation, ...]


def feedback(standing: Standing, report: GradeReport, evidence: Evidence) -> Feedback:
    """Return what a student is told of the push that counts."""
    return Feedback(
        identity=identity(standing),
        title=_title(standing),
        summary="\n\n".join([*_record(standing), report_md.render(report, evidence)]),
        full=standing.score is not None and standing.score >= standing.max_score,
        withheld=standing.score is None,
        annotations=tuple(_annotations(report, evidence))[:MOST_ANNOTATIONS],
    )


def identity(standing: Standing) -> str:
    """Return what changes with the files, the points and the decisions, but not with the wording of a report."""
    marks = [(mark.key, mark.outcome, mark.points) for mark in standing.marks]
    decided = [(override.criterion, override.points, override.reason) for override in standing.overrides]
    digest = standing.handed.digest if standing.handed else ""
    said = msgspec.json.encode((digest, standing.status, standing.score, standing.max_score, marks, decided))
    return hashlib.sha256(said).hexdigest()


def _title(standing: Standing) -> str:
    if standing.score is None:
        return "No grade yet: the grader itself failed, and will try again"
    late = f" ({standing.lateness.reason})" if standing.lateness and standing.lateness.percent else ""
    return visible(f"{standing.score} of {standing.max_score} points{late}", MOST_DESCRIPTION)


def _record(standing: Standing) -> Iterator[str]:
    """Yield what stands above a report: that it counts, and how the score came about where it is another."""
    handed = standing.handed
    pushed = f", pushed {handed.pushed_at:%Y-%m-%d %H:%M:%S} UTC" if handed and handed.pushed_at else ""
    commit = handed.commit if handed else ""
    yield f"**{markdown(_title(standing))}.** This counts, for commit `{visible(commit, 64)}`{pushed}."
    if standing.overrides:
        yield "\n".join(
            f"- A person decided on {markdown(override.criterion or 'all points')}: {override.points} points, "
            f"as {markdown(override.reason, MOST_REASON)}"
            for override in standing.overrides
        )


def _annotations(report: GradeReport, evidence: Evidence) -> Iterator[Annotation]:
    for criterion in (loss.criterion for loss in losses(report)):
        if criterion.where is not None and code_line(evidence, criterion.where) is not None:
            title, texts = f"{criterion.key}: {cost(criterion)}", (criterion.seen, criterion.hint)
            yield _annotation(criterion.where, "warning", title, *texts)
    for advice in report.advice:
        if advice.where is not None and code_line(evidence, advice.where) is not None:
            yield _annotation(advice.where, "notice", "Advice, costs nothing", advice.message)


def _annotation(where: Where, level: str, title: str, *texts: str) -> Annotation:
    message = "\n".join(visible(text) for text in texts if text)
    return Annotation(where.file, where.line, where.line, level, visible(title, MOST_TITLE), message)
