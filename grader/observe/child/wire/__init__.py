"""What a student's process and the database server say to each other: frames of msgpack on a stream socket.

Each connection has a socket of its own. The client asks with a :class:`Request`, the server answers with an
:class:`Answer`; while it works on a request the server may :class:`Call` a function of the client's, which replies with
a request of kind :class:`Returned`. Decoding is strict and typed: nothing is unpickled.
"""

from __future__ import annotations

from .messages import (
    Answer,
    Call,
    Close,
    Commit,
    Connect,
    Delete,
    Error,
    Execute,
    ExecuteMany,
    ExecuteScript,
    Fetch,
    Flush,
    Forget,
    Interrupt,
    Limit,
    Note,
    Register,
    Request,
    Result,
    Returned,
    Rollback,
    Rows,
    Set,
    Work,
)
from .stream import MOST_REQUEST, Broken, Stream, answer_stream, decoder, encode, request_stream
from .values import Converted, Failing, Parameters, RawText, Special, Surrogates, TooLarge, Unbindable, Value

__all__ = [
    "MOST_REQUEST",
    "Answer",
    "Broken",
    "Call",
    "Close",
    "Commit",
    "Connect",
    "Converted",
    "Delete",
    "Error",
    "Execute",
    "ExecuteMany",
    "ExecuteScript",
    "Failing",
    "Fetch",
    "Flush",
    "Forget",
    "Interrupt",
    "Limit",
    "Note",
    "Parameters",
    "RawText",
    "Register",
    "Request",
    "Result",
    "Returned",
    "Rollback",
    "Rows",
    "Set",
    "Special",
    "Stream",
    "Surrogates",
    "TooLarge",
    "Unbindable",
    "Value",
    "Work",
    "answer_stream",
    "decoder",
    "encode",
    "request_stream",
]
