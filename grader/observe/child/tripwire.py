"""A tripwire in the student's process: hears of what no solution needs, and remembers the line that did it.

It is one audit hook (PEP 578), in place before the fork. Python raises most of these events for its own library's sake,
so only that counts which the student's code does itself, or by way of the modules named beside an event in
:mod:`tripwire_events`: whoever calls ``Path.read_text`` opens a file, whoever asks for a time zone does not.
Code beside the hook could silence it: what it tells is a hint, and that it is silent is a sign as well.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy

from .request import Sign
from .tripwire_events import EVENTS, Place

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from .seals import Seals

MOST_SIGNS = 20
_LONGEST = 200
_ALIVE = "grader.tripwire"
_PACKAGES = os.path.dirname(sqlalchemy.__path__[0])


class Tripwire:
    """Collects the signs of one call after the other."""

    _seals: Seals

    def __init__(self) -> None:
        self._place: Place | None = None
        self._found: dict[tuple[str, str, int | None], Sign] = {}
        self._busy = True  # until somebody is watched
        self._heard = False

    def install(self, seals: Seals) -> None:
        """Hear of everything that this process does, for good; ``seals`` tell what is not as it was made."""
        self._seals = seals
        watched = {*EVENTS, _ALIVE}

        def hear(event: str, arguments: tuple[Any, ...]) -> None:
            if event in watched and not self._busy:  # thousands of events of a call end here
                self._hear(event, arguments)

        sys.addaudithook(hear)

    def begin(self, folder: str, sources: dict[str, str]) -> None:
        """Watch the code in ``folder``, that of the next call."""
        self._found.clear()
        self._place = Place(folder, frozenset(sources))
        self._busy = False

    def take(self) -> tuple[Sign, ...]:
        """Return the signs since the last time, with those of what is not as it was made."""
        self._heard = False
        sys.audit(_ALIVE)
        if not self._heard:
            self._add("tampering", "silences the audit hook of this process")
        for kind, text, code in self._seals.broken():
            known = code is not None and self._place is not None and self._place.holds(code.co_filename)
            self._add(kind, text, *((code.co_filename, code.co_firstlineno) if code and known else ()))
        signs = tuple(self._found.values())
        self._found.clear()
        return signs

    def stack(self, depth: int) -> FrameType:
        """Return the frame ``depth`` below the caller's, as ``sys._getframe``, without an alarm: our own code asks."""
        busy, self._busy = self._busy, True
        try:  # the hook is called, and at the end of a recursion that raises
            return sys._getframe(depth + 1)  # noqa: SLF001  # the only way to the stack
        finally:
            self._busy = busy

    def used(self, what: str, caller: FrameType) -> None:
        """Take note if it is the student's own code that uses something of ours."""
        if self._place is not None and self._place.holds(caller.f_code.co_filename):
            self._add("tampering", f"uses the grader's own {what}", caller.f_code.co_filename, caller.f_lineno)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        self._busy = True  # what is done here raises events of its own
        try:
            if event == _ALIVE:
                self._heard = True
            elif self._place is not None:
                self._look(event, arguments, self._place, sys._getframe(2))  # noqa: SLF001  # as above
        finally:
            self._busy = False

    def _look(self, event: str, arguments: tuple[Any, ...], place: Place, frame: FrameType | None) -> None:
        """Add a sign if the student's code is behind an event and there is something to tell."""
        kind, through, describe = EVENTS[event]
        while frame is not None:
            code = frame.f_code  # asked for once: that is an event as well
            if place.holds(code.co_filename):
                # What leaves a hook would be raised where the student's code is; a sign that cannot be told is none.
                with contextlib.suppress(Exception):
                    text = describe(place, *arguments)
                    if text is not None:
                        self._add(kind, text, code.co_filename, frame.f_lineno)
                return
            frame = frame.f_back if _leads_on(code, frame, through) else None

    def _add(self, kind: Any, text: str, filename: str | None = None, line: int | None = None) -> None:  # noqa: ANN401  # a literal
        """Keep a sign, one for each kind and line."""
        folder = self._place.folder if self._place else ""
        file = None if filename is None else os.path.relpath(filename, folder)
        if len(self._found) < MOST_SIGNS:
            sign = Sign(kind, _nowhere(text, folder)[:_LONGEST], file, line)
            self._found.setdefault((kind, file or text, line), sign)


def _nowhere(text: str, folder: str) -> str:
    """Return a text without the places of the machine: reports go to students, and are the same everywhere."""
    text = text.replace(f"{folder}/", "").replace(_PACKAGES, "<packages>")
    return text if sys.base_prefix == "/usr" else text.replace(sys.base_prefix, "<python>")


def _leads_on(code: CodeType, frame: FrameType, through: frozenset[str]) -> bool:
    """Tell whether who called this frame is behind what it does: by way of a module, or of code made from text."""
    if code.co_name == "socketpair":  # it talks to nobody; asyncio makes one
        return False
    made_from_text = code.co_filename.startswith("<") and not code.co_filename.startswith("<frozen")
    return made_from_text or str(frame.f_globals.get("__name__")).partition(".")[0] in through
