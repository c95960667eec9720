"""Looks at the watched database from outside, through a connection of nobody's, whenever it may have changed."""

from __future__ import annotations

import contextlib
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

    def begin(self, table: Table | None) -> None:
        """Take this for what is committed, before anybody else has the file open."""
        self.table = table
        if table is not None:
            with self._log.lock, contextlib.suppress(*guard.UNREADABLE):
                self._deadline.start(limits.READING_SECONDS)
                self._version = self._data_version(self._opened())
                self._make_way_for_wal()

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
        if self._connection is None and not self._file.exists():
            return True, None
        connection = self._opened()
        version = self._data_version(connection)
        if version == self._version:
            return False, None
        began = time.thread_time()
        try:
            table = tables.read(connection)
        finally:
            self._spent += time.thread_time() - began
        self._version = version
        self._make_way_for_wal()
        return True, table

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = guard.open_own(self._file, self._deadline)
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection

    def _data_version(self, connection: sqlite3.Connection) -> int:
        """Return a number that changes when another connection commits."""
        return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def _make_way_for_wal(self) -> None:
        """Close a file in WAL mode: an open connection would keep the student's from leaving that."""
        if self._connection is not None and self._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            self.forget()
