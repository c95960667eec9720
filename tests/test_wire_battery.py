"""The same work natively and over the wire: values, types, exceptions and sqlite's codes must not differ."""

from __future__ import annotations

import gc
import sqlite3
from pathlib import Path

import pytest
from wire_cases import callbacks, errors, factories, files, parameters, statements, transactions
from wire_cases.case import CASES, Case, Database, raising, shown
from wired import Wired

from grader.observe.child import dbapi

pytest_plugins = ("wired_fixtures",)

MODULES = (callbacks, errors, factories, files, parameters, statements, transactions)


def outcome(function: Case, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return what a case comes to in a folder."""
    monkeypatch.chdir(folder)
    return shown(raising(function, database))


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__.strip("_"))
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_comes_out_as_natively(function: Case, wired: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece of work over the wire returns and raises exactly what it does natively."""
    (tmp_path / "native").mkdir()
    (tmp_path / "wire").mkdir()
    natively = Database(sqlite3.connect, sqlite3.Connection, sqlite3.Cursor)
    native = outcome(function, natively, tmp_path / "native", monkeypatch)
    monkeypatch.chdir(tmp_path / "wire")
    wired.begin()
    ours = Database(wired.connect, dbapi.Connection, dbapi.Cursor)
    assert outcome(function, ours, tmp_path / "wire", monkeypatch) == native
    gc.collect()  # here, where it is ignored that cases leave connections open
