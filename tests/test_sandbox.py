"""The walls: what a student's process can see, reach, use and leave behind, and how it ends."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, start_bench
from grader import limits
from grader.observe.sandbox.levels import LEVELS, IsolationMissing, choose
from grader.observe.sandbox.runtime import interpreter
from grader.observe.sandbox.students import SandboxFailed, StudentSandbox

REPOSITORY = Path(__file__).resolve().parents[1]


def told(bench: Bench, code: str) -> Any:  # noqa: ANN401  # whatever the code returns
    """Return what a function with this body returns in a process of its own."""
    return bench.script(f"def add_products(engine, products):\n{textwrap.indent(textwrap.dedent(code), '    ')}").value


def still_right(bench: Bench) -> bool:
    """Tell whether the next call of good code, in another process, is made and recorded."""
    done = bench.call()
    rows = done.record.after.rows if done.record.after else ()
    return done.value == [5, 6] and len(rows) == 6 and "commit" in done.kinds


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_root_folder_holds_little(walled: Bench) -> None:
    """There is no /proc, no /sys, no /home and no /root in the sandbox, nor anything mounted but what Python needs."""
    seen = set(told(walled, "import os\nreturn os.listdir('/')"))
    needed = {"dev", "etc", "lib", "lib64", "packages", "tmp", "usr"}
    assert seen <= needed | {Path(sys.base_prefix).parts[1]}


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/proc",
            "/proc/self/environ",
            "/sys",
            "/etc/passwd",
            "/etc/hostname",
            "/etc/shadow",
            "/home",
            "/run",
            "/var",
        ),
        *("/bin/sh", "/usr/bin/env", "/dev/tty", "/dev/mem"),
        *(
            str(REPOSITORY / name)
            for name in ("pyproject.toml", "grader/judge", "assignment/solution", "tests", ".git")
        ),
        *(module.__file__ or "" for module in (pytest, sys.modules["grader"])),
        __file__,
        str(Path.home() / ".bashrc"),
    ],
)
def test_path_of_the_machine_is_not_there(walled: Bench, path: str) -> None:
    """Neither the machine's files nor the grader's, hidden checks included, are to be seen."""
    assert told(walled, f"import os\nreturn os.path.lexists({path!r})") is False


@pytest.mark.parametrize("name", ["pytest", "rich", "click", "grader", "pip", "_pytest", "jsonschema"])
def test_package_of_the_machine_cannot_be_imported(walled: Bench, name: str) -> None:
    """Of what is installed, only SQLAlchemy and what it needs can be imported."""
    assert told(walled, f"import importlib.util\nreturn importlib.util.find_spec({name!r}) is None")


def test_packages_are_sqlalchemy_and_what_it_needs(walled: Bench) -> None:
    """The folder of packages holds these, and the one package of the grader's that lives beside student code."""
    seen = set(told(walled, "import os\nreturn sorted(os.listdir('/packages'))"))
    assert seen <= {"child", "greenlet", "msgspec", "sqlalchemy", "typing_extensions.py"}
    assert {"child", "sqlalchemy"} <= seen


def test_environment_is_empty_but_for_four_names(walled: Bench) -> None:
    """No variable of the grader's environment is passed on."""
    seen = set(told(walled, "import os\nreturn sorted(os.environ)"))
    assert seen <= {"PATH", "LANG", "HOME", "TMPDIR", "MALLOC_ARENA_MAX", "PWD", "LC_CTYPE"}


def test_environment_is_not_passed_on_without_walls_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in the grader's environment is in no student's process, at level process too."""
    monkeypatch.setenv("GRADER_SECRET", "hidden")
    with start_bench("process") as bench:
        assert told(bench, "import os\nreturn os.environ.get('GRADER_SECRET')") is None


def test_devices_are_three(walled: Bench) -> None:
    """Only null, zero and urandom are there."""
    assert told(walled, "import os\nreturn sorted(os.listdir('/dev'))") == ["null", "urandom", "zero"]


def test_process_is_the_first_of_its_namespace(walled: Bench) -> None:
    """A student's process is alone: number 1, without a parent that could be named."""
    assert told(walled, "import os\nreturn [os.getpid(), os.getppid()]") == [1, 0]


def test_process_is_an_ordinary_users(walled: Bench) -> None:
    """Started as root, the process is nobody's login; else it is the user's own. It is in no group of root's."""
    user = limits.ORDINARY_USER if os.geteuid() == 0 else os.getuid()
    assert told(walled, "import os\nreturn [*os.getresuid(), *os.getgroups()][:3]") == [user] * 3
    if os.geteuid() == 0:
        assert told(walled, "import os\nreturn [*os.getresgid(), *os.getgroups()]") == [user] * 3


CAPABILITIES = """
import ctypes
libc = ctypes.CDLL(None)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
data = (ctypes.c_uint32 * 6)()
assert libc.capget(header, data) == 0
bounding = [libc.prctl(23, n, 0, 0, 0) for n in range(41)]
return [list(data), libc.prctl(39, 0, 0, 0, 0)]
"""


def test_process_has_no_capabilities(walled: Bench) -> None:
    """No capability is left, and none can be gained by running a program."""
    assert told(walled, CAPABILITIES) == [[0] * 6, 1]


@pytest.mark.parametrize("call", ["setuid(0)", "setgid(0)", "setgroups([0])", "chroot('/tmp')", "nice(-5)"])
def test_process_cannot_become_another(walled: Bench, call: str) -> None:
    """What needs root's rights is refused."""
    refused = f"import os\ntry:\n    os.{call}\nexcept OSError:\n    return 'refused'\nreturn os.getresuid()"
    answer = told(walled, refused)
    assert answer == "refused" or (os.geteuid() != 0 and call == "setuid(0)")


def test_process_gets_no_namespace_of_its_own(walled: Bench) -> None:
    """A user namespace, in which a process could mount and unshare at will, is refused, and so is any other."""
    code = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    code += "return [libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000)]"
    assert told(walled, code) == [-1] * 4


# --- the network ------------------------------------------------------------------------------------------------------


def connecting(family: str, address: object) -> str:
    """Return a body that tries to connect."""
    return f"""
    import socket
    try:
        socket.socket(socket.{family}).connect({address!r})
    except OSError as error:
        return type(error).__name__
    return "connected"
    """


def test_no_host_can_be_reached(walled: Bench) -> None:
    """There is no way to any other machine."""
    assert told(walled, connecting("AF_INET", ("192.0.2.1", 80))) == "OSError"


def test_server_on_this_machine_cannot_be_reached(walled: Bench) -> None:
    """A server that listens on this machine is on another network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert told(walled, connecting("AF_INET", server.getsockname())) in {"OSError", "ConnectionRefusedError"}


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_unix_socket_of_this_machine_cannot_be_reached(walled: Bench, tmp_path: Path, kind: str) -> None:
    """Neither a socket in the file system nor an abstract one is to be found."""
    address = str(tmp_path / "server") if kind == "path" else f"\0grader-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        assert told(walled, connecting("AF_UNIX", address)) in {"FileNotFoundError", "ConnectionRefusedError"}


# --- files ------------------------------------------------------------------------------------------------------------

WRITING = """
import os
refused = []
for folder in {folders!r}:
    try:
        with open(os.path.join(folder, "left.txt"), "w") as file:
            file.write("x")
    except OSError:
        refused.append(folder)
return refused
"""


def test_nothing_can_be_written_outside_of_the_scratch(walled: Bench) -> None:
    """The root, the packages, the library and the devices are read-only; the current folder and the scratch are not."""
    closed = ["/", "/packages", "/packages/child", "/packages/sqlalchemy", "/dev", "/etc", "/usr/lib", "/usr"]
    closed.append("/tmp")  # noqa: S108  # inside the sandbox
    closed.append(str(Path(os.__file__).resolve().parent))
    assert told(walled, WRITING.format(folders=[*closed, ".", ".."])) == closed


def test_library_cannot_be_changed(walled: Bench) -> None:
    """The grader's code beside the student's, and SQLAlchemy's, cannot be written, removed or made writable."""
    code = """
    import os, child, sqlalchemy
    refused = 0
    for path in (child.__file__, sqlalchemy.__file__):
        for attempt in (lambda: open(path, "a"), lambda: os.remove(path), lambda: os.chmod(path, 0o777)):
            try:
                attempt()
            except OSError:
                refused += 1
    return refused
    """
    assert told(walled, code) == 6


def test_scratch_is_private_to_a_process(walled: Bench) -> None:
    """What one process writes into its scratch no other one sees, at the same time or later."""
    leave = "import os\nopen('../left.txt', 'w').close()\nreturn sorted(os.listdir('..'))"
    look = "import os\nreturn sorted(os.listdir('..'))"
    with walled.process() as one, walled.process() as two:
        assert "left.txt" in one.body(leave).value
        assert "left.txt" not in two.body(look).value
    assert "left.txt" not in told(walled, look)


def test_folder_of_a_call_is_empty_but_for_its_sources(bench: Bench) -> None:
    """A second call in the same process finds in its folder only the files of the submission and its database."""
    leave = "import os\nos.mkdir('left')\nopen('left/a.txt', 'w').close()\nreturn sorted(os.listdir())"
    with bench.process() as place:
        assert "left" in place.body(leave).value
        found = place.body("import os\nreturn sorted(os.listdir())").value
    assert found == ["models.py", "shop.db", "transaction_script.py"]


def test_home_and_temporary_folder_are_the_scratch(walled: Bench) -> None:
    """A home and a folder for temporary files are there, and may be written to."""
    code = """
    import pathlib, tempfile
    (pathlib.Path.home() / "note.txt").write_text("x")
    with tempfile.NamedTemporaryFile() as file:
        return [str(pathlib.Path.home()), str(pathlib.Path(file.name).parent)]
    """
    assert told(walled, code) == ["/tmp/work"] * 2  # noqa: S108  # inside the sandbox


# --- the standard library ---------------------------------------------------------------------------------------------

IMPORTING = """
import importlib, sys
failed = []
for name in sorted(sys.stdlib_module_names - {"antigravity", "this", "idlelib", "turtledemo"}):
    try:
        importlib.import_module(name)
    except Exception:
        failed.append(name)
"""


def test_standard_library_can_be_imported(walled: Bench) -> None:
    """Whatever of the standard library this Python can import, it can import inside the walls."""
    program = [*interpreter(), "-W", "ignore", "-c", f"{IMPORTING}\nprint(*failed)"]
    here = subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()
    assert told(walled, f"{IMPORTING}\nreturn failed") == here


WORKING = {
    "time zones": "import zoneinfo\nreturn str(zoneinfo.ZoneInfo('Europe/Berlin'))",
    "random": "import secrets, uuid\nreturn len(secrets.token_bytes(8)) + len(str(uuid.uuid4()))",
    "unicode": "import unicodedata\nreturn unicodedata.name('ß')",
    "money": "import locale, statistics\nreturn str(statistics.mean([1, 2])) + locale.str(1.5)",
    "logging": "import logging\nlogging.basicConfig(filename='a.log')\nlogging.error('x')\nreturn open('a.log').read()",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\nreturn list(T(2).map(abs, [-1, -2]))",
    "asyncio": "import asyncio\nasync def f(): return 7\nreturn asyncio.run(f())",
    "time": "import time, datetime\ntime.sleep(0)\nreturn datetime.datetime.now(datetime.UTC).year > 2000",
    "standard input": "import sys\nreturn sys.stdin.read() if sys.stdin else ''",
    "text": "return open(__file__, encoding='utf-8').readline()",
    "native driver": "import sqlite3\nreturn sqlite3.sqlite_version",
}


@pytest.mark.parametrize("name", WORKING)
def test_ordinary_work_is_possible(walled: Bench, name: str) -> None:
    """What a student's script may well do does not fail for the walls."""
    assert walled.body(WORKING[name]).answer.kind == "returned"


# --- limits -----------------------------------------------------------------------------------------------------------


def test_memory_is_limited(bench: Bench) -> None:
    """More memory than the limit cannot be had, and the call goes on from there."""
    code = f"try:\n    bytearray({limits.ADDRESS_SPACE})\nexcept MemoryError:\n    return 'refused'"
    assert told(bench, code) == "refused"


def test_size_of_a_file_is_limited(bench: Bench) -> None:
    """No file grows beyond the limit."""
    code = f"""
    with open("large", "wb", buffering=0) as file:
        try:
            for _ in range({limits.FILE_BYTES // limits.MIB + 1}):
                file.write(bytes({limits.MIB}))
        except OSError as error:
            return [error.errno, file.tell()]
    """
    assert told(bench, code) == [27, limits.FILE_BYTES]


def test_size_of_the_scratch_is_limited(walled: Bench) -> None:
    """All files together do not grow beyond the limit."""
    code = f"""
    try:
        for number in range({limits.SCRATCH_BYTES // limits.MIB + 1}):
            open(str(number), "wb").write(bytes({limits.MIB}))
    except OSError as error:
        return [error.errno, number < {limits.SCRATCH_BYTES // limits.MIB}]
    """
    assert told(walled, code) == [28, True]


def test_number_of_files_is_limited(walled: Bench) -> None:
    """More files than the limit cannot be made."""
    code = f"""
    try:
        for number in range({limits.SCRATCH_FILES}):
            open(f"{{number}}.txt", "w").close()
    except OSError as error:
        return error.errno
    """
    assert told(walled, code) == 28


def test_open_files_are_limited(bench: Bench) -> None:
    """More descriptors than the limit cannot be had."""
    code = f"""
    try:
        files = [open("/dev/null") for _ in range({limits.OPEN_FILES})]
    except OSError as error:
        return error.errno
    """
    assert told(bench, code) == 24


def test_threads_are_limited(walled: Bench) -> None:
    """More threads than the limit cannot be started."""
    code = f"""
    import threading
    stop = threading.Event()
    try:
        for _ in range({limits.PROCESSES} + 1):
            threading.Thread(target=stop.wait).start()
    except RuntimeError as error:
        return str(error)
    finally:
        stop.set()
    """
    assert told(walled, code) == "can't start new thread"


@pytest.mark.slow
def test_processor_time_is_limited(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop ends at the limit of processor time, also where the clock would give it longer."""
    monkeypatch.setattr(limits, "CPU_SECONDS", 1)
    monkeypatch.setattr(limits, "WALL_SECONDS", 30.0)
    with start_bench(bench.students.level.name) as hurried:
        fate = hurried.body("while True:\n    pass").answers
    assert fate == "it used more than 1 seconds of processor time, or killed itself"


def test_printing_is_counted_and_cut(bench: Bench) -> None:
    """A flood of output is read to its end, counted, and kept only in part."""
    done = bench.body("for _ in range(50):\n    print('x' * (1 << 20 - 1))\nprint('end', flush=True)\nreturn 7")
    assert (done.value, len(done.printed)) == (7, limits.OUTPUT_BYTES)
    assert done.printed_bytes == 50 * ((1 << 19) + 1) + 4


def test_output_of_a_call_is_its_own(bench: Bench) -> None:
    """What an earlier call in the same process printed is not in the output of the next."""
    with bench.process() as place:
        assert place.body("print('first')").printed == "first\n"
        assert place.body("import sys\nprint('second', file=sys.stderr)").printed == "second\n"


# --- how a process ends -----------------------------------------------------------------------------------------------

CUT = "it cut its connection to the grader instead of returning"
LATE = "it ran longer than 0.3 seconds and was stopped"
FATES = {
    "loop": ("while True:\n    pass", LATE),
    "sleep": ("import time\ntime.sleep(3600)", LATE),
    "lock": ("import threading\nthreading.Lock().acquire() and threading.Event().wait()", LATE),
    "loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        LATE,
    ),
    "signals ignored": (
        "import signal\nfor n in (2, 14, 15):\n    signal.signal(n, signal.SIG_IGN)\nwhile True:\n    pass",
        LATE,
    ),
    "holds the interpreter": ("import ctypes\nctypes.PyDLL(None).sleep(3600)", LATE),
    "exit 0": ("import os\nos._exit(0)", "it ended its own process (exit status 0) instead of returning"),
    "exit 3": ("import os\nos._exit(3)", "it ended its own process (exit status 3) instead of returning"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "it crashed the interpreter (signal 11)"),
    "hangs up and sleeps": (
        "import os, time\nos.closerange(3, 64)\ntime.sleep(3600)",
        CUT,
    ),
    "closes everything": (
        "import os\nos.closerange(0, 64)",
        "it ended its own process (exit status 70) instead of returning",
    ),
}


@pytest.mark.parametrize("name", FATES)
def test_call_that_does_not_return_says_why(bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a process fails to answer, its fate is told, and the next one works."""
    code, fate = FATES[name]
    with monkeypatch.context() as hurry:
        if fate == LATE:
            hurry.setattr(limits, "WALL_SECONDS", 0.3)
        if fate == CUT:
            hurry.setattr(limits, "STOP_SECONDS", 0.3)
        done = bench.body(code)
    assert done.answers == fate
    assert still_right(bench)


RAISED = {
    "sys.exit": ("import sys\nsys.exit(0)", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "recursion": ("def f(): f()\nf()", "RecursionError"),
    "memory": ("bytearray(1 << 30)", "MemoryError"),
    "generator exit": ("raise GeneratorExit", "GeneratorExit"),
}


@pytest.mark.parametrize("name", RAISED)
def test_call_that_raises_says_what(bench: Bench, name: str) -> None:
    """Whatever leaves the function, an exit too, is what the caller learns; the process does the next call."""
    code, kind = RAISED[name]
    with bench.process() as place:
        answer = place.body(code).answer
        assert answer.trouble is not None
        assert (answer.kind, answer.trouble.type) == ("raised", kind)
        assert place.call().value == [5, 6]


def test_deep_recursion_ends_somehow(bench: Bench) -> None:
    """With the limit of recursion out of the way, the call crashes or raises, and the next one works."""
    done = bench.body(
        "import sys\nsys.setrecursionlimit(10**9)\nv = []\nfor _ in range(10**5): v = [v]\nreturn repr(v)"
    )
    assert isinstance(done.answers, str) or done.answer.kind == "raised" or "no text" in str(done.value)
    assert still_right(bench)


HARMLESS = {
    "current folder deleted": "import os, shutil\nshutil.rmtree(os.getcwd())",
    "moved elsewhere": "import os\nos.chdir('/')",
    "thread left running": "import threading\nthreading.Thread(target=threading.Event().wait).start()",
    "busy thread": "import threading, time\nt = time.sleep\n"
    "threading.Thread(target=lambda: [t(0.001) for _ in iter(int, 1)], daemon=True).start()",
    "fork that ends": "import os\nif os.fork() == 0:\n    os._exit(0)\nos.wait()",
    "output closed": "import os, sys\nsys.stdout.close()",
    "output replaced": "import sys\nsys.stdout = None",
    "arguments changed": "import sys\nsys.argv.clear()\nsys.path.clear()",
    "modules forgotten": "import sys\nfor name in ('decimal', 'json', 'models'):\n    sys.modules.pop(name)",
    "audit": "import sys, gc\ngc.disable()\nsys.settrace(lambda *_: None)",
    "exit handler": "import atexit\natexit.register(lambda: 1 / 0)",
    "session left open": "import builtins\nbuiltins.s = s = Session(engine)\ns.add(Product(**products[0]))\ns.flush()",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_process_that_lives_on_makes_the_next_call(bench: Bench, name: str) -> None:
    """What a call leaves behind in its process keeps no later call, there or elsewhere, from being right."""
    with bench.process() as place:
        first = place.body(HARMLESS[name])
        assert first.answer.kind == "returned"
        done = place.call()
    assert done.value == [5, 6]
    assert done.record.after is not None
    assert len(done.record.after.rows) == 6
    assert still_right(bench)


@pytest.mark.parametrize("target", ["os.getppid()", "-1", "0", "-os.getpgrp()", "os.getpid()", "2", "3"])
def test_signals_reach_nobody_else(walled: Bench, target: str) -> None:
    """A process that kills its parent, its group or everybody kills itself at most: others at work are unharmed."""
    with walled.process() as other:
        assert other.call().value == [5, 6]
        kill = f"import os, signal\ntry:\n    os.kill({target}, 9)\nexcept OSError as error:\n    return str(error)"
        done = walled.body(kill)
        assert isinstance(done.answers, str) or done.answer.kind == "returned"
        assert other.call().value == [5, 6]
    assert still_right(walled)


def test_group_of_a_process_is_its_own_without_walls(unwalled: Bench) -> None:
    """At level process a signal to the own group ends that process alone."""
    with unwalled.process() as other:
        done = unwalled.body("import os\nos.killpg(os.getpgrp(), 9)")
        assert done.answers == "it used more than 3 seconds of processor time, or killed itself"
        assert other.call().value == [5, 6]


def test_request_that_is_never_read_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads no further request, however long that is, costs its time and no more."""
    deaf = "import child.driver, threading\nchild.driver.receive = lambda *_: threading.Event().wait()"
    with bench.process() as place:
        assert place.body(deaf).answer.kind == "returned"
        monkeypatch.setattr(limits, "WALL_SECONDS", 0.3)
        done = place.script("x = 1", files={f"m{n}.py": "#" * limits.SOURCE_BYTES for n in range(8)})
    assert done.answers == LATE


# --- what is left behind ----------------------------------------------------------------------------------------------

LEAVING = """
import ctypes, os, time
ready, done = os.pipe()
if os.fork() == 0:
    {detach}
    ctypes.CDLL(None).prctl(15, {name!r}.encode(), 0, 0, 0)
    os.write(done, b"x")
    time.sleep(3600)
os.read(ready, 1)
"""
DETACHING = {"fork": "pass", "daemon": "os.setsid()\n    if os.fork():\n        os._exit(0)"}


def running(name: str) -> list[str]:
    """Return the processes of this machine that have given themselves a name."""
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/comm") if _content(path) == name]


def _content(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # it has ended meanwhile
        return ""


@pytest.mark.parametrize("way", DETACHING)
def test_nothing_outlives_a_process_behind_walls(walled: Bench, way: str) -> None:
    """What a process has forked, detached or not, is gone as soon as the process is ended."""
    name = f"left-{way}"
    with walled.process() as place:
        place.body(LEAVING.format(detach=DETACHING[way], name=name))
        assert len(running(name)) == 1
    assert running(name) == []


def test_fork_does_not_outlive_a_process_without_walls(unwalled: Bench) -> None:
    """At level process, what was only forked is ended too; what detaches itself is not, and that is documented."""
    with unwalled.process() as place:
        place.body(LEAVING.format(detach="pass", name="left-open"))
        (left,) = (os.pidfd_open(int(number)) for number in running("left-open"))
    ended, _, _ = select.select([left], [], [], limits.STOP_SECONDS)
    os.close(left)
    assert ended == [left]


def test_scratch_of_level_process_goes_with_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one folder that level process makes on the machine is removed at the end, with all that was written there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with start_bench("process") as bench:
        bench.body("import os\nos.mkdir('deep')\nos.chmod('deep', 0)\nopen('a', 'w').close()")
        assert len(list(tmp_path.iterdir())) >= 1
    assert list(tmp_path.iterdir()) == []


# --- levels -----------------------------------------------------------------------------------------------------------


def test_best_safe_level_is_chosen() -> None:
    """Without a wish, the first level of the list that works here and walls something in is chosen."""
    assert choose(None).name == "bubblewrap"


def test_unsafe_level_is_chosen_by_name_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing safe works, nothing is chosen, and the message names the repair and the way without walls."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(IsolationMissing) as caught:
        choose(None)
    assert "sudo apt-get install bubblewrap" in str(caught.value)
    assert "--isolation process" in str(caught.value)
    assert choose("process").safe is False


def test_level_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A level that was asked for by name and does not work here is refused."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(IsolationMissing, match="bubblewrap is not installed"):
        choose("bubblewrap")


def test_unknown_level_names_the_known_ones() -> None:
    """A level that is none is refused, and the levels are named."""
    with pytest.raises(IsolationMissing, match="choose one of bubblewrap, process"):
        choose("docker")


def test_bubblewrap_that_does_not_work_is_told_from_a_missing_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where bwrap is there and fails, its own words are told, with the repair for Ubuntu and for containers."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = LEVELS[0].problem()
    assert problem is not None
    assert "bwrap: No permissions" in problem
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in problem


def test_sandbox_that_does_not_start_says_what_it_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where bwrap is there and makes no sandbox, what it said is told, with the repair."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: out of order' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        StudentSandbox(LEVELS[0]) as students,
        socket.socket() as database,
        pytest.raises(IsolationMissing, match="out of order"),
    ):
        students.process(database)


def test_sandbox_that_dies_is_the_graders_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """At level process a student's code can kill the sandbox itself: then nothing is graded, and nothing hangs."""
    monkeypatch.setattr(limits, "STOP_SECONDS", 2.0)
    with start_bench("process") as bench:
        with pytest.raises(SandboxFailed):
            bench.body("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(3600)")
        with pytest.raises(SandboxFailed):
            bench.call()
