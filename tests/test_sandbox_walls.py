"""The walls as a whole: a level with a hole in it serves nobody, and nothing behind them runs as root."""

from __future__ import annotations

import os
from pathlib import Path

import processes
import pytest
from walls import holes_with

from conftest import Bench
from grader import limits
from grader.observe.child import landlock
from grader.observe.sandbox import levels, students
from grader.observe.sandbox.levels import BUBBLEWRAP, LANDLOCK
from grader.observe.sandbox.starting import IsolationMissing, Sandboxes, candidates, problem
from grader.observe.sandbox.students import SandboxFailed, StudentSandbox

# --- holes ------------------------------------------------------------------------------------------------------------

FILES = ["it reads a file of the machine", "it writes outside of its folder"]
PORT, DOOR = "it connects to a port of the machine", "it connects to a socket of the machine"
SIGNALS, PROCESSES = "it sends signals to other processes", "it starts processes"


def test_walls_of_landlock_have_no_hole() -> None:
    """With everything in place nothing can be done."""
    assert holes_with() == []


def test_every_hole_is_seen_where_there_is_no_wall() -> None:
    """Without Landlock and filter, each of the six things can be done."""
    assert holes_with(filtered=False, readable=None) == [*FILES, PORT, DOOR, SIGNALS, PROCESSES]


def test_holes_of_the_filter_alone_are_seen() -> None:
    """The filter keeps no file from being read or written."""
    assert holes_with(readable=None) == FILES


def test_holes_of_landlock_alone_are_seen() -> None:
    """Landlock keeps no process from being started, and no socket that has a file from being reached."""
    found = holes_with(filtered=False)
    assert {DOOR, PROCESSES} <= set(found) <= {DOOR, PROCESSES, PORT, SIGNALS}
    assert (PORT in found) == (landlock.abi() < 4)
    assert (SIGNALS in found) == (landlock.abi() < 6)


def test_file_that_may_be_read_is_seen() -> None:
    """A file that is left open to be read is a hole of its own."""
    assert holes_with(readable=("/",)) == FILES[:1]


def test_walls_that_cannot_be_put_up_are_holes() -> None:
    """Where a wall fails as it is put up, that is told with the kernel's reason."""
    (hole,) = holes_with(scratch="/nowhere")
    assert hole.startswith("the walls could not be put up: [Errno 2]")


@pytest.mark.parametrize("leak", [{"filtered": False}, {"readable": ("/",)}])
def test_level_with_a_hole_is_refused(monkeypatch: pytest.MonkeyPatch, leak: dict[str, object]) -> None:
    """A sandbox in which one thing can be done that must not serves nobody, and the hole is named."""
    monkeypatch.setattr(students, "walls", lambda *given, **more: levels.walls(*given, **more) | leak)
    hole = PROCESSES if "filtered" in leak else FILES[0]
    assert hole in str(problem(LANDLOCK))
    with Sandboxes(candidates("landlock")) as sandboxes, pytest.raises(IsolationMissing, match=hole):
        sandboxes.settle()


# --- as whom ----------------------------------------------------------------------------------------------------------


def statuses(bench: Bench) -> list[dict[str, str]]:
    """Return the status of each process of a bench's two sandboxes, bubblewrap's own left out."""
    tops = [one._process.pid for one in (bench.students, bench.databases)]  # noqa: SLF001  # what belongs to them
    found = [processes.status(pid) for top in tops for pid in (top, *processes.descendants(top))]
    return [one for one in found if one and one["Name"] != "bwrap"]


def test_student_processes_are_an_ordinary_users(bench: Bench) -> None:
    """Started as root, a student's process and the one with its database are nobody's login, in no other's group."""
    user = limits.ORDINARY_USER if os.geteuid() == 0 else os.getuid()
    with bench.process() as place:
        place.call()
        field, value = ("Seccomp", "2") if bench.students.level.safe else ("NoNewPrivs", "1")
        sealed = [one for one in statuses(bench) if one[field] == value]
    users = [{int(number) for number in one["Uid"].split()} for one in sealed]
    assert len(sealed) >= 2
    assert users == [{user}] * len(sealed)
    assert os.geteuid() or [one["Groups"].strip() for one in sealed] == [""] * len(sealed)


def test_student_processes_are_filtered_and_powerless(walled: Bench) -> None:
    """They have a filter, and no capability but that to read a Python that lies in a closed folder."""
    with walled.process() as place:
        place.call()
        sealed = [one for one in statuses(walled) if one["Seccomp"] == "2"]
    assert len(sealed) >= 2
    assert {int(one["CapEff"], 16) & ~(1 << 2) for one in sealed} == {0}
    assert {int(one["CapPrm"], 16) & ~(1 << 2) for one in sealed} == {0}


def test_parents_without_namespaces_are_not_root(shared: Bench) -> None:
    """Where the processes' parent needs no right of root's, it has given them all up before any student's code."""
    with shared.process() as place:
        place.call()
        found = statuses(shared)
    assert len(found) >= 4
    assert [one["Name"] for one in found if "0" in one["Uid"].split()] == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_sandbox_that_does_not_start_says_what_it_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where bwrap is there and makes no sandbox, what it said is told."""
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: out of order' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with StudentSandbox(BUBBLEWRAP) as sandbox, pytest.raises(SandboxFailed, match="out of order"):
        sandbox.settle()


@pytest.mark.parametrize("level", levels.LEVELS, ids=lambda level: level.name)
def test_sandbox_may_be_left_before_it_is_ready(level: levels.Level) -> None:
    """Who leaves at once, before the walls are tried, leaves no process behind."""
    with StudentSandbox(level) as sandbox:
        pids = [sandbox._process.pid, *processes.descendants(sandbox._process.pid)]  # noqa: SLF001  # to see them gone
    assert processes.soon(lambda: not any(map(processes.status, pids)))


def test_long_name_of_the_temporary_folder_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where temporary files lie deep down, a level is tried as anywhere."""
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert problem(LANDLOCK) is None
