"""The filter at work: what the kernel answers inside each sandbox to calls that go round Python and the C library."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import Bench
from grader import limits
from grader.observe.child import seccomp, syscalls

COLUMN = seccomp.MACHINES.index(platform.machine())
CALLING = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
room = ctypes.create_string_buffer(64)

def call(*arguments):
    ctypes.set_errno(0)
    result = libc.syscall(*[ctypes.c_long(one) if isinstance(one, int) else one for one in arguments])
    return errno.errorcode[ctypes.get_errno()] if result == -1 else result
"""


def number(name: str) -> int:
    """Return the number of a call on this machine."""
    tables = (syscalls.DENIED, syscalls.EXAMINED, syscalls.OLDER_KERNEL, syscalls.METADATA)
    (row,) = [table[name] for table in tables if name in table]
    found = row[COLUMN]
    assert found is not None
    return found


def answers(bench: Bench, *calls: str) -> list[object]:
    """Return what calls give inside, each the name of an error or a result; ``{kill}`` stands for a number."""
    names = {name: number(name) for name in (*syscalls.EXAMINED, *syscalls.OLDER_KERNEL)}
    told = bench.told(CALLING + "return [" + ", ".join(f"call({one})" for one in calls).format(**names) + "]")
    assert isinstance(told, list)
    return told


def test_every_denied_call_is_denied(walled: Bench) -> None:
    """Each call of the table is refused by its number, with arguments that do no harm."""
    numbers = {row[COLUMN]: name for name, row in syscalls.DENIED.items() if row[COLUMN] is not None}
    told = walled.told(f"{CALLING}\nreturn [call(one, -1, -1, -1, -1, -1, -1) for one in {list(numbers)}]")
    assert dict(zip(numbers.values(), told, strict=True)) == dict.fromkeys(numbers.values(), "EPERM")


HARMFUL = {
    "signal to the parent": ("{kill}, os.getppid(), 0", "EPERM"),
    "signal to everybody": ("{kill}, -1, 0", "EPERM"),
    "signal to the group": ("{kill}, 0, 0", "EPERM"),
    "signal to a thread": ("{tgkill}, 1 + os.getpid(), 1 + os.getpid(), 0", "EPERM"),
    "limits of the parent": ("{prlimit64}, 1 + os.getpid(), 7, 0, room", "EPERM"),
    "life after the parent": ("{prctl}, 1, 0, 0, 0, 0", "EPERM"),
    "memory to be read": ("{prctl}, 4, 1, 0, 0, 0", "EPERM"),
    "a filter of one's own": ("{prctl}, 22, 2, room, 0, 0", "EPERM"),
    "typing into a terminal": ("{ioctl}, 0, 0x5412, room", "ENOTTY"),
    "attributes of a file": ("{ioctl}, 0, 0x40086602, room", "ENOTTY"),
    "an owner of signals": ("{fcntl}, 1, 8, 1", "EPERM"),
    "a signal of choice": ("{fcntl}, 1, 10, 9", "EPERM"),
    "another owner of signals": ("{fcntl}, 1, 15, room", "EPERM"),
    "datagrams": ("{socketpair}, 1, 2, 0, room", "EPERM"),
    "raw sockets": ("{socketpair}, 1, 3, 0, room", "EPERM"),
    "a pair on the network": ("{socketpair}, 30, 1, 0, room", "EPERM"),
    "a letter with an address": ("{sendto}, 1, room, 1, 0, room, 16", "EPERM"),
    "a process": ("{clone}, 17, 0, 0, 0, 0", "EPERM"),
    "a process that shares memory": ("{clone}, 0x4111, 0, 0, 0, 0", "EPERM"),
    "a process with hidden flags": ("{clone3}, room, 64", "ENOSYS"),
    "an open with hidden flags": ("{openat2}, -100, b'/', room, 24", "ENOSYS"),
    "a call of tomorrow": ("999, 0", "ENOSYS"),
}


def test_harmful_arguments_are_refused(walled: Bench) -> None:
    """Calls that are allowed for some purpose are refused for any other."""
    told = answers(walled, *(call for call, _ in HARMFUL.values()))
    assert dict(zip(HARMFUL, told, strict=True)) == {name: wanted for name, (_, wanted) in HARMFUL.items()}


def test_harmless_arguments_are_allowed(walled: Bench) -> None:
    """The same calls work for what a program may well do."""
    harmless = ["{kill}, os.getpid(), 0", "{prlimit64}, 0, 7, 0, room", "{fcntl}, 1, 1, 0", "{prctl}, 15, b'name'"]
    harmless += ["{tgkill}, os.getpid(), os.getpid(), 0", "{socketpair}, 1, 0x80001, 0, room"]
    assert answers(walled, *harmless) == [0] * len(harmless)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"])
def test_no_socket_can_be_made(walled: Bench, family: str) -> None:
    """There is no socket of any family, so neither a network nor a service of this machine can be reached."""
    code = "import socket\nfor kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):\n    try:\n"
    code += f"        return [socket.socket(socket.{family}, kind)]\n    except PermissionError:\n        pass"
    assert walled.told(f"{code}\nreturn 'refused'") == "refused"


@pytest.mark.parametrize("call", ["0x40000000 | 39", "0x40000000 | 520"])
def test_foreign_calls_kill(walled: Bench, call: str) -> None:
    """A call of another kind of program ends the process, and nobody else's."""
    assert walled.body(f"{CALLING}\ncall({call})").answers == "it crashed the interpreter (signal 31)"
    assert walled.still_right()


# --- modes, owners, times and attributes ------------------------------------------------------------------------------


@pytest.fixture
def outside() -> Iterator[Path]:
    """Return a file of the machine that belongs to the user of the sandboxes, in a folder that is open to all."""
    with TemporaryDirectory() as name:
        file = Path(name) / "file"
        file.write_text("kept")
        Path(name).chmod(0o777)
        if os.geteuid() == 0:
            os.chown(file, limits.ORDINARY_USER, limits.ORDINARY_USER)
        yield file


CHANGES = (
    *("os.chmod(path, 0o777)", "os.chown(path, -1, os.getgid())", "os.lchown(path, -1, os.getgid())"),
    *("os.utime(path, (1, 1))", "os.setxattr(path, 'user.x', b'x')", "os.removexattr(path, 'user.x')"),
    *("os.truncate(path, 0)", "os.remove(path)", "os.rename(path, path + 'x')", "os.mkdir(path + 'x')"),
    *("libc.chmod(path.encode(), 0)", "libc.utimes(path.encode(), None)", "libc.fchmodat(-100, path.encode(), 0, 0)"),
)


@pytest.mark.parametrize("change", CHANGES)
def test_files_of_the_machine_stay_as_they_are(shared: Bench, outside: Path, change: str) -> None:
    """Where no namespace hides a file, its mode, owner, times and attributes cannot be changed: not even one's own."""
    before = (outside.stat(), os.listxattr(outside), sorted(outside.parent.iterdir()))
    shared.body(f"import ctypes, os\nlibc, path = ctypes.CDLL(None), {str(outside)!r}\n{change}")
    assert (outside.stat(), os.listxattr(outside), sorted(outside.parent.iterdir())) == before


def test_attributes_of_the_machine_cannot_be_read(shared: Bench, outside: Path) -> None:
    """Attributes are not told either."""
    os.setxattr(outside, "user.secret", b"x")
    code = f"import os\ntry:\n    return os.getxattr({str(outside)!r}, 'user.secret')\n"
    assert shared.told(f"{code}except OSError:\n    return 'none'") == "none"


def test_own_files_keep_their_modes_quietly(shared: Bench) -> None:
    """To change a mode where that is not possible raises nothing, and changes nothing."""
    code = "import os\nopen('a', 'w').close()\nbefore = os.stat('a').st_mode\nos.chmod('a', 0)\n"
    assert shared.told(f"{code}return before == os.stat('a').st_mode") is True


def test_own_files_change_their_modes_where_they_are_private(namespaced: Bench) -> None:
    """With namespaces, modes and times change as they do anywhere."""
    code = "import os\nopen('a', 'w').close()\nos.chmod('a', 0o400)\nos.utime('a', (7, 7))\n"
    assert namespaced.told(f"{code}return [os.stat('a').st_mode & 0o777, os.stat('a').st_mtime]") == [0o400, 7]
