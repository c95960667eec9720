"""The timeline of a run as a picture: beats from top to bottom, in each of them four lanes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from grader.outputs.discretion import OwnValues, WithoutValues
from grader.outputs.guidance import code_line
from grader.outputs.lanes import rows
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.outputs.lanes import Happening, Row
    from grader.values import Evidence, Run, Where

MOST_BEATS = 60
"""A picture with more would be looked at by nobody."""
MOST_SQUARES = 12
MOST_CODE = 160
OWN = frozenset({"first_run", "second_run"})
"""The kinds of runs that hold nothing hidden: the script as its author runs it."""
_MAIN_FILE = "transaction_script.py"

_WHO = re.compile(r"^(?:session (\d+)|other program): ")
_KINDS = (
    ("call", re.compile(r".*\(\) (?:is called|sets)\b")),
    ("returns", re.compile(r".*\(\) returns\b")),
    ("raises", re.compile(r".*\(\) raises\b")),
    ("state", re.compile("now |reads ")),
    ("begin", re.compile("BEGIN|SAVEPOINT|begin")),
    ("commit", re.compile("COMMIT|commit")),
    ("rollback", re.compile("ROLLBACK|rollback")),
    ("refused", re.compile("refused")),
    ("write", re.compile("INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP")),
    ("close", re.compile("close$")),
    ("reload", re.compile("expire|refresh")),
    ("open", re.compile(".*transaction open")),
)
_CALLS = frozenset({"call", "returns", "raises"})
_NEW_ROWS = re.compile(r"(\d+) new rows?")


@dataclass(frozen=True)
class Event:
    """One thing in a lane. ``mark`` is ``only`` for what the other picture lacks, else empty."""

    text: str
    mark: str = ""

    @property
    def who(self) -> str:
        """Whose it is: the number of a session, or ``other program``; empty where there is only one."""
        found = _WHO.match(self.text)
        return (found[1] or "other program") if found else ""

    @property
    def said(self) -> str:
        """The text without whose it is and how often."""
        return _WHO.sub("", self.text)

    @property
    def kind(self) -> str:
        """What sort of event it is: it decides about the sign."""
        said = self.said
        return next((kind for kind, pattern in _KINDS if pattern.match(said)), "other")


@dataclass
class Beat:
    """What happened at one line: its ``code``, and the events of each lane.

    ``session_rail`` and ``database_rail`` say whether a session, or a transaction, is open: ``opens``, ``through``,
    ``closes``, ``brief`` or empty. ``squares`` are the rows that others see then: how many old ones and how many new.
    """

    code: str = ""
    place: str = ""
    blamed: bool = False
    calls: list[Event] = field(default_factory=list)
    session: list[Event] = field(default_factory=list)
    database: list[Event] = field(default_factory=list)
    others: list[Event] = field(default_factory=list)
    session_rail: str = ""
    database_rail: str = ""
    squares: tuple[int, int] | None = None

    @property
    def only_claims(self) -> bool:
        """Whether nothing but states and reads is told, which can stand behind what came before."""
        return not (self.calls or self.database or self.others) and all(e.kind == "state" for e in self.session)

    def lanes(self) -> tuple[list[Event], ...]:
        """Return the events, lane by lane."""
        return self.calls, self.session, self.database, self.others

    def take(self, other: Beat) -> None:
        """Add what another beat holds."""
        for mine, theirs in zip(self.lanes(), other.lanes(), strict=True):
            mine.extend(theirs)


@dataclass
class Picture:
    """A run as a picture; ``start`` is the number of rows that others see before it, ``cut`` what was left out."""

    beats: list[Beat]
    start: int = 0
    cut: int = 0

    def events(self) -> Iterator[Event]:
        """Yield all events."""
        for beat in self.beats:
            for lane in beat.lanes():
                yield from lane


def of_run(evidence: Evidence, run: Run, blamed: Where | None = None) -> Picture:
    """Draw a run; the line ``blamed`` is marked. Values are shown in the student's own script alone."""
    words = (OwnValues if run.kind in OWN else WithoutValues)(evidence, run)
    beats = _merged(_beat(row, evidence, blamed) for row in rows(run, words=words))
    if run.kind in OWN:
        beats = list(condensed(beats))
    picture = Picture(beats[:MOST_BEATS], len(run.before.rows) if run.before else 0, len(beats[MOST_BEATS:]))
    return finished(picture)


def finished(picture: Picture) -> Picture:
    """Add what follows from the events: which rails are lit, and how many rows others see."""
    if picture.beats and not any(beat.others for beat in picture.beats):
        picture.beats[-1].others.append(Event("nothing new"))
    _light(picture.beats)
    _count_rows(picture)
    return picture


# --- beats ------------------------------------------------------------------------------------------------------------
def _beat(row: Row, evidence: Evidence, blamed: Where | None) -> Beat:
    beat = Beat(blamed=row.where is not None and row.where == blamed)
    if row.where is not None:
        file = "" if row.where.file == _MAIN_FILE else f"{row.where.file}, "
        beat.place, beat.code = f"{file}line {row.where.line}", visible(code_line(evidence, row.where) or "", MOST_CODE)
    session = _events(row.session)
    beat.calls = [event for event in session if event.kind in _CALLS]
    beat.session = [event for event in session if event.kind not in _CALLS]
    beat.database, beat.others = _events(row.database), _events(row.others)
    return beat


def _events(happenings: Iterable[Happening]) -> list[Event]:
    return [Event(happening.text) for happening in happenings]


def _merged(beats: Iterable[Beat]) -> list[Beat]:
    """Let states that followed a beat at the same line stand in it."""
    laid: list[Beat] = []
    for beat in beats:
        if laid and laid[-1].place == beat.place and beat.only_claims and not laid[-1].others:
            laid[-1].take(beat)
        else:
            laid.append(beat)
    return laid


def condensed(beats: Iterable[Beat]) -> Iterator[Beat]:
    """Yield one beat for each call of a function, without states and reads: a script is long."""
    whole: Beat | None = None
    for beat in beats:
        if whole is None:
            whole = Beat(beat.code, beat.place)
        whole.blamed |= beat.blamed
        whole.take(beat)
        calls = [event.text for event in whole.calls if "change_elsewhere" not in event.text]
        if len(calls) != 1:
            yield _without_states(whole)
            whole = None
    if whole is not None:
        yield _without_states(whole)


def _without_states(beat: Beat) -> Beat:
    for lane in beat.lanes():
        kept = [event for event in lane if event.kind != "state"]
        lane[:] = [_times(event, len(list(same))) for event, same in groupby(kept)]
    return beat


def _times(event: Event, times: int) -> Event:
    return event if times == 1 else Event(f"{event.text} \N{MULTIPLICATION SIGN}{times}")


# --- rails and squares ------------------------------------------------------------------------------------------------
def _light(beats: Iterable[Beat]) -> None:
    sessions: set[str] = set()
    transaction: set[str] = set()
    for beat in beats:
        beat.session_rail = _rail(sessions, beat.session, ends={"close"})
        own = [event for event in beat.database if event.who != "other program"]
        beat.database_rail = _rail(transaction, own, ends={"commit", "rollback"})


def _rail(lit: set[str], events: list[Event], *, ends: set[str]) -> str:
    """Follow what is open through a beat; a refusal right after a commit means that it did not end."""
    before, touched = bool(lit), False
    last = ""
    for event in events:
        if event.kind == "begin" or (event.kind == "refused" and last in ends):
            lit.add(event.who)
            touched = True
        elif event.kind in ends:
            lit.discard(event.who)
        last = event.kind
    if before:
        return "through" if lit else "closes"
    return "opens" if lit else "brief" * touched


def _count_rows(picture: Picture) -> None:
    old = picture.start
    for beat in picture.beats:
        new = sum(int(number) for event in beat.others for number in _NEW_ROWS.findall(event.text))
        if beat.others:
            beat.squares = (min(old, MOST_SQUARES), min(new, MOST_SQUARES))
        old += new
