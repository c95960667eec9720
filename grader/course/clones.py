"""What a clone tells of itself: the commit that is checked out, and when it was made.

Whoever handed it in may have written every file of it, its ``.git/config`` as well, and git runs what stands there. So
git reads nothing but the objects of a clone, from a repository of our own that has no settings.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.faults import WrongUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 30
"""How long git may take to read a commit."""
_MOST_BYTES = 16 * 1024 * 1024
"""The largest list of references that is read: one of 100,000 branches takes half of it."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REFERENCE = re.compile(r"refs(/(?!\.)[\w.+@-]+)+")


class GitMissing(WrongUse):
    """Clones are to be read, and git is not here; the message names the repair."""


def head(folder: Path) -> str:
    """Return the commit that is checked out in a clone; empty where there is no commit, or it is no clone."""
    git = folder / ".git"
    if git.is_symlink() or not git.is_dir():
        return ""
    found = _text(git / "HEAD").strip()
    if found.startswith("ref: "):
        name = found.removeprefix("ref: ")
        found = (_text(git / name).strip() or _packed(git, name)) if _REFERENCE.fullmatch(name) else ""
    return found if _COMMIT.fullmatch(found) else ""


@contextmanager
def commit_times() -> Iterator[Callable[[Path, str], datetime | None]]:
    """Give what returns when a commit of a clone was made, as whoever made it says; None where it cannot be read."""
    with tempfile.TemporaryDirectory(prefix="grader-commits-") as name:
        repository = Path(name)
        (repository / "refs").mkdir()
        (repository / "objects").mkdir()
        (repository / "HEAD").write_text("ref: refs/heads/main\n")
        yield lambda folder, commit: _made_at(repository, folder, commit)


def _made_at(repository: Path, folder: Path, commit: str) -> datetime | None:
    git = shutil.which("git")
    if git is None:
        raise GitMissing("the submissions are clones, and git is not installed; repair: sudo apt-get install git")
    variables = {
        "GIT_DIR": str(repository),
        "GIT_OBJECT_DIRECTORY": str((folder / ".git" / "objects").absolute()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    done = subprocess.run(  # noqa: S603  # a commit is digits only
        [git, "show", "--no-patch", "--format=%ct", commit],
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    said = done.stdout.strip()
    try:
        return datetime.fromtimestamp(int(said), UTC) if done.returncode == 0 else None
    except (ValueError, OverflowError, OSError):  # a date that its author made up
        return None


def _packed(git: Path, name: str) -> str:
    """Return what a reference that has no file of its own points at."""
    for line in _text(git / "packed-refs").splitlines():
        commit, _, reference = line.partition(" ")
        if reference == name:
            return commit
    return ""


def _text(path: Path) -> str:
    """Return a regular file as text; empty where there is none: it may be a link, a pipe, or larger than any is."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_MOST_BYTES)
