"""Hands work to whoever grades, a bounded number of submissions at a time."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import TYPE_CHECKING, Protocol

from grader.course.processes import ProcessDied
from grader.course.work import Task, Worked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES = 3
"""How many processes may die over one submission, before its grade is withheld."""
AHEAD = 2
"""How many submissions a process may have waiting beside the one that it grades."""


class Pool(Protocol):
    """Does work elsewhere, ``width`` submissions at a time."""

    width: int

    def submit(self, task: Task) -> Future[Worked]:
        """Begin a task; the future raises where its process died."""
        ...  # pragma: no cover  # a protocol


def graded(pool: Pool, next_task: Callable[[], Task | None]) -> Iterator[tuple[Task, Worked]]:
    """Yield each task with what came of it, in the order in which they end; few are held in memory at a time.

    ``next_task`` returns None where there is nothing to do; it is asked again after each task that has ended.
    """
    running: dict[Future[Worked], tuple[Task, int]] = {}
    while True:
        while len(running) < pool.width * (1 + AHEAD) and (task := next_task()) is not None:
            running[pool.submit(task)] = (task, 1)
        if not running:
            return
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            task, tries = running.pop(future)
            worked = _outcome(future, tries)
            if worked is None:
                running[pool.submit(task)] = (task, tries + 1)
            else:
                yield task, worked


def _outcome(future: Future[Worked], tries: int) -> Worked | None:
    """Return what came of a task, None where its process died and another one shall try."""
    try:
        return future.result()
    except (ProcessDied, CancelledError) as died:
        return None if tries < TRIES else Worked(problem=f"{tries} processes died over it; the last: {died}")
