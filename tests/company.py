"""Observers who grade hostile submissions side by side, and look round after each.

Most attacks end at a limit of time, so a core could idle while one of them is waited for. Each observer has processes
of its own, so whoever leaves one behind is known. What has changed in the trap may be the work of any submission that
is graded beside: a test that is run alone tells.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from trap import Trap

from grader import flow, limits
from grader.content import SOLUTION, find_content
from grader.observe.submission import take_in
from grader.values import Evidence

SIDE_BY_SIDE = 3
AGAIN = 8
"""After so many hostile submissions an observer is given the solution, as it is in the end."""
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others waiting: with Python's 5 ms, who reads a flood gets nowhere beside a judge."""
_PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
_SOLUTION = find_content().root / SOLUTION


# --- processes --------------------------------------------------------------------------------------------------------


def processes() -> dict[int, int]:
    """Return the parent of each process of this machine, as ``/proc`` has them now."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


@contextmanager
def foster_parent() -> Iterator[None]:
    """Let processes whose parent is gone become this one's children, so that none gets out of sight."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def children() -> frozenset[int]:
    """Return the processes that this one has started, or fosters."""
    return frozenset(pid for pid, parent in processes().items() if parent == os.getpid())


def family(heads: Iterable[int]) -> set[int]:
    """Return the processes below these."""
    parents = processes()
    found: set[int] = set()
    below = set(heads)
    while below:
        below = {pid for pid, parent in parents.items() if parent in below}
        found |= below
    return found


def _command(pid: int) -> bytes:
    with suppress(OSError):  # it has just ended
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def still_there(pids: Iterable[int]) -> list[str]:
    """Return the processes that do not end by themselves, as whoever was killed does at once."""
    left = []
    for pid in pids:
        with suppress(ProcessLookupError):
            watch = os.pidfd_open(pid)
            if not select.select([watch], [], [], limits.STOP_SECONDS)[0]:
                left.append(f"{pid}: {_command(pid)[-100:]!r}")
            os.close(watch)
    return left


# --- observers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """What came of one submission; ``after`` is the evidence of the solution after it, if it was that one's turn."""

    evidence: Evidence | None
    fault: str
    seconds: float
    changes: list[str]
    knocks: int
    left: list[str]
    after: Evidence | None


class Watcher:
    """An observer with the processes that it has for good; for one thread at a time."""

    def __init__(self, stack: ExitStack, level: str) -> None:
        before = children()
        self._observer = stack.enter_context(flow.observer(level))
        self.solution()
        self._heads = children() - before
        self._received = 0

    def solution(self) -> Evidence:
        """Observe the solution."""
        return self._observer.observe(take_in(_SOLUTION))

    def receive(self, folder: Path, trap: Trap, known: frozenset[int]) -> Deed:
        """Observe a folder, and look round afterwards: ``known`` are all processes that may be right below this one."""
        before, start = family(self._heads), time.monotonic()
        evidence, fault = None, ""
        try:
            evidence = self._observer.observe(take_in(folder))
        except Exception:  # noqa: BLE001  # whatever makes the grader fail is what this looks for: a test tells it
            fault = traceback.format_exc()
        seconds = time.monotonic() - start
        left = still_there((family(self._heads) - before) | (children() - known))
        self._received += 1
        after = None if self._received % AGAIN else self.solution()
        return Deed(evidence, fault, seconds, trap.changes(), trap.knocks(), left, after)


class Company:
    """The watchers of some levels, so many on each, as long as ``stack`` is open.

    All of them have observed once before the first attack: the processes are there that they keep.
    """

    def __init__(self, stack: ExitStack, levels: Iterable[str], number: int, trap: Trap) -> None:
        stack.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(SWITCH_SECONDS)
        self._trap = trap
        self._number = number
        self._idle: dict[str, SimpleQueue[Watcher]] = {}
        for level in levels:
            self._idle[level] = SimpleQueue()
            for _ in range(number):
                self._idle[level].put(Watcher(stack, level))
        self._known = children()
        self._threads = stack.enter_context(ThreadPoolExecutor(number))
        stack.callback(self._threads.shutdown, wait=False, cancel_futures=True)

    def send_in(self, level: str, folder: Path) -> Future[Deed]:
        """Let a folder be graded when its turn comes."""
        return self._threads.submit(self._receive, level, folder)

    def _receive(self, level: str, folder: Path) -> Deed:
        watcher = self._idle[level].get()
        try:
            return watcher.receive(folder, self._trap, self._known)
        finally:
            self._idle[level].put(watcher)

    def in_the_end(self, level: str) -> list[Evidence]:
        """Return the evidence of the solution from every watcher of a level, at rest again."""
        watchers = [self._idle[level].get() for _ in range(self._number)]
        for watcher in watchers:
            self._idle[level].put(watcher)
        return [watcher.solution() for watcher in watchers]
