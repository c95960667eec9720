"""A class is graded while processes are killed at random moments and disks are full: the end is always the same.

Twenty moments are tried, two of them full disks. Which ones is drawn by lot, always the same; the machine's own pace
adds to it.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from class_runs import command, ended, finished, kill, left, made_class, sandboxes, started, unlike, workers

from grader.ending import INTERRUPTED

NAMES = (
    "accepted/autobegin_off",
    "rejected/commit_per_row",
    "rejected/names_in_capitals",
    "rejected/no_commit",
    "rejected/no_refresh",
)
Left = dict[str, Any]
Victims = Callable[[subprocess.Popen[str]], list[int]]
KILLS_OF_ALL, KILLS_OF_WORKERS, KILLS_OF_SANDBOXES = 7, 6, 5
JOBS = ("--jobs", "2", "--no-page")
# Who mounts has to be root, in a namespace of its own at least; who grades shall be whom the test is.
NAMESPACE = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
AS_BEFORE = "" if os.geteuid() == 0 else f"unshare --user --map-user={os.geteuid()} --map-group={os.getegid()}"
ON_A_SMALL_DISK = f"""
    size=$0 disk=$1 first=$2 then=$3 kept=$4
    shift 4
    mount -t tmpfs -o size=${{size}}k,mode=777 none "$disk" || exit 10
    {AS_BEFORE} "$@" > "$first" 2>&1 && exit 11
    mount -o remount,size=100m "$disk" || exit 12
    {AS_BEFORE} "$@" > "$then" 2>&1 || exit 13
    cp -r "$disk" "$kept"
"""
"""Grades a class on a disk that is too small, and again once it has grown."""
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killed_class")]


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a class."""
    return made_class(tmp_path_factory.mktemp("class"), NAMES)


@pytest.fixture(scope="module")
def undisturbed(submissions: Path, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Return what a run leaves that nobody disturbs."""
    out = tmp_path_factory.mktemp("undisturbed")
    done = finished(submissions, out, *JOBS)
    assert done.returncode == 0, done.stderr
    return left(out)


def test_killed_runs_end_as_an_undisturbed_one(submissions: Path, undisturbed: Left, tmp_path: Path) -> None:
    """Killed with kill -9 at random moments, and begun again each time, the class is graded as in one go."""
    chance = random.Random(11)  # noqa: S311  # which moments are tried
    for _ in range(KILLS_OF_ALL):
        with started(submissions, tmp_path, *JOBS) as run:
            with suppress(subprocess.TimeoutExpired):
                run.wait(chance.uniform(0.5, 4))
            with ended([*workers(run), *sandboxes(run)]):
                kill([run.pid])
    assert finished(submissions, tmp_path, *JOBS).returncode == 0
    assert unlike(left(tmp_path), undisturbed) == []


@pytest.mark.parametrize(("victims", "kills"), [(workers, KILLS_OF_WORKERS), (sandboxes, KILLS_OF_SANDBOXES)])
def test_killed_processes_cost_nobody_a_point(
    submissions: Path, undisturbed: Left, tmp_path: Path, victims: Victims, kills: int
) -> None:
    """Processes that grade, or sandboxes, are killed at random moments of a run: it goes on, and ends as ever."""
    chance = random.Random(12)  # noqa: S311  # which moments are tried, and whom they hit
    done = 0
    while done < kills:
        with started(submissions, tmp_path, *JOBS) as run:
            while run.poll() is None and done < kills:
                with suppress(subprocess.TimeoutExpired):
                    run.wait(chance.uniform(0.3, 1))
                found = victims(run)
                kill(chance.sample(found, min(1, len(found))))
                done += bool(found)
            run.communicate()
    assert finished(submissions, tmp_path, *JOBS).returncode == 0
    assert unlike(left(tmp_path), undisturbed) == []


def test_two_runs_at_once_do_no_harm(submissions: Path, undisturbed: Left, tmp_path: Path) -> None:
    """Two that grade the same class into the same folder leave what one leaves."""
    with started(submissions, tmp_path, *JOBS) as one, started(submissions, tmp_path, *JOBS) as other:
        said = [run.communicate()[0] for run in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), said
    assert unlike(left(tmp_path), undisturbed) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_that_is_interrupted_says_how_to_go_on(submissions: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, and what a machine sends that goes down, ends the run: it says what is finished, and how to go on."""
    with started(submissions, tmp_path, *JOBS) as run:
        while run.poll() is None and not list(tmp_path.glob("*/report.json")):
            os.sched_yield()
        run.send_signal(number)
        said, _ = run.communicate()
    assert run.returncode == INTERRUPTED, said
    assert re.search(r"grader: interrupted; \d of 5 are graded\. .* the same command goes on from there", said)


@pytest.mark.parametrize("kilobytes", [400, 800])
def test_full_disk_loses_nothing_that_was_finished(
    submissions: Path, undisturbed: Left, tmp_path: Path, kilobytes: int
) -> None:
    """On a disk that fills up the run ends with a sentence; once there is room it goes on, and ends as ever."""
    first, then, kept = tmp_path / "first", tmp_path / "then", tmp_path / "kept"
    disk = tmp_path / "disk"
    disk.mkdir()
    program = [*NAMESPACE, "sh", "-c", ON_A_SMALL_DISK, str(kilobytes), *map(str, (disk, first, then, kept))]
    run = subprocess.run([*program, *command(submissions, disk, *JOBS)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, (run.stderr, *(file.read_text() for file in (first, then) if file.exists()))
    said = first.read_text()
    assert "full" in said
    assert "the same command goes on" in said
    assert int(re.findall(r"(\d+) graded before", then.read_text())[0]) == int(re.findall(r"(\d+) of 5 are", said)[0])
    assert unlike(left(kept), undisturbed) == []
