"""Flags: what an instructor should look at. They take no points; a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.values import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Evidence, Run


def flags(evidence: Evidence) -> tuple[Flag, ...]:
    """Return what looks like tampering, or contradicts itself, each kind once."""
    found: dict[str, str] = {}
    for run in evidence.runs:
        for key, message in _of_run(run):
            found.setdefault(key, message)
    return tuple(Flag(key, message) for key, message in sorted(found.items()))


def _of_run(run: Run) -> Iterator[tuple[str, str]]:
    if run.steps_dropped:
        yield (
            "flag.record_cut",
            f"{run.name}: {run.steps_dropped} steps more than are kept; what came later was not seen",
        )
    if run.outcome.kind == "unfinished" and "its own process" in (run.outcome.text or ""):
        yield "flag.process_ended", f"{run.name}: {run.outcome.text}"
    refreshes = sum(1 for step in run.steps if not step.fact and step.kind == "refresh")
    selects = sum(1 for step in run.steps if step.fact and "SELECT" in (step.sql or "").upper())
    if run.outcome.kind == "returned" and refreshes > selects:
        yield (
            "flag.contradiction",
            f"{run.name}: {refreshes} refreshes are claimed, {selects} SELECTs reached the database",
        )
