"""Statements, what they tell of themselves, and their rows."""

from __future__ import annotations

from collections.abc import Iterator

from wire_cases.case import Database, case, raising


@case
def _last_row_id(db: Database) -> object:
    cursor = db.filled().cursor()
    statements = (
        "SELECT 1",
        "INSERT INTO t (name) VALUES ('x')",
        "SELECT 1",
        "UPDATE t SET name = 'y'",
        "REPLACE INTO t VALUES (50, '', 1)",
    )
    found = [cursor.lastrowid, *(cursor.execute(sql).lastrowid for sql in statements)]
    cursor.executemany("INSERT INTO t (name) VALUES (?)", [("x",), ("y",)])
    return [
        *found,
        cursor.lastrowid,
        raising(lambda: cursor.execute("INSERT INTO t VALUES (1, '', 1)")),
        cursor.lastrowid,
    ]


@case
def _row_count(db: Database) -> object:
    cursor = db.filled().cursor()
    statements = (
        "SELECT * FROM t",
        "UPDATE t SET name = 'y' WHERE id < 3",
        "DELETE FROM t WHERE id = 99",
        "INSERT INTO t (name) VALUES ('x'), ('y')",
        "CREATE TABLE u (x)",
        "WITH c AS (SELECT 1) DELETE FROM t WHERE id = 1",
    )
    found = [cursor.rowcount, *(cursor.execute(sql).rowcount for sql in statements)]
    cursor.executemany("UPDATE t SET name = ? WHERE id > 1", [("x",), ("y",)])
    return [*found, cursor.rowcount]


@case
def _row_count_after_an_error(db: Database) -> object:
    cursor = db.filled().cursor()
    cursor.execute("UPDATE t SET name = 'y'")
    failed = raising(lambda: cursor.execute("INSERT INTO t VALUES (1, '', 1)"))
    return failed, cursor.rowcount, cursor.description, raising(lambda: cursor.execute("nonsense")), cursor.rowcount


@case
def _returning(db: Database) -> object:
    cursor = db.filled().cursor()
    cursor.execute("INSERT INTO t (name) VALUES ('x'), ('y') RETURNING id, name AS n")
    first = (cursor.rowcount, cursor.lastrowid, cursor.description)
    rows = [cursor.fetchone()]
    middle = cursor.rowcount
    rows += cursor.fetchall()
    return first, middle, rows, cursor.rowcount


@case
def _returning_of_one_row(db: Database) -> object:
    cursor = db.filled().cursor()
    cursor.execute("INSERT INTO t (name) VALUES ('x') RETURNING id")
    first = cursor.rowcount
    return first, cursor.fetchone(), cursor.rowcount, cursor.fetchone(), cursor.rowcount


@case
def _description(db: Database) -> object:
    cursor = db.filled().cursor()
    statements = (
        'SELECT id, name AS n, 1 + 1, \'x\' "a ""b" FROM t',
        "INSERT INTO t (name) VALUES ('')",
        "SELECT 1 WHERE 0",
        "CREATE TABLE u (x)",
        "PRAGMA user_version",
    )
    return [cursor.description, *(cursor.execute(sql).description for sql in statements)]


@case
def _description_of_executemany(db: Database) -> object:
    cursor = db.filled().cursor()
    cursor.execute("SELECT * FROM t")
    cursor.executemany("INSERT INTO t (name) VALUES (?)", [("q",)])
    return cursor.description, raising(cursor.fetchall)


@case
def _fetching(db: Database) -> object:
    cursor = db.filled().cursor()
    size = cursor.arraysize
    rows = [
        cursor.execute("SELECT id FROM t").fetchone(),
        cursor.fetchmany(),
        cursor.fetchmany(5),
        cursor.fetchmany(),
        cursor.fetchone(),
    ]
    cursor.arraysize = 2
    return size, rows, cursor.execute("SELECT id FROM t").fetchmany(), cursor.fetchall(), cursor.fetchall()


@case
def _fetching_zero_and_before_execute(db: Database) -> object:
    cursor = db.filled().cursor()
    before = (cursor.fetchone(), cursor.fetchmany(3), cursor.fetchall())
    cursor.execute("SELECT id FROM t")
    return before, cursor.fetchmany(size=1), cursor.fetchmany(2)


@case
def _iteration(db: Database) -> object:
    cursor = db.filled().execute("SELECT id FROM t")
    return iter(cursor) is cursor, [row for (row,) in cursor], raising(lambda: next(cursor)), list(cursor)


@case
def _many_rows(db: Database) -> object:
    cursor = db.connect(":memory:").execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i * 2 FROM n"
    )
    return cursor.fetchmany(70), next(cursor), len(cursor.fetchmany(600)), len(cursor.fetchall()), cursor.fetchone()


@case
def _large_values(db: Database) -> object:
    (text, blob) = db.connect(":memory:").execute("SELECT ?, ?", ("x" * 300_000, b"y" * 500_000)).fetchone()
    return len(text), len(blob), text[-1], blob[-1]


@case
def _error_while_fetching(db: Database) -> object:
    connection = db.connect(":memory:")
    cursor = connection.execute("WITH n(i) AS (VALUES (1), (2), (-9223372036854775808), (4)) SELECT abs(i) FROM n")
    return [raising(cursor.fetchone) for _ in range(4)]


@case
def _executing_again_forgets_rows(db: Database) -> object:
    cursor = db.filled().execute("SELECT id FROM t")
    cursor.fetchone()
    return cursor.execute("SELECT name FROM t").fetchall()


@case
def _statements_return_the_cursor(db: Database) -> object:
    cursor = db.filled().cursor()
    return [
        cursor.execute("SELECT 1") is cursor,
        cursor.executemany("INSERT INTO t (name) VALUES (?)", [("x",)]) is cursor,
        cursor.executescript("SELECT 1") is cursor,
        cursor.connection.execute("SELECT 1").connection is cursor.connection,
    ]


@case
def _executemany_with_an_iterator(db: Database) -> object:
    connection = db.filled()
    cursor = connection.executemany("INSERT INTO t (name) VALUES (?)", ((f"n{n}",) for n in range(1000)))
    return cursor.rowcount, connection.execute("SELECT count(*), max(name) FROM t").fetchone()


@case
def _executemany_with_dicts(db: Database) -> object:
    connection = db.filled()
    connection.executemany("INSERT INTO t (name, price) VALUES (:n, :p)", [{"n": "x", "p": 1}, {"n": "y", "p": 2.5}])
    return connection.execute("SELECT * FROM t WHERE id > 3").fetchall()


@case
def _executemany_that_fails_in_the_middle(db: Database) -> object:
    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", [(10,), (1,), (11,)]))
    return (
        failed,
        connection.execute("SELECT id FROM t").fetchall(),
        connection.in_transaction,
        connection.total_changes,
    )


@case
def _executemany_whose_iterator_raises(db: Database) -> object:
    def rows() -> Iterator[tuple[int]]:
        yield (10,)
        yield (11,)
        raise LookupError("no more")

    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", rows()))
    return failed, connection.execute("SELECT id FROM t").fetchall(), connection.in_transaction


@case
def _executemany_whose_long_iterator_raises(db: Database) -> object:
    def rows() -> Iterator[tuple[int]]:
        yield from ((n,) for n in range(10, 500))
        raise LookupError("no more")

    connection = db.filled()
    failed = raising(lambda: connection.executemany("INSERT INTO t VALUES (?, 'x', 1)", rows()))
    return failed, connection.execute("SELECT count(*) FROM t").fetchall(), connection.in_transaction


@case
def _executemany_refusals(db: Database) -> object:
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
def _scripts(db: Database) -> object:
    connection = db.filled()
    connection.execute("INSERT INTO t (name) VALUES ('pending')")
    before = connection.in_transaction
    connection.executescript("INSERT INTO t (name) VALUES ('s1'); BEGIN; INSERT INTO t (name) VALUES ('s2');")
    after = connection.in_transaction
    connection.rollback()
    failed = raising(lambda: connection.executescript("INSERT INTO t (name) VALUES ('s3'); nonsense; SELECT 1;"))
    return before, after, failed, connection.execute("SELECT name FROM t").fetchall()


@case
def _statements_that_are_none(db: Database) -> object:
    connection = db.filled()
    odd = ("", "   ", "-- comment", ";", "SELECT 1;", "SELECT 1; SELECT 2", "SELECT 1; -- x", "SELECT\0 1", "nonsense")
    return [raising(lambda sql: connection.execute(sql).fetchall(), sql) for sql in odd]


@case
def _arguments_of_the_wrong_type(db: Database) -> object:
    cursor = db.filled().cursor()
    return [
        raising(lambda: cursor.execute(5)),
        raising(lambda: cursor.executescript(b"SELECT 1")),
        raising(lambda: cursor.executemany(None, [])),
        raising(lambda: cursor.execute("a\ud800")),
    ]
