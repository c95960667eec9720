"""Rollback: all or nothing, and no failure is kept from the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import counted, given, kind_of, read_back, situation, told
from grader.judge.trace import arrivals, ids_that_changed, inserts, rows_that_changed, rows_that_went, spans

if TYPE_CHECKING:
    from grader.judge.record import Product, Record
    from grader.values import Run, Step, Where

_ENDS = frozenset({"returned", "raised"})


def _attempts(record: Record) -> list[Run]:
    """Return the calls in which an insert had to fail; there is nothing to judge if none ever reached the database."""
    runs = record.runs("failed_insert")
    sent = [run for run in runs if inserts(run.steps)]
    expect.something(sent, "no INSERT reached the database, so nothing was there to roll back")
    return [run for run in runs if not _nothing_failed(run)]


def _nothing_failed(run: Run) -> bool:
    """Tell whether a call stored everything and harmed nothing: a default of the model's filled what was missing."""
    return run.outcome.kind == "returned" and _all_stored(run) and not rows_that_went(run)


@check("rollback.nothing_kept", needs=("commit.stored",))
def check_failed_insert_leaves_nothing(record: Record) -> None:
    """When an insert fails, nothing of the call stays and what was there is untouched."""
    for run in _attempts(record):
        kept, gone = rows_that_changed(run), rows_that_went(run)
        where = _writer(run)
        expect.that(not gone, f"when {situation(run)}, a product that was there before was changed", where=where)
        text = f"when {situation(run)}, {len(kept)} of the 3 products stayed in the database"
        expect.that(not kept, text, where=where)
        expect.that(run.outcome.kind in _ENDS, told(f"when {situation(run)}, add_products", run.outcome), where=where)


def _writer(run: Run) -> Where | None:
    """Return the line that made the rows permanent, or that of the last INSERT."""
    changes = arrivals(run.steps, run.before)
    steps = run.steps[: run.steps.index(changes[0]) + 1] if changes else run.steps
    wanted = ("commit",) if changes else ()
    lines = [
        step.where for step in steps if step.fact and step.where and (step.kind in wanted or step in inserts(steps))
    ]
    return lines[-1] if lines else None


@check("rollback.commit_failure", needs=("commit.stored",))
def check_failing_commit_leaves_nothing(record: Record) -> None:
    """When the commit fails, nothing of the call stays, and what was there is untouched."""
    run, where = _with_failing_commit(record)
    new = _new_products(record, run)
    lost = [product for product in given(run) if any(product.resembles(other) for other in new)]
    text = f"the commit failed, and still {counted(len(lost), 'product')} of that call came to be stored"
    expect.that(not lost, text + ", with the next commit on the same engine" * bool(run.then), where=where)
    expect.that(not rows_that_went(run), "products that were there before were changed", where=where)


@check("rollback.commit_failure", needs=("commit.stored",))
def check_next_call_stores_its_own(record: Record) -> None:
    """After a commit that failed, the next call on the same engine stores its products."""
    run, where = _with_failing_commit(record)
    expect.that(run.then, told("when the commit failed, add_products", run.outcome), where=where)
    # What the next call does once it has stored its own is another criterion's matter.
    ended = _new_products(record, run) or run.then[0].kind == "returned"
    expect.that(ended, told("the next call on the same engine", run.then[0]), where=where)
    expect.that(_new_products(record, run), "the next call on the same engine stored nothing", where=where)


def _with_failing_commit(record: Record) -> tuple[Run, Where | None]:
    """Return the run whose first commit was refused, and the line of that commit."""
    run = expect.present(record.run("failed_commit"), "add_products could not be tried without a table")
    refused = _refused_commit(run)
    expect.something(refused, "no COMMIT was sent that could have failed")
    return run, refused[-1].where


def _new_products(record: Record, run: Run) -> list[Product]:
    return [product for product in read_back(run) if product.id not in record.stock]


def _refused_commit(run: Run) -> list[Step]:
    """Return the steps of the first call in which the database said that it was locked."""
    calls = spans(run.steps, "add_products")
    steps = calls[0].steps if calls else run.steps
    return [step for step in steps if step.fact and step.error and "locked" in step.error.message]


@check("rollback.error_reaches_caller", needs=("commit.stored",))
def check_caller_learns_of_failed_inserts(record: Record) -> None:
    """When an insert fails, the exception reaches the caller of `add_products`."""
    for run in _attempts(record):
        failure = run.outcome.failure
        where = _silencer(run.steps)
        if run.outcome.kind == "returned" and not _all_stored(run):
            expect.fail(f"when {situation(run)}, {_kept_silent(run)}", where=where)
        if failure is not None and failure.type == "SystemExit":
            expect.fail(f"when {situation(run)}, add_products ended the whole program", where=failure.where)
        expect.something(run.outcome.kind in _ENDS, told(f"when {situation(run)}, add_products", run.outcome))


@check("rollback.error_reaches_caller", needs=("commit.stored",))
def check_caller_learns_of_a_failed_commit(record: Record) -> None:
    """When the commit fails, the exception reaches the caller of `add_products`."""
    run = record.run("failed_commit")
    expect.something(run is not None and _attempts(record), "nothing ever failed")
    if run is not None and (refused := _refused_commit(run)):
        expect.that(
            run.outcome.kind != "returned",
            f"when the commit failed, {_kept_silent(run)}",
            where=refused[-1].where,
        )


def _kept_silent(run: Run) -> str:
    value = "a text" if isinstance(run.outcome.value, str) else kind_of(run.outcome.value)
    return f"the exception did not reach the caller: add_products returned {value}"


def _all_stored(run: Run) -> bool:
    """Tell whether a call stored all that it was given, over whatever was there: then there was no failure to tell."""
    wanted = {product.id for product in given(run)} - {None}
    return len(rows_that_changed(run)) == len(given(run)) and wanted <= ids_that_changed(run)


def _silencer(steps: tuple[Step, ...]) -> Where | None:
    """Return the line at which the database said no, whose error went no further."""
    refused = [step.where for step in steps if step.fact and step.error and step.where]
    return refused[-1] if refused else next((step.where for step in inserts(steps) if step.where), None)
