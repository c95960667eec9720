"""The parent of all student processes: imports SQLAlchemy once, then forks a child for each scenario.

It never sees a line of a submission: a child reads its requests itself, from a socket that is passed on. Messages
are JSON datagrams on a SEQPACKET socket: ``{"fork": number}`` with three file descriptors (requests, output, database)
and ``{"kill": number}`` come in, ``{"ready": true}`` and ``{"ended": number, "status": status}`` go out.
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
from typing import Any

import sqlalchemy

from . import dbapi
from .confinement import Confinement
from .driver import Driver
from .warming import furnish, warm_up

_DATAGRAM = 4096


def main(descriptor: int, settings: dict[str, Any]) -> None:
    """Serve the observer at ``descriptor`` until it hangs up."""
    control = socket.socket(fileno=descriptor)
    confinement = Confinement(**settings)
    dbapi.install()
    driver = Driver()
    furnish()
    warm_up()
    gc.freeze()  # children share these pages as long as nobody looks through them
    gc.enable()
    control.send(json.dumps({"ready": True, "sqlalchemy": _version()}).encode())
    Zygote(control, confinement, driver).serve()
    os._exit(0)  # taking down what was loaded would cost a tenth of a second, for nothing


class Zygote:
    """Forks, reports who ended, kills on demand."""

    def __init__(self, control: socket.socket, confinement: Confinement, driver: Driver) -> None:
        self._driver = driver
        self._control = control
        self._confinement = confinement
        self._children: dict[int, tuple[int, int]] = {}  # number -> (pid, pidfd)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Run until the observer closes the socket; then every child is killed."""
        open_ = True
        while open_:
            for key, _ in self._selector.select():
                if key.data is None:
                    open_ = self._obey()
                else:
                    self._bury(key.data)
        for number in list(self._children):
            self._kill(number)

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, _DATAGRAM, 3)
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
            self._be_child(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        watch = os.pidfd_open(pid)
        self._children[number] = (pid, watch)
        self._selector.register(watch, selectors.EVENT_READ, number)

    def _be_child(self, descriptors: list[int]) -> None:
        """Become a student's process; does not return."""
        status = 70  # EX_SOFTWARE: our own failure, if it is not overwritten
        try:
            self._control.close()
            self._selector.close()
            for _, watch in self._children.values():
                os.close(watch)
            _take_streams(descriptors[1])
            self._confinement.enter()
            self._driver.work(socket.socket(fileno=descriptors[0]), socket.socket(fileno=descriptors[2]))
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
        self._control.send(json.dumps({"ended": number, "status": os.waitstatus_to_exitcode(status)}).encode())

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
