"""Fixtures: a database server, a scenario of it, and the client in place of ``sqlite3``."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import dbapi2

import pytest
from wired import Wired

from grader import limits
from grader.observe.child import dbapi
from grader.observe.sandbox.databases import DatabaseServer
from grader.observe.sandbox.levels import Process


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """Run a server."""
    with DatabaseServer(Process()) as server:
        yield server


@pytest.fixture
def wired(database_server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wired]:
    """Begin a call of a new scenario, in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    scenario = database_server.open()
    wired = Wired(scenario)
    wired.begin()
    yield wired
    control = scenario._socket  # noqa: SLF001  # to be there when its process ends: later tests count processes
    with contextlib.suppress(OSError):  # some tests end it themselves
        control.shutdown(socket.SHUT_WR)
        control.settimeout(limits.STOP_SECONDS)
        while control.recv(limits.DATAGRAM_BYTES):
            pass
    scenario.close()


@pytest.fixture
def installed(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> Wired:
    """Put the client in place of ``sqlite3`` until the test ends."""
    for module in (sqlite3, dbapi2):
        for name in ("connect", "Connection", "Cursor"):
            monkeypatch.setattr(module, name, getattr(module, name))
    dbapi.install()
    return wired
