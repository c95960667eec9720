"""What the observer asks of a student's process, and what it answers: JSON frames over one socket."""

from __future__ import annotations

import functools
import socket
import struct
from collections.abc import Hashable
from typing import Any, Literal, cast

import msgspec

_LENGTH = struct.Struct("!I")

WALLED_IN = b"+"
"""The first byte that a student's process sends, before it has met anything of the student's."""


class Product(msgspec.Struct, frozen=True, omit_defaults=True):
    """A product as it is handed over; ``price`` is a decimal number written out."""

    name: str | None
    price: str | None
    id: int | None = None


class Invocation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of a function of the student's.

    ``changes`` are the prices that ``change_elsewhere`` sets, call by call; ``fail_at`` is the call (from 1) in
    which it raises instead.
    """

    products: tuple[Product, ...] = ()
    product_id: int | None = None
    changes: tuple[str, ...] = ()
    fail_at: int = 0


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of work on a database of its own.

    ``target`` is ``model`` (create the table, store ``invocations[0].products``), ``read`` (give back every product
    of each of the ``existing`` databases), ``program`` (run the script with ``arguments``) or the name of a function
    of the script.
    ``stand_ins`` is source whose functions take the place of the student's functions of the same name.
    """

    folder: str
    sources: dict[str, str]
    target: Literal["model", "read", "program", "add_products", "preview_ids", "show_reloading"]
    database: str
    existing: tuple[str, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    arguments: tuple[str, ...] = ()
    stand_ins: str | None = None


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """An exception as it left the student's code; ``file`` and ``line`` point into that code."""

    type: str
    message: str
    file: str | None = None
    line: int | None = None
    chain: tuple[str, ...] = ()


class Sign(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that no solution needs and that was seen in the process; ``file`` and ``line`` tell who did it."""

    kind: Literal["files", "processes", "network", "introspection", "native_code", "tracing", "tampering", "limits"]
    text: str
    file: str | None = None
    line: int | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one invocation ended. ``last`` tells that the call is over, else the child waits for a :class:`Proceed`.

    ``worked`` is the processor time of the process since it began, in seconds: nothing but its own end hangs on it.
    """

    kind: Literal["returned", "raised", "exited", "missing", "unimportable"]
    value: Any = None
    trouble: Trouble | None = None
    status: int | None = None
    last: bool = True
    signs: tuple[Sign, ...] = ()
    worked: float = 0.0


class Proceed(msgspec.Struct, frozen=True):
    """Go on with the next invocation."""


class TooLarge(ValueError):  # noqa: N818  # it names the fault
    """A frame is longer than the reader accepts."""


@functools.cache
def decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a type of message; made before the fork, children share it."""
    return msgspec.json.Decoder(cast("Any", kind))


def send(channel: socket.socket, message: msgspec.Struct) -> None:
    """Write one message; raises OSError when the other side is gone."""
    payload = msgspec.json.encode(message)
    channel.sendall(_LENGTH.pack(len(payload)) + payload)


def receive(channel: socket.socket, kind: Any, most: int) -> Any:  # noqa: ANN401  # a type, and an instance of it
    """Read one message of type ``kind`` of at most ``most`` bytes.

    Raises EOFError when the other side is gone, :class:`TooLarge`, and msgspec's errors for what is no such message.
    """
    (size,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if size > most:
        raise TooLarge(f"{size} bytes where {most} are accepted")
    return decoder(kind).decode(_exactly(channel, size))


def frame_size(received: bytes | bytearray, most: int) -> int | None:
    """Return the length of the frame that begins like this, its length field included; None if that is not known."""
    if len(received) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack_from(received)
    if size > most:
        raise TooLarge(f"{size} bytes where {most} are accepted")
    return _LENGTH.size + int(size)


def _exactly(channel: socket.socket, size: int) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        chunk = channel.recv(size - len(chunks))
        if not chunk:
            raise EOFError("the other side closed the connection")
        chunks += chunk
    return bytes(chunks)
