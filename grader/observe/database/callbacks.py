"""Functions of SQL whose work is done in the student's process: a call goes over the wire and waits for the reply."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from grader import limits
from grader.observe.child.wire import (
    Call,
    Failing,
    Parameters,
    Register,
    Returned,
    Rows,
    Surrogates,
    TooLarge,
    Unbindable,
    Value,
)

from .guard import RESERVED

_BEYOND_64_BITS = 1 << 64
_refused: dict[bytes, type] = {}


class Ask(Protocol):
    """Has the client run a function, which may use the connection meanwhile unless it must be ``idle``."""

    def __call__(self, call: Call, *, idle: bool = False) -> Returned | Rows:
        """Return what the client replies."""


class ClientFailed(Exception):  # noqa: N818  # not an error of ours: the client raises its own
    """The student's adapter or iterator raised; the client has the exception."""


class _Unadaptable:
    """A parameter whose adapting raises, so that the statement fails where it would fail natively."""

    def __conform__(self, _protocol: object) -> object:
        raise ClientFailed


def bound(value: Value) -> Any:  # noqa: ANN401  # anything that a student may bind
    """Return a parameter such that the real driver does with it what it would have done in the student's process."""
    if isinstance(value, Unbindable):
        return _unbindable(value.data)()
    if isinstance(value, TooLarge):
        return _BEYOND_64_BITS
    if isinstance(value, Surrogates):
        return value.text
    return _Unadaptable() if isinstance(value, Failing) else value


def _unbindable(name: bytes) -> type:
    """Return a class of that name; beyond a number of names always the same one, as classes stay in memory."""
    if name not in _refused and len(_refused) < limits.CONVERTERS:
        _refused[name] = type(name.decode(), (), {})
    return _refused.get(name, object)


def bound_all(given: Parameters) -> Any:  # noqa: ANN401  # a list or a dict
    """Return the parameters of a statement."""
    if len(given) > limits.VARIABLES:
        raise sqlite3.ProgrammingError("Incorrect number of bindings supplied: no statement uses so many.")
    if isinstance(given, dict):
        return {name: bound(value) for name, value in given.items()}
    return [bound(value) for value in given]


def supplied(supply: Rows, ask: Ask) -> Iterator[Any]:
    """Yield the parameters of an ``executemany``; the client is asked for more where it has more."""
    while True:
        yield from map(bound_all, supply.rows)
        if supply.failed:
            raise ClientFailed
        if not supply.more:
            return
        reply = ask(Call(0, "rows", []))
        if not isinstance(reply, Rows):
            raise ClientFailed
        supply = reply


class Callbacks:
    """Registers functions of the student's with a connection."""

    def __init__(self, connection: sqlite3.Connection, ask: Ask) -> None:
        self._connection = connection
        self._ask = ask
        self._instances = itertools.count(1)

    def register(self, work: Register) -> None:
        """Make a function, an aggregate or a collation known to sqlite, or take it away."""
        if work.name.lower() == RESERVED:
            raise sqlite3.OperationalError(f"the name {RESERVED} is taken")
        number = work.function
        if work.kind == "function":
            function = None if number is None else self.function(number)
            self._connection.create_function(work.name, work.arguments, function, deterministic=work.deterministic)
        elif work.kind == "collation":
            self._connection.create_collation(work.name, None if number is None else self.idle(number))
        else:
            aggregate: Any = None if number is None else self._aggregate(number)
            if work.kind == "aggregate":
                self._connection.create_aggregate(work.name, work.arguments, aggregate)
            else:
                self._connection.create_window_function(work.name, work.arguments, aggregate)

    def function(self, number: int) -> Callable[..., Any]:
        """Return a function that has the student's function number ``number`` called."""
        return lambda *arguments: self._call(Call(number, "call", list(arguments)))

    def idle(self, number: int) -> Callable[..., Any]:
        """Return the same for where sqlite allows no other use of the connection until it has returned."""
        return lambda *arguments: self._call(Call(number, "call", list(arguments)), idle=True)

    def _call(self, call: Call, *, idle: bool = False) -> Any:  # noqa: ANN401  # a value of the student's
        reply = self._ask(call, idle=idle)
        if not isinstance(reply, Returned) or reply.failed:
            raise ClientFailed
        return bound(reply.value)

    def _aggregate(self, number: int) -> Any:  # noqa: ANN401  # a class as sqlite3 wants it
        callbacks = self

        class Aggregate:
            def __init__(self) -> None:
                self._instance = next(callbacks._instances)  # a closure, in effect
                self._send("new")

            def _send(self, method: Any, *arguments: object) -> object:  # noqa: ANN401  # one of the literals of Call
                return callbacks._call(Call(number, method, list(arguments), self._instance))

            def step(self, *arguments: object) -> None:
                self._send("step", *arguments)

            def inverse(self, *arguments: object) -> None:
                self._send("inverse", *arguments)

            def value(self) -> object:
                return self._send("value")

            def finalize(self) -> object:
                return self._send("finalize")

        return Aggregate
