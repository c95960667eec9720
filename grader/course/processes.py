"""Processes of this machine that grade for a class; each has a pipe of its own, so that one that dies harms no other.

The pools that are to be had let their processes share a pipe and its locks: one that is killed halfway through a
message, or with a lock in its hands, stops all the others.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from grader.course.work import Task, Worked, work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

TASKS_OF_A_PROCESS = 500
"""After so many submissions a process makes place for a fresh one: whatever it may have gathered goes with it."""
LONGEST_SECONDS = 900.0
"""A grading that takes longer hangs by the grader's own fault: it has given each call of the student's its limit."""
STOP_SECONDS = 10.0
"""How long a process may take to put its walls away."""
_SPAWN = multiprocessing.get_context("spawn")  # a copy of a process with threads may wait for ever


class ProcessDied(RuntimeError):  # noqa: N818  # it names the fault
    """A process was gone before it had finished; the message says how it ended."""


@contextmanager
def local(jobs: int) -> Iterator[Processes]:
    """Give ``jobs`` processes of this machine; one that dies takes nothing but its own submission with it."""
    processes = Processes(jobs)
    try:
        yield processes
    finally:
        processes.stop()


class Processes:
    """A pool of processes; a thread for each hands it one submission after the other."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="grading")
        self._idle: SimpleQueue[_Grading] = SimpleQueue()
        self._all = [_Grading() for _ in range(width)]
        for grading in self._all:
            self._idle.put(grading)

    def submit(self, task: Task) -> Future[Worked]:
        """Begin a task; the future raises :class:`ProcessDied`, or what ``work`` raises."""
        return self._threads.submit(self._graded, task)

    def stop(self) -> None:
        """End all processes; what they are at is given up."""
        for grading in self._all:
            grading.close()
        self._threads.shutdown(cancel_futures=True)
        for grading in self._all:
            grading.join()

    def _graded(self, task: Task) -> Worked:
        grading = self._idle.get()
        try:
            return grading.grade(task)
        finally:
            self._idle.put(grading)


class _Grading:
    """One process after another that grades; never two at a time."""

    def __init__(self) -> None:
        self._closed = False
        self._start()

    def grade(self, task: Task) -> Worked:
        """Let the process grade; raises ProcessDied, or what ``work`` raised there."""
        if self._left == 0 or not self._process.is_alive():
            self._start_anew()
        self._left -= 1
        try:
            self._pipe.send(task)
            if not self._pipe.poll(LONGEST_SECONDS):
                raise TimeoutError(f"it took longer than {LONGEST_SECONDS:.0f} seconds")
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise ProcessDied(self._last_words(error)) from error
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]  # a pipe carries anything

    def close(self) -> None:
        """Tell the process to end, at once; what it is at is not waited for."""
        self._closed = True
        self._process.terminate()

    def join(self) -> None:
        """End the process and wait for that, by force if it does not come."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _start(self) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), name="grading")
        self._process.start()
        theirs.close()  # so that the pipe ends when the process does
        self._left = TASKS_OF_A_PROCESS

    def _start_anew(self) -> None:
        if self._closed:
            raise ProcessDied("the grading was stopped")
        self.join()
        self._start()

    def _last_words(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            self._process.kill()
            self._process.join()
            return str(error)
        self._process.join(STOP_SECONDS)
        return f"it ended with status {self._process.exitcode}"


def _serve(pipe: Connection) -> None:
    """Grade what comes through the pipe, until it ends: also where whoever held its other end was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out the work
    signal.signal(signal.SIGTERM, _leave)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = pipe.recv()
            try:
                answer: Worked | Exception = work(task)
            except Exception as error:  # noqa: BLE001  # whatever it is: who asked learns of it
                error.add_note(traceback.format_exc())
                answer = error
            pipe.send(answer)


def _leave(*_: object) -> None:
    """Put the walls away and end; who is told twice does that in peace."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()
