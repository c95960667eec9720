"""Watches what sessions do, from inside the process, and tells it event by event.

It listens to every ``Session`` and every connection pool at once (class-level listeners, and thin
wrappers round the few public methods that have no event), so it sees sessions however they were made. It needs
nothing but SQLAlchemy. What it tells is a claim: code beside it could lie, so nothing is decided by it alone.

Students see their sessions with it, too. What is below the line of dashes stands in ``starter/session_trace.py`` as
well: after a change, ``python -m grader.shipped`` copies it there.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import weakref
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionEvents
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

# --- the recorder -----------------------------------------------------------------------------------------------------
_SQLALCHEMY = sqlalchemy.__path__[0]
_PYTHON = inspect.__file__.removesuffix("inspect.py")  # whose dataclasses.asdict reads for somebody
# The last word of such an event is the state that it leaves an object in: "pending_to_persistent".
_STATES = {name: name.rpartition("_")[2] for name in vars(SessionEvents) if "_to_" in name or "_as_" in name}


class Event(NamedTuple):
    """One thing that a session, an object or a pool did; numbers count from 1 in the order of appearance."""

    kind: str
    session: int | None = None
    object: int | None = None
    connection: int | None = None
    text: str | None = None
    many: int = 0


class _Numbers:
    """Numbers things from 1 in the order of appearance, without keeping them alive."""

    def __init__(self) -> None:
        self._known: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._next = itertools.count(1)

    def number(self, thing: object) -> int:
        """Return the number of ``thing``, a new one if it is new."""
        number = self._known.get(thing)
        if number is None:
            number = self._known[thing] = next(self._next)
        return number


class Recorder:
    """Tells each event to ``tell`` while it is not paused.

    ``is_student`` answers whether a file belongs to the code that is watched; attribute reads are told only from there.
    ``stack`` gives frames as ``sys._getframe`` does.
    """

    def __init__(
        self, tell: Callable[[Event], None], is_student: Callable[[str], bool], stack: Callable[[int], FrameType]
    ) -> None:
        self._tell = tell
        self._stack = stack
        self._is_student = is_student
        self._paused = 0
        self._undo = ExitStack()
        self.forget()

    def forget(self) -> None:
        """Start counting sessions and objects anew."""
        self._sessions = _Numbers()
        self._objects = _Numbers()

    def install(self) -> None:
        """Attach to all sessions and pools of this process, until ``remove``."""
        self._listen(Session, "after_transaction_create", self._transaction_created)
        self._listen(Session, "after_begin", self._began)
        self._listen(Session, "before_flush", lambda session, *_: self._session("flush", session))
        self._listen(Session, "before_commit", self._committing)
        for name, state in _STATES.items():
            self._listen(Session, name, functools.partial(self._state_changed, state))
        for name in ("checkout", "checkin"):
            self._listen(Pool, name, functools.partial(self._pooled, name))
        for name in ("rollback", "close", "reset", "invalidate", "expire_all", "expire", "refresh"):
            self._wrap(Session, name, self._called)
        self._wrap(Session, "__init__", self._created)
        self._wrap(InstrumentedAttribute, "__get__", self._attribute_read, after=True)

    def remove(self) -> None:
        """Detach, and leave everything as it was."""
        self._undo.close()

    def _listen(self, owner: type, name: str, told: Callable[..., None]) -> None:
        event.listen(owner, name, told)
        self._undo.callback(event.remove, owner, name, told)

    def _wrap(self, owner: type, name: str, told: Callable[..., None], *, after: bool = False) -> None:
        self._undo.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, _telling(getattr(owner, name), told, after=after))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Tell nothing inside the block: it is not the student's work."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def tell(self, happened: Event) -> None:
        """Pass an event on, unless paused."""
        if not self._paused:
            self._tell(happened)

    def _session(self, kind: str, session: Session, **more: Any) -> None:  # noqa: ANN401  # the fields of Event
        if not self._paused:
            self._tell(Event(kind, session=self._sessions.number(session), **more))

    def _object(self, instance: object) -> int | None:
        state = getattr(instance, "_sa_instance_state", None)
        return None if state is None else self._objects.number(state)

    def _transaction_created(self, session: Session, transaction: Any) -> None:  # noqa: ANN401  # not a public class
        if transaction.parent is None:
            self._session("begin", session, text=None if session.expire_on_commit else "expire_on_commit=False")
        elif transaction.nested:
            self._session("begin", session, text="savepoint")

    def _began(self, session: Session, _transaction: object, connection: Any) -> None:  # noqa: ANN401  # as above
        number = getattr(connection.connection.dbapi_connection, "number", None)
        self._session("uses", session, connection=number)

    def _committing(self, session: Session) -> None:
        self._session("commit", session, text="savepoint" if session.in_nested_transaction() else None)

    def _state_changed(self, state: str, session: Session, instance: object) -> None:
        if not self._paused:
            self._session("state", session, object=self._object(instance), text=state)

    def _pooled(self, kind: str, dbapi_connection: object, *_: object) -> None:
        self.tell(Event(kind, connection=getattr(dbapi_connection, "number", None)))

    def _created(self, _name: str, session: Session, *_: object, **__: object) -> None:
        self._session("created", session)

    def _called(self, name: str, session: Session, instance: object = None, *_: object, **__: object) -> None:
        kind = "close" if name in {"reset", "invalidate"} else name
        self._session(kind, session, object=self._object(instance))

    def _attribute_read(self, _name: str, attribute: Any, instance: object = None, *_: object) -> None:  # noqa: ANN401  # a descriptor's
        if instance is not None and not self._paused and self._is_student(_caller(self._stack(2))):
            self._tell(Event("read", object=self._object(instance), text=attribute.key))


def _caller(frame: FrameType | None) -> str:
    """Return the file of the innermost frame that is neither SQLAlchemy's nor Python's own, nor generated."""
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_SQLALCHEMY, _PYTHON, "<")):
            return name
        frame = frame.f_back
    return ""


def _binds(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _telling(method: Callable[..., Any], told: Callable[..., None], *, after: bool) -> Callable[..., Any]:
    """Return ``method`` such that ``told`` hears of each call, before it happens or once it went well.

    A call that the method's signature refuses does nothing, and is not told of.
    """
    signature = inspect.signature(method)

    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # any method's
        if not after and _binds(signature, args, kwargs):
            told(method.__name__, *args, **kwargs)
        result = method(*args, **kwargs)
        if after:
            told(method.__name__, *args, **kwargs)
        return result

    return wrapper
