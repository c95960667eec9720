"""What the observer and the process of a scenario tell each other, on a socket that no student's code can reach."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from grader.observe.child.wire import decoder
from grader.values import Schema, Step, Table

HELLO = b"+"
"""The byte that comes with the two sockets of a new scenario: the observer's and the student's."""


class Setup(Struct, frozen=True, tag="begin"):
    """How a call begins.

    ``database`` is the name of the watched file; ``files`` replaces all database files, None keeps what is there. From
    the row number ``refuse_insert`` (from 1) inserted into ``products`` on, the database refuses. With ``lock_commit``
    another program reads the database until it is released, so that no commit goes through.
    """

    database: str = "shop.db"
    files: dict[str, bytes] | None = None
    refuse_insert: int | None = None
    lock_commit: bool = False


class Release(Struct, frozen=True, tag="release"):
    """The other program stops reading: commits go through again."""


class End(Struct, frozen=True, tag="end"):
    """The call is over."""


Order: TypeAlias = Setup | Release | End


class Record(Struct, frozen=True):
    """What happened in a call, and what it left.

    ``databases`` names the files that have a table ``products``; ``files`` are the bytes of all database files, ready
    to begin another call with.
    """

    steps: tuple[Step, ...] = ()
    steps_dropped: int = 0
    facts_dropped: int = 0
    before: Table | None = None
    after: Table | None = None
    schema: Schema | None = None
    next_ids: tuple[int, ...] = ()
    databases: tuple[str, ...] = ()
    files: dict[str, bytes] = {}


class Reply(Struct, frozen=True):
    """The reply to an order: a record at the end of a call, or what went wrong in the server itself."""

    record: Record | None = None
    trouble: str | None = None


decode_order = decoder(Order)
decode_reply = decoder(Reply)
