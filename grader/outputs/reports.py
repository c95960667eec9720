"""The files of a report, whoever it is for: what a student reads, what programs read, and what can be judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.outputs import document, html, markdown

if TYPE_CHECKING:
    from grader.values import Evidence, GradeReport


def contents(report: GradeReport, evidence: Evidence, checked: dict[str, Any]) -> dict[str, bytes]:
    """Return the content of each file; ``checked`` is pytest-json-report's document.

    The one that programs read comes last of all: where it is new, the others are.
    """
    return {
        "evidence.json": document.evidence_json(evidence),
        "report.md": markdown.render(report, evidence).encode(),
        "report.html": html.render(report, evidence).encode(),
        "report.json": document.report_json(checked, report),
    }
