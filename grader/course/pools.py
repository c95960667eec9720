"""Hands work to processes, a bounded number of submissions at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from grader.course.work import SecretDiffers, Task, Worked, ignore_interrupts, work

TRIES = 3
"""How many processes may die over one submission, before its grade is withheld."""
TASKS_OF_A_PROCESS = 500
"""After so many submissions a process makes place for a fresh one: whatever it may have gathered goes with it."""
AHEAD = 2
"""How many submissions a process may have waiting beside the one that it grades."""


class Pool(Protocol):
    """Does work elsewhere, ``width`` submissions at a time."""

    width: int

    def submit(self, task: Task) -> Future[Worked]:
        """Begin a task; the future raises where its process died."""
        ...  # pragma: no cover  # a protocol


def graded(pool: Pool, tasks: Iterable[Task]) -> Iterator[tuple[Task, Worked]]:
    """Yield each task with what came of it, in the order in which they end; few are held in memory at a time."""
    waiting = iter(tasks)
    running: dict[Future[Worked], tuple[Task, int]] = {}
    while True:
        while len(running) < pool.width * (1 + AHEAD) and (task := next(waiting, None)) is not None:
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
    except SecretDiffers:
        raise
    except (ProcessExpired, CancelledError, OSError) as died:
        return None if tries < TRIES else Worked(problem=f"{tries} processes died over it; the last: {died}")


@contextmanager
def local(jobs: int) -> Iterator[Pool]:
    """Give ``jobs`` processes of this machine; one that dies takes nothing but its own submission with it."""
    pool = ProcessPool(
        jobs, TASKS_OF_A_PROCESS, initializer=ignore_interrupts, context=multiprocessing.get_context("spawn")
    )
    try:
        yield _Local(pool, jobs)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble does not say that it returns nothing
        pool.join()


class _Local:
    def __init__(self, pool: ProcessPool, width: int) -> None:
        self._pool = pool
        self.width = width

    def submit(self, task: Task) -> Future[Worked]:
        return self._pool.schedule(work, args=(task,))
