"""What a statement gives, as it travels: batches of rows, and exceptions."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from grader import limits
from grader.observe.child.wire import Converted, Error, RawText, Result, Surrogates, Value

if TYPE_CHECKING:
    from .guard import Deadline

_SOME_ROWS = 8  # of a batch, between two looks at its size


class Results:
    """The cursors of one connection that still have rows, by the number that the client gave them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._open: dict[int, sqlite3.Cursor] = {}
        self._left: dict[int, float] = {}
        self._special = False
        self._size = 0
        self._failure: Exception | None = None
        connection.text_factory = self._text

    def new_cursor(self, number: int, converters: list[str]) -> sqlite3.Cursor:
        """Return a cursor for a new statement; the one before it under this number is finished."""
        self.forget(number)
        if len(self._open) >= limits.OPEN_STATEMENTS:
            raise sqlite3.OperationalError("too many statements are open")
        for name in converters[: limits.CONVERTERS]:
            if len(sqlite3.converters) < limits.CONVERTERS or name.upper() in sqlite3.converters:
                sqlite3.register_converter(name, self._converter(name))
        return self._connection.cursor()

    def first(self, number: int, cursor: sqlite3.Cursor) -> Result:
        """Return the first rows of a statement, with the row count that it has before they are read."""
        before = cursor.rowcount
        result = self._read(number, cursor)
        result.rowcount = before
        return result

    def more(self, number: int) -> Result:
        """Return the next rows."""
        cursor = self._open.pop(number, None)
        return Result(None, []) if cursor is None else self._read(number, cursor)

    def take_failure(self) -> Exception | None:
        """Return, once, what reading rows ended in: without a transaction, a RETURNING commits with its last row."""
        failure, self._failure = self._failure, None
        return failure

    def left(self, number: int) -> float:
        """Return the seconds that a statement may still compute, and forget them."""
        return self._left.pop(number, limits.STATEMENT_SECONDS)

    def leave(self, number: int, deadline: Deadline) -> None:
        """Remember the seconds that a statement has left, if it may have more rows."""
        if number in self._open:
            self._left[number] = deadline.left

    def forget(self, number: int) -> None:
        """Finish a statement."""
        self._open.pop(number, None)
        self._left.pop(number, None)

    def close(self) -> None:
        """Finish all statements; an unfinished one would keep its lock beyond the end of the connection."""
        self._open.clear()
        self._left.clear()

    def _read(self, number: int, cursor: sqlite3.Cursor) -> Result:
        """Read a batch of rows; a cursor that may have more is kept."""
        columns = None if cursor.description is None else [item[0] for item in cursor.description]
        result = Result(columns, [], lastrowid=cursor.lastrowid)
        self._special = False
        self._size = 0
        if columns is not None:
            try:
                result.more = self._fill(result.rows, cursor)
            except Exception as error:  # noqa: BLE001  # the student meets it after the rows before it
                self._failure = error.with_traceback(None)
                result.error = sent(error)
        if result.more:
            self._open[number] = cursor
        result.special = self._special
        result.counted = cursor.rowcount
        return result

    def _fill(self, rows: list[tuple[Value, ...]], cursor: sqlite3.Cursor) -> bool:
        """Read rows until a batch is full; False if there are no more."""
        while self._size <= limits.BATCH_BYTES and len(rows) < limits.BATCH_ROWS:
            before = len(rows)
            rows.extend(islice(cursor, _SOME_ROWS))  # those before an error stay
            some = rows[before:]
            if bytes in set(map(type, chain.from_iterable(some))):  # texts were counted as they came
                self._size += sum(map(sys.getsizeof, chain.from_iterable(some)))
            if len(some) < _SOME_ROWS:
                return False
        return True

    def _text(self, data: bytes) -> str | RawText:
        self._size += len(data)
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._special = True
            return RawText(data)

    def _converter(self, name: str) -> Callable[[bytes], Converted]:
        def convert(data: bytes) -> Converted:
            self._special = True
            return Converted(name.encode() + b"\0" + data)

        return convert


def sent(error: Exception) -> Error:
    """Return an exception as it travels."""
    return Error(
        type(error).__name__,
        [_argument(value) for value in error.args],
        getattr(error, "sqlite_errorcode", None),
        getattr(error, "sqlite_errorname", None),
    )


def _argument(value: Any) -> Value:  # noqa: ANN401  # of an exception
    if isinstance(value, str) and not value.isascii():
        return Surrogates(value.encode("utf-8", "surrogatepass"))
    return value if value is None or isinstance(value, int | float | str | bytes) else str(value)
