"""The part of the content's proof that runs it: the solution earns everything, the starter the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader import flow
from grader.content import SOLUTION, STARTER, Content, Problem
from grader.observe.submission import take_in

if TYPE_CHECKING:
    from grader.observe.observer import Observer
    from grader.values import GradeReport

FLOOR = 0


def check_by_running(content: Content, observer: Observer) -> list[Problem]:
    """Grade the solution and the starter; return what they do not live up to."""
    solution, starter = (_grade(content, observer, name) for name in (SOLUTION, STARTER))
    problems = [
        Problem(SOLUTION, f"{c.key} is not met: {c.seen}.", "Repair the solution, or the check.")
        for c in solution.criteria
        if c.outcome != "passed"
    ]
    problems += [
        Problem(SOLUTION, f"{advice.key}: {advice.message}", "The solution is a model: repair it.")
        for advice in solution.advice
    ]
    if starter.score != FLOOR or starter.status != "graded":
        problems.append(
            Problem(STARTER, f"it earns {starter.score} points, not {FLOOR}.", "Take out what solves a task.")
        )
    return problems


def _grade(content: Content, observer: Observer, name: str) -> GradeReport:
    return flow.judged(observer.observe(take_in(content.root / name))).report
