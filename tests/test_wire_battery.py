"""The same work natively and over the wire: values, types, exceptions and sqlite's codes must not differ."""

from __future__ import annotations

import collections
import datetime
import gc
import math
import os
import sqlite3
import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from wired import Wired

pytest_plugins = ("wired_fixtures",)


@dataclass
class Database:
    """What a case works with: ``connect`` is the native one or ours."""

    connect: Callable[..., Any]

    def filled(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as for connect
        """Return a connection with a table of three rows."""
        connection = self.connect(*(args or (":memory:",)), **kwargs)
        connection.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL);"
            "INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', NULL), (3, 'c', 2);"
        )
        return connection


Case = Callable[[Database], Any]
CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add a case."""
    CASES.append(function)
    return function


def raising(function: Callable[[], Any]) -> Any:  # noqa: ANN401  # a description of anything
    """Return what a call raised, described."""
    try:
        return ("returned", function())
    except Exception as error:  # noqa: BLE001  # whatever it is, it is compared
        return described(error)


def described(error: Exception) -> Any:  # noqa: ANN401  # as above
    """Return all of an exception that a program can see."""
    codes = [getattr(error, name, None) for name in ("sqlite_errorcode", "sqlite_errorname")]
    return ("raised", type(error).__module__, type(error).__name__, error.args, codes)


def shown(value: Any) -> Any:  # noqa: ANN401  # anything
    """Return a value with its types, so that 1, 1.0 and True differ."""
    if isinstance(value, tuple | list):
        return [type(value).__name__, *(shown(item) for item in value)]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return (type(value).__name__, repr(value))


# --- statements and rows ----------------------------------------------------------------------------------------------
@case
def values_of_every_type(db: Database) -> Any:
    given = (None, 0, -1, 2**63 - 1, -(2**63), 1.5, math.inf, -math.inf, math.nan, "", "ä€😀", "a\0b", b"", b"\0\xff", True)
    return [db.connect(":memory:").execute("SELECT ?, typeof(?)", (value, value)).fetchone() for value in given]


@case
def buffers(db: Database) -> Any:
    given = (bytearray(b"ab"), memoryview(b"cd"))
    return db.connect(":memory:").execute("SELECT ?, ?", given).fetchone()


@case
def subclasses_of_plain_types(db: Database) -> Any:
    class Number(int):
        pass

    class Text(str):
        __slots__ = ()

    class Real(float):
        pass

    return db.connect(":memory:").execute("SELECT ?, ?, ?", (Number(5), Text("x"), Real(2.5))).fetchone()


@case
def integer_too_large(db: Database) -> Any:
    connection = db.filled()
    return [raising(lambda n=n: connection.execute("SELECT ?", (n,))) for n in (2**63, 2**64, 2**70, -(2**63) - 1)]


@case
def integer_too_large_leaves_the_transaction_open(db: Database) -> Any:
    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (?, 'x', 1)", (2**70,)))
    return failed, connection.in_transaction


@case
def text_with_surrogates(db: Database) -> Any:
    connection = db.filled()
    return raising(lambda: connection.execute("SELECT ?", ("a\ud800b",)))


@case
def unsupported_type(db: Database) -> Any:
    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (4, ?, 1)", (Decimal("1.5"),)))
    return failed, connection.in_transaction


@case
def unsupported_type_of_the_student(db: Database) -> Any:
    class Odd:
        pass

    return raising(lambda: db.connect(":memory:").execute("SELECT ?, ?", (1, Odd())))


@case
def unsupported_named_parameter(db: Database) -> Any:
    connection = db.connect(":memory:")
    return raising(lambda: connection.execute("SELECT :a", {"a": object()})), connection.execute(
        "SELECT :a", {"a": 1, "unused": object()}
    ).fetchone()


@case
def named_parameters(db: Database) -> Any:
    return db.connect(":memory:").execute("SELECT :a, @b, $c, :a", {"a": 1, "b": "x", "c": None}).fetchone()


@case
def named_parameters_of_other_mappings(db: Database) -> Any:
    class Missing(dict[str, int]):
        def __missing__(self, key: str) -> int:
            return 7

    connection = db.connect(":memory:")
    return [
        connection.execute("SELECT :a, ':no', \":x\", :b -- :c", mapping).fetchone()
        for mapping in (Missing(a=1), collections.OrderedDict(a=1, b=2))
    ]


@case
def sequences_as_parameters(db: Database) -> Any:
    class Sequence:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> int:
            return [10, 20][index]

    row = collections.namedtuple("row", "a b")(1, 2)  # noqa: PYI024  # the untyped kind is what students use
    connection = db.connect(":memory:")
    return [connection.execute("SELECT ?, ?", given).fetchone() for given in (row, [1, 2], "ab", range(2), Sequence())]


@case
def parameters_that_are_none(db: Database) -> Any:
    connection = db.connect(":memory:")
    return [raising(lambda g=given: connection.execute("SELECT ?", g).fetchall()) for given in ({1}, 5, None, iter([1]), types.MappingProxyType({}), collections.UserDict(a=1))]


@case
def wrong_number_of_parameters(db: Database) -> Any:
    connection = db.filled()
    return [
        raising(lambda: connection.execute("SELECT ?, ?", (1,))),
        raising(lambda: connection.execute("SELECT ?", (1, 2))),
        raising(lambda: connection.execute("SELECT :a, :b", {"a": 1})),
        raising(lambda: connection.execute("INSERT INTO t VALUES (?, ?, ?)", (9,))),
        connection.in_transaction,
    ]


@case
def adapters_and_protocol(db: Database) -> Any:
    class Adapted:
        def __conform__(self, protocol: object) -> str | None:
            return "conformed" if protocol is sqlite3.PrepareProtocol else None

    sqlite3.register_adapter(complex, lambda number: f"{number.real};{number.imag}")
    return db.connect(":memory:").execute("SELECT ?, ?", (Adapted(), 1 + 2j)).fetchone()


@case
def adapter_that_raises(db: Database) -> Any:
    class Broken:
        def __conform__(self, _protocol: object) -> str:
            raise KeyError("mine")

    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (7, ?, 1)", (Broken(),)))
    return failed, connection.in_transaction, connection.execute("SELECT count(*) FROM t").fetchone()


@case
def last_row_id(db: Database) -> Any:
    cursor = db.filled().cursor()
    found = [cursor.lastrowid]
    for sql in ("SELECT 1", "INSERT INTO t (name) VALUES ('x')", "SELECT 1", "UPDATE t SET name = 'y'", "REPLACE INTO t VALUES (50, '', 1)"):
        found.append(cursor.execute(sql).lastrowid)
    cursor.executemany("INSERT INTO t (name) VALUES (?)", [("x",), ("y",)])
    return [*found, cursor.lastrowid, raising(lambda: cursor.execute("INSERT INTO t VALUES (1, '', 1)")), cursor.lastrowid]


@case
def row_count(db: Database) -> Any:
    cursor = db.filled().cursor()
    found = [cursor.rowcount]
    for sql in (
        "SELECT * FROM t",
        "UPDATE t SET name = 'y' WHERE id < 3",
        "DELETE FROM t WHERE id = 99",
        "INSERT INTO t (name) VALUES ('x'), ('y')",
        "CREATE TABLE u (x)",
        "WITH c AS (SELECT 1) DELETE FROM t WHERE id = 1",
    ):
        found.append(cursor.execute(sql).rowcount)
    cursor.executemany("UPDATE t SET name = ? WHERE id > 1", [("x",), ("y",)])
    return [*found, cursor.rowcount]


@case
def row_count_after_an_error(db: Database) -> Any:
    cursor = db.filled().cursor()
    cursor.execute("UPDATE t SET name = 'y'")
    failed = raising(lambda: cursor.execute("INSERT INTO t VALUES (1, '', 1)"))
    return failed, cursor.rowcount, cursor.description, raising(lambda: cursor.execute("nonsense")), cursor.rowcount


@case
def returning(db: Database) -> Any:
    cursor = db.filled().cursor()
    cursor.execute("INSERT INTO t (name) VALUES ('x'), ('y') RETURNING id, name AS n")
    first = (cursor.rowcount, cursor.lastrowid, cursor.description)
    rows = [cursor.fetchone()]
    middle = cursor.rowcount
    rows += cursor.fetchall()
    return first, middle, rows, cursor.rowcount


@case
def returning_of_one_row(db: Database) -> Any:
    cursor = db.filled().cursor()
    cursor.execute("INSERT INTO t (name) VALUES ('x') RETURNING id")
    first = cursor.rowcount
    return first, cursor.fetchone(), cursor.rowcount, cursor.fetchone(), cursor.rowcount


@case
def description(db: Database) -> Any:
    cursor = db.filled().cursor()
    found = [cursor.description]
    for sql in ("SELECT id, name AS n, 1 + 1, 'x' \"a \"\"b\" FROM t", "INSERT INTO t (name) VALUES ('')", "SELECT 1 WHERE 0",
                "CREATE TABLE u (x)", "PRAGMA user_version"):
        found.append(cursor.execute(sql).description)
    return found


@case
def description_of_executemany(db: Database) -> Any:
    cursor = db.filled().cursor()
    cursor.execute("SELECT * FROM t")
    cursor.executemany("INSERT INTO t (name) VALUES (?)", [("q",)])
    return cursor.description, raising(cursor.fetchall)


@case
def fetching(db: Database) -> Any:
    cursor = db.filled().cursor()
    size = cursor.arraysize
    rows = [cursor.execute("SELECT id FROM t").fetchone(), cursor.fetchmany(), cursor.fetchmany(5), cursor.fetchmany(), cursor.fetchone()]
    cursor.arraysize = 2
    return size, rows, cursor.execute("SELECT id FROM t").fetchmany(), cursor.fetchall(), cursor.fetchall()


@case
def fetching_zero_and_before_execute(db: Database) -> Any:
    cursor = db.filled().cursor()
    before = (cursor.fetchone(), cursor.fetchmany(3), cursor.fetchall())
    cursor.execute("SELECT id FROM t")
    return before, cursor.fetchmany(size=1), cursor.fetchmany(2)


@case
def iteration(db: Database) -> Any:
    cursor = db.filled().execute("SELECT id FROM t")
    return iter(cursor) is cursor, [row for (row,) in cursor], raising(lambda: next(cursor)), list(cursor)


@case
def many_rows(db: Database) -> Any:
    cursor = db.connect(":memory:").execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i * 2 FROM n"
    )
    return cursor.fetchmany(70), next(cursor), len(cursor.fetchmany(600)), len(cursor.fetchall()), cursor.fetchone()


@case
def large_values(db: Database) -> Any:
    (text, blob) = db.connect(":memory:").execute("SELECT ?, ?", ("x" * 300_000, b"y" * 500_000)).fetchone()
    return len(text), len(blob), text[-1], blob[-1]


@case
def error_while_fetching(db: Database) -> Any:
    connection = db.connect(":memory:")
    cursor = connection.execute(
        "WITH n(i) AS (VALUES (1), (2), (-9223372036854775808), (4)) SELECT abs(i) FROM n"
    )
    return [raising(cursor.fetchone) for _ in range(4)]


@case
def executing_again_forgets_rows(db: Database) -> Any:
    cursor = db.filled().execute("SELECT id FROM t")
    cursor.fetchone()
    return cursor.execute("SELECT name FROM t").fetchall()


@case
def statements_return_the_cursor(db: Database) -> Any:
    cursor = db.filled().cursor()
    return [
        cursor.execute("SELECT 1") is cursor,
        cursor.executemany("INSERT INTO t (name) VALUES (?)", [("x",)]) is cursor,
        cursor.executescript("SELECT 1") is cursor,
        cursor.connection.__class__.__mro__[-3:-1] == cursor.connection.execute("SELECT 1").connection.__class__.__mro__[-3:-1],
    ]


@case
def executemany_with_an_iterator(db: Database) -> Any:
    connection = db.filled()
    cursor = connection.executemany("INSERT INTO t (name) VALUES (?)", (("n%d" % n,) for n in range(1000)))
    return cursor.rowcount, connection.execute("SELECT count(*), max(name) FROM t").fetchone()


@case
def executemany_with_dicts(db: Database) -> Any:
    connection = db.filled()
    connection.executemany("INSERT INTO t (name, price) VALUES (:n, :p)", [{"n": "x", "p": 1}, {"n": "y", "p": 2.5}])
    return connection.execute("SELECT * FROM t WHERE id > 3").fetchall()


@case
def executemany_that_fails_in_the_middle(db: Database) -> Any:
    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", [(10,), (1,), (11,)]))
    return failed, connection.execute("SELECT id FROM t").fetchall(), connection.in_transaction, connection.total_changes


@case
def executemany_whose_iterator_raises(db: Database) -> Any:
    def rows() -> Iterator[tuple[int]]:
        yield (10,)
        yield (11,)
        raise LookupError("no more")

    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", rows()))
    return failed, connection.execute("SELECT id FROM t").fetchall(), connection.in_transaction


@case
def executemany_whose_long_iterator_raises(db: Database) -> Any:
    def rows() -> Iterator[tuple[int]]:
        yield from ((n,) for n in range(10, 500))
        raise LookupError("no more")

    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", rows()))
    return failed, connection.execute("SELECT count(*) FROM t").fetchall(), connection.in_transaction


@case
def executemany_refusals(db: Database) -> Any:
    connection = db.filled()
    return [
        raising(lambda: connection.executemany("SELECT ?", [(1,)])),
        raising(lambda: connection.executemany("INSERT INTO t (name) VALUES (?)", 5)),
        raising(lambda: connection.executemany("INSERT INTO t (name) VALUES (?)", [5])),
        raising(lambda: connection.executemany("INSERT INTO t (name) VALUES (?)", [(object(),)])),
        raising(lambda: connection.executemany("INSERT INTO t (name) VALUES (?)", []).rowcount),
        connection.in_transaction,
    ]


@case
def scripts(db: Database) -> Any:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('pending')")
    before = connection.in_transaction
    connection.executescript("INSERT INTO t (name) VALUES ('s1'); BEGIN; INSERT INTO t (name) VALUES ('s2');")
    after = connection.in_transaction
    connection.rollback()
    failed = raising(lambda: connection.executescript("INSERT INTO t (name) VALUES ('s3'); nonsense; SELECT 1;"))
    return before, after, failed, connection.execute("SELECT name FROM t").fetchall()


@case
def statements_that_are_none(db: Database) -> Any:
    connection = db.filled()
    odd = ("", "   ", "-- comment", ";", "SELECT 1;", "SELECT 1; SELECT 2", "SELECT 1; -- x", "SELECT\0 1", "nonsense")
    return [raising(lambda s=sql: connection.execute(s).fetchall()) for sql in odd]


@case
def arguments_of_the_wrong_type(db: Database) -> Any:
    cursor = db.filled().cursor()
    return [
        raising(lambda: cursor.execute(5)),
        raising(lambda: cursor.executescript(b"SELECT 1")),
        raising(lambda: cursor.executemany(None, [])),
        raising(lambda: cursor.execute("a\ud800")),
    ]


# --- errors -----------------------------------------------------------------------------------------------------------
@case
def errors_of_the_database(db: Database) -> Any:
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
def errors_of_transactions(db: Database) -> Any:
    connection = db.filled(isolation_level=None)
    return [raising(lambda sql=sql: connection.execute(sql).fetchall()) for sql in ("COMMIT", "ROLLBACK", "BEGIN", "BEGIN", "RELEASE x")]


@case
def closed_connection(db: Database) -> Any:
    connection = db.filled()
    cursor = connection.execute("SELECT * FROM t")
    connection.close()
    connection.close()
    calls = (
        connection.cursor, connection.commit, connection.rollback, lambda: connection.execute("SELECT 1"), cursor.fetchone, cursor.fetchall,
        lambda: connection.in_transaction, lambda: connection.total_changes, lambda: connection.isolation_level, connection.__enter__,
        lambda: next(cursor), lambda: cursor.execute("SELECT 1"), connection.interrupt, lambda: list(connection.iterdump()),
        lambda: connection.create_function("f", 0, lambda: 1), lambda: setattr(connection, "isolation_level", None),
    )
    return [raising(call) for call in calls]


@case
def closed_cursor(db: Database) -> Any:
    cursor = db.filled().execute("SELECT * FROM t")
    cursor.close()
    cursor.close()
    return [raising(call) for call in (cursor.fetchone, lambda: cursor.execute("SELECT 1"), lambda: cursor.executescript(""), lambda: list(cursor))]


@case
def other_thread(db: Database) -> Any:
    connection = db.filled()
    cursor = connection.cursor()
    found: list[Any] = []

    def work() -> None:
        for call in (connection.cursor, connection.commit, connection.close, cursor.fetchone, lambda: cursor.execute("SELECT 1")):
            outcome = raising(call)
            found.append([*outcome[:3], outcome[3][0].split("thread id")[0]])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found


@case
def other_thread_allowed(db: Database) -> Any:
    connection = db.filled(check_same_thread=False)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(connection.execute("SELECT count(*) FROM t").fetchone()))
    thread.start()
    thread.join()
    return found


@case
def subclass_without_init(db: Database) -> Any:
    class Forgetful(sqlite3.Connection if db.connect is sqlite3.connect else type(db.connect(":memory:"))):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            pass

    connection = Forgetful(":memory:")
    return [raising(call) for call in (connection.cursor, connection.commit, connection.close, lambda: connection.execute("SELECT 1"))]


@case
def locked_database(db: Database) -> Any:
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
def reader_keeps_a_commit_waiting(db: Database) -> Any:
    first, second = db.filled("shop.db", timeout=0), db.connect("shop.db", timeout=0, isolation_level=None)
    second.execute("BEGIN")
    second.execute("SELECT * FROM t").fetchall()
    first.execute("INSERT INTO t (name) VALUES ('mine')")
    failed = raising(first.commit)
    return failed, first.in_transaction, second.execute("COMMIT").fetchall(), first.commit(), second.execute("SELECT count(*) FROM t").fetchone()


@case
def rollback_journal_of_a_dropped_connection(db: Database) -> Any:
    first = db.filled("shop.db")
    first.execute("INSERT INTO t (name) VALUES ('mine')")
    del first
    gc.collect()
    return db.connect("shop.db", timeout=0).execute("SELECT count(*) FROM t").fetchone()


# --- transactions -----------------------------------------------------------------------------------------------------
@case
def implicit_transactions(db: Database) -> Any:
    connection = db.filled()
    found = []
    for sql in ("SELECT 1", "CREATE TABLE u (x)", "INSERT INTO t (name) VALUES ('x')", "CREATE TABLE v (x)", "PRAGMA user_version"):
        connection.execute(sql)
        found.append((sql, connection.in_transaction, connection.total_changes))
    connection.rollback()
    return found, connection.in_transaction, connection.execute("SELECT name FROM sqlite_master").fetchall()


@case
def isolation_levels(db: Database) -> Any:
    found = []
    for level in ("", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "exclusive", None):
        connection = db.filled(isolation_level=level)
        connection.execute("INSERT INTO t (name) VALUES ('x')")
        found.append((connection.isolation_level, connection.in_transaction))
    return found, [raising(lambda v=v: db.connect(":memory:", isolation_level=v)) for v in ("nonsense", 5)]


@case
def isolation_level_set_later(db: Database) -> Any:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('x')")
    connection.isolation_level = None
    found = [connection.in_transaction, connection.isolation_level]
    connection.execute("INSERT INTO t (name) VALUES ('y')")
    found.append(connection.in_transaction)
    connection.isolation_level = "immediate"
    connection.execute("INSERT INTO t (name) VALUES ('z')")
    return [*found, connection.isolation_level, connection.in_transaction, *(raising(lambda v=v: setattr(connection, "isolation_level", v)) for v in ("no", 5, b"x"))]


@case
def connection_as_context(db: Database) -> Any:
    connection = db.filled()
    with connection as entered:
        connection.execute("INSERT INTO t (name) VALUES ('kept')")

    def fail() -> None:
        with connection:
            connection.execute("INSERT INTO t (name) VALUES ('dropped')")
            raise ValueError("mine")

    return entered is connection, raising(fail), connection.in_transaction, connection.execute("SELECT name FROM t").fetchall()


@case
def context_whose_commit_fails(db: Database) -> Any:
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
def savepoints(db: Database) -> Any:
    connection = db.filled(isolation_level=None)
    for sql in ("BEGIN", "SAVEPOINT s", "INSERT INTO t (name) VALUES ('x')", "ROLLBACK TO s", "RELEASE s"):
        connection.execute(sql)
    inside = connection.in_transaction
    connection.execute("COMMIT")
    connection.execute("SAVEPOINT alone")
    return inside, connection.in_transaction, connection.execute("SELECT count(*) FROM t").fetchone(), connection.execute("RELEASE alone").fetchall(), connection.in_transaction


@case
def rollback_with_an_open_cursor(db: Database) -> Any:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('x')")
    cursor = connection.execute("SELECT id FROM t ORDER BY id")
    first = cursor.fetchone()
    connection.rollback()
    return first, connection.execute("SELECT count(*) FROM t").fetchone()


@case
def total_changes(db: Database) -> Any:
    connection = db.filled()
    found = [connection.total_changes]
    for sql in ("UPDATE t SET name = 'x'", "DELETE FROM t WHERE id = 1", "SELECT 1", "INSERT INTO t (name) SELECT name FROM t"):
        connection.execute(sql)
        found.append(connection.total_changes)
    return found


@case
def autocommit_attribute(db: Database) -> Any:
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
    return [*found, connection.autocommit, raising(lambda: setattr(connection, "autocommit", 7)), raising(lambda: db.connect(":memory:", autocommit=3))]


# --- factories --------------------------------------------------------------------------------------------------------
@case
def row_class(db: Database) -> Any:
    connection = db.filled()
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT id, name AS N, 1 AS \"odd \"\"name\" FROM t").fetchone()
    return row.keys(), tuple(row), row["id"], row["n"], row[2], len(row), raising(lambda: row["none"]), row == row, isinstance(row, sqlite3.Row)


@case
def row_class_of_a_cursor(db: Database) -> Any:
    cursor = db.filled().cursor()
    cursor.row_factory = sqlite3.Row
    first = cursor.execute("SELECT id FROM t").fetchone().keys()
    return first, [row.keys() for row in cursor.execute("SELECT name, price FROM t")], [tuple(row) for row in cursor.execute("SELECT id FROM t").fetchmany(2)]


@case
def row_function(db: Database) -> Any:
    connection = db.filled()
    connection.row_factory = lambda cursor, row: {item[0]: value for item, value in zip(cursor.description, row, strict=True)}
    inherited = connection.cursor().row_factory is connection.row_factory
    return inherited, connection.execute("SELECT * FROM t").fetchall(), raising(lambda: setattr(connection, "row_factory", None))


@case
def row_function_that_raises(db: Database) -> Any:
    def fail(_cursor: object, _row: object) -> None:
        raise ArithmeticError("mine")

    connection = db.filled()
    connection.row_factory = fail
    return raising(connection.execute("SELECT 1").fetchone)


@case
def row_class_made_by_a_function(db: Database) -> Any:
    connection = db.filled()
    connection.row_factory = lambda cursor, row: dict(sqlite3.Row(cursor, row))
    return connection.execute("SELECT id, name FROM t").fetchall()


@case
def text_factories(db: Database) -> Any:
    connection = db.filled()
    connection.execute("INSERT INTO t VALUES (4, ?, 0)", ("ä",))
    found = []
    for factory in (bytes, bytearray, str, lambda data: data.decode("latin-1")):
        connection.text_factory = factory
        found.append(connection.execute("SELECT name, price FROM t WHERE id IN (1, 4)").fetchall())
    return found


@case
def text_that_is_not_utf8(db: Database) -> Any:
    connection = db.connect(":memory:")
    failed = raising(lambda: connection.execute("SELECT 'ok', CAST(x'61ff' AS TEXT) AS broken").fetchone())
    connection.text_factory = bytes
    raw = connection.execute("SELECT CAST(x'61ff' AS TEXT)").fetchone()
    connection.text_factory = lambda data: data.decode(errors="replace")
    return failed, raw, connection.execute("SELECT CAST(x'61ff' AS TEXT)").fetchone()


@case
def classes_as_factories(db: Database) -> Any:
    base = sqlite3.Connection if db.connect is sqlite3.connect else type(db.connect(":memory:"))
    cursors = type(db.connect(":memory:").cursor())

    class OwnCursor(cursors):
        def first(self) -> Any:
            return self.fetchone()

    class Own(base):
        def cursor(self, factory: Any = OwnCursor) -> Any:
            return super().cursor(factory)

    connection = db.connect(":memory:", factory=Own)
    cursor = connection.cursor().execute("SELECT 5")
    return type(connection.execute("SELECT 1")).__name__, isinstance(connection, sqlite3.Connection), isinstance(cursor, sqlite3.Cursor), type(cursor).__name__, cursor.first(), raising(lambda: connection.cursor(lambda _c: 5)), raising(lambda: connection.cursor(None))


@case
def detected_types(db: Database) -> Any:
    sqlite3.register_converter("upper", lambda data: data.decode().upper())
    connection = db.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
    connection.execute("CREATE TABLE t (d DATE, u upper, plain TEXT)")
    connection.execute("INSERT INTO t VALUES ('2024-05-06', 'abc', 'x')")
    connection.execute("INSERT INTO t VALUES (NULL, NULL, NULL)")
    rows = connection.execute("SELECT d, u, plain, plain AS \"p [upper]\", '2020-01-02' AS \"x [date]\" FROM t")
    return rows.description, rows.fetchall()


@case
def types_that_nobody_detects(db: Database) -> Any:
    connection = db.connect(":memory:")
    connection.execute("CREATE TABLE t (d DATE)")
    connection.execute("INSERT INTO t VALUES ('2024-05-06')")
    return connection.execute("SELECT d, d AS \"x [date]\" FROM t").fetchall(), connection.execute("SELECT d AS \"x [date]\" FROM t").description


@case
def converter_that_raises(db: Database) -> Any:
    def fail(_data: bytes) -> None:
        raise ArithmeticError("mine")

    sqlite3.register_converter("broken", fail)
    connection = db.connect(":memory:", detect_types=sqlite3.PARSE_COLNAMES)
    return raising(lambda: connection.execute("SELECT 1 AS \"x [broken]\"").fetchone())


# --- what SQL may call ------------------------------------------------------------------------------------------------
@case
def functions(db: Database) -> Any:
    connection = db.filled()
    connection.create_function("twice", 1, lambda value: None if value is None else value * 2, deterministic=True)
    connection.create_function("all", -1, lambda *values: repr(values))
    connection.execute("CREATE INDEX i ON t (twice(price))")
    return connection.execute("SELECT twice(id), twice(name), twice(price), all(1, 'x', x'00', NULL, 1.5), all() FROM t").fetchall()


@case
def functions_that_fail(db: Database) -> Any:
    connection = db.filled()
    connection.create_function("fail", 0, lambda: 1 / 0)
    connection.create_function("odd", 0, object)
    connection.create_function("big", 0, lambda: 2**70)
    connection.create_function("gone", 0, lambda: 1)
    connection.create_function("gone", 0, None)
    return [raising(lambda sql=sql: connection.execute(sql).fetchall()) for sql in (
        "SELECT fail()", "SELECT odd()", "SELECT big()", "SELECT gone()", "SELECT fail(1)", "INSERT INTO t (name) SELECT fail()")], connection.in_transaction


@case
def function_that_uses_the_connection(db: Database) -> Any:
    connection = db.filled()
    connection.create_function("count_of", 0, lambda: connection.execute("SELECT count(*) FROM t").fetchone()[0])
    return connection.execute("SELECT count_of(), id FROM t").fetchall()


@case
def registration_refusals(db: Database) -> Any:
    connection = db.connect(":memory:")
    return [raising(lambda: connection.create_function("f", 500, lambda: 1)), raising(lambda: connection.create_function("f", 0, 5)),
            raising(lambda: connection.create_collation("c", 5)), raising(lambda: connection.create_collation("c"))[:3]]


@case
def aggregates(db: Database) -> Any:
    class Longest:
        def __init__(self) -> None:
            self.found: list[Any] = []

        def step(self, value: Any, weight: Any) -> None:
            self.found.append((value, weight))

        def finalize(self) -> str:
            return repr(self.found)

    connection = db.filled()
    connection.create_aggregate("listed", 2, Longest)
    return connection.execute("SELECT listed(id, price) FROM t").fetchall(), connection.execute(
        "SELECT listed(id, name) FROM t GROUP BY id % 2").fetchall(), connection.execute("SELECT listed(id, 1) FROM t WHERE 0").fetchall()


@case
def aggregates_that_fail(db: Database) -> Any:
    class Broken:
        def __init__(self, where: str) -> None:
            if where == "init":
                raise ValueError
            self.where = where

        def step(self, _value: Any) -> None:
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
def window_functions(db: Database) -> Any:
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
    return connection.execute("SELECT id, total(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t").fetchall()


@case
def collations(db: Database) -> Any:
    connection = db.filled()
    connection.create_collation("backwards", lambda a, b: (a < b) - (a > b))
    found = connection.execute("SELECT name FROM t ORDER BY name COLLATE backwards").fetchall()
    connection.create_collation("backwards", None)
    return found, raising(lambda: connection.execute("SELECT name FROM t ORDER BY name COLLATE backwards").fetchall())


@case
def trace(db: Database) -> Any:
    told: list[str] = []
    connection = db.filled()
    connection.set_trace_callback(told.append)
    connection.execute("INSERT INTO t (name) VALUES (?)", ("x",))
    connection.executescript("UPDATE t SET name = 'z'; SELECT 1")
    connection.set_trace_callback(None)
    connection.execute("SELECT 2")
    return told


@case
def authorizer(db: Database) -> Any:
    connection = db.filled()
    connection.set_authorizer(lambda action, table, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_UPDATE else sqlite3.SQLITE_OK)
    refused = raising(lambda: connection.execute("UPDATE t SET name = 'x'"))
    connection.set_authorizer(None)
    return refused, connection.execute("UPDATE t SET name = 'x'").rowcount


# --- the rest ---------------------------------------------------------------------------------------------------------
@case
def dump(db: Database) -> Any:
    connection = db.filled()
    connection.execute("INSERT INTO t VALUES (4, 'it''s', x'00ff')")
    return list(connection.iterdump())


@case
def limits_of_sqlite(db: Database) -> Any:
    connection = db.connect(":memory:")
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1)
    return before, connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER), raising(lambda: connection.execute("SELECT ?, ?", (1, 2))), raising(lambda: connection.getlimit(99))


@case
def attributes_of_the_module(db: Database) -> Any:
    connection = db.connect(":memory:")
    return [getattr(connection, name) is getattr(sqlite3, name) for name in ("Error", "IntegrityError", "ProgrammingError", "NotSupportedError", "Warning")]


@case
def shared_memory(db: Database) -> Any:
    first = db.connect("file:shared?mode=memory&cache=shared", uri=True)
    first.execute("CREATE TABLE t (x)")
    first.execute("INSERT INTO t VALUES (1)")
    first.commit()
    return db.connect("file:shared?mode=memory&cache=shared", uri=True).execute("SELECT * FROM t").fetchall(), os.listdir()


@case
def temporary_database(db: Database) -> Any:
    connection = db.filled("")
    connection.commit()
    return connection.execute("SELECT count(*) FROM t").fetchone(), os.listdir()


@case
def files(db: Database) -> Any:
    db.filled("shop.db").commit()
    os.makedirs("sub")
    db.filled(Path("sub") / "deep er.db").commit()
    db.filled(b"bytes.db").commit()
    absolute = db.connect(Path.cwd() / "shop.db").execute("SELECT count(*) FROM t").fetchone()
    dotted = db.connect("sub/../shop.db").execute("SELECT count(*) FROM t").fetchone()
    return sorted(os.listdir()), os.listdir("sub"), absolute, dotted


@case
def file_uris(db: Database) -> Any:
    db.filled("shop.db").commit()
    read_only = db.connect("file:shop.db?mode=ro", uri=True)
    return [
        raising(lambda: read_only.execute("INSERT INTO t (name) VALUES ('x')")),
        read_only.execute("SELECT count(*) FROM t").fetchone(),
        raising(lambda: db.connect("file:none.db?mode=rw", uri=True)),
        raising(lambda: db.connect("file:none.db?mode=nonsense", uri=True)),
        raising(lambda: db.connect("file://elsewhere/none.db", uri=True)),
        db.connect("file:shop%2Edb", uri=True).execute("SELECT count(*) FROM t").fetchone(),
        db.connect(f"file://{Path.cwd()}/shop.db#part", uri=True).execute("SELECT count(*) FROM t").fetchone(),
        sorted(os.listdir()),
    ]


@case
def files_that_cannot_be(db: Database) -> Any:
    os.makedirs("folder")
    return [raising(lambda n=n: db.connect(n)) for n in ("none/x.db", "folder", "/proc/x.db", "nul\0.db", 5, None)]


@case
def a_deleted_file(db: Database) -> Any:
    old = db.filled("shop.db")
    old.commit()
    os.remove("shop.db")
    new = db.connect("shop.db")
    tables = new.execute("SELECT name FROM sqlite_master").fetchall()
    return tables, old.execute("SELECT count(*) FROM t").fetchone(), os.path.exists("shop.db")


@case
def attached_file(db: Database) -> Any:
    db.filled("other.db").commit()
    connection = db.connect("shop.db")
    connection.execute("ATTACH DATABASE 'other.db' AS other")
    rows = connection.execute("SELECT count(*) FROM other.t").fetchone()
    connection.execute("DETACH other")
    return rows, [row[1] for row in connection.execute("PRAGMA database_list")]


@case
def vacuum(db: Database) -> Any:
    connection = db.filled("shop.db")
    connection.commit()
    connection.execute("VACUUM")
    return raising(lambda: (connection.execute("INSERT INTO t (name) VALUES ('x')"), connection.execute("VACUUM"))), connection.in_transaction


@case
def write_ahead_log(db: Database) -> Any:
    first, second = db.filled("shop.db", timeout=0), db.connect("shop.db", timeout=0)
    first.commit()
    mode = first.execute("PRAGMA journal_mode = WAL").fetchone()
    first.execute("INSERT INTO t (name) VALUES ('x')")
    during = second.execute("SELECT count(*) FROM t").fetchall()
    first.commit()
    after = second.execute("SELECT count(*) FROM t").fetchall()
    second.close()
    return mode, during, after, first.execute("PRAGMA journal_mode = DELETE").fetchone(), first.execute("SELECT count(*) FROM t").fetchone()


@case
def pragmas(db: Database) -> Any:
    connection = db.filled()
    return [connection.execute(f"PRAGMA {name}").fetchall() for name in ("table_info(t)", "foreign_keys", "user_version = 5", "user_version", "integrity_check", "encoding")]


@case
def positional_arguments_of_connect(db: Database) -> Any:
    if sys.version_info >= (3, 12):
        return None  # deprecated since then
    connection = db.connect(":memory:", 1.0, 0, None, True)
    return connection.isolation_level, raising(lambda: db.connect())[:3], raising(lambda: db.connect(":memory:", nonsense=1))[:3]


@case
def dates_with_the_default_adapters(db: Database) -> Any:
    if sys.version_info >= (3, 12):
        return None  # deprecated since then
    given = (datetime.date(2024, 5, 6), datetime.datetime(2024, 5, 6, 7, 8, 9))
    return db.connect(":memory:").execute("SELECT ?, ?", given).fetchone()


@case
def recursive_use_of_a_cursor(db: Database) -> Any:
    if sys.version_info >= (3, 12):
        return None  # crashes the native driver of 3.12.1 and 3.13.0
    connection = db.filled()
    cursor = connection.cursor()
    found: list[Any] = []
    connection.create_function("again", 0, lambda: found.append(raising(lambda: cursor.execute("SELECT 1"))))
    cursor.execute("SELECT again()").fetchall()
    return found


def outcome(function: Case, connect: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Return what a case comes to in an empty folder."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    return shown(raising(lambda: function(Database(connect))))


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_comes_out_as_natively(function: Case, wired: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece of work over the wire returns and raises exactly what it does natively."""
    native = outcome(function, sqlite3.connect, tmp_path / "native", monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wire").mkdir()
    monkeypatch.chdir(tmp_path / "wire")
    wired.begin()
    (tmp_path / "wire").rmdir()
    assert outcome(function, wired.connect, tmp_path / "wire", monkeypatch) == native
