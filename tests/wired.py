"""Fixtures: a database server, and the client of it in this process, without a sandbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from sqlite3 import dbapi2
from typing import Any

import pytest

from grader.observe.child import dbapi
from grader.observe.child.wire import Note
from grader.observe.database.client import DatabaseServer, Record, Scenario, Setup
from grader.observe.sandbox.levels import Process
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


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """A running server."""
    with DatabaseServer(Process()) as server:
        yield server


@pytest.fixture
def wired(database_server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wired]:
    """A scenario with a call begun, in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    scenario = database_server.open()
    wired = Wired(scenario)
    wired.begin()
    yield wired
    scenario.close()


@pytest.fixture
def installed(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> Wired:
    """The same, with the client in place of ``sqlite3`` until the test ends."""
    for module in (sqlite3, dbapi2):
        for name in ("connect", "Connection", "Cursor"):
            monkeypatch.setattr(module, name, getattr(module, name))
    dbapi.install()
    return wired


def facts(record: Record) -> list[str]:
    """Return the kinds of the facts."""
    return [step.kind for step in record.steps if step.fact]


def seen(record: Record) -> list[list[tuple[Any, ...]] | None]:
    """Return what another connection saw, look by look."""
    return [None if step.table is None else list(step.table.rows) for step in record.steps if step.kind == "seen"]


def only(record: Record, *kinds: str) -> list[Step]:
    """Return the steps of some kinds."""
    return [step for step in record.steps if step.kind in kinds]
