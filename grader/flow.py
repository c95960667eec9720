"""The flow from a folder to a grade: ``Submission -> Evidence | CheckResults -> GradeReport``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.content import SOLUTION, find_content, rubric
from grader.observe.observer import Observer, Reference
from grader.observe.sandbox.starting import candidates

if TYPE_CHECKING:
    from grader.values import Evidence, GradeReport

SECRET_VARIABLE = "GRADER_SECRET"  # noqa: S105  # the name of the variable, not the secret
LOCAL_SECRET = "local"  # noqa: S105  # documented: inputs are hidden only where a course sets a secret of its own


@dataclass(frozen=True)
class Graded:
    """Everything that one grading yields. ``faults`` are tracebacks of the grader's own failures."""

    report: GradeReport
    evidence: Evidence
    document: dict[str, Any]
    faults: tuple[str, ...]


def secret() -> str:
    """Return the secret from which hidden inputs are drawn."""
    return os.environ.get(SECRET_VARIABLE, LOCAL_SECRET)


def observer(isolation: str | None) -> Observer:
    """Return an observer on the level called ``isolation``, or on the best safe one; enter it to start it."""
    content = find_content()
    reference = Reference(content.read(f"{SOLUTION}/models.py"), content.read(f"{SOLUTION}/transaction_script.py"))
    return Observer(candidates(isolation), reference, secret())


def judged(evidence: Evidence) -> Graded:
    """Judge evidence, fresh or stored."""
    from grader.judge.grade import grade
    from grader.judge.suite import judge

    judgement = judge(evidence)
    report = grade(evidence, judgement.results, rubric())
    return Graded(report, evidence, judgement.document, judgement.faults)
