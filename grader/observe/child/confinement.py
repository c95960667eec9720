"""What a student's process may do: it gives itself namespaces, an ordinary user, limits, Landlock and a filter."""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import signal
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable

_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWPID = 0x20000000
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_BIND = 4096
_MS_REC = 16384
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522  # the 64-bit form, of linux/capability.h
_CAP_DAC_READ_SEARCH = 1 << 2

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Confinement:
    """The settings of one sandbox, from its level and the table of limits.

    ``namespaces`` gives each child process ids, mounts and message queues of its own, and a private folder in memory
    at ``scratch``. ``readable`` is what Landlock leaves to be read, None where it is not used. ``filtered`` says if
    system calls are filtered, ``keeps_metadata`` whether that has to cover what Landlock does not,
    ``gives_descriptors`` whether open files may be sent to other processes. ``user`` is the user to become where the
    sandbox was started as root; ``reads_all`` lets that user, below Landlock, read a Python that lies in a folder
    closed to others. ``host_folder`` is a folder of the machine to remove in the end.
    """

    namespaces: bool
    scratch: str
    readable: tuple[str, ...] | None
    filtered: bool
    keeps_metadata: bool
    gives_descriptors: bool
    user: int | None
    reads_all: bool
    host_folder: str | None
    cpu_seconds: int
    address_space: int
    file_bytes: int
    open_files: int
    threads: int
    scratch_bytes: int
    scratch_files: int

    def settle(self) -> None:
        """Confine the parent of all children, as far as it can still do its work."""
        if not self.namespaces:
            self.drop_privileges()

    def fork(self) -> int:
        """Fork; with namespaces, the child is the first process of one of its own, and all in it die with it."""
        if not self.namespaces:
            return os.fork()
        own = os.pidfd_open(os.getpid())
        try:
            _check(_libc.unshare(_CLONE_NEWPID))
            pid = os.fork()
            if pid:
                _check(_libc.setns(own, _CLONE_NEWPID))
            return pid
        finally:
            os.close(own)

    def enter(self, name: str) -> None:
        """Confine this process for good, to the folder ``name`` of the scratch."""
        own = os.path.join(self.scratch, name)
        os.setsid()  # signals to its own group then reach nobody else's process
        if self.namespaces:
            self._mount_scratch()
            self.drop_privileges()
        else:
            _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))  # namespaces see to that themselves
        os.mkdir(own, 0o700)
        os.chdir(own)
        os.environ["HOME"] = os.environ["TMPDIR"] = own
        self.seal(own)

    def seal(self, own: str) -> None:
        """Give up everything but the folder ``own`` and what the program needs; limits first, the filter last."""
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
        self._limit()
        if self.readable is not None:
            landlock.restrict(self.readable, own)
        if self.filtered:
            seccomp.apply(keeps_metadata=self.keeps_metadata, gives_descriptors=self.gives_descriptors)
            if self.keeps_metadata:
                os.utime = _forgiving(os.utime)

    def drop_privileges(self) -> None:
        """Become the ordinary user, without any capability."""
        if self.user is not None and os.geteuid() == 0:
            if self.reads_all:
                _check(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)
        kept = _CAP_DAC_READ_SEARCH if self.reads_all else 0
        header = ctypes.create_string_buffer(struct.pack("II", _CAPABILITY_VERSION, 0))
        _check(_libc.capset(header, ctypes.create_string_buffer(struct.pack("6I", kept, kept, 0, 0, 0, 0))))

    def _mount_scratch(self) -> None:
        _check(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC))
        # Covering the root by itself changes no path, but who stands below the cover gets no user namespace from Linux,
        # in which it could mount and unshare at will.
        _check(_libc.mount(b"/", b"/", None, _MS_BIND | _MS_REC, None))
        options = f"size={self.scratch_bytes},nr_inodes={self.scratch_files},mode=1777"
        flags = _MS_NOSUID | _MS_NODEV
        _check(_libc.mount(b"tmpfs", self.scratch.encode(), b"tmpfs", flags, options.encode()))

    def _limit(self) -> None:
        # Linux counts threads for a user and not for a sandbox, so their limit is wide: it only keeps one process from
        # taking all the numbers of the machine, with stacks so small that the address space holds tens of thousands.
        for limit, most in {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_CPU: self.cpu_seconds,
            resource.RLIMIT_AS: self.address_space,
            resource.RLIMIT_FSIZE: self.file_bytes,
            resource.RLIMIT_NOFILE: self.open_files,
            resource.RLIMIT_NPROC: self.threads,
            resource.RLIMIT_SIGPENDING: 0,  # each timer takes one, and memory of the kernel
        }.items():
            resource.setrlimit(limit, (most, most))


def _forgiving(utime: Callable[..., None]) -> Callable[..., None]:
    """Return ``os.utime`` as copying a file needs it where the filter refuses to change times: then they stay."""

    @functools.wraps(utime)
    def changed(path: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401  # as os.utime has them
        try:
            utime(path, *args, **options)
        except PermissionError:
            os.stat(path)  # what is not there is still an error

    return changed


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
