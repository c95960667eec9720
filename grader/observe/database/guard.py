"""What student SQL may do to the process that runs it: the limits, the deadline and the authorizer of a connection."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

from grader import limits

from . import pragmas, quota
from .budget import Budget

UNREADABLE = (sqlite3.Error, MemoryError, ValueError)
"""What reading a hostile file may raise; the last one for names that are no text."""
RESERVED = "session_grader_refusal"
"""The name of our own trigger and function, which a student's connection may neither replace nor drop."""

_OPCODES = 1_000  # between two looks at the clock: below a millisecond, unless each handles a large value
_OWN_OPCODES = 100  # we read little, and what is in the way of that is meant to be
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: limits.VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: limits.SQL_BYTES,
    sqlite3.SQLITE_LIMIT_COLUMN: limits.COLUMNS,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: limits.EXPRESSION_DEPTH,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: limits.COMPOUND_SELECTS,
    sqlite3.SQLITE_LIMIT_VDBE_OP: limits.OPERATIONS,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: limits.FUNCTION_ARGUMENTS,
    sqlite3.SQLITE_LIMIT_ATTACHED: limits.ATTACHED_DATABASES,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: limits.PATTERN_BYTES,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: limits.VARIABLES,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: limits.TRIGGER_DEPTH,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: limits.WORKER_THREADS,
}
# Every action that sqlite asks about; what a later version adds is refused until somebody has thought about it.
_HARMLESS = {
    *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION),
    *(sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_ALTER_TABLE),
    *(sqlite3.SQLITE_REINDEX, sqlite3.SQLITE_ANALYZE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_CREATE_TABLE),
    *(sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_CREATE_VIEW, sqlite3.SQLITE_CREATE_TEMP_INDEX),
    *(sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_CREATE_TEMP_VIEW),
    *(sqlite3.SQLITE_DROP_INDEX, sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_VIEW, sqlite3.SQLITE_DROP_VTABLE),
    *(sqlite3.SQLITE_DROP_TEMP_INDEX, sqlite3.SQLITE_DROP_TEMP_TABLE, sqlite3.SQLITE_DROP_TEMP_VIEW),
}
_TEMP_TRIGGERS = {sqlite3.SQLITE_CREATE_TEMP_TRIGGER, sqlite3.SQLITE_DROP_TEMP_TRIGGER}
_WRITES = {sqlite3.SQLITE_INSERT: "insert", sqlite3.SQLITE_UPDATE: "update", sqlite3.SQLITE_DELETE: "delete"}
_RAW_PAGES = "sqlite_dbpage"  # a table of the file's bytes, where sqlite was compiled with it
_REFUSED_FUNCTIONS = {"load_extension", "fts3_tokenizer"}  # code of a file's, and pointers

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def uri(file: Path, query: dict[str, str] | None = None) -> str:
    """Return the URI of a database file."""
    return f"file:{quote(str(file))}?{urlencode(query or {})}"


class Deadline:
    """Interrupts the statements of the connections that it is set for, from a point in time on."""

    def __init__(self, seconds: float) -> None:
        self.start(seconds)

    def set(self, connection: sqlite3.Connection) -> None:
        """Watch over a connection of the server's own."""
        connection.set_progress_handler(self.is_over, _OWN_OPCODES)

    def start(self, seconds: float) -> None:
        """Let the statements run for so long from now."""
        self.end = time.monotonic() + seconds

    def is_over(self) -> bool:
        """Whether it has passed."""
        return time.monotonic() > self.end

    @property
    def left(self) -> float:
        """The seconds until then."""
        return self.end - time.monotonic()


def open_own(file: Path, deadline: Deadline | None = None) -> sqlite3.Connection:
    """Open a file of the scenario's for the server itself: nothing is waited for, and no schema in it is trusted.

    What it does has to be done by the deadline, or else in the time that reading one file may take.
    """
    connection = sqlite3.connect(uri(file), uri=True, timeout=0, isolation_level=None, check_same_thread=False)
    (deadline or Deadline(limits.READING_SECONDS)).set(connection)
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    for category, most in _LIMITS.items():
        connection.setlimit(category, most)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.READING_VALUE_BYTES)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    _defend(connection)
    return connection


def _defend(connection: sqlite3.Connection) -> None:
    """Let no SQL break the file on purpose, where Python can ask sqlite for that (since 3.12)."""
    option = getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE", None)
    if option is not None:
        vars(sqlite3.Connection)["setconfig"](connection, option, True)  # noqa: FBT003  # sqlite3's own signature


class Guard:
    """The limits, the deadline and the authorizer of one student's connection."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, budget: Budget, watched: str) -> None:
        self._connection = connection
        self._folder = folder
        self._budget = budget
        self._watched = quota.file_name(watched)
        self._student: Authorizer | None = None
        self._dropped: str | None = None
        self.wrote: dict[str, None] = {}
        self.in_script = False
        self._ours = False
        self._stopped = False
        self._loose = True
        self._slow = False
        for category, most in _LIMITS.items():
            connection.setlimit(category, most)
        self.deadline = Deadline(limits.STATEMENT_SECONDS)
        connection.set_progress_handler(self._is_late, _OPCODES)
        connection.execute(f"PRAGMA hard_heap_limit = {limits.DATABASE_HEAP_BYTES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        _defend(connection)
        with contextlib.suppress(*UNREADABLE):  # locked: then writing may wait for the disk, if it is one
            connection.execute("PRAGMA synchronous = OFF")
        self._bound_files()
        connection.set_authorizer(self._authorize)

    # --- statements ---------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def working(self, seconds: float = limits.STATEMENT_SECONDS) -> Iterator[None]:
        """Do the work of one request within the time that it has; what it loosened is bounded again."""
        self._budget.start()
        outer = self.deadline.end
        self.deadline.start(seconds)
        try:
            yield
        finally:
            if self._loose or self._slow:
                self._tighten()
            self._stopped = False
            self.deadline.end = outer

    def _is_late(self) -> bool:
        self._budget.spend(_OPCODES)
        return self.deadline.is_over() or self._budget.is_spent

    def stop_if_late(self) -> bool:
        """Refuse the statements of a script from here on if its time is over: short ones are never interrupted."""
        self._stopped = self._stopped or self.deadline.is_over()
        return self._stopped

    @contextlib.contextmanager
    def trusted(self) -> Iterator[None]:
        """Run SQL of our own: nobody is asked, and the student's functions are not to be called in it."""
        self._ours = True
        try:
            yield
        finally:
            self._ours = False

    def limit(self, category: int, value: int | None) -> int:
        """Read a limit or lower it; returns what it was."""
        if value is None:
            return self._connection.getlimit(category)
        return self._connection.setlimit(category, min(value, _LIMITS.get(category, value)))

    def ask_student(self, authorizer: Authorizer | None) -> None:
        """Let a function of the student's have its say too."""
        self._student = authorizer
        self._connection.set_authorizer(self._authorize)  # statements are prepared anew

    def _tighten(self) -> None:
        """Bound again what a statement has loosened: the busy timeout, and the size of what it attached."""
        with self.trusted():
            if self._slow:
                self._slow = False
                most = int(limits.BUSY_SECONDS * 1000)
                (now,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
                if now > most:
                    self._connection.execute(f"PRAGMA busy_timeout = {most}")
            if self._loose:
                self._bound_files()

    def _bound_files(self) -> None:
        """Let no database grow beyond its size; one that is locked is bounded after the next statement."""
        pages = limits.DATABASE_BYTES // limits.PAGE_BYTES
        with contextlib.suppress(*UNREADABLE):
            for _, name, _ in self._connection.execute("PRAGMA database_list").fetchall():
                quoted = name.replace('"', '""')
                self._connection.execute(f'PRAGMA "{quoted}".max_page_count = {pages}')
            self._loose = False

    # --- the authorizer -----------------------------------------------------------------------------------------------
    def _authorize(
        self, action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
    ) -> int:
        if self._ours:
            return sqlite3.SQLITE_OK
        if self._stopped:
            return sqlite3.SQLITE_DENY
        verdict = sqlite3.SQLITE_OK if action in _HARMLESS else self._verdict(action, first, second)
        itself = database == "main" and trigger is None  # what a trigger does as well is not what was asked for
        if verdict == sqlite3.SQLITE_OK and action in _WRITES and itself:
            self.wrote[f"{_WRITES[action]}:{(first or '').lower()}"] = None
        # Nobody has a say in what our own trigger does.
        if verdict == sqlite3.SQLITE_OK and self._student is not None and RESERVED not in {second, trigger}:
            return self._student(action, first, second, database, trigger)
        return verdict

    def _verdict(self, action: int, first: str | None, second: str | None) -> int:
        """Return the verdict on what depends on its arguments; on what is not known here, no."""
        if action == sqlite3.SQLITE_PRAGMA:
            return self._pragma((first or "").lower(), second)
        if action in _WRITES:
            allowed = first != _RAW_PAGES
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = second not in _REFUSED_FUNCTIONS
        elif action == sqlite3.SQLITE_ATTACH:
            # Attached, the watched file would be written past the faults and past what a step tells.
            allowed = first != self._watched and quota.may_attach(self._folder, first)
            self._loose = self._loose or allowed
        elif action == sqlite3.SQLITE_DROP_TABLE:
            allowed, self._dropped = True, first
        else:
            allowed = action in _TEMP_TRIGGERS and self._may_touch(action, first, second)
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _may_touch(self, action: int, trigger: str | None, table: str | None) -> bool:
        """Whether a temporary trigger may be made or dropped; ours is dropped with its table alone."""
        dropped, self._dropped = self._dropped, None
        goes_along = action == sqlite3.SQLITE_DROP_TEMP_TRIGGER and table is not None and table == dropped
        return goes_along or (trigger or "").lower() != RESERVED

    def _pragma(self, name: str, value: str | None) -> int:
        if name == pragmas.BUSY_TIMEOUT and value is not None:
            if self.in_script:  # what follows would wait before the timeout could be bounded again
                return sqlite3.SQLITE_IGNORE
            self._slow = True
        return pragmas.verdict(name, value)
