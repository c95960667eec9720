"""The connection: a real ``sqlite3.Connection`` by class, that does all its work on the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Literal, Self

from . import dbapi_link as link
from . import dbapi_native as native
from .dbapi_conversation import Conversation
from .dbapi_cursor import Cursor
from .dbapi_files import is_in_memory
from .wire import Commit, Connect, Limit, Register, Rollback, Set

_LEGACY: int = getattr(sqlite3, "LEGACY_TRANSACTION_CONTROL", -1)


class Connection(Conversation):
    """As ``sqlite3.Connection``; ``number`` counts the connections of a call in the order in which they were opened."""

    # The C class would read these from the part of the object that is never made.
    row_factory: Any = None
    text_factory: Any = str
    number: int

    def __init__(  # noqa: PLR0913, PLR0917  # the arguments of sqlite3.connect
        self,
        database: Any,  # noqa: ANN401  # a path of any kind
        timeout: float = 5.0,
        detect_types: int = 0,
        isolation_level: str | None = "",
        check_same_thread: bool = True,  # noqa: FBT001, FBT002  # as above
        factory: Any = None,  # noqa: ANN401, ARG002  # who calls __init__ is the factory
        cached_statements: int = 128,
        uri: bool = False,  # noqa: FBT001, FBT002  # as above
        *,
        autocommit: bool | int = _LEGACY,
    ) -> None:
        if not _well_typed(timeout, detect_types, isolation_level, cached_statements):
            wrong: Any = {"timeout": timeout, "detect_types": detect_types, "isolation_level": isolation_level}
            native.connect(":memory:", cached_statements=cached_statements, **wrong)  # words the refusal
        self._prepare(check_same_thread=check_same_thread, detect_types=detect_types)
        files = self._link.files
        name, query = files.locate(database, uri=uri)
        answer = self._connect(
            Connect(
                name=name,
                query=query,
                timeout=timeout,
                detect_types=detect_types,
                isolation_level=isolation_level,
                cached_statements=cached_statements,
                autocommit=None if autocommit == _LEGACY else autocommit,
                fresh=files.is_deleted(name),
                role=self._link.role,
            )
        )
        if not is_in_memory(name, query):
            files.place(name)
        self.number = int(answer.value or 0)
        self._isolation_level: Any = isolation_level and isolation_level.upper()
        self._autocommit: Any = autocommit

    # --- statements ---------------------------------------------------------------------------------------------------
    def cursor(self, factory: Any = Cursor) -> Any:  # noqa: ANN401  # a class of the student's
        """Return a new cursor."""
        self.check()
        made = (Cursor if factory is native.Cursor else factory)(self)
        if not isinstance(made, sqlite3.Cursor):
            raise TypeError(f"factory must return a cursor, not {type(made).__name__}")
        if self.row_factory is not None:
            made.row_factory = self.row_factory
        return made

    def execute(self, sql: str, parameters: Any = (), /) -> Any:  # noqa: ANN401  # as of the cursor
        """Run one statement with a new cursor, and return it."""
        return Connection.cursor(self).execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Any:  # noqa: ANN401  # as above
        """Run one statement for each of ``rows`` with a new cursor, and return it."""
        return Connection.cursor(self).executemany(sql, rows)

    def executescript(self, script: str, /) -> Any:  # noqa: ANN401  # as above
        """Run a script with a new cursor, and return it."""
        return Connection.cursor(self).executescript(script)

    # --- transactions -------------------------------------------------------------------------------------------------
    def commit(self) -> None:
        """Commit what is open."""
        self.check()
        self.ask(Commit())

    def rollback(self) -> None:
        """Roll back what is open."""
        self.check()
        if self._current:
            self.ask(Rollback())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        self.check_open()
        return self._state.in_transaction

    @property
    def total_changes(self) -> int:
        """Rows inserted, changed or deleted since the connection was opened."""
        self.check_open()
        return self._state.total_changes

    @property
    def isolation_level(self) -> Any:  # noqa: ANN401  # a literal or None
        """What is written after BEGIN, or None for no implicit BEGIN."""
        self.check_open()
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, level: Any) -> None:  # noqa: ANN401  # as above
        if level is not None and not isinstance(level, str):
            native.empty().isolation_level = level  # words the refusal
        self.check()
        self._isolation_level = self.ask(Set("isolation_level", level)).value

    @property
    def autocommit(self) -> Any:  # noqa: ANN401  # a bool or LEGACY_TRANSACTION_CONTROL
        """How transactions begin and end; before Python 3.12 an attribute like any other."""
        self.check()
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: Any) -> None:  # noqa: ANN401  # as above
        self.check()
        if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL"):
            self.ask(Set("autocommit", value))
        self._autocommit = value

    def __enter__(self) -> Self:
        self.check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> Literal[False]:
        self.check()
        if self._autocommit is True or not self.in_transaction:
            return False
        if kind is not None:
            self.rollback()
            return False
        try:
            self.commit()
        except sqlite3.Error:
            self.rollback()  # unlocks the database, as the real one does
            raise
        return False

    # --- what SQL may call --------------------------------------------------------------------------------------------
    def _register(self, kind: Any, function: Any, name: str = "", arguments: int = 0, *, pure: bool = False) -> None:  # noqa: ANN401  # a literal; what a student passes
        self.check()
        self.ask(Register(kind, name, arguments, pure, self._callbacks.add(function)))

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, *, deterministic: bool = False
    ) -> None:
        """Let SQL call a function, which runs in this process."""
        self._register("function", func, name, narg, pure=deterministic)

    def create_aggregate(self, name: str, n_arg: int, aggregate_class: Any) -> None:  # noqa: ANN401  # a class or None
        """Let SQL use an aggregate, whose objects live in this process."""
        self._register("aggregate", aggregate_class, name, n_arg)

    def create_window_function(self, name: str, num_params: int, aggregate_class: Any, /) -> None:  # noqa: ANN401  # as above
        """Let SQL use a window function, whose objects live in this process."""
        self._register("window", aggregate_class, name, num_params)

    def create_collation(self, name: str, callback: Any, /) -> None:  # noqa: ANN401  # a function or None
        """Let SQL compare texts with a function."""
        if callback is not None and not callable(callback):
            native.empty().create_collation(name, callback)  # words the refusal
        self._register("collation", callback, name)

    def set_trace_callback(self, trace_callback: Callable[[str], object] | None) -> None:
        """Have a function told of each statement."""
        self._register("trace", trace_callback)

    def set_authorizer(self, authorizer_callback: Callable[..., int] | None) -> None:
        """Have a function asked what a statement may do."""
        self._register("authorizer", authorizer_callback)

    def set_progress_handler(self, progress_handler: Any, n: int) -> None:  # noqa: ANN401, ARG002  # sqlite3's names
        """Accept a progress handler; it is never called, as the server has one of its own."""
        self.check()

    def interrupt(self) -> None:
        """Interrupt the statement that another thread is running."""
        self.check_open()
        link.interrupt(self.number)

    # --- the rest -----------------------------------------------------------------------------------------------------
    def getlimit(self, category: int, /) -> int:
        """Return a limit of sqlite's."""
        self.check()
        return int(self.ask(Limit(category)).value or 0)

    def setlimit(self, category: int, limit: int, /) -> int:
        """Lower a limit of sqlite's, and return what it was."""
        self.check()
        return int(self.ask(Limit(category, limit)).value or 0)

    def iterdump(self, **options: Any) -> Any:  # noqa: ANN401  # filter, since Python 3.13; an iterator
        """Return the database as SQL, line by line."""
        self.check()
        from sqlite3 import dump  # noqa: PLC0415  # seldom used

        lines: Iterator[str] = vars(dump)["_iterdump"](self, **options)  # as the real method does
        return lines


def _well_typed(timeout: object, detect_types: object, isolation_level: object, cached_statements: object) -> bool:
    """Whether these arguments are of the types that travel; the real driver words the refusal of others."""
    return (
        isinstance(timeout, int | float)
        and isinstance(detect_types, int)
        and isinstance(isolation_level, str | None)
        and isinstance(cached_statements, int)
    )


def _not_offered(name: str) -> Callable[..., Any]:
    def refuse(self: Connection, *_: object, **__: object) -> None:
        self.check()
        raise sqlite3.NotSupportedError(f"{name}() is not offered here: do it with SQL statements")

    refuse.__name__ = name
    return refuse


_NOT_OFFERED = ("backup", "blobopen", "serialize", "deserialize", "getconfig", "setconfig")
_EXTENSIONS = ("enable_load_extension", "load_extension")
_ERRORS = ("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError")
_OTHER_ERRORS = ("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError")

for _name in _NOT_OFFERED + _EXTENSIONS:
    setattr(Connection, _name, _not_offered(_name))
for _name in _ERRORS + _OTHER_ERRORS:
    setattr(Connection, _name, getattr(sqlite3, _name))
