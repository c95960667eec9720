"""The walls: what a student's process can see, reach and write, and what it can still work with."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Bench, start_bench
from grader import limits
from grader.observe.sandbox.runtime import executable

REPOSITORY = Path(__file__).resolve().parents[1]
HIDDEN = [
    *("/proc", "/proc/self/environ", "/proc/self/mem", "/sys", "/home", "/run", "/var", "/dev/shm"),  # noqa: S108  # looked for
    *("/etc/passwd", "/etc/hostname", "/etc/shadow", "/bin/sh", "/usr/bin/env", "/dev/tty", "/dev/mem"),
    *(str(REPOSITORY / name) for name in ("pyproject.toml", "grader/judge", "assignment/solution", "tests", ".git")),
    *(str(module.__file__) for module in (pytest, sys.modules["grader"])),
    *(__file__, str(Path.home() / ".bashrc"), *site.getsitepackages()),
]

OPENED = """
import os
opened = []
for path in {paths!r}:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        opened.append(path)
    except OSError:
        pass
return opened
"""


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_root_folder_holds_little(namespaced: Bench) -> None:
    """There is no /proc, no /sys, no /home and no /root; without namespaces, the root cannot even be listed."""
    seen = set(namespaced.told("import os\nreturn os.listdir('/')"))
    needed = {"dev", "etc", "lib", "lib64", "packages", "tmp", "usr"}
    assert seen <= needed | {Path(sys.base_prefix).parts[1]}


def test_paths_of_the_machine_are_not_there(viewed: Bench) -> None:
    """Neither the machine's files nor the grader's, hidden checks included, are to be seen."""
    assert viewed.told(f"import os\nreturn [path for path in {HIDDEN!r} if os.path.lexists(path)]") == []


def test_paths_of_the_machine_cannot_be_opened(walled: Bench) -> None:
    """Where they can be seen to be there, they can be neither read nor listed."""
    assert walled.told(OPENED.format(paths=HIDDEN)) == []


@pytest.mark.parametrize("name", ["pytest", "rich", "click", "grader", "pip", "_pytest", "jsonschema"])
def test_package_of_the_machine_cannot_be_imported(walled: Bench, name: str) -> None:
    """Of what is installed, only SQLAlchemy and what it needs can be imported, also by who knows where it lies."""
    places = [str(REPOSITORY), *site.getsitepackages()]
    code = f"import sys\nsys.path += {places!r}\nsys.path_importer_cache.clear()\n"
    code += f"try:\n    import {name}\nexcept ModuleNotFoundError:\n    return 'none'"
    assert walled.told(code) == "none"


def test_packages_are_sqlalchemy_and_what_it_needs(bench: Bench) -> None:
    """The folder of packages holds these, what is written of them, and the one package of ours beside student code."""
    seen = set(bench.told("import child, os\nreturn os.listdir(os.path.dirname(os.path.dirname(child.__file__)))"))
    written = {name for name in seen if name.endswith(".dist-info")}
    packages = {name.removesuffix(".py") for name in seen - written}
    assert packages <= {"child", "greenlet", "msgspec", "sqlalchemy", "typing_extensions"}
    assert {name.partition("-")[0].lower() for name in written} <= packages
    assert {"child", "sqlalchemy"} <= packages


def test_environment_is_empty_but_for_a_few_names(bench: Bench) -> None:
    """The variables of a process are ours."""
    seen = set(bench.told("import os\nreturn list(os.environ)"))
    assert seen <= {"PATH", "LANG", "HOME", "TMPDIR", "USER", "MALLOC_ARENA_MAX", "PWD", "LC_CTYPE"}


def test_environment_is_not_passed_on_without_walls_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in the grader's environment is in no student's process, at level process too."""
    monkeypatch.setenv("GRADER_SECRET", "hidden")
    with start_bench("process") as bench:
        assert bench.told("import os\nreturn os.environ.get('GRADER_SECRET')") is None


def test_devices_are_three(walled: Bench) -> None:
    """Only null, zero and urandom can be used."""
    devices = [f"/dev/{name}" for name in ("null", "zero", "urandom", "random", "full", "tty")]
    assert walled.told(OPENED.format(paths=devices)) == devices[:3]


def test_descriptors_are_five(walled: Bench) -> None:
    """A process has the three streams, the request socket, the way to its database, and one connection of that."""
    code = (
        "import os\nfound = []\nfor number in range(1000):\n    try:\n        found.append(os.fstat(number).st_mode)\n"
    )
    assert len(walled.told(code + "    except OSError:\n        pass\nreturn found")) <= 6


def test_process_is_the_first_of_its_namespace(namespaced: Bench) -> None:
    """A student's process is alone: number 1, without a parent that could be named."""
    assert namespaced.told("import os\nreturn [os.getpid(), os.getppid()]") == [1, 0]


@pytest.mark.parametrize("call", ["setuid(0)", "setgid(0)", "setgroups([0])", "chroot('/tmp')", "nice(-5)"])
def test_process_cannot_become_another(walled: Bench, call: str) -> None:
    """What needs root's rights is refused."""
    refused = f"import os\ntry:\n    os.{call}\nexcept OSError:\n    return 'refused'\nreturn os.getresuid()"
    answer = walled.told(refused)
    assert answer == "refused" or (os.geteuid() != 0 and call == "setuid(0)")


# --- files ------------------------------------------------------------------------------------------------------------

WRITING = """
import child, os, sqlalchemy
refused = []
folders = {folders!r} + [os.path.dirname(module.__file__) for module in (child, sqlalchemy, os)]
for folder in folders:
    try:
        with open(os.path.join(folder, "left.txt"), "w") as file:
            file.write("x")
    except OSError:
        refused.append(folder)
return [folder for folder in folders if folder not in refused]
"""


def test_nothing_can_be_written_outside_of_the_scratch(walled: Bench) -> None:
    """The root, the packages, the library and the devices are closed; the folder of a call and its home are not."""
    closed = ["/", "/dev", "/dev/shm", "/etc", "/usr", "/usr/lib", "/tmp", str(Path.home())]  # noqa: S108  # tried
    assert walled.told(WRITING.format(folders=[*closed, ".", ".."])) == [".", ".."]


def test_library_cannot_be_changed(walled: Bench) -> None:
    """The grader's code beside the student's, and SQLAlchemy's, cannot be written, removed or made writable."""
    code = """
    import os, child, sqlalchemy
    left = []
    for path in (child.__file__, sqlalchemy.__file__, os.__file__):
        before = os.stat(path)
        for attempt in (lambda: open(path, "a"), lambda: os.remove(path), lambda: os.rename(path, path + "x"),
                        lambda: os.truncate(path, 0), lambda: os.link(path, "mine"), lambda: os.chmod(path, 0o777)):
            try:
                attempt()
            except OSError:
                pass
        left.append(os.stat(path) == before)
    return left
    """
    assert walled.told(code) == [True] * 3


def test_scratch_is_private_to_a_process(walled: Bench) -> None:
    """What one process writes into its folder no other one can read, at the same time or later."""
    leave = "import os\nopen('../left.txt', 'w').write('x')\nreturn os.path.abspath('../left.txt')"
    with walled.process() as one, walled.process() as two:
        left = one.body(leave).value
        look = f"try:\n    return open({left!r}).read()\nexcept OSError:\n    return 'closed'"
        assert (one.body(look).value, two.body(look).value) == ("x", "closed")
    assert walled.told(look) == "closed"


def test_folder_of_a_call_is_empty_but_for_its_sources(bench: Bench) -> None:
    """A second call in the same process finds in its folder only the files of the submission and its database."""
    leave = "import os\nos.mkdir('left')\nopen('left/a.txt', 'w').close()\nreturn sorted(os.listdir())"
    with bench.process() as place:
        assert "left" in place.body(leave).value
        found = place.body("import os\nreturn sorted(os.listdir())").value
    assert found == ["models.py", "shop.db", "transaction_script.py"]


def test_home_and_temporary_folder_are_above_the_folder_of_a_call(bench: Bench) -> None:
    """A home and a folder for temporary files are there, and may be written to."""
    code = """
    import pathlib, tempfile
    (pathlib.Path.home() / "note.txt").write_text("x")
    with tempfile.NamedTemporaryFile() as file:
        return [str(pathlib.Path.home()), str(pathlib.Path(file.name).parent), str(pathlib.Path.cwd().parent)]
    """
    home, temporary, above = bench.told(code)
    assert home == temporary == above


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


@pytest.mark.slow
def test_standard_library_can_be_imported(walled: Bench) -> None:
    """Whatever of the standard library this Python can import, it can import inside the walls."""
    program = [executable(), "-I", "-S", "-B", "-W", "ignore", "-c", f"{IMPORTING}\nprint(*failed)"]
    here = subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()
    assert walled.told(f"{IMPORTING}\nreturn failed") == here


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
    "kinds of files": "import mimetypes\nreturn mimetypes.guess_type('a.txt')[0]",
    "native library": "import ctypes, ctypes.util\nreturn ctypes.CDLL('libm.so.6').abs(-7)",
    "alarm": "import signal\nsignal.signal(14, lambda *_: None)\nsignal.alarm(60)\nsignal.raise_signal(14)",
    "lazily loaded": "import sqlalchemy.ext.automap, sqlalchemy.dialects.postgresql, sqlalchemy.util.tool_support",
}


@pytest.mark.parametrize("name", WORKING)
def test_ordinary_work_is_possible(walled: Bench, name: str) -> None:
    """What a student's script may well do does not fail for the walls."""
    done = walled.body(WORKING[name])
    assert done.answer.kind == "returned", done.answer


FILES = {
    "touch": "Path('new').touch()\nPath('new').touch()\nPath('new').touch(mode=0o600)",
    "touch of nothing": "try:\n    os.utime('none')\nexcept FileNotFoundError:\n    pass",
    "copy": "shutil.copy(__file__, 'b')\nshutil.copy2(__file__, 'c')\nshutil.copytree('.', '../copied')",
    "move": "Path('d').write_text('x')\nshutil.move('d', '../d')\nassert Path('../d').read_text() == 'x'",
    "chmod": "Path('e').touch()\nos.chmod('e', 0o600)\nos.chmod('e', 0o400)",
    "replace": "Path('f').touch()\nos.replace('f', 'g')\nos.symlink('g', 'h')\nos.link('g', 'i')",
    "truncate": "open('j', 'w').truncate(100)\nassert os.path.getsize('j') == 100",
    "sync": "os.sync()\nwith open('k', 'w') as file:\n    os.fsync(file.fileno())",
    "zip": "shutil.make_archive('l', 'zip', '.')\nshutil.unpack_archive('l.zip', 'm')",
    "tar": "shutil.make_archive('../n', 'gztar', '.')\nshutil.unpack_archive('../n.tar.gz', 'o')",
    "remove": "os.mkdir('p')\nPath('p/q').touch()\nshutil.rmtree('p')",
    "text": "with tempfile.TemporaryDirectory() as folder:\n    Path(folder, 'r').write_text('ß', encoding='utf-8')",
}


@pytest.mark.parametrize("name", FILES)
def test_own_files_can_be_handled(walled: Bench, name: str) -> None:
    """What a script may well do with files of its own raises nothing."""
    done = walled.body(f"import os, shutil, tempfile\nfrom pathlib import Path\n{FILES[name]}")
    assert done.answer.kind == "returned", done.answer


def test_user_is_an_ordinary_one(bench: Bench) -> None:
    """Started as root, a process is nobody's login; else it is the user's own. It is in no group of root's."""
    user = limits.ORDINARY_USER if os.geteuid() == 0 else os.getuid()
    assert bench.told("import os\nreturn [*os.getresuid(), *os.getgroups()][:3]") == [user] * 3
    if os.geteuid() == 0:
        assert bench.told("import os\nreturn [*os.getresgid(), *os.getgroups()]") == [user] * 3
