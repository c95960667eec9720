"""Grades one submission again and again with one observer, as a class is graded, and writes down what each time took.

``python -m tests.benchmarks.warm TIMES FILE`` writes a JSON list into FILE: one object a time, all values in seconds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from grader import flow
from grader.observe.observer import Observer
from grader.observe.submission import take_in

from .family import descendants, group

GRADER, SANDBOX, SERVER = "the grader's process", "the student sandbox", "the database server"
_STARTED_WITH = {SANDBOX: b"child.entrance", SERVER: b"database.process"}

ROLES = (GRADER, SANDBOX, SERVER)
Clocks = dict[str, Callable[[], float]]


def clocks(groups: ExitStack) -> Clocks:
    """Return what tells the processor time of each role; only of our own where no control group can be made."""
    found: Clocks = {GRADER: time.process_time}
    for role, mark in _STARTED_WITH.items():
        made = groups.enter_context(group(mark.decode()))
        if made is not None:
            root = _root(mark)
            for process in (root, *descendants(root)):
                made.take(process)
            found[role] = made.cpu
    return found


def _root(mark: bytes) -> int:
    """Return our child with ``mark`` on its command line."""
    for process in descendants(os.getpid()):
        if mark in Path(f"/proc/{process}/cmdline").read_bytes():
            return process
    raise LookupError(f"no process was started with {mark!r}: bring _STARTED_WITH in {__file__} up to date")


def timed(observer: Observer, read: Clocks) -> dict[str, float]:
    """Grade the solution once; returns the wall time and the processor time of each role."""
    submission = take_in(Path("assignment/solution"))
    before = {role: clock() for role, clock in read.items()}
    begin = time.perf_counter()
    graded = flow.judged(observer.observe(submission))
    wall = time.perf_counter() - begin
    if graded.report.score != graded.report.max_score:
        raise RuntimeError(f"the solution got {graded.report.score} points: what was measured is no whole grading")
    return {"wall": wall} | {role: clock() - before[role] for role, clock in read.items()}


def main() -> None:
    """Grade once unmeasured, then as often as the first argument says."""
    times, file = int(sys.argv[1]), Path(sys.argv[2])
    with ExitStack() as groups, flow.observer(None) as observer:  # left in the opposite order: a group is removed empty
        timed(observer, {})
        read = clocks(groups)
        file.write_text(json.dumps([timed(observer, read) for _ in range(times)]))


if __name__ == "__main__":
    main()
