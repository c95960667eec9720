"""Looks at the watched database from outside, through a connection of nobody's, whenever it may have changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from grader.values import Step, Table

from . import guard, tables
from .log import Log


class Watch:
    """The outside observer of one file; ``look`` tells a ``seen`` step if other rows are committed than before."""

    def __init__(self, file: Path, log: Log) -> None:
        self._file = file
        self._log = log
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self.table: Table | None = None
        self.overdue = False

    def look(self) -> None:
        """Look, unless somebody has locked everybody out; then the next look makes up for it."""
        with self._log.lock:
            try:
                changed, table = self._read()
            except sqlite3.Error:
                self.overdue = True
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
        if self._connection is None:
            if not self._file.exists():
                return True, None
            self._connection = guard.open_own(self._file)
            self._connection.execute("PRAGMA query_only = ON")
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return False, None
        table = tables.read(self._connection)
        self._version = version
        if self._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            self.forget()  # an open connection would keep the student's from leaving WAL mode
        return True, table
