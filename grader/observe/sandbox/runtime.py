"""What a sandboxed Python needs to see of the machine: itself, its libraries, the system's, and named packages."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a program finds things: ``packages`` is the folder to import from, ``scratch`` the one to write to.

    ``readable`` is all that it needs to read, for Landlock; ``host_folder`` is what has to be removed from the machine
    when the program has ended, if there is anything.
    """

    packages: str
    scratch: str
    readable: tuple[str, ...] = ()
    host_folder: str | None = None


INSIDE = Place("/packages", "/tmp/work")  # noqa: S108  # inside a sandbox, where /tmp is empty and private


@dataclass(frozen=True)
class Program:
    """A Python program of ours to run behind walls.

    ``start`` gives its first statements, once it is known where it runs; ``packages`` maps files and folders of the
    machine to their names in the folder to import from. ``forks`` tells that its children are confined one by one, for
    which it keeps capabilities where the level gives children namespaces. ``memory`` is the size in bytes of a scratch
    of its own, 0 where each child gets one.
    """

    start: Callable[[Place], str]
    packages: dict[str, str] = field(default_factory=dict)
    forks: bool = False
    memory: int = 0

    def command(self, place: Place) -> list[str]:
        """Return the command that runs it in a Python without site packages, user settings or byte code written."""
        path = f"import gc; gc.disable(); import sys; sys.path[:0] = [{place.packages!r}]; "
        return [executable(), "-I", "-S", "-B", "-c", path + self.start(place)]


@dataclass(frozen=True)
class System:
    """The part of the machine that a Python needs: ``links`` and ``shown`` paths, without what is ``masked``."""

    links: dict[str, str]
    shown: tuple[str, ...]
    masked: tuple[str, ...]


@cache
def executable() -> str:
    """Return the path of this Python itself: a virtual environment's is a link, and no environment is seen inside."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@cache
def system() -> System:
    """Return what is to be seen: libraries, Python, time zones; installed packages are masked."""
    links: dict[str, str] = {}
    shown: list[Path] = []
    for path in map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64")):
        if path.is_symlink():
            links[str(path)] = str(path.readlink())
        elif path.is_dir():
            shown.append(path)
    paths = sysconfig.get_paths(vars={"platbase": sys.base_exec_prefix})  # not the virtual environment's
    libraries = sorted({Path(paths["stdlib"]).resolve(), Path(paths["platstdlib"]).resolve()})
    for path in [
        *libraries,
        Path(executable()),
        *_shared_python(),
        Path("/etc/ld.so.cache"),
        Path("/usr/share/zoneinfo"),
    ]:
        if path.exists() and not any(path.is_relative_to(above) for above in shown):
            shown.append(path)
    masked = [
        path for path in (*(lib / "site-packages" for lib in libraries), Path("/usr/lib/python3")) if path.is_dir()
    ]
    return System(links, tuple(map(str, shown)), tuple(map(str, masked)))


@cache
def unmasked() -> tuple[str, ...]:
    """Return paths that together are what is shown without what is masked, for a wall that can only add."""
    masked = [Path(path) for path in system().masked]
    return tuple(str(part) for path in system().shown for part in _without(Path(path), masked))


def _without(path: Path, masked: list[Path]) -> list[Path]:
    if path in masked:
        return []
    if not any(mask.is_relative_to(path) for mask in masked):
        return [path]
    return [part for entry in sorted(path.iterdir()) for part in _without(entry, masked)]


def _shared_python() -> list[Path]:
    """Return the libpython that the interpreter is linked to, where there is one."""
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    library = Path(folder or "/", name or "none")
    return [library] if library.is_file() else []


def package_files(*names: str) -> dict[str, str]:
    """Map installed packages or modules, with what is written of them, to their names in the folder to import from.

    A name that is not installed is left out: greenlet, for one, is optional.
    """
    files: dict[str, str] = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        files |= {str(found): found.name for found in (source, *_written_of(name, source.parent))}
    return files


def _written_of(name: str, folder: Path) -> list[Path]:
    """Return what tells a package's version to whoever asks ``importlib.metadata``, which itself would take longer."""
    return [path for path in folder.glob("*.dist-info") if path.name.partition("-")[0].lower() == name]
