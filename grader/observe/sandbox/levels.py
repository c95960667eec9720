"""The levels of isolation, best first, and the probe that chooses one.

A level wraps a program's command line and says what the program's children can do to confine themselves. Two exist
today; the places of the others (bubblewrap without capabilities, Landlock with seccomp) are in :data:`LEVELS`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader import limits
from grader.observe.sandbox.runtime import Program, interpreter, system_mounts

if TYPE_CHECKING:
    from collections.abc import Sequence

FALLBACK = "For your own code only, on your own machine: --isolation process (it walls nothing in)."
REPAIR_BUBBLEWRAP = "install it: sudo apt-get install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap (Fedora)"


class IsolationMissing(RuntimeError):  # noqa: N818  # it names the fault
    """The wanted level cannot be had on this machine; the message says how to repair that."""


class Level(Protocol):
    """One way of walling a program in."""

    @property
    def name(self) -> str:
        """What it is called in options and reports."""

    @property
    def namespaces(self) -> bool:
        """Whether a child can have namespaces of its own."""

    @property
    def safe(self) -> bool:
        """Whether a stranger's code may run on it."""

    def missing(self) -> str | None:
        """Return what has to be installed for this level, or None."""

    def problem(self) -> str | None:
        """Return what keeps this machine from giving this level, with the repair, or None; found out by trying."""

    def command(self, program: Program) -> list[str]:
        """Return the command line that runs ``program`` inside the walls."""


@dataclass(frozen=True)
class Bubblewrap:
    """Namespaces for the sandbox and again for each child: no network, no /proc, an empty read-only root."""

    name: str = "bubblewrap"
    namespaces: bool = True
    safe: bool = True

    def missing(self) -> str | None:
        """Return how to install bubblewrap where it is not there."""
        return None if shutil.which("bwrap") else f"bubblewrap is not installed; {REPAIR_BUBBLEWRAP}"

    def problem(self) -> str | None:
        """Return why bubblewrap does not work here, by trying it."""
        if missing := self.missing():
            return missing
        trial = Program(("-c", "pass"), {}, namespaces=True)
        done = subprocess.run(self.command(trial), capture_output=True, text=True, check=False)  # noqa: S603  # ours
        if done.returncode == 0:
            return None
        return (
            f"bubblewrap is installed but cannot make a sandbox here ({done.stderr.strip() or done.returncode}); "
            "on Ubuntu 24.04: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; "
            "in a container: give it SYS_ADMIN"
        )

    def command(self, program: Program) -> list[str]:
        """Return the bwrap command line."""
        # No --uid, --gid or --dev: for each, bwrap makes a second user namespace, and the zygote, which enters a new
        # process namespace before each fork, could not come back from it.
        separate = ["pid", "net", "ipc", "uts", "cgroup-try"]
        root = os.geteuid() == 0
        return [
            "bwrap",
            *(f"--unshare-{kind}" for kind in (separate if root else ["user", *separate])),
            *("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"),
            *(_capabilities(root=root) if program.namespaces else []),
            *_environment(program),
            *_visible(program),
            *("--remount-ro", "/", "--chdir", "/"),
            *interpreter(),
            *program.arguments,
        ]


@dataclass(frozen=True)
class Process:
    """A process of its own with limits, and nothing more: for a person's own code on their own machine."""

    name: str = "process"
    namespaces: bool = False
    safe: bool = False

    def missing(self) -> str | None:
        """Return None: it needs nothing."""
        return None

    def problem(self) -> str | None:
        """Return None: it works everywhere."""
        return None

    def command(self, program: Program) -> list[str]:
        """Return the plain command line, in an empty environment."""
        settings = [f"{name}={value}" for name, value in _variables(program).items()]
        return ["env", "-i", *settings, *interpreter(), *program.arguments]


LEVELS: tuple[Level, ...] = (Bubblewrap(), Process())
"""Best first. Only ``process`` is unsafe, and it is never chosen unless asked for by name."""


def choose(wanted: str | None) -> Level:
    """Return the level called ``wanted``, or the best safe one; raises :class:`IsolationMissing` with the repair.

    Whether it really works is seen when the sandbox starts: a trial before that would cost as much again.
    """
    problems: list[str] = []
    for level in LEVELS:
        if wanted == level.name or (wanted is None and level.safe):
            missing = level.missing()
            if missing is None:
                return level
            problems.append(missing)
    if not problems:
        raise IsolationMissing(
            f"there is no level {wanted!r}; choose one of {', '.join(level.name for level in LEVELS)}"
        )
    raise IsolationMissing("\n".join([*problems, FALLBACK]))


def check_works(level: Level) -> None:
    """Once something has failed: raise :class:`IsolationMissing` with the repair if the level does not work here."""
    if problem := level.problem():
        raise IsolationMissing(f"{problem}\n{FALLBACK}")


def _capabilities(*, root: bool) -> list[str]:
    """Return what the zygote needs to give its children namespaces and, started as root, another user."""
    needed = ["SYS_ADMIN", *(["SETUID", "SETGID", "KILL", "DAC_OVERRIDE"] if root else [])]
    return [word for name in needed for word in ("--cap-add", f"CAP_{name}")]


def _environment(program: Program) -> list[str]:
    return [word for name, value in _variables(program).items() for word in ("--setenv", name, value)]


def _variables(program: Program) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": program.scratch,
        "TMPDIR": program.scratch,
        "MALLOC_ARENA_MAX": "1",  # each arena would reserve 64 MB of the address space that limits a child
    }


def _visible(program: Program) -> list[str]:
    """Return the mounts: the system, three devices, the program's own files, nothing else."""
    mounts = list(system_mounts())
    for name in ("null", "zero", "urandom"):
        mounts += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for source, target in program.files.items():
        mounts += ["--ro-bind", source, target]
    words = [*_folders_above(mounts), *mounts]
    if program.memory:
        return [*words, "--perms", "0700", "--size", str(program.memory), "--tmpfs", program.scratch]
    return [*words, "--dir", program.scratch]


def _folders_above(mounts: list[str]) -> list[str]:
    """Return words that make the folders above the mounts: those that bwrap makes by itself only root may enter."""
    targets = {Path(target) for option, target in zip(mounts, mounts[2:], strict=False) if option.endswith("-bind")}
    folders = sorted({str(folder) for target in targets for folder in target.parents} - {"/"})
    return [word for folder in folders for word in ("--dir", folder)]


def limited(level: Level, scratch: str) -> dict[str, object]:
    """Return the settings with which a child confines itself, from the table of limits."""
    return {
        "namespaces": level.namespaces,
        "scratch": scratch,
        "user": limits.ORDINARY_USER if level.namespaces and os.geteuid() == 0 else None,
        "cpu_seconds": limits.CPU_SECONDS,
        "address_space": limits.ADDRESS_SPACE,
        "file_bytes": limits.FILE_BYTES,
        "open_files": limits.OPEN_FILES,
        "processes": limits.PROCESSES,
        "scratch_bytes": limits.SCRATCH_BYTES,
        "scratch_files": limits.SCRATCH_FILES,
    }


def launch(level: Level, program: Program, descriptors: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start ``program`` behind the walls of ``level``, with these file descriptors kept open."""
    return subprocess.Popen(  # noqa: S603  # our own command line
        level.command(program),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=tuple(descriptors),
        start_new_session=True,  # Ctrl-C is the grader's to handle
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Wait until a program has ended that was told to, by force if it does not, and close what is left of it."""
    try:
        process.wait(limits.STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stderr is not None:
        process.stderr.close()
