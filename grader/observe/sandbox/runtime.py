"""What a sandboxed Python needs to see of the machine: itself, its libraries, the system's, and named packages."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SCRATCH = "/tmp/work"  # noqa: S108  # inside a sandbox, where /tmp is empty and private
PACKAGES = "/packages"


@dataclass(frozen=True)
class Program:
    """A Python program of ours to run behind walls.

    ``arguments`` follow the interpreter's own; ``files`` maps paths of the machine to paths that the program sees;
    ``namespaces`` lets it give its children namespaces; ``memory`` is the size in bytes of a writable folder at
    ``scratch``, 0 for none.
    """

    arguments: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    namespaces: bool = False
    memory: int = 0
    scratch: str = SCRATCH


def interpreter() -> list[str]:
    """Return the command that starts this Python without site packages, user settings or byte code written."""
    return [_executable(), "-I", "-S", "-B"]


@cache
def _executable() -> str:
    # A virtual environment's python is a link; the sandbox has no environment, only the Python behind it.
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@cache
def system_mounts() -> tuple[str, ...]:
    """Return bwrap's words for the read-only system: libraries, Python, time zones; installed packages are masked."""
    words: list[str] = []
    shown: list[Path] = []
    for name in ("/usr/lib", "/usr/lib64", "/lib", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
            shown.append(path)
    paths = sysconfig.get_paths(vars={"platbase": sys.base_exec_prefix})  # not the virtual environment's
    libraries = {Path(paths["stdlib"]).resolve(), Path(paths["platstdlib"]).resolve()}
    needed = [*sorted(libraries), Path(_executable()), *_shared_python()]
    for path in [*needed, Path("/etc/ld.so.cache"), Path("/usr/share/zoneinfo")]:
        if path.exists() and not any(path.is_relative_to(above) for above in shown):
            words += ["--ro-bind", str(path), str(path)]
    for masked in [*(lib / "site-packages" for lib in sorted(libraries)), Path("/usr/lib/python3")]:
        if masked.is_dir():
            words += ["--tmpfs", str(masked)]
    return tuple(words)


def _shared_python() -> list[Path]:
    """Return the libpython that the interpreter is linked to, where there is one."""
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    library = Path(folder or "/", name or "none")
    return [library] if library.is_file() else []


def package_files(*names: str) -> dict[str, str]:
    """Map installed packages or modules, and what of them is there, to their places in the sandbox.

    A name that is not installed is left out: greenlet, for one, is optional.
    """
    files: dict[str, str] = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        files[str(source)] = f"{PACKAGES}/{source.name}"
    return files
