"""Where the server is, and what every request carries besides its work."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .dbapi_files import Files
from .wire import Answer, Broken, Flush, Interrupt, Note, Request, Stream, Work, answer_stream

Where = Callable[[], tuple[str, int] | None]


@dataclass
class Link:
    """The way to the server of this run: sockets are handed over on ``channel``."""

    channel: socket.socket
    notes: Callable[[], list[Note]]
    where: Where
    files: Files
    role: str | None = None

    def open(self) -> Stream:
        """Return a new stream to the server."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.channel, [b"+"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise Broken(str(error)) from error
        finally:
            theirs.close()
        return answer_stream(ours)

    def request(self, work: Work, unused: list[int]) -> Request:
        """Return a request with all that was noted since the last one."""
        return Request(work, self.notes(), self.where(), unused)

    def once(self, work: Work) -> None:
        """Ask for something that belongs to no connection; the server has done it on return."""
        stream = self.open()
        try:
            stream.send(self.request(work, []))
            answer: Answer = stream.receive()
        finally:
            stream.socket.close()
        if answer.error is not None:
            raise sqlite3.InternalError(*answer.error.arguments)


_link: Link | None = None


def attach(channel: socket.socket, notes: Callable[[], list[Note]], where: Where, existing: Sequence[str] = ()) -> None:
    """Use the server at the other end of ``channel``, from the current folder.

    ``notes`` returns the claims since it was last asked, ``where`` the line of the student's code being run; ``existing`` names the
    databases that are there already.
    """
    global _link  # noqa: PLW0603  # a process has one server, as it has one sqlite3
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
    link.once(Flush(link.files.vanished()))


def interrupt(connection: int) -> None:
    """Interrupt the statement that another thread runs on a connection."""
    current().once(Interrupt(connection))
