"""Functions of the student's that SQL calls."""

from __future__ import annotations

import sqlite3
from typing import Any

from wire_cases.case import Database, case, raising


@case
def _functions(db: Database) -> object:
    connection = db.filled()
    connection.create_function("twice", 1, lambda value: None if value is None else value * 2, deterministic=True)
    connection.create_function("all", -1, lambda *values: repr(values))
    connection.execute("CREATE INDEX i ON t (twice(price))")
    return connection.execute(
        "SELECT twice(id), twice(name), twice(price), all(1, 'x', x'00', NULL, 1.5), all() FROM t"
    ).fetchall()


@case
def _functions_that_fail(db: Database) -> object:
    connection = db.filled()
    connection.create_function("fail", 0, lambda: 1 / 0)
    connection.create_function("odd", 0, object)
    connection.create_function("big", 0, lambda: 2**70)
    connection.create_function("gone", 0, lambda: 1)
    connection.create_function("gone", 0, None)
    return [
        raising(lambda sql=sql: connection.execute(sql).fetchall())
        for sql in (
            "SELECT fail()",
            "SELECT odd()",
            "SELECT big()",
            "SELECT gone()",
            "SELECT fail(1)",
            "INSERT INTO t (name) SELECT fail()",
        )
    ], connection.in_transaction


@case
def _function_that_uses_the_connection(db: Database) -> object:
    connection = db.filled()
    connection.create_function("count_of", 0, lambda: connection.execute("SELECT count(*) FROM t").fetchone()[0])
    return connection.execute("SELECT count_of(), id FROM t").fetchall()


@case
def _registration_refusals(db: Database) -> object:
    connection = db.connect(":memory:")
    return [
        raising(lambda: connection.create_function("f", 500, lambda: 1)),
        raising(lambda: connection.create_function("f", 0, 5)),
        raising(lambda: connection.create_collation("c", 5)),
        raising(lambda: connection.create_collation("c"))[:3],
    ]


@case
def _aggregates(db: Database) -> object:
    class Longest:
        def __init__(self) -> None:
            self.found: list[Any] = []

        def step(self, value: object, weight: object) -> None:
            self.found.append((value, weight))

        def finalize(self) -> str:
            return repr(self.found)

    connection = db.filled()
    connection.create_aggregate("listed", 2, Longest)
    return (
        connection.execute("SELECT listed(id, price) FROM t").fetchall(),
        connection.execute("SELECT listed(id, name) FROM t GROUP BY id % 2").fetchall(),
        connection.execute("SELECT listed(id, 1) FROM t WHERE 0").fetchall(),
    )


@case
def _aggregates_that_fail(db: Database) -> object:
    class Broken:
        def __init__(self, where: str) -> None:
            if where == "init":
                raise ValueError
            self.where = where

        def step(self, _value: object) -> None:
            if self.where == "step":
                raise ValueError

        def finalize(self) -> int:
            if self.where == "finalize":
                raise ValueError
            return 1

    connection = db.filled()
    found = []
    for where in ("init", "step", "finalize", "no"):
        connection.create_aggregate("agg", 1, lambda where=where: Broken(where))
        found.append(raising(lambda: connection.execute("SELECT agg(id) FROM t").fetchall()))
    return found


@case
def _window_functions(db: Database) -> object:
    class Sum:
        def __init__(self) -> None:
            self.count = 0

        def step(self, value: int) -> None:
            self.count += value

        def inverse(self, value: int) -> None:
            self.count -= value

        def value(self) -> int:
            return self.count

        def finalize(self) -> int:
            return self.count

    connection = db.filled()
    connection.create_window_function("total", 1, Sum)
    return connection.execute(
        "SELECT id, total(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t"
    ).fetchall()


@case
def _collations(db: Database) -> object:
    connection = db.filled()
    connection.create_collation("backwards", lambda a, b: (a < b) - (a > b))
    found = connection.execute("SELECT name FROM t ORDER BY name COLLATE backwards").fetchall()
    connection.create_collation("backwards", None)
    return found, raising(lambda: connection.execute("SELECT name FROM t ORDER BY name COLLATE backwards").fetchall())


@case
def _trace(db: Database) -> object:
    told: list[str] = []
    connection = db.filled()
    connection.set_trace_callback(told.append)
    connection.execute("INSERT INTO t (name) VALUES (?)", ("x",))
    connection.executescript("UPDATE t SET name = 'z'; SELECT 1")
    connection.set_trace_callback(None)
    connection.execute("SELECT 2")
    return told


@case
def _authorizer(db: Database) -> object:
    connection = db.filled()
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_UPDATE else sqlite3.SQLITE_OK
    )
    refused = raising(lambda: connection.execute("UPDATE t SET name = 'x'"))
    connection.set_authorizer(None)
    return refused, connection.execute("UPDATE t SET name = 'x'").rowcount
