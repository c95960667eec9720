"""How transactions begin and end."""

from __future__ import annotations

import sqlite3
import sys

from wire_cases.case import Database, case, raising


@case
def _implicit_transactions(db: Database) -> object:
    connection = db.filled()
    found = []
    for sql in (
        "SELECT 1",
        "CREATE TABLE u (x)",
        "INSERT INTO t (name) VALUES ('x')",
        "CREATE TABLE v (x)",
        "PRAGMA user_version",
    ):
        connection.execute(sql)
        found.append((sql, connection.in_transaction, connection.total_changes))
    connection.rollback()
    return found, connection.in_transaction, connection.execute("SELECT name FROM sqlite_master").fetchall()


@case
def _isolation_levels(db: Database) -> object:
    found = []
    for level in ("", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "exclusive", None):
        connection = db.filled(isolation_level=level)
        connection.execute("INSERT INTO t (name) VALUES ('x')")
        found.append((connection.isolation_level, connection.in_transaction))
    return found, [
        raising(lambda level: db.connect(":memory:", isolation_level=level), level) for level in ("nonsense", 5)
    ]


@case
def _isolation_level_set_later(db: Database) -> object:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('x')")
    connection.isolation_level = None
    found = [connection.in_transaction, connection.isolation_level]
    connection.execute("INSERT INTO t (name) VALUES ('y')")
    found.append(connection.in_transaction)
    connection.isolation_level = "immediate"
    connection.execute("INSERT INTO t (name) VALUES ('z')")
    return [
        *found,
        connection.isolation_level,
        connection.in_transaction,
        *(raising(setattr, connection, "isolation_level", level) for level in ("no", 5, b"x")),
    ]


@case
def _connection_as_context(db: Database) -> object:
    connection = db.filled()
    with connection as entered:
        connection.execute("INSERT INTO t (name) VALUES ('kept')")

    def fail() -> None:
        with connection:
            connection.execute("INSERT INTO t (name) VALUES ('dropped')")
            raise ValueError("mine")

    return (
        entered is connection,
        raising(fail),
        connection.in_transaction,
        connection.execute("SELECT name FROM t").fetchall(),
    )


@case
def _context_whose_commit_fails(db: Database) -> object:
    connection = db.connect(":memory:")
    connection.executescript(
        "PRAGMA foreign_keys = ON; CREATE TABLE a (id INTEGER PRIMARY KEY);"
        "CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);"
    )

    def fail() -> None:
        with connection:
            connection.execute("INSERT INTO b VALUES (9)")

    return raising(fail), connection.in_transaction, connection.execute("SELECT * FROM b").fetchall()


@case
def _savepoints(db: Database) -> object:
    connection = db.filled(isolation_level=None)
    for sql in ("BEGIN", "SAVEPOINT s", "INSERT INTO t (name) VALUES ('x')", "ROLLBACK TO s", "RELEASE s"):
        connection.execute(sql)
    inside = connection.in_transaction
    connection.execute("COMMIT")
    connection.execute("SAVEPOINT alone")
    return (
        inside,
        connection.in_transaction,
        connection.execute("SELECT count(*) FROM t").fetchone(),
        connection.execute("RELEASE alone").fetchall(),
        connection.in_transaction,
    )


@case
def _rollback_with_an_open_cursor(db: Database) -> object:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('x')")
    cursor = connection.execute("SELECT id FROM t ORDER BY id")
    first = cursor.fetchone()
    connection.rollback()
    return first, connection.execute("SELECT count(*) FROM t").fetchone()


@case
def _total_changes(db: Database) -> object:
    connection = db.filled()
    found = [connection.total_changes]
    for sql in (
        "UPDATE t SET name = 'x'",
        "DELETE FROM t WHERE id = 1",
        "SELECT 1",
        "INSERT INTO t (name) SELECT name FROM t",
    ):
        connection.execute(sql)
        found.append(connection.total_changes)
    return found


@case
def _autocommit_attribute(db: Database) -> object:
    if sys.version_info < (3, 12):
        return None
    connection = db.connect(":memory:", autocommit=False)
    found = [connection.autocommit, connection.in_transaction]
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    found.append(connection.in_transaction)
    with connection:
        connection.execute("INSERT INTO t VALUES (1)")
    connection.rollback()
    connection.autocommit = True
    found += [connection.autocommit, connection.in_transaction, raising(connection.commit)]
    connection.autocommit = sqlite3.LEGACY_TRANSACTION_CONTROL
    return [
        *found,
        connection.autocommit,
        raising(lambda: setattr(connection, "autocommit", 7)),
        raising(lambda: db.connect(":memory:", autocommit=3)),
    ]
