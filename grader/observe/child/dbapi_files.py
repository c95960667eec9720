"""Names of databases, and the empty files that stand for them in the student's folder.

A script may ask whether its database file exists, or delete it. So a placeholder appears where sqlite would make the file,
and where it is gone again the server is told to start anew.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, unquote

from . import dbapi_native as native

IN_MEMORY = ":memory:"


class Files:
    """The database files of one call; ``existing`` are there from the beginning."""

    def __init__(self, existing: list[str]) -> None:
        self._root = os.path.realpath(os.getcwd())  # noqa: PTH109  # pathlib costs time in every child
        self._known: set[str] = set()
        for name in existing:
            self.place(name)

    def locate(self, database: Any, *, uri: bool) -> tuple[str, dict[str, str]]:  # noqa: ANN401  # a path of any kind
        """Return the name of a database on the wire and the options of its URI.

        What the real driver refuses, for the folder is missing or the path is no path, it refuses here in its own words.
        """
        path = os.fsdecode(database)
        query: dict[str, str] = {}
        if uri and path.startswith("file:"):
            path, query = _parse(path)
        if path in {"", IN_MEMORY} or query.get("mode") == "memory":
            return path, query
        self._refuse_impossible(database, path, uri=uri)
        full = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120  # pathlib costs time in every child
        inside = full.startswith(self._root + os.sep)
        return (full[len(self._root) + 1 :] if inside else full), query

    def is_deleted(self, name: str) -> bool:
        """Whether the student removed the file of a database that was there."""
        return name in self._known and not os.path.lexists(os.path.join(self._root, name))  # noqa: PTH118

    def place(self, name: str) -> None:
        """Make the placeholder of a database, unless there is a file."""
        self._known.add(name)
        try:
            os.close(os.open(os.path.join(self._root, name), os.O_CREAT | os.O_CLOEXEC, 0o644))  # noqa: PTH118
        except OSError:  # the folder cannot be written: the database is on the server all the same
            self._known.discard(name)

    def vanished(self) -> list[str]:
        """Return the databases whose file was removed."""
        return sorted(name for name in self._known if self.is_deleted(name))

    def _refuse_impossible(self, database: Any, path: str, *, uri: bool) -> None:  # noqa: ANN401  # as above
        folder = os.path.dirname(path) or "."  # noqa: PTH120
        inside = os.path.realpath(folder).startswith(self._root)
        writable = inside or os.path.lexists(path) or os.access(folder, os.W_OK)
        if "\0" in path or os.path.isdir(path) or not os.path.isdir(folder) or not writable:  # noqa: PTH112
            native.connect(database, uri=uri).close()
            raise sqlite3.OperationalError("unable to open database file")


def _parse(uri: str) -> tuple[str, dict[str, str]]:
    """Split ``file:path?query#fragment`` as sqlite does: an authority must be empty or localhost."""
    rest, _, _ = uri.removeprefix("file:").partition("#")
    path, _, query = rest.partition("?")
    if path.startswith("//"):
        authority, slash, path = path[2:].partition("/")
        if authority not in {"", "localhost"}:
            raise sqlite3.OperationalError(f"invalid uri authority: {authority}")
        path = slash + path
    return unquote(path), dict(parse_qsl(query, keep_blank_values=True))
