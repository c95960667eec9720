"""How many files the databases of a scenario may take, and under which names."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from urllib.parse import quote

from grader import limits

COMPANIONS = ("-journal", "-wal", "-shm")
"""What sqlite adds to the name of a database for the files beside it."""

_QUOTED = re.compile(r"[\w.~%-]*", re.ASCII)  # no colon, so no URI; no slash, so no folder
_LONGEST = 200  # characters of a file's name; Linux takes 255, and sqlite adds some


def file_name(name: str) -> str:
    """Return the name of the file that a database lies in; raises ``OperationalError`` where it can have none."""
    quoted = quote(name, safe="")
    if not _is_database(quoted):
        raise sqlite3.OperationalError("unable to open database file")
    return quoted


def may_attach(folder: Path, name: str | None) -> bool:
    """Whether ATTACH, or VACUUM INTO, names no file, or one in the folder that is there or that there is room for."""
    if name is None:  # an expression: it is known too late
        return False
    if name in {"", ":memory:"}:
        return True
    return _QUOTED.fullmatch(name) is not None and _is_database(name) and has_room(folder, name)


def has_room(folder: Path, file: str) -> bool:
    """Whether a file is in the folder, or may still come into it."""
    databases = [entry.name for entry in folder.iterdir() if _is_database(entry.name)]
    return file in databases or len(databases) < limits.DATABASE_FILES


def _is_database(file: str) -> bool:
    return file not in {"", ".", ".."} and len(file) <= _LONGEST and not file.endswith(COMPANIONS)
