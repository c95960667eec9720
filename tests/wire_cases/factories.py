"""Rows, texts, types and classes of the student's own."""

from __future__ import annotations

import sqlite3
from typing import Any

from wire_cases.case import Database, case, raising


@case
def _row_class(db: Database) -> object:
    connection = db.filled()
    connection.row_factory = sqlite3.Row
    row = connection.execute('SELECT id, name AS N, 1 AS "odd ""name" FROM t').fetchone()
    return (
        row.keys(),
        tuple(row),
        row["id"],
        row["n"],
        row[2],
        len(row),
        raising(lambda: row["none"]),
        row == connection.execute('SELECT id, name AS N, 1 AS "odd ""name" FROM t').fetchone(),
        isinstance(row, sqlite3.Row),
    )


@case
def _row_class_of_a_cursor(db: Database) -> object:
    cursor = db.filled().cursor()
    cursor.row_factory = sqlite3.Row
    first = cursor.execute("SELECT id FROM t").fetchone().keys()
    return (
        first,
        [row.keys() for row in cursor.execute("SELECT name, price FROM t")],
        [tuple(row) for row in cursor.execute("SELECT id FROM t").fetchmany(2)],
    )


@case
def _row_function(db: Database) -> object:
    connection = db.filled()
    connection.row_factory = lambda cursor, row: {
        item[0]: value for item, value in zip(cursor.description, row, strict=True)
    }
    inherited = connection.cursor().row_factory is connection.row_factory
    return (
        inherited,
        connection.execute("SELECT * FROM t").fetchall(),
        raising(lambda: setattr(connection, "row_factory", None)),
    )


@case
def _row_function_that_raises(db: Database) -> object:
    def fail(_cursor: object, _row: object) -> None:
        raise ArithmeticError("mine")

    connection = db.filled()
    connection.row_factory = fail
    return raising(connection.execute("SELECT 1").fetchone)


@case
def _row_class_made_by_a_function(db: Database) -> object:
    connection = db.filled()
    connection.row_factory = lambda cursor, row: dict(sqlite3.Row(cursor, row))
    return connection.execute("SELECT id, name FROM t").fetchall()


@case
def _text_factories(db: Database) -> object:
    connection = db.filled()
    connection.execute("INSERT INTO t VALUES (4, ?, 0)", ("ä",))
    found = []
    for factory in (bytes, bytearray, str, lambda data: data.decode("latin-1")):
        connection.text_factory = factory
        found.append(connection.execute("SELECT name, price FROM t WHERE id IN (1, 4)").fetchall())
    return found


@case
def _text_factory_set_after_the_statement(db: Database) -> object:
    connection = db.filled()
    cursor = connection.execute("SELECT name FROM t")
    first = cursor.fetchone()
    connection.text_factory = bytes
    return first, cursor.fetchall()[-1]


@case
def _text_that_is_not_utf8(db: Database) -> object:
    connection = db.connect(":memory:")
    failed = raising(lambda: connection.execute("SELECT 'ok', CAST(x'61ff' AS TEXT) AS broken").fetchone())
    connection.text_factory = bytes
    raw = connection.execute("SELECT CAST(x'61ff' AS TEXT)").fetchone()
    connection.text_factory = lambda data: data.decode(errors="replace")
    return failed, raw, connection.execute("SELECT CAST(x'61ff' AS TEXT)").fetchone()


@case
def _classes_as_factories(db: Database) -> object:
    def first(self: Any) -> object:  # noqa: ANN401  # either cursor
        return self.fetchone()

    def cursor_of(self: Any, factory: object = None) -> object:  # noqa: ANN401  # either connection
        return super(own, self).cursor(factory or own_cursor)

    own_cursor: Any = type("OwnCursor", (db.cursor_class,), {"first": first})
    own: Any = type("Own", (db.connection_class,), {"cursor": cursor_of})
    connection = db.connect(":memory:", factory=own)
    cursor = connection.cursor().execute("SELECT 5")
    return (
        type(connection.execute("SELECT 1")).__name__,
        isinstance(connection, sqlite3.Connection),
        isinstance(cursor, sqlite3.Cursor),
        type(cursor).__name__,
        cursor.first(),
        raising(connection.cursor, lambda _: 5),
        raising(db.connect(":memory:").cursor, None),
    )


@case
def _detected_types(db: Database) -> object:
    sqlite3.register_converter("upper", lambda data: data.decode().upper())
    connection = db.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
    connection.execute("CREATE TABLE t (d DATE, u upper, plain TEXT)")
    connection.execute("INSERT INTO t VALUES ('2024-05-06', 'abc', 'x')")
    connection.execute("INSERT INTO t VALUES (NULL, NULL, NULL)")
    rows = connection.execute('SELECT d, u, plain, plain AS "p [upper]", \'2020-01-02\' AS "x [date]" FROM t')
    return rows.description, rows.fetchall()


@case
def _types_that_nobody_detects(db: Database) -> object:
    connection = db.connect(":memory:")
    connection.execute("CREATE TABLE t (d DATE)")
    connection.execute("INSERT INTO t VALUES ('2024-05-06')")
    return connection.execute('SELECT d, d AS "x [date]" FROM t').fetchall(), connection.execute(
        'SELECT d AS "x [date]" FROM t'
    ).description


@case
def _converter_that_raises(db: Database) -> object:
    def fail(_data: bytes) -> None:
        raise ArithmeticError("mine")

    sqlite3.register_converter("broken", fail)
    connection = db.connect(":memory:", detect_types=sqlite3.PARSE_COLNAMES)
    return raising(lambda: connection.execute('SELECT 1 AS "x [broken]"').fetchone())
