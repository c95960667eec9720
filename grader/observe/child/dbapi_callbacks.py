"""The student's functions that SQL calls: they run here, in the thread that waits for the statement."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from .dbapi_values import argument, bind, outgoing
from .wire import Call, Parameters, Returned, Rows

_BATCH = 200


class Callbacks:
    """The functions of one connection, by number, and the objects of its aggregates."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._functions: dict[int, Callable[..., Any]] = {}
        self._instances: dict[int, Any] = {}
        self.supply: Supply | None = None

    def add(self, function: Callable[..., Any] | None) -> int | None:
        """Return the number under which the server can call ``function``."""
        if function is None:
            return None
        number = next(self._numbers)
        self._functions[number] = function
        return number

    def reply(self, call: Call) -> Returned | Rows:
        """Do what the server asks for; an exception of the student's is told as a failure, as sqlite does."""
        if call.method == "rows" and self.supply is not None:
            return self.supply.batch()
        try:
            failures: list[Exception] = []
            value = outgoing(self._run(call, [argument(value) for value in call.arguments]), failures)
        except BaseException:  # noqa: BLE001  # sqlite3 swallows every exception of a callback
            return Returned(failed=True)
        return Returned(value, failed=bool(failures))

    def _run(self, call: Call, arguments: list[Any]) -> Any:  # noqa: ANN401  # the student's value
        if call.method == "call":
            return self._functions[call.function](*arguments)
        if call.method == "new":
            self._instances[call.instance] = self._functions[call.function]()
            return None
        instance = self._instances[call.instance]
        if call.method == "finalize":
            del self._instances[call.instance]
        result = getattr(instance, call.method)(*arguments)
        return result if call.method in {"finalize", "value"} else None


class Supply:
    """The rows of an ``executemany``, in batches; what the student's iterator raises is kept in ``failures``."""

    def __init__(self, rows: Iterator[Any], sql: str, failures: list[Exception]) -> None:
        self._rows = rows
        self._sql = sql
        self._failures = failures

    def batch(self) -> Rows:
        """Return the next rows, and whether there may be more."""
        rows: list[Parameters] = []
        try:
            for row in itertools.islice(self._rows, _BATCH):
                rows.append(bind(self._sql, row, self._failures))  # noqa: PERF401  # kept up to the one that raises
        except Exception as error:  # noqa: BLE001  # raised again once the server met the end of the rows
            self._failures.append(error)
            return Rows(rows, more=False, failed=True)
        return Rows(rows, more=len(rows) == _BATCH, failed=False)
