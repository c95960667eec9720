"""The output ``result`` that GitHub Classroom's autograding-grading-reporter reads: JSON in base64, on one line."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from grader.outputs.plain import told
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.values import Criterion, Evidence, GradeReport

MOST_BYTES = 120 * 1024
"""The reporter gets the text as a variable of its environment, and Linux allows none of 128 KiB."""


def render(report: GradeReport, _: Evidence, __: Mapping[str, str]) -> dict[str, str]:
    """Return the line for ``$GITHUB_OUTPUT`` in a file; where it is too long, it says nothing but points."""
    tests = [_test(criterion) for criterion in report.criteria]
    status = "pass" if report.score == report.max_score else "fail"
    line = _line(status, report.max_score, tests)
    if len(line) > MOST_BYTES:
        line = _line(status, report.max_score, [{**test, "message": ""} for test in tests])
    return {"github-output.txt": line}


def refuse(reason: str, max_score: int, _: Mapping[str, str]) -> dict[str, str]:
    """Return the line for a submission that cannot be read: one test, no points, and why."""
    test = {"name": "Files to grade", "status": "error", "score": 0, "message": visible(reason), **_HIDDEN}
    return {"github-output.txt": _line("error", max_score, [test])}


_HIDDEN: dict[str, Any] = {"test_code": "", "filename": "", "line_no": 0}  # the reporter prints what it gets


def _test(criterion: Criterion) -> dict[str, Any]:
    status = "pass" if criterion.outcome == "passed" else "fail"
    points = {"score": criterion.points, "max_score": criterion.max_points}
    return {"name": criterion.title, "status": status, **points, "message": told(criterion), **_HIDDEN}


def _line(status: str, max_score: int, tests: list[dict[str, Any]]) -> str:
    document = json.dumps({"version": 1, "status": status, "max_score": max_score, "tests": tests})
    return f"result={base64.b64encode(document.encode()).decode()}\n"
