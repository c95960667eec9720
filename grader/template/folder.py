"""Makes a folder wholly or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

PROGRAMS = ("run_autograder", "setup.sh")
"""The files that a platform starts as programs."""


class TemplateUnwritable(RuntimeError):  # noqa: N818  # it names the fault
    """A folder cannot be made, or not what belongs in it; the message names the repair."""


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write in; what is in it moves to ``folder`` when the block ends well.

    Raises :class:`TemplateUnwritable` where ``folder`` holds something already, or cannot be written.
    """
    try:
        existed = _claim(folder)
        staged = Path(mkdtemp(prefix=".unfinished.", dir=folder))
        try:
            yield staged
            for entry in sorted(
                staged.iterdir(), key=lambda entry: entry.name == ".git"
            ):  # last: it makes a repository
                entry.rename(folder / entry.name)
        finally:
            shutil.rmtree(staged)
            if not existed:
                with suppress(OSError):  # it holds what was asked for
                    folder.rmdir()
    except OSError as error:
        reason = error.strerror or error
        raise TemplateUnwritable(
            f"{folder} cannot be written: {reason}; choose another folder: grader template DIR"
        ) from error


def _claim(folder: Path) -> bool:
    """Make sure of an empty folder; return whether it was there."""
    if folder.exists() and not folder.is_dir():
        raise TemplateUnwritable(f"{folder} is a file; choose another folder: grader template DIR")
    if folder.exists() and any(folder.iterdir()):
        raise TemplateUnwritable(
            f"{folder} is not empty, and nothing in it is overwritten; name a new one: grader template DIR"
        )
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    return existed


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files``, named from ``folder`` with slashes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.name in PROGRAMS:
            path.chmod(0o755)
