"""The audit events that no solution needs: the kind of sign, the modules by way of which it counts, and its words.

Whoever describes an event returns None where an honest program does the same: clears the screen, runs its own script
again, writes a log file of its own, uses a socket pair as asyncio does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

Words = Callable[..., str | None]

# Read and written by programs that mind their own business.
_ANYBODYS = re.compile(
    r"/dev/(null|zero|u?random|tty|std(in|out|err))|/etc/(localtime|timezone)|/usr/share/.*", re.DOTALL
)
# A path from the student's own machine, written down by mistake; what is hidden there is no file of an exercise.
_ONES_OWN_HOME = re.compile(r"/(home|Users)/(?!runner/)[^/.][^/]*(/[^/.][^/]*)*")
# Where programs write without harm; makedirs begins with the folders above a home.
_WRITTEN_BY_ANYBODY = re.compile(r"(/var)?/tmp/.+|/home|/Users", re.DOTALL)
_SIMPLE_PROGRAMS = frozenset(
    {"clear", "cls", "pause", "reset", "echo", "date", "sleep", "tput", "ls", "dir", "rm", "del", "sqlite3", "git"}
)
_TAKEN_OVER = -1  # what socket.socket has for a family that it is to find out
_SIMPLE = (str, bytes, int)
_LEADS_ELSEWHERE = re.compile(r"(^|[\s='\"<>;|&`(])(/|~)|\.\.")


@dataclass(frozen=True)
class Place:
    """The student's code in this call: its folder and the names of its files."""

    folder: str
    files: frozenset[str]

    def holds(self, filename: str) -> bool:
        """Tell whether a file is the student's."""
        return filename.startswith(self.folder) and filename[len(self.folder) : len(self.folder) + 1] == os.sep

    def is_outside(self, path: Any) -> bool:  # noqa: ANN401  # whatever was handed to open()
        """Tell whether a path leads out of the scratch folder, to where nobody has to go; file descriptors do not."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return False
        full = os.path.abspath(os.fsdecode(path))
        inside = full.startswith(os.path.dirname(self.folder))
        return not (inside or _ANYBODYS.fullmatch(full) or _ONES_OWN_HOME.fullmatch(full))


def _told(text: object) -> str:
    return os.fsdecode(text) if isinstance(text, (str, bytes, os.PathLike)) else "something"


# --- files ------------------------------------------------------------------------------------------------------------


def _open(place: Place, path: Any, _mode: object, flags: int) -> str | None:  # noqa: ANN401  # as for Place.is_outside
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if not place.is_outside(path) or (writes and _WRITTEN_BY_ANYBODY.fullmatch(os.path.abspath(os.fsdecode(path)))):
        return None
    return f"opens {_told(path)}" + (" to write" if writes else "")


def _list(place: Place, path: Any = ".", *_: object) -> str | None:  # noqa: ANN401  # as above
    return f"lists {_told(path)}" if place.is_outside("." if path is None else path) else None


def _change(place: Place, *arguments: Any) -> str | None:  # noqa: ANN401  # the paths, and numbers
    paths = [path for path in arguments[:2] if place.is_outside(path)]
    told = next((path for path in paths if not _WRITTEN_BY_ANYBODY.fullmatch(os.path.abspath(os.fsdecode(path)))), None)
    return None if told is None else f"changes {_told(told)}"


# --- processes and the network ----------------------------------------------------------------------------------------


def _run(place: Place, program: Any, arguments: Any = (), *_: object) -> str | None:  # noqa: ANN401  # a command of any kind
    given = arguments or [program]
    words = [_told(word) for word in ([given] if isinstance(given, (str, bytes)) else given)]
    text = " ".join(words[2:] if words[:2] == ["/bin/sh", "-c"] else words).replace(f"{place.folder}/", "")
    first, *rest = text.split() or [""]
    name = os.path.basename(first)
    simple = not name or (name in _SIMPLE_PROGRAMS and not _LEADS_ELSEWHERE.search(" ".join(rest)))
    own_script = name.startswith("py") and any(word.strip("'\"") in place.files for word in rest)
    return None if simple or own_script else f"runs another program: {' '.join([name, *rest])}"


def _fork(_place: Place, *_: object) -> str:
    return "starts another process"


def _signal(_place: Place, process: int, number: int, *_: object) -> str | None:
    return None if process == os.getpid() else f"sends signal {number} to another process"


def _make_socket(_place: Place, _socket: object, family: int, *_: object) -> str:
    return "makes a socket" + (" of a file descriptor that is open already" if family == _TAKEN_OVER else "")


def _talk(_place: Place, _socket: object, address: object = None, *_: object) -> str:
    parts = address if type(address) is tuple else (address,)
    known = [_told(part) if isinstance(part, (str, bytes)) else str(part) for part in parts if type(part) in _SIMPLE]
    return f"talks through a socket: {':'.join(known)}" if known else "talks through a socket"


# --- Python itself ----------------------------------------------------------------------------------------------------


def _always(text: str) -> Words:
    return lambda _place, *_: text


def _replace_code(place: Place, thing: object, name: str, *_: object) -> str | None:
    if name != "__code__" or not isinstance(thing, FunctionType) or place.holds(thing.__code__.co_filename):
        return None
    return f"replaces the code of {thing.__module__}.{thing.__qualname__}"


_FILES = frozenset({"os", "posixpath", "genericpath", "pathlib", "shutil", "glob", "fileinput", "io", "codecs"})
_PROCESSES = frozenset({"os", "subprocess", "pty", "multiprocessing", "concurrent", "asyncio"})
_NETWORK = frozenset({"socket", "urllib", "http", "ssl", "ftplib", "smtplib", "asyncio", "xmlrpc", "poplib", "imaplib"})
_FRAMES = frozenset({"inspect"})
_NATIVE = frozenset({"ctypes"})
_DIRECT: frozenset[str] = frozenset()

EVENTS: dict[str, tuple[str, frozenset[str], Words]] = {
    "open": ("files", _FILES, _open),
    **{f"os.{name}": ("files", _FILES, _list) for name in ("listdir", "scandir")},
    **{
        f"os.{name}": ("files", _FILES, _change)
        for name in ("remove", "rename", "mkdir", "rmdir", "chmod", "chown", "link", "symlink", "truncate", "utime",
                     "setxattr", "removexattr")
    },
    "subprocess.Popen": ("processes", _PROCESSES, _run),
    "os.system": ("processes", _PROCESSES, _run),
    "os.exec": ("processes", _PROCESSES, _run),
    "os.spawn": ("processes", _PROCESSES, _fork),
    **{name: ("processes", _PROCESSES - {"subprocess"}, _fork) for name in ("os.fork", "os.forkpty", "pty.spawn")},
    "os.posix_spawn": ("processes", _PROCESSES - {"subprocess"}, _run),
    **dict.fromkeys(("os.kill", "os.killpg"), ("processes", _DIRECT, _signal)),
    "socket.__new__": ("network", _NETWORK, _make_socket),
    **{f"socket.{name}": ("network", _NETWORK, _talk) for name in ("connect", "bind", "sendto", "sendmsg")},
    **{
        f"socket.{name}": ("network", _NETWORK, _always("asks for the address of another machine"))
        for name in ("getaddrinfo", "gethostbyname")
    },
    "sys._getframe": ("introspection", _FRAMES, _always("looks at the frames that called it")),
    "sys._current_frames": ("introspection", _DIRECT, _always("looks at the frames of all threads")),
    **{f"gc.{name}": ("introspection", _DIRECT, _always(f"searches memory with gc.{name}"))
       for name in ("get_objects", "get_referrers", "get_referents")},
    **{f"ctypes.{name}": ("native_code", _NATIVE, _always("uses C functions and raw memory through ctypes"))
       for name in ("dlopen", "dlsym", "call_function", "string_at", "wstring_at", "memoryview_at", "cdata")},
    **{f"sys.{name}": ("tracing", _DIRECT, _always(f"has every line or call traced with sys.{name}"))
       for name in ("settrace", "setprofile", "monitoring.register_callback")},
    "sys.addaudithook": ("tampering", _DIRECT, _always("hears of all events of this process with sys.addaudithook")),
    "object.__setattr__": ("tampering", _DIRECT, _replace_code),
    "sqlite3.connect": ("tampering", _DIRECT, _always("opens a database past the grader's")),
    **{name: ("limits", _DIRECT, _always("changes the limits of its process"))
       for name in ("resource.setrlimit", "resource.prlimit")},
}  # fmt: skip
