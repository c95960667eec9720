"""One call of the student's code, as the process of its scenario sees it: log, outside view, faults, connections."""

from __future__ import annotations

import contextlib
import sqlite3

from grader.observe.child.wire import (
    Answer,
    Broken,
    Connect,
    Flush,
    Interrupt,
    Request,
    Stream,
    Work,
)
from grader.values import Schema, Step, Table

from . import guard, tables
from .connection import StudentConnection, sent
from .faults import LOCKED_COMMIT, REFUSED_INSERT, Faults
from .folder import Folder
from .log import Log, error_of, where
from .messages import Record, Setup
from .watch import Watch


class Scene:
    """A call from its setup to its record."""

    def __init__(self, setup: Setup, folder: Folder) -> None:
        if setup.files is not None:
            folder.replace(setup.files)
        self.folder = folder
        self.log = Log()
        self._watched = setup.database
        self._file = folder.file(setup.database)
        self.watch = Watch(self._file, self.log)
        self._before, self._next_ids = self._beginning()
        self.watch.table = self._before
        self._faults = Faults(setup, self._file)
        self._connections: list[StudentConnection] = []
        self._vanished: set[str] = set()

    def _beginning(self) -> tuple[Table | None, tuple[int, ...]]:
        if not self._file.exists():
            return None, ()
        with contextlib.closing(guard.open_own(self._file)) as connection:
            return tables.read(connection), tables.next_ids(connection)

    # --- what connections do ------------------------------------------------------------------------------------------
    def converse(self, stream: Stream) -> None:
        """Serve one socket of the student's until it ends."""
        connection: StudentConnection | None = None
        with contextlib.suppress(
            Broken
        ):  # however it ends, the connection is closed, and told as lost at the end of the call
            connection = self._begin(stream, stream.receive())
            while connection is not None and connection.open:
                connection.serve(stream.receive())
        if connection is not None:
            connection.close()

    def _begin(self, stream: Stream, request: Request) -> StudentConnection | None:
        self.log.claims(request.notes)
        if isinstance(request.work, Connect):
            return self._connect(stream, request.work, request.where)
        if isinstance(request.work, Flush):
            self._vanished = set(request.work.vanished)
        elif isinstance(request.work, Interrupt):
            self._interrupt(request.work.connection)
        else:
            raise Broken("a connection begins with connect")
        stream.send(Answer())
        return None

    def _connect(self, stream: Stream, opened: Connect, place: tuple[str, int] | None) -> StudentConnection | None:
        connection, error = None, None
        with self.log.lock:
            number = len(self._connections) + 1
            try:
                if opened.fresh:
                    self.remove(opened.name)
                connection = StudentConnection(self, stream, opened, number)
                self._connections.append(connection)
            except Exception as raised:  # noqa: BLE001  # whatever the driver raises is the student's to see
                error = raised
            self.log.append(
                Step(
                    "connect",
                    fact=True,
                    connection=None if connection is None else number,
                    text=opened.name,
                    where=where(place),
                    role=opened.role,
                    error=error_of(error),
                )
            )
            self.watch.look()
        answer = Answer(value=number)
        if error is not None:
            answer.error = sent(error)
        elif connection is not None:
            answer.in_transaction = connection.connection.in_transaction
        stream.send(answer)
        return connection

    def remove(self, name: str) -> None:
        """Remove a database that the student deleted."""
        if name == self._watched:
            self.watch.forget()
        self.folder.remove(name)

    def _interrupt(self, number: int) -> None:
        for connection in self._connections:
            if connection.number == number and connection.open:
                connection.connection.interrupt()

    # --- faults -------------------------------------------------------------------------------------------------------
    def prepare(self, connection: sqlite3.Connection, name: str, work: Work) -> None:
        """Put the faults in place, or raise what they raise, before a piece of work on the watched database."""
        if name != self._watched:
            return
        if self._faults.refused_insert is not None:
            with contextlib.suppress(sqlite3.OperationalError):  # locked: then nothing can be inserted either
                self._faults.refused_insert.arm(connection)
        if self._faults.locked_commit is not None:
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
            self._interrupt(connection.number)

    def end(self) -> Record:
        """Return the record; no connection is being served any more."""
        self._faults.release()
        for connection in self._connections:
            if not connection.ended:
                connection.end("lost")
        for name in sorted(self._vanished):
            self.remove(name)
        self.watch.look()
        self.watch.forget()
        files = self.folder.contents()
        after, schema = self._ending()
        return Record(
            steps=self.log.steps,
            steps_dropped=self.log.dropped,
            before=self._before,
            after=after,
            schema=schema,
            next_ids=self._next_ids,
            databases=self.folder.with_products(),
            files=files,
        )

    def _ending(self) -> tuple[Table | None, Schema | None]:
        if not self._file.exists():
            return None, None
        with contextlib.closing(guard.open_own(self._file)) as connection:
            return tables.read(connection), tables.schema(connection)
