"""The server's processes: what a client can do to them, what they leave, what the observer learns."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest
from wired import TABLE, Wired, facts, only

from grader import limits
from grader.observe.child.wire import Close, Commit, Connect, Execute, Request, encode
from grader.observe.sandbox.databases import DatabaseLost, DatabaseServer, Setup
from grader.observe.sandbox.levels import LEVELS, Level, Process

pytest_plugins = ("wired_fixtures",)

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
CLIENT = """
import os, socket, sys
sys.path.insert(0, sys.argv[2])
from grader.observe.child import dbapi
dbapi.attach(socket.socket(fileno=int(sys.argv[1])), list, lambda: None)
connection = dbapi.connect("shop.db")
connection.execute("INSERT INTO products VALUES (2, 'Cup', 3)")
os._exit(9)
"""

OBSERVER = """
import os, re, sys
sys.path.insert(0, sys.argv[1])
from grader.observe.sandbox.databases import DatabaseServer
from grader.observe.sandbox.levels import Process
with DatabaseServer(Process()) as server:
    server.open()
    process = server._process
    print(process.pid, re.search("/[^' ]*/grader-[^' ]*", " ".join(process.args))[0], flush=True)
    os.kill(os.getpid(), 9)
"""


def raw(wired: Wired) -> socket.socket:
    """Return a socket to the server on which nothing was said yet."""
    ours = wired.socket()
    ours.settimeout(5)
    return ours


def framed(data: bytes) -> bytes:
    """Return a frame."""
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_every_level_serves(level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the walls of each level, the server does its work."""
    monkeypatch.chdir(tmp_path)
    with DatabaseServer(level) as server:
        wired = Wired(server.open())
        wired.begin()
        connection = wired.connect("shop.db")
        connection.execute(TABLE)
        assert facts(wired.end()) == ["connect", "execute", "seen", "lost"]
        wired.scenario.close()


def test_scenarios_do_not_meet(database_server: DatabaseServer, wired: Wired) -> None:
    """Files and logs of two scenarios are apart."""
    wired.connect("shop.db").execute(TABLE)
    other = Wired(database_server.open())
    other.begin()
    assert other.connect("shop.db").execute("SELECT * FROM sqlite_master").fetchall() == []
    assert facts(other.end()) == ["connect", "execute", "lost"]
    other.scenario.close()


def test_files_stay_if_asked(wired: Wired) -> None:
    """A call that begins with files=None finds what the one before it left."""
    wired.connect("shop.db").execute(TABLE)
    wired.end()
    wired.begin(files=None)
    assert wired.end().databases == ("shop.db",)


@pytest.fixture
def killed(wired: Wired) -> Wired:
    """Let a process begin a transaction and die."""
    wired.connect("shop.db").execute(TABLE)
    wired.begin(files=wired.end().files)
    channel = wired.scenario.channel.fileno()
    tree = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", CLIENT, str(channel), tree], pass_fds=[channel], check=False)
    assert done.returncode == 9
    return wired


def test_a_killed_client_is_lost(killed: Wired) -> None:
    """A client that dies loses its connection with the transaction open in it, and the server tells so."""
    (lost,) = only(killed.scenario.end(5), "lost")
    assert lost.in_transaction


def test_what_a_killed_client_began_is_undone(killed: Wired) -> None:
    """Nothing stays of a transaction whose client died."""
    after = killed.scenario.end(5).after
    assert after is not None
    assert after.rows == ()


NONSENSE = {
    "no message": framed(b"\xc1\xc1\xc1"),
    "another message": framed(encode(Request(Commit()))),
    "another type": framed(msgspec.msgpack.encode([["execute", "x", 5, []], [], None, []])),
    "too large": (limits.DATABASE_MEMORY).to_bytes(4, "big"),
    "half a frame": framed(encode(Request(Close())))[:-1],
    "nested": framed(b"\x91" * 50_000 + b"\xc0"),
    "unknown extension": framed(b"\x91\xd4\x63\x00"),
    "nothing": b"",
}


@pytest.mark.parametrize("sent", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_ends_its_own_socket(sent: bytes, wired: Wired) -> None:
    """Whoever does not keep to the frames is hung up on, and nobody else notices."""
    connection = wired.connect("shop.db")
    with raw(wired) as rude:
        rude.sendall(sent)
        rude.shutdown(socket.SHUT_WR)
        assert rude.recv(10) == b""
    assert connection.execute("SELECT 1").fetchone() == (1,)
    assert facts(wired.end()) == ["connect", "execute", "lost"]


def test_odd_values_are_refused_not_bound(wired: Wired) -> None:
    """A parameter that no honest client sends is a type that sqlite refuses, and the log still has its step."""
    request = [["execute", 1, "SELECT ?", [[{b"a": [1]}]], []], [], None, []]
    with raw(wired) as rude:
        rude.sendall(
            framed(msgspec.msgpack.encode([["connect", "", {}, 0, 0, None, 9, None, False, None], [], None, []]))
        )
        assert b"answer" in rude.recv(1000)
        rude.sendall(framed(msgspec.msgpack.encode(request)))
        assert b"type 'list' is not supported" in rude.recv(1000)
    assert only(wired.end(), "execute")[0].parameters == ["<list >"]


def test_nonsense_in_a_transaction_undoes_it(wired: Wired) -> None:
    """A connection that breaks off in the middle is lost like any other."""
    connection = wired.connect("shop.db")
    connection.execute("BEGIN")
    vars(connection)["_stream"].socket.sendall(framed(b"\xc1"))
    with pytest.raises(sqlite3.OperationalError, match="hung up"):
        connection.execute("SELECT 1")
    assert [step.in_transaction for step in only(wired.end(), "lost")] == [True]


def test_an_endless_statement_is_interrupted(wired: Wired) -> None:
    """The end of a call interrupts what is still being computed."""
    connection = wired.connect(":memory:", check_same_thread=False)
    raised: list[str] = []

    def compute() -> None:
        try:
            connection.execute(ENDLESS)
        except sqlite3.OperationalError as error:
            raised.append(str(error))

    thread = threading.Thread(target=compute)
    thread.start()
    wired.scenario.end(5)
    thread.join()
    assert len(raised) == 1


@pytest.mark.slow
def test_a_long_statement_meets_its_deadline(wired: Wired) -> None:
    """A statement that computes for seconds is interrupted; the next one runs."""
    connection = wired.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        connection.execute(ENDLESS)
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_another_thread_can_interrupt(wired: Wired) -> None:
    """The client's interrupt() reaches a statement that is being executed."""
    connection = wired.connect(":memory:", check_same_thread=False)
    started = threading.Event()
    connection.create_function("started", 0, started.set)

    def interrupt() -> None:
        started.wait()
        while not done.wait(0.01):
            connection.interrupt()

    done = threading.Event()
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        connection.execute(f"SELECT started(), ({ENDLESS})").fetchall()  # a constant
    done.set()
    thread.join()


def test_too_many_connections_are_refused(wired: Wired) -> None:
    """A flood of connections is refused like a file that cannot be opened; closing one makes room."""
    opened = [wired.connect("shop.db") for _ in range(limits.CONNECTIONS)]
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        wired.connect("shop.db")
    opened.pop().close()
    wired.connect("shop.db").close()
    assert len(only(wired.end(), "lost")) == limits.CONNECTIONS - 1


def test_a_value_that_is_too_large_is_refused(wired: Wired) -> None:
    """The limit for values holds on either side of the wire."""
    connection = wired.connect(":memory:")
    for size in (limits.VALUE_BYTES + 1, 5 * limits.MIB):
        with pytest.raises(sqlite3.DataError, match="too big"):
            connection.execute("SELECT ?", (b"x" * size,))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.db", "file:/etc/passwd?mode=ro"])
def test_files_elsewhere_are_not_attached(name: str, wired: Wired) -> None:
    """ATTACH in an expression cannot reach beyond the scenario's folder."""
    connection = wired.connect(":memory:")
    for sql in (f"ATTACH ('' || '{name}') AS x", f"VACUUM INTO ('' || '{name}')"):
        with pytest.raises(sqlite3.Error):
            connection.execute(sql)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        connection.execute("ATTACH ? AS x", (name,))


def test_limits_cannot_be_raised(wired: Wired) -> None:
    """A student may lower the limits of sqlite, not raise them beyond ours."""
    connection = wired.connect(":memory:")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000_000)
    assert connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == limits.VALUE_BYTES


@pytest.mark.parametrize("pragma", ["temp_store_directory = '/tmp'", "hard_heap_limit = 0"])
def test_some_pragmas_are_refused(pragma: str, wired: Wired) -> None:
    """Settings of the whole process are not the student's to change."""
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        wired.connect(":memory:").execute(f"PRAGMA {pragma}")


# --- the observer -----------------------------------------------------------------------------------------------------
def test_a_dead_server_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders to a server that is gone raise DatabaseLost."""
    monkeypatch.chdir(tmp_path)
    with DatabaseServer(Process()) as server:
        scenario = server.open()
        scenario.begin(Setup())
        server._process.kill()  # noqa: SLF001  # to see what happens
        server._process.wait()  # noqa: SLF001  # as above
        with pytest.raises(DatabaseLost):
            scenario.end(5)
        with pytest.raises(DatabaseLost):
            server.open()
        scenario.close()


def test_a_slow_server_is_told(wired: Wired) -> None:
    """An order that is not carried out in time raises DatabaseLost."""
    request = Request(Execute(1, ENDLESS, []))
    with raw(wired) as busy:
        busy.sendall(framed(encode(Request(Connect(":memory:", {}, 5.0, 0, "", 9, None, fresh=False, role=None)))))
        busy.sendall(framed(encode(request)))
        with pytest.raises(DatabaseLost, match="timed out"):
            wired.scenario.end(limits.SETTLE_SECONDS / 5)


def test_a_failure_of_our_own_is_told(wired: Wired) -> None:
    """What goes wrong in the server itself reaches the observer with its traceback."""
    with pytest.raises(DatabaseLost, match="Traceback"):
        wired.scenario.begin(Setup(files={"x" * 300: b""}))


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and processes are gone after the server, also those of a scenario that was not closed."""
    monkeypatch.chdir(tmp_path)
    with DatabaseServer(Process()) as server:
        wired = Wired(server.open())
        wired.begin()
        connection = wired.connect("shop.db")
        connection.execute(TABLE)
        pid = server._process.pid  # noqa: SLF001  # to find what belongs to it
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        folder = Path(f"/proc/{child}/cwd").readlink()
        assert (folder / "shop.db").exists()
    assert not folder.parent.exists()
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT 1")
    wired.scenario.close()


def test_nothing_is_left_of_a_killed_observer() -> None:
    """The server ends and removes its files when the observer is gone, however it went."""
    tree = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", OBSERVER, tree], capture_output=True, text=True, check=False)
    pid, folder = done.stdout.split()
    give_up = time.monotonic() + limits.STOP_SECONDS
    while Path(f"/proc/{pid}").exists() and time.monotonic() < give_up:
        os.sched_yield()
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(folder).exists()


def test_a_closed_scenario_is_gone(wired: Wired) -> None:
    """Closing a scenario ends its process, even in the middle of a statement."""
    connection = wired.connect("shop.db")
    wired.scenario.close()
    with pytest.raises(sqlite3.OperationalError, match="hung up"):
        connection.execute(ENDLESS)
