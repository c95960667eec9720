"""The faults that a call can ask for: a refused insert, a locked database at the commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from wired import TABLE, Wired, facts, only, seen

pytest_plugins = ("wired_fixtures",)

ROWS = [(10, "a", 1), (11, "b", 2), (12, "c", 3)]
INSERT = "INSERT INTO products VALUES (?, ?, ?)"
VALUES = "(10, 'a', 1), (11, 'b', 2), (12, 'c', 3)"
REFUSED = pytest.raises(sqlite3.IntegrityError, match="insert refused by the database")


def one_by_one(connection: sqlite3.Connection) -> None:
    """Insert three rows with three statements."""
    for row in ROWS:
        connection.execute(INSERT, row)


PHRASINGS: dict[str, Callable[[Any], Any]] = {
    "one by one": one_by_one,
    "executemany": lambda connection: connection.executemany(INSERT, ROWS),
    "several values": lambda connection: connection.execute(f"INSERT INTO products VALUES {VALUES}"),  # noqa: S608  # constants
    "returning": lambda connection: connection.execute(f"INSERT INTO products VALUES {VALUES} RETURNING id").fetchall(),  # noqa: S608  # constants
    "select": lambda connection: connection.execute(f"INSERT INTO products SELECT * FROM (VALUES {VALUES})"),  # noqa: S608  # constants
    "or ignore": lambda connection: connection.executemany(INSERT.replace("INSERT", "INSERT OR IGNORE"), ROWS),
    "or replace": lambda connection: connection.executemany(INSERT.replace("INSERT", "REPLACE"), ROWS),
    "upsert": lambda connection: connection.executemany(f"{INSERT} ON CONFLICT DO NOTHING", ROWS),
    "script": lambda connection: connection.executescript(f"BEGIN; INSERT INTO products VALUES {VALUES}"),  # noqa: S608  # constants
}


def prepare(wired: Wired, **setup: Any) -> sqlite3.Connection:  # noqa: ANN401  # fields of Setup
    """Begin a call with a fault, on a shop with one product, and return a connection to it."""
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    connection.execute(INSERT, (1, "Pen", 1.2))
    connection.commit()
    if setup.pop("wal", False):
        connection.execute("PRAGMA journal_mode = WAL")
    wired.begin(files=wired.end().files, **setup)
    return wired.connect("shop.db", timeout=0)


@pytest.mark.parametrize("position", [1, 2, 3])
@pytest.mark.parametrize("phrasing", PHRASINGS)
def test_an_insert_is_refused(phrasing: str, position: int, wired: Wired) -> None:
    """Whatever the phrasing, the row at the chosen position is refused, and the fault is told once."""
    connection = prepare(wired, refuse_insert=position)
    with REFUSED as caught:
        PHRASINGS[phrasing](connection)
    assert caught.value.sqlite_errorname == "SQLITE_CONSTRAINT_TRIGGER"
    assert [step.text for step in only(wired.end(), "fault")] == ["refuse_insert"]


def test_all_later_rows_are_refused(wired: Wired) -> None:
    """From the chosen row on the database refuses every insert, on every connection."""
    first, second = prepare(wired, refuse_insert=2), wired.connect("shop.db")
    first.execute(INSERT, ROWS[0])
    first.commit()
    for connection in (first, second, second):
        with REFUSED:
            connection.execute(INSERT, ROWS[1])
        connection.rollback()
    assert len(only(wired.end(), "fault")) == 3


def test_other_tables_are_spared(wired: Wired) -> None:
    """Only products are refused."""
    connection = prepare(wired, refuse_insert=1)
    connection.execute("CREATE TABLE other (x)")
    connection.execute("INSERT INTO other VALUES (1)")
    assert only(wired.end(), "fault") == []


def test_a_table_made_in_the_call_is_guarded(wired: Wired) -> None:
    """The refusal also holds for a table that the call itself makes."""
    wired.begin(refuse_insert=1)
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    with REFUSED:
        connection.execute(INSERT, ROWS[0])


def test_a_table_made_anew_is_guarded(wired: Wired) -> None:
    """Dropping the table does not shake the refusal off."""
    connection, other = prepare(wired, refuse_insert=1), wired.connect("shop.db")
    other.execute("SELECT * FROM products").fetchall()
    connection.execute("DROP TABLE products")
    connection.execute(TABLE)
    for guarded in (connection, other):
        with REFUSED:
            guarded.execute(INSERT, ROWS[0])
        guarded.rollback()


def test_the_trigger_leaves_no_trace(wired: Wired) -> None:
    """A row that is let through has its id, counts and RETURNING as without the fault, and the schema is clean."""
    connection = prepare(wired, refuse_insert=9)
    before = connection.total_changes
    cursor = connection.execute("INSERT INTO products (name, price) VALUES ('Cup', 3), ('Mug', 4) RETURNING id")
    rows = cursor.fetchall()
    assert (rows, cursor.rowcount, cursor.lastrowid, connection.total_changes - before) == ([(2,), (3,)], 2, 3, 2)
    assert connection.execute("SELECT changes(), last_insert_rowid()").fetchone() == (2, 3)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("products",)]


def test_a_refused_statement_leaves_its_transaction(wired: Wired) -> None:
    """The refusal undoes the statement, not the transaction, like any constraint."""
    connection = prepare(wired, refuse_insert=2)
    connection.execute(INSERT, ROWS[0])
    with REFUSED:
        connection.execute(INSERT, ROWS[1])
    assert connection.in_transaction
    assert connection.execute("SELECT count(*) FROM products").fetchone() == (2,)


# --- the locked commit ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("wal", [False, True], ids=["rollback journal", "wal"])
@pytest.mark.parametrize("commit", ["method", "COMMIT", "  -- well\n END TRANSACTION"])
def test_a_commit_finds_the_database_locked(commit: str, wal: bool, wired: Wired) -> None:  # noqa: FBT001  # a parameter
    """INSERTs work, the commit fails as locked, the transaction stays open, and the fault is told."""
    connection = prepare(wired, lock_commit=True, wal=wal)
    connection.execute(INSERT, ROWS[0])
    with pytest.raises(sqlite3.OperationalError, match="database is locked") as caught:
        connection.commit() if commit == "method" else connection.execute(commit)
    assert (caught.value.sqlite_errorcode, caught.value.sqlite_errorname) == (sqlite3.SQLITE_BUSY, "SQLITE_BUSY")
    assert connection.in_transaction
    record = wired.end()
    assert [step.text for step in only(record, "fault")] == ["lock_commit"]
    assert seen(record) == []


@pytest.mark.parametrize("wal", [False, True], ids=["rollback journal", "wal"])
def test_a_released_lock_lets_commits_through(wal: bool, wired: Wired) -> None:  # noqa: FBT001  # a parameter
    """After the release the same transaction can be committed, and is seen."""
    connection = prepare(wired, lock_commit=True, wal=wal)
    connection.execute(INSERT, ROWS[0])
    with pytest.raises(sqlite3.OperationalError):
        connection.commit()
    wired.scenario.release()
    connection.commit()
    assert facts(wired.end()) == ["connect", "execute", "commit", "fault", "commit", "seen", "lost"]


def test_reading_is_not_locked(wired: Wired) -> None:
    """Other programs read on while the database is locked for commits, and an empty commit succeeds."""
    connection = prepare(wired, lock_commit=True)
    assert connection.execute("SELECT count(*) FROM products").fetchone() == (1,)
    connection.commit()
    assert only(wired.end(), "fault") == []


def test_a_transaction_left_open_locks_others_out(wired: Wired) -> None:
    """Whoever does not roll back a failed commit keeps the next connection waiting, after the release too."""
    connection = prepare(wired, lock_commit=True)
    connection.execute(INSERT, ROWS[0])
    with pytest.raises(sqlite3.OperationalError):
        connection.commit()
    wired.scenario.release()
    other = wired.connect("shop.db", timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute(INSERT, ROWS[1])
    assert len(only(wired.end(), "fault")) == 1


def test_waiting_is_short(wired: Wired) -> None:
    """A long busy timeout is cut: 5 seconds of it would eat the time of the call."""
    connection = prepare(wired)
    connection.execute("PRAGMA busy_timeout = 60000")
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (250,)
