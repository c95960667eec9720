"""Lays the steps of a run into lanes: what the session says it did, what reached the database, what others see.

Within a row, claims come before the facts that followed them; a claim after a fact begins a new row. No order is lost.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from grader.outputs import phrases
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.values import Run, SqlError, Step, Table, Where

Lane = Literal["session", "database", "others"]
_FOLDED = frozenset({"uses", "created", "checkout", "checkin", "elsewhere_done"})
_STATEMENTS = frozenset({"execute", "executemany", "executescript"})
_OPENING = ("BEGIN", "SAVEPOINT")
_MOST_ITEMS = 4
_TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass
class Happening:
    """One thing, or the same thing several times in a row: ``items`` are what it was done with."""

    lane: Lane
    what: str
    where: Where | None = None
    items: list[str] = field(default_factory=list)
    times: int = 1
    wrong: bool = False
    is_read: bool = False

    @property
    def text(self) -> str:
        """The happening in words."""
        items = ", ".join([*self.items[:_MOST_ITEMS], *(["…"] if len(self.items) > _MOST_ITEMS else [])])
        repeated = f" {_TIMES}{self.times}" if self.times > 1 and (self.lane == "database" or not self.items) else ""
        return f"{self.what}{repeated}{' ' if items else ''}{items}"

    def repeats(self, other: Happening) -> bool:
        """Whether this is the same as ``other``, done once more."""
        return (self.lane, self.what, self.where, self.wrong) == (other.lane, other.what, other.where, other.wrong)


@dataclass
class Row:
    """What happened at one line of the student's code, lane by lane."""

    where: Where | None
    session: list[Happening] = field(default_factory=list)
    database: list[Happening] = field(default_factory=list)
    others: list[Happening] = field(default_factory=list)

    def takes(self, happening: Happening) -> bool:
        """Whether a happening can stand in this row without losing the order."""
        if happening.lane == "others":
            return not self.others
        if self.others or happening.where != self.where:
            return False
        if happening.lane == "database":
            return True
        return not self.database or (happening.is_read and not self.session and not self.database[-1].wrong)


class Words:
    """How what happened is named: here with the values that came along. What has no name is not shown."""

    def claim(self, step: Step) -> tuple[str, list[str]]:
        """Return what a claim says and what it was done with."""
        text = visible(step.text or "", 200)
        thing = [] if step.object is None else [f"object {step.object}"]
        kind = visible(step.kind, 40)
        if step.kind in {"returned", "raised"}:
            return _end_of_call(step), []
        said = {
            "call": f"call {text}()",
            "state": f"now {text}:",
            "read": f"reads .{text} of",
            "elsewhere": "change_elsewhere() " + ("raises" if text == "fails" else f"sets {text}"),
        }
        return said.get(step.kind, f"{kind} {text}".strip()), thing

    def fact(self, step: Step) -> tuple[str, list[str]]:
        """Return what reached the database and the values that came with it."""
        if step.kind in _STATEMENTS:
            return phrases.sql(step.sql or ""), phrases.parameters(step)
        said = {"connect": f"connect {visible(step.text or 'in memory', 60)}", **ends(step)}
        return said.get(step.kind, visible(step.kind, 40)), []

    def refusal(self, error: SqlError) -> str:
        """Say that the database refused."""
        return phrases.error(error)

    def fault(self, step: Step) -> str:
        """Say what the grader did to the database."""
        return phrases.fault(step)

    def seen(self, table: Table | None, before: Table | None) -> str:
        """Say what others see from then on."""
        return phrases.seen(table, before)


def ends(step: Step) -> dict[str, str]:
    """Return how the ends of a transaction and of a connection are named, by the kind of the step."""
    ended = " with its transaction open" if step.in_transaction else ""
    return {
        "commit": "COMMIT",
        "rollback": "ROLLBACK",
        "close": f"connection closed{ended}",
        "lost": f"connection never closed{ended}",
    }


def rows(run: Run, *, details: bool = False, words: Words | None = None) -> list[Row]:
    """Return the rows of a run; what only SQLAlchemy's machinery does is left out unless ``details`` are wanted."""
    laid: list[Row] = []
    for happening in _collapsed(_Reading(run, words or Words(), details=details).happenings()):
        if not laid or not laid[-1].takes(happening):
            laid.append(Row(happening.where))
        getattr(laid[-1], happening.lane).append(happening)
    return laid


def _collapsed(happenings: Iterable[Happening]) -> Iterator[Happening]:
    last: Happening | None = None
    for happening in happenings:
        if last is not None and happening.repeats(last):
            last.items += happening.items
            last.times += happening.times
            continue
        if last is not None:
            yield last
        last = happening
    if last is not None:
        yield last


class _Reading:
    """One pass over the steps of a run, with what has to be remembered on the way."""

    def __init__(self, run: Run, words: Words, *, details: bool) -> None:
        self._run = run
        self._words = words
        self._details = details
        self._sessions = {step.session for step in run.steps if step.session is not None}
        self._open: dict[int | None, bool] = {}
        self._table: Table | None = run.before
        self._where: Where | None = None

    def happenings(self) -> Iterator[Happening]:
        """Yield what is worth showing."""
        for step in self._run.steps:
            found = self._fact(step) if step.fact else self._claim(step)
            for happening in found:
                # What has no line of its own belongs to what has just happened.
                happening.where = happening.where or (self._where if happening.lane != "session" else None)
                self._where = happening.where
                yield happening

    # --- claims -------------------------------------------------------------------------------------------------------
    def _claim(self, step: Step) -> Iterator[Happening]:
        if self._details or not (step.kind in _FOLDED or step.text == "import"):
            what, items = self._words.claim(step)
            if what:
                yield Happening("session", self._prefix(step) + what, step.where, items, is_read=step.kind == "read")

    def _prefix(self, step: Step) -> str:
        return f"session {step.session}: " if step.session is not None and len(self._sessions) > 1 else ""

    # --- facts --------------------------------------------------------------------------------------------------------
    def _fact(self, step: Step) -> Iterator[Happening]:
        was_open = self._open.get(step.connection, False)
        if step.connection is not None and step.kind != "fault":
            self._open[step.connection] = step.in_transaction
        if step.kind == "seen":
            yield Happening("others", self._words.seen(step.table, self._table))
            self._table = step.table
        elif step.kind == "fault":
            if what := self._words.fault(step):
                yield Happening("database", what, wrong=True)
        elif self._details or self._matters(step, was_open=was_open):
            yield from self._reached(step)

    def _matters(self, step: Step, *, was_open: bool) -> bool:
        if step.error is not None:
            return True
        if step.kind in {"commit", "rollback"}:
            return was_open
        if step.kind in {"close", "lost"}:
            return step.in_transaction
        if step.role == "elsewhere":
            return step.changed > 0
        return not (step.sql or "").lstrip().upper().startswith("PRAGMA")

    def _reached(self, step: Step) -> Iterator[Happening]:
        who = "other program: " if step.role == "elsewhere" else ""
        what, items = self._words.fact(step)
        if step.began and not what.upper().startswith(_OPENING):
            yield Happening("database", f"{who}BEGIN", step.where)
        if what:
            yield Happening("database", who + what, step.where, items, times=max(1, step.many))
        if step.error is not None:
            yield Happening("database", self._words.refusal(step.error), step.where, wrong=True)


def _end_of_call(step: Step) -> str:
    """Write how a call ended, as ``NAME: VALUE``, where the value is JSON unless it was cut or forged."""
    name, _, told = (step.text or "").partition(": ")
    if step.kind == "returned":
        try:
            told = phrases.value(json.loads(told))
        except (ValueError, RecursionError):
            told = visible(told, 100)
    return f"{visible(name, 60)}() {step.kind} {visible(told, 200)}"
