"""The private folder of a scenario: every database of the student's is a file in it, under its quoted name."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote, unquote, urlencode

from grader import limits
from grader.observe.child.wire import Connect

from . import guard, quota, tables

_Told = TypeVar("_Told")
_OPTIONS = ("mode", "cache")  # of a URI; the others would change how sqlite locks or reads files


class Folder:
    """The database files of a scenario."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: dict[tuple[object, bytes], object] = {}

    def file(self, name: str) -> Path:
        """Return the file of a database; raises ``OperationalError`` for a name that none can have."""
        return self.path / quota.file_name(name)

    def connect(self, opened: Connect) -> sqlite3.Connection:
        """Open a database as the student asked, but wait for locks no longer than we like."""
        return sqlite3.connect(
            self._target(opened),
            timeout=min(opened.timeout, limits.BUSY_SECONDS),
            detect_types=opened.detect_types,
            isolation_level=opened.isolation_level,  # type: ignore[arg-type]  # the driver checks it
            check_same_thread=False,  # interrupted and closed from other threads
            cached_statements=min(opened.cached_statements, limits.OPEN_STATEMENTS),
            uri=True,
        )

    def _target(self, opened: Connect) -> str:
        query = {option: opened.query[option] for option in _OPTIONS if option in opened.query}
        if opened.name in {"", ":memory:"}:  # the former is a file without a name, which nobody could count
            return f"file::memory:?{urlencode(query)}"
        if query.get("mode") == "memory":
            return f"file:{quote(opened.name)}?{urlencode(query)}"
        file = self.file(opened.name)
        if not quota.has_room(self.path, file.name):
            raise sqlite3.OperationalError("unable to open database file: there are too many databases")
        return guard.uri(file, query)

    def remove(self, name: str) -> None:
        """Unlink a database; connections that have it open keep what they have, as with any file."""
        for file in self._with_companions(self.file(name)):
            file.unlink(missing_ok=True)

    def replace(self, files: dict[str, bytes]) -> None:
        """Let these be the databases."""
        for file in list(self.path.iterdir()):
            file.unlink()
        for name, content in files.items():
            self.file(name).write_bytes(content)

    def names(self) -> list[str]:
        """Return the names of the databases."""
        return [unquote(file.name) for file in self._databases()]

    def told(
        self, file: Path, by: Callable[[sqlite3.Connection], _Told], deadline: guard.Deadline | None = None
    ) -> _Told:
        """Return what a function reads of a file that nobody writes to; raises what :data:`guard.UNREADABLE` names.

        Calls begin with the same file, and many leave it as it was: nothing is read twice of the same bytes.
        """
        key = None if self._is_unfinished(file) else (by, hashlib.blake2b(file.read_bytes()).digest())
        if key not in self._told:
            with contextlib.closing(guard.open_own(file, deadline)) as connection:
                told = by(connection)
            if key is None:
                return told
            self._told[key] = told
            if len(self._told) > limits.TOLD_FILES:
                del self._told[next(iter(self._told))]
        return cast("_Told", self._told[key])

    def contents(self, deadline: guard.Deadline) -> dict[str, bytes]:
        """Return the bytes of every database, none of which may be open any more, as far as there is room for them."""
        left = limits.DATABASES_BYTES
        contents: dict[str, bytes] = {}
        for file in self._databases():
            if self._is_unfinished(file):
                _finish(file, deadline)
            if file.stat().st_size <= left:
                contents[unquote(file.name)] = file.read_bytes()
                left -= len(contents[unquote(file.name)])
        return contents

    def with_products(self, deadline: guard.Deadline) -> tuple[str, ...]:
        """Return the names of the databases that have the table that is asked for."""
        return tuple(unquote(file.name) for file in self._databases() if self._has_products(file, deadline))

    def _has_products(self, file: Path, deadline: guard.Deadline) -> bool:
        with contextlib.suppress(*guard.UNREADABLE):
            return self.told(file, tables.kind, deadline) == "table"
        return False  # it is no database

    def _is_unfinished(self, file: Path) -> bool:
        """Tell whether a part of a database lies beside its file."""
        return any(companion.exists() for companion in self._with_companions(file)[1:])

    def _databases(self) -> Iterator[Path]:
        yield from sorted(file for file in self.path.iterdir() if not file.name.endswith(quota.COMPANIONS))

    def _with_companions(self, file: Path) -> list[Path]:
        return [file, *(file.with_name(file.name + ending) for ending in quota.COMPANIONS)]


def _finish(file: Path, deadline: guard.Deadline) -> None:
    """Bring what lies beside a file into it; what is no database stays as it is."""
    with contextlib.suppress(*guard.UNREADABLE), contextlib.closing(guard.open_own(file, deadline)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
