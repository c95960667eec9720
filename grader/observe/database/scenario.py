"""The process of one scenario: takes orders from the observer and sockets from the student's process."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import socket
import threading
import time
import traceback
from pathlib import Path

from grader import limits
from grader.observe.child.wire import Broken, Stream, request_stream

from .folder import Folder
from .messages import End, Release, Reply, Setup, decode_order
from .scene import Scene

_GIVING_UP = limits.ANSWER_SECONDS / 2  # the observer still gets its answer


class ScenarioProcess:
    """Serves ``control`` and ``channel`` until the observer hangs up; the current folder is the scenario's own."""

    def __init__(self, control: socket.socket, channel: socket.socket) -> None:
        self._control = Stream(control, decode_order, limits.RECORD_BYTES)
        channel.setblocking(False)  # noqa: FBT003  # its only argument
        self._channel = channel
        self._folder = Folder(Path.cwd())
        self._scene = Scene(Setup(), self._folder)
        self._served: dict[threading.Thread, socket.socket] = {}
        self._failures: list[str] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, self._obey)
        self._selector.register(channel, selectors.EVENT_READ, self._accept)

    def run(self) -> None:
        """Serve until the control socket is closed."""
        with contextlib.suppress(Broken):
            while True:
                for key, _ in self._selector.select():
                    key.data()

    # --- the observer -------------------------------------------------------------------------------------------------
    def _obey(self) -> None:
        order = self._control.receive()
        try:
            reply = self._carry_out(order)
        except Exception:  # noqa: BLE001  # the observer has to learn of it, whatever it is
            reply = Reply(trouble=traceback.format_exc())
        self._control.send(reply)

    def _carry_out(self, order: Setup | Release | End) -> Reply:
        if isinstance(order, Setup):
            self._scene = Scene(order, self._folder)
        elif isinstance(order, Release):
            self._scene.release()
        else:
            self._finish_conversations()
            if self._failures:
                return Reply(trouble="\n".join(self._failures))
            return Reply(record=self._scene.end())
        return Reply()

    def _finish_conversations(self) -> None:
        """Hear what was sent before the end of the call, and no more."""
        while self._accept():
            pass
        for sock in self._served.values():
            with contextlib.suppress(OSError):  # the other side closed it
                sock.shutdown(socket.SHUT_RD)  # what was sent can still be read
        if not self._join(limits.SETTLE_SECONDS):
            self._scene.interrupt_all()
            if not self._join(_GIVING_UP):
                raise TimeoutError("a statement cannot be interrupted")

    def _join(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        for thread in list(self._served):
            thread.join(max(0.0, end - time.monotonic()))
        self._bury()
        return not self._served

    # --- the student --------------------------------------------------------------------------------------------------
    def _accept(self) -> bool:
        """Take the next socket that the student's process handed over, if there is one."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        except BlockingIOError:
            return False
        if not message and not descriptors:  # nobody holds the other end any more
            self._selector.unregister(self._channel)
            return False
        self._bury()
        for descriptor in descriptors:
            self._serve(socket.socket(fileno=descriptor))
        return True

    def _serve(self, sock: socket.socket) -> None:
        if len(self._served) >= 2 * limits.CONNECTIONS:  # more than connections may be open: somebody plays
            sock.close()
            return
        thread = threading.Thread(target=self._converse, args=(sock,), daemon=True)
        self._served[thread] = sock
        thread.start()

    def _converse(self, sock: socket.socket) -> None:
        try:
            with sock:
                self._scene.converse(request_stream(sock))
        except Exception:  # noqa: BLE001  # our own failure, whatever it is: the record must not look whole
            self._failures.append(traceback.format_exc())

    def _bury(self) -> None:
        self._served = {thread: sock for thread, sock in self._served.items() if thread.is_alive()}


def run(control: socket.socket, channel: socket.socket) -> None:
    """Be the process of a scenario, in the current folder, which is its own and empty; does not return."""
    folder = Path.cwd()
    try:
        ScenarioProcess(control, channel).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # threads may still be in the middle of a statement
