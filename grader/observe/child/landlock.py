"""Landlock: a process gives up, for good, what it could reach in the file system, over TCP and by signals.

Source: Documentation/userspace-api/landlock.rst of Linux, and linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NEEDED = 3
"""The first ABI in which truncating a file counts as writing it (Linux 6.2)."""

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_MAKE_CHAR, _MAKE_BLOCK, _REFER = 1 << 6, 1 << 11, 1 << 13
_ALL_OF_ABI_3 = (1 << 15) - 1
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READING = _READ_FILE | _READ_DIR
_OWNING = _ALL_OF_ABI_3 & ~(_MAKE_CHAR | _MAKE_BLOCK | _EXECUTE | _REFER)
"""Nothing moves from one folder to another (EXDEV): it could be moved away from under the eyes that measure."""
_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_SINCE_TCP, _SINCE_IOCTL, _SINCE_SCOPES = 4, 5, 6

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the version of Landlock that this kernel has, 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict(readable: Iterable[str], own: str) -> None:
    """Leave this process, from now on, ``readable`` to read and ``own`` to do with as it likes; raises OSError.

    ``no_new_privs`` must have been set. A path that does not exist is left out.
    """
    version = abi()
    handled = _ALL_OF_ABI_3 | (_IOCTL_DEV if version >= _SINCE_IOCTL else 0)
    attributes = struct.pack("Q", handled)
    if version >= _SINCE_TCP:
        attributes += struct.pack("Q", _TCP)
    if version >= _SINCE_SCOPES:
        attributes += struct.pack("Q", _SCOPES)
    ruleset = _called(_libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0))
    try:
        for path in readable:
            _allow(ruleset, path, _READING)
        _allow(ruleset, os.devnull, _READING | _WRITE_FILE)
        _allow(ruleset, own, _OWNING)
        _called(_libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_A_FILE
        _called(_libc.syscall(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0))
    finally:
        os.close(place)


def _called(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
