"""Landlock at work: what a process can no longer do to files, sockets and processes that it has given up."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from walls import done_with

from conftest import Bench, start_bench
from grader import limits
from grader.observe.child import landlock

SINCE_TCP, SINCE_SCOPES = 4, 6  # versions of Landlock

ATTEMPTS = {
    "read": "open(file).read()",
    "list": "os.listdir(folder)",
    "walk": "next(os.scandir(folder))",
    "write": "open(file, 'w')",
    "append": "open(file, 'a')",
    "truncate": "os.truncate(file, 0)",
    "create": "open(new, 'x')",
    "make a folder": "os.mkdir(new)",
    "make a pipe": "os.mkfifo(new)",
    "remove": "os.remove(file)",
    "remove a folder": "os.rmdir(inner)",
    "rename": "os.rename(file, new)",
    "replace": "os.replace('mine', file)",
    "rename a folder": "os.rename(inner, new)",
    "take": "os.rename(file, 'taken')",
    "leave": "os.rename('mine', new)",
    "link in": "os.link(file, 'taken')",
    "link out": "os.link('mine', new)",
    "symbolic link": "os.symlink('/', new)",
    "run": "os.execv(file, ['x'])",
    "read through a link": "os.symlink(file, 'link')\nopen('link').read()",
    "write through a link": "os.symlink(file, 'link')\nopen('link', 'w')",
    "read from a folder": "os.open('file', os.O_RDONLY, dir_fd=os.open(folder, os.O_PATH))",
    "reopen": "os.open(f'/proc/self/fd/{os.open(file, os.O_PATH)}', os.O_RDONLY)",
    "change into": "os.chdir(folder)\nopen('file').read()",
}
TRYING = """
import os
folder = {folder!r}
file, inner, new = (os.path.join(folder, name) for name in ("file", "inner", "new"))
open("mine", "w").close()
try:
{attempt}
except OSError:
    return "refused"
"""


@pytest.fixture
def outside() -> Iterator[Path]:
    """Return a folder of the machine that belongs to the user of the sandboxes and is open to all."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "inner").mkdir()
        (folder / "file").write_text("kept")
        for path in (folder, folder / "inner", folder / "file"):
            path.chmod(0o777)
            if os.geteuid() == 0:
                os.chown(path, limits.ORDINARY_USER, limits.ORDINARY_USER)
        yield folder


def trying(attempt: str, folder: str) -> str:
    """Return the body of a function that tries something on a folder."""
    lines = "\n".join(f"    {line}" for line in ATTEMPTS[attempt].splitlines())
    return TRYING.format(folder=folder, attempt=lines)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_files_of_the_machine_are_out_of_reach(shared: Bench, outside: Path, attempt: str) -> None:
    """Nothing can be done to a folder that the user owns, and it is as it was."""
    assert shared.told(trying(attempt, str(outside))) == "refused"
    assert sorted(path.name for path in outside.iterdir()) == ["file", "inner"]
    assert (outside / "file").read_text() == "kept"


def test_files_of_another_process_are_out_of_reach(shared: Bench) -> None:
    """The same holds for the folder of another process of the same sandbox, at work at the same time."""
    with shared.process() as other, shared.process() as place:
        make = "import os\nos.mkdir('../inner')\nopen('../file', 'w').write('kept')\nreturn os.path.abspath('..')"
        folder = other.body(make).value
        for attempt in ATTEMPTS:
            assert place.body(trying(attempt, folder)).value == "refused", attempt
        assert other.body("import os\nreturn sorted(os.listdir('..'))").value == ["file", "inner", "submission"]
        assert other.body("return open('../file').read()").value == "kept"


def test_nothing_can_be_left_beside_the_folders(shared: Bench) -> None:
    """The folder above the processes' own cannot be listed or written to, so nobody can be forestalled there."""
    code = "import os\ntry:\n    {}\nexcept OSError:\n    return 'refused'"
    for attempt in ("os.listdir('../..')", "os.mkdir('../../9999')", "open('../../left', 'w')", "os.rmdir('..')"):
        assert shared.told(code.format(attempt)) == "refused", attempt


def test_what_is_left_beside_the_folders_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Landlock behind bubblewrap, what a process leaves there is gone before the next begins."""
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    leave = "import os\nfor number in range(10, 50):\n    os.mkdir(f'../../{number}')\nos.symlink('/', '../../link')"
    with start_bench("bubblewrap-shared") as bench:
        assert bench.body(leave).answer.kind == "returned"
        assert len(bench.told("import os\nreturn os.listdir('../..')")) == 1
        assert bench.still_right()


# --- without the filter -----------------------------------------------------------------------------------------------


CONNECTING = """
import socket
try:
    socket.socket({family}).connect({address!r})
except OSError as error:
    return error.errno
return "connected"
"""


def test_servers_of_the_machine_are_out_of_reach() -> None:
    """Landlock alone refuses TCP, to connect and to listen, where it knows of it."""
    refused = 13 if landlock.abi() >= SINCE_TCP else "connected"
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = CONNECTING.format(family="socket.AF_INET", address=server.getsockname())
        assert done_with(code, filtered=False) == refused
        assert done_with(code, filtered=False, readable=None) == "connected"


def test_abstract_sockets_of_the_machine_are_out_of_reach() -> None:
    """Landlock alone refuses sockets that have no file, where it knows of them."""
    address = f"\0grader-test-{os.getpid()}"
    refused = 1 if landlock.abi() >= SINCE_SCOPES else "connected"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        code = CONNECTING.format(family="socket.AF_UNIX", address=address)
        assert done_with(code, filtered=False) == refused
        assert done_with(code, filtered=False, readable=None) == "connected"


def test_processes_of_the_user_are_out_of_reach() -> None:
    """Landlock alone lets no signal reach a process of the same user, where it knows of them."""
    refused = "refused" if landlock.abi() >= SINCE_SCOPES else "sent"
    code = "import os\ntry:\n    os.kill(os.getppid(), 0)\nexcept OSError:\n    return 'refused'\nreturn 'sent'"
    assert done_with(code, filtered=False) == refused
    assert done_with(code, filtered=False, readable=None) == "sent"


def test_a_path_that_is_missing_is_left_out() -> None:
    """A readable path that this machine does not have is no failure."""
    assert done_with("return 7", readable=("/usr/lib", "/nowhere")) == 7
