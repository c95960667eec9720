"""The process of one scenario: takes orders from the observer and sockets from the student's process."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import shutil
import socket
import threading
import time
import traceback
from pathlib import Path

from grader import limits
from grader.observe.child.wire import MOST_REQUEST, Broken, Request, Stream, decoder

from .folder import Folder
from .messages import End, Release, Reply, Setup, decode_order
from .scene import Scene

_CONTAINERS = bytes(range(0x80, 0xA0))  # in msgpack, a short dict or list begins with one of these
_decode_request = decoder(Request)
_EVENTS = select.POLLIN | select.POLLRDHUP


class Stuck(Exception):  # noqa: N818  # a state of the student's making
    """A statement of the student's cannot be interrupted: the record would be of a database that is still at work."""


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
        except Stuck as stuck:
            reply = Reply(trouble=str(stuck))
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
        for _ in range(limits.SOCKETS):  # somebody may go on handing over sockets for ever
            if not self._accept():
                break
        self._shut(socket.SHUT_RD)  # what was sent can still be read
        if not self._join(limits.SETTLE_SECONDS):
            self._shut(socket.SHUT_RDWR)  # nor does an answer wait any more for somebody to read it
            self._scene.interrupt_all()
            if not self._join(limits.INTERRUPT_SECONDS):
                raise Stuck("a statement could not be interrupted")

    def _shut(self, direction: int) -> None:
        for sock in list(self._served.values()):
            with contextlib.suppress(OSError):  # it is closed
                sock.shutdown(direction)

    def _join(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        for thread in list(self._served):
            thread.join(max(0.0, end - time.monotonic()))
        self._bury()
        return not self._served

    # --- the student --------------------------------------------------------------------------------------------------
    def _accept(self) -> bool:
        """Do what the next byte on the channel asks for, if there is one."""
        try:
            message = self._channel.recv(1)
        except BlockingIOError:
            return False
        if not message and self._is_over():
            self._selector.unregister(self._channel)
            return False
        self._bury()
        if message:
            self._give()
        return True

    def _is_over(self) -> bool:
        """Whether nobody holds the other end of the channel any more: an empty message looks the same."""
        poll = select.poll()
        poll.register(self._channel, _EVENTS)
        return any(events & (select.POLLHUP | select.POLLRDHUP) for _, events in poll.poll(0))

    def _give(self) -> None:
        """Give a socket and serve it; an answer without one says that there are more than anybody needs."""
        with contextlib.suppress(OSError):  # nobody takes the answers, or nobody is there any more
            ours, theirs = socket.socketpair()
            with theirs:
                if self._serve(ours):
                    socket.send_fds(self._channel, [b"+"], [theirs.fileno()])
                else:
                    self._channel.send(b"-")

    def _serve(self, sock: socket.socket) -> bool:
        """Serve a socket, or close it where there are too many; tells which."""
        thread = threading.Thread(target=self._converse, args=(sock,), daemon=True)
        with contextlib.suppress(RuntimeError):  # no room for another thread: the student has used it up
            if len(self._served) < limits.SOCKETS:
                thread.start()
                self._served[thread] = sock
                return True
        sock.close()
        return False

    def _converse(self, sock: socket.socket) -> None:
        try:
            with sock:
                self._scene.converse(Stream(sock, _decode, MOST_REQUEST))
        except MemoryError:
            pass  # its own doing: it sent, or asked for, more than there is room for
        except Exception:  # noqa: BLE001  # our own failure, whatever it is: the record must not look whole
            self._failures.append(traceback.format_exc())

    def _bury(self) -> None:
        self._served = {thread: sock for thread, sock in self._served.items() if thread.is_alive()}


def _decode(data: memoryview) -> Request:
    """Decode a request, unless it would take far more memory than it is long."""
    if len(data) > limits.SMALL_REQUEST:
        frame = bytes(data)
        if len(frame) - len(frame.translate(None, _CONTAINERS)) > limits.REQUEST_CONTAINERS:
            raise Broken("the frame holds too many lists")
    request: Request = _decode_request(data)
    return request


def run(control: socket.socket, channel: socket.socket) -> None:
    """Be the process of a scenario, in the current folder, which is its own and empty; does not return."""
    folder = Path.cwd()
    try:
        ScenarioProcess(control, channel).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # threads may still be in the middle of a statement
