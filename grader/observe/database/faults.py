"""The faults that a call may ask for: the database refuses an insert, or is locked at the commit."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from grader.observe.child.wire import Commit, Execute, ExecuteScript, Work

from . import guard
from .messages import Setup

REFUSED_INSERT = "refuse_insert"
LOCKED_COMMIT = "lock_commit"
_COMMIT = re.compile(r"\s*(COMMIT|END)\b", re.IGNORECASE)
_BEGINNING = 1_000  # characters; looking for the ends of a million comments takes a processor's minute
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class RefusedInsert:
    """Counts the rows that are inserted into ``products``, on all connections, and refuses from the ``first`` on.

    A TEMP trigger does it: it belongs to the student's connection alone, and no form of INSERT gets round it.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._rows = 0
        self._fired = 0

    def arm(self, connection: sqlite3.Connection) -> None:
        """Put the trigger on a connection, as soon as there is a table."""
        if ("trigger", guard.RESERVED) in _entries(connection, "temp"):
            return
        if ("table", "products") in _entries(connection, "main"):
            connection.create_function(guard.RESERVED, 0, self._refuses)
            connection.execute(
                f"CREATE TEMP TRIGGER {guard.RESERVED} BEFORE INSERT ON main.products WHEN {guard.RESERVED}() "
                "BEGIN SELECT RAISE(ABORT, 'insert refused by the database'); END"
            )

    def take_fired(self) -> bool:
        """Whether an insert was refused since this was last asked."""
        fired, self._fired = self._fired, 0
        return fired > 0

    def _refuses(self) -> bool:
        self._rows += 1
        refused = self._rows >= self._first
        self._fired += refused
        return refused


def _entries(connection: sqlite3.Connection, schema: str) -> set[tuple[str, str]]:
    """Return the types and names in a schema; compared here, as in SQL functions of the student's could answer."""
    # As expressions the columns have no declared type, for which the student could have a converter.
    found = connection.execute(f"SELECT type || '', name || '' FROM {schema}.sqlite_master")  # noqa: S608  # main or temp
    return {(str(kind), str(name).lower()) for kind, name in found}


class LockedCommit:
    """Another program in the middle of reading: with a rollback journal no commit gets past it.

    In WAL mode a reader is in nobody's way, nor in a file that it cannot read: there the commit is refused without
    being tried.
    """

    def __init__(self, file: Path) -> None:
        self._reader: sqlite3.Connection | None = guard.open_own(file)
        self._in_its_way = False
        with contextlib.suppress(*guard.UNREADABLE):  # a file that nobody can read
            self._in_its_way = self._reader.execute("PRAGMA journal_mode").fetchone()[0] != "wal"
            self._reader.execute("BEGIN")
            self._reader.execute("SELECT count(*) FROM sqlite_master")

    @property
    def held(self) -> bool:
        """Whether the other program is still reading."""
        return self._reader is not None

    def release(self) -> None:
        """Let the other program finish."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def refuse(self, work: Work, connection: sqlite3.Connection) -> None:
        """Raise what a locked database would, if the work is a commit and a real lock would not do it."""
        if not (self.held and connection.in_transaction and commits(work)):
            return
        connection.execute("PRAGMA busy_timeout = 0")  # the reader will not give way: to wait would only take time
        if not self._in_its_way:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            error.sqlite_errorname = "SQLITE_BUSY"
            raise error


class Faults:
    """The faults of one call; ``file`` is the watched database."""

    def __init__(self, setup: Setup, file: Path) -> None:
        self.refused_insert = None if setup.refuse_insert is None else RefusedInsert(setup.refuse_insert)
        self.locked_commit = LockedCommit(file) if setup.lock_commit else None

    def release(self) -> None:
        """Let commits go through again."""
        if self.locked_commit is not None:
            self.locked_commit.release()


def commits(work: Work) -> bool:
    """Whether a request asks for a commit."""
    if isinstance(work, ExecuteScript):
        return True  # it begins with one
    return isinstance(work, Commit) or (
        isinstance(work, Execute) and _COMMIT.match(_COMMENT.sub(" ", work.sql[:_BEGINNING])) is not None
    )
