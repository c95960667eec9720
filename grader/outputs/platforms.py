"""The platforms that read a grade in a form of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from grader.content import rubric
from grader.outputs import classroom, classroom50, gradescope
from grader.values import Evidence, GradeReport


class Platform(Protocol):
    """A module that writes what one platform reads. It takes what that platform says in its environment."""

    def render(self, report: GradeReport, evidence: Evidence, environment: Mapping[str, str], /) -> dict[str, str]:
        """Return the files of a grade by name; SaysTooLittle where the environment is not that platform's."""
        ...

    def refuse(self, reason: str, max_score: int, environment: Mapping[str, str], /) -> dict[str, str]:
        """Return the files for a submission that cannot be read: no points, and why."""
        ...


PLATFORMS: dict[str, Platform] = {"classroom": classroom, "classroom50": classroom50, "gradescope": gradescope}
"""``classroom`` is GitHub Classroom's old reporter, which some courses have kept."""


def render(name: str | None, report: GradeReport, evidence: Evidence, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the files for a platform, if one is named: none where the grade is withheld, which is not no points."""
    if name is None or report.status == "withheld":
        return {}
    return PLATFORMS[name].render(report, evidence, environment)


def refuse(name: str, folder: str, problem: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the files for a submission that cannot be read; ``problem`` names its folder here, and the repair."""
    about = problem.removeprefix(folder)
    reason = "cannot be read" if about == problem else about.strip().partition(";")[0]
    return PLATFORMS[name].refuse(f"The submission {reason}.", rubric().max_score, environment)
