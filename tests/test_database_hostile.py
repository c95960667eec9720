"""Hostile files and hostile peers: what they can do to the server, and what it still tells of them."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import time
from collections.abc import Iterator

import pytest
from wired import TABLE, Wired, facts

from grader import limits
from grader.observe.child.wire import (
    Close,
    Connect,
    Execute,
    ExecuteScript,
    Flush,
    Note,
    Register,
    Request,
    Returned,
    Unbindable,
    Work,
    encode,
)
from grader.values import Table

pytest_plugins = ("wired_fixtures",)

PLAIN = "CREATE TABLE products (id INTEGER PRIMARY KEY, name, price);"
OPEN = Connect("shop.db", {}, 5.0, 0, "", 9, None, fresh=False, role=None)


def counting(rest: str, most: int = -1, into: str = "") -> str:
    """Return a query over the numbers n.i from 1 up to ``most``, without end where that is -1; or an INSERT of it."""
    query = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {most}) {rest}"  # noqa: S608  # ours
    return f"INSERT INTO {into} {query}" if into else query


def fill(wired: Wired, name: str) -> None:
    """Insert large values into a database until it takes no more."""
    connection = wired.connect(name, isolation_level=None)
    try:
        connection.execute("CREATE TABLE t (a)")
        for _ in range(100):
            connection.execute("INSERT INTO t VALUES (zeroblob(500000))")
    finally:
        connection.close()


# --- files ------------------------------------------------------------------------------------------------------------
def test_a_database_has_a_largest_size(wired: Wired) -> None:
    """A database that grows too large is full, by an error of sqlite's own."""
    with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
        fill(wired, "shop.db")
    assert 0 < len(wired.end().files["shop.db"]) <= limits.DATABASE_BYTES


def test_an_attached_database_has_a_largest_size(wired: Wired) -> None:
    """So is one that was attached."""
    connection = wired.connect(":memory:", isolation_level=None)
    connection.execute("ATTACH 'other.db' AS other")
    connection.execute("CREATE TABLE other.t (a)")
    with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
        connection.execute(counting("SELECT zeroblob(100000) FROM n", 100, into="other.t"))


def test_a_scenario_has_so_many_databases(wired: Wired) -> None:
    """One file more than there may be is neither opened nor attached; memory is left to be used."""
    for number in range(limits.DATABASE_FILES):
        wired.connect(f"{number}.db").close()
    with pytest.raises(sqlite3.OperationalError, match="too many databases"):
        wired.connect("more.db")
    connection = wired.connect(":memory:")
    for sql in ("ATTACH 'more.db' AS more", "VACUUM INTO 'more.db'"):
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|authorization denied"):
            connection.execute(sql)
    connection.execute("ATTACH '' AS nameless")


def test_what_a_script_attaches_is_not_handed_on_without_end(wired: Wired) -> None:
    """Files that grow within one script stop at the size of any file, and the record of the call arrives."""
    grow = counting("SELECT zeroblob(400000) FROM n", 100, into="a.t")
    for number in range(limits.DATABASE_FILES):
        with contextlib.suppress(sqlite3.OperationalError):
            script = f"ATTACH 'x{number}' AS a; CREATE TABLE a.t (a); {grow}"
            wired.connect(":memory:", isolation_level=None).executescript(script)
    assert sum(map(len, wired.end().files.values())) <= limits.DATABASES_BYTES


def test_a_companion_is_no_database(wired: Wired) -> None:
    """Nobody opens the journal of a database as another one."""
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        wired.connect("shop.db-journal")


HOSTILE = {
    "view": " ".join(["CREATE VIEW products AS", counting("SELECT i AS id, i AS name, i AS price FROM n")]),
    "generated": "CREATE TABLE products (id INTEGER PRIMARY KEY, name AS (zeroblob(400000)), price AS (id));"  # noqa: S608  # ours
    + counting("SELECT i FROM n", 10_000, into="products (id)"),
    "trigger": "CREATE TABLE products (id INTEGER PRIMARY KEY, name, price);"  # noqa: S608  # ours
    "INSERT INTO products VALUES (1, 1, 1);"
    "CREATE TRIGGER t BEFORE UPDATE ON products BEGIN " + counting("SELECT i + 1, i, i FROM n; END", into="products"),
    "sequence": "CREATE TABLE products (id INTEGER PRIMARY KEY AUTOINCREMENT, name, price);"
    "INSERT INTO products (name) VALUES (1); UPDATE sqlite_sequence SET seq = 'abc'",
    "rowid": "CREATE TABLE products (id INTEGER PRIMARY KEY, name, price, rowid TEXT, oid TEXT, _rowid_ TEXT);"
    "INSERT INTO products VALUES (1, 1, 1, 'a', 'b', 'c')",
    "order": "CREATE TABLE products (id, name,"  # noqa: S608  # ours
    "rowid AS (instr(hex(zeroblob(200000)), hex(zeroblob(9000)) || 1)));"
    + counting("SELECT i, i FROM n", 10_000, into="products"),
    "last id": "CREATE TABLE products (id INTEGER PRIMARY KEY, name, price);"
    "INSERT INTO products VALUES (9223372036854775807, 1, 1)",
    "small pages": f"PRAGMA page_size = 512; {PLAIN}",
    "surrogates": "PRAGMA encoding = 'UTF-16'; CREATE TABLE products (id INTEGER PRIMARY KEY, name, price);"
    "INSERT INTO products VALUES (1, CAST(x'00d8' AS TEXT), 1)",
    "large cells": PLAIN + counting("SELECT i, zeroblob(50000), i FROM n", 50, into="products"),
    "larger cells": PLAIN + counting("SELECT i, zeroblob(400000), i FROM n", 1, into="products"),
    "many rows": PLAIN + counting("SELECT i, i, i FROM n", 100_000, into="products"),
    "columns": PLAIN.replace("price", ", ".join(["price", *(f"c{n}" for n in range(limits.COLUMNS - 3))])),
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_read_or_told_of(schema: str, wired: Wired) -> None:
    """Whatever lies in the file, the call and the one that follows it have their records, in good time."""
    with contextlib.suppress(sqlite3.Error, MemoryError):
        wired.connect("shop.db", isolation_level=None).executescript(schema)
    began = time.monotonic()
    files = wired.end().files
    wired.begin(files=files, lock_commit=True)
    wired.end()
    assert time.monotonic() - began < limits.ANSWER_SECONDS


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"\xff" * 4080, b"no database" * 500])
def test_a_file_that_cannot_be_read_is_told_of(content: bytes, wired: Wired) -> None:
    """The record of a file that is no database says that it cannot be read."""
    wired.begin(files={"shop.db": content}, lock_commit=True)
    record = wired.end()
    assert (record.before, record.after, record.schema) == (None, None, None)
    assert record.steps[-1].text == "the database cannot be read"


def test_large_rows_are_read_as_far_as_they_fit(wired: Wired) -> None:
    """Of a table with large cells the record holds the first rows."""
    wired.connect("shop.db", isolation_level=None).executescript(HOSTILE["large cells"])
    after = wired.end().after
    assert isinstance(after, Table)
    assert 0 < len(after.rows) < 50


# --- peers ------------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def peer(wired: Wired, *works: Work) -> Iterator[socket.socket]:
    """Send pieces of work on a socket of its own, without reading a reply."""
    ours = wired.socket()
    ours.settimeout(limits.WALL_SECONDS)
    with ours:
        for work in works:
            frame = encode(Request(work))
            ours.sendall(len(frame).to_bytes(4, "big") + frame)
        yield ours


def answered(ours: socket.socket, times: int) -> bytes:
    """Wait for so many replies, each less than a packet of the socket's, and return the last."""
    reply = b""
    for _ in range(times):
        (length,) = [int.from_bytes(ours.recv(4, socket.MSG_WAITALL), "big")]
        reply = ours.recv(length, socket.MSG_WAITALL)
    return reply


BLOCKING = {
    "never reads": Execute(1, counting("SELECT zeroblob(400000) FROM n", 9), []),
    "waits in a script": ExecuteScript("PRAGMA busy_timeout = 100000000; CREATE TABLE x (a)"),
    "computes in turn": Execute(1, counting("SELECT max(i) FROM n"), []),
}


@pytest.mark.parametrize("work", BLOCKING.values(), ids=BLOCKING.keys())
def test_a_peer_that_blocks_does_not_keep_the_call_from_ending(work: Work, wired: Wired) -> None:
    """Whether it reads no replies, waits for a lock or sends one long statement after another, the record comes."""
    wired.connect("shop.db").execute("BEGIN EXCLUSIVE")
    with peer(wired, OPEN, *[work] * 5) as rude:
        answered(rude, 1)
        assert facts(wired.end()).count("lost") == 2


@pytest.mark.parametrize("kind", ["a pipe", "nothing"])
def test_what_asks_for_no_socket_is_let_go(kind: str, wired: Wired) -> None:
    """A descriptor that nobody wants, and an empty message, cost nobody anything."""
    reading, writing = os.pipe()
    if kind == "a pipe":
        socket.send_fds(wired.scenario.channel, [b"+"], [reading])
    else:
        wired.scenario.channel.send(b"")
    os.close(reading)
    os.close(writing)
    assert wired.connect("shop.db").execute(TABLE).fetchall() == []
    assert facts(wired.end()) == ["connect", "execute", "seen", "lost"]


def test_names_of_no_file_vanish_without_a_word(wired: Wired) -> None:
    """A call ends, although somebody says that files have vanished which there never were."""
    with peer(wired, Flush(["x" * 300, "..", "", *map(str, range(100_000))])) as rude:
        answered(rude, 1)
    assert facts(wired.end()) == []


def test_a_bomb_in_a_frame_ends_its_own_socket(wired: Wired) -> None:
    """A frame that takes all memory once it is decoded is hung up on or answered, and others go on."""
    honest = wired.connect("shop.db")
    most = 4 * limits.MIB - 100
    frame = b"\x94\x94\xa7execute\x01\xa1x\xdd" + most.to_bytes(4, "big") + b"\x80" * most + b"\x90\xc0\x90"
    with peer(wired, OPEN) as rude, contextlib.suppress(ConnectionError):
        answered(rude, 1)
        rude.sendall(len(frame).to_bytes(4, "big") + frame)
        rude.recv(1)
    assert honest.execute("SELECT 1").fetchone() == (1,)
    assert facts(wired.end()).count("lost") == 2


def test_classes_do_not_pile_up(wired: Wired) -> None:
    """The names of types that cannot be bound are the client's; beyond some, all are alike."""
    types = [Unbindable(b"%d" % number) for number in range(limits.CONVERTERS + 2)]
    with peer(wired, OPEN, *(Execute(1, "SELECT ?", [kind]) for kind in types)) as odd:
        assert b"type 'object' is not supported" in answered(odd, len(types) + 1)


def test_a_flood_of_notes_is_counted(wired: Wired) -> None:
    """Notes beyond those that are kept are dropped in no time."""
    with peer(wired) as rude:
        frame = encode(Request(Flush([]), [Note("x")] * 3 * limits.LOG_STEPS))
        rude.sendall(len(frame).to_bytes(4, "big") + frame)
        answered(rude, 1)
    assert wired.end().steps_dropped == 2 * limits.LOG_STEPS


def test_a_connection_is_not_closed_under_its_statement(wired: Wired) -> None:
    """A function of the student's cannot close the connection whose statement calls it."""
    work = (OPEN, Register("function", "f", 0, deterministic=False, function=1), Execute(1, "SELECT f()", []))
    with peer(wired, *work, Close(), Returned(7)) as rude:
        answered(rude, 3)
        assert b"while it runs a statement" in answered(rude, 1)
        assert b"rows" not in answered(rude, 1)
    assert facts(wired.end()) == ["connect", "execute", "lost"]
