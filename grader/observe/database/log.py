"""The log of a call: claims and facts in the order in which they happened, capped."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

from msgspec import json

from grader import limits
from grader.observe.child.wire import Note, Special
from grader.values import SqlError, Step, Where


_NAME = 100


class Log:
    """Steps, appended by all connections of a scenario."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._steps: list[Step | None] = []
        self._bytes = 0
        self.dropped = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that was kept."""
        return tuple(step for step in self._steps if step is not None)

    def claims(self, notes: Iterable[Note]) -> None:
        """Append what the recorder says happened: never a fact, whatever its kind."""
        for note in notes:
            self.append(
                Step(
                    kind=_cut(note.kind),
                    session=note.session,
                    object=note.object,
                    connection=note.connection,
                    where=where(note.where),
                    text=_cut(note.text),
                    role=_cut(note.role),
                )
            )

    def append(self, step: Step) -> None:
        """Append a step, or count it if the log is full."""
        self.fill(self.reserve(), step)

    def reserve(self) -> int:
        """Return the place of a step that is told later, when more is known of it."""
        with self.lock:
            self._steps.append(None)
            return len(self._steps) - 1

    def fill(self, place: int, step: Step) -> None:
        """Put a step into its place."""
        size = len(json.encode(step))
        with self.lock:
            if self._bytes + size > limits.LOG_BYTES or place >= limits.LOG_STEPS:
                self.dropped += 1
            else:
                self._bytes += size
                self._steps[place] = step


def where(place: tuple[str, int] | None) -> Where | None:
    """Return the line that a request names."""
    return None if place is None else Where(_cut(place[0]), place[1])


def error_of(error: Exception | None) -> SqlError | None:
    """Return an exception of the driver as a value."""
    if error is None:
        return None
    return SqlError(type(error).__name__, _cut(str(error)), getattr(error, "sqlite_errorname", None))


def busy(error: Exception | None) -> bool:
    """Whether a statement failed because the database is locked."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def plain(value: Any) -> Any:  # noqa: ANN401  # a value of sqlite's in, one of JSON's out
    """Return a value of the database as JSON can carry it: a blob as ``x'…'``, an infinity as text."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def parameters(given: Any) -> Any:  # noqa: ANN401  # of the wire in, of JSON out
    """Return parameters as a step keeps them, cut where they are long."""
    if isinstance(given, dict):
        return {_cut(name): parameters(value) for name, value in list(given.items())[: limits.STEP_PARAMETERS]}
    if isinstance(given, list):
        return [parameters(value) for value in given[: limits.STEP_PARAMETERS]]
    if isinstance(given, bytes):
        return plain(given[: limits.STEP_CHARACTERS])
    if isinstance(given, Special):
        return f"<{type(given).__name__} {given.data[:_NAME].decode(errors='replace')}>"
    return _cut(given) if isinstance(given, str) else plain(given)


def _cut(text: Any) -> Any:  # noqa: ANN401  # None stays None
    return text[: limits.STEP_CHARACTERS] if isinstance(text, str) else text
