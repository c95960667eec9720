"""One connection of the student's: does on a real ``sqlite3.Connection`` what is asked of it, and writes it down."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.observe.child.wire import (
    Answer,
    Close,
    Commit,
    Connect,
    Delete,
    Execute,
    ExecuteMany,
    ExecuteScript,
    Fetch,
    Forget,
    Limit,
    Register,
    Request,
    Result,
    Rollback,
    Set,
    Stream,
)
from grader.values import Step

from . import faults
from .callbacks import Callbacks, bound_all, supplied
from .conversation import Conversation, Place
from .guard import Guard
from .log import busy, cut, error_of, parameters, sets_of_parameters, where
from .results import Results, sent

if TYPE_CHECKING:
    from .scene import Scene

_GIVES_AN_ID = re.compile(r"\s*(INSERT|REPLACE|WITH)\b", re.IGNORECASE)
_REMEMBERED = 512  # statements; Python's sqlite3 keeps 128 of them prepared
_BEGINS = re.compile(r"\s*(BEGIN|SAVEPOINT)\b", re.IGNORECASE)


@dataclasses.dataclass
class _Doing:
    """A step that is being done: what was before it, and what turns up on the way."""

    changes: int
    in_transaction: bool
    place: int | None = None
    began: bool = False
    lastrowid: int | None = None
    many: int = 0


class StudentConnection(Conversation):
    """Serves one connection, from its opening to its end."""

    def __init__(self, scene: Scene, stream: Stream, opened: Connect, number: int) -> None:
        super().__init__(stream)
        self._scene = scene
        self._name = opened.name
        self._role = opened.role
        self.number = number
        self.open = True
        self.ended = False
        self._was_in_transaction = False
        self._doing: _Doing | None = None
        self._writing: dict[int, tuple[str, ...]] = {}
        self._student_trace: Callable[[str], object] | None = None
        self.connection = scene.folder.connect(opened)
        self._results = Results(self.connection)
        self._guard = Guard(self.connection, scene.folder.path, scene.budget, scene.watched)
        self._callbacks = Callbacks(self.connection, self._ask_client)
        if opened.autocommit is not None:
            self._assign("autocommit", opened.autocommit)  # after the guard, as it may begin a transaction

    # --- the conversation ---------------------------------------------------------------------------------------------
    def _hear(self, request: Request) -> None:
        self._scene.log.claims(request.notes)
        for cursor in request.unused:
            self._results.forget(cursor)

    def _tell_state(self, answer: Answer) -> None:
        if self.open:
            answer.in_transaction = self.connection.in_transaction
            answer.total_changes = self.connection.total_changes

    # --- the end ------------------------------------------------------------------------------------------------------
    def interrupt(self) -> None:
        """Interrupt the statement that is being executed."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # it was closed just now
            self.connection.interrupt()

    def close(self) -> None:
        """Close the real connection, without a word."""
        if self.open:
            self._was_in_transaction = self.connection.in_transaction
            self.open = False
            self._results.close()
            self.connection.close()

    def end(self, kind: str, place: Place = None) -> None:
        """Close the real connection and write down how it ended: closed, or lost with what was open in it."""
        self.close()
        self.ended = True
        self._scene.log.append(
            Step(
                kind,
                fact=True,
                connection=self.number,
                where=where(place),
                in_transaction=self._was_in_transaction,
                role=self._role,
            )
        )
        self._scene.watch.look()

    # --- steps --------------------------------------------------------------------------------------------------------
    def _step(self, work: Any, place: Place, run: Callable[[_Doing], Result | None], **told: Any) -> Answer:  # noqa: ANN401  # fields of Step
        """Run a piece of work and write down what came of it; what it raised becomes part of the answer."""
        doing = self._doing = _Doing(self.connection.total_changes, self.connection.in_transaction)
        self._guard.wrote.clear()
        error, result = None, None
        try:
            with self._guard.working():
                self._scene.prepare(self.connection, self._guard, self._name, work)
                result = run(doing)
        except Exception as raised:  # noqa: BLE001  # whatever the driver raises is the student's to see
            error = raised.with_traceback(None)  # its frames would keep cursors, and their locks, alive
        finally:
            self._doing = None
        failure = error or self._results.take_failure()
        step = self._told(doing, place, failure, told | {"wrote": self._wrote(getattr(work, "sql", ""))})
        self._scene.log.fill(self._scene.log.reserve() if doing.place is None else doing.place, step)
        self._after(work, step, failure)
        return Answer(error=None if error is None else sent(error), result=result)

    def _wrote(self, sql: str) -> tuple[str, ...]:
        """Return what the last statement writes to, in the watched file; sqlite asks only when it prepares one anew."""
        if self._name != self._scene.watched:
            return ()
        known = self._writing.pop(hash(sql), ())
        wrote = self._writing[hash(sql)] = tuple(self._guard.wrote) or known
        if len(self._writing) > _REMEMBERED:
            del self._writing[next(iter(self._writing))]
        return wrote

    def _told(self, doing: _Doing, place: Place, error: Exception | None, told: dict[str, Any]) -> Step:
        in_transaction = self.connection.in_transaction
        changed = self.connection.total_changes - doing.changes
        return Step(
            fact=True,
            connection=self.number,
            where=where(place),
            many=doing.many,
            began=doing.began or (in_transaction and not doing.in_transaction),
            in_transaction=in_transaction,
            changed=changed,
            lastrowid=doing.lastrowid if changed else None,
            error=error_of(error),
            role=self._role,
            **told,
        )

    def _after(self, work: Any, step: Step, error: Exception | None) -> None:  # noqa: ANN401  # a request's
        """Tell the faults that the step met, and look from outside if it may have committed."""
        committing = faults.commits(work) or not step.in_transaction
        self._scene.note_faults(self.number, locked=committing and busy(error))
        if committing or not isinstance(work, Execute) or self._scene.watch.overdue:
            self._scene.watch.look()

    def _watching(self, run: Callable[[_Doing], Result | None]) -> Callable[[_Doing], Result | None]:
        """Return ``run`` with an eye on every statement in it; its step stands before what is seen meanwhile."""

        def watched(doing: _Doing) -> Result | None:
            doing.place = self._scene.log.reserve()
            self.connection.set_trace_callback(self._traced)
            try:
                return run(doing)
            finally:
                if self._student_trace is None:
                    self.connection.set_trace_callback(None)

        return watched

    def _traced(self, sql: str) -> None:
        """Before each statement: look at what the one before it made visible."""
        doing = self._doing
        if doing is not None and doing.place is not None and not self.connection.in_transaction:
            if not self._guard.stop_if_late():
                self._scene.watch.look()
            doing.began = doing.began or _BEGINS.match(sql) is not None
        if self._student_trace is not None:
            self._student_trace(sql)

    # --- statements ---------------------------------------------------------------------------------------------------
    def _execute(self, work: Execute, place: Place) -> Answer:
        def run(doing: _Doing) -> Result:
            cursor = self._results.new_cursor(work.cursor, work.converters)
            cursor.execute(work.sql, bound_all(work.parameters))
            if _GIVES_AN_ID.match(work.sql):
                doing.lastrowid = cursor.lastrowid
            result = self._results.first(work.cursor, cursor)
            self._results.leave(work.cursor, self._guard.deadline)
            return result

        return self._step(work, place, run, kind="execute", sql=cut(work.sql), parameters=parameters(work.parameters))

    def _executemany(self, work: ExecuteMany, place: Place) -> Answer:
        def rows(doing: _Doing) -> Iterator[Any]:
            for row in supplied(work.supply, self._ask_client):
                doing.many += 1
                yield row

        def run(doing: _Doing) -> Result:
            cursor = self._results.new_cursor(work.cursor, work.converters)
            cursor.executemany(work.sql, rows(doing))
            return self._results.first(work.cursor, cursor)

        told = sets_of_parameters(work.supply.rows)
        return self._step(work, place, self._watching(run), kind="executemany", sql=cut(work.sql), parameters=told)

    def _executescript(self, work: ExecuteScript, place: Place) -> Answer:
        def run(_doing: _Doing) -> None:
            self._guard.in_script = True
            try:
                self.connection.executescript(work.sql)
            except sqlite3.DatabaseError:
                if self._guard.stop_if_late():
                    raise sqlite3.OperationalError("interrupted") from None
                raise
            finally:
                self._guard.in_script = False

        return self._step(work, place, self._watching(run), kind="executescript", sql=cut(work.sql))

    def _fetch(self, work: Fetch, _place: Place) -> Answer:
        with self._guard.working(self._results.left(work.cursor)):
            result = self._results.more(work.cursor)
            self._results.leave(work.cursor, self._guard.deadline)
        if not result.more:
            self._scene.watch.look()  # without a transaction, the last row is what commits a RETURNING
        return Answer(result=result)

    def _forget(self, work: Forget, _place: Place) -> Answer:
        self._results.forget(work.cursor)
        self._scene.watch.look()
        return Answer()

    # --- transactions and settings ------------------------------------------------------------------------------------
    def _commit(self, work: Commit, place: Place) -> Answer:
        return self._step(work, place, lambda _: self.connection.commit(), kind="commit")

    def _rollback(self, work: Rollback, place: Place) -> Answer:
        return self._step(work, place, lambda _: self.connection.rollback(), kind="rollback")

    def _close(self, work: Close, place: Place) -> Answer:
        self.end("lost" if work.lost else "close", place)
        return Answer()

    def _set(self, work: Set, place: Place) -> Answer:
        if self.connection.in_transaction and (work.value is None or work.name == "autocommit"):
            # That is what it does.
            answer = self._step(Commit(), place, lambda _: self._assign(work.name, work.value), kind="commit")
        else:
            self._assign(work.name, work.value)
            answer = Answer()
        answer.value = getattr(self.connection, work.name)
        return answer

    def _assign(self, name: str, value: object) -> None:
        setattr(self.connection, name, value)

    def _delete(self, work: Delete, _place: Place) -> Answer:
        self._scene.remove(work.name)
        return Answer()

    def _limit(self, work: Limit, _place: Place) -> Answer:
        return Answer(value=self._guard.limit(work.category, work.value))

    def _register(self, work: Register, _place: Place) -> Answer:
        function = None if work.function is None else self._callbacks.idle(work.function)
        if work.kind == "trace":
            self._student_trace = function
            self.connection.set_trace_callback(None if function is None else self._traced)
        elif work.kind == "authorizer":
            self._guard.ask_student(function)
        else:
            self._callbacks.register(work)
        return Answer()
