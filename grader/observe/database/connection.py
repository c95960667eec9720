"""One connection of the student's: a thread that does on a real ``sqlite3.Connection`` what its requests ask for, and writes it down."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from grader import limits
from grader.observe.child.wire import (
    Answer,
    Broken,
    Call,
    Close,
    Commit,
    Connect,
    Converted,
    Error,
    Execute,
    ExecuteMany,
    ExecuteScript,
    Fetch,
    Forget,
    Limit,
    RawText,
    Register,
    Request,
    Result,
    Returned,
    Rollback,
    Rows,
    Set,
    Stream,
    Surrogates,
    Value,
)
from grader.values import Step

from . import faults
from .callbacks import Callbacks, bound_all, supplied
from .guard import Guard
from .log import busy, error_of, parameters, where

if TYPE_CHECKING:
    from .scene import Scene

_GIVES_AN_ID = re.compile(r"\s*(INSERT|REPLACE|WITH)\b", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(BEGIN|SAVEPOINT)\b", re.IGNORECASE)


@dataclasses.dataclass
class _Doing:
    """A step that is being done: what was before it, and what is seen of it on the way."""

    changes: int
    in_transaction: bool
    place: int | None = None
    began: bool = False
    lastrowid: int | None = None
    many: int = 0


class StudentConnection:
    """Serves one connection, from its opening to its end."""

    def __init__(self, scene: Scene, stream: Stream, opened: Connect, number: int) -> None:
        self._scene = scene
        self._stream = stream
        self._role = opened.role
        self.number = number
        self.open = True
        self.ended = False
        self._name = opened.name
        self.was_in_transaction = False
        self._cursors: dict[int, sqlite3.Cursor] = {}
        self._special = False
        self._doing: _Doing | None = None
        self._student_trace: Callable[[str], object] | None = None
        self.connection = scene.folder.connect(opened)
        self.connection.text_factory = self._text
        self._guard = Guard(self.connection)
        self._callbacks = Callbacks(self.connection, self._ask_client)
        if opened.autocommit is not None:
            self.connection.autocommit = opened.autocommit  # after the guard, as it may begin a transaction

    # --- the conversation ---------------------------------------------------------------------------------------------
    def serve(self, request: Request) -> None:
        """Do what one request asks for, and answer it."""
        self._scene.log.claims(request.notes)
        for cursor in request.unused:
            self._cursors.pop(cursor, None)
        work: Any = request.work
        if type(work) not in _HANDLERS:
            raise Broken(f"{type(work).__name__} is out of place")
        try:
            answer = _HANDLERS[type(work)](self, work, request.where)
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the driver raises is the student's to see
            answer = Answer(error=sent(error))
        if self.open:
            answer.in_transaction = self.connection.in_transaction
            answer.total_changes = self.connection.total_changes
        self._stream.send(answer)

    def _ask_client(self, call: Call) -> Returned | Rows:
        """Have the client run a function; it may use this connection meanwhile."""
        self._stream.send(call)
        while True:
            request: Request = self._stream.receive()
            if isinstance(request.work, Returned | Rows):
                return request.work
            doing, self._doing = self._doing, None
            self.serve(request)
            self._doing = doing

    def end(self, kind: str, place: tuple[str, int] | None = None) -> None:
        """Close the real connection and write down how it ended: closed, or lost with what was open in it."""
        self.close()
        self.ended = True
        self._scene.log.append(
            Step(
                kind,
                fact=True,
                connection=self.number,
                where=where(place),
                in_transaction=self.was_in_transaction,
                role=self._role,
            )
        )
        self._scene.watch.look()

    def close(self) -> None:
        """Close the real connection, without a word."""
        if self.open:
            self.was_in_transaction = self.connection.in_transaction
            self.open = False
            self._cursors.clear()
            self.connection.close()

    # --- steps --------------------------------------------------------------------------------------------------------
    def _step(
        self, work: Any, place: tuple[str, int] | None, run: Callable[[_Doing], Result | None], **told: Any
    ) -> Answer:  # noqa: ANN401  # fields of Step
        """Run a piece of work and write down what came of it; what it raised becomes part of the answer."""
        doing = self._doing = _Doing(self.connection.total_changes, self.connection.in_transaction)
        error, result = None, None
        self._guard.deadline.start()
        try:
            self._scene.prepare(self.connection, self._name, work)
            result = run(doing)
        except Broken:
            raise
        except Exception as raised:  # noqa: BLE001  # whatever the driver raises is the student's to see
            error = raised
        after = self.connection.in_transaction
        step = Step(
            fact=True,
            connection=self.number,
            where=where(place),
            began=doing.began or (after and not doing.in_transaction),
            in_transaction=after,
            changed=self.connection.total_changes - doing.changes,
            lastrowid=doing.lastrowid if self.connection.total_changes > doing.changes else None,
            many=doing.many,
            error=error_of(error),
            role=self._role,
            **told,
        )
        self._scene.log.fill(self._scene.log.reserve() if doing.place is None else doing.place, step)
        self._doing = None
        self._after(work, step, error)
        return Answer(error=None if error is None else sent(error), result=result)

    def _after(self, work: Any, step: Step, error: Exception | None) -> None:  # noqa: ANN401  # a request's
        commit = faults.commits(work) or not step.in_transaction
        self._scene.note_faults(self.number, locked=commit and busy(error))
        if not (isinstance(work, Execute) and step.in_transaction) or self._scene.watch.overdue:
            self._scene.watch.look()

    def _traced(self, sql: str) -> None:
        """Before each statement of a script: look at what the one before it made visible."""
        doing = self._doing
        if doing is not None and doing.place is not None and not self.connection.in_transaction:
            self._scene.watch.look()
            doing.began = doing.began or _BEGINS.match(sql) is not None
        if self._student_trace is not None:
            self._student_trace(sql)

    def _watching(self, run: Callable[[_Doing], Result | None]) -> Callable[[_Doing], Result | None]:
        """Return ``run`` with an eye on every statement in it."""

        def watched(doing: _Doing) -> Result | None:
            doing.place = self._scene.log.reserve()
            self.connection.set_trace_callback(self._traced)
            try:
                return run(doing)
            finally:
                if self._student_trace is None:
                    self.connection.set_trace_callback(None)

        return watched

    # --- statements ---------------------------------------------------------------------------------------------------
    def _execute(self, work: Execute, place: tuple[str, int] | None) -> Answer:
        def run(doing: _Doing) -> Result:
            cursor = self._new_cursor(work.cursor, work.converters)
            cursor.execute(work.sql, bound_all(work.parameters))
            if _GIVES_AN_ID.match(work.sql):
                doing.lastrowid = cursor.lastrowid
            self._guard.clamp(work.sql)
            return self._result(work.cursor, cursor)

        return self._step(
            work,
            place,
            run,
            kind="execute",
            sql=work.sql[: limits.STEP_CHARACTERS],
            parameters=parameters(work.parameters) or None,
        )

    def _executemany(self, work: ExecuteMany, place: tuple[str, int] | None) -> Answer:
        def rows(doing: _Doing) -> Iterator[Any]:
            for row in supplied(work.supply, self._ask_client):
                doing.many += 1
                yield row

        def run(doing: _Doing) -> Result:
            cursor = self._new_cursor(work.cursor, work.converters)
            cursor.executemany(work.sql, rows(doing))
            return self._result(work.cursor, cursor)

        return self._step(
            work,
            place,
            self._watching(run),
            kind="executemany",
            sql=work.sql[: limits.STEP_CHARACTERS],
            parameters=parameters(work.supply.rows) or None,
        )

    def _executescript(self, work: ExecuteScript, place: tuple[str, int] | None) -> Answer:
        def run(_doing: _Doing) -> None:
            self.connection.executescript(work.sql)
            self._guard.clamp(work.sql)

        return self._step(
            work, place, self._watching(run), kind="executescript", sql=work.sql[: limits.STEP_CHARACTERS]
        )

    def _commit(self, work: Commit, place: tuple[str, int] | None) -> Answer:
        return self._step(work, place, lambda _: self.connection.commit(), kind="commit")

    def _rollback(self, work: Rollback, place: tuple[str, int] | None) -> Answer:
        return self._step(work, place, lambda _: self.connection.rollback(), kind="rollback")

    def _close(self, work: Close, place: tuple[str, int] | None) -> Answer:
        self.end("lost" if work.lost else "close", place)
        return Answer()

    # --- rows ---------------------------------------------------------------------------------------------------------
    def _new_cursor(self, number: int, converters: list[str]) -> sqlite3.Cursor:
        self._cursors.pop(number, None)  # finishes what it was reading
        for name in converters:
            sqlite3.register_converter(name, self._converter(name))
        return self.connection.cursor()

    def _result(self, number: int, cursor: sqlite3.Cursor) -> Result:
        before = cursor.rowcount
        result = self._read(number, cursor)
        result.rowcount = before
        return result

    def _read(self, number: int, cursor: sqlite3.Cursor) -> Result:
        """Read a batch of rows; a cursor that has more is kept."""
        columns = None if cursor.description is None else [item[0] for item in cursor.description]
        result = Result(columns, [], lastrowid=cursor.lastrowid)
        self._special = False
        if columns is not None:
            try:
                result.rows.extend(islice(cursor, limits.BATCH_ROWS))
            except Exception as error:  # noqa: BLE001  # the student meets it after the rows before it
                result.error = sent(error)
            result.more = len(result.rows) == limits.BATCH_ROWS and result.error is None
        if result.more:
            self._cursors[number] = cursor
        result.special = self._special
        result.counted = cursor.rowcount
        return result

    def _fetch(self, work: Fetch, _place: object) -> Answer:
        self._guard.deadline.start()
        cursor = self._cursors.pop(work.cursor, None)
        return Answer(result=Result(None, []) if cursor is None else self._read(work.cursor, cursor))

    def _forget(self, work: Forget, _place: object) -> Answer:
        self._cursors.pop(work.cursor, None)
        self._scene.watch.look()
        return Answer()

    def _text(self, data: bytes) -> str | RawText:
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._special = True
            return RawText(data)

    def _converter(self, name: str) -> Callable[[bytes], Converted]:
        def convert(data: bytes) -> Converted:
            self._special = True
            return Converted(name.encode() + b"\0" + data)

        return convert

    # --- settings -----------------------------------------------------------------------------------------------------
    def _set(self, work: Set, place: tuple[str, int] | None) -> Answer:
        def run(_doing: _Doing | None = None) -> None:
            setattr(self.connection, work.name, work.value)

        if self.connection.in_transaction and (work.value is None or work.name == "autocommit"):
            answer = self._step(Commit(), place, run, kind="commit")  # that is what it does
        else:
            run()
            answer = Answer()
        answer.value = getattr(self.connection, work.name)
        return answer

    def _limit(self, work: Limit, _place: object) -> Answer:
        return Answer(value=self._guard.limit(work.category, work.value))

    def _register(self, work: Register, _place: object) -> Answer:
        function = None if work.function is None else self._callbacks.function(work.function)
        if work.kind == "trace":
            self._student_trace = function
            self.connection.set_trace_callback(None if function is None else self._traced)
        elif work.kind == "authorizer":
            self._guard.ask_student(function)
        else:
            self._callbacks.register(work)
        return Answer()


_HANDLERS: dict[type, Callable[..., Answer]] = {
    Execute: StudentConnection._execute,  # noqa: SLF001  # its own methods
    ExecuteMany: StudentConnection._executemany,  # noqa: SLF001
    ExecuteScript: StudentConnection._executescript,  # noqa: SLF001
    Fetch: StudentConnection._fetch,  # noqa: SLF001
    Forget: StudentConnection._forget,  # noqa: SLF001
    Commit: StudentConnection._commit,  # noqa: SLF001
    Rollback: StudentConnection._rollback,  # noqa: SLF001
    Close: StudentConnection._close,  # noqa: SLF001
    Set: StudentConnection._set,  # noqa: SLF001
    Limit: StudentConnection._limit,  # noqa: SLF001
    Register: StudentConnection._register,  # noqa: SLF001
}


def sent(error: Exception) -> Error:
    """Return an exception as it travels."""
    return Error(
        type(error).__name__,
        [_argument(value) for value in error.args],
        getattr(error, "sqlite_errorcode", None),
        getattr(error, "sqlite_errorname", None),
    )


def _argument(value: Any) -> Value:  # noqa: ANN401  # of an exception
    if isinstance(value, str) and not value.isascii():
        return Surrogates(value.encode("utf-8", "surrogatepass"))
    return value if value is None or isinstance(value, int | float | str | bytes) else str(value)
