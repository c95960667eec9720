"""What student SQL may do to the process that runs it.

This is the place for hardening: limits of the process, limits of each connection, an authorizer and a deadline.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from grader import limits

_OPCODES = 10_000  # between two looks at the clock: well under a millisecond
_FORBIDDEN_PRAGMAS = {"temp_store_directory", "data_store_directory", "hard_heap_limit", "soft_heap_limit"}
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: limits.VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: limits.SQL_BYTES,
}

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def uri(file: Path, query: dict[str, str] | None = None) -> str:
    """Return the URI of a database file."""
    return f"file:{quote(str(file))}?{urlencode(query or {})}"


class Deadline:
    """Interrupts a statement of a connection that computes too long."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.start()
        connection.set_progress_handler(self._late, _OPCODES)

    def start(self) -> None:
        """Let the time begin."""
        self._end = time.monotonic() + limits.STATEMENT_SECONDS

    def _late(self) -> bool:
        return time.monotonic() > self._end


class Bounded(sqlite3.Connection):
    """A connection of the server's own: an evil schema in the file can compute only so long."""

    deadline: Deadline

    def execute(self, *args: Any) -> sqlite3.Cursor:  # noqa: ANN401  # those of the real method
        """Run one statement, within the time that a statement has."""
        self.deadline.start()
        return super().execute(*args)


def open_own(file: Path) -> Bounded:
    """Open a file of the scenario's for the server itself: nothing is waited for."""
    connection = sqlite3.connect(
        uri(file), uri=True, timeout=0, isolation_level=None, check_same_thread=False, factory=Bounded
    )
    connection.deadline = Deadline(connection)
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    return connection


class Guard:
    """The limits and the authorizer of one student's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.student: Authorizer | None = None
        for category, most in _LIMITS.items():
            connection.setlimit(category, most)
        connection.execute(f"PRAGMA hard_heap_limit = {limits.DATABASE_HEAP_BYTES}")
        with contextlib.suppress(sqlite3.OperationalError):  # locked: then writing may wait for the disk, if it is one
            connection.execute("PRAGMA synchronous = OFF")
        connection.set_authorizer(self._authorize)
        self.deadline = Deadline(connection)

    def limit(self, category: int, value: int | None) -> int:
        """Read a limit or lower it; returns what it was."""
        if value is None:
            return self._connection.getlimit(category)
        return self._connection.setlimit(category, min(value, _LIMITS.get(category, value)))

    def ask_student(self, authorizer: Authorizer | None) -> None:
        """Let a function of the student's have its say too."""
        self.student = authorizer
        self._connection.set_authorizer(self._authorize)  # statements are prepared anew

    def clamp(self, sql: str) -> None:
        """Bound the busy timeout again, after a statement that may have raised it."""
        if "busy_timeout" in sql.lower():
            most = int(limits.BUSY_SECONDS * 1000)
            (now,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
            if now > most:
                self._connection.execute(f"PRAGMA busy_timeout = {most}")

    def _authorize(
        self, action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
    ) -> int:
        if action == sqlite3.SQLITE_ATTACH and not _own_file(first):
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _FORBIDDEN_PRAGMAS:
            return sqlite3.SQLITE_DENY
        if self.student is not None:
            return self.student(action, first, second, database, trigger)
        return sqlite3.SQLITE_OK


def _own_file(name: str | None) -> bool:
    """Whether ATTACH names a file in the scenario's folder, which is the current one, or none at all."""
    return name is not None and (name == ":memory:" or quote(name, safe="") == name)
