"""Scratch folders of hostile programs on a file system that counts nothing for us: measured and removed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress


def is_full(folder: str, most_bytes: int, most_files: int) -> bool:
    """Tell whether a folder holds more than this; stops to count as soon as it does."""
    size = files = 0
    waiting = [folder]
    while waiting:
        with suppress(OSError), _opened(waiting.pop()) as entries:  # it may be gone by now
            for entry in entries:
                files += 1
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if size > most_bytes or files > most_files:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return False


def _opened(folder: str) -> os.ScandirIterator[str]:  # type: ignore[name-defined]  # known to type checkers only
    try:
        return os.scandir(folder)
    except PermissionError:  # its owner may close it to hide what is in it
        os.chmod(folder, 0o700)
        return os.scandir(folder)


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, however deep that is and whatever its modes are.

    Each folder found is first moved up beside the top one: so no path grows too long and no recursion too deep.
    """
    with suppress(OSError):
        trash = tempfile.mkdtemp(dir=os.path.dirname(folder))
        os.rename(folder, os.path.join(trash, "0"))
        waiting, moved = ["0"], 1
        while waiting:
            top = os.path.join(trash, waiting.pop())
            os.chmod(top, 0o700)
            for entry in list(os.scandir(top)):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)  # a folder can be moved only by who may write in it
                    os.rename(entry.path, os.path.join(trash, str(moved)))
                    waiting.append(str(moved))
                    moved += 1
                else:
                    os.unlink(entry.path)
            os.rmdir(top)
        os.rmdir(trash)
