"""Frames on a stream socket: four bytes of length, then msgpack."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from .messages import Answer, Call, Request
from .values import extension, special

MOST_REQUEST = 4 * 1024 * 1024
"""Bytes of the largest frame that a server takes; the client refuses a larger one itself, as sqlite would."""

_MOST_ANSWER = 1 << 30
_CHUNK = 65536
_LENGTH = 4

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


class Broken(EOFError):  # noqa: N818  # a state of the stream, caught by name
    """The other side is gone, or does not keep to the frames."""


_encode = Encoder(enc_hook=extension).encode


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
    return Decoder(kind, ext_hook=special).decode


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
