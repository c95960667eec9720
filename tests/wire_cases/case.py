"""What a case of the battery is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Database:
    """What a case works with: natively, or ours."""

    connect: Callable[..., Any]
    connection_class: Any
    cursor_class: Any

    def filled(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as for connect
        """Return a connection with a table of three rows."""
        connection = self.connect(*(args or (":memory:",)), **kwargs)
        connection.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL);"
            "INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', NULL), (3, 'c', 2);"
        )
        return connection


Case = Callable[[Database], Any]
CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add a case."""
    CASES.append(function)
    return function


def raising(function: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401  # a description of anything
    """Return what a call returned or raised, described."""
    try:
        return ("returned", function(*args))
    except Exception as error:  # noqa: BLE001  # whatever it is, it is compared
        return described(error)


def described(error: Exception) -> Any:  # noqa: ANN401  # as above
    """Return all of an exception that a program can see."""
    codes = [getattr(error, name, None) for name in ("sqlite_errorcode", "sqlite_errorname")]
    return ("raised", type(error).__module__, type(error).__name__, error.args, codes)


def shown(value: Any) -> Any:  # noqa: ANN401  # anything
    """Return a value with its types, so that 1, 1.0 and True differ."""
    if isinstance(value, tuple | list):
        return [type(value).__name__, *(shown(item) for item in value)]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return (type(value).__name__, repr(value))
