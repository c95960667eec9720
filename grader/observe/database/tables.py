"""Reads the watched table as another program would find it, and asks the database what it says of it."""

from __future__ import annotations

import contextlib
import sqlite3

from grader import limits
from grader.values import Column, Schema, Table

from .log import plain

_REQUIRED = ("name", "price")


def read(connection: sqlite3.Connection) -> Table | None:
    """Return the rows of ``products`` in the order of the primary key; None if there is no such table."""
    if _kind(connection) != "table":
        return None
    keys = ['"{}"'.format(column.name.replace('"', '""')) for column in _by_key(_columns(connection))] or ["rowid"]
    order, most = ", ".join(keys), limits.TABLE_ROWS
    found = connection.execute(f"SELECT * FROM main.products ORDER BY {order} LIMIT {most}")  # noqa: S608  # quoted names
    columns = tuple(item[0] for item in found.description)
    return Table(columns, tuple(tuple(plain(value) for value in row) for row in found))


def schema(connection: sqlite3.Connection) -> Schema | None:
    """Return what the database says of ``products``; None if there is no such table or view."""
    kind = _kind(connection)
    if kind is None:
        return None
    sql = connection.execute("SELECT sql FROM main.sqlite_master WHERE lower(name) = 'products' AND type = ?", (kind,))
    triggers = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'products' ORDER BY name"
    )
    columns = _columns(connection)
    return Schema(
        kind=kind,
        sql=(sql.fetchone() or ("",))[0] or "",
        columns=columns,
        refuses_null={name: _refuses_null(connection, columns, name) for name in _REQUIRED},
        triggers=tuple(row[0] for row in triggers),
    )


def next_ids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the ids that sqlite would give to the next rows; none if it would not give any."""
    keys = _by_key(_columns(connection))
    if _kind(connection) != "table" or len(keys) != 1 or keys[0].type.upper() != "INTEGER":
        return ()
    largest = connection.execute("SELECT max(rowid) FROM main.products").fetchone()[0] or 0
    with contextlib.suppress(sqlite3.OperationalError):  # there is no sqlite_sequence without AUTOINCREMENT
        given = connection.execute("SELECT max(seq) FROM main.sqlite_sequence WHERE name = 'products'").fetchone()
        largest = max(largest, given[0] or 0)
    return tuple(range(largest + 1, largest + 1 + limits.FORESEEN_IDS))


def _kind(connection: sqlite3.Connection) -> str | None:
    found = connection.execute(
        "SELECT type FROM main.sqlite_master WHERE lower(name) = 'products' AND type IN ('table', 'view')"
    ).fetchone()
    return None if found is None else str(found[0])


def _columns(connection: sqlite3.Connection) -> tuple[Column, ...]:
    found = connection.execute("PRAGMA main.table_xinfo(products)")
    return tuple(Column(row[1], row[2], bool(row[3]), row[5]) for row in found)


def _by_key(columns: tuple[Column, ...]) -> list[Column]:
    return sorted((column for column in columns if column.primary_key), key=lambda column: column.primary_key)


def _refuses_null(connection: sqlite3.Connection, columns: tuple[Column, ...], name: str) -> bool | None:
    """Try it on one row, in a transaction that is rolled back; without a row, believe the declaration."""
    declared = next((column.not_null for column in columns if column.name.lower() == name), None)
    if declared is None or _kind(connection) != "table":
        return declared
    connection.execute("BEGIN")
    try:
        changed = connection.execute(
            f"UPDATE main.products SET {name} = NULL "  # noqa: S608  # one of the two required names
            "WHERE rowid = (SELECT min(rowid) FROM main.products)"
        ).rowcount
    except sqlite3.Error:  # NOT NULL, a CHECK or a trigger: it is refused
        return True
    finally:
        connection.execute("ROLLBACK")
    return False if changed else declared
