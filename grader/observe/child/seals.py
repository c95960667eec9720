"""Tells at the end of a call whether what records it is still what was installed.

Functions, methods and classes are compared by identity, and functions by their code as well. A student's own classes
and functions, further listeners, and what programs replace for their own ends (``print``, ``json.dumps``) are theirs.
"""

from __future__ import annotations

import builtins
import importlib
import operator
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.event.registry import _EventKey
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.pool import Pool

_OURS = __package__
_REPLACED_BY_MANY = {"print", "input", "open", "exit", "quit", "help", "copyright", "credits", "license", "_"}
# What the others say is on the wire, where it can be seen.
_MAKE_CLAIMS = ("answers", "calls", "dbapi_link", "driver", "listeners", "loading", "products", "recorder", "request")
_METHODS = (FunctionType, property, classmethod, staticmethod)
_RECORDED = ("rollback", "close", "reset", "invalidate", "expire_all", "expire", "refresh", "__init__")


class Broken(NamedTuple):
    """Something that is not what it was: the kind of sign, its words, and the code that is there instead."""

    kind: str
    text: str
    code: CodeType | None


class _Seal(NamedTuple):
    """What a module or a class had under some names, ``None`` where it had nothing."""

    owner: str
    names: Mapping[str, Any]
    sealed: dict[str, Any]

    def holds(self) -> bool:
        return all(map(operator.is_, map(self.names.get, self.sealed), self.sealed.values()))

    def broken(self) -> Iterator[Broken]:
        for name, value in self.sealed.items():
            if (now := self.names.get(name)) is not value:
                yield Broken("tampering", f"replaces {self.owner}.{name}", _code(now))


class Seals:
    """What was there when it was made; ``objects`` are those of ours whose methods nobody may shadow."""

    def __init__(self, *objects: object) -> None:
        self._seals = [*_outside(), *_own()]
        self._shadowed = [(vars(each), vars(type(each)).keys()) for each in objects]
        self._listeners = list(_listeners())
        self._finders = [type(finder) for finder in sys.meta_path], list(sys.path_hooks)

    def broken(self) -> Iterator[Broken]:
        """Yield what is not as it was; code that was put into a function of ours, the tripwire has heard of."""
        for seal in self._seals:
            if not seal.holds():
                yield from seal.broken()
        for names, methods in self._shadowed:
            for name in names.keys() & methods:
                yield Broken("tampering", f"replaces {name} of the grader's recorder", _code(names[name]))
        if any(function not in known for known, functions in self._listeners for function in functions):
            yield Broken("tampering", "takes away the grader's listeners from SQLAlchemy", None)
        yield from self._hooks()

    def _hooks(self) -> Iterator[Broken]:
        """Yield what students' code has put into the import system or into the start of threads."""
        types, hooks = self._finders
        for finder in sys.meta_path:
            kind = finder if isinstance(finder, type) else type(finder)
            if kind not in types and type(finder) not in types and kind.__module__ != f"{_OURS}.loading":
                yield Broken("tracing", "puts a finder of its own into sys.meta_path", _code(kind))
        for hook in sys.path_hooks:
            if hook not in hooks:
                yield Broken("tracing", "puts a hook of its own into sys.path_hooks", _code(hook))
        for name in ("settrace", "setprofile"):
            hook = getattr(threading, name.replace("set", "get"))()
            if hook is not None:
                yield Broken("tracing", f"has threads traced with threading.{name}", _code(hook))


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _outside() -> Iterator[_Seal]:
    """Yield what is not ours and does our work."""
    yield _seal("Session", vars(Session), _RECORDED)
    yield _seal("InstrumentedAttribute", vars(InstrumentedAttribute), ["__get__"])
    yield _seal("_EventKey", vars(_EventKey), ["listen"])
    for module in (sqlite3, importlib.import_module("sqlite3.dbapi2")):
        yield _seal("sqlite3", vars(module), ["connect", "Connection", "Cursor"])
    yield _seal("msgspec.json", vars(msgspec.json), ["encode"])
    yield _seal("sys", vars(sys), ["_getframe", "audit"])
    yield _seal("socket.socket", vars(socket.socket), ["send", "sendall", "recv"])
    functions = {name for name, value in vars(builtins).items() if callable(value) and not _is_exception(value)}
    yield _seal("builtins", vars(builtins), functions - _REPLACED_BY_MANY)


def _own() -> Iterator[_Seal]:
    """Yield the functions and classes of the modules that make claims, and the methods of these classes."""
    for module in map(sys.modules.__getitem__, (f"{_OURS}.{name}" for name in _MAKE_CLAIMS)):
        names = [name for name, value in vars(module).items() if isinstance(value, (FunctionType, type))]
        yield _seal(f"the grader's own {module.__name__}", vars(module), names)
        for owner in vars(module).values():
            if isinstance(owner, type) and owner.__module__ == module.__name__:
                names = [name for name, value in vars(owner).items() if isinstance(value, _METHODS)]
                yield _seal(f"the grader's own {owner.__module__}.{owner.__name__}", vars(owner), names)


def _seal(owner: str, names: Mapping[str, Any], which: Iterable[str]) -> _Seal:
    return _Seal(owner, names, {name: names.get(name) for name in which})


def _listeners() -> Iterator[tuple[Iterable[Any], tuple[Any, ...]]]:
    """Yield each collection of class-level listeners that holds some of ours, with those."""
    for target in (Session, Pool):
        for name in target.dispatch._event_names:  # noqa: SLF001  # there is no public way to the collections
            for functions in getattr(target.dispatch, name)._clslevel.values():  # noqa: SLF001  # as above
                if functions:
                    yield functions, tuple(functions)


def _code(thing: Any) -> CodeType | None:  # noqa: ANN401  # whatever took the place of something
    """Return the code that tells where something was written, if it has one."""
    if isinstance(thing, type):
        thing = next((value for value in vars(thing).values() if isinstance(value, FunctionType)), None)
    code = getattr(getattr(thing, "__func__", thing), "__code__", None)
    return code if isinstance(code, CodeType) else None
