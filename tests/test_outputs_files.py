"""Reports are written wholly or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.outputs.files import OutputUnwritable, prepare, write

REPORTS: dict[str, str | bytes] = {"report.json": b"{}", "report.md": "# größer\n"}


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_reports_are_written(tmp_path: Path) -> None:
    """Bytes are written as they are and text as UTF-8."""
    write(tmp_path, REPORTS)
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    assert (tmp_path / "report.md").read_bytes() == "# größer\n".encode()


def test_nothing_else_stays(tmp_path: Path) -> None:
    """No temporary file is left beside the reports."""
    write(tmp_path, REPORTS)
    assert names(tmp_path) == sorted(REPORTS)


def test_the_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """A folder that is not there yet is made."""
    write(tmp_path / "a" / "b", REPORTS)
    assert names(tmp_path / "a" / "b") == sorted(REPORTS)


def test_older_reports_are_replaced(tmp_path: Path) -> None:
    """The newer report takes the place of the older one, and other files stay."""
    write(tmp_path, {"report.md": "old", "notes.txt": "mine"})
    write(tmp_path, {"report.md": "new"})
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["notes.txt", "report.md"]


def test_a_report_has_ordinary_rights(tmp_path: Path) -> None:
    """A report may be read by whoever may read any new file of that person's."""
    (tmp_path / "other").write_text("", encoding="utf-8")
    write(tmp_path, REPORTS)
    assert (tmp_path / "report.md").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_preparing_leaves_nothing(tmp_path: Path) -> None:
    """The trial before grading leaves an empty folder."""
    prepare(tmp_path / "out", REPORTS)
    assert names(tmp_path / "out") == []


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """A folder whose name is a file's is refused, and the file named."""
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputUnwritable, match=r"out is a file; move it away, or .* --out DIR"):
        prepare(tmp_path / "out")


def test_a_file_in_place_of_a_parent(tmp_path: Path) -> None:
    """A file further up is named itself."""
    (tmp_path / "up").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputUnwritable, match="up is a file"):
        write(tmp_path / "up" / "out", REPORTS)


def test_a_folder_in_place_of_a_report(tmp_path: Path) -> None:
    """A folder that has the name of a report is left alone."""
    (tmp_path / "report.md").mkdir()
    with pytest.raises(OutputUnwritable, match=r"report\.md is a folder where a report belongs"):
        prepare(tmp_path, REPORTS)


def test_a_link_in_place_of_a_report(tmp_path: Path) -> None:
    """Nothing is written through a link, and none of the other reports either."""
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.md").symlink_to(mine)
    with pytest.raises(OutputUnwritable, match=r"report\.md is a link.*repair: rm "):
        write(tmp_path / "out", REPORTS)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert names(tmp_path / "out") == ["report.md"]


def test_a_dangling_link_in_place_of_a_report(tmp_path: Path) -> None:
    """A link to nothing makes no file elsewhere."""
    (tmp_path / "report.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputUnwritable, match="is a link"):
        write(tmp_path, REPORTS)


@pytest.mark.parametrize("name", ["../report.md", "a/b", "", ".", ".."])
def test_a_name_with_a_path_is_a_mistake(tmp_path: Path, name: str) -> None:
    """Reports lie in the folder itself."""
    with pytest.raises(ValueError, match="no name of a file"):
        write(tmp_path, {name: ""})


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room is found before grading, with what to do."""
    fill_disk(monkeypatch)
    with pytest.raises(OutputUnwritable, match="the disk is full; make room"):
        prepare(tmp_path)


def test_a_full_disk_leaves_the_older_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room for the new reports, the old ones stay as they were."""
    write(tmp_path, {"report.md": "old"})
    fill_disk(monkeypatch)
    with pytest.raises(OutputUnwritable):
        write(tmp_path, REPORTS)
    assert names(tmp_path) == ["report.md"]
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "old"


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new file be one that the system says is full."""
    real = os.open
    monkeypatch.setattr("grader.outputs.files.os.open", lambda *_: real("/dev/full", os.O_WRONLY))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "you may not write there; repair: chmod u\\+rwx"),
        (errno.EROFS, "can only be read; choose another folder"),
        (errno.EDQUOT, "your share of the disk is used up"),
        (errno.EIO, "Input/output error; choose another folder: --out DIR"),
    ],
)
def test_an_error_of_the_system_names_the_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    """Whatever the system refuses, the message says what to do."""

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("grader.outputs.files.os.open", refuse)
    with pytest.raises(OutputUnwritable, match=words):
        prepare(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A name that no folder can have is told."""
    with pytest.raises(OutputUnwritable, match="its name is too long"):
        prepare(tmp_path / ("x" * 300))


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C in the middle of writing leaves the folder as it was."""
    real, calls = os.fsync, []

    def interrupt(descriptor: Any) -> None:  # noqa: ANN401  # the type of os.fsync
        calls.append(descriptor)
        if len(calls) == len(REPORTS):
            raise KeyboardInterrupt
        real(descriptor)

    monkeypatch.setattr("grader.outputs.files.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, REPORTS)
    assert names(tmp_path) == []


def test_a_report_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file has been synchronised before the first one is renamed."""
    order: list[str] = []
    replace = Path.replace

    def rename(path: Path, target: Path) -> Path:
        order.append("rename")
        return replace(path, target)

    monkeypatch.setattr("grader.outputs.files.os.fsync", lambda _: order.append("synchronise"))
    monkeypatch.setattr(Path, "replace", rename)
    write(tmp_path, REPORTS)
    assert order == ["synchronise", "synchronise", "rename", "rename"]


KILLED = """
import os, signal, sys
from pathlib import Path
from grader.outputs import files

left = int(sys.argv[2])

def dying(function):
    def call(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return call

files.os.fsync = dying(os.fsync)
Path.replace = dying(Path.replace)
files.write(Path(sys.argv[1]), dict.fromkeys(["evidence.json", "report.md", "report.json"], "new" * 10_000))
"""


@pytest.mark.parametrize("calls", range(7))
def test_a_kill_leaves_each_report_old_or_new(tmp_path: Path, calls: int) -> None:
    """Whenever the grader is killed, each report is the old one or the new one, and the last one is new with the rest.

    Three files are synchronised, and then three are renamed; ``calls`` of these are done before the kill.
    """
    reports = ("evidence.json", "report.md", "report.json")
    write(tmp_path, dict.fromkeys(reports, "old"))
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(calls)], check=False)
    assert done.returncode == (-signal.SIGKILL if calls < 6 else 0)
    found = [(tmp_path / name).read_text(encoding="utf-8") for name in reports]
    renamed = max(0, calls - 3)
    assert found == ["new" * 10_000] * renamed + ["old"] * (3 - renamed)


def test_a_report_is_a_regular_file(tmp_path: Path) -> None:
    """A hard link to an older report keeps the older content: the file is new, not rewritten."""
    write(tmp_path, {"report.md": "old"})
    (tmp_path / "kept").hardlink_to(tmp_path / "report.md")
    write(tmp_path, {"report.md": "new"})
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "old"
    assert stat.S_ISREG((tmp_path / "report.md").lstat().st_mode)


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    """A half-written file whose writer is gone is swept away by the next one; that of a living writer stays."""
    for left in (".report.md.0a1b2c3d.part", ".report.md.4e5f6a7b.part"):
        (tmp_path / left).write_text("half a rep")
    with (tmp_path / ".report.md.4e5f6a7b.part").open() as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        write(tmp_path, {"report.md": "a report"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".report.md.4e5f6a7b.part", "report.md"]
