"""Which of the recorded runs tells best why a criterion was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge.record import situation
from grader.judge.trace import arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.values import Criterion, Evidence, Run

_ADDING = ("add", "failed_insert")
_KINDS: dict[str, tuple[str, ...]] = {
    "commit.stored": _ADDING,
    "commit.one_transaction": _ADDING,
    "commit.ids": ("add", "add_nothing"),
    "rollback.nothing_kept": ("failed_insert",),
    "rollback.commit_failure": ("failed_commit",),
    "rollback.error_reaches_caller": ("failed_insert", "failed_commit"),
    "scope.closed_after_success": ("add", "preview", "reload", "first_run"),
    "scope.closed_after_failure": ("failed_insert", "failed_commit", "failed_reload"),
    "flush.ids": ("preview",),
    "flush.nothing_stored": ("preview",),
    "reload.stale": ("reload",),
    "reload.expire_all": ("reload",),
    "reload.refresh": ("reload",),
    "script.first_run": ("first_run",),
    "script.second_run": ("second_run",),
}
"""The kinds of runs that each criterion rests on; the others rest on no session's doing."""
_SUBJECTS = {
    "add": "add_products",
    "preview": "preview_ids",
    "reload": "show_reloading",
    "failed_commit": "the commit failed",
    "first_run": "the script",
    "add_nothing": "an empty list",
}


def run_behind(criterion: Criterion, evidence: Evidence) -> Run | None:
    """Return the run in which what was seen happened, as far as it can be told; None where no run shows it."""
    kinds = _KINDS.get(criterion.key, ())
    found = [
        run for kind in kinds for run in evidence.runs if run.kind == kind and run.functions == "own" and run.steps
    ]
    for tells in (_is_spoken_of, _has_its_line, _comes_in_parts):
        found = _preferred(found, criterion, tells)
    return found[0] if found else None


def _preferred(runs: list[Run], criterion: Criterion, tells: Callable[[Run, Criterion], bool]) -> list[Run]:
    return [run for run in runs if tells(run, criterion)] or runs


def _is_spoken_of(run: Run, criterion: Criterion) -> bool:
    """Tell whether the text of a verdict names what was the matter in a run, or what was called in it."""
    return _subject(run) in criterion.seen


def _subject(run: Run) -> str:
    return situation(run) if run.kind.startswith("failed_") else _SUBJECTS.get(run.kind, run.kind)


def _has_its_line(run: Run, criterion: Criterion) -> bool:
    return any(step.where == criterion.where for step in run.steps if step.where)


def _comes_in_parts(run: Run, criterion: Criterion) -> bool:
    """Tell whether others saw more than one state of the table, which is what this one criterion is about."""
    return criterion.key == "commit.one_transaction" and len(arrivals(run.steps, run.before)) > 1
