"""GitHub workflow annotations: what was lost, at the student's own lines, as commands for the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.outputs.commands import MOST_ANNOTATIONS, command
from grader.outputs.guidance import code_line, cost, losses
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.values import Evidence, GradeReport, Where

_LONGEST_PATH = 4096


def render(report: GradeReport, evidence: Evidence, folder: Path) -> str:
    """Return workflow commands, one a line and at most ``MOST_ANNOTATIONS``: losses in the rubric's order, then advice.

    ``folder`` is the submission's; the runner makes of an absolute path below its workspace one of the repository.
    """
    lines = [*_losses(report, evidence, folder), *_advice(report, evidence, folder)]
    return "".join(f"{line}\n" for line in lines[:MOST_ANNOTATIONS])


def _losses(report: GradeReport, evidence: Evidence, folder: Path) -> Iterator[str]:
    for criterion in (loss.criterion for loss in losses(report)):
        level = "warning" if criterion.outcome == "broken" else "error"
        place = _place(criterion.where, evidence, folder)
        yield _command(level, place, f"{criterion.key}: {cost(criterion)}", criterion.seen, criterion.hint)


def _advice(report: GradeReport, evidence: Evidence, folder: Path) -> Iterator[str]:
    for advice in report.advice:
        yield _command("notice", _place(advice.where, evidence, folder), "Advice, costs nothing", advice.message)


def _place(where: Where | None, evidence: Evidence, folder: Path) -> dict[str, str]:
    """Return the properties that name a line of the submission; none for a line that it does not have."""
    if where is None or code_line(evidence, where) is None:
        return {}
    return {"file": visible((folder / where.file).as_posix(), _LONGEST_PATH), "line": str(where.line)}


def _command(level: str, place: dict[str, str], title: str, *texts: str) -> str:
    properties = {**place, "title": visible(title)}
    return command(level, properties, "\n".join(visible(text) for text in texts if text))
