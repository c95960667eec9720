"""A class is graded in many processes: every submission once, whatever becomes of processes and sandboxes."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from pathlib import Path

import msgspec
import pytest
from course_samples import EDITION, evidence, report
from msgspec.structs import replace

from grader.course import pools, work
from grader.course.editions import current_edition
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.grading import ClassGrading, Tally
from grader.course.nouns import Handed
from grader.course.pools import Pool
from grader.course.processes import ProcessDied, local
from grader.course.work import Task, Worked, WorkerDiffers
from grader.observe.submission import take_in
from grader.outputs.files import OutputUnwritable
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
            raise AssertionError(f"{task.handed.student} is graded again")

    yield Forbidden()


@pytest.mark.slow
def test_a_class_is_graded_once_and_then_known(book: Gradebook, tmp_path: Path) -> None:
    """A folder that is not there is named, and the next run grades nothing again."""
    first = grade(book, tmp_path / "out")
    assert (sorted(first.graded), list(first.unreadable), first.failed) == (["anna", "bert", "cleo"], ["dora"], {})
    assert {s.student.key: s.score for s in book.standings()} == {"anna": 100, "bert": 78, "cleo": 100}
    assert (tmp_path / "out" / "bert" / "report.html").is_file()
    again = grade(book, tmp_path / "out", forbidden)
    assert (again.graded, sorted(again.before)) == ([], ["anna", "bert", "cleo"])


@pytest.fixture(scope="module")
def walls() -> Iterator[None]:
    """Have this process grade for itself, and put its walls away in the end."""
    yield
    work._give_up(None)  # noqa: SLF001  # nothing is left for other tests


class Here:
    """A pool that grades in this process, and notes for whom it ran student code."""

    width = 1

    def __init__(self) -> None:
        self.watched: list[str] = []

    def submit(self, task: Task) -> Future[Worked]:
        """Grade at once."""
        self.watched += [] if task.evidence else [task.handed.student]
        future: Future[Worked] = Future()
        future.set_result(work.work(task))
        return future


@pytest.mark.slow
@pytest.mark.usefixtures("walls")
def test_same_files_are_watched_once_and_reported_to_each(book: Gradebook, tmp_path: Path) -> None:
    """Whoever hands in what somebody else did has a report of their own, which names nobody else."""
    here = Here()
    grade(book, tmp_path / "out", lambda: nullcontext(here))
    assert here.watched == ["anna", "bert"]
    for student in ("anna", "cleo"):
        report = json.loads((tmp_path / "out" / student / "report.json").read_bytes())
        assert report["grade"]["submission"] == student


@pytest.mark.slow
@pytest.mark.usefixtures("walls")
def test_report_that_is_gone_is_written_again_without_student_code(book: Gradebook, tmp_path: Path) -> None:
    """Where the gradebook has the evidence, and the folder no report, what was seen is judged again."""
    grade(book, tmp_path / "out", lambda: nullcontext(Here()))
    (tmp_path / "out" / "bert" / "report.json").unlink()
    here = Here()
    again = grade(book, tmp_path / "out", lambda: nullcontext(here))
    assert (again.graded, here.watched) == (["bert"], [])
    assert (tmp_path / "out" / "bert" / "report.json").is_file()


def test_place_that_cannot_be_written_to_costs_nobody_else_a_grade(book: Gradebook, tmp_path: Path) -> None:
    """What is in the way of one student's report is told with its repair, and the others are graded."""
    (tmp_path / "out" / "bert").write_text("a file where a folder belongs")
    tally = grade(book, tmp_path / "out", lambda: nullcontext(Canned()))
    assert sorted(tally.graded) == ["anna", "cleo"]
    assert "bert is a file; move it away" in tally.failed["bert"]


def test_full_disk_ends_the_run(book: Gradebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would stop every report stops the run at once, with the grades that were written kept."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputUnwritable, match="the disk is full"):
        grade(book, tmp_path / "out", lambda: nullcontext(Canned()))


class Canned:
    """A pool that knows the grade of everything beforehand."""

    width = 1

    def submit(self, task: Task) -> Future[Worked]:
        """Return the same grade for whatever it is."""
        seen = evidence(task.handed.digest)
        future: Future[Worked] = Future()
        encode = msgspec.json.encode
        future.set_result(Worked(encode(seen), encode(report(about=seen)), {"report.json": b"{}"}))
        return future


@pytest.mark.slow
def test_a_sandbox_that_is_killed_costs_nobody_a_point() -> None:
    """Walls that somebody tears down between two submissions are put up again."""
    submission = take_in(CLASS["bert"])
    task = Task(Handed("bert", ""), submission, None, current_edition(), work.secret_digest())
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
            future.set_exception(ProcessDied("died"))
        else:
            future.set_result(Worked(report=task.submission.name.encode()))
        return future


def tasks(*names: str) -> list[Task]:
    """Return tasks without files."""
    return [Task(Handed(name, name), Submission(name, name, (), None), None, EDITION, "") for name in names]


def done(pool: Pool, waiting: list[Task]) -> dict[str, Worked]:
    """Return what comes of tasks, by student."""
    left = iter(waiting)
    return {task.handed.student: worked for task, worked in pools.graded(pool, lambda: next(left, None))}


def test_a_process_that_dies_costs_another_try() -> None:
    """What a dead process was at is given to another one."""
    assert done(Dying(pools.TRIES - 1), tasks("anna"))["anna"].report == b"anna"


def test_a_submission_over_which_all_processes_die_is_told() -> None:
    """After some tries it is given up, with the reason, and the others go on."""
    assert "3 processes died over it" in done(Dying(pools.TRIES), tasks("anna"))["anna"].problem


def test_few_submissions_are_in_memory_at_a_time() -> None:
    """Tasks are made when there is somebody to do them."""
    made: list[str] = []

    def lazily() -> Iterator[Task]:
        for task in tasks(*map(str, range(100))):
            made.append(task.submission.name)
            yield task

    waiting = lazily()
    next(pools.graded(Dying(0), lambda: next(waiting, None)))
    assert len(made) == Dying.width * (1 + pools.AHEAD)


def test_what_turns_up_while_others_are_graded_is_graded_too() -> None:
    """A pool that had nothing more to do is asked again after each task that has ended."""
    waiting = deque(tasks("anna"))
    found = []
    for task, _ in pools.graded(Dying(0), lambda: waiting.popleft() if waiting else None):
        found.append(task.handed.student)
        waiting.extend(tasks("bert") if len(found) == 1 else [])
    assert found == ["anna", "bert"]


def test_a_machine_with_another_secret_grades_nothing() -> None:
    """A worker that draws other inputs than the class is refused, with the repair."""
    with pytest.raises(WorkerDiffers, match="set GRADER_SECRET"):
        work.work(tasks("anna")[0])


def test_a_machine_with_another_grader_grades_nothing() -> None:
    """A worker whose checks are not those of the class is refused, with the repair."""
    (task,) = tasks("anna")
    with pytest.raises(WorkerDiffers, match=r"another edition of the grader \(.+\) than the class \(1.0\); install"):
        work.work(replace(task, secret=work.secret_digest()))
