"""The connection: a real ``sqlite3.Connection`` by class, that does all its work on the server."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Literal

from . import dbapi_link as link
from . import dbapi_native as native
from .dbapi_callbacks import Callbacks, Supply
from .dbapi_cursor import Cursor
from .dbapi_files import is_in_memory
from .dbapi_values import exception
from .wire import (
    MOST_REQUEST,
    Answer,
    Broken,
    Call,
    Close,
    Commit,
    Connect,
    Delete,
    Limit,
    Register,
    Request,
    Rollback,
    Set,
    Stream,
    Work,
    encode,
)

_LEGACY: int = getattr(sqlite3, "LEGACY_TRANSACTION_CONTROL", -1)


class Connection(sqlite3.Connection):
    """As ``sqlite3.Connection``; ``number`` counts the connections of a call in the order in which they were opened."""

    # The C class reads these from the part of the object that is never made.
    row_factory: Any = None
    text_factory: Any = str
    number: int
    _stream: Stream | None = None
    _made = False

    def __init__(  # noqa: PLR0913  # the arguments of sqlite3.connect
        self,
        database: Any,  # noqa: ANN401  # a path of any kind
        timeout: float = 5.0,
        detect_types: int = 0,
        isolation_level: Literal["DEFERRED", "EXCLUSIVE", "IMMEDIATE"] | None = "",  # type: ignore[assignment]  # "" is the real default
        check_same_thread: bool = True,  # noqa: FBT001, FBT002  # as above
        factory: Any = None,  # noqa: ANN401, ARG002  # who calls __init__ is the factory
        cached_statements: int = 128,
        uri: bool = False,  # noqa: FBT001, FBT002  # as above
        *,
        autocommit: bool | int = _LEGACY,
    ) -> None:
        self._thread = threading.get_ident() if check_same_thread else None
        self._lock = threading.RLock()
        self._callbacks = Callbacks()
        self._unused: list[int] = []
        self._state = Answer()
        self._detect_types = detect_types
        self._link = link.current()
        if not _well_typed(timeout, detect_types, isolation_level, cached_statements):
            native.connect(":memory:", timeout, detect_types, isolation_level, cached_statements=cached_statements)
        files = self._link.files
        name, query = files.locate(database, uri=uri)
        self._made = True
        answer = self._open(
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

    def _open(self, work: Connect) -> Answer:
        try:
            self._stream = self._link.open()
            return self.ask(work)
        except Broken as error:
            raise sqlite3.OperationalError("unable to open database file: the database server is gone") from error
        except BaseException:
            self._hang_up()
            raise

    # --- the wire -----------------------------------------------------------------------------------------------------
    def ask(self, work: Work, failures: Iterable[Exception] = (), supply: Supply | None = None) -> Answer:
        """Have the server do something; raises what it raised there, or the first of ``failures`` if that is what it met."""
        with self._lock:
            if self._link is not link.current():
                self._hang_up()  # the call that opened it is over
            if self._stream is None:
                raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
            unused, self._unused = self._unused, []
            answer = self._exchange(self._stream, self._link.request(work, unused), supply)
        self._state = answer
        if answer.error is None:
            return answer
        if answer.error.type == "ClientFailed":
            raise next(iter(failures))
        raise exception(answer.error)

    def _exchange(self, stream: Stream, request: Request, supply: Supply | None) -> Answer:
        frame = encode(request)
        if len(frame) > MOST_REQUEST:
            raise sqlite3.DataError("string or blob too big")
        try:
            stream.send_frame(frame)
            while isinstance(received := stream.receive(), Call):
                self._callbacks.supply = supply
                stream.send(Request(self._callbacks.reply(received)))
        except BaseException as error:  # the frames are out of step now, also if the student interrupted us
            self._hang_up()
            if isinstance(error, Broken):
                raise sqlite3.OperationalError("disk I/O error: the database server hung up") from error
            raise
        answer: Answer = received
        return answer

    def _hang_up(self) -> None:
        if self._stream is not None:
            self._stream.socket.close()
            self._stream = None

    @contextlib.contextmanager
    def attaching(self, sql: str) -> Iterator[str]:
        """Yield the statement to send; if it attaches a file, that gets its placeholder when it is done."""
        sent, name = self._link.files.attached(sql)
        if name is not None and self._link.files.is_deleted(name):
            self.ask(Delete(name))
        yield sent
        if name is not None:
            self._link.files.place(name)

    def discard(self, cursor: int) -> None:
        """Remember that a cursor is gone; the next request tells the server. Safe while garbage is collected."""
        self._unused.append(cursor)

    def converter_names(self) -> list[str]:
        """Return the names of all converters, if this connection detects types."""
        return list(sqlite3.converters) if self._detect_types else []

    # --- checks -------------------------------------------------------------------------------------------------------
    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._stream is None

    def check_thread(self) -> None:
        """Refuse a connection whose ``__init__`` did not run, and use by another thread."""
        if not self._made:
            raise sqlite3.ProgrammingError("Base Connection.__init__ not called.")
        if self._thread is not None and self._thread != threading.get_ident():
            raise sqlite3.ProgrammingError(
                "SQLite objects created in a thread can only be used in that same thread. "
                f"The object was created in thread id {self._thread} and this is thread id {threading.get_ident()}."
            )

    def check(self) -> None:
        """Refuse a connection that is closed, too."""
        self.check_thread()
        if self._stream is None:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

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
        if self._link is link.current():  # at the end of its call the server rolled it back
            self.ask(Rollback())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        self._check_open()
        return self._state.in_transaction

    @property
    def total_changes(self) -> int:
        """Rows inserted, changed or deleted since the connection was opened."""
        self._check_open()
        return self._state.total_changes

    def _check_open(self) -> None:
        if self._stream is None:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

    @property
    def isolation_level(self) -> Any:  # noqa: ANN401  # a literal or None
        """What is written after BEGIN, or None for no implicit BEGIN."""
        self._check_open()
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, level: Any) -> None:
        if level is not None and not isinstance(level, str):
            native.empty().isolation_level = level  # words the refusal
        self.check()
        self._isolation_level = self.ask(Set("isolation_level", level)).value

    @property
    def autocommit(self) -> Any:  # noqa: ANN401  # a bool or LEGACY_TRANSACTION_CONTROL
        """How transactions begin and end, since Python 3.12."""
        self.check()
        return (
            native.empty().autocommit
            if not hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL")
            else self._autocommit
        )

    @autocommit.setter
    def autocommit(self, value: Any) -> None:
        self.check()
        if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL"):
            self.ask(Set("autocommit", value))
        self._autocommit = value

    def __enter__(self) -> Connection:
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

    # --- closing ------------------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close the connection; what is open is rolled back."""
        self.check_thread()
        if self._stream is not None and self._link is link.current():  # at the end of its call the server closed it
            with contextlib.suppress(sqlite3.OperationalError):  # the server hung up: then it is closed as well
                self.ask(Close())
        self._hang_up()

    def __del__(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(Exception):  # nobody is left to tell
                self._stream.send(Request(Close(lost=True)))
                self._stream.receive()
            self._hang_up()

    # --- what SQL may call --------------------------------------------------------------------------------------------
    def _register(
        self,
        kind: Any,
        name: str,
        arguments: int,
        function: Any,
        *,
        deterministic: bool = False,
    ) -> None:
        self.check()
        self.ask(Register(kind, name, arguments, deterministic, self._callbacks.add(function)))

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, *, deterministic: bool = False
    ) -> None:
        """Let SQL call a function, which runs in this process."""
        self._register("function", name, narg, func, deterministic=deterministic)

    def create_aggregate(self, name: str, n_arg: int, aggregate_class: Any) -> None:  # noqa: ANN401  # a class or None
        """Let SQL use an aggregate, whose objects live in this process."""
        self._register("aggregate", name, n_arg, aggregate_class)

    def create_window_function(self, name: str, num_params: int, aggregate_class: Any, /) -> None:  # noqa: ANN401  # as above
        """Let SQL use a window function, whose objects live in this process."""
        self._register("window", name, num_params, aggregate_class)

    def create_collation(self, name: str, callback: Callable[[str, str], Any] | None, /) -> None:
        """Let SQL compare texts with a function."""
        if callback is not None and not callable(callback):
            native.empty().create_collation(name, callback)  # words the refusal
        self._register("collation", name, 2, callback)

    def set_trace_callback(self, trace_callback: Callable[[str], object] | None) -> None:
        """Have a function told of each statement."""
        self._register("trace", "", 1, trace_callback)

    def set_authorizer(self, authorizer_callback: Callable[..., int] | None) -> None:
        """Have a function asked what a statement may do."""
        self._register("authorizer", "", 5, authorizer_callback)

    def set_progress_handler(self, progress_handler: Callable[[], int | None] | None, n: int) -> None:
        """Accept a progress handler; it is never called, as the server has one of its own."""
        self.check()

    def interrupt(self) -> None:
        """Interrupt the statement that another thread is running."""
        self._check_open()
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

    def iterdump(self, **options: Any) -> Iterator[str]:  # noqa: ANN401  # filter, since Python 3.13
        """Return the database as SQL, line by line."""
        self.check()
        from sqlite3.dump import _iterdump  # noqa: PLC0415  # where the real one has it from

        lines: Iterator[str] = _iterdump(self, **options)
        return lines


def _well_typed(timeout: Any, detect_types: Any, isolation_level: Any, cached_statements: Any) -> bool:  # noqa: ANN401
    """Whether arguments of connect() are of the types that travel; the real driver words the refusal of others."""
    return (
        isinstance(timeout, int | float)
        and isinstance(detect_types, int)
        and isinstance(isolation_level, str | None)
        and isinstance(cached_statements, int)
    )


def _not_offered(name: str) -> Callable[..., Any]:
    def refuse(self: Connection, *_: Any, **__: Any) -> Any:  # noqa: ANN401  # those of the real method
        self.check()
        raise sqlite3.NotSupportedError(f"{name}() is not offered here: use SQL statements instead")

    refuse.__name__ = name
    return refuse


for _name in (
    "backup",
    "blobopen",
    "serialize",
    "deserialize",
    "enable_load_extension",
    "load_extension",
    "setconfig",
    "getconfig",
):
    if hasattr(sqlite3.Connection, _name) or _name in {"enable_load_extension", "load_extension"}:
        setattr(Connection, _name, _not_offered(_name))
for _name in ("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError", "IntegrityError"):
    setattr(Connection, _name, getattr(sqlite3, _name))
for _name in ("InternalError", "ProgrammingError", "NotSupportedError"):
    setattr(Connection, _name, getattr(sqlite3, _name))
