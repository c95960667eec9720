"""Scope: every session that is opened is closed, whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import situation, told
from grader.judge.trace import inserts, left_open, own_connections, spans, still_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.judge.record import Record
    from grader.values import Run, Step

FUNCTIONS = ("add_products", "preview_ids", "show_reloading")


@check("scope.closed_after_success", needs=("commit.stored",))
def check_sessions_are_closed_after_success(record: Record) -> None:
    """When a function returns, every session that it opened is closed, and its connection is back in the pool."""
    runs = [run for run in record.runs("add", "preview", "reload") if run.outcome.kind == "returned"]
    expect.something([run for run in runs if _worked(run.steps)], "no function opened a session and returned")
    for run in runs:
        _expect_all_closed(run.steps, _name(run))
    _expect_ends(record.runs("add"))


@check("scope.closed_after_success", needs=("script.first_run",))
def check_the_script_closes_its_own_sessions(record: Record) -> None:
    """The script itself closes the sessions that it opens outside of its functions."""
    run = record.run("first_run")
    if run is not None and run.functions == "own" and run.outcome.status == 0:
        inside = {id(step) for call in spans(run.steps, "add_products", "preview_ids") for step in call.steps}
        _expect_closed([step for step in run.steps if id(step) not in inside], "the script")


@check("scope.closed_after_failure", needs=("commit.stored",))
def check_sessions_are_closed_after_failure(record: Record) -> None:
    """When something fails, in `show_reloading` too, every session is closed and its connection is back in the pool."""
    runs = record.runs("failed_insert", "failed_commit", "failed_reload")
    tried = [run for run in runs if _worked(_first_call(run))]
    expect.something(
        [run for run in tried if inserts(_first_call(run))], "no function opened a session and then failed"
    )
    for run in tried:
        _expect_all_closed(_first_call(run), f"when {situation(run)}, {_name(run)}")
    _expect_ends(record.runs("failed_insert"))


def _expect_ends(runs: Sequence[Run]) -> None:
    """Say that there is nothing to judge where `add_products` never ended: nothing was closed then."""
    for run in runs:
        expect.something(run.outcome.kind != "unfinished", told("add_products", run.outcome))


def _name(run: Run) -> str:
    return {"preview": "preview_ids", "reload": "show_reloading", "failed_reload": "show_reloading"}.get(
        run.kind, "add_products"
    )


def _first_call(run: Run) -> Sequence[Step]:
    """Return the steps of the first invocation: later ones are the next caller's."""
    calls = spans(run.steps, *FUNCTIONS)
    return calls[0].steps if calls else ()


def _worked(steps: Sequence[Step]) -> bool:
    """Tell whether the student's code used the database in these steps, as the wire shows."""
    own = own_connections(steps) | {step.connection for step in steps if step.kind == "uses" and not step.fact}
    return any(step.fact and step.connection in own for step in steps) or bool(inserts(steps))


def _expect_all_closed(steps: Sequence[Step], who: str) -> None:
    """Fail unless the steps show a session, and each one closed."""
    if _worked(steps):
        opened = [step for step in steps if not step.fact and step.kind == "begin"] and not _inserts_by_hand(steps)
        line = next((step.where for step in steps if step.fact and step.where), None)
        expect.that(opened, f"{who} used the database without a session, so none was closed", where=line)
    _expect_closed(steps, who)


def _inserts_by_hand(steps: Sequence[Step]) -> bool:
    """Tell whether rows were inserted over a connection that neither a session nor a pool has given out."""
    given_out = {step.connection for step in steps if not step.fact and step.kind in {"uses", "checkout"}}
    return None not in given_out and any(step.connection not in given_out for step in inserts(steps))


def _expect_closed(steps: Sequence[Step], who: str) -> None:
    for step in left_open(steps):
        expect.fail(f"{who} left a session open", where=step.where)
    for step in still_out(steps):
        expect.fail(f"{who} kept a connection that it took from the pool", where=step.where)
