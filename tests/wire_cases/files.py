"""Files, and whatever else."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from pathlib import Path
from typing import Any

from wire_cases.case import Database, case, raising


def _names(folder: str = ".") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@case
def _dump(db: Database) -> object:
    connection = db.filled()
    connection.execute("INSERT INTO t VALUES (4, 'it''s', x'00ff')")
    return list(connection.iterdump())


@case
def _limits_of_sqlite(db: Database) -> object:
    connection = db.connect(":memory:")
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1)
    return (
        before,
        connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER),
        raising(lambda: connection.execute("SELECT ?, ?", (1, 2))),
        raising(lambda: connection.getlimit(99)),
    )


@case
def _attributes_of_the_module(db: Database) -> object:
    connection = db.connect(":memory:")
    return [
        getattr(connection, name) is getattr(sqlite3, name)
        for name in ("Error", "IntegrityError", "ProgrammingError", "NotSupportedError", "Warning")
    ]


@case
def _shared_memory(db: Database) -> object:
    first = db.connect("file:shared?mode=memory&cache=shared", uri=True)
    first.execute("CREATE TABLE t (x)")
    first.execute("INSERT INTO t VALUES (1)")
    first.commit()
    return db.connect("file:shared?mode=memory&cache=shared", uri=True).execute("SELECT * FROM t").fetchall(), _names()


@case
def _temporary_database(db: Database) -> object:
    connection = db.filled("")
    connection.commit()
    return connection.execute("SELECT count(*) FROM t").fetchone(), _names()


@case
def _files(db: Database) -> object:
    db.filled("shop.db").commit()
    Path("sub").mkdir()
    db.filled(Path("sub") / "deep er.db").commit()
    db.filled(b"bytes.db").commit()
    absolute = db.connect(Path.cwd() / "shop.db").execute("SELECT count(*) FROM t").fetchone()
    dotted = db.connect("sub/../shop.db").execute("SELECT count(*) FROM t").fetchone()
    return _names(), _names("sub"), absolute, dotted


@case
def _file_uris(db: Database) -> object:
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
        _names(),
    ]


@case
def _files_that_cannot_be(db: Database) -> object:
    Path("folder").mkdir()
    return [raising(db.connect, name) for name in ("none/x.db", "folder", "/proc/x.db", "nul\0.db", 5, None)]


@case
def _a_deleted_file(db: Database) -> object:
    old = db.filled("shop.db")
    old.commit()
    Path("shop.db").unlink()
    new = db.connect("shop.db")
    tables = new.execute("SELECT name FROM sqlite_master").fetchall()
    refused = raising(old.execute, "INSERT INTO t (name) VALUES ('x')")
    return tables, old.execute("SELECT count(*) FROM t").fetchone(), refused, Path("shop.db").exists()


@case
def _attached_file(db: Database) -> object:
    db.filled("other.db").commit()
    connection = db.connect("shop.db")
    connection.execute("ATTACH DATABASE 'other.db' AS other")
    rows = connection.execute("SELECT count(*) FROM other.t").fetchone()
    connection.execute("DETACH other")
    return rows, [row[1] for row in connection.execute("PRAGMA database_list")]


@case
def _vacuum(db: Database) -> object:
    connection = db.filled("shop.db")
    connection.commit()
    connection.execute("VACUUM")
    return raising(
        lambda: (connection.execute("INSERT INTO t (name) VALUES ('x')"), connection.execute("VACUUM"))
    ), connection.in_transaction


@case
def _write_ahead_log(db: Database) -> object:
    first, second = db.filled("shop.db", timeout=0), db.connect("shop.db", timeout=0)
    first.commit()
    mode = first.execute("PRAGMA journal_mode = WAL").fetchone()
    first.execute("INSERT INTO t (name) VALUES ('x')")
    during = second.execute("SELECT count(*) FROM t").fetchall()
    first.commit()
    after = second.execute("SELECT count(*) FROM t").fetchall()
    second.close()
    return (
        mode,
        during,
        after,
        first.execute("PRAGMA journal_mode = DELETE").fetchone(),
        first.execute("SELECT count(*) FROM t").fetchone(),
    )


@case
def _pragmas(db: Database) -> object:
    connection = db.filled()
    return [
        connection.execute(f"PRAGMA {name}").fetchall()
        for name in ("table_info(t)", "foreign_keys", "user_version = 5", "user_version", "integrity_check", "encoding")
    ]


@case
def _positional_arguments_of_connect(db: Database) -> object:
    if sys.version_info >= (3, 12):
        return None  # deprecated since then
    connection = db.connect(":memory:", 1.0, 0, None, True)  # noqa: FBT003  # that is the point
    return connection.isolation_level, raising(db.connect)[:3], raising(lambda: db.connect(":memory:", nonsense=1))[:3]


@case
def _dates_with_the_default_adapters(db: Database) -> object:
    if sys.version_info >= (3, 12):
        return None  # deprecated since then
    given = (dt.date(2024, 5, 6), dt.datetime(2024, 5, 6, 7, 8, 9))  # noqa: DTZ001  # what students have
    return db.connect(":memory:").execute("SELECT ?, ?", given).fetchone()


@case
def _recursive_use_of_a_cursor(db: Database) -> object:
    if sys.version_info >= (3, 12):
        return None  # crashes the native driver of 3.12.1 and 3.13.0
    connection = db.filled()
    cursor = connection.cursor()
    found: list[Any] = []
    connection.create_function("again", 0, lambda: found.append(raising(lambda: cursor.execute("SELECT 1"))))
    cursor.execute("SELECT again()").fetchall()
    return found
