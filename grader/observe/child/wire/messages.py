"""Requests of the client, answers and calls of the server."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from .values import Parameters, Value


# --- requests ---------------------------------------------------------------------------------------------------------
class Note(Struct, frozen=True, array_like=True):
    """A claim of the recorder's; the fields are those of a step."""

    kind: str
    session: int | None = None
    object: int | None = None
    connection: int | None = None
    where: tuple[str, int] | None = None
    text: str | None = None
    role: str | None = None
    many: int = 0


class Connect(Struct, array_like=True, tag="connect"):
    """Open a database; ``name`` is relative to the student's folder, or absolute, ``query`` the options of a URI."""

    name: str
    query: dict[str, str]
    timeout: float
    detect_types: int
    isolation_level: str | None
    cached_statements: int
    autocommit: bool | int | None
    fresh: bool
    role: str | None


class Execute(Struct, array_like=True, tag="execute"):
    """Run one statement for the cursor numbered ``cursor``; ``converters`` are the names that the client knows."""

    cursor: int
    sql: str
    parameters: Parameters
    converters: list[str] = []


class Rows(Struct, array_like=True, tag="rows"):
    """Rows for ``executemany``: there may be ``more``, or the client's iterator ``failed`` after these."""

    rows: list[Parameters]
    more: bool
    failed: bool


class ExecuteMany(Struct, array_like=True, tag="executemany"):
    """Run one statement for each row of ``supply``."""

    cursor: int
    sql: str
    supply: Rows
    converters: list[str] = []


class ExecuteScript(Struct, array_like=True, tag="executescript"):
    """Run the statements of a script."""

    sql: str


class Fetch(Struct, array_like=True, tag="fetch"):
    """Send more rows of a cursor."""

    cursor: int


class Delete(Struct, array_like=True, tag="delete"):
    """The student deleted the file of a database: remove it, before another is attached under its name."""

    name: str


class Forget(Struct, array_like=True, tag="forget"):
    """Finish the statement of a cursor."""

    cursor: int


class Commit(Struct, array_like=True, tag="commit"):
    """Commit."""


class Rollback(Struct, array_like=True, tag="rollback"):
    """Roll back."""


class Close(Struct, array_like=True, tag="close"):
    """Close the connection; ``lost`` if nobody closed it and it was collected as garbage."""

    lost: bool = False


class Set(Struct, array_like=True, tag="set"):
    """Set an attribute of the connection."""

    name: Literal["isolation_level", "autocommit"]
    value: str | bool | int | None


class Limit(Struct, array_like=True, tag="limit"):
    """Read a limit of sqlite's, or lower it."""

    category: int
    value: int | None = None


class Register(Struct, array_like=True, tag="register"):
    """Let SQL call the client's function numbered ``function``; None takes it away again."""

    kind: Literal["function", "aggregate", "window", "collation", "trace", "authorizer"]
    name: str
    arguments: int
    deterministic: bool
    function: int | None


class Returned(Struct, array_like=True, tag="returned"):
    """The reply to a call: a value, or ``failed``."""

    value: Value = None
    failed: bool = False


class Interrupt(Struct, array_like=True, tag="interrupt"):
    """Interrupt the statement of a connection; sent on a socket that belongs to none."""

    connection: int


class Flush(Struct, array_like=True, tag="flush"):
    """The last notes of a call; ``vanished`` names the databases whose file the student deleted."""

    vanished: list[str]


Work: TypeAlias = (
    Connect
    | Execute
    | ExecuteMany
    | ExecuteScript
    | Fetch
    | Forget
    | Delete
    | Commit
    | Rollback
    | Close
    | Set
    | Limit
    | Register
    | Returned
    | Rows
    | Interrupt
    | Flush
)


class Request(Struct, array_like=True):
    """What to do, what happened before it, which line asked for it, and which cursors are no longer used."""

    work: Work
    notes: list[Note] = []
    where: tuple[str, int] | None = None
    unused: list[int] = []


# --- answers ----------------------------------------------------------------------------------------------------------
class Error(Struct, array_like=True):
    """An exception: the name of its class, its arguments and sqlite's code for it."""

    type: str
    arguments: list[Value]
    code: int | None = None
    name: str | None = None


class Result(Struct, array_like=True):
    """The rows of a statement, or some of them.

    ``special`` says that some value needs converting. ``counted`` is the row count once all rows are read, ``error``
    what reading on met.
    """

    columns: list[str] | None
    rows: list[tuple[Value, ...]]
    more: bool = False
    special: bool = False
    rowcount: int = -1
    counted: int = -1
    lastrowid: int | None = None
    error: Error | None = None


class Answer(Struct, array_like=True, tag="answer"):
    """The end of a request, and the state of the connection after it."""

    in_transaction: bool = False
    total_changes: int = 0
    error: Error | None = None
    result: Result | None = None
    value: str | int | bool | None = None


class Call(Struct, array_like=True, tag="call"):
    """A call of the client's function; ``instance`` numbers the objects of an aggregate."""

    function: int
    method: Literal["call", "new", "step", "value", "inverse", "finalize", "rows"]
    arguments: list[Value]
    instance: int = 0
