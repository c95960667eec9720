"""Several write into one gradebook, and some are killed: it holds what was finished, whole, and nothing else."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import course_writer
import pytest
from course_samples import RUBRIC, postgresql
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.gradebook import open_gradebook
from grader.course.opening import FILE, open_engine
from grader.course.tables import AuditRow, CriterionRow, EvidenceRow, GradeRow

KILLS, COUNT = 20, 8
# Processes that begin as the copy of one that has loaded everything: each costs milliseconds.
_PROCESSES = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Load once what every writer needs, in the process that they are copies of."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(Path(__file__).parent))
        _PROCESSES.set_forkserver_preload(["pytest", "course_writer"])
        forkserver.ensure_running()


@pytest.fixture(scope="module")
def databases() -> Iterator[Callable[[], str]]:
    """Return what makes a new database of a PostgreSQL that the tests share."""
    with postgresql() as new:
        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, databases: Callable[[], str]) -> str:
    """Return where a gradebook is to be: a folder, or the URL of an empty database."""
    return str(tmp_path) if request.param == "sqlite" else databases()


def started(function: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    """Start a process that writes, and return it with what it tells."""
    told, telling = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=function, args=(*arguments, telling))
    process.start()
    telling.close()
    return process, told


def all_told(process: BaseProcess, told: Connection) -> list[Any]:  # anything that can be sent
    """Return everything that a process tells until it ends."""
    heard: list[Any] = []
    with suppress(EOFError):
        while True:
            heard.append(told.recv())
    process.join()
    told.close()
    return heard


def told_until_killed(process: BaseProcess, told: Connection, most: int) -> list[str]:
    """Kill a process after it told so much, at whatever it is doing then; return all that it has told."""
    heard = [told.recv() for _ in range(most)]
    process.kill()
    return [*heard, *all_told(process, told)]


@pytest.mark.slow
def test_killed_writers_leave_what_they_had_finished(place: str) -> None:
    """Killed twenty times at random, the gradebook holds every committed grade and decision, each of them whole."""
    chance = random.Random(7)  # noqa: S311  # which moments are tried: the machine's own pace adds to it
    finished: list[str] = []
    for kill in range(KILLS):
        writer = started(course_writer.write, place, f"w{kill}", COUNT)
        finished += told_until_killed(*writer, chance.randrange(2 * COUNT))
    with open_gradebook(place) as book:
        standings = {standing.student.key: standing for standing in book.standings()}
    decided = {told.removesuffix(" decided") for told in finished if told.endswith(" decided")}
    recorded = {told for told in finished if not told.endswith(" decided")}
    assert recorded <= standings.keys()
    assert {key for key in decided if standings[key].overrides} == decided
    assert len(standings) - len(recorded) <= KILLS  # what each was about to tell when it was killed
    assert {len(standing.marks) for standing in standings.values()} == {len(RUBRIC.criteria)}


@pytest.mark.slow
def test_interrupted_work_ends_as_undisturbed_work_does(tmp_path: Path) -> None:
    """Killed and begun again until it is through, the gradebook holds what one that was left in peace holds."""
    disturbed, peaceful = tmp_path / "disturbed", tmp_path / "peaceful"
    chance = random.Random(8)  # noqa: S311  # as above
    for _ in range(5):
        told_until_killed(*started(course_writer.write, str(disturbed), "w", COUNT), chance.randrange(COUNT))
    for folder in (disturbed, peaceful):
        all_told(*started(course_writer.write, str(folder), "w", COUNT))
    found = []
    for folder in (disturbed, peaceful):
        with open_gradebook(folder) as book:
            found.append([(s.student, s.handed, s.score, len(book.history(s.student.key))) for s in book.standings()])
    assert found[0] == found[1]


@pytest.mark.slow
def test_writers_at_once_do_no_harm(place: str) -> None:
    """Three that write at the same time, two of them the same pushes, leave each grade once."""
    writers = [started(course_writer.write, place, name, COUNT) for name in ("ann", "ann", "bob")]
    for writer in writers:
        assert len(all_told(*writer)) == 2 * COUNT
    engine = open_engine(place)
    with Session(engine) as session:
        count = {
            row: session.scalar(select(func.count()).select_from(row)) for row in (GradeRow, CriterionRow, AuditRow)
        }
        evidence = session.scalar(select(func.count()).select_from(EvidenceRow))
    engine.dispose()
    assert count == {GradeRow: 2 * COUNT, CriterionRow: 2 * COUNT * len(RUBRIC.criteria), AuditRow: 3 * COUNT}
    assert evidence == COUNT


@pytest.mark.slow
def test_processes_that_open_a_new_gradebook_at_once_make_it_once(place: str) -> None:
    """Of several processes that open what is not there yet, one makes it and all can use it."""
    openers = [started(course_writer.open_once, place) for _ in range(5)]
    assert [all_told(*opener) for opener in openers] == [[0]] * 5


@pytest.mark.slow
def test_file_is_sound_after_a_kill(tmp_path: Path) -> None:
    """SQLite itself finds nothing wrong in a gradebook whose writer was killed."""
    told_until_killed(*started(course_writer.write, str(tmp_path), "w", COUNT), 7)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
