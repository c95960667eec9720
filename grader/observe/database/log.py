"""The log of a call: claims and facts in the order in which they happened, capped."""

from __future__ import annotations

import math
import sqlite3
import threading
from typing import Any, overload

from msgspec import json

from grader import limits
from grader.observe.child.wire import Note, Parameters, Special, Value
from grader.values import SqlError, Step, Where

_SPECIAL_CHARACTERS = 100
_NOWHERE = -1


class Log:
    """Steps, appended by all connections of a scenario."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._steps: list[Step | None] = []
        self._kept = {True: 0, False: 0}  # facts and claims apart: no number of claims can displace a fact
        self._bytes = {True: 0, False: 0}
        self.dropped = 0
        self.facts_dropped = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that was kept."""
        return tuple(step for step in self._steps if step is not None)

    def claims(self, notes: list[Note]) -> None:
        """Append what the recorder says happened: never a fact, whatever its kind."""
        self.dropped += len(notes[limits.LOG_STEPS :])
        for note in notes[: limits.LOG_STEPS]:
            self.append(
                Step(
                    kind=cut(note.kind),
                    session=note.session,
                    object=note.object,
                    connection=note.connection,
                    where=where(note.where),
                    text=cut(note.text),
                    many=note.many,
                    role=cut(note.role),
                )
            )

    def append(self, step: Step) -> None:
        """Append a step, or count it if the log is full."""
        self.fill(self.reserve(fact=step.fact), step)

    def reserve(self, *, fact: bool = True) -> int:
        """Return the place of a step that is told later, when more is known of it."""
        with self.lock:
            if self._kept[fact] >= limits.LOG_STEPS:
                return _NOWHERE
            self._kept[fact] += 1
            self._steps.append(None)
            return len(self._steps) - 1

    def fill(self, place: int, step: Step) -> None:
        """Put a step into its place."""
        with self.lock:
            size = len(json.encode(step)) if place != _NOWHERE else 0
            if place == _NOWHERE or self._bytes[step.fact] + size > limits.LOG_BYTES:
                self.dropped += 1
                self.facts_dropped += step.fact
            else:
                self._bytes[step.fact] += size
                self._steps[place] = step


def where(place: tuple[str, int] | None) -> Where | None:
    """Return the line that a request names."""
    return None if place is None else Where(cut(place[0]), place[1])


def error_of(error: Exception | None) -> SqlError | None:
    """Return an exception of the driver as a value."""
    if error is None:
        return None
    return SqlError(type(error).__name__, cut(_encodable(str(error))), getattr(error, "sqlite_errorname", None))


def busy(error: Exception | None) -> bool:
    """Whether a statement failed because the database is locked."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY  # the low byte is the primary code


def plain(value: Any) -> Any:  # noqa: ANN401  # a value of sqlite's in, one of JSON's out
    """Return a value of the database as JSON can carry it: a blob as ``x'…'``, an infinity as text."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def parameters(given: Parameters) -> Any:  # noqa: ANN401  # of JSON
    """Return the parameters of a statement as a step keeps them, cut where they are long; None if there are none."""
    if isinstance(given, dict):
        return {cut(name): _parameter(value) for name, value in list(given.items())[: limits.STEP_PARAMETERS]} or None
    return [_parameter(value) for value in given[: limits.STEP_PARAMETERS]] or None


def sets_of_parameters(rows: list[Parameters]) -> Any:  # noqa: ANN401  # of JSON
    """Return the parameters of an ``executemany`` as a step keeps them."""
    return [parameters(row) for row in rows[: limits.STEP_PARAMETERS]] or None


def _parameter(value: Value) -> Any:  # noqa: ANN401  # of JSON
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, bytes):
        return plain(value[: limits.STEP_CHARACTERS])
    if value is None or isinstance(value, int | float):
        return plain(value)
    data = value.data if isinstance(value, Special) else b""
    return f"<{type(value).__name__} {data[:_SPECIAL_CHARACTERS].decode(errors='replace')}>"


@overload
def cut(text: str) -> str: ...
@overload
def cut(text: None) -> None: ...
def cut(text: str | None) -> str | None:
    """Return a text as far as a step keeps it."""
    return None if text is None else text[: limits.STEP_CHARACTERS]


def _encodable(text: str) -> str:
    """Return a text without the lone surrogates that a student's exception may carry."""
    return text.encode("utf-8", "backslashreplace").decode()
