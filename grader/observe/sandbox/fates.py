"""How a student's process ended that should have answered, in words."""

from __future__ import annotations

from grader import limits


def fate(status: int) -> str:
    """Say how a process ended that should have answered."""
    if status >= 0:
        return f"it ended its own process (exit status {status}) instead of returning"
    if -status in {9, 24}:  # SIGKILL at the hard limit, SIGXCPU at the soft one
        return f"it used more than {limits.CPU_SECONDS} seconds of processor time, or killed itself"
    return f"it crashed the interpreter (signal {-status})"
