"""Values on their way to the server and back: adapters, converters and text factories run in the student's process."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from . import dbapi_native as native
from .wire import Converted, Error, Failing, Parameters, RawText, Surrogates, TooLarge, Unbindable, Value

_PLAIN_INTEGER = 1 << 62
_REFUSED_TYPE = re.compile(r"type '(.*)' is not supported", re.DOTALL)
_NAMED = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^]]*] | --[^\n]* | /\*.*?\*/ | [:@$](?P<name>\w+)""",
    re.DOTALL | re.VERBOSE,
)
_ERRORS: dict[str, type[Exception]] = {
    name: kind for name, kind in vars(sqlite3).items() if isinstance(kind, type) and issubclass(kind, Exception)
} | {
    kind.__name__: kind
    for kind in (
        BufferError,
        MemoryError,
        OverflowError,
        RecursionError,
        SystemError,
        TypeError,
        UnicodeEncodeError,
        ValueError,
    )
}


# --- to the server ----------------------------------------------------------------------------------------------------
def bind(sql: str, given: Any, failures: list[Exception]) -> Parameters:  # noqa: ANN401  # whatever the student passes
    """Return the parameters as they travel; exceptions of adapters are put into ``failures``."""
    if type(given) is dict:
        return {name: outgoing(value, failures) for name, value in given.items() if isinstance(name, str)}
    if isinstance(given, dict):
        return {name: outgoing(given[name], failures) for name in _names(sql) if _has(given, name)}
    if isinstance(given, tuple | list):
        return [outgoing(value, failures) for value in given]
    _refuse_unless_sequence(given)
    return [outgoing(given[index], failures) for index in range(len(given))]


def _refuse_unless_sequence(given: Any) -> None:  # noqa: ANN401  # as above
    """Raise what the real driver raises for parameters that are neither a mapping nor a sequence."""
    try:
        native.empty().execute("SELECT 1", given)
    except sqlite3.ProgrammingError as error:
        if "unsupported" in str(error):  # not their number, which does not fit this statement
            raise


def outgoing(value: Any, failures: list[Exception]) -> Value:  # noqa: ANN401  # as above
    """Return one parameter as it travels."""
    kind = type(value)
    if kind is str:
        plain = value.isascii()
    elif kind is int:
        plain = -_PLAIN_INTEGER < value < _PLAIN_INTEGER
    else:
        plain = value is None or kind is float or kind is bytes
    return value if plain else _adapted(value, failures)


def _adapted(value: Any, failures: list[Exception]) -> Value:  # noqa: ANN401  # as above
    """Let the real driver adapt and bind the value, and read what it was bound as."""
    try:
        bound: Value = native.empty().execute("SELECT ?", (value,)).fetchone()[0]
    except OverflowError:
        return TooLarge()
    except UnicodeEncodeError as error:
        return Surrogates(error.object.encode("utf-8", "surrogatepass"))
    except Exception as error:  # noqa: BLE001  # an adapter may raise anything: it is raised again after the round trip
        refused = _REFUSED_TYPE.search(str(error))
        if isinstance(error, sqlite3.Error) and refused:
            return Unbindable(refused[1].encode())
        failures.append(error)
        return Failing()
    return bound


@functools.lru_cache(maxsize=64)
def _names(sql: str) -> tuple[str, ...]:
    return tuple(match["name"] for match in _NAMED.finditer(sql) if match["name"])


def _has(given: Any, name: str) -> bool:  # noqa: ANN401  # a mapping of the student's
    try:
        given[name]
    except LookupError:
        return False
    return True


# --- from the server --------------------------------------------------------------------------------------------------
def incoming(row: Iterable[Value], columns: list[str], text_factory: Callable[[bytes], Any]) -> tuple[Any, ...]:
    """Return a row as the student's converters and text factory want it."""
    return tuple(_received(value, name, text_factory) for value, name in zip(row, columns, strict=True))


def _received(value: Value, column: str, text_factory: Callable[[bytes], Any]) -> Any:  # noqa: ANN401  # a factory's
    if isinstance(value, Converted):
        name, data = value.parts()
        return sqlite3.converters[name](data)
    if isinstance(value, RawText):
        return _undecodable(value.data, column) if text_factory is str else text_factory(value.data)
    if isinstance(value, str) and text_factory is not str:
        return text_factory(value.encode())
    return value


def _undecodable(data: bytes, column: str) -> Any:  # noqa: ANN401  # raises: the real driver has the words
    quoted = column.replace('"', '""')
    return native.empty().execute(f'SELECT CAST(? AS TEXT) AS "{quoted}"', (data,)).fetchone()[0]


def argument(value: Value) -> Any:  # noqa: ANN401  # what a function of the student's gets
    """Return an argument for a function that SQL calls."""
    return value.data.decode("utf-8", "replace") if isinstance(value, RawText) else value


def exception(error: Error) -> Exception:
    """Return the exception that the real driver raised on the server."""
    arguments = [value.text if isinstance(value, Surrogates) else value for value in error.arguments]
    raised = _ERRORS.get(error.type, sqlite3.InternalError)(*arguments)
    if error.code is not None:
        raised.sqlite_errorcode = error.code  # type: ignore[attr-defined]  # every exception takes attributes
    if error.name is not None:
        raised.sqlite_errorname = error.name  # type: ignore[attr-defined]  # as above
    return raised
