"""What all connections of one call may cost together."""

from __future__ import annotations

import sqlite3

from grader import limits


class Budget:
    """Counts the statements of a call and what they compute; past the limits, nothing is begun any more."""

    def __init__(self) -> None:
        self._statements = 0
        self._instructions = 0

    def start(self) -> None:
        """Count a statement; raises ``OperationalError`` at a limit."""
        self._statements += 1
        if self._statements > limits.STATEMENTS:
            raise sqlite3.OperationalError(f"interrupted: more than {limits.STATEMENTS} statements in one call")
        if self.is_spent:
            raise sqlite3.OperationalError(f"interrupted: more than {limits.INSTRUCTIONS} instructions in one call")

    def spend(self, instructions: int) -> None:
        """Count instructions of sqlite's."""
        self._instructions += instructions

    @property
    def is_spent(self) -> bool:
        """Whether there are more of them than one call may take."""
        return self._instructions > limits.INSTRUCTIONS
