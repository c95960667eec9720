"""Requests and answers on the socket of a connection, and amid a request, calls of the client's functions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from grader import limits
from grader.observe.child.wire import (
    Answer,
    Broken,
    Call,
    Close,
    Commit,
    Delete,
    Execute,
    ExecuteMany,
    ExecuteScript,
    Fetch,
    Forget,
    Limit,
    Register,
    Request,
    Returned,
    Rollback,
    Rows,
    Set,
    Stream,
    Work,
)

from .results import sent

Place = tuple[str, int] | None

# The work of a connection: each kind has a method with the name of its tag.
_WORK = {
    *(Execute, ExecuteMany, ExecuteScript, Fetch, Forget),
    *(Commit, Rollback, Close, Set, Delete, Limit, Register),
}


class Conversation:
    """Has requests done by methods of a subclass, and answers them."""

    _doing: Any = None  # the step that is being done; a request within it has steps of its own

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._calls = 0
        self._idle = False

    def serve(self, request: Request) -> None:
        """Do what one request asks for, and answer it; raises ``Broken`` if the client is gone or talks nonsense."""
        self._hear(request)
        if type(request.work) not in _WORK:
            raise Broken(f"{type(request.work).__name__} is out of place")
        try:
            answer = self._handler(request.work)(request.work, request.where)
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the driver raises is the student's to see
            answer = Answer(error=sent(error))
        self._tell_state(answer)
        self._stream.send(answer)

    def _hear(self, request: Request) -> None:
        """Take what a request says beside its work."""
        raise NotImplementedError

    def _tell_state(self, answer: Answer) -> None:
        """Put the state of the connection into an answer."""
        raise NotImplementedError

    def _handler(self, work: Work) -> Callable[[Any, Place], Answer]:
        """Return the method for a piece of work; inside a call of the client's not everything can be done."""
        if self._calls and (self._idle or isinstance(work, Close) or self._calls > limits.NESTED_CALLS):
            raise sqlite3.ProgrammingError("the connection cannot do this while it runs a statement")
        handler: Callable[[Any, Place], Answer] = getattr(self, f"_{work.__struct_config__.tag}")
        return handler

    def _ask_client(self, call: Call, *, idle: bool = False) -> Returned | Rows:
        """Have the client run a function; unless it must be idle, it may use this connection meanwhile."""
        around = self._calls, self._idle, self._doing
        self._calls, self._idle, self._doing = self._calls + 1, self._idle or idle, None
        try:
            self._stream.send(call)
            while True:
                request: Request = self._stream.receive()
                if isinstance(request.work, Returned | Rows):
                    return request.work
                self.serve(request)
        finally:
            self._calls, self._idle, self._doing = around
