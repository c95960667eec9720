"""Names of databases, and the empty files that stand for them in the student's folder.

A script may ask whether its database file exists, or delete it. So a placeholder appears where sqlite would make the
file, and where it is gone again the server is told to start anew.
"""

from __future__ import annotations

import os
import re
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from . import dbapi_native as native

IN_MEMORY = ":memory:"
_ATTACH = re.compile(r"""\s*ATTACH\s+(?:DATABASE\s+)?(?P<quote>['"])(?P<path>[^'"]+)(?P=quote)""", re.IGNORECASE)


class Files:
    """The database files of one call; ``existing`` are there from the beginning."""

    def __init__(self, existing: list[str]) -> None:
        self._root = os.path.realpath(os.curdir)
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
        file = os.path.realpath(path)
        return file.removeprefix(self._root + os.sep), query

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
        return name in self._known and not os.path.exists(os.path.join(self._root, name))

    def place(self, name: str) -> None:
        """Make the placeholder of a database, unless there is a file."""
        if _can_be_made(os.path.join(self._root, name)):  # not in a read-only folder: the server has it all the same
            self._known.add(name)

    def vanished(self) -> list[str]:
        """Return the databases whose file was removed."""
        return sorted(name for name in self._known if self.is_deleted(name))

    def _possible(self, path: str, query: dict[str, str]) -> bool:
        if "\0" in path or os.path.isdir(path) or not os.path.isdir(os.path.dirname(path) or os.curdir):
            return False
        file = os.path.realpath(path)
        made_elsewhere = query.get("mode", "rwc") == "rwc"
        within = file.startswith(self._root + os.sep)
        return within or os.path.exists(file) or not made_elsewhere or _can_be_made(file)


def is_in_memory(name: str, query: dict[str, str]) -> bool:
    """Whether a database has no file with a name."""
    return name in {"", IN_MEMORY} or query.get("mode") == "memory"


def _can_be_made(file: str) -> bool:
    """Make an empty file, unless there is one."""
    try:
        if not os.path.exists(file):
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o666))
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
