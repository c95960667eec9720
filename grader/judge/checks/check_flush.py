"""Flush: ids before anything is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import counted, given, shortened, told
from grader.judge.trace import arrivals, inserts, rows_that_changed, rows_that_went
from grader.judge.transactions import commits_that_changed

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.values import Run


@check("flush.ids", needs=("commit.stored", "model.table"))
def check_ids_are_those_that_the_rows_would_get(record: Record) -> None:
    """`preview_ids` returns the ids that the database would give to these products now, in their order."""
    run = _preview(record)
    expect.something(
        run.outcome.kind != "unimportable",
        told("transaction_script.py", run.outcome),
        where=run.outcome.where,
    )
    expect.that(run.outcome.kind == "returned", told("preview_ids", run.outcome), where=run.outcome.where)
    wanted = list(run.next_ids[: len(given(run))])
    expect.that(
        run.outcome.value == wanted,
        f"preview_ids returned {_brief(run.outcome.value)}: {_what_is_wrong(run.outcome.value, wanted)}",
    )


@check("flush.nothing_stored", needs=("flush.ids",))
def check_preview_stores_nothing(record: Record) -> None:
    """`preview_ids` flushes and rolls back: nothing it sends is ever committed."""
    run = _preview(record)
    kept, seen = rows_that_changed(run), arrivals(run.steps, run.before)
    where = next((step.where for step in reversed(inserts(run.steps)) if step.where), None)
    expect.that(not rows_that_went(run), "preview_ids changed or removed products that were there before", where=where)
    expect.that(not kept, f"preview_ids stored {counted(len(kept), 'product')}", where=where)
    text = "other connections saw the products of a preview for a moment: they were committed, and deleted later"
    expect.that(not seen, text, where=where)
    text = "the products of a preview were committed, after they had been deleted again"
    expect.that(not commits_that_changed(run.steps), text, where=where)
    expect.something(run.outcome.kind == "returned", told("preview_ids", run.outcome))
    expect.that(inserts(run.steps), "no INSERT reached the database: nothing was flushed")


def _preview(record: Record) -> Run:
    return expect.present(record.run("preview"), "preview_ids could not be tried without a table")


def _brief(value: object) -> str:
    """Write what came back, where it is short and plain enough."""
    plain = isinstance(value, (list, int, str)) or value is None
    return shortened(repr(value)) if plain else "something that is no list of ids"


def _what_is_wrong(value: object, wanted: list[int]) -> str:
    """Say how a returned value differs from the ids that the database would have given."""
    if not isinstance(value, list):
        return "no list of ids"
    if len(value) != len(wanted):
        return f"{counted(len(value), 'id')} for {len(wanted)} products"
    if any(item is None for item in value):
        return "a product without an id has not been flushed"
    if len(set(map(str, value))) < len(value):
        return "the same id more than once"
    in_other_order = all(item in value for item in wanted)
    return "the right ids in another order" if in_other_order else "the database would have given other ids"
