"""One call of the student's code, as its scenario's process sees it: log, outside view, faults, connections."""

from __future__ import annotations

import contextlib
import sqlite3

from msgspec.structs import replace

from grader import limits
from grader.observe.child.wire import Answer, Broken, Connect, Flush, Interrupt, Request, Stream, Work
from grader.values import Schema, Step, Table

from . import guard, tables
from .budget import Budget
from .connection import StudentConnection
from .faults import LOCKED_COMMIT, REFUSED_INSERT, Faults
from .folder import Folder
from .log import Log, cut, error_of, where
from .messages import Record, Setup
from .results import sent
from .watch import Watch


class Scene:
    """A call from its setup to its record."""

    def __init__(self, setup: Setup, folder: Folder) -> None:
        if setup.files is not None:
            folder.replace(setup.files)
        self.folder = folder
        self.log = Log()
        self.budget = Budget()
        self.watched = setup.database
        self._file = folder.file(setup.database)
        self.watch = Watch(self._file, self.log)
        self._before, self._next_ids = self._beginning()
        self.watch.begin(self._before)
        self._faults = Faults(setup, self._file)
        self._connections: list[StudentConnection] = []
        self._vanished: set[str] = set()

    def _beginning(self) -> tuple[Table | None, tuple[int, ...]]:
        if not self._file.exists():
            return None, ()
        with contextlib.suppress(*guard.UNREADABLE):
            return self.folder.told(self._file, tables.beginning)
        return None, ()

    # --- conversations ------------------------------------------------------------------------------------------------
    def converse(self, stream: Stream) -> None:
        """Serve one socket of the student's until it ends, however it ends."""
        with contextlib.suppress(Broken):
            request = stream.receive()
            while self._serve_call(stream, request):
                request = stream.receive()
            connection = self._connect(stream, request)
            if connection is not None:
                self._serve_connection(stream, connection)

    def _serve_call(self, stream: Stream, request: Request) -> bool:
        """Do what belongs to no connection; False if the request is not of that sort."""
        if isinstance(request.work, Flush):
            self._vanished = set(request.work.vanished)
        elif isinstance(request.work, Interrupt):
            self._interrupt(request.work.connection)
        else:
            return False
        self.log.claims(request.notes)
        stream.send(Answer())
        return True

    def _serve_connection(self, stream: Stream, connection: StudentConnection) -> None:
        """Serve until it is closed; if it breaks off, its step ``lost`` is told at the end of the call."""
        try:
            while connection.open:
                connection.serve(stream.receive())
        finally:
            connection.close()

    def _connect(self, stream: Stream, request: Request) -> StudentConnection | None:
        """Open a connection and write it down, also if it cannot be opened."""
        self.log.claims(request.notes)
        if not isinstance(request.work, Connect):
            raise Broken("a connection begins with connect")
        opened = request.work
        connection, error = None, None
        with self.log.lock:  # numbers and steps in the same order
            try:
                connection = self._open(stream, opened)
            except Exception as raised:  # noqa: BLE001  # whatever the driver raises is the student's to see
                error = raised.with_traceback(None)
            number = None if connection is None else connection.number
            told = Step("connect", fact=True, connection=number, text=cut(opened.name), error=error_of(error))
            self.log.append(replace(told, where=where(request.where), role=cut(opened.role)))
            self.watch.look()
        in_transaction = connection is not None and connection.connection.in_transaction
        stream.send(Answer(in_transaction, value=number, error=None if error is None else sent(error)))
        return connection

    def _open(self, stream: Stream, opened: Connect) -> StudentConnection:
        if sum(connection.open for connection in self._connections) >= limits.CONNECTIONS:
            raise sqlite3.OperationalError("unable to open database file: too many connections are open")
        self.budget.start()
        if opened.fresh:
            self.remove(opened.name)
        connection = StudentConnection(self, stream, opened, len(self._connections) + 1)
        self._connections.append(connection)
        return connection

    def remove(self, name: str) -> None:
        """Remove a database that the student deleted."""
        if name == self.watched:
            self.watch.forget()
        self.folder.remove(name)

    def _interrupt(self, number: int) -> None:
        for connection in self._connections:
            if connection.number == number:
                connection.interrupt()

    # --- faults -------------------------------------------------------------------------------------------------------
    def prepare(self, connection: sqlite3.Connection, guarded: guard.Guard, name: str, work: Work) -> None:
        """Put the faults in place, or raise what they raise, before a piece of work on the watched database."""
        if name != self.watched:
            return
        if self._faults.refused_insert is not None:
            # Locked: then nothing can be inserted either.
            with contextlib.suppress(sqlite3.OperationalError), guarded.trusted():
                self._faults.refused_insert.arm(connection)
        if self._faults.locked_commit is not None:
            with guarded.trusted():
                self._faults.locked_commit.refuse(work, connection)

    def note_faults(self, number: int, *, locked: bool) -> None:
        """Write down the faults that the last piece of work met."""
        lock, refusal = self._faults.locked_commit, self._faults.refused_insert
        if locked and lock is not None and lock.held:
            self.log.append(Step("fault", fact=True, connection=number, text=LOCKED_COMMIT))
        if refusal is not None and refusal.take_fired():
            self.log.append(Step("fault", fact=True, connection=number, text=REFUSED_INSERT))

    def release(self) -> None:
        """Let commits go through again."""
        self._faults.release()

    # --- the end ------------------------------------------------------------------------------------------------------
    def interrupt_all(self) -> None:
        """Interrupt whatever is still being computed."""
        for connection in self._connections:
            connection.interrupt()

    def end(self) -> Record:
        """Return the record; no connection is being served any more."""
        self._faults.release()
        for connection in self._connections:
            if not connection.ended:
                connection.end("lost")
        for name in self._vanished.intersection(self.folder.names()):
            self.remove(name)
        self.watch.look(last=True)
        self.watch.forget()
        after, schema = self._ending()
        deadline = guard.Deadline(limits.ENDING_SECONDS)
        return Record(
            steps=self.log.steps,
            steps_dropped=self.log.dropped,
            facts_dropped=self.log.facts_dropped,
            before=self._before,
            after=after,
            schema=schema,
            next_ids=self._next_ids,
            databases=self.folder.with_products(deadline),
            files=self.folder.contents(deadline),
        )

    def _ending(self) -> tuple[Table | None, Schema | None]:
        if not self._file.exists():
            return None, None
        try:
            return self.folder.told(self._file, tables.ending)
        except guard.UNREADABLE as error:
            self.log.append(Step("seen", fact=True, text="the database cannot be read", error=error_of(error)))
            return None, None
