"""Reads the steps of a run: what arrived where others can see it, which calls were made, which sessions stayed open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.values import Run, Step, Table, Where

# Comments, and quoted text, names included: what stands in them is no SQL.
_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
_INNERMOST = re.compile(r"\([^()]*\)")
_WRITE = re.compile(r"\s*(?:WITH\b.*?)?\b(SELECT|VALUES|INSERT|REPLACE|UPDATE|DELETE)\b", re.IGNORECASE | re.DOTALL)
_REQUESTS = frozenset({"execute", "executemany", "executescript"})


@dataclass(frozen=True)
class Span:
    """A watched call from its beginning to its end; ``ending`` is ``returned``, ``raised`` or None (never ended)."""

    name: str
    steps: tuple[Step, ...]
    ending: str | None
    text: str

    @property
    def failed(self) -> bool:
        """Whether the call raised, or the database refused something in it."""
        return self.ending == "raised" or any(step.error for step in self.steps if step.fact)


def spans(steps: Sequence[Step], *names: str) -> list[Span]:
    """Return the calls of the functions called ``names``, in order; a call within a call belongs to the outer one."""
    found: list[Span] = []
    position = 0
    while position < len(steps):
        step = steps[position]
        if not step.fact and step.kind == "call" and step.text in names:
            end = _end_of_call(steps, position)
            closing = steps[end] if end < len(steps) else None
            found.append(_span(str(step.text), steps[position : end + 1], closing))
            position = end
        position += 1
    return found


def after_import(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps without those of the script's import: a script that runs by itself does other work then."""
    if not steps or steps[0].fact or (steps[0].kind, steps[0].text) != ("call", "import"):
        return steps
    return steps[_end_of_call(steps, 0) + 1 :]


def _end_of_call(steps: Sequence[Step], start: int) -> int:
    depth = 0
    for position in range(start, len(steps)):
        step = steps[position]
        if not step.fact and step.kind == "call":
            depth += 1
        elif not step.fact and step.kind in {"returned", "raised"}:
            depth -= 1
            if depth == 0:
                return position
    return len(steps)


def _span(name: str, steps: Sequence[Step], closing: Step | None) -> Span:
    text = (closing.text or "").partition(": ")[2] if closing else ""
    return Span(name, tuple(steps), closing.kind if closing else None, text)


def arrivals(steps: Iterable[Step], before: Table | None) -> list[Step]:
    """Return the ``seen`` steps at which the committed rows of ``products`` really changed."""
    known = before.rows if before else ()
    changes = []
    for step in steps:
        if step.fact and step.kind == "seen":
            rows = step.table.rows if step.table else ()
            if rows != known:
                changes.append(step)
            known = rows
    return changes


def fact_before(steps: Sequence[Step], step: Step) -> Step | None:
    """Return the last thing that the student's line made the database do before a step: what brought it about."""
    until = next(number for number, other in enumerate(steps) if other is step)
    return next((fact for fact in reversed(steps[:until]) if fact.fact and fact.where), None)


def line_of(steps: Sequence[Step], step: Step) -> Where | None:
    """Return the student's line that brought about what others came to see at a step."""
    cause = fact_before(steps, step)
    return step.where or (cause.where if cause else None)


def own_connections(steps: Iterable[Step]) -> set[int]:
    """Return the numbers of the connections that are not the other program's."""
    return {
        step.connection
        for step in steps
        if step.fact and step.kind == "connect" and step.role != "elsewhere" and step.connection is not None
    }


def statements(steps: Iterable[Step], *verbs: str) -> list[Step]:
    """Return the facts whose SQL writes with one of these verbs (INSERT covers REPLACE)."""
    wanted = set(verbs)
    return [step for step in steps if step.fact and step.kind in _REQUESTS and wanted & _verbs(step.sql or "")]


def _verbs(sql: str) -> set[str]:
    """Return the verbs with which the statements of a text begin, what a WITH defines left out."""
    bare, found = _NOISE.sub(" ", sql), 1
    while found:
        bare, found = _INNERMOST.subn(" ", bare)
    verbs = {match.group(1).upper() for part in bare.split(";") if (match := _WRITE.match(part))}
    return verbs | {"INSERT"} if "REPLACE" in verbs else verbs


def inserts(steps: Iterable[Step]) -> list[Step]:
    """Return the INSERTs that reached the database, refused ones included."""
    return statements(steps, "INSERT")


def left_open(steps: Sequence[Step]) -> list[Step]:
    """Return, for each session that was in use and not closed since, the step at which it came into use."""
    opened: dict[int, Step] = {}
    for step in steps:
        if step.fact or step.session is None:
            continue
        if step.kind == "begin" and step.text != "savepoint":
            opened.setdefault(step.session, step)
        elif step.kind == "close":
            opened.pop(step.session, None)
    return list(opened.values())


def still_out(steps: Sequence[Step]) -> list[Step]:
    """Return the checkouts of connections that were not given back to the pool."""
    out: dict[int | None, Step] = {}
    for step in steps:
        if not step.fact and step.kind == "checkout":
            out[step.connection] = step
        elif not step.fact and step.kind == "checkin":
            out.pop(step.connection, None)
    return list(out.values())


def reloads(steps: Iterable[Step]) -> bool:
    """Tell whether a session expired everything and refreshed something in these steps."""
    return {"expire_all", "refresh"} <= {step.kind for step in steps if not step.fact}


def rows_that_changed(run: Run) -> list[tuple[Any, ...]]:
    """Return the rows after a run that were not there before, as sqlite stores them."""
    before = set(run.before.rows) if run.before else set()
    return [row for row in (run.after.rows if run.after else ()) if row not in before]


def rows_that_went(run: Run) -> list[tuple[Any, ...]]:
    """Return the rows from before a run that are gone or changed."""
    after = set(run.after.rows) if run.after else set()
    return [row for row in (run.before.rows if run.before else ()) if row not in after]
