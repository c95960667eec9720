"""The observer: makes the planned calls in the sandbox and writes down what happened.

It knows no point and no right answer.
"""

from __future__ import annotations

import platform
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

import grader
from grader import limits
from grader.observe import plan
from grader.observe.child.request import Call
from grader.observe.sandbox.starting import Sandboxes
from grader.observe.submission import MODEL, OBSERVATIONS, SCRIPT
from grader.observe.workplace import Workplace, as_run, not_tried
from grader.told import fields
from grader.values import Evidence, Run, Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from grader.observe.plan import Planned
    from grader.observe.sandbox.levels import Level
    from grader.values import Part, Submission

_READ_BACK = frozenset({"model", "add", "failed_commit"})
"""The kinds of runs after which a fresh process reads every product through the model."""


@dataclass(frozen=True)
class Reference:
    """The sources that take the place of a student's broken part: ``models.py`` and ``transaction_script.py``."""

    model: str
    script: str


class Observer:
    """Watches submissions, one after another, with one sandbox and one database server for all of them."""

    def __init__(self, levels: tuple[Level, ...], reference: Reference, secret: str) -> None:
        self._levels = levels
        self.reference = reference
        self._secret = secret

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # Left in the opposite order: once the sandbox is gone, no worker waits for anything any more.
            self.workers = ThreadPoolExecutor(limits.WORKERS, thread_name_prefix="observer")
            stack.callback(self.workers.shutdown, cancel_futures=True)
            self.sandboxes = stack.enter_context(Sandboxes(self._levels))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def observe(
        self, submission: Submission, progress: Callable[[Run], None] = lambda _: None, seed: str | None = None
    ) -> Evidence:
        """Make all planned calls on ``submission``; ``progress`` is told of each run as it ends.

        Inputs are drawn from ``seed``, by default from the submission's own; who has that needs no secret here.
        """
        self.sandboxes.settle()
        draw = plan.Draw(seed or plan.seed(submission.digest, self._secret))
        runs = _Visit(self, submission, progress).all_runs(draw)
        return Evidence(
            submission=submission.name,
            digest=submission.digest,
            files=submission.sources,
            findings=submission.findings,
            observations=submission.observations,
            observations_problem=submission.observations_problem,
            surroundings=self._surroundings(),
            runs=runs,
        )

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            grader=grader.__version__,
            python=platform.python_version(),
            sqlalchemy=self.sandboxes.students.sqlalchemy,
            sqlite=sqlite3.sqlite_version,
            isolation=self.sandboxes.level.name,
        )


class _Shift:
    """Makes calls one after another, in one process as long as that is fit for more."""

    def __init__(self, observer: Observer) -> None:
        self._sandboxes = observer.sandboxes
        self._workplace: Workplace | None = None
        self._stack = ExitStack()

    def close(self) -> None:
        """End the process."""
        self._stack.close()

    @property
    def workplace(self) -> Workplace:
        """The process for the next call: a fork costs as much as several calls."""
        if self._workplace is None or not self._workplace.is_fit:
            new = Workplace(self._sandboxes.students, self._sandboxes.databases)
            self._workplace = self._stack.enter_context(new)
        return self._workplace


class _Visit:
    """One submission's way through the plan."""

    def __init__(self, observer: Observer, submission: Submission, progress: Callable[[Run], None]) -> None:
        self._observer = observer
        self._submission = submission
        self._progress = progress
        self._files: dict[tuple[str, str, str], dict[str, bytes]] = {}

    def all_runs(self, draw: plan.Draw) -> tuple[Run, ...]:
        """Return every run, in the same order whatever the order in which they ended."""
        shift = _Shift(self._observer)
        programs = self._observer.workers.submit(self._runs, plan.program(), shift)  # they find no database
        try:
            models, functions = self._models(draw)
            runs = [*models, *programs.result(), *functions]
            if not all(plan.run_is_whole(run) for run in programs.result()):
                model: Part = "own" if len(models) == 1 else "reference"
                runs += self._runs(plan.with_parts(plan.program(), model=model, functions="reference"), shift)
            return self._read_back(runs, shift)
        finally:  # interrupted, nobody waits for a program: it ends with the sandbox
            programs.add_done_callback(lambda _: shift.close())

    def _models(self, draw: plan.Draw) -> tuple[list[Run], list[Run]]:
        """Run the student's model, and the reference's where that does not serve; then the functions on each."""
        models: list[Run] = []
        functions: list[Run] = []
        parts: tuple[Part, ...] = ("own", "reference")
        for part in parts:
            # One of its own: where the reference's model runs, nothing of the student's has.
            with closing(_Shift(self._observer)) as shift:
                (model,) = self._runs(plan.with_parts((plan.model(draw),), model=part, functions="own"), shift)
                models.append(model)
                stored = plan.stored_ids(model)
                for scenario in plan.functions(draw, stored) if stored else []:
                    functions += self._runs(plan.with_parts(scenario, model=part, functions="own"), shift)
            if plan.model_serves(model) and stored:
                break
        return models, functions

    def _runs(self, scenario: plan.Scenario, shift: _Shift) -> list[Run]:
        """Make the calls of a scenario; what hung once is not tried again."""
        runs: list[Run] = []
        hung: set[str] = set()
        for planned in scenario:
            if planned.target in hung:
                runs.append(not_tried(planned))
                continue
            workplace = shift.workplace
            runs.append(self._run(planned, workplace))
            if workplace.process.timed_out:
                hung.add(planned.target)
            self._progress(runs[-1])
        return runs

    def _run(self, planned: Planned, workplace: Workplace) -> Run:
        found = self._found(planned)
        performed = workplace.perform(planned, self._call(planned, found, workplace), found)
        self._files[planned.name, planned.model, planned.functions] = performed.record.files
        return as_run(planned, performed, workplace.process, known=self._sources(planned))

    def _found(self, planned: Planned) -> dict[str, bytes]:
        """Return the database files that a call finds: those of the run that it follows, on the same parts."""
        same_parts = self._files.get((planned.follows, planned.model, planned.functions))
        return same_parts or self._files.get((planned.follows, planned.model, "own"), {})

    def _call(self, planned: Planned, found: dict[str, bytes], workplace: Workplace) -> Call:
        return Call(
            folder=workplace.folder,
            sources=self._sources(planned),
            target=planned.target,
            database=planned.database,
            existing=tuple(found),
            invocations=planned.invocations,
            arguments=planned.arguments,
            stand_ins=self._observer.reference.script if planned.functions == "reference" else None,
        )

    def _sources(self, planned: Planned) -> dict[str, str]:
        """Return the files of a call; a source that could not be taken in raises its problem when it is imported."""
        sources = {
            source.name: source.text if source.text is not None else f"raise ImportError({source.problem!r})\n"
            for source in self._submission.sources
        }
        if planned.model == "reference":
            sources[MODEL] = self._observer.reference.model
        if planned.functions == "reference":
            sources.setdefault(SCRIPT, "")
        if self._submission.observations is not None:
            sources[OBSERVATIONS] = self._submission.observations
        return sources

    def _read_back(self, runs: list[Run], shift: _Shift) -> tuple[Run, ...]:
        """Add to some runs what another process reads of their database: it cannot know what was meant to be there.

        The student's model is read where only the program has run, the reference's where nothing of the student's has.
        """
        read: dict[str, tuple[dict[str, Any], ...] | None] = {}
        with closing(_Shift(self._observer)) as fresh:
            for model, reader in (("own", shift), ("reference", fresh)):
                wanted = [run for run in runs if run.kind in _READ_BACK and run.model == model]
                read |= self._products(wanted, reader) if wanted else {}
        return tuple(msgspec.structs.replace(run, read_back=read.get(_name(run))) for run in runs)

    def _products(self, runs: list[Run], shift: _Shift) -> dict[str, tuple[dict[str, Any], ...] | None]:
        """Return the products that one model reads after each of these runs, None where it cannot."""
        left = {_name(run): self._files.get((run.name, run.model, run.functions), {}).get(plan.SHOP) for run in runs}
        files = {name: content for name, content in left.items() if content is not None}
        planned = plan.Planned("read", "read", "read", model=runs[0].model)
        workplace = shift.workplace
        answers = workplace.perform(planned, self._call(planned, files, workplace), files).answers
        if isinstance(answers, str) or not isinstance(answers[0].value, list):
            return {}
        found = zip(files, answers[0].value, strict=False)
        return {name: tuple(map(fields, rows)) for name, rows in found if isinstance(rows, list)}


def _name(run: Run) -> str:
    """Return a name that only this run has, as that of a database."""
    return f"{run.name}.{run.model}.{run.functions}.db"
