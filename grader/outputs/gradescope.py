"""``results.json`` as Gradescope reads it: a test for each criterion, with its points as the weight."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from grader.outputs.plain import SaysTooLittle, told
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.values import Criterion, Evidence, GradeReport

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
VARIABLE = "GRADER_VISIBILITY"
"""Says when students see the tests, and with them their score; ``visible`` where it is not set."""


def render(report: GradeReport, _: Evidence, environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``results.json`` of a grade by its name; SaysTooLittle for a visibility that Gradescope does not know."""
    tests = [
        _test(criterion, f"{number}.{place}")
        for number, criteria in _numbered(report)
        for place, criterion in enumerate(criteria, 1)
    ]
    advice = [f"Advice, costs nothing: {visible(advice.message)}" for advice in report.advice]
    return _file("\n".join(advice), tests, environment)


def refuse(reason: str, max_score: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the file for a submission that cannot be read: no points, and why."""
    test = {"name": "Files to grade", "score": 0, "max_score": max_score, "status": "failed", "output": visible(reason)}
    return _file(visible(reason), [test], environment)


def _numbered(report: GradeReport) -> Iterator[tuple[int, list[Criterion]]]:
    by_concept = groupby(report.criteria, key=lambda criterion: criterion.concept)
    return ((number, list(criteria)) for number, (_, criteria) in enumerate(by_concept, 1))


def _test(criterion: Criterion, number: str) -> dict[str, Any]:
    return {
        "name": criterion.title,
        "number": number,
        "score": criterion.points,
        "max_score": criterion.max_points,
        "status": "passed" if criterion.outcome == "passed" else "failed",
        "output": told(criterion),
        "tags": [criterion.concept, criterion.key],
    }


def _file(output: str, tests: list[dict[str, Any]], environment: Mapping[str, str]) -> dict[str, str]:
    visibility = environment.get(VARIABLE) or VISIBILITIES[0]
    if visibility not in VISIBILITIES:
        raise SaysTooLittle(f"{VARIABLE} is {visibility!r}; it is one of {', '.join(VISIBILITIES)}")
    results = {
        "score": sum(test["score"] for test in tests),
        "output": output,
        "output_format": "text",  # what it shows is text: no Markdown, no HTML
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return {"results.json": json.dumps(results, indent=2) + "\n"}
