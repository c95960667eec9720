"""Advice: worth knowing, costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.values import Advice, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.judge.rubric import Rubric
    from grader.values import Evidence, Run

_FLOATING = ("FLOAT", "REAL", "DOUBLE")
_FROM_SOURCE = frozenset({"bare_except", "legacy_query", "sql_strings"})


def advice(evidence: Evidence, rubric: Rubric) -> tuple[Advice, ...]:
    """Return the advice that the evidence calls for, in the rubric's order, each piece once and at its first line."""
    called_for: dict[str, Where | None] = {}
    for key, where in _reasons(evidence):
        called_for.setdefault(key, where)
    return tuple(Advice(a.key, a.message, called_for[a.key]) for a in rubric.advice if a.key in called_for)


def _reasons(evidence: Evidence) -> Iterator[tuple[str, Where | None]]:
    for finding in evidence.findings:
        if finding.kind in _FROM_SOURCE:
            yield f"advice.{finding.kind}", finding.where
    for run in evidence.runs:
        yield from _from_run(run)


def _from_run(run: Run) -> Iterator[tuple[str, Where | None]]:
    columns = run.schema.columns if run.schema else ()
    if run.model == "own" and any(c.name == "price" and c.type.upper().startswith(_FLOATING) for c in columns):
        yield "advice.float_money", None
    importing = False
    for step in run.steps:
        if step.text == "import" and step.kind in {"call", "returned"}:
            importing = step.kind == "call"
        if importing and step.kind == "created":
            yield "advice.session_at_import", step.where
        if run.kind == "reload" and step.kind == "begin" and step.text == "expire_on_commit=False":
            yield "advice.expire_on_commit_off", step.where
