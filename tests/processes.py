"""The processes of this machine, as their tests look at them: who descends from whom, and as whom they run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from grader import limits

PROC = Path("/proc")


def status(pid: int) -> dict[str, str]:
    """Return the fields of a process's status, none if it is gone."""
    return dict(line.split(":\t", 1) for line in _text(PROC / str(pid) / "status").splitlines() if ":\t" in line)


def descendants(pid: int) -> list[int]:
    """Return the processes below one, however deep; those that have ended are not counted."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        found = status(int(path.name))
        if found and not found["State"].startswith(("Z", "X")):
            children.setdefault(int(found["PPid"]), []).append(int(path.name))
    below = [pid]
    for one in below:
        below += children.get(one, [])
    return below[1:]


def named(name: str) -> list[int]:
    """Return the processes that have given themselves a name."""
    return [int(path.parent.name) for path in PROC.glob("[0-9]*/comm") if _text(path).strip() == name]


def command_line(pid: int) -> str:
    """Return how a process was called, nothing if it is gone."""
    return _text(PROC / str(pid) / "cmdline").replace("\0", " ")


def soon(true: Callable[[], bool]) -> bool:
    """Wait until something is true, as long as a killed process may take to be gone; tell if it ever was."""
    give_up = time.monotonic() + limits.STOP_SECONDS
    while not (found := true()) and time.monotonic() < give_up:
        os.sched_yield()
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:  # it has ended meanwhile
        return ""
