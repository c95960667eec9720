"""Hostile SQL: what the server does not let a statement do, and what honest statements may go on doing."""

from __future__ import annotations

import sqlite3

import pytest
from wired import TABLE, Wired, only

from grader import limits
from grader.observe.database.budget import Budget

pytest_plugins = ("wired_fixtures",)


def counting(rest: str, most: int = -1) -> str:
    """Return a query over the numbers n.i from 1 up to ``most``, without end where that is -1."""
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {most}) {rest}"  # noqa: S608  # ours


# --- statements -------------------------------------------------------------------------------------------------------
BOMBS = {
    "rows": counting("SELECT max(i) FROM n"),
    "cross join": counting("SELECT count(*) FROM n a, n b, n c WHERE a.i + b.i + c.i < 0", 10**5),
    "large values": counting("SELECT count(*) FROM n WHERE length(hex(randomblob(200000))) = i"),
    "sorting": counting("SELECT randomblob(2000) FROM n ORDER BY 1"),
    "window": counting("SELECT sum(i) OVER (ORDER BY -i) FROM n"),
    "group_concat": counting("SELECT group_concat(printf('%01000d', i)) FROM n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("sql", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_defused(sql: str, wired: Wired) -> None:
    """A statement that would take endless time or memory fails, and the next one runs."""
    connection = wired.connect(":memory:")
    with pytest.raises((sqlite3.OperationalError, sqlite3.DataError, MemoryError)):
        connection.execute(sql).fetchall()
    assert connection.execute("SELECT 1").fetchone() == (1,)


LARGE = {
    "columns": f"SELECT {', '.join(['1'] * (limits.COLUMNS + 1))}",
    "pattern": f"SELECT 'a' LIKE '{'%a' * limits.PATTERN_BYTES}'",
    "expression": "SELECT " + "1+" * limits.EXPRESSION_DEPTH + "1",
    "compound": " UNION ALL ".join(["SELECT 1"] * (limits.COMPOUND_SELECTS + 1)),
    "arguments": f"SELECT max({', '.join(['1'] * 200)})",
    "value": f"SELECT zeroblob({limits.VALUE_BYTES + 1})",
    "width": "SELECT replace(hex(zeroblob(1000)), '0', hex(zeroblob(1000)))",
}


@pytest.mark.parametrize("sql", LARGE.values(), ids=LARGE.keys())
def test_what_is_too_large_is_refused(sql: str, wired: Wired) -> None:
    """Each limit of sqlite is set, and what passes it is an error of sqlite's own."""
    with pytest.raises(sqlite3.Error):
        wired.connect(":memory:").execute(sql).fetchall()


def test_a_row_of_large_values_travels_alone(wired: Wired) -> None:
    """A batch is full when its bytes are too many, so that rows of megabytes arrive one by one."""
    five = "zeroblob(400000), zeroblob(400000), zeroblob(400000), zeroblob(400000), zeroblob(400000)"
    rows = wired.connect(":memory:").execute(counting("SELECT FIVE FROM n".replace("FIVE", five), 20)).fetchall()
    assert [len(values) for values in rows] == [5] * 20


def test_a_flood_of_statements_ends() -> None:
    """Past the number of statements of a call, each one is refused by name."""
    budget = Budget()
    for _ in range(limits.STATEMENTS):
        budget.start()
    with pytest.raises(sqlite3.OperationalError, match=f"more than {limits.STATEMENTS} statements"):
        budget.start()


def test_computing_ends() -> None:
    """Past what a call may compute, no statement is begun."""
    budget = Budget()
    budget.spend(limits.INSTRUCTIONS + 1)
    with pytest.raises(sqlite3.OperationalError, match="instructions in one call"):
        budget.start()


def test_too_many_open_statements_are_refused(wired: Wired) -> None:
    """A connection has only so many statements that are read in part."""
    connection = wired.connect(":memory:")
    cursors = [connection.execute(counting("SELECT i FROM n")) for _ in range(limits.OPEN_STATEMENTS)]
    with pytest.raises(sqlite3.OperationalError, match="too many statements are open"):
        connection.execute("SELECT 1")
    cursors.pop().close()
    assert connection.execute("SELECT 1").fetchone() == (1,)


# --- the authorizer ---------------------------------------------------------------------------------------------------
REFUSED = (
    "PRAGMA writable_schema = ON",
    "PRAGMA schema_version = 7",
    "PRAGMA soft_heap_limit = 0",
    "SELECT load_extension('x')",
    "SELECT fts3_tokenizer('simple')",
    "CREATE VIRTUAL TABLE f USING fts4(x)",
    "ATTACH 'shop.db-journal' AS j",
    "ATTACH 'file:x?vfs=unix-none' AS x",
    "VACUUM INTO 'shop.db-wal'",
)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_dangerous_is_refused(sql: str, wired: Wired) -> None:
    """What reaches beyond the data of the scenario is not authorized."""
    with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|authorization denied"):
        wired.connect("shop.db").execute(sql)


@pytest.mark.parametrize(
    ("pragma", "value", "kept"),
    [
        ("cache_size", -(10**8), -2000),
        ("max_page_count", 10**9, 1024),
        ("temp_store", 1, 2),
        ("page_size", 65536, 4096),
        ("locking_mode", "EXCLUSIVE", "normal"),
    ],
)
def test_tuning_is_passed_over(pragma: str, value: object, kept: object, wired: Wired) -> None:
    """A recipe for speed does not fail, and takes no memory or disk either."""
    connection = wired.connect("shop.db")
    assert connection.execute(f"PRAGMA {pragma} = {value}").fetchall() == []
    assert connection.execute(f"PRAGMA {pragma}").fetchone() == (kept,)


HONEST = {
    "journal_mode = WAL": [("wal",)],
    "foreign_keys = ON": [],
    "busy_timeout = 100": [(100,)],
    "synchronous = NORMAL": [],
    "case_sensitive_like = ON": [],
    "integrity_check": [("ok",)],
    "wal_checkpoint": [(0, -1, -1)],
    "cache_size = -1000": [],
}


@pytest.mark.parametrize(("pragma", "answer"), HONEST.items())
def test_honest_pragmas_work(pragma: str, answer: list[object], wired: Wired) -> None:
    """What honest programs set is set."""
    assert wired.connect("shop.db").execute(f"PRAGMA {pragma}").fetchall() == answer


AVOIDING = (
    "DROP TRIGGER temp.session_grader_refusal",
    "EXPLAIN DROP TABLE products; DROP TRIGGER temp.session_grader_refusal",
    "PRAGMA temp_store = FILE; PRAGMA temp_store = MEMORY",
)


@pytest.mark.parametrize("script", AVOIDING)
def test_the_refusal_cannot_be_avoided(script: str, wired: Wired) -> None:
    """A script that would take the refusal of inserts away inserts nothing."""
    wired.begin(refuse_insert=1)
    connection = wired.connect("shop.db")
    connection.execute(TABLE)
    with pytest.raises(sqlite3.DatabaseError):
        connection.executescript(f"{script}; REPLACE INTO products VALUES (1, 'Pen', 1)")  # noqa: S608  # ours
    connection.close()
    assert not any(step.table and step.table.rows for step in only(wired.end(), "seen"))


def test_functions_do_not_weaken_the_refusal(wired: Wired) -> None:
    """Nor is it blinded by functions of the student's, an authorizer, or a function of its own name."""
    wired.begin(refuse_insert=1)
    connection = wired.connect("shop.db")
    connection.create_function("lower", 1, lambda _: "no")
    connection.execute(TABLE)
    with pytest.raises(sqlite3.OperationalError, match="is taken"):
        connection.create_function("session_grader_refusal", 0, bool)
    connection.set_authorizer(lambda *words: 2 if "session_grader_refusal" in words else 0)
    with pytest.raises(sqlite3.IntegrityError, match="refused by the database"):
        connection.execute("INSERT INTO products VALUES (1, 'Pen', 1)")


def test_an_authorizer_leaves_its_connection_alone(wired: Wired) -> None:
    """While a statement is compiled, the student's authorizer cannot drop what it is compiled for."""
    connection = wired.connect(":memory:")
    connection.execute("CREATE TABLE t (a)")
    raised: list[str] = []

    def meddle(*_: object) -> int:
        try:
            connection.execute("DROP TABLE t")
        except sqlite3.ProgrammingError as error:
            raised.append(str(error))
        return 0

    connection.set_authorizer(meddle)
    connection.execute("SELECT a FROM t")
    assert "while it runs a statement" in raised[0]
