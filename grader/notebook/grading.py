"""A notebook's grade: its cells made files, observed in the sandbox and judged like any other submission."""

from __future__ import annotations

import atexit
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader import flow
from grader.notebook.composing import Composed, compose
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.students import SandboxFailed
from grader.observe.submission import take_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.notebook.cells import Cell
    from grader.observe.observer import Observer
    from grader.values import GradeReport


@dataclass(frozen=True)
class NotebookGrade:
    """The report on a notebook, and the files that were made of its cells."""

    report: GradeReport
    files: Composed
    cells: tuple[Cell, ...]


def grade(student: str, cells: Sequence[Cell], isolation: str | None = None) -> NotebookGrade:
    """Grade the cells of a student's notebook.

    What stands at the top of a cell and defines nothing that is used may be needed, and may keep the program from being
    loaded. So it is tried without, then with it, and the better grade counts: such a cell costs itself only.
    """
    used, whole = compose(cells, only_what_is_used=True), compose(cells)
    best = NotebookGrade(_report(student, used, isolation), used, tuple(cells))
    if used.files == whole.files or best.report.score == best.report.max_score or best.report.status == "withheld":
        return best
    other = NotebookGrade(_report(student, whole, isolation), whole, tuple(cells))
    return max(best, other, key=lambda found: found.report.score)


def _report(student: str, composed: Composed, isolation: str | None) -> GradeReport:
    with tempfile.TemporaryDirectory(prefix="notebook-") as place:
        folder = Path(place) / student
        folder.mkdir()
        for name, text in composed.files.items():
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        submission = take_in(folder)
    try:
        return flow.judged(_observer(isolation).observe(submission)).report
    except (SandboxFailed, DatabaseLost):
        _observer.cache_clear()  # the next student gets a new one
        raise


@cache
def _observer(isolation: str | None) -> Observer:
    """Return the observer of this process: it starts with the first notebook and ends with the process."""
    observer = flow.observer(isolation)
    atexit.register(observer.__enter__().__exit__, None, None, None)
    return observer
