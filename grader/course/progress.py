"""Tells how far the grading of a class has come: a bar where a person is watching, else a line every few seconds."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.course.grading import Tally

EVERY_SECONDS = 5.0
"""How often a line is written: the log of a workflow stays readable, and nobody thinks that nothing happens."""


@contextmanager
def telling(total: int) -> Iterator[Callable[[Tally], None]]:
    """Give what is told of each submission as it ends; it writes to stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        yield _Bar(bar, total)


class _Pace:
    """Counts: how many a second, and how long the rest will take."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._begin = time.monotonic()

    def said(self, tally: Tally) -> str:
        failures = len(tally.failed) + len(tally.unreadable) + len(tally.withheld)
        return f"{self._rate(tally):.1f} a second, {failures} failed"

    def left(self, tally: Tally) -> float:
        """Return the seconds that are left, by the pace of what was really graded."""
        rate = self._rate(tally)
        return (self.total - tally.seen) / rate if rate else 0.0

    def _rate(self, tally: Tally) -> float:
        spent = time.monotonic() - self._begin
        return (tally.seen - len(tally.before)) / spent if spent else 0.0


class _Lines(_Pace):
    def __init__(self, total: int) -> None:
        super().__init__(total)
        self._next = time.monotonic() + EVERY_SECONDS

    def __call__(self, tally: Tally) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        left = self.left(tally)
        sys.stderr.write(f"{tally.seen} of {self.total} done, {self.said(tally)}, {left:.0f} s left\n")
        sys.stderr.flush()


class _Bar(_Pace):
    def __init__(self, bar: Progress, total: int) -> None:
        super().__init__(total)
        self._bar = bar
        self._task = bar.add_task("starting the sandboxes …", total=total)

    def __call__(self, tally: Tally) -> None:
        self._bar.update(self._task, completed=tally.seen, description=self.said(tally))
