"""The filter of system calls: its tables are Linux's, and it answers each call as it should, on two architectures."""

from __future__ import annotations

import ctypes
import errno
from itertools import chain

import bpf
import pytest
from bpf import Request

from grader.observe.child import seccomp, syscalls

ARCHITECTURES = {"x86_64": seccomp.X86_64, "aarch64": seccomp.AARCH64}
NAMES = ("DENIED", "MESSAGES", "OLDER_KERNEL", "METADATA", "TIMES", "ATTRIBUTES", "EXAMINED")
TABLES: dict[str, dict[str, tuple[int | None, int | None]]] = {name: getattr(syscalls, name) for name in NAMES}
YOUNGER = {"set_mempolicy_home_node"}
"""What the libseccomp of Debian 12 (2.5.4) does not know; what it does not know besides is a misspelt name."""
PID = 4711
NO, YES = 0x00050000 | errno.EPERM, seccomp.ALLOW
ABSENT = 0x00050000 | errno.ENOSYS

ORDINARY = {
    "x86_64": """
        read 0 write 1 mmap 9 brk 12 rt_sigaction 13 writev 20 pipe 22 getpid 39 recvmsg 47 exit 60 rename 82
        mkdir 83 unlink 87 futex 202 exit_group 231 openat 257 epoll_create1 291 getrandom 318 statx 332 rseq 334
        close_range 436
    """,
    "aarch64": """
        read 63 write 64 mmap 222 brk 214 rt_sigaction 134 writev 66 pipe2 59 getpid 172 recvmsg 212 exit 93
        renameat 38 mkdirat 34 unlinkat 35 futex 98 openat 56 exit_group 94 epoll_create1 20 getrandom 278 statx 291
        rseq 293 close_range 436
    """,
}
THREAD = 0x3D0F00  # the flags with which a C library makes a thread

EXAMINED: dict[str, list[tuple[tuple[int, ...], int]]] = {
    "clone": [((THREAD,), YES), ((17,), NO), ((0x4111,), NO), ((THREAD & ~0x10000,), NO), ((0x10000 << 32,), NO)],
    "kill": [((PID, 9), YES), ((PID + (1 << 32), 9), YES), ((0, 9), NO), ((-1, 9), NO), ((1, 0), NO), ((-PID, 9), NO)],
    "tgkill": [((PID, PID, 6), YES), ((PID, 99, 6), YES), ((1, PID, 6), NO), ((-1, PID, 6), NO)],
    "prlimit64": [((0, 7), YES), ((PID, 7), YES), ((1, 7), NO), ((PID + 1, 7), NO)],
    "prctl": [((15,), YES), ((16,), YES), ((1, 9), NO), ((4, 1), NO), ((8, 1), NO), ((22,), NO), ((35, 1), NO)],
    "ioctl": [((0, 0x5401), YES), ((0, 0x541B), YES), ((0, 0x5412), -25), ((0, 0x8901), -25), ((0, 0x40086602), -25)],
    "fcntl": [((3, 1, 0), YES), ((3, 4, 0), YES), ((3, 1030), YES), ((3, 8, 1), NO), ((3, 10, 9), NO), ((3, 15), NO)],
    "socketpair": [((1, 1), YES), ((1, 5), YES), ((1, 0x80801), YES), ((1, 2), NO), ((16, 3), NO), ((30, 1), NO)],
    "sendto": [((3, 9, 1, 0, 0), YES), ((3, 9, 1, 0, 4096), NO), ((3, 9, 1, 0, 1 << 32), NO)],
}  # fmt: skip


def known(architecture: int, name: str) -> int:
    """Return the number that libseccomp gives a call: below -1 where an architecture has none, -1 if it is unknown."""
    library = ctypes.CDLL("libseccomp.so.2")  # apt itself needs it, so Debian and Ubuntu always have it
    return int(library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(architecture), name.encode()))


def number(name: str, machine: str) -> int | None:
    """Return the number that our tables give a call."""
    (row,) = [table[name] for table in TABLES.values() if name in table]
    return row[[*ARCHITECTURES].index(machine)]


def refused(machine: str, name: str, *arguments: int, keeps_metadata: bool = True) -> int:
    """Return what the filter answers to a call of our tables."""
    wanted = number(name, machine)
    assert wanted is not None
    return answered(machine, wanted, *arguments, keeps_metadata=keeps_metadata)


def answered(machine: str, wanted: int, *arguments: int, keeps_metadata: bool = True) -> int:
    """Return what the filter answers to a call by its number."""
    architecture = ARCHITECTURES[machine]
    program = seccomp.instructions(architecture, PID, keeps_metadata=keeps_metadata)
    return bpf.answer(program, Request(wanted, architecture, arguments))


def rows(machine: str, *tables: str) -> list[str]:
    """Return the names of these tables that a machine has."""
    names = chain.from_iterable(TABLES[table] for table in tables)
    return [name for name in names if number(name, machine) is not None]


# --- the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_numbers_are_those_of_linux(machine: str, table: str) -> None:
    """Every number is the one that libseccomp gives that name, and none is left out that an architecture has."""
    ours = {name: number(name, machine) for name in TABLES[table]}
    theirs = {name: known(ARCHITECTURES[machine], name) for name in TABLES[table]}
    assert {name for name, found in theirs.items() if found == -1} <= YOUNGER
    judged = [name for name, found in theirs.items() if found != -1]
    assert {name: ours[name] for name in judged} == {
        name: theirs[name] if theirs[name] >= 0 else None for name in judged
    }


def test_tables_share_no_call() -> None:
    """A call is judged in one place: no name stands in two tables, and none stands twice."""
    names = [name for table in TABLES.values() for name in table]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("keeps_metadata", [False, True])
@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_program_is_one_that_the_kernel_takes(machine: str, *, keeps_metadata: bool) -> None:
    """The filter is short enough, its jumps fit in a byte and end inside of it, and it ends with an answer."""
    program = seccomp.instructions(ARCHITECTURES[machine], PID, keeps_metadata=keeps_metadata)
    assert len(program) <= 4096
    assert all(0 <= jump <= 255 for one in program for jump in one[1:3])
    assert all(place + 1 + max(one[1], one[2]) < len(program) for place, one in enumerate(program) if one[0] != 0x06)
    assert program[-1][0] == 0x06


# --- what it answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_metadata", [False, True])
@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_denied_calls_are_denied(machine: str, *, keeps_metadata: bool) -> None:
    """Each call of the table is answered as a forbidden one, whatever its arguments."""
    denied = rows(machine, "DENIED")
    for given in ((), (PID,), (0, 0, 0), (-1,) * 6):
        found = {refused(machine, name, *given, keeps_metadata=keeps_metadata) for name in denied}
        assert found == {NO}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_only_who_gives_descriptors_sends_messages(machine: str) -> None:
    """Messages that could carry open files are forbidden to students, and allowed to the database server."""
    for name in rows(machine, "MESSAGES"):
        wanted = number(name, machine)
        assert wanted is not None
        program = seccomp.instructions(ARCHITECTURES[machine], PID, keeps_metadata=True, gives_descriptors=True)
        assert bpf.answer(program, Request(wanted, ARCHITECTURES[machine], ())) == YES
        assert refused(machine, name) == NO


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_with_hidden_flags_are_missing(machine: str) -> None:
    """Calls whose flags a filter cannot see are answered as by an older kernel."""
    assert {refused(machine, name) for name in rows(machine, "OLDER_KERNEL")} == {ABSENT}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_metadata_stays_where_no_namespace_keeps_it(machine: str) -> None:
    """Modes and owners silently stay, times are refused, attributes are missing; with namespaces all may change."""
    for table, wanted in {"METADATA": 0x00050000, "TIMES": NO, "ATTRIBUTES": 0x00050000 | errno.EOPNOTSUPP}.items():
        assert {refused(machine, name) for name in rows(machine, table)} == {wanted}
        assert {refused(machine, name, keeps_metadata=False) for name in rows(machine, table)} == {YES}


@pytest.mark.parametrize("name", EXAMINED)
@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_examined_calls_depend_on_their_arguments(machine: str, name: str) -> None:
    """A call that can do harm and good is allowed or not by what it asks for."""
    wanted = [0x00050000 | -found if found == -errno.ENOTTY else found for _, found in EXAMINED[name]]
    assert [refused(machine, name, *given) for given, _ in EXAMINED[name]] == wanted


def test_every_examined_call_has_its_examples() -> None:
    """No row of the table goes untried."""
    assert EXAMINED.keys() == syscalls.EXAMINED.keys()


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_ordinary_calls_are_allowed(machine: str) -> None:
    """What Python, SQLAlchemy and a student's script need passes; the numbers are Linux's, too."""
    words = ORDINARY[machine].split()
    for name, wanted in zip(words[::2], map(int, words[1::2]), strict=True):
        assert known(ARCHITECTURES[machine], name) in {wanted, -1}
        assert answered(machine, wanted) == YES


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_foreign_calls_kill(machine: str) -> None:
    """A call of another architecture, of the 32-bit one or of x32, ends the process."""
    program = seccomp.instructions(ARCHITECTURES[machine], PID, keeps_metadata=True)
    others = {*ARCHITECTURES.values(), 0x40000003, 0x40000028, 0xC00000F3, 0} - {ARCHITECTURES[machine]}
    assert {bpf.answer(program, Request(39, other)) for other in others} == {seccomp.KILL}
    x32 = [answered(machine, one) for one in (0x40000000, 0x40000000 | 59, 0x40000000 | 520, -1)]
    assert set(x32) == {seccomp.KILL}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_unknown_calls_are_missing(machine: str) -> None:
    """What the kernel has learnt since the tables were written is answered as by an older kernel."""
    younger = [syscalls.LAST_KNOWN + 1, 452, 463, 512, 520, 547, 1000, 0x3FFFFFFF]
    assert {answered(machine, one) for one in younger} == {ABSENT}
    listed = [number(name, machine) or 0 for name in rows(machine, *TABLES)]
    assert max(listed) <= syscalls.LAST_KNOWN
