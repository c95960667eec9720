"""A Dask cluster grades a class as the processes of one machine do, also where one of its workers is killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from class_runs import left, made_class, unlike
from distributed import LocalCluster

from grader import flow
from grader.course import cluster
from grader.course.cluster import ClusterUnusable
from grader.course.editions import current_edition
from grader.course.faults import WrongUse
from grader.course.gradebook import open_gradebook
from grader.course.grading import ClassGrading, Tally
from grader.course.nouns import Handed
from grader.course.pools import Pool
from grader.course.processes import local
from grader.course.work import WorkerDiffers

NAMES = ("accepted/begin_block", "rejected/commit_per_row", "rejected/names_in_capitals", "rejected/no_commit")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dask")]


def local_cluster(**options: object) -> Any:  # noqa: ANN401  # Dask has few types
    """Return a cluster on this machine, to be entered, with its page at any free port."""
    return LocalCluster(dashboard_address=":0", **options)  # type: ignore[no-untyped-call]  # as above


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    """Start a real cluster of two processes."""
    with local_cluster(n_workers=2, threads_per_worker=1, processes=True) as started:
        yield started


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a class."""
    return made_class(tmp_path_factory.mktemp("class"), NAMES)


def graded(
    submissions: Path, out: Path, pool: AbstractContextManager[Pool], told: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Grade the class into a folder."""
    out.mkdir()
    with open_gradebook(out) as book:
        grading = ClassGrading(book, out, current_edition(), told)
        pushes = [(Handed(folder.name, ""), folder) for folder in sorted(submissions.iterdir())]
        return grading.grade(pushes, pool, None)


def test_cluster_with_a_killed_worker_grades_as_one_machine_does(
    workers: Any,  # noqa: ANN401  # Dask has few types
    submissions: Path,
    tmp_path: Path,
) -> None:
    """One of two workers is killed once the first grade is there: grades and reports are those of the embedded pool."""
    killed: list[int] = []

    def kill_one(_: Tally) -> None:
        if not killed:
            killed.append(next(iter(workers.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    tally = graded(submissions, tmp_path / "cluster", cluster.dask(workers.scheduler_address), kill_one)
    assert (len(tally.graded), tally.failed, len(killed)) == (len(NAMES), {}, 1)
    graded(submissions, tmp_path / "here", local(1))
    assert unlike(left(tmp_path / "cluster"), left(tmp_path / "here")) == []


def test_cluster_with_another_secret_is_refused(
    workers: Any,  # noqa: ANN401  # Dask has few types
    submissions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Workers that would draw other inputs than the class grade nothing."""
    monkeypatch.setenv(flow.SECRET_VARIABLE, "another")
    with pytest.raises(WorkerDiffers, match="another secret than the class; set GRADER_SECRET"):
        graded(submissions, tmp_path / "out", cluster.dask(workers.scheduler_address))


def test_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody listens, the address is named, and what starts a scheduler."""
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    with pytest.raises(ClusterUnusable, match=r"no Dask scheduler answers at tcp://127.0.0.1:9: start one"):
        cluster.dask("tcp://127.0.0.1:9").__enter__()


def test_cluster_without_workers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a scheduler has nobody to do the work, it is said how to start a worker."""
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    with (
        local_cluster(n_workers=0, processes=False) as empty,
        pytest.raises(ClusterUnusable, match="has no worker; start one: dask worker"),
    ):
        cluster.dask(empty.scheduler_address).__enter__()


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the command says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WrongUse, match=r"pip install 'session-grader\[dask\]'"):
        cluster.dask("tcp://127.0.0.1:9").__enter__()
