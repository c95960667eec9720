"""``report.md``: the grade as GitHub shows it to a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.outputs.losses import Loss, code_line, count, do_first, is_perfect, losses
from grader.outputs.text import code_block, markdown, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Advice, Criterion, Evidence, GradeReport, Where

MOST_BYTES = 200_000
_MARKS = {"passed": "✅ passed", "failed": "❌ failed", "blocked": "⏸️ blocked", "broken": "⚠️ broken"}


def render(report: GradeReport, evidence: Evidence) -> str:
    """Return a student's report as Markdown, at most ``MOST_BYTES`` long, without what is an instructor's to see."""
    blocks = list(_blocks(report, evidence))
    while len("\n\n".join(blocks).encode()) >= MOST_BYTES:
        blocks[-2:] = ["This report is too long to be shown in full."]
    return "\n\n".join(blocks) + "\n"


def _blocks(report: GradeReport, evidence: Evidence) -> Iterator[str]:
    yield f"# {_score(report)}"
    yield f"Submission: {markdown(report.submission, 100)}"
    yield _opening(report)
    yield _table(report)
    for loss in losses(report):
        yield from _loss(loss, evidence)
    if report.advice:
        yield "## Advice"
        yield "This costs nothing."
        yield "\n".join(map(_advice, report.advice))


def _score(report: GradeReport) -> str:
    return "No grade yet" if report.status == "withheld" else f"{report.score} of {report.max_score} points"


def _opening(report: GradeReport) -> str:
    if report.status == "withheld":
        return "The grader itself failed. That is not your fault and costs you nothing: the grade will be made again."
    if is_perfect(report):
        return "Everything that was asked for is there and holds. Well done!"
    return f"**What to do first:** {markdown(do_first(report))}"


def _table(report: GradeReport) -> str:
    lines = ["| concept | criterion | result | points |", "|---|---|---|---:|"]
    for key, concept in report.concepts.items():
        lines.append(f"| **{markdown(key, cell=True)}** | | | **{concept.score}/{concept.max_score}** |")
        lines += [_row(criterion) for criterion in report.criteria if criterion.concept == key]
    return "\n".join(lines)


def _row(criterion: Criterion) -> str:
    title = markdown(criterion.title, cell=True)
    return f"| | {title} | {_MARKS[criterion.outcome]} | {criterion.points}/{criterion.max_points} |"


def _loss(loss: Loss, evidence: Evidence) -> Iterator[str]:
    criterion = loss.criterion
    yield f"## {_MARKS[criterion.outcome]}: {markdown(criterion.key)} ({criterion.points}/{criterion.max_points})"
    yield markdown(criterion.title)
    facts = [("Expected", criterion.expected), ("Seen", criterion.seen)]
    yield "\n".join(f"- **{name}:** {markdown(text)}" for name, text in facts if text)
    if criterion.where is not None:
        yield from _place(criterion.where, evidence)
    if criterion.hint:
        yield f"**Hint:** {markdown(criterion.hint)}"
    if criterion.cause:
        yield f"Not judged because of {markdown(criterion.cause)}."
    if loss.consequences:
        yield "\n".join(["Because of this, these could not be judged:", "", *map(_waiting, loss.consequences)])


def _place(where: Where, evidence: Evidence) -> Iterator[str]:
    yield f"Look at {markdown(where.file, 200)}, line {where.line}:"
    code = code_line(evidence, where)
    if code is not None:
        yield code_block(f"{where.line} | {visible(code, 300)}", "python")


def _waiting(criterion: Criterion) -> str:
    return f"- {markdown(criterion.key)} ({count(criterion.max_points, 'point')}): {markdown(criterion.title)}"


def _advice(advice: Advice) -> str:
    place = f" ({markdown(advice.where.file, 200)}, line {advice.where.line})" if advice.where else ""
    return f"- {markdown(advice.message)}{place}"
