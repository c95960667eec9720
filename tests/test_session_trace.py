"""python -m session_trace: what it shows of right and of wrong programs, and that it changes nothing about them."""

from __future__ import annotations

import ast
import os
import pty
import re
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing, suppress
from pathlib import Path

import pytest
from traced import FAILING_COMMIT, NARROW, SOURCE, Folder

from grader.content import STARTER, find_content
from grader.shipped import RECORDER, with_recorder

SCRIPT = "transaction_script.py"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a repository of a student's, in a folder with a blank and an umlaut in its name."""
    path = tmp_path / "Übung 10"
    path.mkdir()
    return Folder(path)


def stored(database: Path) -> list[tuple[object, ...]]:
    """Return the rows of products."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT * FROM products ORDER BY id").fetchall()


# --- the file ---------------------------------------------------------------------------------------------------------


def test_file_needs_only_sqlalchemy_and_python() -> None:
    """Whoever has the starter's SQLAlchemy needs nothing else for it."""
    tree = ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8")))
    names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    tree = ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8")))
    names |= {str(node.module) for node in tree if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"sqlalchemy"}


def test_recorder_in_it_is_the_graders() -> None:
    """All that the grader's recorder holds below its imports stands in the file, byte for byte."""
    recorder = RECORDER.read_text(encoding="utf-8")
    assert recorder[recorder.index("# --- the recorder") :].strip() in SOURCE.read_text(encoding="utf-8")


def test_recorder_that_drifted_is_put_back() -> None:
    """Whatever was changed in the copy of the recorder is as it was once it is written anew."""
    trace = SOURCE.read_text(encoding="utf-8")
    drifted = trace.replace('self._listen(Session, "after_begin", self._began)\n', "pass\n")
    assert drifted != trace
    assert with_recorder(drifted) == trace


def test_file_without_a_place_for_the_recorder_is_refused() -> None:
    """A file that lost the line where the recorder begins is an error, and never taken for fresh."""
    with pytest.raises(ValueError, match="not enough values"):
        with_recorder(SOURCE.read_text(encoding="utf-8").replace("# --- the recorder", "# the recorder"))


def test_file_is_text_that_can_be_read() -> None:
    """Beside the recorder it has no more lines than a student can read through, and plain characters."""
    text = SOURCE.read_text(encoding="utf-8")
    own = len(text.splitlines()) - len(RECORDER.read_text(encoding="utf-8").splitlines())
    assert own < 430
    assert set(filter(lambda letter: not letter.isascii(), text)) == {"│"}


# --- right programs ---------------------------------------------------------------------------------------------------


def test_solution_is_told_step_by_step(folder: Folder) -> None:
    """The first add_products of the solution, row by row: the line, the session, the database, and what others see."""
    shown = folder.solution().trace("--only", "add_products", SCRIPT)
    pair = "(1, 'Notebook', 3.5), (2, 'Fountain pen', 19.99)"
    begin = "26 with Session(engine) as session, session.begin():"
    assert [tuple(re.sub(r"object \d, object \d", "both", cell) for cell in row) for row in shown.rows[:11]] == [
        ("your code", "session", "database", "others see"),
        (begin, "session 2: begin", "", ""),
        ("28 session.add_all(rows)", "session 2: now pending: both", "", ""),
        ("30 session.flush()", "session 2: flush", "BEGIN", "products: 0 rows"),
        ("", "", "INSERT INTO products ('Notebook', 3.5), ('Fountain pen', 19.99)", ""),
        ("", "session 2: now persistent: both", "", ""),
        ("31 return [row.id for row in rows]", "reads .id of both", "", ""),
        (begin, "session 2: commit", "COMMIT", f"products: 2 rows; new: {pair}"),
        ("", "session 2: close", "", ""),
        ("", "session 2: now detached: both", "", ""),
        (begin, "session 4: begin", "", ""),
    ]


def test_refused_insert_is_told_with_its_rollback(folder: Folder) -> None:
    """The failed pair of the solution shows the refusal, the ROLLBACK, and that others see what they saw before."""
    shown = folder.solution().trace("--only", "add_products", SCRIPT)
    assert shown.lane("database")[-4:] == [
        "BEGIN",
        "INSERT INTO products ('Eraser', 0.8), (1, 'Ruler', 1.2)",
        "refused: UNIQUE constraint failed: products.id",
        "ROLLBACK",
    ]
    assert shown.lane("others see")[-1] == "products: 2 rows"


def test_reloading_is_told(folder: Folder) -> None:
    """show_reloading shows expire_all, the SELECT that the next read needs, refresh, and the changes made elsewhere."""
    shown = folder.solution().trace("--only", "show_reloading", SCRIPT)
    mine = [text for text in shown.lane("session") if "session 6" in text or "object 5" in text]
    assert mine == [
        "session 6: begin",
        "session 6: now persistent: object 5",
        *(["reads .price of object 5"] * 2),
        "session 6: expire_all",
        "reads .price of object 5",
        "session 6: refresh object 5",
        "reads .price of object 5",
        "session 6: close",
        "session 6: now detached: object 5",
    ]
    assert shown.lane("others see") == [f"products: 2 rows; changed: (1, 'Notebook', {price})" for price in (4.5, 5.5)]


def test_prints_come_in_order(folder: Folder) -> None:
    """What the program prints stands between the rows of what it did before and after, and nothing of it is lost."""
    shown = folder.solution().trace(SCRIPT)
    printed = [line for line in shown.out.splitlines() if "│" not in line]
    (folder.path / "products.db").unlink()
    plain = folder.python(SCRIPT).out.splitlines()
    assert [line for line in printed if line not in {SCRIPT, "models.py"}] == plain
    before, after = shown.out.split("Products at the start: 0\n")
    assert ("session 1: close" in before, "session 2: begin" in after) == (True, True)


def test_arguments_reach_the_program(folder: Folder) -> None:
    """What follows the script is the script's own, options included."""
    folder.add(told="import sys\nprint(sys.argv, __name__, __file__)")
    shown = folder.trace("--details", "told.py", "sqlite:///other.db", "--only", "x")
    expected = f"['told.py', 'sqlite:///other.db', '--only', 'x'] __main__ {folder.path / 'told.py'}"
    assert shown.out.splitlines()[0] == expected


def test_script_in_another_folder_finds_its_modules(folder: Folder) -> None:
    """A script is run as Python would run it: its own folder is where its modules are looked for."""
    inner = folder.path / "inner"
    inner.mkdir()
    (inner / "program.py").write_text("import beside", encoding="utf-8")
    (inner / "beside.py").write_text("print('found')", encoding="utf-8")
    assert folder.trace("inner/program.py").out.startswith("found\n")


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "raise SystemExit('no more')", "1 / 0", "def broken(:"])
def test_exit_status_and_traceback_are_the_programs(folder: Folder, code: str) -> None:
    """However a program ends, its status and what it says of the error are the same with and without the trace."""
    folder.add(program=f"def work():\n    {code}\n\nwork()\n")
    traced, plain = folder.trace("program.py"), folder.python("program.py")
    assert (traced.status, traced.err) == (plain.status, plain.err)
    assert traced.status != 0


def test_error_inside_sqlalchemy_shows_no_frame_of_the_trace(folder: Folder) -> None:
    """The traceback of an error that passed the recorder is the one that Python shows without it."""
    code = """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session
        from models import Product

        with Session(create_engine("sqlite:///shop.db")) as session:
            session.refresh(Product())
    """
    folder.solution().add(program=textwrap.dedent(code))
    errors = [re.sub("0x[0-9a-f]+", "0x", run("program.py").err) for run in (folder.trace, folder.python)]
    assert errors[0] == errors[1]
    assert "InvalidRequestError" in errors[0]


def test_exit_handlers_are_seen(folder: Folder) -> None:
    """What a program does as it ends is shown as well."""
    code = """
        import atexit
        from sqlalchemy import create_engine, text

        engine = create_engine("sqlite:///shop.db")

        @atexit.register
        def last():
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE late (id INTEGER)"))
            engine.dispose()
    """
    shown = folder.add(program=textwrap.dedent(code)).trace("program.py")
    assert (shown.lane("database"), shown.lane("others see")) == (["CREATE TABLE late"], ["late: 0 rows"])


# --- wrong programs ---------------------------------------------------------------------------------------------------


def test_commit_per_row_is_seen(folder: Folder) -> None:
    """With a commit for each row others see the first one before the second one is sent."""
    shown = folder.rejected("commit_per_row").trace("--only", "add_products", SCRIPT)
    assert shown.lane("others see")[:4] == [
        "products: 0 rows",
        "products: 1 row; new: (1, 'Coffee beans', 8.49)",
        "products: 1 row",
        "products: 2 rows; new: (2, 'Frying pan', 26.1)",
    ]


def test_swallowed_error_is_seen(folder: Folder) -> None:
    """Where an error is swallowed, the database is seen to refuse, and the program goes on."""
    shown = folder.rejected("swallows_and_prints").trace("--only", "add_products", SCRIPT)
    assert "refused: UNIQUE constraint failed: products.id" in shown.lane("database")
    assert (shown.status, shown.err) == (0, "")


def test_session_that_is_never_closed_is_told(folder: Folder) -> None:
    """At the end each session that nobody closed is named with the line that opened it, and with the next step."""
    shown = folder.rejected("never_closed").trace(SCRIPT)
    told = [line for line in shown.out.splitlines() if line.startswith("! session")]
    assert told[0] == (
        "! session 1 was never closed: opened at transaction_script.py:7. "
        "Let `with Session(engine) as session:` close it on every path."
    )


def test_transaction_that_stays_open_is_told(folder: Folder) -> None:
    """When the COMMIT fails and nobody rolls back, others find the database locked, and the next commit stores it."""
    shown = folder.rejected("commit_without_begin").add(failing=FAILING_COMMIT).trace("failing.py")
    at_commit = next(row for row in shown.rows if "COMMIT" in row)
    assert at_commit[2:] == ("COMMIT", "cannot look: database is locked")
    assert "connection given back, its transaction still open" in shown.lane("database")
    assert shown.lane("others see")[-1] == "products: 2 rows; new: (1, 'Pen', 1), (2, 'Ink', 2)"
    (told,) = (line for line in shown.out.splitlines() if line.startswith("!"))
    assert told.startswith("! a transaction was left open at transaction_script.py:13: others find the database locked")


def test_failing_commit_of_the_solution_leaves_nothing_open(folder: Folder) -> None:
    """When the COMMIT of the solution fails, the ROLLBACK follows, and there is nothing to complain of."""
    shown = folder.solution().add(failing=FAILING_COMMIT).trace("failing.py")
    refused = shown.lane("database").index("refused: database is locked")
    assert shown.lane("database")[refused - 1 : refused + 2] == ["COMMIT", "refused: database is locked", "ROLLBACK"]
    assert "\n!" not in shown.out


def test_task_that_is_not_begun_is_one_line(folder: Folder) -> None:
    """The untouched starter says which task is to do, without a traceback."""
    starter = find_content().root / STARTER
    shown = folder.add(starter / "models.py", starter / SCRIPT).trace(SCRIPT)
    assert shown.err == "to do: TODO 5: write main in transaction_script.py\n"
    assert (shown.status, shown.out) == (1, "! nothing to show: no session was used.\n")


def test_missing_script_names_the_folder(folder: Folder) -> None:
    """A script that is not there is told with the folder that was looked in, and what to do."""
    shown = folder.trace("nowhere.py")
    assert shown.status == 2
    repair = "Change (cd) to the folder in which it lies."
    assert shown.err.endswith(f"there is no nowhere.py in {folder.path}. {repair}\n")


def test_function_that_does_nothing_is_told(folder: Folder) -> None:
    """--only with a function that uses no session says so."""
    shown = folder.solution().trace("--only", "preview_ids", SCRIPT)
    assert shown.out.splitlines()[-1] == "! nothing to show: no session was used in preview_ids()."


# --- the look of it ---------------------------------------------------------------------------------------------------


def test_narrow_terminal_has_the_lanes_below_each_other(folder: Folder) -> None:
    """Where four columns do not fit, each row names its lanes, and no line is wider than the terminal."""
    shown = folder.solution().trace(SCRIPT, columns=NARROW)
    assert "30 session.flush()\n    session     session 2: flush\n    database    BEGIN\n" in shown.out
    assert max(map(len, shown.out.splitlines())) <= int(NARROW) + len("The pair with the taken id 1")


def test_usual_width_has_lanes_beside_each_other(folder: Folder) -> None:
    """At a hundred columns the table is there, and fits."""
    shown = folder.solution().trace(SCRIPT, columns="100")
    assert shown.rows
    assert max(len(line) for line in shown.out.splitlines() if "│" in line) <= 100


def test_terminal_without_the_signs_is_served(folder: Folder) -> None:
    """An encoding that lacks lines and letters gets plain bars, and escapes."""
    code = "from sqlalchemy import *\nengine = create_engine('sqlite:///shop.db')\n"
    code += "with engine.begin() as connection:\n    connection.execute(text('CREATE TABLE \u65e5 (a TEXT)'))\n"
    shown = folder.add(program=code).trace("program.py", PYTHONIOENCODING="ascii")
    assert shown.status == 0
    assert "│" not in shown.out
    assert "CREATE TABLE \\u65e5" in shown.out


def test_escape_sequences_of_a_value_are_shown_not_sent(folder: Folder) -> None:
    """A product whose name would move the cursor of a terminal is shown with its characters written out."""
    code = FAILING_COMMIT.replace('"Ink"', '"\\x1b[2J\\u202eInk"')
    shown = folder.solution().add(program=code).trace("program.py")
    assert ("\x1b" in shown.out, "\u202e" in shown.out) == (False, False)
    assert "\\x1b[2J\\u202eInk" in shown.out


def on_a_terminal(folder: Folder, *arguments: str, **environment: str) -> str:
    """Return what a trace writes where its output is a terminal."""
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "session_trace", *arguments, SCRIPT]
    with os.fdopen(ours, "rb", buffering=0) as read_from:
        with os.fdopen(theirs, "wb") as terminal:
            process = subprocess.Popen(command, cwd=folder.path, stdout=terminal, env=variables | environment)
        written = b""
        with suppress(OSError):  # how Linux says that the terminal was closed
            while part := read_from.read(65536):
                written += part
        assert process.wait(60) == 0
    return written.decode()


def test_reader_that_leaves_stops_no_program(folder: Folder) -> None:
    """Where nobody reads the rows any more, as after ``| head``, the program does its work to the end."""
    code = """
        from sqlalchemy import create_engine
        from models import Base
        from transaction_script import add_products

        engine = create_engine("sqlite:///shop.db")
        Base.metadata.create_all(engine)
        add_products(engine, [{"name": "Pen", "price": 1}])
        engine.dispose()
    """
    folder.solution().add(program=textwrap.dedent(code))
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-u", "-m", "session_trace", "program.py"]
    with os.fdopen(theirs, "wb") as nobody:
        assert subprocess.run(command, cwd=folder.path, stdout=nobody, check=False, timeout=60).returncode == 0
    assert stored(folder.path / "shop.db") == [(1, "Pen", 1)]


def test_colours_are_for_terminals(folder: Folder) -> None:
    """A terminal gets colours, unless they are not wanted; whatever is no terminal gets none."""
    folder.solution()
    assert "\x1b[" in on_a_terminal(folder)
    assert "\x1b[" not in on_a_terminal(folder, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(folder, "--no-color")
    assert "\x1b[" not in folder.trace(SCRIPT).out


def test_details_show_what_happens_by_itself(folder: Folder) -> None:
    """--details adds sessions made, connections lent and given back, and PRAGMA statements."""
    folder.solution()
    details, usual = (folder.trace(*more, SCRIPT).out for more in (["--details"], []))
    for word in ("created", "uses", "checkout", "checkin", "PRAGMA"):
        assert word in details
        assert word not in usual


def test_help_explains_the_words(folder: Folder) -> None:
    """--help shows how to call it, and says what each word of the table means."""
    told = folder.trace("--help").out
    explained = set(re.findall(r"(?<=  )\w+(?: see)?(?=  +\w)", told))
    assert {"session", "database", "others see"} <= explained
    assert {"begin", "flush", "commit", "rollback", "expire", "refresh", "close"} <= explained
    assert {"transient", "pending", "persistent", "detached"} <= explained
    assert "python -m session_trace --only add_products transaction_script.py" in told


# --- nothing changes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [SCRIPT, "failing.py"])
@pytest.mark.parametrize("submission", ["commit_without_begin", "never_closed"])
def test_traced_program_stores_what_it_stores_untraced(folder: Folder, submission: str, program: str) -> None:
    """Rows, files, prints and status are the same with and without the trace, also where the COMMIT fails."""
    folder.rejected(submission).add(failing=FAILING_COMMIT)
    ends = []
    for run in (folder.trace, folder.python):
        ended = run(program)
        (database,) = folder.path.glob("*.db")
        printed = [line for line in ended.out.splitlines() if "│" not in line and line[:1] != "!" and ".py" not in line]
        ends.append((ended.status, ended.err, printed, stored(database), folder.names()))
        database.unlink()
    assert ends[0] == ends[1]


def test_write_ahead_log_leaves_nothing_behind(folder: Folder) -> None:
    """A database that keeps a write-ahead log is seen as well, and its extra files are gone as without the trace."""
    wal = "with engine.connect() as c: c.exec_driver_sql('PRAGMA journal_mode=WAL')\n"
    last = "with engine.begin() as c: c.exec_driver_sql('DELETE FROM products')\n"
    code = FAILING_COMMIT.replace("reader = ", wal + "reader = ").replace("engine.dispose", last + "engine.dispose")
    shown = folder.solution().add(program=code).trace("program.py")
    assert shown.lane("others see")[-1] == "products: 0 rows; gone: (1, 'Pen', 1), (2, 'Ink', 2)"
    assert [name for name in folder.names() if "shop" in name] == ["shop.db"]
