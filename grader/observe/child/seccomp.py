"""The filter that the kernel puts between a student's process and itself (seccomp, a program in classic BPF).

Written out here, since the binding to libseccomp on PyPI needs a library that a small container does not have.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import TYPE_CHECKING

from . import syscalls

if TYPE_CHECKING:
    from collections.abc import Iterable

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
"""AUDIT_ARCH_* of linux/audit.h."""
_ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}
MACHINES = tuple(_ARCHITECTURES)
"""The machines, by their names in uname, whose system calls are known here."""
_X32 = 0x40000000  # the bit that marks calls of the x32 ABI, which have other numbers

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
ALLOW, KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_CLONE_THREAD = 0x00010000
_UNIX, _STREAM_OR_SEQPACKET = 1, (1, 5)
_TYPE_MASK = 0xF
_SEIZING_FCNTL = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal of choice to a process of choice
_PRCTL = (3, 15, 16, 0x53564D41)  # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
_IOCTL = (0x5401, 0x5410, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCSPGRP, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: none feeds a terminal."""

_SET_MODE_FILTER = 1
_SPEC_ALLOW = 4  # without it, older kernels slow down every program that has a filter
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}

Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, operand."""


def apply(*, keeps_metadata: bool, gives_descriptors: bool) -> None:
    """Filter the system calls of this process from now on, and of its threads to come; there is no way back.

    ``gives_descriptors`` lets it send open files to others; ``keeps_metadata`` lets no modes, owners, times and
    attributes change. Raises OSError, and KeyError on a machine that is not among :data:`MACHINES`; ``no_new_privs``
    must have been set.
    """
    machine = platform.machine()
    options = {"keeps_metadata": keeps_metadata, "gives_descriptors": gives_descriptors}
    program = instructions(_ARCHITECTURES[machine], os.getpid(), **options)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_SYS_SECCOMP[machine], _SET_MODE_FILTER, _SPEC_ALLOW, filter_) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def instructions(
    architecture: int, pid: int, *, keeps_metadata: bool, gives_descriptors: bool = False
) -> list[Instruction]:
    """Return the filter for the process ``pid`` on an architecture."""
    column = (X86_64, AARCH64).index(architecture)

    def numbers(table: dict[str, tuple[int | None, int | None]]) -> list[int]:
        return [entry[column] for entry in table.values() if entry[column] is not None]  # type: ignore[misc]  # just seen

    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        _answer(KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, _X32 - 1),
        _answer(KILL),
        (_GREATER, 0, 1, syscalls.LAST_KNOWN),
        _failing(errno.ENOSYS),
        *_each(numbers(syscalls.OLDER_KERNEL), _failing(errno.ENOSYS)),
        *_each(numbers(syscalls.DENIED), _failing(errno.EPERM)),
    ]
    if not gives_descriptors:
        program += _each(numbers(syscalls.MESSAGES), _failing(errno.EPERM))
    if keeps_metadata:
        program += _each(numbers(syscalls.METADATA), _failing(0))
        program += _each(numbers(syscalls.TIMES), _failing(errno.EPERM))
        program += _each(numbers(syscalls.ATTRIBUTES), _failing(errno.EOPNOTSUPP))
    for name, examined in _examined(pid).items():
        number = syscalls.EXAMINED[name][column]
        program += [(_EQUAL, 0, len(examined), number or 0), *examined]
    return [*program, _answer(ALLOW)]


def _examined(pid: int) -> dict[str, list[Instruction]]:
    """Return what follows once a call is known to be the one named; each ends in an answer."""
    denied, allowed = _failing(errno.EPERM), _answer(ALLOW)
    return {
        "clone": [_low(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), denied, allowed],
        "kill": _only(0, (pid,), denied),
        "tgkill": _only(0, (pid,), denied),
        "prlimit64": _only(0, (0, pid), denied),
        "prctl": _only(0, _PRCTL, denied),
        "ioctl": _only(1, _IOCTL, _failing(errno.ENOTTY)),
        "fcntl": [_low(1), *_each(_SEIZING_FCNTL, denied), allowed],
        # Datagram sockets and addresses reach named sockets of the machine without connect(); the pairs of other
        # families (TIPC) are the network.
        "socketpair": [
            *(_low(0), (_EQUAL, 1, 0, _UNIX), denied),
            *(_low(1), (_AND, 0, 0, _TYPE_MASK), *_among(_STREAM_OR_SEQPACKET, denied)),
        ],
        "sendto": [_low(4), (_EQUAL, 1, 0, 0), denied, _high(4), (_EQUAL, 1, 0, 0), denied, allowed],
    }


def _only(argument: int, values: Iterable[int], otherwise: Instruction) -> list[Instruction]:
    return [_low(argument), *_among(values, otherwise)]


def _among(values: Iterable[int], otherwise: Instruction) -> list[Instruction]:
    return [*_each(values, _answer(ALLOW)), otherwise]


def _each(values: Iterable[int], answer: Instruction) -> list[Instruction]:
    return [line for value in values for line in ((_EQUAL, 0, 1, value), answer)]


def _low(argument: int) -> Instruction:
    """Load the lower half of an argument: the kernel, too, reads only that of an int."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)


def _high(argument: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument + 4)


def _answer(action: int) -> Instruction:
    return (_RETURN, 0, 0, action)


def _failing(number: int) -> Instruction:
    return _answer(_ERRNO | number)
