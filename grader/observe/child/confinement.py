"""What a student's process may do: namespaces, an ordinary user, limits. It applies them to itself, at its start."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from dataclasses import dataclass

_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWPID = 0x20000000
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_BIND = 4096
_MS_REC = 16384
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522  # the 64-bit form, of linux/capability.h

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Confinement:
    """The settings of one sandbox, from the table of limits.

    ``namespaces`` gives each child process ids, mounts and message queues of its own, and a private folder in
    memory at ``scratch``; without it (level ``process``) ``scratch`` is a folder of the host. ``user`` is the user
    to become where the sandbox was started as root.
    """

    namespaces: bool
    scratch: str
    user: int | None
    cpu_seconds: int
    address_space: int
    file_bytes: int
    open_files: int
    processes: int
    scratch_bytes: int
    scratch_files: int

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

    def enter(self) -> None:
        """Confine this process for good."""
        os.setsid()  # signals to its own group then reach nobody else's process
        if self.namespaces:
            self._mount_scratch()
            self._drop_privileges()
        else:
            _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))  # namespaces see to that themselves
        os.makedirs(self.scratch, exist_ok=True)
        os.chdir(self.scratch)
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
        self._limit()

    def _mount_scratch(self) -> None:
        _check(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC))
        # Covering the root by itself changes no path, but who stands below the cover gets no user namespace from Linux,
        # in which it could mount and unshare at will.
        _check(_libc.mount(b"/", b"/", None, _MS_BIND | _MS_REC, None))
        options = f"size={self.scratch_bytes},nr_inodes={self.scratch_files},mode=1777"
        flags = _MS_NOSUID | _MS_NODEV
        _check(_libc.mount(b"tmpfs", self.scratch.encode(), b"tmpfs", flags, options.encode()))

    def _drop_privileges(self) -> None:
        if self.user is not None:
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)
        header = ctypes.create_string_buffer(struct.pack("II", _CAPABILITY_VERSION, 0))
        none = ctypes.create_string_buffer(struct.pack("6I", *[0] * 6))
        _check(_libc.capset(header, none))

    def _limit(self) -> None:
        limits = {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_CPU: self.cpu_seconds,
            resource.RLIMIT_AS: self.address_space,
            resource.RLIMIT_FSIZE: self.file_bytes,
            resource.RLIMIT_NOFILE: self.open_files,
        }
        if self.namespaces:  # counted per user: outside of a namespace it would count everything of that user
            limits[resource.RLIMIT_NPROC] = self.processes
        for limit, most in limits.items():
            resource.setrlimit(limit, (most, most))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
