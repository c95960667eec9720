"""Looks at the watched database from outside, through a connection of nobody's, whenever it may have changed."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from grader import limits
from grader.values import Step, Table

from . import guard, tables
from .log import Log


class Watch:
    """The outside observer of one file; ``look`` tells a ``seen`` step if other rows are committed than before."""

    def __init__(self, file: Path, log: Log) -> None:
        self._file = file
        self._log = log
        self._connection: sqlite3.Connection | None = None
        self._deadline = guard.Deadline(limits.READING_SECONDS)
        self._spent = 0.0
        self._version: int | None = None
        self.table: Table | None = None
        self.overdue = False

    def look(self, *, last: bool = False) -> None:
        """Look, unless somebody has locked everybody out, or filled the file so that looking takes too long.

        The next look makes up for it, the ``last`` one of a call at the latest.
        """
        with self._log.lock:
            self.overdue = True
            if self._spent > limits.LOOKING_SECONDS and not last:
                return
            try:
                changed, table = self._read()
            except guard.UNREADABLE:
                return
            self.overdue = False
            if changed and table != self.table:
                self.table = table
                self._log.append(Step("seen", fact=True, table=table))

    def forget(self) -> None:
        """Close the file, as it is about to be removed or copied."""
        with self._log.lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._version = None

    def _read(self) -> tuple[bool, Table | None]:
        self._deadline.start(limits.READING_SECONDS)
        if self._connection is None:
            if not self._file.exists():
                return True, None
            self._connection = guard.open_own(self._file, self._deadline)
            self._connection.execute("PRAGMA query_only = ON")
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return False, None
        began = time.thread_time()
        try:
            table = tables.read(self._connection)
        finally:
            self._spent += time.thread_time() - began
        self._version = version
        if self._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            self.forget()  # an open connection would keep the student's from leaving WAL mode
        return True, table
