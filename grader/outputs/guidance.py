"""The order of help: what to look at first, what works already, and where to read on."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.content import rubric

if TYPE_CHECKING:
    from grader.values import Criterion, Evidence, GradeReport, Where


_SILENCED, _KEPT, _ONCE = "rollback.error_reaches_caller", "rollback.nothing_kept", "commit.one_transaction"


@dataclass(frozen=True)
class Loss:
    """A criterion that was not passed.

    ``consequences`` could not be judged because of it. ``beside`` were lost at the very same line of code, so that one
    repair may do for all of them. ``leads_to`` were lost because a call went on after what went wrong here.
    """

    criterion: Criterion
    consequences: tuple[Criterion, ...]
    beside: tuple[Criterion, ...] = ()
    leads_to: tuple[Criterion, ...] = ()

    @property
    def points(self) -> int:
        """How many points it costs, consequences included."""
        return sum(map(_lost, (self.criterion, *self.consequences)))


@dataclass(frozen=True)
class Pointers:
    """Where a criterion is explained: the number of its task, and places in the handout and in the hints, in words."""

    task: int
    handout: str
    hints: str


# --- what first -------------------------------------------------------------------------------------------------------
def losses(report: GradeReport) -> list[Loss]:
    """Return every criterion that was not passed, in the order of help, the blocked ones under their causes.

    First comes what others wait for, as nobody knows yet what is right there; without, the line that costs most.
    The rest follows in the order of the tasks, as each builds on the one before; what shares a line stays together.
    """
    lost = [criterion for criterion in report.criteria if criterion.outcome != "passed"]
    causes = {criterion.key for criterion in lost if criterion.outcome != "blocked"}
    roots = [criterion for criterion in lost if criterion.outcome != "blocked" or criterion.cause not in causes]
    found = [Loss(c, _consequences(c, lost), _beside(c, roots), _led_to(c, report)) for c in roots]
    groups = _groups(found)
    urgent = next((group for group in groups if any(loss.consequences for loss in group)), None)
    leading = urgent or max(groups, key=lambda group: sum(loss.points for loss in group), default=[])
    return [*leading, *(loss for group in groups if group is not leading for loss in group)]


def _groups(found: list[Loss]) -> list[list[Loss]]:
    """Return the losses in groups that share a line, or of which the first one leads to the others."""
    led = {criterion.key: loss.criterion for loss in found for criterion in loss.leads_to}
    groups: dict[object, list[Loss]] = {}
    for loss in found:
        root = led.get(loss.criterion.key, loss.criterion)
        groups.setdefault(root.where or root.key, []).append(loss)
    return [sorted(group, key=lambda loss: loss.criterion.key in led) for group in groups.values()]


def _consequences(root: Criterion, lost: list[Criterion]) -> tuple[Criterion, ...]:
    if root.outcome == "blocked":
        return ()
    return tuple(criterion for criterion in lost if criterion.outcome == "blocked" and criterion.cause == root.key)


def _beside(root: Criterion, roots: list[Criterion]) -> tuple[Criterion, ...]:
    return tuple(other for other in roots if other is not root and root.where is not None and other.where == root.where)


def _led_to(root: Criterion, report: GradeReport) -> tuple[Criterion, ...]:
    """Return what stayed because a failure was silenced.

    Who commits but once, and still keeps a part of a list that failed, has committed after the failure; and where the
    caller did not learn of it either, it was silenced before that.
    """
    outcomes = {criterion.key: criterion.outcome for criterion in report.criteria}
    if root.key != _SILENCED or root.outcome != "failed" or outcomes.get(_ONCE) != "passed":
        return ()
    return tuple(c for c in report.criteria if c.key == _KEPT and c.outcome == "failed" and c.where != root.where)


def first(report: GradeReport) -> Loss | None:
    """Return what to repair first; None where nothing was lost, or nothing is decided yet."""
    lost = losses(report)
    return lost[0] if lost and report.status == "graded" else None


def next_step(report: GradeReport) -> str:
    """Say in one sentence what to do first: which criterion, at which line, worth how much, and who waits for it."""
    if report.status == "withheld":
        return "Have this grade made again first: the grader failed, and no work on the submission changes that."
    loss = first(report)
    if loss is None:
        return "Nothing is left to do."
    criterion, pointed = loss.criterion, pointers(loss.criterion.key)
    task = f" (task {pointed.task})" if pointed else ""
    line = f", in line {criterion.where.line} of {criterion.where.file}" if criterion.where else ""
    return f"Begin with {criterion.key}{task}{line}: it decides about {count(loss.points, 'point')}{_company(loss)}."


def _company(loss: Loss) -> str:
    """Say who waits for a criterion, and what else its line costs."""
    others = len(loss.consequences)
    waiting = f", as {count(others, 'other criterion waits', 'other criteria wait')} for it" if others else ""
    more = sum(map(_lost, loss.beside))
    names = " and ".join(criterion.key for criterion in loss.beside)
    same_line = f", and {more} more are lost at the same line ({names})" if loss.beside else ""
    led = "".join(f", and {_lost(other)} more are lost by going on after it ({other.key})" for other in loss.leads_to)
    return waiting + same_line + led


def is_perfect(report: GradeReport) -> bool:
    """Tell whether nothing at all was lost."""
    return report.status == "graded" and report.score == report.max_score and not losses(report)


# --- what works -------------------------------------------------------------------------------------------------------
def praise(report: GradeReport) -> list[str]:
    """Return what works, a sentence for each concept of which something does; nothing while a grade is withheld."""
    if report.status == "withheld":
        return []
    return [sentence for concept in report.concepts if (sentence := _praise_of(concept, report))]


def _praise_of(concept: str, report: GradeReport) -> str:
    """Return the praise for a whole concept, or the title of what is worth most of a part; nothing for nothing."""
    passed = [
        criterion for criterion in report.criteria if (criterion.concept, criterion.outcome) == (concept, "passed")
    ]
    about = next((about for about in rubric().concepts if about.key == concept), None)
    if about and {c.key for c in passed} == {c.key for c in rubric().criteria_of(concept)}:
        return about.praise
    return max(passed, key=lambda criterion: criterion.max_points).title if passed else ""


# --- where to read on -------------------------------------------------------------------------------------------------
def pointers(key: str) -> Pointers | None:
    """Return where to read about a criterion; None for one that the rubric does not know."""
    about = next((criterion for criterion in rubric().criteria if criterion.key == key), None)
    if about is None:
        return None
    return Pointers(about.task, f"handout, task {about.task}", f"hints, task {about.task}: {about.section}")


def code_line(evidence: Evidence, where: Where) -> str | None:
    """Return the line of code at ``where``, without its indentation; None if the evidence does not hold it."""
    found = code_lines(evidence, where, around=0)
    return found[0][1] if found else None


def code_lines(evidence: Evidence, where: Where, around: int = 2) -> list[tuple[int, str, bool]]:
    """Return the line at ``where`` and up to ``around`` on each side: number, code, whether it is the line itself.

    The indentation that all of them have is taken away. Empty if the evidence does not hold the line, or it is blank.
    """
    lines = _text(evidence, where.file).removesuffix("\n").split("\n")
    if not (0 < where.line <= len(lines) and lines[where.line - 1].strip()):
        return []
    start = max(1, where.line - around)
    chosen = lines[start - 1 : where.line + around]
    plain = textwrap.dedent("\n".join(line.expandtabs(4).rstrip() for line in chosen)).split("\n")
    return [(number, code, number == where.line) for number, code in enumerate(plain, start)]


def _text(evidence: Evidence, file: str) -> str:
    texts = {source.name: source.text for source in evidence.files}
    texts.setdefault("observations.toml", evidence.observations)
    return texts.get(file) or ""


# --- in words ---------------------------------------------------------------------------------------------------------
def cost(criterion: Criterion) -> str:
    """Say what a criterion that was not passed costs; one at which the grader failed costs nothing yet."""
    if criterion.outcome == "broken":
        return f"{count(criterion.max_points, 'point')} not decided"
    return f"{_lost(criterion)} of {count(criterion.max_points, 'point')} lost"


def _lost(criterion: Criterion) -> int:
    return criterion.max_points - criterion.points


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
