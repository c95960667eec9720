"""A class is graded in many processes: every submission once, whatever becomes of processes and sandboxes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from pebble import ProcessExpired

from grader.course import pools, work
from grader.course.editions import current_edition
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.grading import ClassGrading, Tally
from grader.course.nouns import Handed
from grader.course.pools import Pool, local
from grader.course.work import SecretDiffers, Task, Worked
from grader.observe.submission import take_in
from grader.values import Submission

SUBMISSIONS = Path(__file__).parent / "submissions"
CLASS = {
    "anna": SUBMISSIONS / "accepted" / "asyncio_run",
    "bert": SUBMISSIONS / "rejected" / "commit_per_row",
    "cleo": SUBMISSIONS / "accepted" / "asyncio_run",
    "dora": SUBMISSIONS / "nobody_is_here",
}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return a new gradebook in the folder ``out``."""
    (tmp_path / "out").mkdir()
    with open_gradebook(tmp_path / "out") as opened:
        yield opened


def grade(book: Gradebook, out: Path, pool: Callable[[], object] = lambda: local(1)) -> Tally:
    """Grade the class in one process."""
    pushes = [(Handed(student, ""), folder) for student, folder in CLASS.items()]
    grading = ClassGrading(book, out, current_edition(), lambda _: None)
    return grading.grade(pushes, pool(), None)  # type: ignore[arg-type]  # what pools give


@contextmanager
def forbidden() -> Iterator[Pool]:
    """Give a pool that may do nothing."""

    class Forbidden:
        width = 1

        def submit(self, task: Task) -> Future[Worked]:
            raise AssertionError(f"{task.submission.name} is graded again")

    yield Forbidden()


@pytest.mark.slow
def test_a_class_is_graded_once_and_then_known(book: Gradebook, tmp_path: Path) -> None:
    """Equal files are graded once, a folder that is not there is named, and the next run grades nothing again."""
    first = grade(book, tmp_path / "out")
    assert (sorted(first.graded), list(first.unreadable), first.failed) == (["anna", "bert", "cleo"], ["dora"], {})
    assert {s.student.key: s.score for s in book.standings()} == {"anna": 100, "bert": 78, "cleo": 100}
    assert (tmp_path / "out" / "bert" / "report.html").is_file()
    again = grade(book, tmp_path / "out", forbidden)
    assert (again.graded, sorted(again.before)) == ([], ["anna", "bert", "cleo"])


@pytest.mark.slow
def test_a_sandbox_that_is_killed_costs_nobody_a_point() -> None:
    """Walls that somebody tears down between two submissions are put up again."""
    submission = take_in(CLASS["bert"])
    task = Task(submission, None, work.secret_digest())
    assert work.work(task).problem == ""
    observer = work._observers[None]  # noqa: SLF001  # to tear its walls down
    os.kill(observer.sandboxes.students._process.pid, signal.SIGKILL)  # noqa: SLF001  # the same
    worked = work.work(task)
    work._give_up(None)  # noqa: SLF001  # nothing is left for other tests
    assert (worked.problem, b'"score":78' in worked.report) == ("", True)


class Dying:
    """A pool whose processes die a number of times before one does the work."""

    width = 2

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def submit(self, task: Task) -> Future[Worked]:
        """Die, or succeed once enough have died."""
        future: Future[Worked] = Future()
        self.deaths -= 1
        if self.deaths >= 0:
            future.set_exception(ProcessExpired("died", code=-9))  # type: ignore[no-untyped-call]  # pebble does not say what it returns
        else:
            future.set_result(Worked(report=task.submission.name.encode()))
        return future


def tasks(*names: str) -> list[Task]:
    """Return tasks without files."""
    return [Task(Submission(name, name, (), None), None, "") for name in names]


def test_a_process_that_dies_costs_another_try() -> None:
    """What a dead process was at is given to another one."""
    done = list(pools.graded(Dying(pools.TRIES - 1), tasks("anna")))
    assert [worked.report for _, worked in done] == [b"anna"]


def test_a_submission_over_which_all_processes_die_is_told() -> None:
    """After some tries it is given up, with the reason, and the others go on."""
    done = {task.submission.name: worked for task, worked in pools.graded(Dying(pools.TRIES), tasks("anna"))}
    assert "3 processes died over it" in done["anna"].problem


def test_few_submissions_are_in_memory_at_a_time() -> None:
    """Tasks are made when there is somebody to do them."""
    made: list[str] = []

    def lazily() -> Iterator[Task]:
        for task in tasks(*map(str, range(100))):
            made.append(task.submission.name)
            yield task

    next(pools.graded(Dying(0), lazily()))
    assert len(made) == Dying.width * (1 + pools.AHEAD)


def test_a_machine_with_another_secret_grades_nothing() -> None:
    """A cluster whose workers draw other inputs than the class is refused, with the repair."""
    with pytest.raises(SecretDiffers, match="set GRADER_SECRET"):
        work.work(Task(Submission("anna", "", (), None), None, "another"))
