"""What all connections of one call may cost together."""

from __future__ import annotations

import sqlite3
import time

from grader import limits


class Budget:
    """Counts the statements of a call and the processor time they take; past the limits, nothing is done any more."""

    def __init__(self) -> None:
        self._statements = 0
        self._seconds = 0.0

    def start(self) -> float:
        """Count a statement and return when it began, for ``spend``; raises ``OperationalError`` at a limit."""
        self._statements += 1
        if self._statements > limits.STATEMENTS:
            raise sqlite3.OperationalError(f"interrupted: more than {limits.STATEMENTS} statements in one call")
        if self._seconds > limits.COMPUTING_SECONDS:
            raise sqlite3.OperationalError(
                f"interrupted: the statements of one call computed for more than {limits.COMPUTING_SECONDS:g} seconds"
            )
        return time.thread_time()

    def spend(self, began: float) -> None:
        """Add what this thread has computed since ``began``."""
        self._seconds += time.thread_time() - began
