"""One student's process together with the database that it talks to, and what the two say about a call."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from grader import limits
from grader.observe.database.messages import Record, Setup
from grader.observe.sandbox.databases import DatabaseLost
from grader.values import Failure, Outcome, Run, Sign, Step, Where

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Self

    from grader.observe.child.request import Answer, Call, Trouble
    from grader.observe.plan import Planned
    from grader.observe.sandbox.databases import DatabaseServer, Scenario
    from grader.observe.sandbox.students import StudentProcess, StudentSandbox

NOT_AGAIN = "it was not tried again after an earlier call had run out of time"


@dataclass(frozen=True)
class Performed:
    """A call as it went: the answers of the process, or in words how it failed to answer, and the database's record."""

    answers: list[Answer] | str
    record: Record


class Workplace:
    """A process and a database of its own; entering it starts both."""

    def __init__(self, students: StudentSandbox, databases: DatabaseServer) -> None:
        self._students = students
        self._databases = databases
        self._worked = 0.0

    def __enter__(self) -> Self:
        self._scenario: Scenario = self._databases.open()
        with ExitStack() as stack:
            stack.callback(self._scenario.close)
            self.process: StudentProcess = self._students.process(self._scenario.channel)
            stack.pop_all()  # both are there: they are closed when the block is left
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.alive:
            self.process.close()
        self._scenario.close()

    @property
    def is_fit(self) -> bool:
        """Whether the process can do another call: it lives, and has most of its processor time left."""
        return self.process.alive and self._worked < limits.SHIFT_SECONDS

    @property
    def folder(self) -> str:
        """The folder of the process's calls, where it has its scratch; it is emptied before each."""
        return f"{self.process.scratch}/{self.process.number}/submission"

    def perform(self, planned: Planned, call: Call, files: dict[str, bytes]) -> Performed:
        """Make a call on a database that holds ``files``."""
        setup = Setup(planned.database, files, refuse_insert=planned.refuse_insert, lock_commit=planned.lock_commit)
        answers: list[Answer] | str = ""
        try:
            self._scenario.begin(setup)
            answers = self.process.perform(call, self._scenario.release)
            self._worked = 0.0 if isinstance(answers, str) else answers[-1].worked
            return Performed(answers, self._scenario.end(limits.ANSWER_SECONDS))
        except DatabaseLost as lost:
            if self.process.alive:
                self.process.close()
            return Performed(
                answers if isinstance(answers, str) and answers else f"its database was lost: {lost}", Record()
            )


def as_run(planned: Planned, performed: Performed, process: StudentProcess, *, known: Container[str]) -> Run:
    """Return what a call has shown, as evidence; a line counts only in one of the ``known`` files."""
    answers, record = performed.answers, performed.record
    told = [] if isinstance(answers, str) else [_outcome(answer, known) for answer in answers]
    outcomes = told or [_unfinished(str(answers))]
    return Run(
        name=planned.name,
        kind=planned.kind,
        inputs=inputs(planned),
        outcome=outcomes[0],
        then=tuple(outcomes[1:]),
        model=planned.model,
        functions=planned.functions,
        before=record.before,
        after=record.after,
        schema=record.schema,
        next_ids=record.next_ids,
        databases=record.databases,
        steps=tuple(_placed(step, known) for step in record.steps),
        steps_dropped=record.steps_dropped,
        facts_dropped=record.facts_dropped,
        output=process.printed.decode("utf-8", "replace"),
        output_bytes=process.printed_bytes,
        signs=() if isinstance(answers, str) else _signs(answers, known),
    )


def not_tried(planned: Planned) -> Run:
    """Return the run of a call that was left out because one like it had hung."""
    outcome = _unfinished(NOT_AGAIN)
    return Run(planned.name, planned.kind, inputs(planned), outcome, model=planned.model, functions=planned.functions)


def inputs(planned: Planned) -> dict[str, Any]:
    """Return what a call is given, as evidence tells it."""
    return {
        "invocations": msgspec.json.decode(msgspec.json.encode(planned.invocations)),  # as stored evidence has them
        "arguments": list(planned.arguments),
        "refuse_insert": planned.refuse_insert,
        "lock_commit": planned.lock_commit,
    }


def _unfinished(text: str) -> Outcome:
    return Outcome("unfinished", text=text)


# --- a child may say anything: what is kept has the size and the shape of a driver's answer --------------------------


def _outcome(answer: Answer, known: Container[str]) -> Outcome:
    failure = None if answer.trouble is None else _failure(answer.trouble, known)
    status = answer.status if answer.status is None or answer.status in range(256) else 1
    return Outcome(answer.kind, value=answer.value, failure=failure, status=status)


def _failure(trouble: Trouble, known: Container[str]) -> Failure:
    chain = tuple(_cut(link) for link in trouble.chain[: limits.CHAIN])
    return Failure(_cut(trouble.type), _cut(trouble.message), _where(trouble.file, trouble.line, known), chain)


def _signs(answers: list[Answer], known: Container[str]) -> tuple[Sign, ...]:
    """Return the signs of a call as evidence, each once."""
    told = [
        Sign(sign.kind, sign.text[: limits.SIGN_CHARACTERS], _where(sign.file, sign.line, known))
        for answer in answers
        for sign in answer.signs
    ]
    return tuple(dict.fromkeys(told))[: limits.SIGNS]


def _placed(step: Step, known: Container[str]) -> Step:
    """Return a step without its line, if that is none of the submission's."""
    where = step.where
    if where is None or _where(where.file, where.line, known) == where:
        return step
    return msgspec.structs.replace(step, where=None)


def _where(file: str | None, line: int | None, known: Container[str]) -> Where | None:
    number = line or 1
    return Where(file, number) if file is not None and file in known and 0 < number <= limits.SOURCE_BYTES else None


def _cut(text: str) -> str:
    """Return a text as far as it is kept, with the mark of one that was cut."""
    return text[: limits.TEXT_CHARACTERS + 1]
