"""Names of databases, and the empty files that stand for them in the student's folder.

A script may ask whether its database file exists, or delete it. So a placeholder appears where sqlite would make the
file, and where it is gone again the server is told to start anew.
"""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from . import dbapi_native as native

IN_MEMORY = ":memory:"
_ATTACH = re.compile(r"""\s*ATTACH\s+(?:DATABASE\s+)?(?P<quote>['"])(?P<path>[^'"]+)(?P=quote)""", re.IGNORECASE)


class Files:
    """The database files of one call; ``existing`` are there from the beginning."""

    def __init__(self, existing: list[str]) -> None:
        self._root = Path.cwd()
        self._known: set[str] = set()
        for name in existing:
            self.place(name)

    def locate(self, database: Any, *, uri: bool) -> tuple[str, dict[str, str]]:  # noqa: ANN401  # a path of any kind
        """Return the name of a database on the wire and the options of its URI.

        What the real driver refuses, as the folder is missing or the path is none, it refuses here in its own words.
        """
        path = os.fsdecode(database)
        query: dict[str, str] = {}
        if uri and path.startswith("file:"):
            path, query = _parse(path)
        if is_in_memory(path, query):
            return path, query
        if not self._possible(path, query):
            native.connect(database, uri=uri).close()
            raise sqlite3.OperationalError("unable to open database file")
        file = Path(path).resolve()
        return str(file.relative_to(self._root) if file.is_relative_to(self._root) else file), query

    def attached(self, sql: str) -> tuple[str, str | None]:
        """Return a statement as the server runs it, and the name of the database that it attaches.

        Each file lies there under the quoted form of its name; a path in an expression is left as it is, and refused.
        """
        match = _ATTACH.match(sql)
        if match is None or is_in_memory(match["path"], {}) or match["path"].startswith("file:"):
            return sql, None
        name, _ = self.locate(match["path"], uri=False)
        return sql[: match.start("path")] + quote(name, safe="") + sql[match.end("path") :], name

    def is_deleted(self, name: str) -> bool:
        """Whether the student removed the file of a database that was there."""
        return name in self._known and not (self._root / name).exists()

    def place(self, name: str) -> None:
        """Make the placeholder of a database, unless there is a file."""
        if _can_be_made(self._root / name):  # if not, the folder is read-only: the server has the database all the same
            self._known.add(name)

    def vanished(self) -> list[str]:
        """Return the databases whose file was removed."""
        return sorted(name for name in self._known if self.is_deleted(name))

    def _possible(self, path: str, query: dict[str, str]) -> bool:
        if "\0" in path or Path(path).is_dir() or not Path(path).parent.is_dir():
            return False
        file = Path(path).resolve()
        made_elsewhere = query.get("mode", "rwc") == "rwc"
        return file.is_relative_to(self._root) or file.exists() or not made_elsewhere or _can_be_made(file)


def is_in_memory(name: str, query: dict[str, str]) -> bool:
    """Whether a database has no file with a name."""
    return name in {"", IN_MEMORY} or query.get("mode") == "memory"


def _can_be_made(file: Path) -> bool:
    """Make an empty file, unless there is one."""
    try:
        file.touch()
    except OSError:
        return False
    return True


def _parse(uri: str) -> tuple[str, dict[str, str]]:
    """Split ``file:path?query#fragment`` as sqlite does: an authority must be empty or localhost."""
    rest, _, _ = uri.removeprefix("file:").partition("#")
    path, _, query = rest.partition("?")
    if path.startswith("//"):
        authority, slash, path = path[2:].partition("/")
        if authority not in {"", "localhost"}:
            native.connect(uri, uri=True).close()  # words the refusal
        path = slash + path
    return unquote(path), dict(parse_qsl(query, keep_blank_values=True))
