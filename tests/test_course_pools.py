"""Processes that grade for a class: each has a pipe of its own, and the death of one is nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_runs import ended
from course_samples import EDITION
from processes import command_line, descendants

from grader.course import processes, work
from grader.course.editions import current_edition
from grader.course.nouns import Handed
from grader.course.processes import ProcessDied, Processes, local
from grader.course.work import Task, WorkerDiffers
from grader.observe.submission import take_in
from grader.values import Submission

SUBMISSIONS = Path(__file__).parent / "submissions"
# A process answers this one without grading anything.
STRANGE = Task(Handed("anna", ""), Submission("anna", "", (), None), None, EDITION, "another secret")


@pytest.fixture
def pool() -> Iterator[Processes]:
    """Return a pool of one process."""
    with local(1) as started:
        yield started


def answers(pool: Processes) -> bool:
    """Tell whether the pool does what it is asked for."""
    return isinstance(pool.submit(STRANGE).exception(), WorkerDiffers)


def pids() -> list[int]:
    """Return the processes of ours that grade."""
    return [pid for pid in descendants(os.getpid()) if "spawn_main" in command_line(pid)]


@pytest.mark.slow
def test_what_work_raises_comes_back_with_its_place(pool: Processes) -> None:
    """An exception in a process is raised by the future, with the traceback of there."""
    error = pool.submit(STRANGE).exception()
    assert isinstance(error, WorkerDiffers)
    assert "check_likeness" in error.__notes__[0]


@pytest.mark.slow
def test_process_that_is_killed_while_idle_is_replaced(pool: Processes) -> None:
    """Whoever asks next gets a new process."""
    assert answers(pool)
    (pid,) = pids()
    with ended([pid]):
        os.kill(pid, signal.SIGKILL)
    assert answers(pool)


@pytest.mark.slow
def test_process_that_is_killed_at_work_says_so_and_is_replaced(pool: Processes) -> None:
    """The future of what it was at raises; the next one is served."""
    (pid,) = pids()
    os.kill(pid, signal.SIGSTOP)  # it takes the task and goes no further
    asked = pool.submit(STRANGE)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ProcessDied, match="ended with status -9"):
        asked.result()
    assert answers(pool)


@pytest.mark.slow
def test_process_that_hangs_is_killed_and_replaced(pool: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grading that takes longer than any can is given up."""
    assert answers(pool)
    os.kill(pids()[0], signal.SIGSTOP)
    monkeypatch.setattr(processes, "LONGEST_SECONDS", 0.1)
    with pytest.raises(ProcessDied, match="longer than 0 seconds"):
        pool.submit(STRANGE).result()
    monkeypatch.undo()
    assert answers(pool)


@pytest.mark.slow
def test_process_makes_place_after_so_many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a process has gathered goes with it."""
    monkeypatch.setattr(processes, "TASKS_OF_A_PROCESS", 1)
    with local(1) as pool:
        assert answers(pool)
        first = pids()
        assert answers(pool)
        assert pids() != first


@pytest.mark.slow
def test_pool_that_is_left_in_the_middle_ends_its_processes() -> None:
    """Nothing goes on behind the back of whoever has given up, and its walls are gone."""
    task = Task(
        Handed("anna", ""),
        take_in(SUBMISSIONS / "hostile/sleeps"),
        None,
        current_edition(),
        work.secret_digest(),
    )
    with ended(leave_in_the_middle(task)):
        pass


def leave_in_the_middle(task: Task) -> list[int]:
    """Begin a task, leave the pool once a sandbox is there, and return all processes that there were."""
    before = set(descendants(os.getpid()))
    with local(1) as pool:
        pool.submit(task)
        while not any("child.entrance" in command_line(pid) for pid in set(descendants(os.getpid())) - before):
            os.sched_yield()
        return list(set(descendants(os.getpid())) - before - trackers())


def trackers() -> set[int]:
    """Return the processes with which multiprocessing keeps its books: they stay as long as this one."""
    return {pid for pid in descendants(os.getpid()) if "resource_tracker" in command_line(pid)}


PARENT = """
import sys
sys.path.insert(0, {tests!r})
if __name__ == "__main__":
    from grader.course.processes import local
    from test_course_pools import STRANGE
    with local(1) as pool:
        pool.submit(STRANGE).exception()
        print("ready", flush=True)
        sys.stdin.read()
"""


@pytest.mark.slow
def test_processes_end_when_whoever_holds_them_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the parent its processes do not stay."""
    program = tmp_path / "parent.py"
    program.write_text(PARENT.format(tests=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        with ended(descendants(parent.pid)):
            parent.kill()
