"""What a student's process and the database server say to each other: frames of msgpack on a stream socket.

Each connection has a socket of its own. The client asks with a :class:`Request`, the server answers with an
:class:`Answer`; while it works on a request the server may :class:`Call` a function of the client's, which replies with
a request of kind :class:`Returned`. Decoding is strict and typed: nothing is unpickled.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder, Ext

MOST_REQUEST = 4 * 1024 * 1024
"""Bytes of the largest frame that a server takes; the client refuses a larger one itself, as sqlite would."""

_MOST_ANSWER = 1 << 30
_CHUNK = 65536
_LENGTH = 4


# --- values that msgpack, or sqlite, cannot carry as they are ---------------------------------------------------------
class Special:
    """A value that needs more than its msgpack form; it travels as an extension with the number ``code``."""

    code: ClassVar[int]
    __slots__ = ("data",)

    def __init__(self, data: bytes = b"") -> None:
        self.data = data


class Unbindable(Special):
    """A parameter of a type that sqlite refuses, named in ``data``; the real driver then words the refusal."""

    code = 1
    __slots__ = ()


class TooLarge(Special):
    """A parameter that is an integer beyond 64 bits."""

    code = 2
    __slots__ = ()


class Surrogates(Special):
    """A text that has no UTF-8 form, encoded with ``surrogatepass``."""

    code = 3
    __slots__ = ()

    @property
    def text(self) -> str:
        """The text."""
        return self.data.decode("utf-8", "surrogatepass")


class Failing(Special):
    """A parameter whose adapter raised in the client, which keeps the exception."""

    code = 4
    __slots__ = ()


class RawText(Special):
    """A text of the database that is not UTF-8."""

    code = 5
    __slots__ = ()


class Converted(Special):
    """A value for one of the client's converters: its name, a NUL, the value."""

    code = 6
    __slots__ = ()

    def parts(self) -> tuple[str, bytes]:
        """Return the name of the converter and the value."""
        name, _, data = self.data.partition(b"\0")
        return name.decode(), data


_SPECIALS: dict[int, type[Special]] = {
    kind.code: kind for kind in (Unbindable, TooLarge, Surrogates, Failing, RawText, Converted)
}

# None, int, float, str, bytes or a Special. msgspec has no union of text and bytes; whatever else a hostile
# client puts here is a value that the real driver refuses to bind.
Value: TypeAlias = Any
Parameters: TypeAlias = list[Value] | dict[str, Value]


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


Decode: TypeAlias = Callable[[memoryview], Any]


class Descriptor:
    """A connected socket as a bare file descriptor.

    When garbage is collected a socket object may be finalized before its owner; this stays open until it is closed.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._number = sock.detach()

    def sendall(self, data: bytes) -> None:
        """Send all of ``data``."""
        while data:
            data = data[os.write(self._number, data) :]

    def recv(self, most: int) -> bytes:
        """Wait for data and return up to ``most`` bytes; none if the other side is gone."""
        return os.read(self._number, most)

    def close(self) -> None:
        """Close it, once."""
        os.close(self._number)


# --- the stream -------------------------------------------------------------------------------------------------------
class Broken(EOFError):  # noqa: N818  # a state of the stream, caught by name
    """The other side is gone, or does not keep to the frames."""


def _extension(value: object) -> Ext:
    """Return the extension of a special value."""
    if isinstance(value, Special):
        return Ext(value.code, value.data)
    raise NotImplementedError(f"{type(value).__name__} does not travel")


def _special(code: int, data: memoryview) -> Special:
    """Return the special value of an extension."""
    if code not in _SPECIALS:
        raise DecodeError(f"extension {code} is unknown")
    return _SPECIALS[code](bytes(data))


_encode = Encoder(enc_hook=_extension).encode


class Stream:
    """Frames of up to ``most`` bytes on a stream socket: four bytes of length, then msgpack for ``decode``."""

    def __init__(self, sock: socket.socket | Descriptor, decode: Decode, most: int) -> None:
        self.socket = sock
        self._decode = decode
        self._most = most
        self._rest = b""

    def send(self, message: Struct) -> None:
        """Send one frame; ``OverflowError`` and ``UnicodeEncodeError`` say that a value has no form in it."""
        self.send_frame(_encode(message))

    def send_frame(self, frame: bytes) -> None:
        """Send what is encoded already."""
        try:
            self.socket.sendall(len(frame).to_bytes(_LENGTH, "big") + frame)
        except OSError as error:
            raise Broken(str(error)) from error

    def receive(self) -> Any:  # noqa: ANN401  # what the decoder of this stream is for
        """Wait for a frame and return what it holds; :class:`Broken` if there is none or it is not as agreed."""
        data = self._rest or self._read()
        while len(data) < _LENGTH:
            data += self._read()
        end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
        if end > self._most:
            raise Broken("the frame is too large")
        if len(data) < end:
            data = self._read_up_to(data, end)
        self._rest = data[end:]
        try:
            return self._decode(memoryview(data)[_LENGTH:end])
        except (DecodeError, RecursionError) as error:  # the latter for what is nested too deeply
            raise Broken(str(error)) from error

    def _read_up_to(self, data: bytes, end: int) -> bytes:
        parts, length = [data], len(data)
        while length < end:
            parts.append(self._read())
            length += len(parts[-1])
        return b"".join(parts)

    def _read(self) -> bytes:
        try:
            data = self.socket.recv(_CHUNK)
        except OSError as error:
            raise Broken(str(error)) from error
        if not data:
            raise Broken("the other side is gone")
        return data


def decoder(kind: Any) -> Decode:  # noqa: ANN401  # a union is no type
    """Return a decoder; to be made while a module is imported, as msgspec may crash where two threads make one."""
    return Decoder(kind, ext_hook=_special).decode


_decode_request = decoder(Request)
_decode_answer = decoder(Answer | Call)


def encode(message: Struct) -> bytes:
    """Return the frame of a message, without its length."""
    return _encode(message)


def request_stream(sock: socket.socket) -> Stream:
    """Return the server's end of a connection."""
    return Stream(sock, _decode_request, MOST_REQUEST)


def answer_stream(sock: socket.socket) -> Stream:
    """Return the client's end of a connection; the server is trusted with the size of its frames."""
    return Stream(Descriptor(sock), _decode_answer, _MOST_ANSWER)
