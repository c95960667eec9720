"""Runs a program and measures what it costs together with every process that descends from it.

Processor time is read from a control group (cgroup v2): who is started in one stays in it, and so do its descendants,
whoever reaps them. ``getrusage(RUSAGE_CHILDREN)`` would lose two thirds of it here: it knows only the dead whom each
of their parents waited for, and a sandbox ends by killing. To make a group takes root or a delegated scope; elsewhere
no time is given rather than a wrong one.

Memory is the sum of the proportional set sizes (PSS) of the family, sampled: a page that several share counts once.
Sampling slows a program down, so it is done in a run of its own. Files in a tmpfs are not counted.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.01
END_SECONDS = 10.0
_ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
_PROC = Path("/proc")
_PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Program:
    """A command, and the folder in which it runs; ``variables`` are set besides the environment of this process."""

    command: Sequence[str]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def started(self, group: Group | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, in ``group`` if there is one, and wait for its end; raises RuntimeError if it fails."""
        enter = [] if group is None else ["/bin/sh", "-c", _ENTER, str(group.folder)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with tempfile.TemporaryFile() as printed:
            with subprocess.Popen(
                [*enter, *self.command],
                cwd=self.folder,
                env={**environment, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
            ) as process:
                yield process
            if process.returncode:
                printed.seek(0)
                said = printed.read().decode("utf-8", "replace")
                raise RuntimeError(f"{' '.join(self.command)} ended with {process.returncode}:\n{said}")


class Group:
    """A control group below that of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, process: int) -> None:
        """Move a process into the group; its later children will be in it too."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            (self.folder / "cgroup.procs").write_text(str(process))

    def cpu(self) -> float:
        """Return the processor time of all that ever ran in the group, in seconds."""
        return int((self.folder / "cpu.stat").read_text().split()[1]) / 1e6

    def remove(self) -> None:
        """Wait for the last process in it, and remove the group; raises TimeoutError if one lives on."""
        end = time.monotonic() + END_SECONDS
        while left := (self.folder / "cgroup.procs").read_text().split():
            if time.monotonic() > end:
                raise TimeoutError(f"processes outlived their program: {', '.join(left)}; look at them with ps")
            time.sleep(0.001)
        self.folder.rmdir()


@contextlib.contextmanager
def group(name: str) -> Iterator[Group | None]:
    """Yield a new control group, or None where this process may make none."""
    try:
        folder = _own_group() / f"{name}-{os.getpid()}"
        folder.mkdir()
    except OSError:
        yield None
        return
    made = Group(folder)
    try:
        yield made
    finally:
        made.remove()


def _own_group() -> Path:
    """Return the folder of this process's control group; raises FileNotFoundError where there is none of version 2."""
    mounts = [line.split() for line in (_PROC / "mounts").read_text().splitlines()]
    for line in (_PROC / "self/cgroup").read_text().splitlines():
        for mount in mounts:
            if line.startswith("0::") and mount[2] == "cgroup2":
                return Path(mount[1] + line.removeprefix("0::"))
    raise FileNotFoundError("no control groups of version 2 are mounted")


def cost(program: Program) -> tuple[float, float | None]:
    """Run a program; returns wall time and processor time in seconds, the latter None where no group can be made."""
    with group("benchmark") as made:
        begin = time.perf_counter()
        with program.started(made):
            pass
        wall = time.perf_counter() - begin
        if made is None:
            return wall, None
        return wall, made.cpu()


def peak_memory(program: Program) -> int:
    """Run a program; returns the largest sum of its family's memory that was met, in bytes."""
    most = 0
    with program.started() as process:
        while process.poll() is None:
            most = max(most, memory_of([process.pid, *descendants(process.pid)]))
            time.sleep(SAMPLE_SECONDS)
    return most


def memory_of(processes: Iterable[int]) -> int:
    """Return the memory of these processes, in bytes; what several share counts once."""
    return sum(map(_memory, processes))


def descendants(ancestor: int) -> list[int]:
    """Return the processes that descend from ``ancestor``."""
    parents = dict(_parents())
    found = [ancestor]
    for one in found:  # it grows meanwhile
        found += [process for process, parent in parents.items() if parent == one]
    return found[1:]


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            yield int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])


def _memory(process: int) -> int:
    """Return the PSS of a process; where its limits on itself forbid to look, what it shares with no file."""
    folder = _PROC / str(process)
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        try:
            found = _PSS.search((folder / "smaps_rollup").read_text())
            return int(found[1]) * 1024 if found else 0
        except PermissionError:
            _, resident, shared, *_ = (folder / "statm").read_text().split()
            return (int(resident) - int(shared)) * _PAGE
    return 0


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module with the Python that runs this."""
    return [sys.executable, "-m", module, *arguments]
