"""The observer: makes the planned calls in the sandbox and writes down what happened. It knows no point and no right answer."""

from __future__ import annotations

import platform
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

import grader
from grader import limits
from grader.observe import plan
from grader.observe.child.request import Call
from grader.observe.database.client import DatabaseLost, DatabaseServer
from grader.observe.database.messages import Record, Setup
from grader.observe.sandbox.students import StudentSandbox
from grader.observe.submission import MODEL, SCRIPT
from grader.values import Evidence, Failure, Outcome, Run, Source, Surroundings, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from grader.observe.child.request import Answer, Trouble
    from grader.observe.database.client import Scenario
    from grader.observe.plan import Planned
    from grader.observe.sandbox.levels import Level
    from grader.observe.sandbox.students import StudentProcess
    from grader.values import Submission


@dataclass(frozen=True)
class Reference:
    """The sources that take the place of a student's broken part: ``models.py`` and ``transaction_script.py``."""

    model: str
    script: str


class Observer:
    """Watches submissions, one after another, with one sandbox and one database server for all of them."""

    def __init__(self, level: Level, reference: Reference, secret: str) -> None:
        self._level = level
        self._reference = reference
        self._secret = secret

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # Left in the opposite order: once the sandbox is gone, no worker waits for anything any more.
            self._workers = ThreadPoolExecutor(limits.WORKERS, thread_name_prefix="observer")
            stack.callback(self._workers.shutdown, cancel_futures=True)
            self._databases = stack.enter_context(DatabaseServer(self._level))
            self._students = stack.enter_context(StudentSandbox(self._level))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, trace)

    def observe(self, submission: Submission, progress: Callable[[Run], None] = lambda _: None) -> Evidence:
        """Make all planned calls on ``submission``; ``progress`` is told of each run as it ends."""
        visit = _Visit(self._students, self._databases, self._workers, submission, self._reference, progress)
        runs = visit.all_runs(plan.Draw(submission.digest, self._secret))
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
            sqlalchemy=self._students.sqlalchemy,
            sqlite=sqlite3.sqlite_version,
            isolation=self._level.name,
        )


class _Visit:
    """One submission's way through the plan."""

    def __init__(  # noqa: PLR0913  # the parts of the observer, once
        self,
        students: StudentSandbox,
        databases: DatabaseServer,
        workers: ThreadPoolExecutor,
        submission: Submission,
        reference: Reference,
        progress: Callable[[Run], None],
    ) -> None:
        self._students = students
        self._databases = databases
        self._workers = workers
        self._submission = submission
        self._reference = reference
        self._progress = progress
        self._files: dict[tuple[str, str, str], dict[str, bytes]] = {}

    def all_runs(self, draw: plan.Draw) -> tuple[Run, ...]:
        """Return every run, in the order of the plan whatever the order in which they ended."""
        models, programs = self._both([(plan.model(draw),), plan.program()])
        serves = plan.model_serves(models[0])
        runs = [*models, *programs]
        scenarios = []
        if _stored_ids(models[0]):
            scenarios += plan.functions(draw, _stored_ids(models[0]))
        if not serves:
            runs += self._runs(plan.with_parts((plan.model(draw),), model="reference", functions="own"))
            followed = plan.functions(draw, _stored_ids(runs[-1]))
            scenarios += [plan.with_parts(scenario, model="reference", functions="own") for scenario in followed]
        if not plan.run_is_whole(programs[0]) or not plan.run_is_whole(programs[1]):
            model = "own" if serves else "reference"
            scenarios.append(plan.with_parts(plan.program(), model=model, functions="reference"))
        runs += [run for scenario in self._both(scenarios) for run in scenario]
        return self._read_back(runs)

    def _both(self, scenarios: Iterable[plan.Scenario]) -> list[list[Run]]:
        return list(self._workers.map(self._runs, scenarios))

    def _runs(self, scenario: plan.Scenario) -> list[Run]:
        """Make the calls of a scenario, in one process as long as that lives."""
        runs: list[Run] = []
        with ExitStack() as stack:
            workplace: _Workplace | None = None
            for call in scenario:
                if workplace is None or call.alone or not workplace.alive:
                    workplace = stack.enter_context(_Workplace(self._students, self._databases))
                runs.append(self._run(call, workplace))
                self._progress(runs[-1])
        return runs

    def _run(self, planned: Planned, workplace: _Workplace) -> Run:
        found = self._files.get((planned.follows, planned.model, planned.functions)) or self._files.get(
            (planned.follows, planned.model, "own"), {}
        )
        answers, record = workplace.perform(planned, self._call(planned, found, workplace), found)
        self._files[planned.name, planned.model, planned.functions] = record.files
        return _run(planned, answers, record, workplace)

    def _call(self, planned: Planned, found: dict[str, bytes], workplace: _Workplace) -> Call:
        return Call(
            folder=workplace.next_folder(),
            sources=self._sources(planned),
            target=planned.target,
            database=planned.database,
            existing=tuple(found),
            invocations=planned.invocations,
            arguments=planned.arguments,
            stand_ins=self._reference.script if planned.functions == "reference" else None,
        )

    def _sources(self, planned: Planned) -> dict[str, str]:
        """Return the files of a call; a source that could not be taken in raises its problem when it is imported."""
        sources = {
            source.name: source.text if source.text is not None else f"raise ImportError({source.problem!r})\n"
            for source in self._submission.sources
        }
        if planned.model == "reference":
            sources[MODEL] = self._reference.model
        if planned.functions == "reference":
            sources.setdefault(SCRIPT, "")
        if self._submission.observations is not None:
            sources["observations.toml"] = self._submission.observations
        return sources

    def _read_back(self, runs: list[Run]) -> tuple[Run, ...]:
        """Let a fresh process read, through the model alone, what runs left in the database: it cannot know what was meant to be there."""
        wanted = [run for run in runs if run.kind in _READ_BACK and run.after is not None and run.after.rows]
        calls = [plan.Planned(f"read:{run.name}", "read", "read", database=_database(run), model=run.model) for run in wanted]
        with _Workplace(self._students, self._databases) as workplace:
            read: dict[int, tuple[dict[str, Any], ...] | None] = {}
            for run, call in zip(wanted, calls, strict=True):
                if not workplace.alive:
                    break
                found = self._files[run.name, run.model, run.functions]
                answers, _ = workplace.perform(call, self._call(call, found, workplace), found)
                read[id(run)] = _products(answers)
        return tuple(msgspec.structs.replace(run, read_back=read.get(id(run))) for run in runs)


_READ_BACK = frozenset({"model", "add", "failed_commit", "reload", "first_run", "second_run"})


def _database(run: Run) -> str:
    return plan.PRODUCTS if run.kind in {"first_run", "second_run"} else plan.SHOP


class _Workplace:
    """A student's process and the database server that it talks to."""

    def __init__(self, students: StudentSandbox, databases: DatabaseServer) -> None:
        self._students = students
        self._databases = databases
        self._calls = 0

    def __enter__(self) -> Self:
        self._scenario: Scenario = self._databases.open()
        self.process: StudentProcess = self._students.process(self._scenario.channel)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.alive:
            self.process.close()
        self._scenario.close()

    @property
    def alive(self) -> bool:
        """Whether the process can do another call."""
        return self.process.alive

    def next_folder(self) -> str:
        """Return the folder of the next call, where the process has its scratch."""
        self._calls += 1
        return f"{self.process.scratch}/{self.process.number}-{self._calls}"

    def perform(self, planned: Planned, call: Call, files: dict[str, bytes]) -> tuple[list[Answer] | str, Record]:
        """Make a call; returns its answers, or how it ended without, and the record of the database."""
        self._scenario.begin(
            Setup(planned.database, files, refuse_insert=planned.refuse_insert, lock_commit=planned.lock_commit)
        )
        answers = self.process.perform(call, self._scenario.release)
        try:
            return answers, self._scenario.end(limits.ANSWER_SECONDS)
        except DatabaseLost as lost:
            if self.process.alive:
                self.process.close()
            return f"the database had to be stopped: {lost}", Record()


def _run(planned: Planned, answers: list[Answer] | str, record: Record, workplace: _Workplace) -> Run:
    outcomes = [Outcome("unfinished", text=answers)] if isinstance(answers, str) else [_outcome(a) for a in answers]
    return Run(
        name=planned.name,
        kind=planned.kind,
        inputs={
            "invocations": msgspec.to_builtins(planned.invocations),
            "arguments": list(planned.arguments),
            "refuse_insert": planned.refuse_insert,
            "lock_commit": planned.lock_commit,
        },
        outcome=outcomes[0],
        then=tuple(outcomes[1:]),
        model=planned.model,
        functions=planned.functions,
        before=record.before,
        after=record.after,
        schema=record.schema,
        next_ids=record.next_ids,
        databases=record.databases,
        steps=record.steps,
        steps_dropped=record.steps_dropped,
        output=workplace.process.printed.decode("utf-8", "replace"),
        output_bytes=workplace.process.printed_bytes,
    )


def _outcome(answer: Answer) -> Outcome:
    failure = None if answer.trouble is None else _failure(answer.trouble)
    return Outcome(answer.kind, value=answer.value, failure=failure, status=answer.status)


def _failure(trouble: Trouble) -> Failure:
    where = None if trouble.file is None else Where(trouble.file, trouble.line or 1)
    return Failure(trouble.type, trouble.message, where, trouble.chain)


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # what a child says it is
    """Return the fields of a dict as a child sends it."""
    items = value.get("dict", []) if isinstance(value, dict) else []
    return {key: item for key, item in items if isinstance(key, str)}


def _stored_ids(run: Run) -> list[int]:
    """Return the ids under which the model stored products, as the child says; they only choose inputs."""
    return [identifier for identifier in _fields(run.outcome.value).get("stored", []) if type(identifier) is int]


def _products(answers: list[Answer] | str) -> tuple[dict[str, Any], ...] | None:
    if isinstance(answers, str) or answers[0].kind != "returned" or not isinstance(answers[0].value, list):
        return None
    return tuple(_fields(item) for item in answers[0].value)
