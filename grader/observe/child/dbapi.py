"""A stand-in for ``sqlite3`` in the student's process: the same interface, the database at the other end of a socket.

``install`` puts it in place of ``sqlite3.connect`` and its classes, ``attach`` says where the server is. What only
concerns Python (adapters, converters, factories, the wording of errors) is left to the real module, on an empty
database in memory.

Not offered, with ``NotSupportedError``: ``backup``, ``blobopen``, ``serialize``, ``deserialize``, extensions and
``setconfig``. A progress handler is accepted and never called. ATTACH takes a file only as a literal. Up to a batch of
rows is read ahead, so the read lock of a small result ends sooner than natively.
"""

from __future__ import annotations

import sqlite3
from sqlite3 import dbapi2
from typing import Any

from . import dbapi_native
from .dbapi_connection import Connection
from .dbapi_cursor import Cursor
from .dbapi_link import attach, flush_notes, role, vanished
from .dbapi_native import connect as native_connect

__all__ = ["Connection", "Cursor", "attach", "connect", "flush_notes", "install", "native_connect", "role", "vanished"]

_FACTORY = 5  # its place among the positional arguments of connect()


def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:  # noqa: ANN401  # those of sqlite3.connect
    """Open a database on the server; arguments and errors are those of ``sqlite3.connect``."""
    factory = kwargs.get("factory", args[_FACTORY] if len(args) > _FACTORY else Connection)
    opened: sqlite3.Connection = (Connection if factory is dbapi_native.Connection else factory)(*args, **kwargs)
    return opened


def install() -> None:
    """Replace ``connect``, ``Connection`` and ``Cursor`` of ``sqlite3`` in this process, for good."""
    for module in (sqlite3, dbapi2):
        for name, ours in {"connect": connect, "Connection": Connection, "Cursor": Cursor}.items():
            setattr(module, name, ours)
