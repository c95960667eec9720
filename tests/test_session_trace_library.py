"""session_trace.watching(): the same for a block of code, as rows; nothing of it stays when the block has ended."""

from __future__ import annotations

import importlib
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.pool import Pool
from traced import WIDE, load

from conftest import REFERENCE, Place
from grader.values import Step

session_trace = load()
PAIR = [{"name": "Pen", "price": Decimal("1.20")}, {"name": "Ink", "price": Decimal("19.99")}]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Return the reference's script, imported from a folder of its own."""
    folder = tmp_path_factory.mktemp("reference")
    for name, source in REFERENCE.items():
        (folder / name).write_text(source, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("transaction_script")
    for name in ("models", "transaction_script"):
        del sys.modules[name]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every text a line of its own."""
    monkeypatch.setenv("COLUMNS", WIDE)


@pytest.fixture
def engine(shop: ModuleType, tmp_path: Path) -> Iterator[Engine]:
    """Return an engine on a file with an empty table; its connection has been in use before."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}", connect_args={"timeout": 0})
    shop.Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def others(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Return a connection of another program to the same file."""
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as connection:
        yield connection


def lane(trace: Any, name: str) -> list[str]:  # noqa: ANN401  # a Trace, which has no types here
    """Return the texts of a lane."""
    return [said for row in trace.rows for said in getattr(row, name)]


# --- what is told -----------------------------------------------------------------------------------------------------


def test_block_is_printed_when_it_ends(shop: ModuleType, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """What happens in the block is printed at its end, line by line of the code, after the block's own prints."""
    with session_trace.watching():
        shop.add_products(engine, PAIR)
        print("done")  # noqa: T201  # it is to be seen where it comes out
    printed = capsys.readouterr().out
    assert printed.startswith("done\n")
    assert "30 session.flush()" in printed
    assert "products: 2 rows; new: (1, 'Pen', 1.2), (2, 'Ink', 19.99)" in printed


def test_block_that_raises_is_printed(shop: ModuleType, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """An error leaves the block as it is, and what happened before it is printed."""
    with pytest.raises(IntegrityError), session_trace.watching():
        shop.add_products(engine, [{"name": None, "price": 1}])
    assert "refused: NOT NULL constraint failed: products.name" in capsys.readouterr().out


def test_rows_are_there_for_other_ways_to_show_them(shop: ModuleType, engine: Engine) -> None:
    """A row has its place, its code and its three lanes."""
    with session_trace.watching(only="preview_ids") as trace:
        shop.preview_ids(engine, PAIR)
    row = next(row for row in trace.rows if row.database)
    assert (Path(row.place[0]).name, row.code) == ("transaction_script.py", "session.flush()")
    inserted = "INSERT INTO products ('Pen', 1.2), ('Ink', 19.99)"
    assert (row.session, row.database) == (["session 1: flush"], ["BEGIN", inserted])
    assert row.others == ["products: 0 rows"]
    assert trace.problems == []


def test_changed_and_gone_rows_are_told(engine: Engine, others: sqlite3.Connection) -> None:
    """What is other than before is told row by row, also where the table's rows were there from the start."""
    others.executemany("INSERT INTO products VALUES (?, ?, ?)", [(1, "Pen", 1), (2, "Ink", 2), (3, "Cap", 3)])
    with session_trace.watching() as trace, engine.begin() as connection:
        connection.execute(text("UPDATE products SET price = 5 WHERE id = 1"))
        connection.execute(text("delete from products where id = 2"))
    changed = "products: 2 rows; changed: (1, 'Pen', 5); gone: (2, 'Ink', 2)"
    assert lane(trace, "others") == ["products: 3 rows", "products: 3 rows", changed]


def test_what_happens_outside_of_the_function_is_none_of_its_rows(shop: ModuleType, engine: Engine) -> None:
    """With ``only``, what others see is compared with what they saw when the function began."""
    with session_trace.watching(only="preview_ids") as trace:
        shop.add_products(engine, PAIR)
        shop.preview_ids(engine, PAIR)
    assert lane(trace, "others") == ["products: 2 rows", "products: 2 rows"]


def test_order_within_a_line_of_an_older_session_is_kept(
    shop: ModuleType, engine: Engine, others: sqlite3.Connection
) -> None:
    """What a session says after a statement stands below it; only a read stands beside the SELECT that it caused."""
    others.execute("INSERT INTO products VALUES (1, 'Pen', 1)")
    with Session(engine) as session:
        session.connection()
        with session_trace.watching() as trace:
            pen = session.get(shop.Product, 1)
            session.expire(pen)
            repr(pen and pen.price)
    select = "SELECT ... FROM products WHERE products.id = 1"
    assert [([re.sub(" object.*", "", said) for said in row.session], row.database) for row in trace.rows] == [
        ([], [select]),
        (["session 1: now persistent:"], []),
        (["session 1: expire"], []),
        (["reads .price of"], [select]),
    ]


def test_each_table_is_counted(engine: Engine, others: sqlite3.Connection) -> None:
    """Others see every table, whatever its name holds."""
    others.execute('CREATE TABLE "a ""b""" (c)')
    with session_trace.watching() as trace, engine.begin() as connection:
        connection.execute(text('INSERT INTO "a ""b""" VALUES (1)'))
    assert lane(trace, "others")[-1] == 'products: 0 rows; a "b": 1 row; new: (1,)'


def test_savepoint_that_sqlite_commits_is_seen(shop: ModuleType, engine: Engine) -> None:
    """Without a BEGIN before it, releasing a savepoint stores its rows, and others see them at that moment."""
    with session_trace.watching() as trace, Session(engine) as session:
        with session.begin_nested():
            session.add(shop.Product(**PAIR[0]))
        session.rollback()
    row = next(row for row in trace.rows if "RELEASE SAVEPOINT sa_savepoint_1" in row.database)
    assert row.others == ["products: 1 row; new: (1, 'Pen', 1.2)"]
    assert "session 1: begin savepoint" in lane(trace, "session")


def test_each_commit_of_an_autocommitting_engine_is_seen(shop: ModuleType, engine: Engine) -> None:
    """Where every statement is a transaction of its own, others see each row as it comes."""
    automatic = engine.execution_options(isolation_level="AUTOCOMMIT")
    given = [product | {"id": number} for number, product in enumerate(PAIR, 1)]
    with session_trace.watching() as trace, Session(automatic) as session, session.begin():
        session.add_all([shop.Product(**product) for product in given])
    assert [said[:16] for said in lane(trace, "others")] == ["products: 1 row;", "products: 2 rows"]


def test_connection_that_was_open_before_is_watched(shop: ModuleType, engine: Engine) -> None:
    """An engine whose pool holds a connection from before the block is watched as well."""
    with session_trace.watching() as trace:
        shop.count_products(engine)
    assert lane(trace, "database") == ["SELECT ... FROM products"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_nobody_looks_into_memory(shop: ModuleType, url: str) -> None:
    """A database in memory is told to be seen by nobody else, once a change."""
    engine = create_engine(url)
    with session_trace.watching() as trace:
        shop.Base.metadata.create_all(engine)
        shop.count_products(engine)
    engine.dispose()
    assert lane(trace, "others") == ["cannot look: it is in memory"]


class NotOfPython:
    """A driver's connection that is not sqlite3's own, as that of another database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # any attribute of a connection
        return getattr(self._connection, name)


def test_other_databases_show_session_and_statements(shop: ModuleType, tmp_path: Path) -> None:
    """Of a database that has no sqlite3 connection the statements are shown, and that others cannot be asked."""
    engine = create_engine(
        "sqlite://", creator=lambda: NotOfPython(sqlite3.connect(tmp_path / "x.db")), poolclass=NullPool
    )
    shop.Base.metadata.create_all(engine)
    with session_trace.watching() as trace:
        shop.add_products(engine, PAIR[:1])
    assert lane(trace, "database") == ["BEGIN", "INSERT INTO products (?, ?)", "COMMIT"]
    assert set(lane(trace, "others")) == {"cannot look: it is a sqlite"}
    assert "session 1: flush" in lane(trace, "session")


# --- looking ----------------------------------------------------------------------------------------------------------


def test_looking_creates_nothing(tmp_path: Path) -> None:
    """A file that is not there is not there afterwards."""
    assert session_trace.look(str(tmp_path / "none.db")) == {}
    assert list(tmp_path.iterdir()) == []


def test_looking_waits_for_nobody(engine: Engine, others: sqlite3.Connection) -> None:
    """A file that somebody keeps for himself is an error at once."""
    others.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        session_trace.look(str(engine.url.database))
    assert time.monotonic() - began < 4  # the driver's own patience lasts for 5 seconds


def test_looking_keeps_no_lock(engine: Engine, others: sqlite3.Connection) -> None:
    """After a look, others can have the file for themselves."""
    session_trace.look(str(engine.url.database))
    others.execute("PRAGMA busy_timeout = 0")
    others.execute("BEGIN EXCLUSIVE")


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """What others cannot read is told in the words of the database."""
    (tmp_path / "text.db").write_text("no database at all, but long enough to look like one" * 20)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        session_trace.look(str(tmp_path / "text.db"))


# --- what is left -----------------------------------------------------------------------------------------------------


def listeners() -> list[int]:
    """Return how many listeners every event of sessions, engines and pools has, over all classes."""
    dispatches = [owner.dispatch for owner in (Session, Engine, Pool)]
    return [
        sum(map(len, getattr(dispatch, name)._clslevel.values()))  # noqa: SLF001  # there is no public way to count them
        for dispatch in dispatches
        for name in dispatch._event_names  # noqa: SLF001  # as above
    ]


def test_nothing_stays_after_the_block(shop: ModuleType, engine: Engine) -> None:
    """Classes and listeners are as before, and what happens afterwards is not told."""
    kept = [dict(vars(owner)) for owner in (Session, InstrumentedAttribute)]
    before = listeners()
    with session_trace.watching() as trace:
        assert listeners() != before
        shop.add_products(engine, PAIR)
    rows = len(trace.rows)
    shop.add_products(engine, PAIR)
    assert listeners() == before
    assert [dict(vars(owner)) for owner in (Session, InstrumentedAttribute)] == kept
    assert len(trace.rows) == rows


def test_session_that_stays_open_is_let_go(shop: ModuleType, engine: Engine) -> None:
    """What a session does once the block is left is not told, though it was opened in it."""
    with session_trace.watching() as trace:
        session = Session(engine)
        session.get(shop.Product, 1)
    rows = len(trace.rows)
    session.add(shop.Product(**PAIR[0]))
    session.commit()
    session.close()
    assert len(trace.rows) == rows
    assert [problem.split(":")[0] for problem in trace.problems] == ["session 1 was never closed"]


def test_session_from_before_the_block_is_nobodys_fault(shop: ModuleType, engine: Engine) -> None:
    """A session that was opened before the block may outlive it."""
    session = Session(engine)
    with session_trace.watching() as trace:
        session.get(shop.Product, 1)
    session.close()
    assert trace.problems == []


def test_closed_connection_does_no_harm(engine: Engine) -> None:
    """A connection that is closed by force while it is lent is nothing that the end of the block trips over."""
    with session_trace.watching() as trace:
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
        connection.connection.driver_connection.close()  # type: ignore[union-attr]  # it is connected
    connection.invalidate()
    connection.close()
    assert lane(trace, "database") == ["SELECT 1"]


def test_own_listeners_of_a_program_stay(engine: Engine) -> None:
    """A listener that the program set up itself is still called inside and after the block."""
    heard: list[str] = []

    def hear(*_: object) -> None:
        heard.append("checkout")

    event.listen(engine, "checkout", hear)
    with session_trace.watching(), engine.connect():
        pass
    with engine.connect():
        pass
    assert heard == ["checkout", "checkout"]


# --- the grade sees the same ------------------------------------------------------------------------------------------


def words(step: Step) -> str:
    """Write a claim of the grader's evidence in the words of the trace, without numbers."""
    told = {"state": f"now {step.text}:", "read": f"reads .{step.text} of"}.get(step.kind)
    return told or f"{step.kind} {step.text or ''}".strip()


def once(told: list[str]) -> list[str]:
    """Return texts without those that repeat the one before."""
    return [text for text, _ in groupby(told)]


def without_numbers(said: str) -> str:
    """Return a text of the trace without its session and its objects."""
    return (
        said.partition(": ")[2].partition(" object")[0] if said.startswith("session") else said.partition(" object")[0]
    )


CALLS: dict[str, Callable[[ModuleType, Engine, sqlite3.Connection], object]] = {
    "add_products": lambda shop, engine, _: shop.add_products(engine, PAIR),
    "preview_ids": lambda shop, engine, _: shop.preview_ids(engine, PAIR),
    "show_reloading": lambda shop, engine, others: shop.show_reloading(
        engine, 1, lambda: others.execute("UPDATE products SET price = price + 1")
    ),
}


@pytest.mark.parametrize("function", CALLS)
def test_trace_tells_what_the_grade_is_told(
    shop: ModuleType, engine: Engine, others: sqlite3.Connection, place: Place, function: str
) -> None:
    """The same function gives the same claims in the same order, in the trace as in the grader's evidence."""
    others.execute("INSERT INTO products VALUES (1, 'Pen', 1)")
    with session_trace.watching(details=True) as trace:
        CALLS[function](shop, engine, others)
    not_of_sessions = {"call", "returned", "elsewhere", "elsewhere_done"}
    claims = [step for step in place.call(function).claims if step.kind not in not_of_sessions]
    assert once([without_numbers(said) for said in lane(trace, "session")]) == once([words(step) for step in claims])
    assert len(claims) > 8
