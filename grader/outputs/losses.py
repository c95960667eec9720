"""What was lost, causes before their consequences: the order in which a person should read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.values import Criterion, Evidence, GradeReport, Where


@dataclass(frozen=True)
class Loss:
    """A criterion that was not passed, and those that could not be judged because of it."""

    criterion: Criterion
    consequences: tuple[Criterion, ...]

    @property
    def points(self) -> int:
        """How many points it costs, consequences included."""
        return sum(c.max_points - c.points for c in (self.criterion, *self.consequences))


def losses(report: GradeReport) -> list[Loss]:
    """Return every criterion that was not passed, in the order of the rubric, the blocked ones under their causes."""
    lost = [criterion for criterion in report.criteria if criterion.outcome != "passed"]
    causes = {criterion.key for criterion in lost if criterion.outcome != "blocked"}
    return [
        Loss(criterion, tuple(c for c in lost if _follows(c, criterion, causes)))
        for criterion in lost
        if criterion.outcome != "blocked" or criterion.cause not in causes
    ]


def _follows(criterion: Criterion, cause: Criterion, causes: set[str]) -> bool:
    return criterion.outcome == "blocked" and criterion.cause in causes and criterion.cause == cause.key


def is_perfect(report: GradeReport) -> bool:
    """Tell whether nothing at all was lost."""
    return report.status == "graded" and report.score == report.max_score and not losses(report)


def do_first(report: GradeReport) -> str:
    """Say in one sentence what to do first: what other criteria wait for, or else what is worth most."""
    if report.status == "withheld":
        return "Have this grade made again first: the grader failed, and no work on the submission changes that."
    lost = losses(report)
    if not lost:
        return "Nothing is left to do."
    # Of several, the first one in the rubric: its order is that of the tasks, and each builds on the one before.
    first = next((loss for loss in lost if loss.consequences), None) or max(lost, key=lambda loss: loss.points)
    line = f" in line {first.criterion.where.line} of {first.criterion.where.file}" if first.criterion.where else ""
    others = len(first.consequences)
    waiting = f", and {count(others, 'other criterion waits', 'other criteria wait')} for it" if others else ""
    return f"Begin with {first.criterion.key}{line}: it decides about {count(first.points, 'point')}{waiting}."


def cost(criterion: Criterion) -> str:
    """Say what a criterion that was not passed costs; one at which the grader failed costs nothing yet."""
    if criterion.outcome == "broken":
        return f"{count(criterion.max_points, 'point')} not decided"
    return f"{criterion.max_points - criterion.points} of {count(criterion.max_points, 'point')} lost"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def code_line(evidence: Evidence, where: Where) -> str | None:
    """Return the line of code at ``where``, without its indentation; None if the evidence does not hold it."""
    texts = {source.name: source.text for source in evidence.files}
    texts.setdefault("observations.toml", evidence.observations)
    lines = (texts.get(where.file) or "").split("\n")
    line = lines[where.line - 1].expandtabs(4).strip() if 0 < where.line <= len(lines) else ""
    return line or None
