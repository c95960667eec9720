"""Where the server is, and what every request carries besides its work."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence

from .dbapi_files import Files
from .wire import Broken, Flush, Interrupt, Note, Request, Stream, Work, answer_stream

Notes = Callable[[], list[Note]]
Where = Callable[[], tuple[str, int] | None]
WANTED = b"+"
"""The byte that asks for a socket."""


class Link:
    """The way to the server of this call, which gives a socket for each byte on ``channel``.

    It never goes the other way round: the descriptors that were sent and not received yet Linux counts for a user, so
    that one process could keep all others from sending any. One socket belongs to no connection.
    """

    def __init__(self, channel: socket.socket, notes: Notes, where: Where, files: Files) -> None:
        self._channel = channel
        self._notes = notes
        self._where = where
        self.files = files
        self.role: str | None = None
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._own = self.open()  # now, as the student's code may use up all file descriptors

    def open(self) -> Stream:
        """Return a new stream to the server; raises :class:`Broken`."""
        try:
            with self._asking:
                self._channel.send(WANTED)
                _, given, _, _ = socket.recv_fds(self._channel, len(WANTED), 1)
        except OSError as error:
            raise Broken(str(error)) from error
        if not given:
            raise Broken("the server gives no more sockets")
        return answer_stream(socket.socket(fileno=given[0]))

    def request(self, work: Work, unused: list[int]) -> Request:
        """Return a request with all that was noted since the last one."""
        return Request(work, self._notes(), self._where(), unused)

    def ask(self, work: Work) -> None:
        """Ask for something that belongs to no connection; the server has done it on return."""
        with self._lock:
            self._own.send(self.request(work, []))
            self._own.receive()

    def close(self) -> None:
        """Hang up; connections do so themselves."""
        self._own.socket.close()


_link: Link | None = None


def attach(channel: socket.socket, notes: Notes, where: Where, existing: Sequence[str] = ()) -> None:
    """Use the server at the other end of ``channel``, from the current folder.

    ``notes`` returns the claims since it was last asked, ``where`` the line of the student's code being run;
    ``existing`` names the databases that are there already.
    """
    global _link  # noqa: PLW0603  # a process has one server, as it has one sqlite3
    if _link is not None:
        _link.close()
    _link = Link(channel, notes, where, Files(list(existing)))


def current() -> Link:
    """Return the way to the server; ``OperationalError`` before ``attach``."""
    if _link is None:
        raise sqlite3.OperationalError("no database server: attach() was not called")
    return _link


@contextlib.contextmanager
def role(name: str) -> Iterator[None]:
    """Mark the connections that are opened inside the block."""
    link = current()
    previous, link.role = link.role, name
    try:
        yield
    finally:
        link.role = previous


def vanished() -> list[str]:
    """Return the names of databases whose file the student's code removed."""
    return current().files.vanished()


def flush_notes() -> None:
    """Send the notes that no request carried yet, and which databases are gone; the server has them on return."""
    link = current()
    link.ask(Flush(link.files.vanished()))


def interrupt(connection: int) -> None:
    """Interrupt the statement that another thread runs on a connection."""
    current().ask(Interrupt(connection))
