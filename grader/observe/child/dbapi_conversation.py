"""The part of a connection that talks to the server, and refuses what the real driver refuses before it talks."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator

from . import dbapi_link as link
from .dbapi_callbacks import Callbacks, Supply
from .dbapi_values import exception
from .wire import MOST_REQUEST, Answer, Broken, Call, Close, Connect, Delete, Request, Stream, Work, encode


class Conversation(sqlite3.Connection):
    """A connection that asks the server; its C part is never made."""

    _stream: Stream | None = None
    _made = False

    def _prepare(self, *, check_same_thread: bool, detect_types: int) -> None:
        """Be ready to connect."""
        self._thread = threading.get_ident() if check_same_thread else None
        self._detect_types = detect_types
        self._lock = threading.RLock()
        self._callbacks = Callbacks()
        self._unused: list[int] = []
        self._state = Answer()
        self._link = link.current()
        self._made = True

    def _connect(self, work: Connect) -> Answer:
        try:
            self._stream = self._link.open()
            return self.ask(work)
        except Broken as error:
            raise sqlite3.OperationalError("unable to open database file: the database server is gone") from error
        except BaseException:
            self._hang_up()
            raise

    # --- asking -------------------------------------------------------------------------------------------------------
    def ask(self, work: Work, failures: Iterable[Exception] = (), supply: Supply | None = None) -> Answer:
        """Have the server do something; raises what it raised there.

        If what it met was a failure of the student's code to give parameters, the first of ``failures`` is raised.
        """
        with self._lock:
            if not self._current:
                self._hang_up()
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

    @property
    def _current(self) -> bool:
        """Whether the call that opened the connection goes on; at its end the server closed it."""
        return self._link is link.current()

    def check_thread(self) -> None:
        """Refuse a connection whose ``__init__`` did not run, and use by another thread."""
        if not self._made:
            raise sqlite3.ProgrammingError("Base Connection.__init__ not called.")
        if self._thread is not None and self._thread != threading.get_ident():
            raise sqlite3.ProgrammingError(
                "SQLite objects created in a thread can only be used in that same thread. "
                f"The object was created in thread id {self._thread} and this is thread id {threading.get_ident()}."
            )

    def check_open(self) -> None:
        """Refuse a connection that is closed."""
        if self._stream is None:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

    def check(self) -> None:
        """Refuse all of these."""
        self.check_thread()
        self.check_open()

    # --- closing ------------------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close the connection; what is open is rolled back."""
        self.check_thread()
        if self._stream is not None and self._current:
            with contextlib.suppress(sqlite3.OperationalError):  # the server hung up: then it is closed as well
                self.ask(Close())
        self._hang_up()

    def __del__(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(Exception):  # nobody is left to tell
                self._stream.send(Request(Close(lost=True)))
                self._stream.receive()
            self._hang_up()

    def _hang_up(self) -> None:
        if self._stream is not None:
            self._stream.socket.close()
            self._stream = None
