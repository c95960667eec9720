"""The real ``sqlite3``, bound before anything is replaced, and an empty database in memory to ask it things."""

from __future__ import annotations

import functools
from sqlite3 import Connection, Cursor, Row, connect

__all__ = ["Connection", "Cursor", "Row", "connect", "empty"]


@functools.cache
def empty() -> Connection:
    """Return the empty database; made on first use, as a connection must not live through a fork."""
    return connect(":memory:", check_same_thread=False)
