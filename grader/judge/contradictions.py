"""Where the claims from inside a student's process and the facts of the database cannot both be true.

Each rule holds for every honest program, one that fails on its way included; where steps were not kept, none is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge.trace import own_connections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.values import Run, Step

_FUNCTIONS = frozenset({"add_products", "preview_ids", "show_reloading"})
_PROGRAMS = frozenset({"first_run", "second_run"})
_UNHEARD = frozenset({"model", *_PROGRAMS})
_ANSWERS = frozenset({"returned", "raised"})
_USES = frozenset({"refresh", "expire_all", "commit", "rollback", "close"})


def contradictions(run: Run) -> Iterator[str]:
    """Yield what contradicts itself in a run, in words that follow its name."""
    if run.steps_dropped:
        return
    claims = [step for step in run.steps if not step.fact]
    if run.outcome.kind != "unfinished" and (run.outcome.kind == "exited") != (run.kind in _PROGRAMS):
        yield f"it is said to have {run.outcome.kind}, as such a call cannot end"
    if run.kind not in _UNHEARD and run.outcome.kind in _ANSWERS and not claims:
        yield "an answer came, and the recorder told of nothing that led to it"
    if run.kind not in _PROGRAMS and run.outcome.kind != "unfinished" and (name := never_ended(run)):
        yield f"an answer came before {name} had ended"
    yield from _connections(run.steps)
    yield from _other_program(run.steps)
    yield from _refreshes(run.steps)


def never_ended(run: Run) -> str | None:
    """Return the name of a watched call that began and of whose end nobody told, None if there is none."""
    open_: list[str] = []
    for step in run.steps:
        if not step.fact and step.kind == "call":
            open_.append(step.text or "")
        elif not step.fact and step.kind in _ANSWERS and open_:
            open_.pop()
    return next((name for name in open_ if name in _FUNCTIONS), None)


def _connections(steps: Sequence[Step]) -> Iterator[str]:
    """Yield sessions that are said to use a connection which the database never had."""
    known = {step.connection for step in steps if step.fact and step.kind == "connect"}
    for step in steps:
        if not step.fact and step.kind == "uses" and step.connection is not None and step.connection not in known:
            yield f"a session is said to use connection {step.connection}, which was never opened"


def _other_program(steps: Sequence[Step]) -> Iterator[str]:
    """Yield changes by the other program that only were said to be, and work in its name at another time."""
    changing, seen = False, False
    for step in steps:
        if step.fact and step.role == "elsewhere":
            seen = True
            if step.kind == "connect" and not changing:
                yield "a connection was opened in the name of the other program while that did nothing"
        elif not step.fact and step.kind == "elsewhere":
            changing, seen = step.text != "fails", False
        elif not step.fact and step.kind == "elsewhere_done":
            changing = False
            if not seen:
                yield "the other program is said to have changed the price, and did not come to the database"


def _refreshes(steps: Sequence[Step]) -> Iterator[str]:
    """Yield refreshes of objects in their session that had no reason to fail and did not reach the database."""
    if any(step.fact and step.error for step in steps):
        return  # a session in which something failed refuses to refresh
    own = own_connections(steps)
    states: dict[int | None, str | None] = {}
    for position, step in enumerate(steps):
        if not step.fact and step.kind == "state":
            states[step.object] = step.text
        elif not step.fact and step.kind == "refresh" and states.get(step.object) == "persistent":
            following = _until_next_use(steps[position + 1 :], step)
            if not any(fact.fact and fact.kind == "execute" and fact.connection in own for fact in following):
                yield "an object is said to have been refreshed, and nothing was read"


def _until_next_use(steps: Sequence[Step], refresh: Step) -> Iterator[Step]:
    """Yield the steps up to the next thing that the student's code does with the session of a refresh."""
    for step in steps:
        if not step.fact and step.session == refresh.session and step.kind in _USES:
            return
        yield step
