"""The client of a database server in this process, without a sandbox, and ways to read a record."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from grader.observe.child import dbapi
from grader.observe.child.dbapi_link import WANTED
from grader.observe.child.wire import Note
from grader.observe.sandbox.databases import Record, Scenario, Setup
from grader.values import Step

TABLE = "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price NUMERIC NOT NULL)"


class Wired:
    """A scenario, and this process as its student's: ``begin``, work with ``connect``, ``end``."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.notes: list[Note] = []
        self.line: tuple[str, int] | None = None
        self.connect = dbapi.connect

    def begin(self, existing: Sequence[str] = (), **setup: Any) -> None:  # noqa: ANN401  # fields of Setup
        """Begin a call; the files of the one before are gone unless ``files=None``."""
        self.scenario.begin(Setup(**({"files": {}} | setup)))
        dbapi.attach(self.scenario.channel, self._take, lambda: self.line, existing)

    def socket(self) -> socket.socket:
        """Return a socket of its own to the server, as the client gets one for each connection."""
        self.scenario.channel.send(WANTED)
        _, (given,), _, _ = socket.recv_fds(self.scenario.channel, len(WANTED), 1)
        return socket.socket(fileno=given)

    def end(self) -> Record:
        """End the call."""
        dbapi.flush_notes()
        return self.scenario.end(5)

    def note(self, kind: str, **more: Any) -> None:  # noqa: ANN401  # fields of Note
        """Claim something."""
        self.notes.append(Note(kind, **more))

    def _take(self) -> list[Note]:
        taken, self.notes = self.notes, []
        return taken


def facts(record: Record) -> list[str]:
    """Return the kinds of the facts."""
    return [step.kind for step in record.steps if step.fact]


def seen(record: Record) -> list[list[tuple[Any, ...]] | None]:
    """Return what another connection saw, look by look."""
    return [None if step.table is None else list(step.table.rows) for step in record.steps if step.kind == "seen"]


def only(record: Record, *kinds: str) -> list[Step]:
    """Return the steps of some kinds."""
    return [step for step in record.steps if step.kind in kinds]
