"""A Dask cluster that grades for a class: whatever deploys Dask (Slurm, Kubernetes, a cloud) brings the machines."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.course.faults import WrongUse
from grader.course.processes import ProcessDied
from grader.course.work import Task, Worked, WorkerDiffers, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client
    from distributed import Future as Remote

ANSWER_SECONDS = 30
"""How long a scheduler may take to answer, and its first worker to come: a queue of jobs is waited for elsewhere."""


class ClusterUnusable(WrongUse):
    """A Dask cluster cannot be used; the message names the repair."""


@contextmanager
def dask(address: str) -> Iterator[Cluster]:
    """Give the workers of the cluster whose scheduler is at ``address``; ClusterUnusable names what is missing."""
    try:
        from distributed import Client  # noqa: PLC0415  # an extra, and slow to load
    except ModuleNotFoundError as error:
        raise ClusterUnusable("Dask is not installed; repair: pip install 'session-grader[dask]'") from error
    try:
        client = Client(address, timeout=ANSWER_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask has few types
    except (OSError, ValueError) as error:
        raise ClusterUnusable(f"no Dask scheduler answers at {address}: start one with 'dask scheduler'") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError as error:
            raise ClusterUnusable(f"{address} has no worker; start one: dask worker {address} --nthreads 1") from error
        yield Cluster(client)


class Cluster:
    """A pool of the workers that a cluster has at the beginning; what comes later takes its share too."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.width = len(client.scheduler_info(n_workers=-1)["workers"])

    def submit(self, task: Task) -> Future[Worked]:
        """Begin a task on any worker; Dask itself gives it to another one where a worker dies."""
        ours: Future[Worked] = Future()
        ours.set_running_or_notify_cancel()
        remote = self._client.submit(work, task, pure=False)
        remote.add_done_callback(lambda ended: _hand_over(ended, ours))  # type: ignore[no-untyped-call]  # as above
        return ours


def _hand_over(remote: Remote[Worked], ours: Future[Worked]) -> None:
    try:
        ours.set_result(remote.result())
    except BaseException as error:  # noqa: BLE001  # whatever it is: who asked learns of it
        ours.set_exception(_as_ours(error))


def _as_ours(error: BaseException) -> BaseException:
    """Return an error of Dask's as one of the pool's."""
    name = type(error).__name__
    if name in {"KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError"}:
        return ProcessDied(f"{name}: {error}")
    if isinstance(error, ImportError):
        return WorkerDiffers(f"a worker cannot load the grader ({error}); install the very same one there")
    return error
