"""``report.md``: the grade as GitHub shows it to a student, in a file, in a comment or as the summary of a job."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from grader.outputs import diagram, phrases
from grader.outputs.guidance import Loss, code_lines, count, first, is_perfect, losses, next_step, pointers, praise
from grader.outputs.telling import run_behind
from grader.outputs.text import code_block, markdown, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Advice, Criterion, Evidence, GradeReport, Where

MOST_BYTES = 60_000
"""GitHub takes 65,536 characters for a comment, and other words may stand around a report."""
_MARKS = {"passed": "✅ passed", "failed": "❌ failed", "blocked": "⏸️ blocked", "broken": "⚠️ broken"}
_DRAWN = "```mermaid\n"
_FOLDED = "<details>\n"
_CUT = "This report is too long to be shown in full."


def render(report: GradeReport, evidence: Evidence) -> str:
    """Return a student's report as Markdown, at most ``MOST_BYTES`` long, without what is an instructor's to see.

    What does not fit is left out: first the diagrams, the last ones before the first, then the end of the text.
    """
    blocks = list(_blocks(report, evidence))
    drawn = [block for block in blocks if block.startswith((_DRAWN, _FOLDED))]
    while _is_too_long(blocks) and drawn:
        blocks.remove(drawn.pop())
    while _is_too_long(blocks):
        blocks[-2:] = [_CUT]
    return "\n\n".join(blocks) + "\n"


def _is_too_long(blocks: list[str]) -> bool:
    return len("\n\n".join(blocks).encode()) >= MOST_BYTES


def _blocks(report: GradeReport, evidence: Evidence) -> Iterator[str]:
    yield f"# {_score(report)}"
    yield f"Submission: {markdown(report.submission, 100)}"
    yield _opening(report)
    begin = first(report)
    if begin is not None:
        yield from _loss(begin, evidence)
        yield from _picture(begin.criterion, evidence, folded=False)
    if works := praise(report):
        yield "## What works"
        yield "\n".join(f"- {markdown(sentence)}" for sentence in works)
    yield "## All criteria"
    yield _table(report)
    for loss in losses(report):
        if loss != begin:
            yield from _loss(loss, evidence)
            yield from _picture(loss.criterion, evidence, folded=True)
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
    return f"**What to do first:** {markdown(next_step(report))}"


def _table(report: GradeReport) -> str:
    lines = ["| concept | criterion | result | points |", "|---|---|---|---:|"]
    for key, concept in report.concepts.items():
        lines.append(f"| **{markdown(key, cell=True)}** | | | **{concept.score}/{concept.max_score}** |")
        lines += [_row(criterion) for criterion in report.criteria if criterion.concept == key]
    return "\n".join(lines)


def _row(criterion: Criterion) -> str:
    title = markdown(criterion.title, cell=True)
    return f"| | {title} | {_MARKS[criterion.outcome]} | {criterion.points}/{criterion.max_points} |"


# --- what was lost ----------------------------------------------------------------------------------------------------
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
    if (places := pointers(criterion.key)) is not None:
        yield f"**Read on:** {markdown(places.handout)}; {markdown(places.hints)}"
    yield from _company(loss)


def _place(where: Where, evidence: Evidence) -> Iterator[str]:
    yield f"Look at {markdown(where.file, 200)}, line {where.line}:"
    lines = code_lines(evidence, where)
    if lines:
        width = len(str(lines[-1][0]))
        yield code_block("\n".join(_code(*line, width) for line in lines), "python")


def _code(number: int, code: str, is_meant: bool, width: int) -> str:  # noqa: FBT001  # part of what code_lines gives
    return f"{'>' if is_meant else ' '} {number:{width}} | {visible(code, 300)}".rstrip()


def _company(loss: Loss) -> Iterator[str]:
    """Say what else hangs on a loss."""
    if loss.criterion.cause:
        yield f"Not judged because of {markdown(loss.criterion.cause)}."
    if loss.beside:
        yield "\n".join(["The same line also costs this, so that one repair may do:", "", *map(_other, loss.beside)])
    if loss.leads_to:
        yield "\n".join(
            ["The call went on after the failure, which costs this as well:", "", *map(_other, loss.leads_to)]
        )
    if loss.consequences:
        yield "\n".join(["Because of this, these could not be judged:", "", *map(_other, loss.consequences)])


def _other(criterion: Criterion) -> str:
    lost = criterion.max_points - criterion.points
    return f"- {markdown(criterion.key)} ({count(lost, 'point')}): {markdown(criterion.title)}"


def _picture(criterion: Criterion, evidence: Evidence, *, folded: bool) -> Iterator[str]:
    run = run_behind(criterion, evidence)
    drawn = diagram.render(run, evidence, criterion.where) if run else ""
    if run is None or not drawn:
        return
    about = f"What happened in {phrases.call(run)}"
    if folded:  # a summary is read as HTML
        yield f"{_FOLDED}<summary>{escape(about)}</summary>\n\n{_DRAWN}{drawn}\n```\n\n</details>"
    else:
        yield f"{_DRAWN}{drawn}\n```"
        yield f"*{markdown(about)}, from top to bottom.*"


def _advice(advice: Advice) -> str:
    place = f" ({markdown(advice.where.file, 200)}, line {advice.where.line})" if advice.where else ""
    return f"- {markdown(advice.message)}{place}"
