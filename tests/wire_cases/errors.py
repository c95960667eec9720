"""Refusals of the database and of the driver."""

from __future__ import annotations

import gc
import threading
from typing import Any

from wire_cases.case import Database, case, raising


@case
def _errors_of_the_database(db: Database) -> object:
    connection = db.filled()
    connection.executescript(
        "CREATE TABLE c (a INTEGER CHECK (a > 0), b TEXT NOT NULL UNIQUE, t_id INTEGER REFERENCES t (id));"
        "CREATE TRIGGER no BEFORE DELETE ON c BEGIN SELECT RAISE(ABORT, 'never'); END;"
        "PRAGMA foreign_keys = ON; INSERT INTO c VALUES (1, 'x', 1);"
    )
    return [
        raising(lambda sql=sql: connection.execute(sql))
        for sql in (
            "INSERT INTO t VALUES (1, '', 0)",
            "INSERT INTO c VALUES (0, 'y', 1)",
            "INSERT INTO c VALUES (1, NULL, 1)",
            "INSERT INTO c VALUES (1, 'x', 1)",
            "INSERT INTO c VALUES (1, 'z', 99)",
            "DELETE FROM c",
            "SELECT * FROM nowhere",
            "SELECT nothing FROM t",
            "INSERT INTO t VALUES ('text', 1, 2)",
            "CREATE TABLE t (x)",
            "SELECT json('{')",
        )
    ]


@case
def _errors_of_transactions(db: Database) -> object:
    connection = db.filled(isolation_level=None)
    return [
        raising(lambda sql=sql: connection.execute(sql).fetchall())
        for sql in ("COMMIT", "ROLLBACK", "BEGIN", "BEGIN", "RELEASE x")
    ]


@case
def _closed_connection(db: Database) -> object:
    connection = db.filled()
    cursor = connection.execute("SELECT * FROM t")
    connection.close()
    connection.close()
    calls = (
        connection.cursor,
        connection.commit,
        connection.rollback,
        lambda: connection.execute("SELECT 1"),
        cursor.fetchone,
        cursor.fetchall,
        lambda: connection.in_transaction,
        lambda: connection.total_changes,
        lambda: connection.isolation_level,
        connection.__enter__,
        lambda: next(cursor),
        lambda: cursor.execute("SELECT 1"),
        connection.interrupt,
        lambda: list(connection.iterdump()),
        lambda: connection.create_function("f", 0, lambda: 1),
        lambda: setattr(connection, "isolation_level", None),
    )
    return [raising(call) for call in calls]


@case
def _closed_cursor(db: Database) -> object:
    cursor = db.filled().execute("SELECT * FROM t")
    cursor.close()
    cursor.close()
    return [
        raising(call)
        for call in (
            cursor.fetchone,
            lambda: cursor.execute("SELECT 1"),
            lambda: cursor.executescript(""),
            lambda: list(cursor),
        )
    ]


@case
def _other_thread(db: Database) -> object:
    connection = db.filled()
    cursor = connection.cursor()
    found: list[Any] = []

    def work() -> None:
        for call in (
            connection.cursor,
            connection.commit,
            connection.close,
            cursor.fetchone,
            lambda: cursor.execute("SELECT 1"),
        ):
            outcome = raising(call)
            found.append([*outcome[:3], outcome[3][0].split("thread id")[0]])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found


@case
def _other_thread_allowed(db: Database) -> object:
    connection = db.filled(check_same_thread=False)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(connection.execute("SELECT count(*) FROM t").fetchone()))
    thread.start()
    thread.join()
    return found


@case
def _subclass_without_init(db: Database) -> object:
    connection = type("Forgetful", (db.connection_class,), {"__init__": lambda *_: None})(":memory:")
    return [
        raising(call)
        for call in (connection.cursor, connection.commit, connection.close, lambda: connection.execute("SELECT 1"))
    ]


@case
def _locked_database(db: Database) -> object:
    first, second = db.filled("shop.db", timeout=0), db.connect("shop.db", timeout=0)
    first.execute("INSERT INTO t (name) VALUES ('mine')")
    locked = raising(lambda: second.execute("INSERT INTO t (name) VALUES ('yours')"))
    seen = second.execute("SELECT count(*) FROM t").fetchone()
    still = second.in_transaction
    second.rollback()
    first.commit()
    second.execute("INSERT INTO t (name) VALUES ('yours')")
    return locked, seen, still, second.execute("SELECT count(*) FROM t").fetchone()


@case
def _reader_keeps_a_commit_waiting(db: Database) -> object:
    first, second = db.filled("shop.db", timeout=0), db.connect("shop.db", timeout=0, isolation_level=None)
    second.execute("BEGIN")
    second.execute("SELECT * FROM t").fetchall()
    first.execute("INSERT INTO t (name) VALUES ('mine')")
    failed = raising(first.commit)
    return (
        failed,
        first.in_transaction,
        second.execute("COMMIT").fetchall(),
        first.commit(),
        second.execute("SELECT count(*) FROM t").fetchone(),
    )


@case
def _rollback_journal_of_a_dropped_connection(db: Database) -> object:
    first = db.filled("shop.db")
    first.execute("INSERT INTO t (name) VALUES ('mine')")
    del first
    gc.collect()
    return db.connect("shop.db", timeout=0).execute("SELECT count(*) FROM t").fetchone()
