"""The cursor: a real ``sqlite3.Cursor`` by class, with statements and rows from the server."""

from __future__ import annotations

import itertools
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

from . import dbapi_native as native
from .dbapi_callbacks import Supply
from .dbapi_values import bind, exception, incoming
from .wire import Answer, Error, Execute, ExecuteMany, ExecuteScript, Fetch, Forget, Result, Value, Work

if TYPE_CHECKING:
    from .dbapi_connection import Connection

_numbers = itertools.count(1)


class Cursor(sqlite3.Cursor):
    """As ``sqlite3.Cursor``.

    The C part works on the empty database: it lends its description to ``sqlite3.Row``, and its words to refusals.
    """

    # The C class guards these names with read-only descriptors; plain class attributes lift the guard.
    connection: Connection = None  # type: ignore[assignment]  # set on every instance
    description: Any = None
    lastrowid: int | None = None
    rowcount: int = -1
    arraysize: int = 1
    row_factory: Any = None
    _connected = False

    _rows: deque[tuple[Value, ...]]
    _columns: list[str]
    _error: Error | None
    _described: Any = None

    def __init__(self, connection: Connection, /) -> None:
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(f"Cursor() argument 1 must be sqlite3.Connection, not {type(connection).__name__}")
        super().__init__(native.empty())
        self.connection = connection
        self._number = next(_numbers)
        self._closed = False
        self._busy = False
        self._forget_rows()
        self._connected = True

    def __del__(self) -> None:
        if self._connected and self._more:
            self.connection.discard(self._number)

    # --- statements ---------------------------------------------------------------------------------------------------
    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:  # noqa: ANN401  # sequences and mappings of all kinds
        """Run one statement."""
        self.check()
        if not isinstance(sql, str):
            super().execute(sql)  # words the refusal
        self._begin()
        failures: list[Exception] = []
        bound = bind(sql, parameters, failures)
        with self.connection.attaching(sql) as sent:
            self._start(Execute(self._number, sent, bound, self.connection.converter_names()), failures)
        return self

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Cursor:
        """Run one statement for each of ``rows``, which may be an iterator."""
        self.check()
        if not isinstance(sql, str):
            super().executemany(sql, rows)  # words the refusal
        self._begin()
        failures: list[Exception] = []
        supply = Supply(iter(rows), sql, failures)
        work = ExecuteMany(self._number, sql, supply.batch(), self.connection.converter_names())
        self._start(work, failures, supply)
        return self

    def executescript(self, script: str, /) -> Cursor:
        """Run the statements of a script, after committing what is open."""
        self.check()
        if not isinstance(script, str):
            super().executescript(script)  # words the refusal
        self._begin()
        self._ask(ExecuteScript(script))
        return self

    def _begin(self) -> None:
        self._forget_rows()
        self.description = None
        self.rowcount = -1

    def _start(self, work: Work, failures: list[Exception], supply: Supply | None = None) -> None:
        answer = self._ask(work, failures, supply)
        if answer.result is not None:
            self._take(answer.result)
            self.rowcount = answer.result.rowcount
            if supply is None:
                self.lastrowid = answer.result.lastrowid
            self._counted()

    def _ask(self, work: Work, failures: Iterable[Exception] = (), supply: Supply | None = None) -> Answer:
        self._busy = True
        try:
            return self.connection.ask(work, failures, supply)
        finally:
            self._busy = False

    # --- rows ---------------------------------------------------------------------------------------------------------
    def __iter__(self) -> Self:
        self.check()
        return self

    def __next__(self) -> Any:  # noqa: ANN401  # a row factory's
        self.check()
        if not self._rows:
            self._fetch()
        if not self._rows:
            raise StopIteration
        row = self._shaped(self._rows.popleft())
        self._counted()
        return row

    def fetchone(self) -> Any:  # noqa: ANN401  # as above
        """Return the next row, or None."""
        return next(self, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return up to ``size`` rows."""
        self.check()
        return list(itertools.islice(self, self.arraysize if size is None else size))

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        self.check()
        plain = not self._special and self.connection.text_factory is str and self.row_factory is None
        if not plain or self._more or self._error is not None:
            return list(self)
        rows = list(self._rows)
        self._rows.clear()
        self._counted()
        return rows

    def _fetch(self) -> None:
        """Get more rows, or raise what the server met while it read on."""
        if self._error is not None:
            error, self._error = self._error, None
            raise exception(error)
        if self._more:
            answer = self._ask(Fetch(self._number))
            if answer.result is not None:
                self._take(answer.result)
                self._counted()
                if self._error is not None and not self._rows:
                    self._fetch()

    def _take(self, result: Result) -> None:
        if result.columns is not None:
            self._columns = result.columns
            self.description = tuple([(name, None, None, None, None, None, None) for name in result.columns])
        self._rows = deque(result.rows)
        self._more = result.more
        self._special = result.special
        self._error = result.error
        self._count = result.counted

    def _counted(self) -> None:
        """Set the row count that a statement has once its rows are read."""
        if not self._rows and not self._more and self._error is None and self._columns:
            self.rowcount = self._count

    def _forget_rows(self) -> None:
        self._rows = deque()
        self._columns = []
        self._more = False
        self._special = False
        self._error = None
        self._count = -1

    def _shaped(self, row: tuple[Value, ...]) -> Any:  # noqa: ANN401  # as above
        text_factory: Callable[[bytes], Any] = self.connection.text_factory
        shaped = incoming(row, self._columns, text_factory) if self._special or text_factory is not str else row
        if self.row_factory is None:
            return shaped
        self._describe()
        return self.row_factory(self, shaped)

    def _describe(self) -> None:
        """Give the C part the description of the statement: ``sqlite3.Row`` reads the names of columns there."""
        if self._described is not self.description:
            names = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in self._columns)
            super().execute(f"SELECT {names}")  # on the empty database
            self._described = self.description

    # --- the rest -----------------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close the cursor; a statement that is not read to its end is finished."""
        self.check_thread()
        if self._more and not self.connection.closed:
            self._ask(Forget(self._number))
        self._forget_rows()
        self._closed = True

    def check_thread(self) -> None:
        """Refuse a cursor whose ``__init__`` did not run, and other threads."""
        if not self._connected:
            raise sqlite3.ProgrammingError("Base Cursor.__init__ not called.")
        self.connection.check_thread()

    def check(self) -> None:
        """Refuse a closed cursor or connection, another thread, and use of the cursor by its own statement."""
        if not self._connected:
            raise sqlite3.ProgrammingError("Base Cursor.__init__ not called.")
        if self._closed:
            raise sqlite3.ProgrammingError("Cannot operate on a closed cursor.")
        if self._busy:
            raise sqlite3.ProgrammingError("Recursive use of cursors not allowed.")
        self.connection.check()
