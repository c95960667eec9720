"""What sessions are asked to do, told by the class of all sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from unittest import mock

from sqlalchemy import event
from sqlalchemy.orm import Session

CLOSING = ("close", "reset", "invalidate")


class SessionWatch:
    """Whether sessions were used, and closed after it, and which of their methods were called."""

    def __init__(self) -> None:
        self.used = False
        self.called: set[str] = set()
        self._open: list[Session] = []

    @property
    def open(self) -> int:
        """How many sessions were used and not closed afterwards."""
        return len(self._open)

    def begun(self, session: Session, *_: object) -> None:
        """Note that a session talks to the database."""
        self.used = True
        if session not in self._open:
            self._open.append(session)

    def noting(self, name: str) -> AbstractContextManager[object]:
        """Let a method of all sessions do what it does, and be noted."""
        method = getattr(Session, name)

        def noted(session: Session, *given: object, **named: object) -> object:
            self.called.add(name)
            if name in CLOSING and session in self._open:
                self._open.remove(session)
            return method(session, *given, **named)

        return mock.patch.object(Session, name, noted)


@contextmanager
def watched_sessions() -> Iterator[SessionWatch]:
    """Watch all sessions inside the block."""
    watch = SessionWatch()
    event.listen(Session, "after_begin", watch.begun)
    try:
        with ExitStack() as methods:
            for name in ("expire_all", "refresh", *CLOSING):
                methods.enter_context(watch.noting(name))
            yield watch
    finally:
        event.remove(Session, "after_begin", watch.begun)
