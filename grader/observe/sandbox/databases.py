"""The observer's side of the database server: starts it, opens scenarios, gives orders, takes records."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import grader
from grader import limits
from grader.observe.child.wire import Broken, Stream
from grader.observe.database.messages import HELLO, End, Order, Record, Release, Reply, Setup, decode_reply
from grader.observe.sandbox.levels import last_words, launched, walls
from grader.observe.sandbox.runtime import Program, package_files

if TYPE_CHECKING:
    from grader.observe.sandbox.levels import Level
    from grader.observe.sandbox.runtime import Place

__all__ = ["DatabaseLost", "DatabaseServer", "Record", "Scenario", "Setup"]

_TREE = Path(grader.__file__).parents[1]
_OURS = (
    "grader/__init__.py",
    "grader/values.py",
    "grader/limits.py",
    "grader/observe/__init__.py",
    "grader/observe/child/__init__.py",
    "grader/observe/child/confinement.py",
    "grader/observe/child/folders.py",
    "grader/observe/child/landlock.py",
    "grader/observe/child/seccomp.py",
    "grader/observe/child/syscalls.py",
    "grader/observe/child/wire",
    "grader/observe/database",
)
"""What the server needs to see of this package: nothing that knows a check or a student."""


class DatabaseLost(Exception):  # noqa: N818  # an outcome, caught by name
    """The server's process for a scenario is dead, hangs or failed; the message says how. Close the scenario."""


class Scenario:
    """A process of the server for one process of the student's.

    ``channel`` is the socket to hand to that process; ``begin`` and ``end`` enclose each call of the student's code.
    """

    def __init__(self, control: socket.socket, channel: socket.socket) -> None:
        self.channel = channel
        self._socket = control
        self._control = Stream(control, decode_reply, limits.RECORD_BYTES)

    def begin(self, setup: Setup) -> None:
        """Begin a call; raises :class:`DatabaseLost`."""
        self._order(setup, limits.ANSWER_SECONDS)

    def release(self) -> None:
        """Let commits go through again, within the call; raises :class:`DatabaseLost`."""
        self._order(Release(), limits.ANSWER_SECONDS)

    def end(self, timeout: float = limits.ANSWER_SECONDS) -> Record:
        """End the call and return its record, within ``timeout`` seconds; raises :class:`DatabaseLost`."""
        record = self._order(End(), timeout).record
        if record is None:
            raise DatabaseLost("the database server sent no record")
        return record

    def close(self) -> None:
        """Let the scenario's process end, and its files with it."""
        self.channel.close()
        with contextlib.suppress(OSError), self._socket:  # dead or hanging: the server's end is the end of it too
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(limits.STOP_SECONDS)
            while self._socket.recv(limits.DATAGRAM_BYTES):
                pass

    def _order(self, order: Order, timeout: float) -> Reply:
        self._socket.settimeout(timeout)
        try:
            self._control.send(order)
            reply: Reply = self._control.receive()
        except Broken as error:
            raise DatabaseLost(f"no answer from the database server of this scenario: {error}") from error
        if reply.trouble is not None:
            raise DatabaseLost(f"the database server failed:\n{reply.trouble}")
        return reply


class DatabaseServer:
    """The database server behind the walls of ``level``; a context manager that starts its process and ends it."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._lock = threading.Lock()
        self._said = ""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                program = self._program(theirs.fileno())
                self._process, _ = stack.enter_context(launched(self._level, program, [theirs.fileno()]))
            stack.callback(self._socket.close)  # the server ends, and its scenarios with it
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def open(self) -> Scenario:
        """Open a scenario; raises :class:`DatabaseLost` if the server is gone."""
        control, their_control = socket.socketpair()
        channel, their_channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with their_control, their_channel:
            try:
                socket.send_fds(self._socket, [HELLO], [their_control.fileno(), their_channel.fileno()])
            except OSError as error:
                control.close()
                channel.close()
                raise DatabaseLost(f"the database server is gone: {self._complaint()}") from error
        return Scenario(control, channel)

    def _complaint(self) -> str:
        with self._lock:  # more than one worker may find it dead
            self._said = self._said or last_words(self._process)
        return self._said

    def _program(self, descriptor: int) -> Program:
        def start(place: Place) -> str:
            settings = walls(self._level, place, namespaces=False) | {"gives_descriptors": True} | _limits()
            return f"from grader.observe.database.process import main; main({descriptor}, {settings!r})"

        ours = {str(_TREE / part): part for part in _OURS}
        return Program(start, package_files("msgspec") | ours, memory=limits.DATABASE_MEMORY)


def _limits() -> dict[str, object]:
    return {
        "cpu_seconds": limits.DATABASE_CPU_SECONDS,
        "address_space": limits.DATABASE_ADDRESS_SPACE,
        "file_bytes": limits.DATABASE_FILE_BYTES,
        "open_files": limits.DATABASE_OPEN_FILES,
        "threads": limits.THREADS,
        "scratch_bytes": limits.DATABASE_MEMORY,
        "scratch_files": limits.SCRATCH_FILES,
    }
