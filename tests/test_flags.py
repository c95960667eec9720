"""Flags: each is raised by what it is for, with the line, and by nothing that an honest program does."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_samples import at, call, claim, evidence, fact, run, sent

from conftest import Bench, build_submission
from grader.flow import judged
from grader.judge.contradictions import contradictions
from grader.judge.flags import FLAGS, flags
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import Failure, Flag, GradeReport, Outcome, Run, Sign, Source, SqlError, Step, Where

# --- the process: signs -----------------------------------------------------------------------------------------------

SUSPICIOUS = {
    "opens a system file": ("open('/etc/passwd')", "files", "opens /etc/passwd"),
    "reads by a path": ("pathlib.Path('/etc/shadow').read_text()", "files", "opens /etc/shadow"),
    "reads by made code": ("exec('open(\"/etc/secret\")')", "files", "opens /etc/secret"),
    "lists the root": ("os.listdir('/')", "files", "lists /"),
    "walks": ("list(os.walk('/tmp'))", "files", "lists /tmp"),
    "globs": ("glob.glob('/etc/*')", "files", "lists /etc"),
    "changes packages": ("os.chmod('/packages/sqlalchemy', 0)", "files", "changes <packages>/sqlalchemy"),
    "looks at the homes": ("os.listdir('/home')", "files", "lists /home"),
    "looks at a runner's home": ("os.listdir('/Users/runner/x')", "files", "lists /Users/runner/x"),
    "runs a program": ("subprocess.run(['cat', '/etc/passwd'])", "processes", "runs another program: cat /etc/passwd"),
    "runs a shell": ("os.system('id; env')", "processes", "runs another program: id; env"),
    "forks": ("os.fork()", "processes", "starts another process"),
    "sends a signal": ("os.kill(77, 9)", "processes", "sends signal 9 to another process"),
    "asks for a name": (
        "socket.create_connection(('example.org', 80))",
        "network",
        "asks for the address of another machine",
    ),
    "makes a socket": ("socket.socket(socket.AF_UNIX)", "network", "makes a socket"),
    "takes over a socket": (
        "socket.socket(fileno=3).detach()",
        "network",
        "makes a socket of a file descriptor that is open already",
    ),
    "walks the stack": ("sys._getframe(1).f_locals", "introspection", "looks at the frames that called it"),
    "inspects the stack": ("inspect.stack()", "introspection", "looks at the frames that called it"),
    "searches memory": ("gc.get_objects()", "introspection", "searches memory with gc.get_objects"),
    "uses ctypes": ("ctypes.CDLL(None)", "native_code", "uses C functions and raw memory through ctypes"),
    "traces": ("sys.settrace(None)", "tracing", "has every line or call traced with sys.settrace"),
    "traces threads": (
        "threading.settrace(lambda *_: None)",
        "tracing",
        "has threads traced with threading.settrace",
    ),
    "hooks imports": (
        "sys.path_hooks.append(lambda path: None)",
        "tracing",
        "puts a hook of its own into sys.path_hooks",
    ),
    "adds an audit hook": (
        "sys.addaudithook(lambda *_: None)",
        "tampering",
        "hears of all events of this process with sys.addaudithook",
    ),
    "goes past the driver": ("_sqlite3.connect(':memory:')", "tampering", "opens a database past the grader's"),
    "uses the driver": ("__import__('child.driver').driver", "tampering", "uses the grader's own module child"),
    "calls the hook": (
        "builtins.__watched__()",
        "tampering",
        "uses the grader's own hook by hand",
    ),
    "replaces a method": (
        "setattr(Session, 'refresh', lambda *_: None)",
        "tampering",
        "replaces Session.refresh",
    ),
    "replaces a builtin": ("setattr(builtins, 'hash', lambda _: 1)", "tampering", "replaces builtins.hash"),
    "changes its limits": (
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
        "limits",
        "changes the limits of its process",
    ),
}
IMPORTS = """
import _sqlite3, builtins, contextlib, ctypes, functools, gc, glob, inspect, os, pathlib, resource, shutil, socket
import sqlalchemy, subprocess, sys, threading
from sqlalchemy.orm import Session
from models import Product

def add_products(engine, products):
"""


@pytest.fixture
def boxed(benches: Callable[[str], Bench]) -> Bench:
    """Return the bench on bubblewrap."""
    return benches("bubblewrap")


def _signs(bench: Bench, code: str) -> list[tuple[str, str, str | None, int | None]]:
    """Return the signs of a script whose function has this body."""
    source = IMPORTS + textwrap.indent(textwrap.dedent(code).strip("\n"), "    ")
    return [(sign.kind, sign.text, sign.file, sign.line) for sign in bench.script(source).answer.signs]


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_what_no_solution_needs_is_told_with_its_line(name: str, boxed: Bench) -> None:
    """What the student's code does beyond its work is one sign, of the line that does it."""
    code, kind, text = SUSPICIOUS[name]
    body = f"try:\n    {code}\nexcept OSError as error:\n    print(error)\nreturn []"
    line = IMPORTS.count("\n") + 2
    assert _signs(boxed, body) == [(kind, text, "transaction_script.py", line)]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("Session.dispatch.before_commit._clslevel[Session].clear()", "takes away the grader's listeners"),
        ("f = __import__('sqlite3').connect; f.__code__ = (lambda *a, **k: 1).__code__", "replaces the code of"),
        ("vars(vars(Session)['refresh'].__closure__[-1].cell_contents.__self__).update(_called=1)",
         "replaces _called of the grader's recorder"),
    ],
)  # fmt: skip
def test_a_recorder_that_was_changed_is_told(code: str, text: str, boxed: Bench) -> None:
    """At the end of a call, what records it is compared with what was installed."""
    kinds = {kind for kind, told, *_ in _signs(boxed, f"{code}\nreturn []") if told.startswith(text)}
    assert kinds == {"tampering"}


def test_signs_of_one_call_are_not_those_of_the_next(boxed: Bench) -> None:
    """Each call of a process has its own signs."""
    with boxed.process() as place:
        first = place.body("open('/etc/passwd')\nreturn []").answer
        second = place.body("return []").answer
    assert ([sign.kind for sign in first.signs], second.signs) == (["files"], ())


# --- the process: honest work -----------------------------------------------------------------------------------------

HONEST = {
    "its own files": """
        here = pathlib.Path(__file__).resolve().parent
        (here / "products.txt").write_text("1")
        sorted(here.iterdir()), os.listdir("."), list(os.walk(here)), glob.glob("*.py"), os.listdir(here.parent)
        if os.path.exists("products.txt"):
            os.remove("products.txt")
        open(__file__).read(), open(os.devnull, "w").close(), os.path.exists("/etc/passwd")
    """,
    "temporary files": """
        import tempfile
        with tempfile.NamedTemporaryFile("w") as file, tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "x").write_text("1")
        descriptor, name = tempfile.mkstemp()
        os.fdopen(descriptor, "w").close()
        shutil.rmtree(tempfile.mkdtemp())
        try:
            open("/tmp/products.log", "w")
        except OSError:
            pass
    """,
    "a path of another machine": """
        try:
            open("/Users/anna/homework/prices.csv")
        except OSError:
            pass
        try:
            os.makedirs("/Users/anna/homework")
        except OSError:
            pass
    """,
    "system files through the library": """
        import datetime, gettext, linecache, locale, mimetypes, platform, getpass, uuid, zoneinfo
        zoneinfo.ZoneInfo("Europe/Berlin"), zoneinfo.available_timezones()
        datetime.datetime.now().astimezone()
        locale.setlocale(locale.LC_ALL, ""), mimetypes.guess_type("x.html"), platform.platform(), platform.node()
        os.environ.get("HOME"), uuid.uuid4(), inspect.getsource(pathlib.Path), inspect.signature(print)
        try:
            getpass.getuser()
        except (KeyError, OSError):
            pass
        import importlib.metadata
        try:
            importlib.metadata.version("sqlalchemy")
        except importlib.metadata.PackageNotFoundError:
            pass
    """,
    "logging and tracebacks": """
        import logging, traceback, warnings
        logging.basicConfig(level=logging.DEBUG, format="%(funcName)s %(lineno)d %(message)s")
        try:
            with Session(engine) as session:
                session.execute(sqlalchemy.text("no SQL"))
        except Exception:
            traceback.print_exc()
            logging.exception("no")
            traceback.print_stack()
            sys.exc_info()[2].tb_frame.f_code.co_name
        warnings.warn("late", stacklevel=2)
    """,
    "ways of making classes": """
        import collections, dataclasses, enum, typing, contextlib, functools
        Pair = collections.namedtuple("Pair", "a b")
        Two = typing.NamedTuple("Two", [("a", int)])
        Many = enum.Enum("Many", "A B")
        T = typing.TypeVar("T")
        @dataclasses.dataclass
        class Row:
            a: int = 0
        Row.__repr__ = lambda self: "row"
        class Loud(Session):
            def close(self):
                print("closing")
                super().close()
        with Loud(engine) as session:
            session.execute(sqlalchemy.select(1))
        @contextlib.contextmanager
        def scope():
            yield Pair(1, 2), Two(1), Many.A, Row()
        with scope():
            pass
    """,
    "listeners and inspection": """
        from sqlalchemy import event, inspect as look
        from sqlalchemy.engine import Engine
        from sqlalchemy.pool import Pool
        event.listen(Session, "before_commit", lambda session: print("committing"))
        event.listen(Session, "after_commit", print)
        event.listen(Engine, "connect", lambda dbapi, record: dbapi.execute("PRAGMA foreign_keys=ON"))
        event.listen(Pool, "checkout", print)
        look(engine).get_table_names(), look(Product).columns
        heard = lambda session: None
        event.listen(Session, "after_begin", print)
        event.remove(Session, "after_begin", print)
    """,
    "sqlite3 itself": """
        import sqlite3
        with contextlib.closing(sqlite3.connect("shop.db")) as connection:
            connection.row_factory = sqlite3.Row
            connection.create_function("twice", 1, lambda x: 2 * x)
            connection.execute("SELECT twice(id) FROM products").fetchall()
            connection.execute("ATTACH 'other.db' AS other")
        sqlite3.connect(":memory:").close()
    """,
    "threads and loops": """
        import asyncio, concurrent.futures, queue, time
        workers = [threading.Thread(target=time.sleep, args=(0,)) for _ in range(5)]
        [worker.start() for worker in workers], [worker.join() for worker in workers]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(abs, range(4)))
        async def later():
            return await asyncio.to_thread(abs, 1)
        asyncio.run(later())
    """,
    "other programs": """
        for command in ("clear", "", "cls", "pause", "rm -f products.db"):
            os.system(command)
        for command in ([sys.executable, "transaction_script.py"], [sys.executable, __file__], ["clear"]):
            try:
                subprocess.run(command)
            except OSError:
                pass
    """,
    "the end of a program": """
        import atexit, signal
        atexit.register(print, "over")
        if "pytest" in sys.modules:
            raise RuntimeError
        os.getpid(), os.getcwd(), sys.path.insert(0, os.getcwd()), gc.collect(), sys.setrecursionlimit(2000)
        assert engine is not None
    """,
    "replacing what prints": """
        import json
        builtins.print = functools.partial(print, flush=True)
        json.dumps = functools.partial(json.dumps, default=str)
        sys.stdout.write("x")
        sys.excepthook = lambda *_: None
    """,
    "all modules": """
        [name for name in sys.modules if name.startswith("c")]
        [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        inspect.getmodule(Session), inspect.getmembers(Product)
    """,
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_work_leaves_no_sign(name: str, boxed: Bench) -> None:
    """What programs do for ends of their own is no sign, whatever Python's library does for them."""
    assert _signs(boxed, HONEST[name] + "\n        return []") == []


@pytest.mark.parametrize("file", ["child.py", "child/__init__.py"])
def test_a_module_of_the_students_may_be_called_like_ours(file: str, boxed: Bench) -> None:
    """A student's own module called like the grader's package is the one that the script imports."""
    source = "from child import answer\ndef add_products(engine, products):\n    return answer()\n"
    done = boxed.script(source, files={file: "def answer():\n    return [4]\n"})
    assert (done.value, done.answer.signs) == ([4], ())


def test_a_missing_module_may_be_called_like_ours(boxed: Bench) -> None:
    """A file that is not handed in, and called like the grader's own package, is missing and nothing else."""
    code = "try:\n    from child import Child\nexcept ImportError:\n    return []"
    assert _signs(boxed, code) == []


# --- the judge: signs -------------------------------------------------------------------------------------------------


def _keys(*runs: Run, **more: Any) -> list[str]:  # noqa: ANN401  # the fields of Evidence
    return [flag.key for flag in flags(evidence(*runs, **more))]


def _signed(*signs: Sign, name: str = "model") -> Run:
    return run(name, signs=signs)


READS = Sign("files", "opens /etc/passwd", at(7))


def test_a_flag_names_file_and_line() -> None:
    """The message of a flag begins with the line that is to be looked at."""
    assert flags(evidence(_signed(READS))) == (
        Flag("flag.files_outside", "transaction_script.py, line 7: opens /etc/passwd"),
    )


def test_the_same_line_counts_once() -> None:
    """What a line does in each run is one thing to look at."""
    both = flags(evidence(_signed(READS), _signed(READS, name="model.again")))
    assert [flag.message for flag in both] == ["transaction_script.py, line 7: opens /etc/passwd"]


def test_more_of_a_kind_is_counted() -> None:
    """Of several things of a kind the first is named, and how many there are besides."""
    (flag,) = flags(evidence(_signed(READS, Sign("files", "lists /", at(9)), Sign("files", "lists /etc", at(11)))))
    assert flag.message == "transaction_script.py, line 7: opens /etc/passwd (and 2 more)"


def test_a_message_is_short() -> None:
    """However much a sign says, its message is cut."""
    (flag,) = flags(evidence(_signed(Sign("network", "x" * 5000, Where("y" * 5000, 1)))))
    assert len(flag.message) < 300


LOGS = "import sys\n\ndef here():\n    return sys._getframe(1).f_code.co_name\n"


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        (LOGS, []),
        ("import inspect\nprint(inspect.stack()[0][3])\n", []),
        ("frame = inspect.currentframe()\nprint(frame.f_lineno)\n", []),
        ("sys._getframe(1)\n", ["flag.introspection"]),
        (LOGS + "sys._getframe(2).f_locals\n", ["flag.introspection"]),
        (None, ["flag.introspection"]),
    ],
)
def test_frames_may_be_asked_for_names_and_lines(text: str | None, raised: list[str]) -> None:
    """Who logs the name of a function looks at frames for that, and is not flagged."""
    frames = _signed(Sign("introspection", "looks at the frames that called it", at(3)))
    assert _keys(frames, files=(Source("transaction_script.py", text),)) == raised


# --- the judge: facts -------------------------------------------------------------------------------------------------

FATES = {
    "it ended its own process (exit status 0) instead of returning": ["flag.process_ended"],
    "it cut its connection to the grader instead of returning": ["flag.process_ended"],
    "it crashed the interpreter (signal 11)": ["flag.process_ended"],
    "it answered with more, or with something else, than a function can return": ["flag.tampering"],
    "it ran longer than 5 seconds and was stopped": [],
    "it used more than 3 seconds of processor time, or killed itself": [],
}


@pytest.mark.parametrize("text", FATES)
def test_how_a_process_ended_tells(text: str) -> None:
    """A process that breaks off is flagged; one that only takes too long is not."""
    assert _keys(run("add", outcome=Outcome("unfinished", text=text))) == FATES[text]


def test_a_program_that_breaks_off_tells() -> None:
    """A program that ends its process within a call never tells of the end of that call."""
    broken_off = run("first_run", *call("add_products", ends=None), outcome=Outcome("exited", status=0))
    whole = run("first_run", *call("add_products"), outcome=Outcome("exited", status=0))
    assert (_keys(broken_off), _keys(whole)) == (["flag.process_ended"], [])


@pytest.mark.parametrize(
    ("kind", "message", "raised"),
    [
        ("MemoryError", "", ["flag.limits"]),
        ("OSError", "[Errno 28] No space left on device", ["flag.limits"]),
        ("OSError", "[Errno 24] Too many open files: 'x'", ["flag.limits"]),
        ("RuntimeError", "can't start new thread", ["flag.limits"]),
        ("OSError", "[Errno 2] No such file or directory: 'x'", []),
        ("RecursionError", "maximum recursion depth exceeded", []),
    ],
)
def test_a_limit_that_is_run_into_tells(kind: str, message: str, raised: list[str]) -> None:
    """Who uses up files, threads or memory is flagged; an endless recursion is an ordinary mistake."""
    outcome = Outcome("raised", failure=Failure(kind, message, at(4)))
    assert _keys(run("add", claim("call", text="import"), outcome=outcome)) == raised


@pytest.mark.parametrize(
    ("sql", "code", "raised"),
    [
        ("ATTACH '/etc/passwd' AS x", "SQLITE_AUTH", ["flag.files_outside"]),
        ("VACUUM main INTO '/tmp/x'", "SQLITE_AUTH", ["flag.files_outside"]),
        ("PRAGMA mmap_size = 1000000", "SQLITE_AUTH", []),
        ("INSERT INTO products DEFAULT VALUES", "SQLITE_CONSTRAINT", []),
        ("SELECT randomblob(1e9)", "SQLITE_NOMEM", ["flag.limits"]),
    ],
)
def test_what_the_database_refuses_tells(sql: str, code: str, raised: list[str]) -> None:
    """Statements that reach for other files or for all memory are flagged; a setting that is refused is not."""
    refused = sent(sql, where=at(5), error=SqlError("DatabaseError", "no", code))
    assert _keys(run("add", claim("call", text="import"), refused)) == raised


# --- the judge: contradictions ----------------------------------------------------------------------------------------

SELECT = sent("SELECT price FROM products")
HELD = (claim("state", session=1, object=1, text="persistent"), fact("connect"))
REFRESH = claim("refresh", session=1, object=1)
CHANGE = (claim("elsewhere", text="2.00"), fact("connect", 2, role="elsewhere"))
DONE = claim("elsewhere_done")

TRUE: dict[str, tuple[Step, ...]] = {
    "a refresh that reads": (*HELD, REFRESH, SELECT),
    "a refresh of an object that is not in the session": (
        *HELD,
        claim("state", session=1, object=1, text="detached"),
        REFRESH,
    ),
    "a refresh of nothing known": (REFRESH, fact("commit")),
    "a refresh after something failed": (*HELD, sent(error=SqlError("IntegrityError", "no")), REFRESH),
    "a change by the other program": (claim("call", text="show_reloading"), *CHANGE, DONE, claim("returned")),
    "a change that fails": (claim("elsewhere", text="fails"),),
    "a session on its connection": (fact("connect"), claim("uses", session=1, connection=1)),
    "a call in a call": (*call("add_products", *call("preview_ids")),),
    "sqlite3 itself": (claim("call", text="import"), fact("connect"), sent()),
}
FALSE: dict[str, tuple[Step, ...]] = {
    "a refresh that reads nothing": (*HELD, REFRESH, claim("close", session=1), SELECT),
    "two refreshes and one read": (*HELD, REFRESH, REFRESH, SELECT),
    "a change that did not reach the database": (claim("elsewhere", text="2.00"), DONE),
    "the other program's role at another time": (*CHANGE, DONE, fact("connect", 3, role="elsewhere")),
    "the other program's role before it is there": (claim("call", text="import"), *CHANGE[1:]),
    "a connection that never was": (fact("connect"), claim("uses", session=1, connection=7)),
    "an answer before the end": (*call("add_products", ends=None),),
    "an answer without any claim": (fact("connect"),),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_honest_programs_show_contradicts_nothing(name: str) -> None:
    """Claims and facts agree where the program only did its work, or failed at it."""
    assert list(contradictions(run("reload", *TRUE[name]))) == []


@pytest.mark.parametrize("name", FALSE)
def test_a_claim_that_no_fact_bears_out_is_a_contradiction(name: str) -> None:
    """A claim that the database would have to know of, and does not, contradicts it, once."""
    assert len(list(contradictions(run("reload", *FALSE[name])))) == 1


@pytest.mark.parametrize(("kind", "ending"), [("first_run", "raised"), ("preview", "exited")])
def test_a_call_ends_as_such_calls_do(kind: str, ending: Any) -> None:  # noqa: ANN401  # a literal
    """A program exits and a function does not: an answer that says otherwise was not the driver's."""
    assert _keys(run(kind, claim("call", text="import"), outcome=Outcome(ending))) == ["flag.contradiction"]


@pytest.mark.parametrize("name", FALSE)
def test_a_record_that_was_cut_is_not_held_against_itself(name: str) -> None:
    """Where steps are missing, one of them may be the fact that a claim wants."""
    assert list(contradictions(run("reload", *FALSE[name], steps_dropped=1))) == []


# --- whole submissions ------------------------------------------------------------------------------------------------

FORGED = """
    from child import dbapi_link
    from child.wire import Flush, Note, Request
    link = dbapi_link.current()
    link._own.send(Request(Flush([]), [Note("elsewhere", text="1"), Note("elsewhere_done")], None, []))
    link._own.receive()
    return {}
"""
RAISED = {
    "flag.contradiction": {"show_reloading": FORGED},
    "flag.files_outside": {"preview_ids": "open('/etc/passwd')"},
    "flag.introspection": {"preview_ids": "import gc\ngc.get_objects()\nreturn []"},
    "flag.limits": {"preview_ids": "kept = []\nwhile True: kept.append(bytes(100_000_000))"},
    "flag.native_code": {"preview_ids": "import ctypes\nreturn [ctypes.CDLL(None).getpid()]"},
    "flag.network": {"preview_ids": "import socket\nsocket.create_connection(('10.0.0.1', 80))"},
    "flag.process_ended": {"preview_ids": "import os\nos._exit(0)"},
    "flag.processes": {"preview_ids": "import os\nos.fork()"},
    "flag.record_cut": {
        "preview_ids": "with Session(engine) as session:\n    for _ in range(3000):\n        session.expire_all()\n"
        "        session.commit()\nreturn []"
    },
    "flag.tampering": {"preview_ids": "from child import recorder\nrecorder.Recorder._session = print\nreturn []"},
    "flag.tracing": {"preview_ids": "import sys\nsys.settrace(lambda *_: None)\nreturn []"},
}


OF_A_RUN = {"flag.contradiction", "flag.process_ended", "flag.record_cut"}


def test_every_flag_there_is_has_a_submission_that_raises_it() -> None:
    """The table of flags and that of submissions name the same."""
    assert set(RAISED) == set(FLAGS)


@pytest.fixture(scope="module", params=RAISED)
def flagged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, walled_observer: Observer
) -> tuple[str, Path, GradeReport]:
    """Return the keys of the flags one after the other, each with a submission that raises it and its grade."""
    folder = build_submission(tmp_path_factory.mktemp("flagged") / "alice", {}, RAISED[request.param])
    return request.param, folder, judged(walled_observer.observe(take_in(folder))).report


def test_a_submission_raises_its_flag(flagged: tuple[str, Path, GradeReport]) -> None:
    """Graded as a whole, a submission raises the flag that is for what it does, and has a grade."""
    key, _, report = flagged
    assert (key in {flag.key for flag in report.flags}, report.status) == (True, "graded")


def test_a_flag_leads_to_the_line(flagged: tuple[str, Path, GradeReport]) -> None:
    """The line that a flag names is one of the function that did it; what only shows in the whole names its run."""
    key, folder, report = flagged
    message = next(flag.message for flag in report.flags if flag.key == key)
    found = re.match(r"transaction_script\.py, line (\d+): ", message)
    lines = (folder / "transaction_script.py").read_text().splitlines()
    named = lines[int(found[1]) - 1].strip() if found else message.partition(":")[0]
    assert named in ("first_run preview" if key in OF_A_RUN else RAISED[key]["preview_ids"])


ACCEPTED = Path(__file__).parent / "submissions" / "accepted"
STYLES = (
    "argparse_program", "foreign_keys_pragma", "looks_for_the_file", "long_and_tidy", "mapped_as_dataclass", "noisy",
    "scoped_session_removed", "session_events", "text_sql", "worker_thread",
)  # fmt: skip


@pytest.mark.parametrize("name", STYLES)
def test_an_honest_submission_raises_no_flag(name: str, walled_observer: Observer) -> None:
    """Whatever its style, an honest submission leaves an instructor nothing to look at."""
    assert judged(walled_observer.observe(take_in(ACCEPTED / name))).report.flags == ()
