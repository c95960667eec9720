"""See your session: run a program and read, beside its lines, what sessions and the database really do.

    python -m session_trace transaction_script.py
    python -m session_trace --only add_products transaction_script.py

Each row belongs to one line of your code, and tells what happened there, in this order:

    session     what the session does, and what becomes of its objects
    database    what really arrives at the database
    others see  what another connection finds there at this moment

    16 session.flush()  | session 1: flush  | BEGIN                           | products: 0 rows
                        |                   | INSERT INTO products ('Pen', 1) |
    18 session.commit() | session 1: commit | COMMIT                          | products: 1 row; new: (1, 'Pen', 1)

What a session does:
    begin       opens a transaction; the database hears of it with the first change
    flush       sends pending changes inside the transaction, where nobody else can see them
    commit      flushes, and makes everything permanent: from now on others see it
    rollback    takes back everything since begin, also what was flushed
    expire      marks an object as out of date (expire_all: all of them); the next read asks the database
    refresh     asks the database at once
    close       lets go of all objects, and gives the connection back

What an object is:
    transient   in no session                   persistent  in the session, with a row in the database
    pending     added, and not yet sent         detached    its session is closed

In a test, a notebook or at Python's prompt, a block is shown when it ends:
    with session_trace.watching():
        add_products(engine, products)
"""

from __future__ import annotations

import argparse
import atexit
import functools
import inspect
import itertools
import linecache
import os
import re
import shutil
import sqlite3
import sys
import sysconfig
import textwrap
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple, TextIO

import sqlalchemy
from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.orm import Session, SessionEvents
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.pool import Pool

# Up to its end the recorder is, letter for letter, the one with which the grade sees your sessions.
# --- the recorder -----------------------------------------------------------------------------------------------------
_SQLALCHEMY = sqlalchemy.__path__[0]
_PYTHON = inspect.__file__.removesuffix("inspect.py")  # whose dataclasses.asdict reads for somebody
# The last word of such an event is the state that it leaves an object in: "pending_to_persistent".
_STATES = {name: name.rpartition("_")[2] for name in vars(SessionEvents) if "_to_" in name or "_as_" in name}


class Event(NamedTuple):
    """One thing that a session, an object or a pool did; numbers count from 1 in the order of appearance."""

    kind: str
    session: int | None = None
    object: int | None = None
    connection: int | None = None
    text: str | None = None
    many: int = 0


class _Numbers:
    """Numbers things from 1 in the order of appearance, without keeping them alive."""

    def __init__(self) -> None:
        self._known: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._next = itertools.count(1)

    def number(self, thing: object) -> int:
        """Return the number of ``thing``, a new one if it is new."""
        number = self._known.get(thing)
        if number is None:
            number = self._known[thing] = next(self._next)
        return number


class Recorder:
    """Tells each event to ``tell`` while it is not paused.

    ``is_student`` answers whether a file belongs to the code that is watched; attribute reads are told only from there.
    ``stack`` gives frames as ``sys._getframe`` does.
    """

    def __init__(
        self, tell: Callable[[Event], None], is_student: Callable[[str], bool], stack: Callable[[int], FrameType]
    ) -> None:
        self._tell = tell
        self._stack = stack
        self._is_student = is_student
        self._paused = 0
        self._undo = ExitStack()
        self.forget()

    def forget(self) -> None:
        """Start counting sessions and objects anew."""
        self._sessions = _Numbers()
        self._objects = _Numbers()

    def install(self) -> None:
        """Attach to all sessions and pools of this process, until ``remove``."""
        self._listen(Session, "after_transaction_create", self._transaction_created)
        self._listen(Session, "after_begin", self._began)
        self._listen(Session, "before_flush", lambda session, *_: self._session("flush", session))
        self._listen(Session, "before_commit", self._committing)
        for name, state in _STATES.items():
            self._listen(Session, name, functools.partial(self._state_changed, state))
        for name in ("checkout", "checkin"):
            self._listen(Pool, name, functools.partial(self._pooled, name))
        for name in ("rollback", "close", "reset", "invalidate", "expire_all", "expire", "refresh"):
            self._wrap(Session, name, self._called)
        self._wrap(Session, "__init__", self._created)
        self._wrap(InstrumentedAttribute, "__get__", self._attribute_read, after=True)

    def remove(self) -> None:
        """Detach, and leave everything as it was."""
        self._undo.close()

    def _listen(self, owner: type, name: str, told: Callable[..., None]) -> None:
        event.listen(owner, name, told)
        self._undo.callback(event.remove, owner, name, told)

    def _wrap(self, owner: type, name: str, told: Callable[..., None], *, after: bool = False) -> None:
        self._undo.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, _telling(getattr(owner, name), told, after=after))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Tell nothing inside the block: it is not the student's work."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def tell(self, happened: Event) -> None:
        """Pass an event on, unless paused."""
        if not self._paused:
            self._tell(happened)

    def _session(self, kind: str, session: Session, **more: Any) -> None:  # noqa: ANN401  # the fields of Event
        if not self._paused:
            self._tell(Event(kind, session=self._sessions.number(session), **more))

    def _object(self, instance: object) -> int | None:
        state = getattr(instance, "_sa_instance_state", None)
        return None if state is None else self._objects.number(state)

    def _transaction_created(self, session: Session, transaction: Any) -> None:  # noqa: ANN401  # not a public class
        if transaction.parent is None:
            self._session("begin", session, text=None if session.expire_on_commit else "expire_on_commit=False")
        elif transaction.nested:
            self._session("begin", session, text="savepoint")

    def _began(self, session: Session, _transaction: object, connection: Any) -> None:  # noqa: ANN401  # as above
        number = getattr(connection.connection.dbapi_connection, "number", None)
        self._session("uses", session, connection=number)

    def _committing(self, session: Session) -> None:
        self._session("commit", session, text="savepoint" if session.in_nested_transaction() else None)

    def _state_changed(self, state: str, session: Session, instance: object) -> None:
        if not self._paused:
            self._session("state", session, object=self._object(instance), text=state)

    def _pooled(self, kind: str, dbapi_connection: object, *_: object) -> None:
        self.tell(Event(kind, connection=getattr(dbapi_connection, "number", None)))

    def _created(self, _name: str, session: Session, *_: object, **__: object) -> None:
        self._session("created", session)

    def _called(self, name: str, session: Session, instance: object = None, *_: object, **__: object) -> None:
        kind = "close" if name in {"reset", "invalidate"} else name
        self._session(kind, session, object=self._object(instance))

    def _attribute_read(self, _name: str, attribute: Any, instance: object = None, *_: object) -> None:  # noqa: ANN401  # a descriptor's
        if instance is not None and not self._paused and self._is_student(_caller(self._stack(2))):
            self._tell(Event("read", object=self._object(instance), text=attribute.key))


def _caller(frame: FrameType | None) -> str:
    """Return the file of the innermost frame that is neither SQLAlchemy's nor Python's own, nor generated."""
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_SQLALCHEMY, _PYTHON, "<")):
            return name
        frame = frame.f_back
    return ""


def _binds(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _telling(method: Callable[..., Any], told: Callable[..., None], *, after: bool) -> Callable[..., Any]:
    """Return ``method`` such that ``told`` hears of each call, before it happens or once it went well.

    A call that the method's signature refuses does nothing, and is not told of.
    """
    signature = inspect.signature(method)

    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # any method's
        if not after and _binds(signature, args, kwargs):
            told(method.__name__, *args, **kwargs)
        result = method(*args, **kwargs)
        if after:
            told(method.__name__, *args, **kwargs)
        return result

    return wrapper


# --- the end of the recorder ------------------------------------------------------------------------------------------
Place = tuple[str, int]
Tables = dict[str, dict[int, tuple[Any, ...]]]

_LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), _SQLALCHEMY, __file__, "<")
_BY_ITSELF = re.compile(r"(session \d+: )?(created|uses|checkout|checkin)|PRAGMA .*")
_INSERT = re.compile(r"(INSERT INTO \S+) \(.*?\) VALUES (.*?)(?: RETURNING .*)?")
_SHORTER = {r"^SELECT .*? FROM ": "SELECT ... FROM ", r"^(CREATE TABLE \S+) .*": r"\1"}


class Row:
    """What happened at one line of your code: texts in three lanes, which follow each other from left to right.

    A row that ``goes_on`` follows a row of the same line.
    """

    def __init__(self, place: Place | None, *, goes_on: bool) -> None:
        self.place = place
        self.goes_on = goes_on
        self.session: list[str] = []
        self.database: list[str] = []
        self.others: list[str] = []

    @property
    def code(self) -> str:
        """The line itself."""
        return linecache.getline(*self.place).strip() if self.place else ""

    def takes(self, lane: str, what: str, place: Place | None) -> bool:
        """Tell whether a text can stand in this row, too, and the order is still to be seen."""
        in_order = lane == "database" or not self.database or (what.startswith("reads ") and not self.session)
        return place == self.place and not self.others and in_order

    def put(self, lane: str, what: str, thing: str = "") -> None:
        """Add a text; the same as before, done with another thing, only adds that."""
        texts: list[str] = getattr(self, lane)
        if thing and texts and texts[-1].startswith(f"{what} "):
            texts[-1] += f", {thing}"
        else:
            texts.append(f"{what} {thing}".strip())


class Trace:
    """What happened, as ``rows``, and the ``problems`` that it left behind; ``show`` gets each row once it is full.

    ``only`` keeps what happens inside the function of that name. ``details`` adds what SQLAlchemy does by itself.
    """

    def __init__(self, show: Callable[[Row], None] = lambda _: None, *, only: str = "", details: bool = False) -> None:
        self.rows: list[Row] = []
        self.problems: list[str] = []
        self._show, self._only, self._details = show, only, details
        self._row: Row | None = None
        self._known: dict[str, Tables] = {}
        self._heard: dict[int, sqlite3.Connection] = {}
        self._touched: dict[str, object] = {}  # by database the connection, which must not vanish before we look
        self._sessions: dict[int | None, Place | None] = {}
        self._in_use: set[int | None] = set()

    @contextmanager
    def watching(self) -> Iterator[Trace]:
        """Watch every session and every engine of this process inside the block."""
        recorder = Recorder(self._claimed, _is_student, sys._getframe)  # noqa: SLF001  # the only way to the stack
        asked = {"begin": "BEGIN", "commit": "COMMIT", "rollback": "ROLLBACK", "before_cursor_execute": ""}
        listeners: list[tuple[Any, str, Callable[..., None]]] = [
            *((Engine, name, functools.partial(self._asked, words)) for name, words in asked.items()),
            (Engine, "handle_error", self._refused),
            (Pool, "checkout", self._lent),
            (Pool, "checkin", self._given_back),
            (Pool, "close", lambda *_: self.settle()),
        ]
        with ExitStack() as undo:
            undo.callback(self._finish)
            for listener in listeners:
                event.listen(*listener)
                undo.callback(event.remove, *listener)
            undo.callback(recorder.remove)
            recorder.install()
            yield self

    def settle(self) -> None:
        """Show the row at hand, as something else follows."""
        self._look()
        row, self._row = self._row, None
        if row:
            self._show(row)

    def _finish(self) -> None:
        self.settle()
        for connection in self._heard.values():
            with suppress(sqlite3.ProgrammingError):  # closed by force
                connection.set_trace_callback(None)
        for number, place in self._sessions.items():
            if number in self._in_use:
                repair = "Let `with Session(engine) as session:` close it on every path."
                self.problems.append(f"session {number} was never closed: opened at {at(place)}. {repair}")
        if not self.rows:
            self.problems.append(f"nothing to show: no session was used{self._only and f' in {self._only}()'}.")

    # --- what is heard ---
    def _claimed(self, told: Event) -> None:
        """Take down what the recorder tells."""
        what = {"state": f"now {told.text}:", "read": f"reads .{told.text} of"}.get(told.kind)
        what = what or f"{told.kind} {told.text or ''}".rstrip()
        whose = f"session {told.session}: " if told.session else ""
        place = self._say("session", whose + what, f"object {told.object}" if told.object else "")
        if told.kind == "created":
            self._sessions[told.session] = place
        elif told.kind == "begin":
            self._in_use.add(told.session)
        elif told.kind == "close":
            self._in_use.discard(told.session)

    def _lent(self, connection: object, *_: object) -> None:
        """Listen to the driver of SQLite as long as a connection is lent, so that nothing is left behind."""
        if isinstance(connection, sqlite3.Connection):
            self._heard[id(connection)] = connection
            cursor = connection.cursor()
            cursor.row_factory = None
            database = os.fsdecode(cursor.execute("PRAGMA database_list").fetchone()[2]) or "it is in memory"
            connection.set_trace_callback(functools.partial(self._sent, connection, database))
            if database not in self._known:
                self._seen(database)  # from now on, what is new is new

    def _given_back(self, connection: object, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            self._heard.pop(id(connection), None)
            connection.set_trace_callback(None)
            if connection.in_transaction:
                place = self._say("database", "connection given back, its transaction still open")
                effect = "others find the database locked, and the next commit stores what had failed"
                repair = "Roll back when a commit fails, as `with Session(engine) as session, session.begin():` does."
                self.problems.append(f"a transaction was left open at {at(place)}: {effect}. {repair}")

    def _sent(self, connection: sqlite3.Connection, database: str, sql: str) -> None:
        """Take down what the driver of SQLite sends, also by itself."""
        if not connection.in_transaction:  # what came before is stored or taken back: time to look
            self._look()
        self._say("database", *shortened(sql))
        if not sql.startswith(("SELECT", "PRAGMA", "BEGIN")):
            self._touched[database] = connection

    def _asked(self, words: str, connection: Connection, *more: Any) -> None:  # noqa: ANN401  # each event's own
        """Take down what SQLAlchemy asks of another database than SQLite, whose driver says it better."""
        driver = connection.connection.dbapi_connection
        if not isinstance(driver, sqlite3.Connection):
            self._say("database", *shortened(words or more[1]))
            self._touched[f"it is a {connection.dialect.name}"] = connection
        elif id(driver) not in self._heard:  # it was lent before the watch began
            self._lent(driver)

    def _refused(self, context: ExceptionContext) -> None:
        self._say("database", "refused:", str(context.original_exception))

    # --- what is written down ---
    def _say(self, lane: str, what: str, thing: str = "") -> Place | None:
        """Put something into the row at hand or into a new one; return the line of yours that is running."""
        place, wanted = self._running()
        if _BY_ITSELF.fullmatch(what) and not self._details:
            return place
        before = self._row
        if before and not (wanted and before.takes(lane, what, place)):
            self.settle()
        if wanted:
            if self._row is None:
                self._look()  # what was not wanted is none of this row's
                self._row = Row(place, goes_on=before is not None and before.place == place)
                self.rows.append(self._row)
            self._row.put(lane, what, thing)
        return place

    def _running(self) -> tuple[Place | None, bool]:
        """Return the innermost line of yours on the stack, and whether what it does is wanted."""
        place, wanted = None, not self._only
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # as above
        while frame is not None:
            if _is_student(frame.f_code.co_filename):
                place = place or (frame.f_code.co_filename, frame.f_lineno)
                wanted = wanted or frame.f_code.co_name == self._only
            frame = frame.f_back
        return place, wanted

    def _look(self) -> None:
        """Look into what was touched since the last look."""
        while self._touched:
            said = self._seen(self._touched.popitem()[0])
            if self._row:
                self._row.put("others", said)

    def _seen(self, database: str) -> str:
        try:
            now, before = look(database), self._known.get(database, {})
        except (LookupError, sqlite3.Error) as error:
            return f"cannot look: {error.args[0]}"
        self._known[database] = now
        return difference(now, before)


def _is_student(file: str) -> bool:
    return not file.startswith(_LIBRARIES) and "site-packages" not in file and "dist-packages" not in file


def at(place: Place | None) -> str:
    """Write a place."""
    return f"{Path(place[0]).name}:{place[1]}" if place else "a line that is not yours"


def shortened(sql: str) -> tuple[str, str]:
    """Return what a statement does and, of an INSERT, the values."""
    sql = " ".join(sql.split())
    if insert := _INSERT.fullmatch(sql):
        return insert[1], insert[2]
    for long, short in _SHORTER.items():
        sql = re.sub(long, short, sql)
    return sql, ""


def look(database: str) -> Tables:
    """Return the rows of every table as another program finds them; LookupError or sqlite3.Error if it cannot.

    This creates no file, waits for nobody, and keeps no lock.
    """
    if not Path(database).is_absolute():
        raise LookupError(database)
    if not Path(database).exists():
        return {}
    with closing(sqlite3.connect(f"{Path(database).as_uri()}?mode=ro", uri=True, timeout=0)) as other:
        names = other.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        quoted = {name: name.replace('"', '""') for (name,) in names.fetchall()}
        found = {name: other.execute(f'SELECT rowid, * FROM "{quoted[name]}"').fetchall() for name in quoted}  # noqa: S608  # the file's own names
    return {name: {row[0]: row[1:] for row in rows} for name, rows in found.items()}


def difference(now: Tables, before: Tables) -> str:
    """Say which rows there are, and what is other than before."""
    said = []
    for table, rows in now.items():
        old = before.get(table, {})
        new, gone = rows.keys() - old.keys(), old.keys() - rows.keys()
        changed = {key for key in rows.keys() & old.keys() if rows[key] != old[key]}
        said.append(f"{table}: {len(rows)} row{'s' * (len(rows) != 1)}")
        for word, keys in (("new", new), ("changed", changed), ("gone", gone)):
            said += [f"{word}: {', '.join(str(rows.get(key, old.get(key))) for key in sorted(keys))}"] if keys else []
    return "; ".join(said) or "no table"


# --- what is shown ----------------------------------------------------------------------------------------------------
LANES = {"code": "your code", "session": "session", "database": "database", "others": "others see"}
_COLOURS = {"code": "1", "session": "36", "database": "35", "others": "32", "problem": "1;31"}
_PROBLEM = re.compile(r"refused:|cannot look:|connection given back")
_WIDE = 100


class Screen:
    """Writes rows on a terminal: the lanes beside each other, or below each other where it is narrow."""

    def __init__(self, out: TextIO, *, colour: bool = True) -> None:
        self._into, self._encoding = out.write, out.encoding or "utf-8"
        self._columns = shutil.get_terminal_size((_WIDE, 0)).columns
        self._colour = colour and out.isatty() and not os.environ.get("NO_COLOR")
        self._bar = " │ " if self._plain("│") == "│" else " | "
        self._last: str | None = None

    def show(self, row: Row) -> None:
        """Write one row, below the name of its file where that is another than before."""
        if self._last is None and self._columns >= _WIDE:
            self._beside({lane: [name] for lane, name in LANES.items()})
        file, line = row.place or ("not in your code", 0)
        if file != self._last:
            self._write(f"{self._painted('code', Path(file).name)}\n")
        self._last = file
        code = [f"{line} {row.code}"] if line and not row.goes_on else []
        lanes = {"code": code, "session": row.session, "database": row.database, "others": row.others}
        (self._beside if self._columns >= _WIDE else self._below)(lanes)

    def tell(self, problems: list[str]) -> None:
        """Write what was left behind."""
        for problem in problems:
            self._write(self._painted("problem", self._plain(f"! {problem}")) + "\n")

    def _beside(self, lanes: dict[str, list[str]]) -> None:
        width = (self._columns + len(self._bar)) // len(lanes) - len(self._bar)
        cells = [[part for text in texts for part in self._parts(lane, text, width)] for lane, texts in lanes.items()]
        for parts in itertools.zip_longest(*cells, fillvalue=" " * width):
            self._write(self._bar.join(parts).rstrip() + "\n")

    def _below(self, lanes: dict[str, list[str]]) -> None:
        for lane, text in ((lane, text) for lane, texts in lanes.items() for text in texts):
            name = "" if lane == "code" else f"    {LANES[lane]:<12}"
            for part in self._parts(lane, text, self._columns - len(name)):
                self._write(f"{name}{part.rstrip()}\n")
                name = " " * len(name)

    def _write(self, text: str) -> None:
        with suppress(BrokenPipeError):  # whoever was reading has left, as head does; your program goes on
            self._into(text)

    def _parts(self, lane: str, text: str, width: int) -> list[str]:
        """Break a text into lines of the same width, in the colour of their lane."""
        parts = textwrap.wrap(self._plain(text), width, max_lines=5, placeholder=" ...")
        return [self._painted("problem" if _PROBLEM.match(text) else lane, part.ljust(width)) for part in parts]

    def _painted(self, lane: str, text: str) -> str:
        return f"\x1b[{_COLOURS[lane]}m{text}\x1b[0m" if self._colour else text

    def _plain(self, text: str) -> str:
        shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
        return shown.encode(self._encoding, "backslashreplace").decode(self._encoding)


# --- the ways to use it -----------------------------------------------------------------------------------------------
@contextmanager
def watching(*, only: str = "", details: bool = False) -> Iterator[Trace]:
    """Watch the block and print what happened at its end; the Trace has it as rows, for other ways to show it."""
    trace = Trace(only=only, details=details)
    try:
        with trace.watching():
            yield trace
    finally:
        screen = Screen(sys.stdout)
        for row in trace.rows:
            screen.show(row)
        screen.tell(trace.problems)


def run(script: Path, arguments: list[str], trace: Trace, screen: Screen) -> None:
    """Run a script as Python does, each row shown as it happens, and what it left behind at the very end."""
    for stream in (sys.stdout, sys.stderr):
        stream.write = _after(trace.settle, stream.write)  # type: ignore[method-assign]  # your prints come in order
    at_the_end = ExitStack()
    at_the_end.callback(screen.tell, trace.problems)
    at_the_end.enter_context(trace.watching())
    atexit.register(at_the_end.close)  # registered first, called last: what your program does as it ends is seen, too
    sys.excepthook = _print_error

    program = ModuleType("__main__")
    program.__file__ = str(script.absolute())
    sys.modules.update(session_trace=sys.modules["__main__"], __main__=program)
    sys.argv[:] = [str(script), *arguments]
    sys.path.insert(0, str(script.absolute().parent))
    exec(compile(script.read_bytes(), program.__file__, "exec"), program.__dict__)  # noqa: S102  # that is the point


def _after(first: Callable[[], None], write: Callable[[str], int]) -> Callable[[str], int]:
    def written(text: str) -> int:
        first()
        return write(text)

    return written


def _print_error(kind: Any, error: Any, trace: Any) -> None:  # noqa: ANN401  # those of sys.excepthook
    """Print a traceback as Python does, without the frames of this file; a task that is not begun is one line."""
    report = traceback.TracebackException(kind, error, trace)
    _leave_out_this_file(report)
    is_to_do = isinstance(error, NotImplementedError) and "TODO" in str(error)
    print(f"to do: {error}\n" if is_to_do else "".join(report.format()), end="", file=sys.stderr)  # noqa: T201  # as Python


def _leave_out_this_file(report: traceback.TracebackException | None) -> None:
    if report is not None:
        report.stack[:] = [frame for frame in report.stack if frame.filename not in {__file__, "<frozen runpy>"}]
        for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
            _leave_out_this_file(other)


def main() -> None:
    """Read the command line, and run."""
    parser = argparse.ArgumentParser(
        prog="python -m session_trace", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("script", type=Path, help="the program, such as transaction_script.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program is given")
    parser.add_argument("--only", metavar="FUNCTION", default="", help="show what happens inside this function")
    parser.add_argument("--details", action="store_true", help="show what SQLAlchemy does by itself, too")
    parser.add_argument("--no-color", action="store_true", help="write without colours, as with NO_COLOR=1")
    given = parser.parse_args()
    if not given.script.is_file():
        parser.error(f"there is no {given.script} in {Path.cwd()}. Change (cd) to the folder in which it lies.")
    screen = Screen(sys.stdout, colour=not given.no_color)
    run(given.script, given.arguments, Trace(screen.show, only=given.only, details=given.details), screen)


if __name__ == "__main__":
    main()
