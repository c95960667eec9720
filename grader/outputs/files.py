"""Writes reports: all of them or none, and never a half of one."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_TOKEN_BYTES = 4
_ANY_TOKEN = "[0-9a-f]" * 2 * _TOKEN_BYTES
_PROBE = b"." * 4096  # a block: an empty file fits on a full disk
_REPAIRS = {
    errno.ENOSPC: "the disk is full; make room, or choose a folder on another disk: --out DIR",
    errno.EDQUOT: "your share of the disk is used up; make room, or choose a folder on another disk: --out DIR",
    errno.EROFS: "it lies on a disk that can only be read; choose another folder: --out DIR",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one: --out DIR",
}


class OutputUnwritable(RuntimeError):  # noqa: N818  # it names the fault
    """Reports cannot be written to a folder; the message names the repair."""


def prepare(folder: Path, names: Iterable[str] = ()) -> None:
    """Make ``folder`` with its parents, and find out now whether reports called ``names`` can be written there.

    Raises :class:`OutputUnwritable`: better before the work than after it.
    """
    _make(folder)
    for name in names:
        _check_name(folder, name)
    with _explained(folder), ExitStack() as stack:
        _stage(folder, "probe", _PROBE, stack)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write ``files`` (name to content, text as UTF-8) into ``folder``; older ones of the same name are replaced.

    Raises :class:`OutputUnwritable`. Until every file is complete on the disk, none takes its name.
    """
    _make(folder)
    for name in files:
        _check_name(folder, name)
    with _explained(folder), ExitStack() as stack:
        for name in files:
            _sweep(folder, name)
        staged = {name: _stage(folder, name, _bytes(content), stack) for name, content in files.items()}
        for name, path in staged.items():
            path.replace(folder / name)


def _make(folder: Path) -> None:
    with _explained(folder):
        for place in (folder, *folder.parents):
            if place.exists() and not place.is_dir():
                raise OutputUnwritable(f"{place} is a file; move it away, or choose another folder: --out DIR")
        folder.mkdir(parents=True, exist_ok=True)


def _check_name(folder: Path, name: str) -> None:
    path = folder / name
    if name in {"", ".", ".."} or path.name != name:
        raise ValueError(f"{name!r} is no name of a file in a folder")
    if path.is_symlink():
        raise OutputUnwritable(f"{path} is a link, and reports are not written through links; repair: rm {path}")
    if path.is_dir():
        raise OutputUnwritable(
            f"{path} is a folder where a report belongs; move it away, or choose another folder: --out DIR"
        )


def _stage(folder: Path, name: str, content: bytes, stack: ExitStack) -> Path:
    """Write a file under a name of its own and see it onto the disk; ``stack`` removes it unless it was renamed."""
    path = folder / f".{name}.{secrets.token_hex(_TOKEN_BYTES)}.part"
    stack.callback(path.unlink, missing_ok=True)  # before the file is there: an interrupt may come at any moment
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    file = stack.enter_context(open(descriptor, "wb"))  # noqa: PTH123, SIM115  # of a descriptor; the stack closes it
    with suppress(OSError):  # some file systems know no locks
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as long as it is locked, its writer lives
    file.write(content)
    file.flush()
    os.fsync(descriptor)
    return path


def _sweep(folder: Path, name: str) -> None:
    """Remove what a writer that was killed has left of a file."""
    for path in folder.glob(f".{glob.escape(name)}.{_ANY_TOKEN}.part"):
        with suppress(OSError):  # its writer lives, or somebody else has removed it
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with open(descriptor, "rb"):  # noqa: PTH123  # of a descriptor
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn an error of the file system into one that names the repair."""
    try:
        yield
    except OSError as error:
        repair = _REPAIRS.get(error.errno or 0)
        if error.errno in {errno.EACCES, errno.EPERM}:
            repair = f"you may not write there; repair: chmod u+rwx {folder}, or choose another folder: --out DIR"
        reason = repair or f"{error.strerror or error}; choose another folder: --out DIR"
        raise OutputUnwritable(f"reports cannot be written to {folder}: {reason}") from error
