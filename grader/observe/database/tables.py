"""Reads the watched table as another program would find it, and asks the database what it says of it."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Iterable
from typing import Any

from grader import limits
from grader.values import Column, Schema, Table

from .log import plain

_REQUIRED = ("name", "price")
_TAKEN = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"})
_LARGEST_ID = (1 << 63) - 1


def beginning(connection: sqlite3.Connection) -> tuple[Table | None, tuple[int, ...]]:
    """Return what a call finds: the rows, and the ids that the next rows would get."""
    return read(connection), next_ids(connection)


def ending(connection: sqlite3.Connection) -> tuple[Table | None, Schema | None]:
    """Return what a call leaves: the rows, and what the database says of their table."""
    return read(connection), schema(connection)


def read(connection: sqlite3.Connection) -> Table | None:
    """Return the rows of ``products`` in the order of the primary key; None if there is no such table."""
    if kind(connection) != "table":
        return None
    keys = ['"{}"'.format(column.name.replace('"', '""')) for column in _by_key(_columns(connection))] or ["rowid"]
    order, most = ", ".join(keys), limits.TABLE_ROWS
    found = connection.execute(f"SELECT * FROM main.products ORDER BY {order} LIMIT {most}")  # noqa: S608  # quoted names
    columns = tuple(item[0] for item in found.description)
    rows, cut = _within_bounds(found)
    more = 0
    if cut or len(rows) == most:  # counting reads the whole table once more, and this is done after each commit
        (number,) = connection.execute("SELECT count(*) FROM main.products").fetchone()
        more = number - len(rows)
    return Table(columns, tuple(rows), more)


def schema(connection: sqlite3.Connection) -> Schema | None:
    """Return what the database says of ``products``; None if there is no such table or view."""
    of = kind(connection)
    if of is None:
        return None
    sql = connection.execute("SELECT sql FROM main.sqlite_master WHERE lower(name) = 'products' AND type = ?", (of,))
    triggers = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'products' "  # noqa: S608  # a number
        f"ORDER BY name LIMIT {limits.TRIGGERS}"
    )
    columns = _columns(connection)
    return Schema(
        kind=of,
        sql=(sql.fetchone() or ("",))[0] or "",
        columns=columns,
        refuses_null={name: _refuses_null(connection, columns, name) for name in _REQUIRED},
        triggers=tuple(row[0] for row in triggers),
    )


def next_ids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the ids that sqlite would give to the next rows; none if it would not give any."""
    keys = _by_key(_columns(connection))
    if kind(connection) != "table" or len(keys) != 1 or keys[0].type.upper() != "INTEGER":
        return ()
    given = [connection.execute("SELECT max(rowid) FROM main.products").fetchone()[0]]
    with contextlib.suppress(sqlite3.OperationalError):  # there is no sqlite_sequence without AUTOINCREMENT
        of_products = "SELECT max(seq) FROM main.sqlite_sequence WHERE name = 'products'"
        given += connection.execute(of_products).fetchone()
    largest = max([identifier for identifier in given if isinstance(identifier, int)], default=0)
    return tuple(range(largest + 1, min(largest + limits.FORESEEN_IDS, _LARGEST_ID) + 1))


def kind(connection: sqlite3.Connection) -> str | None:
    """Return what ``products`` is, a table or a view; None if it is not there."""
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
    """Try it with one row, changed and stored anew, and roll that back; without a row, believe the declaration."""
    declared = next((column.not_null for column in columns if column.name.lower() == name), None)
    if declared is None or kind(connection) != "table":
        return declared
    stored = [row[1] for row in connection.execute("PRAGMA main.table_info(products)") if not row[5]]
    others = ['"{}"'.format(column.replace('"', '""')) for column in stored]
    quoted = ", ".join(others)
    values = ", ".join(
        "NULL" if column.lower() == name else other for column, other in zip(stored, others, strict=True)
    )
    first = "WHERE rowid = (SELECT min(rowid) FROM main.products)"
    tried = [
        _refused(connection, f"UPDATE main.products SET {name} = NULL {first}"),  # noqa: S608  # one of the required names
        _refused(connection, f"INSERT INTO main.products ({quoted}) SELECT {values} FROM main.products {first}"),  # noqa: S608  # quoted names
    ]
    if False in tried:
        return False
    return True if True in tried else declared


def _refused(connection: sqlite3.Connection, sql: str) -> bool | None:
    """Tell whether a statement is refused for its NULL, by NOT NULL, a CHECK or a trigger; None if it does not tell."""
    connection.execute("BEGIN")
    try:
        return False if connection.execute(sql).rowcount > 0 else None
    except sqlite3.IntegrityError as error:
        return None if error.sqlite_errorname in _TAKEN else True
    except (sqlite3.Error, MemoryError):  # a trigger that computes without end, a function that is not known here
        return None
    finally:
        connection.rollback()  # if the error has not done it


def _within_bounds(rows: Iterable[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], bool]:
    """Return rows as JSON can carry them, as long as all together are not too large, and whether some were left out."""
    size = 0
    kept: list[tuple[Any, ...]] = []
    for row in rows:
        size += sum(map(sys.getsizeof, row))
        if size > limits.TABLE_BYTES:
            return kept, True
        kept.append(tuple(plain(value) for value in row))
    return kept, False
