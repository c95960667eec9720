"""What a statement writes to: sqlite says so, whatever its words."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from wired import TABLE, Wired

pytest_plugins = ("wired_fixtures",)


@pytest.fixture
def shop(wired: Wired) -> sqlite3.Connection:
    """Return a connection to a shop with one product and a table of notes, of a call that has only just begun."""
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    connection.executescript("CREATE TABLE notes (x); INSERT INTO products VALUES (1, 'Pen', 1.2)")
    connection.close()
    wired.begin(existing=["shop.db"], files=wired.end().files, database="shop.db")
    return wired.connect("shop.db")


def wrote(wired: Wired) -> list[tuple[tuple[str, ...], int]]:
    """Return what each statement of the call wrote to, and how many rows it changed."""
    return [(step.wrote, step.changed) for step in wired.end().steps if step.fact and step.kind.startswith("execute")]


INSERTS = {
    "plain": "INSERT INTO products (name, price) VALUES ('a', 1)",
    "lower case": "insert into products values (7, 'a', 1)",
    "upper case": "INSERT INTO PRODUCTS VALUES (7, 'a', 1)",
    "quoted": 'INSERT INTO "main"."products" VALUES (7, \'a\', 1)',
    "comments first": "/* the new\n ones */ -- b\n INSERT INTO products (name, price) VALUES ('a', 1)",
    "or ignore": "INSERT OR IGNORE INTO products (name, price) VALUES ('a', 1)",
    "replace": "REPLACE INTO products (id, name, price) VALUES (7, 'a', 1)",
    "common table": "WITH new(name) AS (SELECT 'a') INSERT INTO products (name, price) SELECT name, 1 FROM new",
    "returning": "INSERT INTO products (name, price) VALUES ('a', 1) RETURNING id",
    "no space": "INSERT INTO products(name,price)VALUES('x',1)",
}


@pytest.mark.parametrize("sql", INSERTS.values(), ids=list(INSERTS))
def test_an_insert_is_found_however_it_is_written(sql: str, shop: sqlite3.Connection, wired: Wired) -> None:
    """Every way of writing an INSERT, REPLACE included, is one."""
    shop.execute(sql).fetchall()
    assert wrote(wired) == [(("insert:products",), 1)]


NO_INSERTS = {
    "select": "SELECT 'INSERT INTO products'",
    "comment": "-- INSERT INTO products\nSELECT 1",
    "common table": "WITH a AS (SELECT ') INSERT ' AS x) SELECT * FROM a, products",
    "pragma": "PRAGMA table_info(products)",
}


@pytest.mark.parametrize("sql", NO_INSERTS.values(), ids=list(NO_INSERTS))
def test_what_only_speaks_of_inserting_writes_nothing(sql: str, shop: sqlite3.Connection, wired: Wired) -> None:
    """A statement that reads is no INSERT, whatever words it holds."""
    shop.execute(sql).fetchall()
    assert wrote(wired) == [((), 0)]


def test_each_way_of_writing_is_told_apart(shop: sqlite3.Connection, wired: Wired) -> None:
    """UPDATE and DELETE are no INSERT, and other tables have other names."""
    shop.execute("UPDATE products SET price = 2")
    shop.execute("DELETE FROM products")
    shop.execute("INSERT INTO notes VALUES (1)")
    assert wrote(wired) == [(("update:products",), 1), (("delete:products",), 1), (("insert:notes",), 1)]


def test_a_statement_that_is_prepared_already_writes_as_before(shop: sqlite3.Connection, wired: Wired) -> None:
    """A statement that is executed often is prepared once, and counts each time."""
    for number in range(5, 8):
        shop.execute("INSERT INTO products VALUES (?, 'a', 1)", (number,))
        shop.execute("SELECT 1")
    assert wrote(wired) == [(("insert:products",), 1), ((), 0)] * 3


def test_many_rows_are_one_statement(shop: sqlite3.Connection, wired: Wired) -> None:
    """An executemany changes all its rows in one step."""
    shop.executemany("INSERT INTO products VALUES (?, 'a', 1)", [(5,), (6,)])
    assert wrote(wired) == [(("insert:products",), 2)]


def test_a_script_writes_what_its_statements_write(shop: sqlite3.Connection, wired: Wired) -> None:
    """All statements of a script are one step."""
    shop.executescript("BEGIN; INSERT INTO notes VALUES (1); INSERT INTO products VALUES (5, 'a', 1); COMMIT")
    assert wrote(wired) == [(("insert:notes", "insert:products"), 2)]


def test_a_refused_insert_was_one(shop: sqlite3.Connection, wired: Wired) -> None:
    """An INSERT of a taken id changes nothing, and is told with what sqlite said."""
    with contextlib.suppress(sqlite3.IntegrityError):
        shop.execute("INSERT INTO products VALUES (1, 'a', 1)")
    assert wrote(wired) == [(("insert:products",), 0)]


def test_an_insert_of_no_row_changes_nothing(shop: sqlite3.Connection, wired: Wired) -> None:
    """Only the number of rows tells an INSERT from one of nothing."""
    shop.execute("INSERT INTO products SELECT * FROM products WHERE 0")
    assert wrote(wired) == [(("insert:products",), 0)]


def test_a_table_of_the_connections_own_is_none_of_the_file(shop: sqlite3.Connection, wired: Wired) -> None:
    """A TEMP table is seen by nobody else, even if it is called products."""
    shop.execute("CREATE TEMP TABLE products (x)")
    shop.execute("INSERT INTO products VALUES (1)")
    assert wrote(wired)[-1] == ((), 1)


def test_what_a_trigger_writes_is_not_what_was_written(shop: sqlite3.Connection, wired: Wired) -> None:
    """An INSERT into another table stays one, also if a trigger copies its rows."""
    shop.execute("CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO products VALUES (9, 'a', new.x); END")
    shop.execute("INSERT INTO notes VALUES (1)")
    assert wrote(wired)[-1] == (("insert:notes",), 2)
