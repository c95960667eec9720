"""Scratch folders of hostile programs on a file system that counts nothing for us: measured and removed."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOKS = 20  # at a folder in which things move while it is looked at
_ENTERED = stat.S_IWUSR | stat.S_IXUSR  # what it takes to put something into a folder


class _Moved(Exception):  # noqa: N818  # no error: a reason to look again
    """Something was not found where it had been listed."""


def is_full(folder: str, most_bytes: int, most_files: int) -> bool:
    """Tell whether a folder holds more than this; stops to count as soon as it does.

    Its owner may try to hide what is in it, meanwhile: a folder in which nothing holds still, which is closed or too
    deep to be looked into, is full.
    """
    for _ in range(_LOOKS):
        with suppress(_Moved):
            return _holds_more(folder, most_bytes, most_files)
    return True


def _holds_more(folder: str, most_bytes: int, most_files: int) -> bool:
    size = files = 0
    waiting: list[tuple[str, int | None]] = [(folder, None)]
    while waiting:
        path, inode = waiting.pop()
        try:
            for name, found in _listed(path, inode):
                files += 1
                size += found.st_blocks * 512
                if size > most_bytes or files > most_files:
                    return True
                if stat.S_ISDIR(found.st_mode):
                    waiting.append((os.path.join(path, name), found.st_ino))
        except PermissionError:  # what may be filled but not listed hides something
            if os.lstat(path).st_mode & _ENTERED == _ENTERED:
                return True
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return True
            if inode is not None:  # at first, its process has not made it yet
                raise _Moved from error
    return False


def _listed(path: str, inode: int | None) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what a folder holds, each with its status; raises :class:`_Moved` where that is of something else."""
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if inode not in {None, os.fstat(place).st_ino}:
            raise _Moved
        with os.scandir(place) as entries:
            for entry in entries:
                found = os.stat(entry.name, dir_fd=place, follow_symlinks=False)
                if found.st_ino != entry.inode():
                    raise _Moved
                yield entry.name, found
    finally:
        os.close(place)


def remove(path: str) -> None:
    """Remove a file or a folder with all that is in it, however deep that is and whatever its modes are.

    Each folder found is first moved up beside the top one: so no path grows too long and no recursion too deep. Others
    may be removing the same, or still be adding to it: it goes on as long as that gets it further.
    """
    with suppress(OSError):
        trash = tempfile.mkdtemp(prefix="grader-", dir=os.path.dirname(path))
        with suppress(OSError):  # it may be gone by now
            os.rename(path, os.path.join(trash, "0"))
        numbers = count(1)
        before: list[str] = []
        while (names := os.listdir(trash)) and names != before:
            before = names
            for name in names:
                with suppress(OSError):
                    _take_apart(os.path.join(trash, name), numbers)
        os.rmdir(trash)


def _take_apart(path: str, numbers: Iterator[int]) -> None:
    """Remove a file, or a folder whose folders are moved out beside it, with these numbers for names."""
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
        return
    os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        for entry in list(entries):
            with suppress(FileNotFoundError):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)  # a folder can be moved only by who may write in it
                    os.rename(entry.path, os.path.join(os.path.dirname(path), str(next(numbers))))
                else:
                    os.unlink(entry.path)
    with suppress(OSError):  # something new in it: the next look finds it
        os.rmdir(path)
