"""Values that msgpack, or sqlite, cannot carry as they are."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from msgspec import DecodeError
from msgspec.msgpack import Ext


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


def extension(value: object) -> Ext:
    """Return the extension of a special value."""
    if isinstance(value, Special):
        return Ext(value.code, value.data)
    raise NotImplementedError(f"{type(value).__name__} does not travel")


def special(code: int, data: memoryview) -> Special:
    """Return the special value of an extension."""
    if code not in _SPECIALS:
        raise DecodeError(f"extension {code} is unknown")
    return _SPECIALS[code](bytes(data))
