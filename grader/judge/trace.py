"""Reads the steps of a run: what arrived where others can see it, which calls were made, which sessions stayed open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.values import Run, Step, Table, Where


@dataclass(frozen=True)
class Span:
    """A watched call from its beginning to its end; ``ending`` is ``returned``, ``raised`` or None (never ended).

    ``products`` is the number of those that it was given, 0 where they could not be counted.
    """

    name: str
    steps: tuple[Step, ...]
    ending: str | None
    text: str
    products: int = 0

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
    return Span(name, tuple(steps), closing.kind if closing else None, text, products=steps[0].many)


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


def inserts(steps: Iterable[Step]) -> list[Step]:
    """Return the statements that inserted products, or tried to and were refused; what inserts no row is none."""
    return [step for step in steps if step.fact and "insert:products" in step.wrote and (step.changed or step.error)]


def writes(step: Step) -> bool:
    """Tell whether a statement writes to a table, sqlite's own apart: making one is no work with what is in it."""
    return step.fact and any(not entry.partition(":")[2].startswith("sqlite_") for entry in step.wrote)


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


def ids_in(table: Table | None) -> set[int]:
    """Return the ids in a table, as the database has them."""
    if table is None or "id" not in table.columns:
        return set()
    place = table.columns.index("id")
    return {row[place] for row in table.rows if type(row[place]) is int}


def rows_that_changed(run: Run) -> list[tuple[Any, ...]]:
    """Return the rows after a run that were not there before, as sqlite stores them."""
    before = set(run.before.rows) if run.before else set()
    return [row for row in (run.after.rows if run.after else ()) if row not in before]


def ids_that_changed(run: Run) -> set[int]:
    """Return the ids of those rows."""
    return ids_in(None if run.after is None else replace(run.after, rows=tuple(rows_that_changed(run))))


def rows_that_went(run: Run) -> list[tuple[Any, ...]]:
    """Return the rows from before a run that are gone or changed."""
    after = set(run.after.rows) if run.after else set()
    return [row for row in (run.before.rows if run.before else ()) if row not in after]
