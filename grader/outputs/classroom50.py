"""What Classroom 50 reads of an ``autograder.py``: ``result.json`` in the form ``classroom50/result/v1``, and more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.outputs import markdown as page
from grader.outputs.plain import SaysTooLittle, told
from grader.outputs.text import markdown, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.values import Criterion, Evidence, GradeReport

SCHEMA = "classroom50/result/v1"
IDENTITY = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
"""What the runner of Classroom 50 says in its environment, by the key of the result; it checks each against its own."""
_BEFORE_ALL = "1970-01-01T00:00:00Z"  # the runner puts the time of the commit in its place


def render(report: GradeReport, evidence: Evidence, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a grade by name; SaysTooLittle outside of Classroom 50."""
    tests = [_test(criterion) for criterion in report.criteria]
    body = page.render(report, evidence)
    return _files(environment, tests, body, f"{report.score} of {report.max_score} points")


def refuse(reason: str, max_score: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the files for a submission that cannot be read: no points, and why."""
    test = {
        "test-name": "Files to grade",
        "passed": False,
        "score": 0,
        "max-score": max_score,
        "message": visible(reason),
    }
    return _files(environment, [test], f"# Nothing to grade\n\n{markdown(reason)}\n", "nothing to grade")


def _test(criterion: Criterion) -> dict[str, Any]:
    return {
        "test-name": criterion.title,
        "passed": criterion.outcome == "passed",
        "score": criterion.points,
        "max-score": criterion.max_points,
        "key": criterion.key,
        "message": told(criterion),
    }


def _files(environment: Mapping[str, str], tests: list[dict[str, Any]], body: str, summary: str) -> dict[str, str]:
    score, most = (sum(test[key] for test in tests) for key in ("score", "max-score"))
    result = {
        "schema": SCHEMA,
        **_identity(environment),
        "datetime": _BEFORE_ALL,
        "score": score,
        "max-score": most,
        "tests": tests,
    }
    return {
        "result.json": json.dumps(result, indent=2) + "\n",
        "release-body.md": body,
        "github-output.txt": f"status={'success' if score == most else 'failure'}\nsummary={summary}\n",
    }


def _identity(environment: Mapping[str, str]) -> dict[str, str]:
    missing = [variable for variable in IDENTITY.values() if not environment.get(variable)]
    if missing:
        raise SaysTooLittle(f"not set: {', '.join(missing)}; Classroom 50 sets them before it runs autograder.py")
    return {key: environment[variable] for key, variable in IDENTITY.items()}
