"""Folders of hostile programs are measured and removed, whatever lies in them and whoever else is at work there."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import ordinary_user
from grader.observe.child import folders

DEPTH = 300  # with names so long that no path to the bottom can be opened


def deep(folder: Path) -> None:
    """Make folders so deep that no path leads to the last."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("d" * 50, dir_fd=here)
        below = os.open("d" * 50, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("bottom", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def closed(folder: Path) -> None:
    """Make folders that cannot be entered, listed or written."""
    for mode in (0o000, 0o300, 0o500, 0o600):
        inner = folder / f"{mode:o}" / "inner"
        inner.mkdir(parents=True)
        (inner / "file").touch()
        inner.parent.chmod(mode)


def odd(folder: Path) -> None:
    """Make links, pipes, and names that are no text."""
    (folder / "loop").symlink_to(folder)
    (folder / "away").symlink_to("/")
    (folder / "nowhere").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\n")).touch()


MAKING: dict[str, Callable[[Path], None]] = {"deep": deep, "closed": closed, "odd": odd, "empty": lambda _: None}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder of an ordinary user, in one that is open to all; the test itself is an ordinary user's, too."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o777)
        with ordinary_user():
            made = Path(name) / "made"
            made.mkdir()
            yield made


@pytest.mark.parametrize("making", MAKING)
def test_folder_is_removed(folder: Path, making: str) -> None:
    """Nothing stays of a folder, or beside it."""
    MAKING[making](folder)
    folders.remove(str(folder))
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/")], ids=["file", "link"])
def test_file_is_removed(folder: Path, make: Callable[[Path], None]) -> None:
    """A file or a link is removed like a folder; what a link leads to stays."""
    make(folder / "one")
    folders.remove(str(folder / "one"))
    assert list(folder.iterdir()) == []
    assert Path("/").is_dir()


def test_nothing_is_removed_where_nothing_is(folder: Path) -> None:
    """What is not there is no failure."""
    folders.remove(str(folder / "none"))
    assert list(folder.iterdir()) == []


def test_two_may_remove_the_same(folder: Path) -> None:
    """Where another one removes what is in a folder at the same time, it is gone in the end."""
    for number in range(300):
        (folder / f"{number}").mkdir()
        (folder / f"{number}" / "file").touch()
    both = [threading.Thread(target=folders.remove, args=(str(path),)) for path in (folder, folder / "7")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [path for path in folder.parent.rglob("*") if path.is_file()] == []


# --- measuring --------------------------------------------------------------------------------------------------------


def test_folder_that_is_not_there_is_not_full(folder: Path) -> None:
    """A process that has not yet made its folder has filled nothing."""
    assert folders.is_full(str(folder / "none"), 1, 1) is False


@pytest.mark.parametrize(("most_bytes", "most_files"), [(8_191, 9), (99_999, 2)])
def test_folder_is_full_above_its_limits(folder: Path, most_bytes: int, most_files: int) -> None:
    """What counts are the blocks of files, wherever they lie, and the number of files and folders."""
    (folder / "inner").mkdir()
    for name in ("one", "inner/two"):
        (folder / name).write_bytes(bytes(4_096))
    assert folders.is_full(str(folder), 99_999, 3) is False
    assert folders.is_full(str(folder), most_bytes, most_files) is True


def test_links_lead_nowhere(folder: Path) -> None:
    """What links lead to is not in the folder."""
    odd(folder)
    assert folders.is_full(str(folder), 99_999, 5) is False


def test_too_deep_a_folder_is_full(folder: Path) -> None:
    """What no path leads to hides something."""
    deep(folder)
    assert folders.is_full(str(folder), 1 << 40, 1 << 20) is True
    folders.remove(str(folder))


@pytest.mark.parametrize(("mode", "full"), [(0o300, True), (0o000, False), (0o500, False)])
def test_closed_folder_is_full_if_it_can_be_filled(folder: Path, mode: int, full: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """A folder that cannot be listed but written to hides something; one that cannot be written to holds nothing."""
    (folder / "inner").mkdir()
    (folder / "inner").chmod(mode)
    assert folders.is_full(str(folder), 1 << 20, 99) is full
    (folder / "inner").chmod(0o700)


def test_folder_that_never_holds_still_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where things are never found where they were listed, they are hidden."""
    (folder / "one").mkdir()
    monkeypatch.setattr(folders, "_listed", _moving(folders._listed))  # noqa: SLF001  # what it looks at moves
    assert folders.is_full(str(folder), 1 << 20, 99) is True


Listed = Callable[[str, int | None], Iterator[tuple[str, os.stat_result]]]


def _moving(listed: Listed) -> Listed:
    """Return a way of listing in whose folders all is renamed as soon as it was listed."""

    def moved(path: str, inode: int | None) -> Iterator[tuple[str, os.stat_result]]:
        for name, found in list(listed(path, inode)):
            Path(path, name).rename(Path(path, f"{name}x"))
            yield name, found

    return moved
