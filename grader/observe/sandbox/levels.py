"""The levels of isolation, best first: how a program is walled in, and how its children confine themselves."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader import limits
from grader.observe.child import landlock, seccomp
from grader.observe.sandbox.runtime import INSIDE, Place, Program, executable, system, unmasked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

REPAIR_BUBBLEWRAP = "install it: sudo apt-get install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap (Fedora)"


class Level(Protocol):
    """One way of walling a program in."""

    @property
    def name(self) -> str:
        """What it is called in options and reports."""

    @property
    def about(self) -> str:
        """What it does, in a few words."""

    @property
    def namespaces(self) -> bool:
        """Whether each child gets process ids, mounts and memory files of its own."""

    @property
    def safe(self) -> bool:
        """Whether a stranger's code may run on it."""

    def missing(self) -> str | None:
        """Return what this machine lacks for this level, with the repair, or None; nothing is tried."""

    def place(self, program: Program) -> AbstractContextManager[Place]:
        """Yield where ``program`` finds things, and take that away in the end."""

    def command(self, program: Program, place: Place) -> list[str]:
        """Return the command line that runs ``program`` inside the walls."""


@dataclass(frozen=True)
class Bubblewrap:
    """A view of the machine of its own: an empty read-only root, no network, no /proc, its own process ids."""

    name: str
    about: str
    namespaces: bool
    safe: bool = True

    def missing(self) -> str | None:
        """Return how to install bubblewrap where it is not there."""
        return _elsewhere() or (None if shutil.which("bwrap") else f"bubblewrap is not installed; {REPAIR_BUBBLEWRAP}")

    @contextlib.contextmanager
    def place(self, program: Program) -> Iterator[Place]:  # noqa: ARG002  # the other levels need it
        """Yield the same place for every program: each sees its own."""
        targets = (INSIDE.packages, "/dev", *system().shown)
        yield Place(INSIDE.packages, INSIDE.scratch, readable=targets)

    def command(self, program: Program, place: Place) -> list[str]:
        """Return the bwrap command line."""
        # No --uid, --gid or --dev: for each, bwrap makes a second user namespace, and the zygote, which enters a new
        # process namespace before each fork, could not come back from it.
        separate = ["pid", "net", "ipc", "uts", "cgroup-try"]
        root = os.geteuid() == 0
        return [
            shutil.which("bwrap") or "bwrap",
            *(f"--unshare-{kind}" for kind in (separate if root else ["user", *separate])),
            *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
            *_capabilities(root=root, namespaces=self.namespaces and program.forks),
            *self._visible(program, place),
            *("--remount-ro", "/", "--chdir", "/"),
            *program.command(place),
        ]

    def _visible(self, program: Program, place: Place) -> list[str]:
        """Return the mounts: the system, three devices, the program's own files, nothing else."""
        mounts = [word for name, target in system().links.items() for word in ("--symlink", target, name)]
        mounts += [word for path in system().shown for word in ("--ro-bind", path, path)]
        mounts += [word for path in system().masked for word in ("--tmpfs", path)]
        mounts += [word for name in _DEVICES for word in ("--dev-bind", name, name)]
        for source, name in program.packages.items():
            mounts += ["--ro-bind", source, f"{place.packages}/{name}"]
        memory = program.memory or (0 if self.namespaces else limits.SHARED_SCRATCH_BYTES)
        scratch = (
            ["--perms", "1777", "--size", str(memory), "--tmpfs", place.scratch] if memory else ["--dir", place.scratch]
        )
        return [*_folders_above(mounts), *mounts, *scratch]


_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_HARMLESS = (*_DEVICES, "/etc/mime.types")  # the standard library reads that file wherever it sees it


class _OnTheMachine:
    """A program sees the machine as it is, and has a private folder there with links to its packages."""

    def place(self, program: Program) -> AbstractContextManager[Place]:
        """Yield that folder."""
        return _host_folder(program)

    def command(self, program: Program, place: Place) -> list[str]:
        """Return the plain command line; where there are walls, the program puts them up itself."""
        return program.command(place)


@dataclass(frozen=True)
class Landlock(_OnTheMachine):
    """No namespaces, so that it works inside a container: the kernel refuses what a child has given up."""

    name: str = "landlock"
    about: str = "Landlock and a filter of system calls, without namespaces"
    namespaces: bool = False
    safe: bool = True

    def missing(self) -> str | None:
        """Return what the kernel lacks."""
        if (elsewhere := _elsewhere()) is not None or landlock.abi() >= landlock.NEEDED:
            return elsewhere
        return (
            f"this kernel has Landlock {landlock.abi()}, {landlock.NEEDED} is needed: Linux 6.2 or newer, with "
            "landlock in /sys/kernel/security/lsm; if it is not there, add it to lsm= on the kernel's command line"
        )


@dataclass(frozen=True)
class Process(_OnTheMachine):
    """A process of its own with limits, and nothing more: for a person's own code on their own machine."""

    name: str = "process"
    about: str = "a process with limits and no wall at all, for your own code on your own machine"
    namespaces: bool = False
    safe: bool = False

    def missing(self) -> str | None:
        """Return None: it needs nothing."""
        return None


BUBBLEWRAP = Bubblewrap("bubblewrap", "bubblewrap, with namespaces for each run of a student's code", namespaces=True)
SHARED = Bubblewrap("bubblewrap-shared", "bubblewrap without capabilities: one sandbox for all runs", namespaces=False)
LANDLOCK = Landlock()
PROCESS = Process()
LEVELS: tuple[Level, ...] = (BUBBLEWRAP, SHARED, LANDLOCK, PROCESS)
"""Best first. Only ``process`` is unsafe, and it is never chosen unless asked for by name."""


def walls(level: Level, place: Place, *, namespaces: bool) -> dict[str, object]:
    """Return the settings with which a program confines itself or, with ``namespaces``, each of its children.

    Limits come on top of them.
    """
    root = os.geteuid() == 0
    return {
        "namespaces": namespaces,
        "scratch": place.scratch,
        "readable": place.readable if _landlocks(level, namespaces=namespaces) else None,
        "filtered": level.safe,
        "keeps_metadata": not namespaces,
        "gives_descriptors": False,
        "user": limits.ORDINARY_USER if root else None,
        "reads_all": root and place.host_folder is not None and not _open_to_others(place.packages),
        "host_folder": place.host_folder,
    }


def _landlocks(level: Level, *, namespaces: bool) -> bool:
    """Tell whether Landlock has to keep apart, or can, what has no namespaces of its own."""
    return level.safe and not namespaces and landlock.abi() >= landlock.NEEDED


@contextlib.contextmanager
def launched(
    level: Level, program: Program, descriptors: Sequence[int]
) -> Iterator[tuple[subprocess.Popen[bytes], Place]]:
    """Start ``program`` behind the walls of ``level``, with these file descriptors kept open; wait for its end."""
    with level.place(program) as place:
        process = subprocess.Popen(  # noqa: S603  # our own command line
            level.command(program, place),
            env=_variables(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=tuple(descriptors),
            start_new_session=True,  # Ctrl-C is the grader's to handle
        )
        try:
            yield process, place
        finally:
            _stop(process)


def last_words(process: subprocess.Popen[bytes]) -> str:
    """End a program that does not work any more, and return the last line that it wrote."""
    process.kill()
    _, errors = process.communicate()
    said = errors.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"it said nothing and ended with status {process.returncode}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Wait until a program has ended that was told to, by force if it does not, and close what is left of it."""
    try:
        process.wait(limits.STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stderr is not None:
        process.stderr.close()


def _elsewhere() -> str | None:
    """Return why no level with walls can be had on a machine of this kind, or None."""
    machine = platform.machine()
    if sys.platform != "linux":
        return "it takes Linux; on macOS a virtual machine with it (Lima, Colima, Docker Desktop), on Windows WSL 2"
    if machine in seccomp.MACHINES:
        return None
    return f"system calls can be filtered on {' and '.join(seccomp.MACHINES)}, this machine is {machine}"


def _capabilities(*, root: bool, namespaces: bool) -> list[str]:
    """Return what a program needs to give its children namespaces and, started as root, to become another user."""
    needed = ["SYS_ADMIN"] if namespaces else []
    if root:
        needed += ["SETUID", "SETGID", *(["KILL", "DAC_OVERRIDE"] if namespaces else [])]
    return [word for name in needed for word in ("--cap-add", f"CAP_{name}")]


def _variables(place: Place) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": place.scratch,
        "TMPDIR": place.scratch,
        "USER": "student",  # whoever asks for it would be looked up among the machine's users, who are not told
        "MALLOC_ARENA_MAX": "1",  # each arena would reserve 64 MB of the address space that limits a child
    }


@contextlib.contextmanager
def _host_folder(program: Program) -> Iterator[Place]:
    """Yield a new folder, in memory where there is such a place; what is left of it in the end is removed."""
    memory = "/dev/shm"  # noqa: S108  # a folder with a random name in it, not a file
    with tempfile.TemporaryDirectory(
        prefix="grader-", dir=memory if os.access(memory, os.W_OK) else None, ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        packages, scratch = folder / "packages", folder / "work"
        for source, target in program.packages.items():
            link = packages / target
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source)
        scratch.mkdir()
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, limits.ORDINARY_USER, limits.ORDINARY_USER, follow_symlinks=False)
        yield Place(str(packages), str(scratch), (*unmasked(), *_HARMLESS, str(packages), *program.packages), name)


def _open_to_others(packages: str) -> bool:
    """Tell whether an ordinary user may enter the folders of this Python and of the packages linked in a folder."""
    linked = [path.resolve() for path in Path(packages).rglob("*") if path.is_symlink()]
    needed = [Path(executable()), *map(Path, system().shown), *linked]
    above = {folder for path in needed for folder in path.parents}
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in above)


def _folders_above(mounts: list[str]) -> list[str]:
    """Return words that make the folders above the mounts: those that bwrap makes by itself only root may enter."""
    targets = {Path(target) for option, target in zip(mounts, mounts[2:], strict=False) if option.endswith("-bind")}
    folders = sorted({str(folder) for target in targets for folder in target.parents} - {"/"})
    return [word for folder in folders for word in ("--dir", folder)]
