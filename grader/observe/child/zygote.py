"""The parent of all student processes: imports SQLAlchemy once, then forks a child for each scenario.

It never sees a line of a submission: a child reads its requests itself, from a socket that is passed on. Messages
are JSON datagrams on a SEQPACKET socket: ``{"fork": number}`` with three file descriptors (requests, output, database)
and ``{"kill": number}`` come in, ``{"ready": true}`` and ``{"ended": number, "status": status, "filled": bool}``
go out.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import traceback
from typing import TYPE_CHECKING

import sqlalchemy

from . import dbapi, folders
from .driver import Driver
from .request import WALLED_IN
from .warming import furnish, warm_up

if TYPE_CHECKING:
    from .confinement import Confinement

_DATAGRAM = 4096
_LOOK_SECONDS = 0.02  # between two looks at what children have written, where no file system counts it


def serve(control: socket.socket, confinement: Confinement) -> None:
    """Serve the observer at ``control`` until it hangs up."""
    dbapi.install()
    driver = Driver()
    furnish()
    warm_up()
    gc.freeze()  # children share these pages as long as nobody looks through them
    gc.enable()
    control.send(json.dumps({"ready": True, "sqlalchemy": _version()}).encode())
    Zygote(control, confinement, driver).serve()


class Zygote:
    """Forks, reports who ended, kills on demand."""

    def __init__(self, control: socket.socket, confinement: Confinement, driver: Driver) -> None:
        self._driver = driver
        self._control = control
        self._confinement = confinement
        self._children: dict[int, tuple[int, int]] = {}  # number -> (pid, pidfd)
        self._filled: set[int] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Run until the observer closes the socket; then every child is killed."""
        open_ = True
        while open_:
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    open_ = self._obey()
                else:
                    self._bury(key.data)
            self._look()
        for number, (pid, _) in list(self._children.items()):
            self._kill(number)
            os.waitpid(pid, 0)
        if self._confinement.host_folder is not None:
            folders.remove(self._confinement.host_folder)

    def _patience(self) -> float | None:
        """Return how long to wait for an event at most; with namespaces the kernel counts what is written."""
        return None if self._confinement.namespaces or not self._children else _LOOK_SECONDS

    def _look(self) -> None:
        """Kill the children that have written more than a scratch may hold."""
        if self._confinement.namespaces:
            return
        for number in set(self._children) - self._filled:
            if folders.is_full(self._folder(number), self._confinement.scratch_bytes, self._confinement.scratch_files):
                self._filled.add(number)
                self._kill(number)

    def _folder(self, number: int) -> str:
        return os.path.join(self._confinement.scratch, str(number))

    def _obey(self) -> bool:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, _DATAGRAM, 3)
        except ConnectionError:  # as where the observer was killed before it had read all that it was told
            return False
        if not message:
            return False
        order = json.loads(message)
        if "fork" in order:
            self._fork(order["fork"], descriptors)
        elif order["kill"] in self._children:
            self._kill(order["kill"])
        return True

    def _fork(self, number: int, descriptors: list[int]) -> None:
        pid = self._confinement.fork()
        if pid == 0:
            self._be_child(number, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        watch = os.pidfd_open(pid)
        self._children[number] = (pid, watch)
        self._selector.register(watch, selectors.EVENT_READ, number)

    def _be_child(self, number: int, descriptors: list[int]) -> None:
        """Become a student's process; does not return."""
        status = 70  # EX_SOFTWARE: our own failure, if it is not overwritten
        try:
            self._control.close()
            self._selector.close()
            for _, watch in self._children.values():
                os.close(watch)
            _take_streams(descriptors[1])
            self._confinement.enter(str(number))
            requests = socket.socket(fileno=descriptors[0])
            requests.sendall(WALLED_IN)
            self._driver.work(requests, socket.socket(fileno=descriptors[2]))
            status = 0
        except BaseException:  # noqa: BLE001  # whatever it was, it is told before the process ends
            traceback.print_exc()
        finally:
            os._exit(status)  # nothing of the student's may run at exit: threads, handlers, finalizers

    def _bury(self, number: int) -> None:
        pid, watch = self._children.pop(number)
        _kill_group(pid)
        _, status = os.waitpid(pid, 0)
        self._selector.unregister(watch)
        os.close(watch)
        if not self._confinement.namespaces:
            self._tidy()
        told = {"ended": number, "status": os.waitstatus_to_exitcode(status), "filled": number in self._filled}
        with contextlib.suppress(ConnectionError):  # nobody is there any more: the next look at the socket tells
            self._control.send(json.dumps(told).encode())

    def _tidy(self) -> None:
        """Remove all but the folders of children that live; a child that no Landlock holds may write beside its own."""
        scratch = self._confinement.scratch
        for name in set(os.listdir(scratch)) - {str(number) for number in self._children}:
            folders.remove(os.path.join(scratch, name))

    def _kill(self, number: int) -> None:
        pid, watch = self._children[number]
        signal.pidfd_send_signal(watch, signal.SIGKILL)
        _kill_group(pid)


def _kill_group(leader: int) -> None:
    """Kill what a child has forked; with namespaces all of that dies with the child."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _take_streams(output: int) -> None:
    """Make ``output`` standard output and error, and let standard input be empty."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(empty)
    os.close(output)


def _version() -> str:
    return sqlalchemy.__version__
