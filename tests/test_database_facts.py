"""What the server writes down: order, what others could see, the state before and after."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wired import TABLE, Wired, facts, only, seen

from grader import limits
from grader.observe.database.folder import Folder
from grader.values import Where

pytest_plugins = ("wired_fixtures",)

PEN, CUP, MUG = (1, "Pen", 1.2), (2, "Cup", 3), (3, "Mug", 4.5)
INSERT = "INSERT INTO products VALUES (?, ?, ?)"


@pytest.fixture
def shop(wired: Wired) -> sqlite3.Connection:
    """Return a connection to a shop with one product, of a call that has only just begun."""
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    connection.execute(INSERT, PEN)
    connection.commit()
    connection.close()
    wired.begin(existing=["shop.db"], files=wired.end().files)
    return wired.connect("shop.db")


def test_claims_and_facts_share_one_order(shop: sqlite3.Connection, wired: Wired) -> None:
    """A claim stands before the fact of the request that came after it, and after the one before."""
    wired.note("flush", session=1)
    shop.execute(INSERT, CUP)
    wired.note("commit", session=1)
    shop.commit()
    wired.note("close", session=1)
    assert [step.kind for step in wired.end().steps] == [
        "connect",
        "flush",
        "execute",
        "commit",
        "commit",
        "seen",
        "close",
        "lost",
    ]


def test_a_claim_is_never_a_fact(wired: Wired) -> None:
    """A note of a fact's kind stays a claim."""
    wired.note("seen", connection=1, text="x")
    (step,) = wired.end().steps
    assert not step.fact
    assert (step.kind, step.connection, step.text) == ("seen", 1, "x")


def test_a_step_names_the_line(shop: sqlite3.Connection, wired: Wired) -> None:
    """A step has the line of the student's code that asked for it."""
    wired.line = ("transaction_script.py", 7)
    shop.rollback()
    assert only(wired.end(), "rollback")[0].where == Where("transaction_script.py", 7)


def test_a_step_tells_of_its_statement(shop: sqlite3.Connection, wired: Wired) -> None:
    """An INSERT tells its SQL, parameters, that it began a transaction, changed a row and gave an id."""
    shop.execute("INSERT INTO products (name, price) VALUES (?, ?)", ("Cup", 3))
    step = only(wired.end(), "execute")[0]
    assert step.sql == "INSERT INTO products (name, price) VALUES (?, ?)"
    assert (step.parameters, step.began, step.in_transaction, step.changed, step.lastrowid) == (
        ["Cup", 3],
        True,
        True,
        1,
        2,
    )


def test_only_an_insert_tells_an_id(shop: sqlite3.Connection, wired: Wired) -> None:
    """An UPDATE after an INSERT has no id of its own."""
    shop.execute(INSERT, CUP)
    shop.execute("UPDATE products SET price = 1")
    assert [step.lastrowid for step in only(wired.end(), "execute")] == [2, None]


def test_a_failed_step_tells_the_error(shop: sqlite3.Connection, wired: Wired) -> None:
    """A refused INSERT began a transaction, changed nothing, and has sqlite's name for the reason."""
    with pytest.raises(sqlite3.IntegrityError):
        shop.execute(INSERT, PEN)
    step = only(wired.end(), "execute")[0]
    assert step.error is not None
    assert (step.error.type, step.error.code, step.began, step.changed) == (
        "IntegrityError",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        True,
        0,
    )


def test_many_rows_are_one_step(shop: sqlite3.Connection, wired: Wired) -> None:
    """An executemany is one step with the number of its rows, also when they come from a long iterator."""
    shop.executemany(INSERT, ((number, "x", 1) for number in range(10, 510)))
    step = only(wired.end(), "executemany")[0]
    assert (step.many, step.changed, step.began) == (500, 500, True)


def test_odd_parameters_are_told_as_text(shop: sqlite3.Connection, wired: Wired) -> None:
    """A step keeps blobs and infinities as text, and long texts cut."""
    shop.execute("SELECT ?, ?, ?, ?", (b"\x01\xff", float("inf"), "x" * 9_000, 2**62))
    blob, infinity, text, integer = only(wired.end(), "execute")[0].parameters
    assert (blob, infinity, len(text), integer) == ("x'01ff'", "inf", limits.STEP_CHARACTERS, 2**62)


# --- what others could see --------------------------------------------------------------------------------------------
def test_nothing_is_seen_before_the_commit(shop: sqlite3.Connection, wired: Wired) -> None:
    """Rows are seen after the commit, all at once."""
    shop.execute(INSERT, CUP)
    shop.execute(INSERT, MUG)
    shop.commit()
    record = wired.end()
    assert facts(record) == ["connect", "execute", "execute", "commit", "seen", "lost"]
    assert seen(record) == [[PEN, CUP, MUG]]


def test_two_commits_are_seen_as_two(shop: sqlite3.Connection, wired: Wired) -> None:
    """Each commit that changes rows is seen by itself."""
    for row in (CUP, MUG):
        shop.execute(INSERT, row)
        shop.commit()
    assert seen(wired.end()) == [[PEN, CUP], [PEN, CUP, MUG]]


def test_a_rollback_is_never_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """What is rolled back no other connection ever saw."""
    shop.execute(INSERT, CUP)
    shop.rollback()
    assert seen(wired.end()) == []


def test_a_commit_that_changes_nothing_is_not_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """An UPDATE to the same values, committed, leaves nothing new to see."""
    shop.execute("UPDATE products SET name = name")
    shop.commit()
    assert seen(wired.end()) == []


def test_each_commit_inside_a_script_is_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """A look before every statement of a script finds what the one before it committed."""
    shop.executescript(
        "BEGIN; INSERT INTO products VALUES (2, 'Cup', 3); COMMIT;"
        "BEGIN; INSERT INTO products VALUES (3, 'Mug', 4.5); COMMIT;"
    )
    record = wired.end()
    assert facts(record) == ["connect", "executescript", "seen", "seen", "lost"]
    assert seen(record) == [[PEN, CUP], [PEN, CUP, MUG]]
    assert only(record, "executescript")[0].began


def test_each_row_of_an_autocommitted_executemany_is_seen(wired: Wired, shop: sqlite3.Connection) -> None:
    """Without a transaction every row is a commit of its own."""
    shop.isolation_level = None
    shop.executemany(INSERT, [CUP, MUG])
    assert seen(wired.end()) == [[PEN, CUP], [PEN, CUP, MUG]]


def test_rows_of_a_transaction_arrive_together(shop: sqlite3.Connection, wired: Wired) -> None:
    """An executemany in a transaction is seen once, after the commit."""
    shop.executemany(INSERT, [CUP, MUG])
    shop.commit()
    assert seen(wired.end()) == [[PEN, CUP, MUG]]


def test_a_released_savepoint_is_not_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """A savepoint inside a transaction shows nothing to others."""
    for sql in ("BEGIN", "SAVEPOINT a", "INSERT INTO products VALUES (2, 'Cup', 3)", "RELEASE a"):
        shop.execute(sql)
    shop.rollback()
    assert seen(wired.end()) == []


def test_an_outermost_savepoint_is_seen_when_released(wired: Wired, shop: sqlite3.Connection) -> None:
    """Releasing a savepoint that began the transaction commits it."""
    shop.isolation_level = None
    for sql in ("SAVEPOINT a", "INSERT INTO products VALUES (2, 'Cup', 3)", "RELEASE a"):
        shop.execute(sql)
    record = wired.end()
    assert facts(record) == ["connect", "execute", "execute", "execute", "seen", "lost"]


def test_the_log_of_wal_mode_is_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """In WAL mode, too, a commit is seen when it is made and not before."""
    shop.execute("PRAGMA journal_mode = WAL")
    shop.execute(INSERT, CUP)
    shop.commit()
    record = wired.end()
    assert facts(record)[-3:] == ["commit", "seen", "lost"]
    assert record.after is not None
    assert record.after.rows == (PEN, CUP)


def test_the_files_of_wal_mode_are_whole(shop: sqlite3.Connection, wired: Wired) -> None:
    """The bytes of a database in WAL mode hold what was committed."""
    shop.execute("PRAGMA journal_mode = WAL")
    shop.execute(INSERT, CUP)
    shop.commit()
    wired.begin(files=wired.end().files)
    assert wired.connect("shop.db").execute("SELECT * FROM products").fetchall() == [PEN, CUP]


def test_a_table_is_seen_to_come_and_go(wired: Wired) -> None:
    """CREATE and DROP TABLE are seen, too."""
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    connection.execute("DROP TABLE products")
    assert seen(wired.end()) == [[], None]


def test_a_view_is_no_table(wired: Wired) -> None:
    """A view called products has no rows to see, but a schema."""
    wired.connect("shop.db").execute("CREATE VIEW products AS SELECT 1 AS id, 'Pen' AS name, 1.2 AS price")
    record = wired.end()
    assert (seen(record), record.after) == ([], None)
    assert record.schema is not None
    assert record.schema.kind == "view"


def test_another_connection_makes_it_seen(shop: sqlite3.Connection, wired: Wired) -> None:
    """It does not matter on which connection the rows were committed."""
    other = wired.connect("shop.db")
    other.execute("INSERT INTO products VALUES (2, 'Cup', 3)")
    other.commit()
    assert seen(wired.end()) == [[PEN, CUP]]
    shop.close()


def test_a_look_that_was_locked_out_is_made_later(shop: sqlite3.Connection, wired: Wired) -> None:
    """Under an exclusive lock nobody can look; the look is made up for when the lock is gone."""
    shop.execute("PRAGMA locking_mode = EXCLUSIVE")
    shop.execute(INSERT, CUP)
    shop.commit()
    shop.execute("PRAGMA locking_mode = NORMAL")
    shop.execute("SELECT * FROM products").fetchall()
    assert seen(wired.end()) == [[PEN, CUP]]


if sys.version_info >= (3, 12):  # which brought the attribute

    def test_commits_without_legacy_transactions_are_seen(wired: Wired) -> None:
        """With autocommit=False a commit is seen although a new transaction is open at once."""
        connection = wired.connect("shop.db", autocommit=False)
        connection.execute(TABLE)
        connection.commit()
        assert seen(wired.end()) == [[]]


# --- ends -------------------------------------------------------------------------------------------------------------
def test_an_explicit_close_is_told(shop: sqlite3.Connection, wired: Wired) -> None:
    """A closed connection has a step close, and none is lost."""
    shop.close()
    assert facts(wired.end()) == ["connect", "close"]


def test_a_collected_connection_is_lost(shop: sqlite3.Connection, wired: Wired) -> None:
    """A connection that is garbage is lost, with the transaction that was open in it."""
    shop.execute(INSERT, CUP)
    keep = wired
    del shop
    gc.collect()
    assert [step.in_transaction for step in only(keep.end(), "lost")] == [True]


def test_open_connections_are_lost_in_order(shop: sqlite3.Connection, wired: Wired) -> None:
    """Connections that are open at the end are lost, each once, in the order in which they were opened."""
    others = [wired.connect("shop.db") for _ in range(5)]
    others[2].execute("BEGIN")
    lost = only(wired.end(), "lost")
    assert [(step.connection, step.in_transaction) for step in lost] == [(n, n == 4) for n in range(1, 7)]
    shop.close()


def test_roles_are_told(wired: Wired) -> None:
    """All steps of a connection have the role under which it was opened."""
    from grader.observe.child import dbapi  # noqa: PLC0415  # beside its one use

    with dbapi.role("elsewhere"):
        connection = wired.connect("shop.db")
    connection.execute("SELECT 1")
    other = wired.connect("shop.db")
    assert [step.role for step in wired.end().steps] == ["elsewhere", "elsewhere", None, "elsewhere", None]
    other.close()


def test_numbers_begin_again_with_each_call(wired: Wired) -> None:
    """Connections are numbered from 1 in each call, as the client knows."""
    numbers = [vars(connection)["number"] for connection in (wired.connect("shop.db"), wired.connect("shop.db"))]
    wired.end()
    wired.begin()
    assert [*numbers, vars(wired.connect("shop.db"))["number"]] == [1, 2, 1]


def test_connections_do_not_outlive_their_call(shop: sqlite3.Connection, wired: Wired) -> None:
    """A connection of an earlier call is closed, silently, and takes no notes of the next."""
    wired.end()
    wired.begin()
    wired.note("flush")
    shop.rollback()
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        shop.execute("SELECT 1")
    shop.close()
    assert [step.kind for step in wired.end().steps] == ["flush"]


# --- before and after -------------------------------------------------------------------------------------------------
def test_before_and_after(shop: sqlite3.Connection, wired: Wired) -> None:
    """A record has the rows before and after, in the order of the key, whatever was not committed left out."""
    shop.execute("INSERT INTO products VALUES (9, 'Nib', x'00ff')")
    shop.execute("INSERT INTO products VALUES (-1, 'Ink', 1e999)")
    shop.commit()
    shop.execute(INSERT, CUP)
    record = wired.end()
    assert record.before is not None
    assert record.after is not None
    assert record.before.rows == (PEN,)
    assert record.after.rows == ((-1, "Ink", "inf"), PEN, (9, "Nib", "x'00ff'"))


def test_databases_with_products(shop: sqlite3.Connection, wired: Wired) -> None:
    """The record names every file with a table products."""
    wired.connect("other shop.db").execute(TABLE)
    wired.connect("empty.db").execute("CREATE TABLE t (x)")
    record = wired.end()
    assert record.databases == ("other shop.db", "shop.db")
    assert sorted(record.files) == ["empty.db", "other shop.db", "shop.db"]
    shop.close()


def test_the_schema_is_tried_out(wired: Wired) -> None:
    """NULL is tried on a row: what the database refuses is told, whatever the declaration says."""
    wired.connect("shop.db").executescript(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT CHECK (name IS NOT NULL), price NUMERIC);"
        "CREATE TRIGGER watch AFTER DELETE ON products BEGIN SELECT 1; END; INSERT INTO products VALUES (1, 'Pen', 1);"
    )
    schema = wired.end().schema
    assert schema is not None
    assert schema.refuses_null == {"name": True, "price": False}
    assert schema.triggers == ("watch",)
    assert [(column.name, column.not_null, column.primary_key) for column in schema.columns] == [
        ("id", False, 1),
        ("name", False, 0),
        ("price", False, 0),
    ]


def test_without_a_row_the_declaration_counts(wired: Wired) -> None:
    """An empty table cannot be tried, so NOT NULL is believed; a missing column is unknown."""
    wired.connect("shop.db").execute("CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    schema = wired.end().schema
    assert schema is not None
    assert schema.refuses_null == {"name": True, "price": None}


def test_trying_null_changes_nothing(wired: Wired) -> None:
    """The trial is rolled back."""
    wired.connect("shop.db").executescript(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name, price); INSERT INTO products VALUES (1, 'Pen', 1)"
    )
    record = wired.end()
    assert record.after is not None
    assert record.after.rows == ((1, "Pen", 1),)


@pytest.mark.parametrize(
    ("sql", "ids"),
    [
        (TABLE, (8, 9, 10, 11, 12)),
        (TABLE.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"), (31, 32, 33, 34, 35)),
        ("CREATE TABLE products (id INTEGER NOT NULL, name, price, PRIMARY KEY (id))", (8, 9, 10, 11, 12)),
        (TABLE.replace("INTEGER PRIMARY", "BIGINT PRIMARY"), ()),
    ],
    ids=["rowid", "autoincrement", "rowid by constraint", "no rowid"],
)
def test_the_next_ids_are_foreseen(sql: str, ids: tuple[int, ...], wired: Wired) -> None:
    """The ids that sqlite would give next are known: with AUTOINCREMENT those of deleted rows do not come back."""
    connection = wired.connect("shop.db")
    connection.execute(sql)
    connection.executemany(INSERT, [(7, "x", 1), (30, "y", 2)])
    connection.execute("DELETE FROM products WHERE id = 30")
    connection.commit()
    wired.begin(files=wired.end().files)
    assert wired.end().next_ids == ids


# --- limits -----------------------------------------------------------------------------------------------------------
def test_a_flood_of_statements_is_counted(shop: sqlite3.Connection, wired: Wired) -> None:
    """The log keeps so many claims and counts the others; no fact has to yield to them."""
    shop.executescript("SELECT 1")
    for number in range(limits.LOG_STEPS + 2):
        wired.note("read", object=number)
    shop.rollback()
    record = wired.end()
    assert len(record.steps) == limits.LOG_STEPS + 4
    assert (record.steps_dropped, record.facts_dropped) == (2, 0)


def test_a_flood_of_text_is_counted(shop: sqlite3.Connection, wired: Wired) -> None:
    """Long statements fill the log sooner."""
    for _ in range(limits.LOG_BYTES // limits.STEP_CHARACTERS + 10):
        shop.execute(f"SELECT '{'x' * limits.STEP_CHARACTERS}'")
    assert wired.end().steps_dropped > 0


# --- what is remembered of files --------------------------------------------------------------------------------------


class Reading:
    """Reads the rows of a table, and counts how often it is asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, connection: sqlite3.Connection) -> list[tuple[int]]:
        """Return the rows."""
        self.times += 1
        return connection.execute("SELECT n FROM t").fetchall()


@pytest.fixture
def numbers(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection to a database with one number in it."""
    with contextlib.closing(sqlite3.connect(tmp_path / "numbers.db", isolation_level=None)) as connection:
        connection.executescript("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)")
        yield connection


def test_nothing_is_read_twice_of_the_same_bytes(tmp_path: Path, numbers: sqlite3.Connection) -> None:
    """What was read of a file is remembered until the file is another one."""
    folder, reading, file = Folder(tmp_path), Reading(), tmp_path / "numbers.db"
    assert [folder.told(file, reading), folder.told(file, reading), reading.times] == [[(1,)], [(1,)], 1]
    numbers.execute("INSERT INTO t VALUES (2)")
    assert [folder.told(file, reading), reading.times] == [[(1,), (2,)], 2]


def test_what_lies_beside_a_file_is_never_passed_over(tmp_path: Path, numbers: sqlite3.Connection) -> None:
    """A file to which a journal belongs says nothing by its bytes alone: it is read each time."""
    folder, reading = Folder(tmp_path), Reading()
    numbers.execute("PRAGMA journal_mode = WAL")
    numbers.execute("INSERT INTO t VALUES (2)")
    rows = [folder.told(tmp_path / "numbers.db", reading) for _ in range(2)]
    assert (rows, reading.times) == ([[(1,), (2,)]] * 2, 2)


def test_few_files_are_remembered(tmp_path: Path, numbers: sqlite3.Connection) -> None:
    """The file that was read first is forgotten first: memory stays bounded."""
    folder, reading, file = Folder(tmp_path), Reading(), tmp_path / "numbers.db"
    first = file.read_bytes()
    for number in range(limits.TOLD_FILES + 1):
        folder.told(file, reading)
        numbers.execute("INSERT INTO t VALUES (?)", (number,))
    file.write_bytes(first)
    folder.told(file, reading)
    assert reading.times == limits.TOLD_FILES + 2
