"""The student sandbox as the observer sees it: starts the zygote, asks it for processes, talks to them."""

from __future__ import annotations

import compileall
import contextlib
import fcntl
import json
import os
import select
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from grader import limits
from grader.observe import child
from grader.observe.child.answers import is_plain
from grader.observe.child.request import WALLED_IN, Answer, Proceed, TooLarge, frame_size, send
from grader.observe.sandbox.bait import bait
from grader.observe.sandbox.fates import fate
from grader.observe.sandbox.levels import last_words, launched, walls
from grader.observe.sandbox.runtime import Program, package_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from grader.observe.child.request import Call
    from grader.observe.sandbox.levels import Level
    from grader.observe.sandbox.runtime import Place

_ANSWERS = msgspec.json.Decoder(Answer)  # made here, once: two threads that make one at a time can crash
NEEDED = ("sqlalchemy", "msgspec", "typing_extensions", "greenlet")


class SandboxFailed(RuntimeError):  # noqa: N818  # it names the fault
    """The sandbox did not start or died: the grader's own failure, never the student's."""


class StudentSandbox:
    """The walls with the zygote in them. Entering starts it and returns at once; the first process waits for it."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.sqlalchemy = ""
        self._numbers = 0
        self._ends: dict[int, StudentProcess] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._dead = False
        self._holes: list[str] = []
        self._said = ""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stack.callback(self._control.close)
            with theirs:
                self._tried = stack.enter_context(contextlib.ExitStack())
                program = self._program(theirs.fileno(), self._tried.enter_context(bait(self.level)))
                started = stack.enter_context(launched(self.level, program, [theirs.fileno()]))
            self._process, self._place = started
            self._listener = threading.Thread(target=self._listen, name="sandbox", daemon=True)
            self._listener.start()
            stack.callback(self._listener.join)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # it may be dead already
            self._control.shutdown(socket.SHUT_RDWR)  # the zygote kills its children and ends
        self._stack.close()

    def settle(self) -> None:
        """Wait until the walls have been tried and students can be served; raises :class:`SandboxFailed`."""
        if not self._ready.wait(limits.START_SECONDS) or self._dead:
            raise SandboxFailed(self._complaint())

    def process(self, database: socket.socket) -> StudentProcess:
        """Fork a process for a student's code, connected to ``database``; raises :class:`SandboxFailed`."""
        self.settle()
        requests, theirs = socket.socketpair()
        output, written = _wide_pipe()
        with self._lock:
            self._numbers += 1
            process = StudentProcess(self._numbers, requests, output, self._kill, self._place.scratch)
            self._ends[self._numbers] = process
        order = json.dumps({"fork": process.number}).encode()
        try:
            socket.send_fds(self._control, [order], [theirs.fileno(), written, database.fileno()])
        except OSError as error:
            process.end(None)
            process.close()
            raise SandboxFailed(f"the student sandbox died: {self._complaint()}") from error
        finally:
            theirs.close()
            os.close(written)
        return process

    def _program(self, descriptor: int, tried: dict[str, object] | None) -> Program:
        folder = Path(child.__file__).parent
        compileall.compile_dir(folder, quiet=2)  # inside, no byte code can be written: it would be made at each start

        def start(place: Place) -> str:
            settings = walls(self.level, place, namespaces=self.level.namespaces) | _limits()
            return f"from child.entrance import main; main({descriptor}, {settings!r}, {tried!r})"

        return Program(start, {**package_files(*NEEDED), str(folder): "child"}, forks=True)

    def _listen(self) -> None:
        """Take the zygote's messages until it hangs up."""
        with contextlib.suppress(OSError):
            while message := self._control.recv(limits.DATAGRAM_BYTES):
                told = json.loads(message)
                if "holes" in told:
                    self._holes = told["holes"]
                    self._tried.close()  # what is killed later leaves no bait behind
                elif "ready" in told:
                    self.sqlalchemy = told["sqlalchemy"]
                    self._ready.set()
                elif (ended := self._ends.pop(told["ended"], None)) is not None:
                    ended.end(told["status"], filled=told["filled"])
        self._dead = True
        self._ready.set()
        for process in list(self._ends.values()):
            process.end(None)

    def _kill(self, number: int) -> None:
        with contextlib.suppress(OSError):  # a dead zygote has no children
            self._control.send(json.dumps({"kill": number}).encode())

    def _complaint(self) -> str:
        """Return what was wrong with the walls, or else the last line that the dying sandbox wrote."""
        with self._lock:
            if not self._said:
                self._said = "; ".join(self._holes) or last_words(self._process)
        return self._said


class StudentProcess:
    """One process of a student's, until it ends or is killed."""

    def __init__(
        self, number: int, requests: socket.socket, output: int, kill: Callable[[int], None], scratch: str
    ) -> None:
        self.number = number
        self._requests = requests
        self._output = output
        self._kill = kill
        self._ended = threading.Event()
        self._status: int | None = None
        self._filled = False
        self._walled_in = False
        self._readable: list[Any] = [requests, output]
        self.scratch = scratch
        self.alive = True
        self.timed_out = False
        self.printed = bytearray()
        self.printed_bytes = 0

    def perform(self, call: Call, between: Callable[[], None]) -> list[Answer] | str:
        """Let the process do ``call``; returns its answers, or how it failed to give them.

        ``between`` is called when the process waits between two invocations.
        """
        self.printed.clear()
        self.printed_bytes = 0
        if not self._walled_in:
            self._wait_for_walls()
        self._requests.settimeout(limits.WALL_SECONDS)  # for sending: a process may have stopped to read
        try:
            send(self._requests, call)
            return self._answers(len(call.invocations), between)
        except TimeoutError:
            self.timed_out = True
            return self._fail(f"it ran longer than {limits.WALL_SECONDS:g} seconds and was stopped")
        except (EOFError, OSError):
            failed = self._fail(None)
            exited = call.target == "program" and self._status is not None and self._status >= 0
            return [Answer("exited", status=self._status)] if exited else failed
        except (TooLarge, msgspec.MsgspecError, RecursionError):
            return self._fail("it answered with more, or with something else, than a function can return")

    def close(self) -> None:
        """End the process and forget what is left of it."""
        if not self._ended.is_set():
            self._kill(self.number)
            self._ended.wait(limits.STOP_SECONDS)
        self.alive = False
        self._requests.close()
        os.close(self._output)

    def end(self, status: int | None, *, filled: bool = False) -> None:
        """Take note of its exit status (negative: a signal; None: unknown), and whether it had written too much."""
        self._status = status
        self._filled = filled
        self._ended.set()

    def _wait_for_walls(self) -> None:
        """Wait until the process is walled in: how long that takes a busy machine is not the student's time."""
        self._requests.settimeout(limits.START_SECONDS)
        with contextlib.suppress(OSError):
            self._walled_in = self._requests.recv(len(WALLED_IN)) == WALLED_IN
        if self._walled_in:
            return
        self._ended.wait(limits.STOP_SECONDS)
        self._drain()
        self.close()
        said = self.printed.decode("utf-8", "replace").strip().splitlines()
        raise SandboxFailed(f"a student's process could not be walled in: {' '.join(said[-1:])}")

    def _answers(self, most: int, between: Callable[[], None]) -> list[Answer]:
        """Read answers up to the last one, which is the one numbered ``most`` unless the process ends before."""
        deadline = time.monotonic() + limits.WALL_SECONDS
        answers = [self._answer(deadline)]
        while not answers[-1].last:
            if len(answers) >= most:
                raise TooLarge("more answers than were asked for")
            between()
            send(self._requests, Proceed())
            answers.append(self._answer(deadline))
        return answers

    def _answer(self, deadline: float) -> Answer:
        """Read one answer, and meanwhile whatever the process prints."""
        received = bytearray()
        while (size := frame_size(received, limits.ANSWER_BYTES)) is None or len(received) < size:
            left = deadline - time.monotonic()
            readable, _, _ = select.select(self._readable, [], [], max(0, left))
            if not readable or left < 0:  # who always has something to say runs out of time as well
                raise TimeoutError
            if self._output in readable:
                self._read_output()
            if self._requests in readable:
                chunk = self._requests.recv(limits.OUTPUT_BYTES)
                if not chunk:
                    raise EOFError
                received += chunk
        self._drain()
        answer = _ANSWERS.decode(bytes(received[4:size]))
        if not is_plain(answer.value):
            raise msgspec.ValidationError("no value that a function can return")
        return answer

    def _read_output(self) -> None:
        chunk = os.read(self._output, limits.PIPE_BYTES)
        if not chunk:  # the student's code closed it
            self._readable.remove(self._output)
        self.printed_bytes += len(chunk)
        self.printed += chunk[: limits.OUTPUT_BYTES - len(self.printed)]

    def _drain(self) -> None:
        """Take what is in the pipe already."""
        while self._output in self._readable and select.select([self._output], [], [], 0)[0]:
            self._read_output()

    def _fail(self, why: str | None) -> str:
        """Return how the process failed: ``why``, or its fate if that is None."""
        if why is not None:
            self._kill(self.number)
        ended = self._ended.wait(limits.STOP_SECONDS)
        self._drain()
        self.close()
        if why is not None:
            return why
        if not ended and self._ended.is_set():
            return "it cut its connection to the grader instead of returning"
        if self._status is None:
            raise SandboxFailed("a student's process vanished without a trace")
        if self._filled:
            return "it wrote more files, or larger ones, than fit into its folder"
        return fate(self._status)


def _wide_pipe() -> tuple[int, int]:
    """Return both ends of a pipe that holds much, where the system gives that to this user."""
    ends = os.pipe()
    with contextlib.suppress(AttributeError, OSError):  # macOS knows none; a usual one serves as well
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, limits.PIPE_BYTES)
    return ends


def _limits() -> dict[str, object]:
    return {
        "cpu_seconds": limits.CPU_SECONDS,
        "address_space": limits.ADDRESS_SPACE,
        "file_bytes": limits.FILE_BYTES,
        "open_files": limits.OPEN_FILES,
        "threads": limits.THREADS,
        "scratch_bytes": limits.SCRATCH_BYTES,
        "scratch_files": limits.SCRATCH_FILES,
    }
